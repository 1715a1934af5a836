"""Search: what names, acronyms, numbers and words find, and its description for browsers."""

import json
import textwrap
from typing import Any, Final
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from flask import request
from werkzeug.wrappers import Response

from publisher.dataset.iris import KINDS, SEARCH_PATH, SUGGESTIONS_PATH
from publisher.errors import MalformedError, NotFoundError
from publisher.formats import HTML, JSON, OPENSEARCH, PAGES, SUGGESTIONS
from publisher.negotiation import choose
from publisher.pages.site import Pages
from publisher.release.catalogue import Catalogue
from publisher.release.finder import Finder
from publisher.release.resources import Resources
from publisher.release.search import RETIRED, Result, Results, Search
from publisher.web.requests import read_parameters
from publisher.web.responses import Responses, respond

SHORT_NAME: Final = 16
"""Characters of a name in a description of search (OpenSearch 1.1, "ShortName")."""
LONGEST: Final = 200
"""Characters of a text that is searched for."""
SUGGESTED: Final = 10
"""Names that are suggested while a visitor types."""
_KINDS: Final = (*KINDS, RETIRED)


class SearchViews:
    """The addresses of search."""

    def __init__(
        self, responses: Responses, resources: Resources, catalogue: Catalogue, pages: Pages, finder: Finder
    ) -> None:
        self._responses = responses
        self._names = resources.names
        self._catalogue = catalogue
        self._pages = pages
        self._search = Search(resources, finder)
        self._finder = finder

    def search(self) -> Response:
        """What a text finds, as a page or as JSON."""
        sent = read_parameters(request.query_string)
        text, kind = _read_text(sent), sent.get("kind", "")
        if kind and kind not in _KINDS:
            raise MalformedError(f"`kind` must be one of {', '.join(_KINDS)}.")
        best = choose(request.headers.get("Accept"), PAGES, sent.get("format"), HTML)
        page = _read_page(sent.get("page", "1"))
        results = self._search.search(text, kind, page) if text else Results("", kind, [], 0)
        if page > results.pages:
            raise NotFoundError(f"Page {page} does not exist: there are {results.pages} page(s) of results.")
        if best is HTML:
            return respond(self._pages.search(results, SEARCH_PATH).encode(), HTML)
        return respond(_write_json(_make_results(results)), JSON)

    def suggest(self) -> Response:
        """Names that begin as a text does, as OpenSearch has them (Suggestions extension 1.1)."""
        text = _read_text(read_parameters(request.query_string))
        names = [one.label for one in self._finder.complete(text, limit=SUGGESTED)] if text else []
        return respond(_write_json([text, list(dict.fromkeys(names))]), SUGGESTIONS)

    def describe(self) -> Response:
        """The description of search for browsers (OpenSearch 1.1)."""
        root = self._responses.root_url(request.scheme, request.environ["HTTP_HOST"] + request.root_path)
        name = escape(choose_short_name(self._catalogue.title, self._names.base))
        addresses = [
            (HTML.media_type, f"{root}{SEARCH_PATH}?q={{searchTerms}}"),
            (JSON.media_type, f"{root}{SEARCH_PATH}?q={{searchTerms}}&amp;format=json"),
            (SUGGESTIONS.media_type, f"{root}{SUGGESTIONS_PATH}?q={{searchTerms}}"),
        ]
        urls = "".join(f'<Url type="{kind}" method="get" template="{address}"/>\n' for kind, address in addresses)
        text = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">\n'
            f"<ShortName>{name}</ShortName>\n<Description>{escape(f'Search {self._catalogue.title}')}</Description>\n"
            f"<InputEncoding>UTF-8</InputEncoding>\n{urls}</OpenSearchDescription>\n"
        )
        return respond(text.encode(), OPENSEARCH)


def choose_short_name(title: str, base: str) -> str:
    """Return a name of the search that fits: the title of the data set, or else the last part of its base that does, or
    those of its words."""
    parts = [part for part in urlsplit(base).path.split("/") if part]
    first = next((name for name in (title, *parts[::-1]) if 0 < len(name) <= SHORT_NAME), "")
    words = textwrap.wrap(title, SHORT_NAME, break_long_words=False)
    return first or next((line for line in words if len(line) <= SHORT_NAME), "") or "Search"


def _read_text(sent: dict[str, str]) -> str:
    text = sent.get("q", "").strip()
    if len(text) > LONGEST:
        raise MalformedError(f"The search text exceeds the limit of {LONGEST} characters.")
    return text


def _read_page(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < len(text) < 7 and int(text)):
        raise MalformedError("`page` must be a whole number, at least 1.")
    return int(text)


def _make_results(results: Results) -> dict[str, Any]:
    found = [result for group in results.groups for result in group.results]
    return {
        "query": results.text,
        "total": results.total,
        "kinds": {group.kind: group.total for group in results.groups},
        "page": results.page,
        "pages": results.pages,
        "results": [_make_result(result) for result in found],
    }


def _make_result(result: Result) -> dict[str, Any]:
    value: dict[str, Any] = {
        "id": result.iri,
        "name": result.label,
        "kind": result.kind,
        "score": round(100 * result.score, 1),
        "found": {"by": result.by, "text": result.text},
        "about": result.about,
    }
    return value | ({"successor": result.successor[0]} if result.successor else {})


def _write_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
