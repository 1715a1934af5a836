"""Resources: whether a thing is live, merged, withdrawn or unknown; its description; lists of things."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from publisher.dataset.identifiers import Retired
from publisher.dataset.iris import Names
from publisher.errors import NotFoundError, WithdrawnError
from publisher.rdf.labels import LABELS, labels_of
from publisher.rdf.namespaces import DCTERMS, FOAF, RDF, VOID, XHV
from publisher.rdf.terms import Term, terms
from publisher.release.columns import Column
from publisher.release.index import Thing
from publisher.release.lists import Facet, Lists, Row, Selection
from publisher.release.store import Store

TYPE: Final = ox.NamedNode(RDF + "type")
TOPIC: Final = ox.NamedNode(FOAF + "primaryTopic")
LISTED: Final = 100
"""Things on one page of a list."""
LICENSE: Final = ox.NamedNode(DCTERMS + "license")


@dataclass(frozen=True)
class Description:
    """What a document about one thing says.

    thing and document: IRIs. own: statements about the thing and its parts.
    incoming: one page of the statements that point to it. around: the statements of parts of other things that point to
    it. labels: the names of the terms in these statements, except classes. about: statements about the document itself.
    page: the number of this page of incoming statements, from 1. pages: how many there are. total: incoming statements
    in all.
    """

    thing: str
    document: str
    own: Sequence[ox.Triple]
    incoming: Sequence[ox.Triple]
    around: Sequence[ox.Triple]
    labels: Sequence[ox.Triple]
    about: Sequence[ox.Triple]
    page: int
    pages: int
    total: int

    @property
    def triples(self) -> list[ox.Triple]:
        """All triples of the document, each once."""
        return list(dict.fromkeys([*self.own, *self.incoming, *self.around, *self.labels, *self.about]))


@dataclass(frozen=True)
class Listing:
    """One page of the list of the things of a kind.

    rows: the things, with their cells. page: its number, from 1. pages: how many there are. total: things in all.
    whole: things of this kind. columns: of the rows. facets: by which the list can be reduced. selection: how it is
    reduced and sorted.
    """

    kind: str
    rows: Sequence[Row]
    page: int
    pages: int
    total: int
    whole: int
    columns: Sequence[Column]
    facets: Sequence[Facet]
    selection: Selection

    @property
    def things(self) -> list[Thing]:
        """The things on this page."""
        return [row.thing for row in self.rows]


class Resources:
    """The things of one open release."""

    def __init__(self, store: Store, incoming: int) -> None:
        """incoming: statements pointing at a thing that one page of its description lists."""
        self.store = store
        self.names: Names = store.index.names
        self._index = store.index
        self._lookup = store.lookup
        self._incoming = incoming
        self.lists = Lists(store.index)

    def successor(self, iri: str) -> str | None:
        """Return the live IRI that a merged one became, through any number of mergers; None if it was not merged."""
        retired = self._index.find_retired(iri)
        return (retired.successor or None) if retired else None

    def end_of(self, iri: str) -> Retired | None:
        """Return what became of a retired IRI; None where it is not retired."""
        return self._index.find_retired(iri)

    def is_published(self, iri: str) -> bool:
        """Whether an IRI is live, or was published and is retired."""
        return self._index.find_retired(iri) is not None or self._is_described(iri)

    def require(self, thing: str) -> None:
        """Return if the thing is live. Raises WithdrawnError, with its tombstone, or NotFoundError."""
        retired = self._index.find_retired(thing)
        if retired and not retired.successor:
            members = {"withdrawn": retired.withdrawn, "reason": retired.why}
            stated = {name: value for name, value in members.items() if value}
            raise WithdrawnError(f"{thing} was published here and has been withdrawn.", retired.tombstone, **stated)
        if not self._is_described(thing):
            raise NotFoundError(f"There is no resource with the IRI {thing}.")

    def _is_described(self, iri: str) -> bool:
        """Whether there are statements about a thing or a part of one."""
        if self.names.thing(iri) is None:
            return False
        return next(self._lookup.find(ox.NamedNode(iri), None, None), None) is not None

    def describe(self, thing: str, page: int = 1) -> Description:
        """The description of a live thing, with the given page (from 1) of the statements that point at it.

        Raises WithdrawnError or NotFoundError; a page beyond the last is NotFoundError too.
        """
        self.require(thing)
        parts = self._index.parts(thing)
        self._lookup.prefetch(map(ox.NamedNode, (thing, *parts)))
        own = [t for iri in (thing, *parts) for t in sorted(self._lookup.find(ox.NamedNode(iri), None, None), key=str)]
        total, shown = self._pointing(thing, {thing, *parts}, (page - 1) * self._incoming)
        pages = max(1, -(-total // self._incoming))
        if not 1 <= page <= pages:
            raise NotFoundError(f"Page {page} does not exist: the description of {thing} has {pages} page(s).")
        around = self._find_statements_of_parts(thing, shown)
        own = own if page == 1 else self.label_statements([ox.NamedNode(thing)])
        about = self._describe_document(thing, page, pages)
        said = [*own, *shown, *around, *about]
        labels = self.label_statements(_collect_terms(triple for triple in said if triple.predicate != TYPE))
        document = page_of(self.names.document(thing), page)
        return Description(thing, document, own, shown, around, labels, about, page, pages, total)

    def find_stated(self, thing: str, graph: str) -> list[ox.Triple]:
        """Return the statements about a thing and its parts in one named graph, in order."""
        subjects = map(ox.NamedNode, (thing, *self._index.parts(thing)))
        return [t for subject in subjects for t in sorted(self._lookup.find_stated(subject, graph), key=str)]

    def _pointing(self, thing: str, own: set[str], start: int) -> tuple[int, list[ox.Triple]]:
        """The number of statements that point at a thing, those of the thing and its parts left out, and one page of
        them by subject. start: how many to leave out."""
        total = self._index.count_incoming(thing)
        if total:
            return total, self._index.incoming(thing, start, self._incoming)
        found = self._lookup.find(None, None, ox.NamedNode(thing))
        pointing = sorted((t for t in found if getattr(t.subject, "value", "") not in own), key=str)
        return len(pointing), pointing[start : start + self._incoming]

    def _find_statements_of_parts(self, thing: str, pointing: Iterable[ox.Triple]) -> list[ox.Triple]:
        """The statements of parts of other things, such as memberships, that point here, and the things that have these
        parts."""
        found: list[ox.Triple] = []
        self._lookup.prefetch(triple.subject for triple in pointing)
        for node in dict.fromkeys(triple.subject for triple in pointing):
            whole = self.names.thing(node.value) if isinstance(node, ox.NamedNode) else None
            if isinstance(node, ox.NamedNode) and whole not in (None, thing, node.value):
                found += sorted(self._lookup.find(node, None, None), key=str)
                found += sorted(self._lookup.find(ox.NamedNode(str(whole)), None, node), key=str)
        return found

    def _describe_document(self, thing: str, page: int, pages: int) -> list[ox.Triple]:
        """The statements about the document: its topic, license and data set. Not the release, so that unchanged things
        keep their bytes."""
        first = self.names.document(thing)
        document = ox.NamedNode(page_of(first, page))
        dataset = ox.NamedNode(self.names.dataset)
        licenses = [t.object for t in self._lookup.find(dataset, LICENSE, None)]
        about = [
            ox.Triple(document, TOPIC, ox.NamedNode(thing)),
            ox.Triple(document, TYPE, ox.NamedNode(FOAF + "Document")),
            ox.Triple(document, ox.NamedNode(VOID + "inDataset"), dataset),
            *(ox.Triple(document, LICENSE, license_) for license_ in licenses),
        ]
        if page < pages:
            about.append(ox.Triple(document, ox.NamedNode(XHV + "next"), ox.NamedNode(page_of(first, page + 1))))
        return about

    def label_statements(self, terms: Iterable[Term]) -> list[ox.Triple]:
        """The naming statements of the terms that are IRIs and have one."""
        found = []
        named = [term for term in dict.fromkeys(terms) if isinstance(term, ox.NamedNode)]
        self._lookup.prefetch(named)
        for term in named:
            options = (list(self._lookup.find(term, label, None)) for label in LABELS)
            found += sorted(next((naming for naming in options if naming), []), key=str)
        return found

    def label(self, iri: str) -> str:
        """The name of one thing, or its IRI."""
        return labels_of(self.label_statements([ox.NamedNode(iri)])).get(iri, iri)

    def instances(self, class_: str) -> list[tuple[str, str]]:
        """The live things of a class as (IRI, name), by name."""
        found = [terms(t)[0] for t in self._lookup.find(None, TYPE, ox.NamedNode(class_))]
        named = labels_of(self.label_statements(found))
        things = [node.value for node in found if isinstance(node, ox.NamedNode)]
        return sorted(((iri, named.get(iri, iri)) for iri in things), key=lambda pair: (pair[1].casefold(), pair[0]))

    def things(self, start: int = 0, limit: int = -1) -> list[str]:
        """Return the IRIs of live things that have a document of their own, in the order of lists.

        start: how many to leave out. limit: how many to return at most; -1 for all.
        """
        return [thing.iri for thing in self._index.things("", start, limit)]

    def list_things(self, kind: str, page: int, selection: Selection | None = None) -> "Listing":
        """Return one page (from 1) of a list of things of a kind; of all, unless it is reduced.

        Raises NotFoundError where there is no such page or no such value, and MalformedError as `Lists.rows` does.
        """
        selection = selection or Selection()
        chosen = self.lists.choose(kind, selection)
        total = chosen.total
        pages = max(1, -(-total // LISTED))
        if not 1 <= page <= pages:
            raise NotFoundError(f"Page {page} does not exist: the list has {pages} page(s).")
        rows = self.lists.rows(chosen, (page - 1) * LISTED, LISTED)
        facets = self.lists.facets(chosen)
        whole = self._index.kinds.get(kind, 0)
        return Listing(kind, rows, page, pages, total, whole, self.lists.columns(kind), facets, selection)

    def kinds(self) -> Mapping[str, int]:
        """The kinds of things that there are, in order, with the number of things of each."""
        return self._index.kinds


def page_of(document: str, page: int) -> str:
    """Return the address of a page of a document; page 1 is the document itself."""
    return document if page == 1 else f"{document}/incoming/{page}"


def _collect_terms(triples: Iterable[ox.Triple]) -> list[Term]:
    """The subjects and objects of triples."""
    return [term for subject, _, object_ in map(terms, triples) for term in (subject, object_)]
