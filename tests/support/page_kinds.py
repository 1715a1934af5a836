"""The kinds of pages, in one place, and a root that has them all: the sample with a frozen release and a change since.

The tests of pages in a browser and by the HTML checker walk this list; `tests/browser/test_browser.py` tests that it
leaves out no kind of thing and no address that offers HTML.
"""

from datetime import date
from pathlib import Path
from typing import Final
from urllib.parse import quote

from support import sample_root

from publisher.release.freezing import freeze

VERSION: Final = "0.1.0"
_CHANGED: Final = ("data/agendas.ttl", "Second heading of the page", "The second heading of the page")
"""A file, and what is written there before and after the release."""
_VOCABULARY: Final = "https://w3id.org/ma-coalitions/ontology%23"
_CLEAR_WATER: Final = "https://w3id.org/ma-coalitions/id/coalition/clear-water"

LISTS: Final = (
    "doc/agenda",
    "doc/aim",
    "doc/bill",
    "doc/bill?q=h&session=12&sort=-backers",
    "doc/coalition",
    "doc/docket",
    "doc/issue",
    "doc/measure",
    "doc/organization",
    "doc/place",
    "doc/proposal",
    "doc/role",
    "doc/scheme",
    "doc/session",
    "doc/source",
)
THINGS: Final = (
    "doc/agenda/fair-work-agenda",
    "doc/aim/limits-on-rents",
    "doc/bill/12-h120",
    "doc/coalition/fair-wages-coalition",
    "doc/docket/12-hd402",
    "doc/issue/housing",
    "doc/measure/2024-question-1",
    "doc/organization/river-watch",
    "doc/place/arcadia",
    "doc/proposal/raising-the-minimum-wage",
    "doc/role/member",
    "doc/scheme/issues",
    "doc/session/12",
    "doc/source/our-partners",
)
ASKING: Final = (
    "ask",
    "ask?q=coalitions on an agenda",
    "ask?q=zzz",
    "ask/build",
    "ask/build?class=coal:Coalition&show=coal:advances",
    "ask/sparql",
    "ask/coalitions-by-agenda",
    "ask/how-often-each-kind-of-change-is-sought",
    "ask/when-coalitions-were-founded?view=timeline",
    "ask/aims-and-the-kind-of-change-sought?view=network",
    "ask/aims-and-the-kind-of-change-sought?view=matrix",
    "ask/embed?question=coalitions-by-agenda",
    f"sparql?query=SELECT * {{ ?s a <{_VOCABULARY}Coalition> ; ?p ?o }} LIMIT 30",
    f"sparql?query=SELECT * {{ ?s a <{_VOCABULARY}Coalitions> }}",
    f"sparql?query=DESCRIBE <{_CLEAR_WATER}>",
)
TEXTS: Final = (
    "",
    "about",
    "changes",
    "dataset",
    "docs",
    "docs/querying",
    "download",
    "graph",
    "graph/coalitions",
    "ontology",
    "ontology?q=coal:coalition",
    "persistence",
    "privacy",
    "problem",
    "problem/result-limit",
    "release",
    "rule/Agenda-notation-count",
    "rule/dates-in-order",
    "rule/tidy",
    "search",
    "search?q=clear water",
    "search?q=zzzz",
    "shapes",
    "shapes?q=coalition account",
)
CORRECTING: Final = (
    "correct",
    "correct?about=id/coalition/clear-water",
    "correct?about=id/coalition/clear-water&right=It has a phone.&source=https://www.clearwater.example/",
)
FORMER: Final = tuple(
    f"release/{VERSION}/{path}" for path in ("", "doc/coalition", "doc/coalition/fair-wages-coalition", "doc/bill")
)
"""Pages of a release that another has followed."""
EMBEDDED: Final = (f"reconcile/preview?id={_CLEAR_WATER}",)
"""Pages for the frames of other programs: without menu and landmarks."""
ERRORS: Final = {
    "ask/build?class=coal:Nothing": 400,
    "doc/coalition/clear-watr": 404,
    "doc/coalition/made-up": 410,
    "lookup": 400,
    "lookup?uri=https://nobody.example/": 404,
    "no/such/page": 404,
    "release/9.9.9/": 404,
    "sparql?query=SELECT * { ?s ?p": 400,
}
"""The addresses of pages that report an error, and their status."""
GOOD: Final = (*TEXTS, *LISTS, *THINGS, *ASKING, *CORRECTING, *FORMER)
PAGES: Final = (*GOOD, *ERRORS)
"""Whole pages. Their addresses stand in URLs as `url` writes them."""


def url(server: str, path: str) -> str:
    """The URL of a page."""
    return f"{server}/{quote(path, safe='/?&=%:')}"


def build(folder: Path, store: Path) -> Path:
    """Write the root into a folder and return it. store: the folder of compiled releases."""
    root = sample_root.build(folder, examples=True)
    freeze(root, VERSION, date(2026, 11, 24), store)
    file, before, after = _CHANGED
    text = (root / file).read_text(encoding="utf-8")
    (root / file).write_text(text.replace(before, after), encoding="utf-8")
    return root
