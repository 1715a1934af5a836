"""The Nu Html Checker (npm `vnu-jar`) on every kind of page, on style sheets and on pictures: no error, no warning."""

import json
import re
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import page_kinds
from support.node import install
from support.optional_packages import tool
from support.server import Running, serve

CHECKER = Path(__file__).with_name("vnu")
OTHERS = {
    "style.css": "static/style.css",
    "query.css": "static/query.css",
    "icon.svg": "static/icon.svg",
    "picture.svg": "ask/picture.svg?question=how-often-each-kind-of-change-is-sought",
}
"""What pages refer to. The name of a file tells the checker what is in it."""
EXCEPTED = {
    "CSS: “paint-order”: Property “paint-order” doesn't exist.",  # It is of SVG 2; the checker knows CSS alone.
}
_START = b"<!DOCTYPE html><html lang='en'><title>x</title>"
MISTAKES = {
    "mistake-error.html": _START + b"<p><div></div></p>",
    "mistake-warning.html": _START + b"<section><p>A section without a heading.</p></section>",
    "mistake.css": b"p { colour: red }",
    "mistake.svg": b"<svg xmlns='http://www.w3.org/2000/svg'><p/></svg>",
}
"""Files that the checker must find fault with."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, store_dir: Path) -> Iterator[Running]:
    root = page_kinds.build(tmp_path_factory.mktemp("kinds"), store_dir)
    with serve(root, tmp_path_factory.mktemp("server"), PUBLISHER_STORE_DIR=str(store_dir)) as found:
        yield found


def get(address: str) -> bytes:
    """The body of a response, of an error too."""
    request = urllib.request.Request(address, headers={"Accept": "text/html, image/svg+xml, */*;q=0.1"})
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return bytes(response.read())
    except urllib.error.HTTPError as error:
        return error.read()


def page_files(server: str) -> dict[str, bytes]:
    """All kinds of pages, and what they refer to: name of a file -> content."""
    pages = {
        re.sub(r"[^\w.]+", "-", f"page {path}")[:120] + ".html": get(page_kinds.url(server, path))
        for path in (*page_kinds.PAGES, *page_kinds.EMBEDDED)
    }
    assert len(pages) == len(page_kinds.PAGES) + len(page_kinds.EMBEDDED)
    return pages | {name: get(f"{server}/{path}") for name, path in OTHERS.items()}


@pytest.fixture(scope="module")
def reported(served: Running, tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Name of a file -> the messages about it, from one run of Java over all files."""
    jar = install(CHECKER) / "vnu-jar" / "build" / "dist" / "vnu.jar"
    folder = tmp_path_factory.mktemp("pages")
    for name, body in (page_files(served.url) | MISTAKES).items():
        (folder / name).write_bytes(body)
    words = ["-jar", str(jar), "--stdout", "--format", "json", "--also-check-css", "--also-check-svg", str(folder)]
    done = subprocess.run([tool("java"), "-Xmx512m", *words], capture_output=True, text=True, timeout=300)
    found: dict[str, set[str]] = {}
    for message in json.loads(done.stdout)["messages"]:
        text = f"{message['message']} (line {message.get('lastLine')})"
        if message["message"] not in EXCEPTED:
            found.setdefault(message["url"].rpartition("/")[2], set()).add(text)
    return found


def test_no_kind_of_page_has_an_error_or_a_warning(reported: dict[str, set[str]]) -> None:
    assert {name: messages for name, messages in reported.items() if name not in MISTAKES} == {}


def test_checker_reports_mistakes_in_pages_styles_and_pictures(reported: dict[str, set[str]]) -> None:
    assert reported.keys() >= MISTAKES.keys()
