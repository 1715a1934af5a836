"""Statistics: counts and partitions (VoID), prefixes and example queries, from a tally of the release.

They are stored with the release in their own named graphs, and in no default graph, so that editors and federated
engines can query them and nobody counts them as statements about the subject.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import pyoxigraph as ox

from publisher.dataset.iris import GRAPH_PATH, SPARQL_PATH, Names
from publisher.dataset.query_files import read_question
from publisher.dataset.shortcuts import DERIVED
from publisher.rdf.namespaces import PROV, RDF, RDFS, SCHEMA, SH, VOID, XSD
from publisher.release.tally import Tally

CATALOGUE: Final = f"{GRAPH_PATH}catalogue"
EXAMPLES: Final = f"{GRAPH_PATH}examples"
"""The paths of the named graphs below the base."""
VOID_EXT: Final = "http://ldf.fi/void-ext#"
"""VoID has no partition by datatype; editors look for this one."""

_TYPE: Final = RDF + "type"
_Statement = tuple[str, str, ox.NamedNode | ox.Literal]
"""Subject IRI, predicate IRI, object."""


class Counts(NamedTuple):
    """The statements about the subject: in all, stated in files, and derived from these."""

    total: int
    asserted: int
    derived: int


def count(names: Names, tally: Tally) -> Counts:
    """Return the counts of the statements that a tally has counted."""
    graph = names.iri(DERIVED)
    derived = sum(number for (name, _), number in tally.graph_properties.items() if name == graph)
    return Counts(tally.triples, tally.triples - derived, derived)


def graphs(
    names: Names, tally: Tally, questions: Sequence[tuple[str, str]], entities: int
) -> dict[str, list[ox.Triple]]:
    """The computed statements about the default graph, by the IRI of the named graph that holds them.

    tally: of the statements in it. questions: the competency questions as (path, text). entities: the number of things.
    """
    totals = [*_totals(names, tally, entities), *_subsets(names, count(names, tally))]
    computed = {
        CATALOGUE: [*totals, *_partitions(names, tally), *_prefixes(names)],
        EXAMPLES: [*_questions(names, questions)],
    }
    return {names.iri(path): list(dict.fromkeys(_triples(found))) for path, found in computed.items()}


def _triples(found: Iterable[_Statement]) -> Iterator[ox.Triple]:
    return (ox.Triple(ox.NamedNode(s), ox.NamedNode(p), o) for s, p, o in found)


def _count_objects(store: ox.Store, pattern: str) -> int:
    """The number of distinct objects `?o` of a pattern. The engine holds them all, so let there be few."""
    result: Any = store.query(f"SELECT (COUNT(DISTINCT ?o) AS ?n) {{ {pattern} }}")
    return int(next(iter(result))[0].value)


def _totals(names: Names, tally: Tally, entities: int) -> Iterator[_Statement]:
    """Counts over the whole data set (VoID, section 4.6)."""
    yield names.dataset, VOID + "sparqlEndpoint", ox.NamedNode(names.iri(SPARQL_PATH))
    counts = {
        "entities": entities,
        "triples": tally.triples,
        "distinctSubjects": tally.subjects,
        "distinctObjects": tally.different,
        "properties": len(tally.properties),
        "classes": len(tally.kinds),
    }
    for name, number in counts.items():
        yield names.dataset, VOID + name, integer(number)


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


def _partitions(names: Names, tally: Tally) -> Iterator[_Statement]:
    """The data by property and by class, and each class by property, with what the properties lead to (VoID, section
    4.5)."""
    for iri, number in sorted(tally.properties.items()):
        yield from _partition(names.dataset, _entry(names, iri), "property", iri, number)
    for iri, number in sorted(tally.classes.items()):
        yield from _partition(names.dataset, _entry(names, iri), "class", iri, number)
    for (class_, iri), number in sorted(tally.class_properties.items()):
        yield from _partition(_entry(names, class_), _entry(names, class_, iri), "property", iri, number)
    for vocabulary, kind, found in ((VOID, "class", tally.targets), (VOID_EXT, "datatype", tally.datatypes)):
        for (class_, property_, iri), number in sorted(found.items()):
            entry, target = _entry(names, class_, property_), _entry(names, class_, property_, iri)
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


def partition_graphs(names: Names, store: ox.Store, tallies: Sequence[Tally]) -> dict[str, tuple[int, list[ox.Triple]]]:
    """The named graphs of a store: IRI -> number of triples, and its description by property and class (VoID, section
    4.5), by which federated engines plan their joins. tallies: of different graphs."""
    totals: dict[str, int] = defaultdict(int)
    found: dict[str, list[_Statement]] = defaultdict(list)
    for tally in tallies:
        for (graph, iri), number in sorted(tally.graph_properties.items()):
            totals[graph] += number
            entry = _part_of(names, graph, iri)
            objects = _count_objects(store, f"GRAPH <{graph}> {{ ?s <{iri}> ?o }}")
            found[graph] += _partition(contents_of(names, graph), entry, "property", iri, number)
            found[graph] += [(entry, VOID + "distinctSubjects", integer(tally.graph_subjects[graph, iri]))]
            found[graph] += [(entry, VOID + "distinctObjects", integer(objects))]
        for (graph, iri), number in sorted(tally.graph_classes.items()):
            entry = _part_of(names, graph, iri, "class.")
            found[graph] += _partition(contents_of(names, graph), entry, "class", iri, number)
    return {graph: (totals[graph], list(_triples(found[graph]))) for graph in totals}


def _part_of(names: Names, graph: str, iri: str, kind: str = "") -> str:
    """The IRI of a part of a named graph's contents."""
    return f"{entry_of(names, graph).replace('#', '#void-')}.{kind}{_short(names, iri)}"


# Terms, prefixes and questions


def _entry(names: Names, *iris: str) -> str:
    """The IRI of a partition: the data set's, with the short names of what it is by."""
    return f"{names.dataset}#{'.'.join(_short(names, iri) for iri in iris)}"


def _short(names: Names, iri: str) -> str:
    """The short name of a term as it can stand in the fragment of an IRI."""
    return names.compact(iri).replace(":", "-").replace("/", "-").replace("#", "-")


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
        question = read_question(path, text)
        entry = names.iri(f"{SPARQL_PATH}#{question.anchor}")
        yield entry, _TYPE, ox.NamedNode(SH + "SPARQLExecutable")
        yield entry, _TYPE, ox.NamedNode(SH + "SPARQLSelectExecutable")
        yield entry, RDFS + "label", ox.Literal(question.title, language="en")
        yield entry, RDFS + "comment", ox.Literal(question.question, language="en")
        yield entry, SH + "select", ox.Literal(question.query)
        for keyword in question.keywords.split(","):
            yield entry, SCHEMA + "keywords", ox.Literal(keyword.strip(), language="en")


def integer(number: int) -> ox.Literal:
    """A count as a literal."""
    return ox.Literal(str(number), datatype=ox.NamedNode(XSD + "integer"))
