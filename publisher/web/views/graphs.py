"""Whole graphs: the home page, the vocabulary, the shapes, the data's named graphs, the data set, the context."""

import json
from collections.abc import Iterator, Sequence
from functools import cached_property, partial
from itertools import islice
from typing import Final
from urllib.parse import urlencode

import pyoxigraph as ox
from flask import request
from werkzeug.wrappers import Response

from publisher.dataset.iris import DATASET_PATH, GRAPH_PATH, ONTOLOGY_PATH, SHAPES_PATH, VOID_PATH
from publisher.errors import MalformedError, NotFoundError
from publisher.formats import HTML, JSON_LD, Format
from publisher.pages.site import Pages
from publisher.rdf import namespaces as n
from publisher.rdf.graph_stream import write_in_pieces
from publisher.release.catalogue import Catalogue
from publisher.release.resources import Resources
from publisher.release.store import Store
from publisher.suggestions import suggest
from publisher.web.responses import Document, Responses, redirect, respond, split_suffix
from publisher.web.signposting import Signposts, list_items

LARGE: Final = 10_000
"""Statements from which a graph is sent as a stream, in the order of the store."""
WHOLE: Final = 5_000
"""Statements up to which the page of a graph shows all: they take a quarter of a second and a megabyte."""
SHOWN: Final = 500
"""Statements of a larger graph on its page."""
ALIKE: Final = 0.7
"""Least similarity of the name of a graph that is suggested."""
LONGEST: Final = 200
"""Characters of a text by which terms or rules are filtered."""


class GraphViews:
    """The addresses of whole graphs."""

    def __init__(
        self, responses: Responses, store: Store, resources: Resources, catalogue: Catalogue, pages: Pages
    ) -> None:
        self._responses = responses
        self._lookup = store.lookup
        self._context = store.index.context
        self._resources = resources
        self._names = resources.names
        self._catalogue = catalogue
        self._pages = pages
        self._licenses = [iri for iri, _ in catalogue.licenses]

    def home(self) -> Response:
        """The home page; for RDF clients the description of the data set."""
        root = self._names.dataset
        triples, posts = lambda: self._catalogue.dataset, self._catalogue_posts
        page = Document(DATASET_PATH, triples, self._pages.home, root=root, posts=posts, default=HTML)
        return self._responses.negotiate(page, None, home=True)

    def graph(self, name: str) -> Response:
        """The ontology or the shapes, which are a named graph each."""
        path, chosen = split_suffix(name)
        return self._graph(path, chosen)

    def graphs(self) -> Response:
        """The list of the named graphs."""
        return respond(self._pages.graphs(GRAPH_PATH.rstrip("/")).encode(), HTML)

    def data_graph(self, name: str) -> Response:
        """One of the named graphs of the data."""
        name, chosen = split_suffix(name)
        return self._graph(f"{GRAPH_PATH}{name}", chosen)

    def _graph(self, path: str, chosen: Format | None) -> Response:
        iri = self._names.iri(path)
        number = dict(self._catalogue.graphs).get(iri)
        if number is None:
            near = suggest(_last_segment(iri), map(_last_segment, dict(self._catalogue.graphs)), alike=ALIKE)
            found = [other for other, _ in self._catalogue.graphs if _last_segment(other) in near]
            raise NotFoundError(f"There is no graph {iri}.", **({"suggestions": found} if found else {}))
        title = self._resources.label(iri)
        title = title if title != iri else f"Graph {path.removeprefix(GRAPH_PATH)}"
        posts = Signposts(iri, [n.SCHEMA + "Dataset"], self._licenses, DATASET_PATH)
        if number >= LARGE:
            return self._responses.negotiate(self._describe_large_graph(iri, path, title, number, posts), chosen)
        read = partial(self._read, iri)
        documented = {ONTOLOGY_PATH: self._pages.vocabulary, SHAPES_PATH: self._pages.rules}
        if path not in documented:
            page = partial(self._make_page, iri, path, title, number)
            return self._responses.negotiate(Document(path, read, page, posts=posts), chosen)
        text = _read_filter()
        filtered = partial(documented[path], title, path, text)
        query = f"?{urlencode({'q': text}, errors='replace')}" if text else ""
        return self._responses.negotiate(Document(path, read, filtered, posts=posts, query=query), chosen)

    def _describe_large_graph(self, iri: str, path: str, title: str, number: int, posts: Signposts) -> Document:
        """A graph that is never in memory as a whole. number: of its statements."""
        prefixes = self._names.prefixes
        page = partial(self._make_page, iri, path, title, number)

        def write(form: Format) -> Iterator[bytes]:
            found = self._catalogue.omit_endpoint(self._lookup.stream_graph(iri))
            return write_in_pieces(found, form, prefixes)

        return Document(path, list, page, posts=posts, stream=write)

    def _read(self, iri: str) -> Sequence[ox.Triple]:
        """All statements of a graph."""
        return list(self._catalogue.omit_endpoint(self._lookup.graph(iri)))

    def _make_page(self, iri: str, path: str, title: str, number: int) -> str:
        """The page of a graph with `number` statements, or of some of them."""
        if number <= WHOLE:
            return self._pages.graph(title, self._read(iri), path)
        some = list(islice(self._catalogue.omit_endpoint(self._lookup.stream_graph(iri)), SHOWN))
        return self._pages.graph(title, some, path, number)

    def version(self, version: str) -> Response:
        """The IRI of a version of the ontology: of the current one, or of an earlier one, whose terms are all kept."""
        if version not in (self._catalogue.version, *self._catalogue.earlier_versions):
            raise NotFoundError(f"The ontology published here is version {self._catalogue.version}.")
        return redirect(303, ONTOLOGY_PATH, f"{ONTOLOGY_PATH}/{version}")

    def dataset(self, name: str) -> Response:
        """The description of the data set (DCAT, VoID)."""
        _, chosen = split_suffix(name)
        page = Document(
            DATASET_PATH,
            lambda: self._catalogue.dataset,
            lambda: self._pages.dataset(DATASET_PATH),
            root=self._names.dataset,
            posts=self._catalogue_posts,
        )
        return self._responses.negotiate(page, chosen)

    @cached_property
    def _catalogue_posts(self) -> Signposts:
        """The data set, its licenses and its downloads."""
        types = [n.SCHEMA + "Dataset", n.DCAT + "Dataset", n.VOID + "Dataset"]
        return Signposts(self._names.dataset, types, self._licenses, items=list_items(self._catalogue.files))

    def void(self) -> Response:
        """Where VoID clients look first (VoID, section 7.2)."""
        return redirect(303, DATASET_PATH, VOID_PATH)

    def context(self) -> Response:
        """The JSON-LD context."""
        text = json.dumps({"@context": self._context}, ensure_ascii=False, indent=2)
        return respond(text.encode() + b"\n", JSON_LD)


def _last_segment(iri: str) -> str:
    return iri.rpartition("/")[2]


def _read_filter() -> str:
    """The text by which the current request filters a page. Raises MalformedError where it is too long."""
    text = request.args.get("q", "").strip()
    if len(text) > LONGEST:
        raise MalformedError(f"The text exceeds the limit of {LONGEST} characters.")
    return text
