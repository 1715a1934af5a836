"""The page of the data set: how to get it, how much it has, its named graphs, and how to cite it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from publisher.dataset.iris import DOCUMENT_PATH, DOWNLOAD_PATH, GRAPH_PATH, plural, relative
from publisher.formats import GRAPHS
from publisher.pages.downloads import write_size
from publisher.pages.home import describe_dataset
from publisher.pages.layout import Layout
from publisher.pages.terms import DisplayedTerm, Row, TermFormatter, pairs
from publisher.pages.things.snippets import DatasetFacts, cite_in_bibtex, cite_in_text
from publisher.rdf import namespaces as n
from publisher.rdf.labels import labels_of
from publisher.rdf.namespaces import VOID
from publisher.rdf.terms import terms
from publisher.release.archive import Edition, date_of, describe_edition, name_with_release
from publisher.release.catalogue import Catalogue
from publisher.release.resources import Resources

FIGURES: Final = {
    VOID + "triples": "Statements",
    VOID + "entities": "Records",
    VOID + "distinctSubjects": "Subjects",
    VOID + "distinctObjects": "Values",
    VOID + "classes": "Classes in use",
    VOID + "properties": "Properties in use",
}
"""The figures of the whole data set (VoID, section 4.6), as pages name them."""
ELSEWHERE: Final = frozenset(
    {
        *FIGURES,
        n.RDF + "type",
        n.RDFS + "label",
        n.DCAT + "distribution",
        *(n.DCTERMS + name for name in ("title", "description", "abstract", "provenance", "hasPart")),
        *(VOID + name for name in ("subset", "dataDump", "vocabulary", "exampleResource", "sparqlEndpoint")),
        n.SKOS + "scopeNote",
        n.SCHEMA + "headline",
    }
)
"""Properties that this page shows elsewhere, or that only programs read."""
WHOLE: Final = ("tables", "database", "data")
"""The contents of downloads that have the whole data set, in the order in which the page links them."""
_NAMES: Final = {"tables": "CSV"}
"""How a download is called where that is not the name of its format."""


@dataclass(frozen=True)
class NamedGraph:
    """A named graph: its name, its address as a link, and how many statements it has."""

    link: DisplayedTerm
    number: int


class DatasetPages:
    """Makes the page of the data set, and the list of its named graphs."""

    def __init__(
        self, resources: Resources, catalogue: Catalogue, edition: Edition, formatter: TermFormatter, layout: Layout
    ) -> None:
        self._resources = resources
        self._names = resources.names
        self._catalogue = catalogue
        self._edition = edition
        self._formatter = formatter
        self._layout = layout

    def page(self, path: str) -> str:
        """The page of the data set."""
        catalogue, iri = self._catalogue, self._names.dataset
        facts = DatasetFacts(
            name_with_release(catalogue.title, self._edition),
            catalogue.keepers[0][1] if catalogue.keepers else "",
            date_of(self._edition, catalogue.modified),
        )
        kinds = self._resources.kinds()
        frame = self._layout.frame(
            f"{catalogue.title}: the data",
            path,
            GRAPHS,
            canonical=iri,
            summary=f"Download, query and cite {catalogue.title}. {catalogue.description}",
            script=describe_dataset(catalogue, iri, self._names.iri(DOWNLOAD_PATH)),
        )
        return self._layout.render(
            "dataset.html",
            frame=frame,
            catalogue=catalogue,
            state=describe_edition(self._edition),
            iri=iri,
            figures=self._figures(),
            files=self._whole_files(path),
            lists=[(plural(kind), number, relative(DOCUMENT_PATH + kind, path)) for kind, number in kinds.items()],
            graphs=self._graphs(path),
            rows=self._rows(path),
            parts=self._parts(path),
            citations=[
                cite_in_text(iri, catalogue.title, "data set", facts),
                cite_in_bibtex(iri, catalogue.title, "data set", facts),
            ],
        )

    def _whole_files(self, path: str) -> list[tuple[str, str]]:
        """The files that each have the whole data set, not compressed again: (its format and size, link)."""
        whole = [file for file in self._catalogue.files if file.content in WHOLE and not file.coding]
        return [
            (
                f"{_NAMES.get(file.content, file.format.label)} ({write_size(file.size)})",
                relative(f"{DOWNLOAD_PATH}/{file.name}", path),
            )
            for file in sorted(whole, key=lambda file: WHOLE.index(file.content))
        ]

    def graphs(self, path: str) -> str:
        """The list of the named graphs."""
        frame = self._layout.frame("Named graphs", path, summary="The parts of the data, each with an address.")
        return self._layout.render("graphs.html", frame=frame, graphs=self._graphs(path))

    def _figures(self) -> list[tuple[str, int]]:
        """The figures of the whole data set."""
        found = {p.value: o.value for s, p, o in map(terms, self._catalogue.overview) if s.value == self._names.dataset}
        return [(name, int(found[iri])) for iri, name in FIGURES.items() if found.get(iri, "").isdecimal()]

    def _graphs(self, path: str) -> Sequence[NamedGraph]:
        """The named graphs by name."""
        found = []
        for iri, number in self._catalogue.graphs:
            label = self._resources.label(iri)
            name = label if label != iri else f"Graph {(self._names.path(iri) or iri).removeprefix(GRAPH_PATH)}"
            found.append(NamedGraph(self._formatter.format(ox.NamedNode(iri), {iri: name}, path), number))
        return found

    def _rows(self, path: str) -> list[Row]:
        """What is stated of the data set and not shown elsewhere on the page."""
        own = [t for t in self._catalogue.overview if t.subject == ox.NamedNode(self._names.dataset)]
        named = [t.object for t in own if isinstance(t.object, ox.NamedNode)]
        labels = self._formatter.terms | labels_of(self._resources.label_statements(named))
        return self._formatter.rows(pairs(own, ELSEWHERE), labels, path)

    def _parts(self, path: str) -> list[tuple[str, str, list[Row]]]:
        """What the rows link to on the page itself: (fragment, name, what is stated of it)."""
        own = pairs((t for t in self._catalogue.overview if t.subject == ox.NamedNode(self._names.dataset)), ELSEWHERE)
        iris = [
            o.value for _, o in own if isinstance(o, ox.NamedNode) and o.value.startswith(f"{self._names.dataset}#")
        ]
        found = []
        for iri in dict.fromkeys(iris):
            stated = list(self._resources.store.lookup.find(ox.NamedNode(iri), None, None))
            labels = self._formatter.terms | labels_of(
                self._resources.label_statements([t.object for t in stated if isinstance(t.object, ox.NamedNode)])
            )
            rows = self._formatter.rows(pairs(stated, frozenset({n.RDF + "type", n.RDFS + "label"})), labels, path)
            found.append((iri.partition("#")[2], self._resources.label(iri), rows))
        return found
