"""The files in docs/deploy, checked and run by the programs that read them."""

import os
import re
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from support.optional_packages import tool
from support.ports import free_port
from support.waiting import eventually

from publisher.settings import rows

DEPLOY = Path(__file__).resolve().parents[2] / "docs" / "deploy"
WRAPPED = """daemon off;
worker_processes 1;
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
    SITE
}
"""
"""The main configuration, as a distribution has it."""
TLS = ssl._create_unverified_context()


def get(url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=named), timeout=30, context=TLS) as response:
            return response.status, {name.lower(): value for name, value in response.headers.items()}, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, {name.lower(): value for name, value in error.headers.items()}, error.read()
    except (urllib.error.URLError, OSError):
        return 0, {}, b""


@pytest.fixture(scope="module")
def site(
    serving: Callable[..., AbstractContextManager[Any]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of the site behind nginx with the configuration of the documentation."""
    nginx, openssl, folder = tool("nginx"), tool("openssl"), tmp_path_factory.mktemp("nginx")
    port = free_port()
    words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "1"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")]
    subprocess.run([openssl, *words, *files], check=True, capture_output=True)
    with serving(PUBLISHER_TRUSTED_PROXIES="127.0.0.1") as running:
        text = (DEPLOY / "nginx.conf").read_text()
        text = re.sub(r"/etc/letsencrypt/\S+/fullchain.pem", str(folder / "certificate.pem"), text)
        text = re.sub(r"/etc/letsencrypt/\S+/privkey.pem", str(folder / "key.pem"), text)
        text = re.sub(r"listen \[::\]:\d+.*;", "", text).replace("listen 443", f"listen 127.0.0.1:{port}")
        text = text.replace("listen 80;", f"listen 127.0.0.1:{free_port()};")
        text = text.replace("127.0.0.1:8000", running.url.removeprefix("http://"))
        text = text.replace("/var/cache/nginx", str(folder / "cache")).replace("burst=20", "burst=5")
        (folder / "cache").mkdir()
        text = WRAPPED.replace("SITE", text).replace("FOLDER", str(folder))
        (folder / "nginx.conf").write_text(text)
        command = [nginx, "-p", str(folder), "-c", str(folder / "nginx.conf")]
        user = ["-g", "user root;"] if os.geteuid() == 0 else []  # else its workers could not write to the folder
        checked = subprocess.run([*command, *user, "-t"], capture_output=True, text=True)
        assert (checked.returncode, "warn" in checked.stderr) == (0, False), checked.stderr
        process = subprocess.Popen([*command, *user])
        try:
            assert eventually(lambda: get(f"https://127.0.0.1:{port}/robots.txt")[0] == 200)
            yield f"https://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)


def test_nginx_passes_codings_and_stores_one_copy_of_each(site: str) -> None:
    page = f"{site}/doc/coalition/clear-water"
    sizes = {}
    for coding in ("gzip", "zstd, gzip", "identity", "gzip;q=0", "gzip, br;q=1"):
        for _ in range(2):
            status, headers, body = get(page, Accept="text/html", Accept_Encoding=coding)
            assert (status, headers.get("content-type")) == (200, "text/html; charset=utf-8")
        sizes[coding] = (headers.get("content-encoding"), len(body))
    assert [coding for coding, _ in sizes.values()] == ["gzip", "zstd", None, None, "gzip"]
    assert sizes["gzip"] == sizes["gzip, br;q=1"]
    assert sizes["gzip"][1] < sizes["identity"][1] // 2


def test_nginx_negotiates_for_previews_and_programs(site: str) -> None:
    page = f"{site}/doc/coalition/clear-water"
    for _ in range(2):
        assert get(page, Accept="*/*", User_Agent="curl/8")[1]["content-type"].startswith("text/turtle")
        assert get(page, Accept="*/*", User_Agent="Slackbot 1")[1]["content-type"].startswith("text/html")
        assert get(page, Accept="application/ld+json")[1]["content-type"] == "application/ld+json"


def test_nginx_names_the_secure_address(site: str) -> None:
    assert site.encode() in get(f"{site}/sitemap.xml")[2]


def test_nginx_limits_queries_of_one_client(site: str) -> None:
    statuses = [get(f"{site}/sparql?query=ASK%7B%7D%23{number}")[0] for number in range(40)]
    assert statuses[:5] == [200] * 5
    assert set(statuses) == {200, 429}
    assert get(f"{site}/doc/agenda")[0] == 200


def test_health_is_for_this_machine_only(site: str) -> None:
    assert get(f"{site}/health/ready")[2] == b"ready\n"


def test_systemd_accepts_unit(tmp_path: Path) -> None:
    systemd = tool("systemd-analyze")
    unit = tmp_path / "publisher.service"
    text = (DEPLOY / "publisher.service").read_text()
    program = str(Path(sys.executable).with_name("publisher"))
    unit.write_text(text.replace("/opt/publisher/bin/publisher", program))
    done = subprocess.run([systemd, "verify", str(unit)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    rated = subprocess.run([systemd, "security", "--offline=true", str(unit)], capture_output=True, text=True).stdout
    exposure = re.search(r"exposure level for publisher.service: ([\d.]+) OK", rated)
    assert exposure is not None, rated
    assert float(exposure[1]) < 2
    names = {f"PUBLISHER_{name.upper()}" for name, _, _ in rows()}
    assert set(re.findall(r"(PUBLISHER_\w+)=", text)) - {"PUBLISHER_NAME"} <= names
