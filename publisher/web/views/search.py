"""Search: what names, acronyms and numbers find."""

import json
from typing import Final
from urllib.parse import parse_qs

from flask import request
from werkzeug.wrappers import Response

from publisher.dataset.iris import SEARCH_PATH
from publisher.errors import MalformedError
from publisher.formats import HTML, JSON, PAGES, choose
from publisher.pages.site import Pages
from publisher.release.finder import Finder
from publisher.release.index import Thing
from publisher.release.resources import Resources
from publisher.web.responses import respond

LONGEST: Final = 200
"""Characters of a text that is searched for."""


class SearchViews:
    """The address of search."""

    def __init__(self, resources: Resources, pages: Pages) -> None:
        self._resources = resources
        self._pages = pages
        self._finder = Finder(resources.store.index.by_name, resources.names)

    def search(self) -> Response:
        """The things that a text finds, as a page or as JSON."""
        text = _read_parameter("q").strip()
        if len(text) > LONGEST:
            raise MalformedError(f"The search text exceeds the limit of {LONGEST} characters.")
        best = choose(request.headers.get("Accept"), PAGES, request.args.get("format"), HTML)
        things = [Thing(one.iri, one.label) for one in self._finder.find(text)] if text else []
        if best is HTML:
            return respond(self._pages.search(text, things, SEARCH_PATH).encode(), HTML)
        results = [{"id": thing.iri, "name": thing.label} for thing in things]
        return respond(json.dumps({"query": text, "results": results}, ensure_ascii=False).encode() + b"\n", JSON)


def _read_parameter(name: str) -> str:
    """The value of a parameter, empty if it is missing. Raises MalformedError where it is not valid UTF-8."""
    try:
        return parse_qs(request.query_string.decode("latin-1"), errors="strict").get(name, [""])[0]
    except UnicodeDecodeError as error:
        raise MalformedError(f"The query string is not valid UTF-8 at byte {error.start}.") from None
