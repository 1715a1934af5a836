"""The addresses of one open release: those that a static copy answers, and how each chooses its form."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import groupby, pairwise
from typing import Final

import pyoxigraph as ox

from publisher.dataset.iris import (
    ABOUT_PATH,
    ASK_PATH,
    CARD_PATH,
    CHANGES_PATH,
    CONTEXT_PATH,
    CORRECT_PATH,
    DATASET_PATH,
    DOCS_PATH,
    DOCUMENT_PATH,
    DOWNLOAD_PATH,
    GRAPH_PATH,
    ICON_PATH,
    LOOKUP_PATH,
    ONTOLOGY_PATH,
    PERSISTENCE_PATH,
    PRIVACY_PATH,
    PROBLEM_PATH,
    RECONCILE_PATH,
    RELEASE_PATH,
    ROBOTS_PATH,
    RULE_PATH,
    SPARQL_PATH,
    STATIC_PATH,
    THING_PATH,
    VOID_PATH,
)
from publisher.dataset.releases import ADDED, FILES, LATEST, REMOVED
from publisher.dataset.shortcuts import DERIVED
from publisher.errors import published
from publisher.formats import ADDRESSED, ATOM, JSON_FEED, TABLES, suffixes
from publisher.pages.assets import Assets
from publisher.pages.cards import card_path
from publisher.pages.site import Pages
from publisher.release.catalogue import Catalogue
from publisher.release.downloads import CHECKSUMS
from publisher.release.resources import LISTED, Resources
from publisher.release.store import Store

SERVICES: Final = (ASK_PATH, CORRECT_PATH, LOOKUP_PATH, RECONCILE_PATH, SPARQL_PATH)
"""The addresses, and those below them, that only a server answers."""
BATCH: Final = 1000
"""Rows of the index that are read at once."""


class Sort(Enum):
    """How an address answers. DOCUMENT: in a form that the client chooses, each with an address of its own. PAGE: a
    page for those who accept HTML. ALWAYS: a page, whatever is accepted. FILE: one file. MOVED: a redirect. RETIRED: a
    redirect or a tombstone."""

    DOCUMENT = "document"
    PAGE = "page"
    ALWAYS = "always"
    FILE = "file"
    MOVED = "moved"
    RETIRED = "retired"


@dataclass(frozen=True)
class Address:
    """path: below the base, empty for the home page."""

    path: str
    sort: Sort


class Addresses:
    """The addresses of one open release.

    below: the path below which a past release is served, with a slash at its end; empty for the current state.
    """

    def __init__(self, store: Store, pages: Pages, assets: Assets, below: str = "") -> None:
        resources = Resources(store, 1)
        self._below = below
        self._store = store
        self._index = store.index
        self._names = store.index.names
        self._resources = resources
        self._catalogue = Catalogue(resources, (), (), "")
        self._pages = pages
        self._assets = assets

    def count(self) -> int:
        """Return about how many there are: each thing, its document and its card, each part, and the rules."""
        [(parts,)] = self._index.select("SELECT count(*) FROM part")
        each = 3 if self._pages.has_cards else 2
        return each * sum(self._resources.kinds().values()) + int(parts) + len(self._pages.rule_names)

    def walk(self) -> Iterator[Address]:
        """Yield all addresses, those of one thing at a time."""
        for address in self._walk():
            yield Address(self._below + address.path, address.sort)

    def _walk(self) -> Iterator[Address]:
        yield from self._list_overviews()
        yield from self._list_pages()
        yield from self._list_files()
        yield from self._list_releases()
        yield from self._list_lists()
        yield from self._list_things()
        yield from self._list_derived()
        yield from self._list_retired()

    def _list_overviews(self) -> Iterator[Address]:
        graphs = [iri.removeprefix(self._names.base) for iri, _ in self._catalogue.graphs]
        overviews = ["", DATASET_PATH, DOWNLOAD_PATH, CHANGES_PATH, *graphs, *([] if self._below else [RELEASE_PATH])]
        for path in overviews:
            yield Address(path, Sort.DOCUMENT)
        versions = [self._catalogue.version, *self._catalogue.earlier_versions]
        moved = [f"{ONTOLOGY_PATH}/{version}" for version in versions if version]
        folders = [RULE_PATH.rstrip("/"), RULE_PATH, GRAPH_PATH, DOCS_PATH, PROBLEM_PATH]
        folders += [f"{path}/" for path in (*overviews, ABOUT_PATH, PRIVACY_PATH, PERSISTENCE_PATH) if path.isalpha()]
        for path in (*moved, *folders, VOID_PATH):
            yield Address(path, Sort.MOVED)

    def _list_pages(self) -> Iterator[Address]:
        yield Address(GRAPH_PATH.rstrip("/"), Sort.ALWAYS)
        guides = [DOCS_PATH + name for name in self._pages.document_names]
        rules = [RULE_PATH + name for name in self._pages.rule_names]
        problems = [PROBLEM_PATH + name for name in published()]
        lists = [DOCS_PATH.rstrip("/"), PROBLEM_PATH.rstrip("/")]
        for path in (ABOUT_PATH, PRIVACY_PATH, PERSISTENCE_PATH, *lists, *guides, *rules, *problems):
            yield Address(path, Sort.PAGE)

    def _list_files(self) -> Iterator[Address]:
        feeds = [f"{CHANGES_PATH}.{form.suffix}" for form in (ATOM, JSON_FEED)]
        files = [download.name for download in self._catalogue.files]
        downloads = [f"{DOWNLOAD_PATH}/{name}" for name in [*files, *[CHECKSUMS][: len(files)]]]
        assets = [STATIC_PATH + name for name in self._assets.names]
        cards = [CARD_PATH] if self._pages.has_cards else []
        for path in feeds:
            yield Address(path, Sort.MOVED if self._below else Sort.FILE)
        for path in (CONTEXT_PATH, ROBOTS_PATH, ICON_PATH, *cards, *downloads, *assets):
            yield Address(path, Sort.FILE)

    def _list_releases(self) -> Iterator[Address]:
        """What releases are, and their differences. Below a past one the former lead to the current list."""
        releases = self._store.archive.releases
        if self._below:
            yield Address(RELEASE_PATH, Sort.MOVED)
        for release in releases:
            yield Address(f"{RELEASE_PATH}/{release.version}", Sort.MOVED if self._below else Sort.DOCUMENT)
            for name in FILES:
                yield Address(f"{RELEASE_PATH}/{release.version}/{name}", Sort.MOVED if self._below else Sort.FILE)
        for before, after in pairwise(releases):
            for one, other in ((before, after), (after, before)):
                for sort in (ADDED, REMOVED):
                    yield Address(f"{CHANGES_PATH}/{one.version}/{other.version}/{sort}", Sort.FILE)
        if releases and not self._below:
            latest = f"{RELEASE_PATH}/{LATEST}"
            endings = ["", *(f".{suffix}" for suffix in suffixes(ADDRESSED)), *(f"/{name}" for name in FILES)]
            for ending in endings:
                yield Address(latest + ending, Sort.MOVED)

    def _list_lists(self) -> Iterator[Address]:
        for kind, total in self._resources.kinds().items():
            yield Address(DOCUMENT_PATH + kind, Sort.DOCUMENT)
            for page in range(2, -(-total // LISTED) + 1):
                yield Address(f"{DOCUMENT_PATH}{kind}/page/{page}", Sort.DOCUMENT)
            for form in TABLES:
                yield Address(f"{DOCUMENT_PATH}{kind}.{form.suffix}", Sort.FILE)

    def _list_things(self) -> Iterator[Address]:
        """The documents of things, and the redirects to them."""
        last, rows = -1, "SELECT number, iri FROM thing WHERE number > ? ORDER BY number LIMIT ?"
        while found := self._index.select(rows, last, BATCH):
            last = found[-1][0]
            for _, iri in found:
                yield from self._list_documents(iri)
                yield from self._list_own([iri, *self._index.parts(iri)])

    def _list_documents(self, thing: str) -> Iterator[Address]:
        document = DOCUMENT_PATH + thing.removeprefix(self._names.base + THING_PATH)
        yield Address(document, Sort.DOCUMENT)
        if self._pages.has_cards:
            yield Address(card_path(document), Sort.FILE)

    def _list_own(self, iris: Iterable[str]) -> Iterator[Address]:
        """The addresses of things and parts themselves."""
        for iri in iris:
            own = self._names.path(iri)
            if own and "#" not in own:
                yield Address(own, Sort.MOVED)

    def _list_derived(self) -> Iterator[Address]:
        """The same for what only derived statements describe: it is in no list, and has a document."""
        found = self._store.lookup.stream_graph(self._names.iri(DERIVED))
        for iri, _ in groupby(triple.subject.value for triple in found if isinstance(triple.subject, ox.NamedNode)):
            thing = self._names.thing(iri)
            if thing is None or self._index.is_stated(iri, thing) or self._index.find_retired(iri):
                continue
            if iri == thing:
                yield from self._list_documents(thing)
            yield from self._list_own([iri])

    def _list_retired(self) -> Iterator[Address]:
        """The addresses of retired things and parts: their own, and those of their documents in every form."""
        last, rows = "", "SELECT iri FROM retired WHERE iri > ? ORDER BY iri LIMIT ?"
        while found := self._index.select(rows, last, BATCH):
            for (last,) in found:
                own = self._names.path(last)
                if own is None or self._names.thing(last) is None:
                    continue
                yield Address(own, Sort.RETIRED)
                document = DOCUMENT_PATH + own.removeprefix(THING_PATH)
                for ending in ("", *(f".{suffix}" for suffix in suffixes(ADDRESSED))):
                    yield Address(document + ending, Sort.RETIRED)
                if self._names.thing(last) == last and self._pages.has_cards:
                    yield Address(card_path(document), Sort.RETIRED)
