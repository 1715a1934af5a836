"""The build: what npm packages it puts beside the pages, from which registry, and what happens where none answers."""

import http.server
import io
import json
import re
import shutil
import sys
import tarfile
import threading
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

from publisher.pages.assets import EDITOR

ROOT = Path(__file__).resolve().parents[2]
COPIED = [".gitignore", "CHANGELOG.md", "LICENSE", "README.md", "hatch_build.py", "pyproject.toml"]
FILES = ["build/yasqe.min.js", "build/yasqe.min.css"]
NOWHERE = "http://127.0.0.1:9/"
"""A port at which nothing listens."""


@pytest.fixture(scope="module")
def hook() -> ModuleType:
    spec = spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules["hatch_build"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@dataclass
class Registry:
    """A registry with one package. url: its address. asked: the paths that were asked for."""

    tarball: bytes
    url: str = ""
    asked: list[str] = field(default_factory=list)


def packed(version: str) -> bytes:
    """A package as npm packs it."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        texts = {"package.json": json.dumps({"version": version, "license": "MIT"}), "LICENSE": "Be kind.\n"}
        for path in [*FILES, "build/yasqe.min.js.map", *texts]:
            body = texts.get(path, path).encode()
            entry = tarfile.TarInfo(f"package/{path}")
            entry.size = len(body)
            archive.addfile(entry, io.BytesIO(body))
    return buffer.getvalue()


@pytest.fixture
def registry() -> Iterator[Registry]:
    found = Registry(packed("4.6.2"))

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(found.tarball)

        def log_message(self, *_arguments: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found.url = f"http://127.0.0.1:{server.server_port}/"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield found
        server.shutdown()


LICENSES = """@zazuko/yasqe 4.6.2 (MIT)
=========================

Be kind.

inner 1.0.0 (MIT)
=================

Be kind.
"""


def package(hook: ModuleType, tarball: bytes, **changed: Any) -> Any:
    found = hook.unpack(tarball, FILES) | {hook.LICENSES: LICENSES.encode()}
    inner = f"inner 1.0.0 {hook.integrity(tarball)}"
    row = {"folder": "static/yasqe", "placed": hook.digest(found), "bundled": [inner]} | changed
    return hook.Package("@zazuko/yasqe", "4.6.2", hook.integrity(tarball), FILES, **row)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# Where from


@pytest.mark.parametrize(
    ("environment", "npmrc", "expected"),
    [
        ({}, None, "default"),
        ({}, "audit=false\n", "default"),
        ({}, "registry = http://a.example/npm\n", "http://a.example/npm/"),
        ({"npm_config_registry": "http://b.example/"}, "registry=http://a.example/", "http://b.example/"),
        ({"NPM_CONFIG_REGISTRY": "http://b.example"}, None, "http://b.example/"),
    ],
)
def test_registry_comes_from_npm_configuration(
    hook: ModuleType, tmp_path: Path, environment: dict[str, str], npmrc: str | None, expected: str
) -> None:
    if npmrc is not None:
        (tmp_path / ".npmrc").write_text(npmrc)
    found = hook.registry(environment, tmp_path)
    assert found == (hook.DEFAULT_REGISTRY if expected == "default" else expected)


def test_tarballs_are_cached_per_user(hook: ModuleType, tmp_path: Path) -> None:
    assert hook.cache({"XDG_CACHE_HOME": "/c"}, tmp_path) == Path("/c/ma-coalitions/npm")
    assert hook.cache({}, tmp_path) == tmp_path / ".cache/ma-coalitions/npm"


# One package


def test_named_files_and_license_are_unpacked(hook: ModuleType, registry: Registry, tmp_path: Path) -> None:
    hook.place(package(hook, registry.tarball), tmp_path, registry.url, tmp_path / "cache")
    assert names(tmp_path / "static/yasqe") == ["licenses.txt", "package.json", "yasqe.min.css", "yasqe.min.js"]
    assert (tmp_path / "static/yasqe/licenses.txt").read_text() == LICENSES
    assert (tmp_path / "static/yasqe/yasqe.min.js").read_text() == "build/yasqe.min.js"
    assert registry.asked == ["/@zazuko/yasqe/-/yasqe-4.6.2.tgz", "/inner/-/inner-1.0.0.tgz"]


def test_package_is_fetched_once(hook: ModuleType, registry: Registry, tmp_path: Path) -> None:
    wanted, kept = package(hook, registry.tarball), tmp_path / "cache"
    hook.place(wanted, tmp_path / "a", registry.url, kept)
    hook.place(wanted, tmp_path / "a", NOWHERE, tmp_path / "no-cache")  # it is there
    hook.place(wanted, tmp_path / "b", NOWHERE, kept)
    assert len(registry.asked) == 2
    assert names(tmp_path / "b/static/yasqe") == names(tmp_path / "a/static/yasqe")


def test_other_version_replaces_package(hook: ModuleType, registry: Registry, tmp_path: Path) -> None:
    folder = tmp_path / "static/yasqe"
    folder.mkdir(parents=True)
    (folder / "package.json").write_text('{"version": "4.6.1"}')
    hook.place(package(hook, registry.tarball), tmp_path, registry.url, tmp_path / "cache")
    assert '"4.6.2"' in (folder / "package.json").read_text()


@pytest.mark.parametrize("name", ["yasqe.min.js", "licenses.txt"])
def test_changed_file_is_replaced(hook: ModuleType, registry: Registry, tmp_path: Path, name: str) -> None:
    wanted, folder = package(hook, registry.tarball), tmp_path / "static/yasqe"
    hook.place(wanted, tmp_path, registry.url, tmp_path / "cache")
    right = (folder / name).read_bytes()
    (folder / name).write_bytes(right + b" ")
    hook.place(wanted, tmp_path, registry.url, tmp_path / "cache")
    assert (folder / name).read_bytes() == right


def test_unpinned_files_are_not_placed(hook: ModuleType, registry: Registry, tmp_path: Path) -> None:
    wanted = package(hook, registry.tarball, placed="sha256-of-others")
    with pytest.raises(ValueError, match="the files do not match the pinned hash"):
        hook.place(wanted, tmp_path, registry.url, tmp_path / "cache")
    assert not (tmp_path / "static").exists()


def test_unpinned_license_is_not_placed(hook: ModuleType, registry: Registry, tmp_path: Path) -> None:
    wanted = package(hook, registry.tarball, bundled=["inner 1.0.0 sha512-other"])
    with pytest.raises(ValueError, match=r"inner-1\.0\.0\.tgz does not match the pinned hash"):
        hook.place(wanted, tmp_path, registry.url, tmp_path / "cache")


@pytest.mark.parametrize(("limit", "message"), [("MOST", "exceeds the limit"), ("SECONDS", "took more than")])
def test_download_is_bounded(
    hook: ModuleType, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, message: str
) -> None:
    monkeypatch.setattr(hook, limit, 100 if limit == "MOST" else 1e-6)
    monkeypatch.setattr(hook.urllib.request, "urlopen", lambda url, timeout: io.BufferedReader(io.BytesIO(b"x" * 200)))
    with pytest.raises((ValueError, TimeoutError), match=message):
        hook.place(package(hook, registry.tarball), tmp_path, registry.url, tmp_path / "cache")


def test_unpinned_bytes_are_rejected(hook: ModuleType, registry: Registry, tmp_path: Path) -> None:
    wanted = package(hook, packed("6.6.6"))
    with pytest.raises(ValueError, match="does not match the pinned hash"):
        hook.place(wanted, tmp_path, registry.url, tmp_path / "cache")
    assert list(tmp_path.iterdir()) == []


def test_damaged_cache_is_fetched_again(hook: ModuleType, registry: Registry, tmp_path: Path) -> None:
    kept = tmp_path / "cache"
    kept.mkdir()
    (kept / "@zazuko-yasqe-4.6.2.tgz").write_bytes(b"spoiled")
    hook.place(package(hook, registry.tarball), tmp_path, registry.url, kept)
    assert (kept / "@zazuko-yasqe-4.6.2.tgz").read_bytes() == registry.tarball


def test_unwritable_cache_is_skipped(hook: ModuleType, registry: Registry, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where a folder should be")
    hook.place(package(hook, registry.tarball), tmp_path, registry.url, tmp_path / "cache" / "npm")
    assert (tmp_path / "static/yasqe/yasqe.min.css").is_file()


def test_only_http_is_fetched(hook: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is not an http or https URL"):
        hook.place(package(hook, packed("4.6.2")), tmp_path, "file:///etc/", tmp_path / "cache")


# Whole builds


def hook_config(text: str) -> Any:
    """What a pyproject.toml tells the hook."""
    return tomllib.loads(text)["tool"]["hatch"]["build"]["hooks"]["custom"]


@pytest.fixture
def project(hook: ModuleType, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of this checkout as git has it, with little data, that pins only the registry's package."""
    copy = tmp_path / "project"
    copy.mkdir()
    for name in COPIED:
        shutil.copy(ROOT / name, copy)
    shutil.copytree(
        ROOT / "publisher", copy / "publisher", ignore=shutil.ignore_patterns("yasqe", "contexts", "__pycache__")
    )
    for folder in ("data", "docs", "ontology", "shapes"):
        (copy / folder).mkdir()
        (copy / folder / "LICENSE").write_text("")
    text = (copy / "pyproject.toml").read_text()
    pinned, *others = hook_config(text)["packages"]
    for other in others:
        text = re.sub(rf"\[\[[^\n]*packages\]\]\nname = \"{other['name']}\".*?\n\n", "", text, flags=re.DOTALL)
    assert hook_config(text)["packages"] == [pinned]
    made = package(hook, registry.tarball)
    text = text.replace(pinned["integrity"], made.integrity).replace(pinned["placed"], made.placed)
    text = re.sub(r"bundled = \[.*?\n\]", f'bundled = ["{made.bundled[0]}"]', text, flags=re.DOTALL)
    (copy / "pyproject.toml").write_text(text)
    monkeypatch.setenv("npm_config_registry", registry.url)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return copy


def wheel(project: Path) -> Path:
    return Path(next(WheelBuilder(str(project)).build(directory=str(project / "dist"), versions=["standard"])))


def test_wheel_has_editor_and_is_reproducible(project: Path, registry: Registry) -> None:
    first = wheel(project)
    body = first.read_bytes()
    assert {f"publisher/pages/static/{name}" for name in EDITOR} <= set(zipfile.ZipFile(first).namelist())
    shutil.rmtree(project / "publisher/pages/static/yasqe")
    assert wheel(project).read_bytes() == body
    assert len(registry.asked) == 2


def test_editable_install_has_editor_ignored_by_git(hook: ModuleType, project: Path) -> None:
    config = hook_config((project / "pyproject.toml").read_text())
    hook.FrontEnd(str(project), config, None, None, "", "wheel").initialize("editable", {})
    assert all((project / "publisher/pages/static" / name).is_file() for name in EDITOR)
    assert "publisher/pages/static/yasqe/" in (project / ".gitignore").read_text().splitlines()


def test_sdist_has_editor(project: Path, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = next(SdistBuilder(str(project)).build(directory=str(tmp_path / "dist"), versions=["standard"]))
    with tarfile.open(archive) as opened:
        opened.extractall(tmp_path / "unpacked", filter="data")
    [unpacked] = (tmp_path / "unpacked").iterdir()
    monkeypatch.setenv("npm_config_registry", NOWHERE)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "another"))
    assert {f"publisher/pages/static/{name}" for name in EDITOR} <= set(zipfile.ZipFile(wheel(unpacked)).namelist())
    assert len(registry.asked) == 2


def test_build_without_registry_warns(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("npm_config_registry", NOWHERE)
    found = zipfile.ZipFile(wheel(project)).namelist()
    assert not any("yasqe" in name for name in found)
    assert {"publisher/pages/static/query.js", "publisher/pages/templates/ask_sparql.html"} <= set(found)
    assert "Built without @zazuko/yasqe" in "".join(capsys.readouterr())


def test_packages_are_pinned_and_not_in_git() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    packages = config["hooks"]["custom"]["packages"]
    names = {"@zazuko/yasqe", "@veramo/credential-ld", "@expo-google-fonts/source-sans-3"}
    assert {package["name"] for package in packages} == names
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    for package in packages:
        assert package["integrity"].startswith("sha512-")
        assert package["placed"].startswith("sha256-")
        assert all(re.fullmatch(r"\S+ [\d.]+ sha512-\S+", entry) for entry in package.get("bundled", []))
        assert f"{package['folder']}/" in ignored
        assert f"{package['folder']}/" in config["artifacts"]
