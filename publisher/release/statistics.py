"""Statistics: counts and partitions (VoID), prefixes and example queries, computed from the store of a release.

They are stored with the release in their own named graphs, and in no default graph, so that editors and federated
engines can query them and nobody counts them as statements about the subject.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import pyoxigraph as ox

from publisher.dataset.iris import GRAPH_PATH, SPARQL_PATH, Names
from publisher.dataset.query_files import anchor_of, query_of, read_header
from publisher.dataset.shortcuts import DERIVED
from publisher.rdf.namespaces import PROV, RDF, RDFS, SCHEMA, SH, VOID, XSD, compact

CATALOGUE: Final = f"{GRAPH_PATH}catalogue"
EXAMPLES: Final = f"{GRAPH_PATH}examples"
"""The paths of the named graphs below the base."""
VOID_EXT: Final = "http://ldf.fi/void-ext#"
"""VoID has no partition by datatype; editors look for this one."""

_TYPE: Final = RDF + "type"
_Statement = tuple[str, str, ox.NamedNode | ox.Literal]
"""Subject IRI, predicate IRI, object."""

TOTALS: Final = {
    "triples": "(COUNT(*) AS ?n) { ?s ?p ?o }",
    "distinctSubjects": "(COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o }",
    "distinctObjects": "(COUNT(DISTINCT ?o) AS ?n) { ?s ?p ?o }",
    "properties": "(COUNT(DISTINCT ?p) AS ?n) { ?s ?p ?o }",
    "classes": "(COUNT(DISTINCT ?o) AS ?n) { ?s a ?o }",
}
PROPERTIES: Final = "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p"
CLASSES: Final = "SELECT ?c (COUNT(*) AS ?n) { ?s a ?c FILTER isIRI(?c) } GROUP BY ?c"
PROPERTIES_OF_CLASSES: Final = "SELECT ?c ?p (COUNT(*) AS ?n) { ?s a ?c ; ?p ?o FILTER isIRI(?c) } GROUP BY ?c ?p"
TARGETS: Final = {
    "class": "SELECT ?c ?p ?t (COUNT(*) AS ?n) { ?s a ?c ; ?p ?o . ?o a ?t FILTER (isIRI(?c) && isIRI(?t)) }"
    " GROUP BY ?c ?p ?t",
    "datatype": "SELECT ?c ?p ?t (COUNT(*) AS ?n)"
    " { ?s a ?c ; ?p ?o FILTER (isIRI(?c) && isLiteral(?o)) BIND (DATATYPE(?o) AS ?t) } GROUP BY ?c ?p ?t",
}
GRAPH_PROPERTIES: Final = (
    "SELECT ?g ?p (COUNT(*) AS ?n) (COUNT(DISTINCT ?s) AS ?subjects) (COUNT(DISTINCT ?o) AS ?objects)"
    " { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ?p"
)
GRAPH_CLASSES: Final = "SELECT ?g ?c (COUNT(*) AS ?n) { GRAPH ?g { ?s a ?c FILTER isIRI(?c) } } GROUP BY ?g ?c"


class Counts(NamedTuple):
    """The statements about the subject: in all, stated in files, and derived from these."""

    total: int
    asserted: int
    derived: int


def count(names: Names, store: ox.Store) -> Counts:
    """Count the statements in the default graph of a store."""
    ((total,),) = _select(store, f"SELECT {TOTALS['triples']}")
    ((derived,),) = _select(store, f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{names.iri(DERIVED)}> {{ ?s ?p ?o }} }}")
    return Counts(total, total - derived, derived)


def graphs(
    names: Names, store: ox.Store, questions: Sequence[tuple[str, str]], entities: int, counts: Counts
) -> dict[str, list[ox.Triple]]:
    """The computed statements about the default graph of a store, by the IRI of the named graph that holds them.

    questions: the competency questions as (path, text). entities: the number of things.
    """
    totals = [*_totals(names, store, entities), *_subsets(names, counts)]
    computed = {
        CATALOGUE: [*totals, *_partitions(names, store), *_prefixes(names)],
        EXAMPLES: [*_questions(names, questions)],
    }
    return {names.iri(path): list(dict.fromkeys(_triples(found))) for path, found in computed.items()}


def _triples(found: Iterable[_Statement]) -> Iterator[ox.Triple]:
    return (ox.Triple(ox.NamedNode(s), ox.NamedNode(p), o) for s, p, o in found)


def _select(store: ox.Store, query: str) -> list[tuple[Any, ...]]:
    """The rows of a query, sorted: values of terms, and numbers."""
    result: Any = store.query(query)
    found = [tuple(_value(solution[variable]) for variable in result.variables) for solution in result]
    return sorted(found)


def _value(term: Any) -> str | int:
    return int(term.value) if isinstance(term, ox.Literal) else term.value


def _totals(names: Names, store: ox.Store, entities: int) -> Iterator[_Statement]:
    """Counts over the whole data set (VoID, section 4.6)."""
    yield names.dataset, VOID + "sparqlEndpoint", ox.NamedNode(names.iri(SPARQL_PATH))
    yield names.dataset, VOID + "entities", integer(entities)
    for name, query in TOTALS.items():
        yield names.dataset, VOID + name, integer(_select(store, f"SELECT {query}")[0][0])


def subsets_of(names: Names) -> dict[str, str]:
    """Return the parts of the data set by origin: IRI -> label."""
    return {names.dataset + "#asserted": "Asserted statements", names.dataset + "#derived": "Derived statements"}


def _subsets(names: Names, counts: Counts) -> Iterator[_Statement]:
    """What is stated in files and what is derived from it, as data sets of their own (VoID, section 4.4)."""
    asserted, derived = subsets_of(names)
    for (entry, label), number in zip(subsets_of(names).items(), counts[1:], strict=True):
        yield names.dataset, VOID + "subset", ox.NamedNode(entry)
        yield entry, _TYPE, ox.NamedNode(VOID + "Dataset")
        yield entry, RDFS + "label", ox.Literal(label, language="en")
        yield entry, VOID + "triples", integer(number)
    yield derived, PROV + "wasDerivedFrom", ox.NamedNode(asserted)


def _partitions(names: Names, store: ox.Store) -> Iterator[_Statement]:
    """The data by property and by class, and each class by property, with what the properties lead to (VoID, section
    4.5)."""
    for iri, number in _select(store, PROPERTIES):
        yield from _partition(names.dataset, _entry(names, iri), "property", iri, number)
    for iri, number in _select(store, CLASSES):
        yield from _partition(names.dataset, _entry(names, iri), "class", iri, number)
    for class_, iri, number in _select(store, PROPERTIES_OF_CLASSES):
        yield from _partition(_entry(names, class_), _entry(names, class_, iri), "property", iri, number)
    for kind, query in TARGETS.items():
        for class_, property_, iri, number in _select(store, query):
            entry, target = _entry(names, class_, property_), _entry(names, class_, property_, iri)
            vocabulary = VOID if kind == "class" else VOID_EXT
            yield entry, f"{vocabulary}{kind}Partition", ox.NamedNode(target)
            yield target, vocabulary + kind, ox.NamedNode(iri)
            yield target, VOID + "triples", integer(number)


def _partition(whole: str, entry: str, kind: str, iri: str, number: int) -> Iterator[_Statement]:
    """One part of a data set. kind: `class`, which counts entities, or `property`, which counts triples."""
    yield whole, f"{VOID}{kind}Partition", ox.NamedNode(entry)
    yield entry, VOID + kind, ox.NamedNode(iri)
    yield entry, VOID + ("entities" if kind == "class" else "triples"), integer(number)


# Named graphs


def entry_of(names: Names, graph: str) -> str:
    """Return the IRI of a named graph's entry in the service description."""
    return names.iri(f"{SPARQL_PATH}#" + (names.path(graph) or graph).replace("/", "-"))


def contents_of(names: Names, graph: str) -> str:
    """Return the IRI of a named graph's contents (sd:graph) in the service description."""
    return entry_of(names, graph) + "-contents"


def partition_graphs(names: Names, store: ox.Store) -> dict[str, tuple[int, list[ox.Triple]]]:
    """The named graphs of a store: IRI -> number of triples, and its description by property and class (VoID, section
    4.5), by which federated engines plan their joins."""
    totals: dict[str, int] = defaultdict(int)
    found: dict[str, list[_Statement]] = defaultdict(list)
    for graph, iri, number, subjects, objects in _select(store, GRAPH_PROPERTIES):
        totals[graph] += number
        entry = _part_of(names, graph, iri)
        found[graph] += _partition(contents_of(names, graph), entry, "property", iri, number)
        found[graph] += [(entry, VOID + "distinctSubjects", integer(subjects))]
        found[graph] += [(entry, VOID + "distinctObjects", integer(objects))]
    for graph, iri, number in _select(store, GRAPH_CLASSES):
        entry = _part_of(names, graph, iri, "class.")
        found[graph] += _partition(contents_of(names, graph), entry, "class", iri, number)
    return {graph: (totals[graph], list(_triples(found[graph]))) for graph in totals}


def _part_of(names: Names, graph: str, iri: str, kind: str = "") -> str:
    """The IRI of a part of a named graph's contents."""
    return f"{entry_of(names, graph).replace('#', '#void-')}.{kind}{_short(iri, names.prefixes)}"


# Terms, prefixes and questions


def _entry(names: Names, *iris: str) -> str:
    """The IRI of a partition: the data set's, with the short names of what it is by."""
    return f"{names.dataset}#{'.'.join(_short(iri, names.prefixes) for iri in iris)}"


def _short(iri: str, prefixes: Mapping[str, str]) -> str:
    """The short name of a term as it can stand in the fragment of an IRI."""
    return compact(iri, prefixes).replace(":", "-").replace("/", "-").replace("#", "-")


def _prefixes(names: Names) -> list[_Statement]:
    """Every prefix, declared on the endpoint (SHACL, section 5.2.1)."""
    found: list[_Statement] = []
    for prefix, namespace in sorted(names.prefixes.items()):
        entry = names.iri(f"{SPARQL_PATH}#prefix-{prefix}")
        found += [
            (names.iri(SPARQL_PATH), SH + "declare", ox.NamedNode(entry)),
            (entry, SH + "prefix", ox.Literal(prefix)),
            (entry, SH + "namespace", ox.Literal(namespace, datatype=ox.NamedNode(XSD + "anyURI"))),
        ]
    return found


def _questions(names: Names, questions: Sequence[tuple[str, str]]) -> Iterator[_Statement]:
    """The competency questions as executable examples, in the way in which the SIB's query editor looks for them."""
    for path, text in questions:
        header = read_header(path, text, ("title", "question", "keywords"))
        entry = names.iri(f"{SPARQL_PATH}#{anchor_of(path)}")
        yield entry, _TYPE, ox.NamedNode(SH + "SPARQLExecutable")
        yield entry, _TYPE, ox.NamedNode(SH + "SPARQLSelectExecutable")
        yield entry, RDFS + "label", ox.Literal(header["title"], language="en")
        yield entry, RDFS + "comment", ox.Literal(header["question"], language="en")
        yield entry, SH + "select", ox.Literal(query_of(text))
        for keyword in header["keywords"].split(","):
            yield entry, SCHEMA + "keywords", ox.Literal(keyword.strip(), language="en")


def integer(number: int) -> ox.Literal:
    """A count as a literal."""
    return ox.Literal(str(number), datatype=ox.NamedNode(XSD + "integer"))
