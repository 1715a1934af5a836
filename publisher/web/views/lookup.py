"""Look-up of addresses: which thing is meant by an address elsewhere: a site, an account, a bill, a concept."""

import json
from http import HTTPStatus
from typing import Any, Final

from flask import request
from werkzeug.wrappers import Response

from publisher.dataset.iris import LOOKUP_PATH, Names
from publisher.errors import MalformedError, NotFoundError
from publisher.formats import HTML, JSON, LOOKUPS
from publisher.negotiation import choose
from publisher.pages.site import Pages
from publisher.release.finder import Finder, Found, choose_certain
from publisher.release.resources import Resources
from publisher.web.requests import read_parameters
from publisher.web.responses import redirect, respond

LONGEST: Final = 2000
"""Characters of an address that is looked up."""
SHOWN: Final = 100
"""Things that have to do with one address, at most."""
_KNOWN: Final = (
    "Known are the addresses of sites, accounts, bills and dockets, items of Wikidata and concepts of EuroVoc that a "
    "record states, and topics of the Comparative Agendas Project as cap:<code>."
)


class LookupViews:
    """The address that finds things by addresses elsewhere."""

    def __init__(self, resources: Resources, pages: Pages, finder: Finder) -> None:
        self._resources = resources
        self._names: Names = resources.names
        self._pages = pages
        self._finder = finder

    def look_up(self) -> Response:
        """Redirect to the one thing that an address identifies; list the things where it is not one.

        JSON lists in any case. The status of a list is 300 (RFC 9110, section 15.4.1) where nothing is certain.
        """
        sent = read_parameters(request.query_string)
        address = _read_address(sent)
        best = choose(request.headers.get("Accept"), LOOKUPS, sent.get("format"), HTML)
        own = self._names.path(address) or ""
        if best is not JSON and self._names.thing(address) and self._resources.is_published(address):
            return redirect(HTTPStatus.SEE_OTHER, own, LOOKUP_PATH)
        found = self._finder.identify(address, SHOWN)
        if not found:
            raise NotFoundError(f"No record here has to do with {address}. {_KNOWN}")
        certain = choose_certain(found)
        if best is JSON:
            return respond(_write(address, found, certain), JSON)
        if certain is not None:
            return redirect(HTTPStatus.SEE_OTHER, self._names.address(certain.iri) or "", LOOKUP_PATH)
        if best is not HTML:
            return respond(_write(address, found, certain), JSON, HTTPStatus.MULTIPLE_CHOICES)
        page = self._pages.lookup(address, found, LOOKUP_PATH)
        return respond(page.encode(), HTML, HTTPStatus.MULTIPLE_CHOICES)


def _read_address(sent: dict[str, str]) -> str:
    address = sent.get("uri", "").strip()
    if not address:
        raise MalformedError(f"Name an address: {LOOKUP_PATH}?uri=<address>.")
    if len(address) > LONGEST:
        raise MalformedError(f"The address exceeds the limit of {LONGEST} characters.")
    return address


def _write(address: str, found: list[Found], certain: Found | None) -> bytes:
    matches: list[dict[str, Any]] = [
        {"id": one.iri, "name": one.label, "kind": one.kind, "relation": one.by, "value": one.text} for one in found
    ]
    value = {"uri": address, "id": certain.iri if certain else None, "matches": matches}
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"
