"""Things: their addresses, their documents, and the lists of things of one kind."""

import re
from datetime import date
from functools import lru_cache
from typing import Final

import pyoxigraph as ox
from werkzeug.http import http_date
from werkzeug.wrappers import Response

from publisher.dataset.iris import DATASET_PATH, DOCUMENT_PATH, KINDS, SCHEMA_TYPES, THING_PATH, relative
from publisher.errors import NotFoundError
from publisher.formats import Format
from publisher.pages.site import Pages
from publisher.rdf import namespaces as n
from publisher.rdf.terms import values
from publisher.release.near_misses import NearMisses
from publisher.release.resources import LICENSE, TYPE, Description, Resources, page_of
from publisher.web.responses import Document, Responses, link, redirect, split_suffix
from publisher.web.signposting import Signposts

KEPT: Final = 4
"""Descriptions that are kept: who asks for a document in one form often asks for another."""


class ThingViews:
    """The addresses below `id/` and `doc/`."""

    def __init__(self, responses: Responses, resources: Resources, pages: Pages) -> None:
        self._responses = responses
        self._resources = resources
        self._names = resources.names
        self._pages = pages
        self._near = NearMisses(resources)
        self._describe_thing = lru_cache(KEPT)(resources.describe)

    def thing(self, path: str) -> Response:
        """A thing: 303 to its document, 308 to its successor (RFC 9110, section 15.4)."""
        here = f"{THING_PATH}{path}"
        iri = self._names.iri(here)
        thing = self._names.thing(iri)
        if thing is None or not self._resources.is_published(thing):
            return self._miss(here, self._near.correct(here))
        successor = self._resources.successor(iri) or self._resources.successor(thing)
        if successor is not None:
            return self._responses.redirect_merged(successor, self._names.path(successor))
        self._resources.require(thing)
        if iri != thing:
            self._resources.require(iri)
        return redirect(303, self._names.address(iri) or "", here)

    def other_document(self, path: str) -> Response:
        """An address below `doc/` that no document can have. That of a retired part says what became of the part."""
        stem, _ = split_suffix(path)
        iri = self._names.iri(f"{THING_PATH}{stem}")
        thing = self._names.thing(iri)
        for each in [each for each in (iri, thing) if thing and each and self._resources.end_of(each)]:
            successor = self._resources.successor(each)
            if successor is not None:
                return self._responses.redirect_merged(successor, self._names.address(successor))
            self._resources.require(each)
        return self.miss_document(DOCUMENT_PATH + path)

    def miss_document(self, path: str) -> Response:
        """A document that is not there: redirected to another spelling of its address, or not found."""
        stem, chosen = split_suffix(path.removeprefix(DOCUMENT_PATH).rstrip("/").lower())
        if stem in KINDS or self._near.correct(THING_PATH + stem):
            corrected = f"{DOCUMENT_PATH}{stem}" + (f".{chosen.suffix}" if chosen else "")
            return self._miss(path, corrected)
        return self._miss(path, "")

    def _miss(self, path: str, corrected: str) -> Response:
        """The redirect to the right spelling of an address. Raises NotFoundError, with what it may mean, if none."""
        if corrected not in ("", path):
            return redirect(301, corrected, path)
        named, _ = split_suffix(path) if path.startswith(DOCUMENT_PATH) else (path, None)
        rest = named.removeprefix(DOCUMENT_PATH).removeprefix(THING_PATH)
        things = self._near.suggest(rest)
        suggestions = [self._names.document(iri) for iri in things] if path.startswith(DOCUMENT_PATH) else things
        if kind := self._near.suggest_kind(rest):
            suggestions = [self._names.iri(DOCUMENT_PATH + kind)]
        members = {"suggestions": suggestions} if suggestions else {}
        raise NotFoundError(f"There is no record with the address {self._names.iri(path)}.", **members)

    def document(self, kind: str, name: str) -> Response:
        """The document about a thing, its first page."""
        slug, chosen = split_suffix(name)
        return self._document(kind, slug, 1, chosen)

    def document_page(self, kind: str, slug: str, name: str) -> Response:
        """A further page of the statements that point at a thing."""
        number, chosen = split_suffix(name)
        return self._document(kind, slug, read_page_number(number), chosen)

    def _document(self, kind: str, slug: str, page: int, chosen: Format | None) -> Response:
        iri = self._names.iri(f"{THING_PATH}{kind}/{slug}")
        path = page_of(f"{DOCUMENT_PATH}{kind}/{slug}", page)
        successor = self._resources.successor(iri)
        if successor is not None:
            target = self._names.address(successor)
            suffix = f".{chosen.suffix}" if chosen else ""
            return self._responses.redirect_merged(successor, target + suffix if target is not None else None)
        if self._names.thing(iri) != iri or not self._resources.is_published(iri):
            return self.miss_document(f"{path}.{chosen.suffix}" if chosen else path)
        found = self._describe_thing(iri, page)
        response = self._responses.negotiate(
            Document(
                path,
                lambda: found.triples,
                lambda: self._pages.thing(found, path),
                root=iri,
                posts=self._describe(kind, found),
                links=self._following(found, path),
            ),
            chosen,
        )
        changed = self._resources.store.index.changes.last_changed(iri)
        if changed:  # The release in which its statements last changed.
            response.headers["Last-Modified"] = http_date(date.fromisoformat(changed).timetuple())
        return response

    def _describe(self, kind: str, found: Description) -> Signposts:
        """What the document is about, and how it may be used."""
        types = values((t for t in found.own if t.subject == ox.NamedNode(found.thing)), TYPE.value)
        types = list(dict.fromkeys([n.SCHEMA + SCHEMA_TYPES[kind], *types]))
        return Signposts(found.thing, types, values(found.about, LICENSE.value), DATASET_PATH)

    def _following(self, found: Description, path: str) -> list[str]:
        """The link to the next page of the statements that point at a thing."""
        following = values(found.about, n.XHV + "next")
        return [link(relative(self._names.path(iri) or iri, path), "next") for iri in following]


def read_page_number(number: str) -> int:
    """The number of a further page. Raises NotFoundError where it is none."""
    if not re.fullmatch("[1-9][0-9]{0,8}", number) or number == "1":
        raise NotFoundError(f"Page {number} does not exist.")
    return int(number)
