"""Screenshots of the pages, as a server over this checkout shows them.

`python scripts/screenshots.py` writes those of the README, `docs/screenshot.png` and `docs/screenshot-dark.png`.
`python scripts/screenshots.py FOLDER` writes every kind of page into a folder, on a phone and on a desk, light and
dark, to look at. Both need Debian's `chromium` and the extra `browser`.
"""

import argparse
import contextlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from playwright.sync_api import sync_playwright

CHECKOUT: Final = Path(__file__).resolve().parents[1]
FLAGS: Final = ("--disable-background-networking", "--disable-component-update", "--no-first-run", "--no-sandbox")
"""No talk with other hosts; no sandbox, since the root user may run this."""
SCHEMES: Final = ("light", "dark")
WIDTHS: Final = (390, 1280)
HEIGHT: Final = 4000
"""Pixels of a page that are shown at most: what is below repeats what is above."""
README_PAGE: Final = "doc/coalition/clean-slate-ma"
README_SIZE: Final = (1280, 800)
README_FILES: Final = {"light": "screenshot.png", "dark": "screenshot-dark.png"}
PAGES: Final = {
    "home": "",
    "coalitions": "doc/coalition",
    "coalition": "doc/coalition/clean-slate-ma",
    "coalition-many-bills": "doc/coalition/raise-up-massachusetts",
    "coalition-many-sizes": "doc/coalition/mass-power-forward",
    "issues": "doc/issue",
    "issue-theme": "doc/issue/housing",
    "issue": "doc/issue/criminal-record-sealing",
    "agendas": "doc/agenda",
    "agenda": "doc/agenda/shared-prosperity-agenda",
    "aims": "doc/aim",
    "aim": "doc/aim/automatic-sealing-of-criminal-records",
    "bills": "doc/bill",
    "bills-filtered": "doc/bill?q=h&sort=-backers",
    "bill": "doc/bill/194-h1811",
    "proposals": "doc/proposal",
    "proposal": "doc/proposal/automated-record-sealing",
    "measures": "doc/measure",
    "measure": "doc/measure/2018-minimum-wage-initiative",
    "organizations": "doc/organization",
    "organization": "doc/organization/greater-boston-legal-services",
    "sources": "doc/source",
    "source": "doc/source/about-progressive-massachusetts",
    "sessions": "doc/session",
    "session": "doc/session/194",
    "roles": "doc/role",
    "role": "doc/role/member",
    "dockets": "doc/docket",
    "places": "doc/place",
    "schemes": "doc/scheme",
    "ontology": "ontology",
    "ontology-filter": "ontology?q=coal:Coalition",
    "shapes": "shapes",
    "shapes-filter": "shapes?q=coalition",
    "rule": "rule/tidy",
    "dataset": "dataset",
    "download": "download",
    "changes": "changes",
    "releases": "release",
    "release-home": "release/0.2.0/",
    "release-coalition": "release/0.2.0/doc/coalition/clean-slate-ma",
    "persistence": "persistence",
    "problems": "problem",
    "problem": "problem/result-limit",
    "search": "search?q=clean slate",
    "search-none": "search?q=zzzz",
    "ask": "ask",
    "ask-found": "ask?q=tenant",
    "build": "ask/build",
    "build-class": "ask/build?class=coal:Coalition&show=coal:advances",
    "editor": "ask/sparql",
    "embed": "ask/embed?question=coalitions-by-agenda",
    "question": "ask/coalitions-by-agenda",
    "question-bars": "ask/how-often-each-kind-of-change-is-sought?view=bars",
    "rows": "sparql?query=SELECT * { ?s ?p ?o } LIMIT 30",
    "nothing": "sparql?query=SELECT * { ?s a <https://w3id.org/ma-coalitions/ontology%23Coalitions> }",
    "mistake": "sparql?query=SELECT * { ?s ?p",
    "description": "sparql?query=DESCRIBE <https://w3id.org/ma-coalitions/id/coalition/clean-slate-ma>",
    "about": "about",
    "correct": "correct",
    "correct-record": "correct?about=id/coalition/clean-slate-ma",
    "docs": "docs",
    "document": "docs/querying",
    "graphs": "graph",
    "graph": "graph/coalitions",
    "privacy": "privacy",
    "lookup": "lookup",
    "missing": "no/such/page",
    "missing-near": "doc/coalition/clean-slat-ma",
}
"""The kinds of pages: name of the file -> address below the base."""


@contextlib.contextmanager
def serving() -> Iterator[str]:
    """The address of a server over this checkout, which ends with the block."""
    program = str(Path(sys.executable).with_name("publisher"))
    words = [program, "serve", "--port", "0", "--root", str(CHECKOUT)]
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        try:
            yield next(line.split()[2].rstrip("/") for line in process.stderr if line.startswith("Serving at "))
        finally:
            process.terminate()


@contextlib.contextmanager
def browsing() -> Iterator[Any]:
    """A running browser, which ends with the block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
        yield browser
        browser.close()


def take(browser: Any, url: str, file: Path, width: int, scheme: str, height: int | None = None) -> None:
    """Write one page as a PNG. height: of the picture; None shows the page to its end, at most `HEIGHT` pixels."""
    page = browser.new_page(viewport={"width": width, "height": height or 844}, color_scheme=scheme)
    try:
        page.goto(url)
        tall = height or min(HEIGHT, page.evaluate("document.documentElement.scrollHeight"))
        page.screenshot(path=file, full_page=True, clip={"x": 0, "y": 0, "width": width, "height": tall})
    finally:
        page.close()


def write_readme(browser: Any, server: str, folder: Path) -> None:
    """Write the screenshots of the README into a folder. server: an address without a slash at its end."""
    width, height = README_SIZE
    for scheme, name in README_FILES.items():
        take(browser, f"{server}/{README_PAGE}", folder / name, width, scheme, height)


def write_all(browser: Any, server: str, folder: Path, names: list[str]) -> None:
    """Write the pages of these names, or all, into a folder, in both widths and schemes."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, path in PAGES.items():
        for width in WIDTHS if name in names or not names else ():
            for scheme in SCHEMES:
                url = f"{server}/{quote(path, safe='/?&=%:')}"
                take(browser, url, folder / f"{name}-{width}-{scheme}.png", width, scheme)


def main() -> None:
    """Read the command line, start a server unless one is named, and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, metavar="FOLDER")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these kinds of pages")
    parser.add_argument("--server", help="a server that runs, in place of one over this checkout")
    options = parser.parse_args()
    started = contextlib.nullcontext(options.server.rstrip("/")) if options.server else serving()
    with started as server, browsing() as browser:
        if options.folder:
            write_all(browser, server, options.folder, options.names)
        else:
            write_readme(browser, server, CHECKOUT / "docs")


if __name__ == "__main__":
    main()
