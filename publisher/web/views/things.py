"""Things: their addresses, their documents, and the lists of things of one kind."""

import re

import pyoxigraph as ox
from werkzeug.wrappers import Response

from publisher.dataset.iris import DATASET_PATH, DOCUMENT_PATH, KINDS, THING_PATH, relative
from publisher.errors import NotFoundError
from publisher.formats import Format
from publisher.pages.site import Pages
from publisher.rdf import namespaces as n
from publisher.rdf.terms import values
from publisher.release.resources import LICENSE, TYPE, Description, Resources, page_of
from publisher.web.responses import Document, Responses, link, redirect, split_suffix


class ThingViews:
    """The addresses below `id/` and `doc/`."""

    def __init__(self, responses: Responses, resources: Resources, pages: Pages) -> None:
        self._responses = responses
        self._resources = resources
        self._names = resources.names
        self._pages = pages

    def thing(self, path: str) -> Response:
        """A thing: 303 to its document, 308 to its successor (RFC 9110, section 15.4)."""
        here = f"{THING_PATH}{path}"
        iri = self._names.iri(here)
        thing = self._names.thing(iri)
        if thing is None:
            raise NotFoundError(f"There is no resource with the IRI {iri}.")
        successor = self._resources.successor(iri) or self._resources.successor(thing)
        if successor is not None:
            return redirect(308, self._names.path(successor) or successor, here)
        self._resources.require(thing)
        if iri != thing:
            self._resources.require(iri)
        return redirect(303, self._names.address(iri) or "", here)

    def document(self, kind: str, name: str) -> Response:
        """The document about a thing, its first page."""
        slug, chosen = split_suffix(name)
        return self._document(kind, slug, 1, chosen)

    def document_page(self, kind: str, slug: str, name: str) -> Response:
        """A further page of the statements that point at a thing."""
        number, chosen = split_suffix(name)
        if not re.fullmatch("[1-9][0-9]{0,8}", number) or number == "1":
            raise NotFoundError(f"Page {number} does not exist.")
        return self._document(kind, slug, int(number), chosen)

    def _document(self, kind: str, slug: str, page: int, chosen: Format | None) -> Response:
        iri = self._names.iri(f"{THING_PATH}{kind}/{slug}")
        path = page_of(f"{DOCUMENT_PATH}{kind}/{slug}", page)
        successor = self._resources.successor(iri)
        if successor is not None:
            target = self._names.address(successor)
            suffix = f".{chosen.suffix}" if chosen and target else ""
            return redirect(308, (target or successor) + suffix, path)
        if self._names.thing(iri) != iri:
            raise NotFoundError(f"Nothing is published at {path}.")
        found = self._resources.describe(iri, page)
        return self._responses.negotiate(
            Document(
                path,
                lambda: found.triples,
                lambda: self._pages.thing(found, path),
                root=iri,
                links=self._thing_links(found, path),
            ),
            chosen,
        )

    def _thing_links(self, found: Description, path: str) -> list[str]:
        """Signposting: typed links from the document to what it is about and how it may be used."""
        types = values((t for t in found.own if t.subject == ox.NamedNode(found.thing)), TYPE.value)
        links = [link(found.thing, "cite-as")]
        links += [link(iri, "license") for iri in values(found.about, LICENSE.value)]
        links += [link(iri, "type") for iri in types]
        links.append(link(relative(DATASET_PATH, path), "collection"))
        following = values(found.about, n.XHV + "next")
        links += [link(relative(self._names.path(iri) or iri, path), "next") for iri in following]
        return links

    def listing(self, kind: str) -> Response:
        """All things of one kind."""
        kind, chosen = split_suffix(kind)
        if kind not in KINDS:
            raise NotFoundError(f"There is no kind of thing called {kind!r}.")
        path = f"{DOCUMENT_PATH}{kind}"
        prefix = self._names.iri(f"{THING_PATH}{kind}/")
        things = [iri for iri in self._resources.things() if iri.startswith(prefix)]
        naming = self._resources.label_statements(map(ox.NamedNode, things))
        document = ox.NamedNode(self._names.iri(path))
        topics = [ox.Triple(document, ox.NamedNode(n.FOAF + "topic"), ox.NamedNode(iri)) for iri in things]
        named = sorted(((iri, self._resources.label(iri)) for iri in things), key=lambda pair: pair[1].casefold())
        return self._responses.negotiate(
            Document(
                path,
                lambda: [*topics, *naming],
                lambda: self._pages.listing(kind, named, path),
                root=document.value,
            ),
            chosen,
        )
