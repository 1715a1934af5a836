"""Owns what the house says of itself, computed from what is loaded: the data set's description, the service's."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import pyoxigraph as ox

from publisher.formats import GRAPHS, RESULTS
from publisher.names import DCTERMS, OWL, RDF, RDFS, SD, SH, VOID, XSD
from publisher.resources import Resources
from publisher.sources import header_of

_TYPE: Final = ox.NamedNode(RDF + "type")
_Statement = tuple[ox.NamedNode, str, ox.NamedNode | ox.Literal]
"""Subject, predicate IRI, object."""


@dataclass(frozen=True)
class Question:
    """A competency question, read from `ontology/questions/`: its header says what it asks."""

    title: str
    question: str
    keywords: str
    query: str


class Catalogue:
    """Descriptions of the data set and of the endpoint of one open release."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._store = resources.store
        self._names = resources.names

    @cached_property
    def dataset(self) -> list[ox.Triple]:
        """The data set: what its file states, and counts (VoID, section 4.6)."""
        names = self._names
        dataset = ox.NamedNode(names.dataset)
        triples = list(self._store.engine.find(None, None, None))
        subjects = {t.subject for t in triples}
        counts = {
            "triples": len(triples),
            "entities": len(self._resources.things()),
            "distinctSubjects": len(subjects),
            "distinctObjects": len({t.object for t in triples}),
            "properties": len({t.predicate for t in triples}),
            "classes": len({t.object for t in triples if t.predicate == _TYPE}),
        }
        stated = list(self._store.engine.find(dataset, None, None))
        computed = [ox.Triple(dataset, ox.NamedNode(VOID + name), integer(number)) for name, number in counts.items()]
        endpoint = ox.Triple(dataset, ox.NamedNode(VOID + "sparqlEndpoint"), ox.NamedNode(names.iri("sparql")))
        objects = [t.object for t in stated if isinstance(t.object, ox.NamedNode)]
        return [*stated, *computed, endpoint, *self._resources.label_statements(objects)]

    @cached_property
    def graphs(self) -> list[tuple[str, int]]:
        """The named graphs as (IRI, triples), in order."""
        found: dict[str, int] = {}
        for file in self._store.repository.files:
            found[file.graph] = found.get(file.graph, 0) + len(file.triples)
        return sorted(found.items())

    def service(self, endpoint: str) -> list[ox.Triple]:
        """The endpoint at the given absolute URL (SPARQL 1.1 Service Description)."""
        service, data_set = ox.NamedNode(endpoint), ox.NamedNode(self._names.iri("sparql#dataset"))
        default = ox.NamedNode(self._names.iri("sparql#default-graph"))
        about: list[_Statement] = [
            (service, RDF + "type", ox.NamedNode(SD + "Service")),
            (service, SD + "endpoint", service),
            (service, SD + "supportedLanguage", ox.NamedNode(SD + "SPARQL11Query")),
            (service, SD + "feature", ox.NamedNode(SD + "UnionDefaultGraph")),
            (service, SD + "defaultDataset", data_set),
            (data_set, OWL + "versionInfo", ox.Literal(self._store.release)),
            (data_set, RDF + "type", ox.NamedNode(SD + "Dataset")),
            (data_set, SD + "defaultGraph", default),
            (default, RDF + "type", ox.NamedNode(SD + "Graph")),
            (default, RDFS + "label", ox.Literal("Default graph: all named graphs together", language="en")),
            (default, VOID + "triples", integer(sum(number for _, number in self.graphs))),
        ]
        about += [(service, SD + "resultFormat", ox.NamedNode(form.iri)) for form in (*RESULTS, *GRAPHS)]
        for iri, number in self.graphs:
            about += self._named_graph(data_set, iri, number)
        for prefix in sorted(self._names.prefixes):
            about += self._prefix(service, prefix)
        return [ox.Triple(s, ox.NamedNode(p), o) for s, p, o in about]

    def _named_graph(self, data_set: ox.NamedNode, iri: str, number: int) -> list[_Statement]:
        path = self._names.path(iri) or iri
        entry = ox.NamedNode(self._names.iri("sparql#" + path.replace("/", "-")))
        graph = ox.NamedNode(self._names.iri("sparql#" + path.replace("/", "-") + "-contents"))
        return [
            (data_set, SD + "namedGraph", entry),
            (entry, RDF + "type", ox.NamedNode(SD + "NamedGraph")),
            (entry, SD + "name", ox.NamedNode(iri)),
            (entry, SD + "graph", graph),
            (graph, RDF + "type", ox.NamedNode(SD + "Graph")),
            (graph, VOID + "triples", integer(number)),
        ]

    def _prefix(self, service: ox.NamedNode, prefix: str) -> list[_Statement]:
        """The declaration of a prefix (SHACL, section 5.2.1)."""
        entry = ox.NamedNode(self._names.iri(f"sparql#prefix-{prefix}"))
        namespace = ox.Literal(self._names.prefixes[prefix], datatype=ox.NamedNode(XSD + "anyURI"))
        return [
            (service, SH + "declare", entry),
            (entry, SH + "prefix", ox.Literal(prefix)),
            (entry, SH + "namespace", namespace),
        ]

    @cached_property
    def questions(self) -> list[Question]:
        """The competency questions, in the order of their files. Raises CannotRun where a header is incomplete."""
        found = self._store.repository.questions
        headers = [header_of(path, text, ("title", "question", "keywords")) for path, text in found]
        return [
            Question(header["title"], header["question"], header["keywords"], _query(text))
            for header, (_, text) in zip(headers, found, strict=True)
        ]

    @cached_property
    def version(self) -> str:
        """The version that the ontology states of itself, empty if none."""
        ontology = ox.NamedNode(self._names.ontology)
        found = self._store.engine.find(ontology, ox.NamedNode(OWL + "versionInfo"), None)
        return next((t.object.value for t in found if isinstance(t.object, ox.Literal)), "")

    @cached_property
    def title(self) -> str:
        """The data set's title."""
        return self._resources.label(self._names.dataset)

    @cached_property
    def description(self) -> str:
        """The data set's description, empty if it has none."""
        found = self._store.engine.find(ox.NamedNode(self._names.dataset), ox.NamedNode(DCTERMS + "description"), None)
        return next((t.object.value for t in found if isinstance(t.object, ox.Literal)), "")


def _query(text: str) -> str:
    """The query below a header."""
    return "\n".join(line for line in text.split("\n") if not line.startswith("# ")).strip()


def integer(number: int) -> ox.Literal:
    """A count as a literal."""
    return ox.Literal(str(number), datatype=ox.NamedNode(XSD + "integer"))
