"""Web servers over the folder of a static build: nginx with and without njs, and Apache."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx
from support.optional_packages import missing, tool
from support.waiting import eventually

NJS: Final = Path("/usr/lib/nginx/modules/ngx_http_js_module.so")
APACHE_MODULES: Final = Path("/usr/lib/apache2/modules")
NGINX: Final = """LOAD
daemon off;
worker_processes 1;
pcre_jit on;
pid FOLDER/nginx.pid;
error_log FOLDER/error.log;
events { worker_connections 128; }
http {
    access_log off;
    client_body_temp_path FOLDER/body;
    proxy_temp_path FOLDER/proxy;
    fastcgi_temp_path FOLDER/fastcgi;
    uwsgi_temp_path FOLDER/uwsgi;
    scgi_temp_path FOLDER/scgi;
    sendfile on;
    open_file_cache max=10000;
    JS_PATH
    include SITE/.build/nginx/http.conf;
    include SITE/.build/nginx/RULES.conf;
    server {
        listen 127.0.0.1:PORT;
        root SITE;
        include SITE/.build/nginx/server.conf;
    }
    MORE
}
"""
APACHE: Final = """ServerRoot FOLDER
ServerName localhost
Listen 127.0.0.1:PORT
PidFile FOLDER/apache.pid
ErrorLog FOLDER/error.log
DefaultRuntimeDir FOLDER
LoadModule mpm_event_module MODULES/mod_mpm_event.so
LoadModule authz_core_module MODULES/mod_authz_core.so
LoadModule dir_module MODULES/mod_dir.so
LoadModule headers_module MODULES/mod_headers.so
LoadModule mime_module MODULES/mod_mime.so
LoadModule rewrite_module MODULES/mod_rewrite.so
TypesConfig /dev/null
DocumentRoot SITE
<Directory SITE>
AllowOverride All
Require all granted
</Directory>
"""


@contextlib.contextmanager
def serve_with_nginx(site: Path, folder: Path, port: int, *, njs: bool, more: str = "") -> Iterator[str]:
    """Serve a build with nginx until the block ends; its address. folder: for its own files. more: further blocks."""
    nginx = tool("nginx")
    if njs and not NJS.is_file():
        missing(f"{NJS} is not installed (libnginx-mod-http-js)")
    values = {
        "LOAD": f"load_module {NJS};" if njs else "",
        "JS_PATH": f"js_path {site}/.build/nginx;" if njs else "",
        "RULES": "with-njs" if njs else "without-njs",
        "MORE": more,
    }
    words = [nginx, "-p", str(folder), "-c", str(_write(folder / "nginx.conf", NGINX, site, port, values))]
    user = ["-g", "user root;"] if os.geteuid() == 0 else []
    with _run([*words, *user], f"http://127.0.0.1:{port}") as url:
        yield url


@contextlib.contextmanager
def serve_with_apache(site: Path, folder: Path, port: int) -> Iterator[str]:
    """Serve a build with Apache until the block ends; its address. folder: for its own files."""
    apache = tool("apache2")
    if not APACHE_MODULES.is_dir():
        missing(f"{APACHE_MODULES} is missing")
    for path in (folder, *folder.parents[:3], site):
        path.chmod(path.stat().st_mode | 0o055)
    config = _write(folder / "apache.conf", APACHE, site, port, {"MODULES": str(APACHE_MODULES)})
    with _run([apache, "-X", "-f", str(config)], f"http://127.0.0.1:{port}") as url:
        yield url


def _write(config: Path, text: str, site: Path, port: int, values: dict[str, str]) -> Path:
    for name, value in {**values, "FOLDER": str(config.parent), "SITE": str(site), "PORT": str(port)}.items():
        text = text.replace(name, value)
    config.write_text(text)
    return config


@contextlib.contextmanager
def _run(words: list[str], url: str) -> Iterator[str]:
    process = subprocess.Popen(words, env={**os.environ, "LC_ALL": "C"})
    try:
        assert eventually(lambda: process.poll() is not None or _answers(url))
        assert process.poll() is None, f"{words[0]} ended"
        yield url
    finally:
        process.terminate()
        process.wait(30)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/robots.txt", timeout=30, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False
