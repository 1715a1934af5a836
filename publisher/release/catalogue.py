"""The catalogue: descriptions of the data set (DCAT, VoID) and of the service (SPARQL Service Description)."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Final, TypeGuard

import pyoxigraph as ox

from publisher.dataset.iris import DOWNLOAD_PATH, SPARQL_PATH
from publisher.dataset.query_files import Question, read_question
from publisher.formats import GRAPHS, RESULTS
from publisher.rdf.namespaces import DCAT, DCTERMS, ENTAILMENT, GEOF, OWL, RDF, RDFS, SCHEMA, SD, SH, SKOS, VOID
from publisher.rdf.terms import terms, values
from publisher.release import statistics
from publisher.release.downloads import Download, read_downloads
from publisher.release.resources import Resources
from publisher.release.statistics import Counts, integer
from publisher.sparql.engine import Limit

FUNCTIONS: Final = (
    "area asGeoJSON centroid convexHull coordinateDimension difference dimension distance ehContains ehCoveredBy "
    "ehCovers ehDisjoint ehEquals ehInside ehMeet ehOverlap envelope getSRID intersection isEmpty isSimple length "
    "perimeter rcc8dc rcc8ec rcc8eq rcc8ntpp rcc8ntppi rcc8po rcc8tpp rcc8tppi relate sfContains sfCrosses "
    "sfDisjoint sfEquals sfIntersects sfOverlaps sfTouches sfWithin spatialDimension symDifference union"
)
"""The functions of GeoSPARQL that the engine knows, its only ones beyond SPARQL's."""
_Statement = tuple[ox.NamedNode, str, ox.NamedNode | ox.Literal]
"""Subject, predicate IRI, object."""


class Catalogue:
    """Descriptions of the data set and of the endpoint of one open release."""

    def __init__(
        self,
        resources: Resources,
        limits: Sequence[Limit] = (),
        services: Sequence[str] = (),
        endpoint: str | None = "",
    ) -> None:
        """limits: of queries, as published. services: the endpoints that queries may ask by SERVICE. endpoint: the URL
        of this server's own endpoint, where it is known; the permanent one may redirect, and lose what is posted.
        None where there is no endpoint: the description names none."""
        self._endpoint = endpoint
        self.limits = limits
        self.services = services
        self._resources = resources
        self._store = resources.store
        self._names = resources.names

    @cached_property
    def _computed(self) -> Sequence[ox.Triple]:
        return self._store.lookup.graph(self._names.iri(statistics.CATALOGUE))

    @cached_property
    def _partitions(self) -> list[ox.Triple]:
        return [
            t for t in self._described if _is_below(t, self._names.dataset + "#") and t.subject not in self._subsets
        ]

    @cached_property
    def _subsets(self) -> Sequence[ox.NamedNode]:
        return [ox.NamedNode(iri) for iri in statistics.subsets_of(self._names)]

    @cached_property
    def _described(self) -> list[ox.Triple]:
        """What is computed about the data set, its parts and its downloads."""
        below = [triple for triple in self._computed if _is_below(triple, self._names.dataset)]
        return list(dict.fromkeys([*below, *self.downloads]))

    @cached_property
    def files(self) -> Sequence[Download]:
        """The downloads."""
        return read_downloads(self._store.index.folder)

    @cached_property
    def downloads(self) -> list[ox.Triple]:
        """Return the description of the downloads as distributions of the data set."""
        start = self._names.iri(f"{DOWNLOAD_PATH}/")
        linked = ox.NamedNode(DCAT + "distribution")
        return [triple for triple in self._computed if _is_below(triple, start) or triple.predicate == linked]

    @property
    def counts(self) -> Counts:
        """The statements about the subject: in all, stated in files, and derived from these."""
        return Counts(*self._store.index.counts)

    @cached_property
    def _stated(self) -> list[ox.Triple]:
        """What is stated of the data set, and of what it names by a fragment: period, provenance, contact."""
        lookup = self._store.lookup
        own = list(lookup.find(ox.NamedNode(self._names.dataset), None, None))
        below = [t.object for t in own if _names_below(t.object, self._names.dataset + "#")]
        return [*own, *(triple for part in below for triple in lookup.find(part, None, None))]

    @cached_property
    def dataset(self) -> list[ox.Triple]:
        """Return the description of the data set: the stated triples, and the computed counts and partitions."""
        objects = [term for _, _, term in map(terms, self._stated) if isinstance(term, ox.NamedNode)]
        labels = self._resources.label_statements(objects)
        return list(dict.fromkeys([*self._name_endpoint([*self._stated, *self._described]), *labels]))

    def _name_endpoint(self, triples: Sequence[ox.Triple]) -> Iterator[ox.Triple]:
        """The statements, with this server's own endpoint in place of the permanent one where its URL is known."""
        for triple in triples:
            if self._endpoint == "" or triple.predicate.value != VOID + "sparqlEndpoint":
                yield triple
            elif self._endpoint is not None:
                yield ox.Triple(triple.subject, triple.predicate, ox.NamedNode(self._endpoint))

    def omit_endpoint(self, triples: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
        """Yield statements as they are; without those that name a SPARQL endpoint where there is none."""
        named = VOID + "sparqlEndpoint" if self._endpoint is None else ""
        return (triple for triple in triples if triple.predicate.value != named)

    @cached_property
    def overview(self) -> list[ox.Triple]:
        """Return the description for people: without the hundreds of partitions, and without the downloads."""
        predicates = {VOID + "classPartition", VOID + "propertyPartition"}
        left_out = {*self._partitions, *self.downloads}
        return [t for t in self.dataset if t not in left_out and t.predicate.value not in predicates]

    @property
    def graphs(self) -> Sequence[tuple[str, int]]:
        """The named graphs as (IRI, triples), in order."""
        return self._store.index.graphs

    def service(self, endpoint: str) -> list[ox.Triple]:
        """The endpoint at the given absolute URL (SPARQL 1.1 Service Description)."""
        service, data_set = ox.NamedNode(endpoint), ox.NamedNode(self._names.iri(f"{SPARQL_PATH}#dataset"))
        default = ox.NamedNode(self._names.iri(f"{SPARQL_PATH}#default-graph"))
        about: list[_Statement] = [
            (service, RDF + "type", ox.NamedNode(SD + "Service")),
            (service, SD + "endpoint", service),
            (service, SD + "supportedLanguage", ox.NamedNode(SD + "SPARQL11Query")),
            (service, SD + "defaultEntailmentRegime", ox.NamedNode(ENTAILMENT + "Simple")),
            (service, SD + "defaultDataset", data_set),
            (data_set, OWL + "versionInfo", ox.Literal(self._store.release)),
            (data_set, RDF + "type", ox.NamedNode(SD + "Dataset")),
            (data_set, SD + "defaultGraph", default),
            (default, RDF + "type", ox.NamedNode(SD + "Graph")),
            (default, RDFS + "label", ox.Literal("Default graph: asserted and derived statements", language="en")),
            (default, VOID + "triples", integer(self.counts.total)),
            *((default, VOID + "subset", subset) for subset in self._subsets),
        ]
        about += [(service, SD + "feature", ox.NamedNode(SD + "BasicFederatedQuery")) for _ in self.services[:1]]
        about += [(service, SD + "extensionFunction", ox.NamedNode(GEOF + name)) for name in FUNCTIONS.split()]
        about += [(service, RDFS + "seeAlso", ox.NamedNode(self._names.iri(statistics.EXAMPLES)))]
        about += [(service, SD + "resultFormat", ox.NamedNode(form.iri)) for form in (*RESULTS, *GRAPHS)]
        for limit in self.limits:
            about += self._limit(service, limit)
        for iri, number in self.graphs:
            about += self._named_graph(data_set, iri, number)
        declared = values(self._computed, SH + "declare")
        about += [(service, SH + "declare", ox.NamedNode(iri)) for iri in declared]
        prefixes = [triple for triple in self._computed if any(_is_below(triple, iri) for iri in declared)]
        examples = self._store.lookup.graph(self._names.iri(statistics.EXAMPLES))
        questions = dict.fromkeys(terms(triple)[0] for triple in examples)
        about += [(service, DCTERMS + "relation", iri) for iri in questions if isinstance(iri, ox.NamedNode)]
        described = [ox.Triple(s, ox.NamedNode(p), o) for s, p, o in about]
        parts = [triple for triple in self._described if triple.subject in self._subsets]
        return [*described, *parts, *prefixes, *self._store.index.partitions, *examples]

    def _limit(self, service: ox.NamedNode, limit: Limit) -> list[_Statement]:
        """A limit of queries as a property with its value; the name is the one that errors give."""
        entry = ox.NamedNode(self._names.iri(f"{SPARQL_PATH}#limit-{limit.name}"))
        return [
            (service, SCHEMA + "additionalProperty", entry),
            (entry, RDF + "type", ox.NamedNode(SCHEMA + "PropertyValue")),
            (entry, SCHEMA + "name", ox.Literal(limit.name)),
            (entry, SCHEMA + "description", ox.Literal(limit.sentence, language="en")),
            (entry, SCHEMA + "value", ox.Literal(limit.value)),
            (entry, SCHEMA + "unitText", ox.Literal(limit.unit)),
        ]

    def _named_graph(self, data_set: ox.NamedNode, iri: str, number: int) -> list[_Statement]:
        entry = ox.NamedNode(statistics.entry_of(self._names, iri))
        graph = ox.NamedNode(statistics.contents_of(self._names, iri))
        return [
            (data_set, SD + "namedGraph", entry),
            (entry, RDF + "type", ox.NamedNode(SD + "NamedGraph")),
            (entry, SD + "name", ox.NamedNode(iri)),
            (entry, SD + "graph", graph),
            (graph, RDF + "type", ox.NamedNode(SD + "Graph")),
            (graph, VOID + "triples", integer(number)),
        ]

    @cached_property
    def questions(self) -> list[Question]:
        """The competency questions, in the order of their files. Raises CannotRunError where a header is incomplete."""
        return [read_question(path, text) for path, text in self._store.index.questions]

    @cached_property
    def version(self) -> str:
        """The version that the ontology states; empty if none."""
        ontology = ox.NamedNode(self._names.ontology)
        found = self._store.lookup.find(ontology, ox.NamedNode(OWL + "versionInfo"), None)
        return next((t.object.value for t in found if isinstance(t.object, ox.Literal)), "")

    @cached_property
    def earlier_versions(self) -> list[str]:
        """The earlier versions that the ontology states (OWL 2, section 3.5): the last parts of their IRIs."""
        ontology = ox.NamedNode(self._names.ontology)
        found = self._store.lookup.find(ontology, ox.NamedNode(OWL + "priorVersion"), None)
        return [t.object.value.rpartition("/")[2] for t in found if isinstance(t.object, ox.NamedNode)]

    @cached_property
    def title(self) -> str:
        """The data set's title."""
        return self._resources.label(self._names.dataset)

    @cached_property
    def description(self) -> str:
        """The data set's description, empty if it has none."""
        return next(iter(self._find_stated(DCTERMS + "description")), "")

    @cached_property
    def headline(self) -> str:
        """What the data set is about in one sentence; empty if none is stated."""
        return next(iter(self._find_stated(SCHEMA + "headline")), "")

    @cached_property
    def modified(self) -> str:
        """The date of the last change; empty if none is stated."""
        return max(self._find_stated(DCTERMS + "modified"), default="")

    @cached_property
    def provenance(self) -> str:
        """How the data set was compiled; empty if none is stated."""
        statements = self._find_stated(DCTERMS + "provenance")
        described = [t for t in self._stated if terms(t)[0].value in statements]
        return " ".join(values(described, DCTERMS + "description"))

    @cached_property
    def notes(self) -> list[str]:
        """What is to be known of the scope of the data set, such as its bias."""
        return self._find_stated(SKOS + "scopeNote")

    @cached_property
    def keepers(self) -> list[tuple[str, str]]:
        """Who publishes the data set and who made it, each once: (IRI, name)."""
        found = [*self._find_stated(DCTERMS + "publisher"), *self._find_stated(DCTERMS + "creator")]
        return [(iri, self._resources.label(iri)) for iri in dict.fromkeys(found)]

    @cached_property
    def abstract(self) -> str:
        """The abstract of the data set, one sentence; empty if none."""
        return next(iter(self._find_stated(DCTERMS + "abstract")), "")

    @cached_property
    def contact(self) -> str:
        """An e-mail address or a URL of the contact point of the data set, the site itself left out; empty if none."""
        points = self._find_stated(DCAT + "contactPoint")
        stated = [triple for triple in self._stated if terms(triple)[0].value in points]
        mails = [iri.removeprefix("mailto:") for iri in values(stated, SCHEMA + "email")]
        return next(iter([*mails, *(url for url in values(stated, SCHEMA + "url") if url != self._names.base)]), "")

    @cached_property
    def licenses(self) -> list[tuple[str, str]]:
        """The licenses of the data set as (IRI, name); a license without a name is shown by its IRI."""
        return [(iri, self._resources.label(iri)) for iri in sorted(self._find_stated(DCTERMS + "license"))]

    def _find_stated(self, property_: str) -> list[str]:
        found = self._store.lookup.find(ox.NamedNode(self._names.dataset), ox.NamedNode(property_), None)
        return [terms(triple)[2].value for triple in found]


def _is_below(triple: ox.Triple, iri: str) -> bool:
    return _names_below(triple.subject, iri)


def _names_below(term: object, iri: str) -> TypeGuard[ox.NamedNode]:
    return isinstance(term, ox.NamedNode) and term.value.startswith(iri)
