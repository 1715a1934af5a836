"""Statistics: counts and partitions (VoID), prefixes and example queries, computed from the files of a release.

They are stored with the release in their own named graphs, so that editors and federated engines can query them. Pure:
triples in, triples out.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import pyoxigraph as ox

from publisher.dataset.iris import GRAPH_PATH, SPARQL_PATH, Names
from publisher.dataset.query_files import anchor_of, query_of, read_header
from publisher.dataset.repository import Repository
from publisher.rdf.namespaces import RDF, RDFS, SCHEMA, SH, VOID, XSD, compact
from publisher.rdf.terms import Term, terms

CATALOGUE: Final = f"{GRAPH_PATH}catalogue"
EXAMPLES: Final = f"{GRAPH_PATH}examples"
"""The paths of the named graphs below the base."""
VOID_EXT: Final = "http://ldf.fi/void-ext#"
"""VoID has no partition by datatype; editors look for this one."""

_TYPE: Final = RDF + "type"
_Statement = tuple[str, str, ox.NamedNode | ox.Literal]
"""Subject IRI, predicate IRI, object."""


def graphs(repository: Repository, derived: Sequence[ox.Triple] = ()) -> dict[str, list[ox.Triple]]:
    """The computed statements about a release by the IRI of their graph, without those that files make.

    derived: the statements that the release derives from its files; they are counted too.
    """
    names = repository.names
    triples = [*(triple for file in repository.files for triple in file.triples), *derived]
    stated = set(triples)
    computed = {
        CATALOGUE: [*_totals(names, triples), *_partitions(names, triples), *_prefixes(names)],
        EXAMPLES: [*_questions(repository)],
    }
    return {names.iri(path): _unstated(found, stated) for path, found in computed.items()}


def _unstated(found: Iterable[_Statement], stated: set[ox.Triple]) -> list[ox.Triple]:
    made = dict.fromkeys(ox.Triple(ox.NamedNode(s), ox.NamedNode(p), o) for s, p, o in found)
    return [triple for triple in made if triple not in stated]


def _totals(names: Names, triples: list[ox.Triple]) -> list[_Statement]:
    """Counts over the whole data set (VoID, section 4.6)."""
    subjects = {triple.subject for triple in triples}
    things = {
        node.value for node in subjects if isinstance(node, ox.NamedNode) and names.thing(node.value) == node.value
    }
    counts = {
        "triples": len(triples),
        "entities": len(things),
        "distinctSubjects": len(subjects),
        "distinctObjects": len({triple.object for triple in triples}),
        "properties": len({triple.predicate for triple in triples}),
        "classes": len({triple.object for triple in triples if triple.predicate.value == _TYPE}),
    }
    endpoint = (names.dataset, VOID + "sparqlEndpoint", ox.NamedNode(names.iri(SPARQL_PATH)))
    return [endpoint, *((names.dataset, VOID + name, integer(number)) for name, number in counts.items())]


def _partitions(names: Names, triples: list[ox.Triple]) -> list[_Statement]:
    """The data by property and by class, and each class by property, with what the properties lead to (VoID, section
    4.5)."""
    classes: dict[Term, list[str]] = defaultdict(list)
    for subject, predicate, object_ in map(terms, triples):
        if predicate.value == _TYPE and isinstance(object_, ox.NamedNode):
            classes[subject].append(object_.value)
    instances = Counter(iri for found in classes.values() for iri in found)
    used: dict[str, Counter[str]] = defaultdict(Counter)
    targets: dict[tuple[str, str], Counter[tuple[str, str]]] = defaultdict(Counter)
    for subject, predicate, object_ in map(terms, triples):
        for iri in classes[subject]:
            used[iri][predicate.value] += 1
            targets[iri, predicate.value].update(_target(object_, classes))
    found: list[_Statement] = []
    for iri, number in sorted(Counter(triple.predicate.value for triple in triples).items()):
        entry = _entry(names, iri)
        found += [
            (names.dataset, VOID + "propertyPartition", ox.NamedNode(entry)),
            (entry, VOID + "property", ox.NamedNode(iri)),
            (entry, VOID + "triples", integer(number)),
        ]
    for iri in sorted(instances):
        entry = _entry(names, iri)
        found += [
            (names.dataset, VOID + "classPartition", ox.NamedNode(entry)),
            (entry, VOID + "class", ox.NamedNode(iri)),
            (entry, VOID + "entities", integer(instances[iri])),
        ]
        for used_by_it, number in sorted(used[iri].items()):
            found += _property(names, iri, used_by_it, number, targets[iri, used_by_it])
    return found


def entry_of(names: Names, graph: str) -> str:
    """Return the IRI of a named graph's entry in the service description."""
    return names.iri(f"{SPARQL_PATH}#" + (names.path(graph) or graph).replace("/", "-"))


def contents_of(names: Names, graph: str) -> str:
    """Return the IRI of a named graph's contents (sd:graph) in the service description."""
    return entry_of(names, graph) + "-contents"


def partition_graph(names: Names, iri: str, triples: Sequence[ox.Triple]) -> list[ox.Triple]:
    """Describe a named graph by property and by class (VoID, section 4.5); federated engines plan their joins by it."""
    parts = entry_of(names, iri).replace("#", "#void-")
    found = _graph_partitions(contents_of(names, iri), parts, triples, names.prefixes)
    return [ox.Triple(ox.NamedNode(s), ox.NamedNode(p), o) for s, p, o in found]


def _graph_partitions(
    graph: str, parts: str, triples: Sequence[ox.Triple], prefixes: Mapping[str, str]
) -> list[_Statement]:
    """The parts of a named graph. graph: the IRI of its contents. parts: what the IRIs of its parts begin with."""
    by_property: dict[str, list[ox.Triple]] = defaultdict(list)
    for triple in triples:
        by_property[triple.predicate.value].append(triple)
    typed = by_property.get(_TYPE, [])
    types = Counter(triple.object.value for triple in typed if isinstance(triple.object, ox.NamedNode))
    found: list[_Statement] = []
    for iri, stated in sorted(by_property.items()):
        entry = f"{parts}.{_short(iri, prefixes)}"
        found += [
            (graph, VOID + "propertyPartition", ox.NamedNode(entry)),
            (entry, VOID + "property", ox.NamedNode(iri)),
            (entry, VOID + "triples", integer(len(stated))),
            (entry, VOID + "distinctSubjects", integer(len({triple.subject for triple in stated}))),
            (entry, VOID + "distinctObjects", integer(len({triple.object for triple in stated}))),
        ]
    for iri, instances in sorted(types.items()):
        entry = f"{parts}.class.{_short(iri, prefixes)}"
        found += [
            (graph, VOID + "classPartition", ox.NamedNode(entry)),
            (entry, VOID + "class", ox.NamedNode(iri)),
            (entry, VOID + "entities", integer(instances)),
        ]
    return found


def _target(term: Term, classes: dict[Term, list[str]]) -> list[tuple[str, str]]:
    """Return the target of a value: (kind of partition, its IRI)."""
    if isinstance(term, ox.Literal):
        return [("datatype", term.datatype.value)]
    return [("class", iri) for iri in classes.get(term, [])]


def _property(
    names: Names, class_: str, predicate: str, number: int, targets: Counter[tuple[str, str]]
) -> list[_Statement]:
    entry = _entry(names, class_, predicate)
    found: list[_Statement] = [
        (_entry(names, class_), VOID + "propertyPartition", ox.NamedNode(entry)),
        (entry, VOID + "property", ox.NamedNode(predicate)),
        (entry, VOID + "triples", integer(number)),
    ]
    for (kind, iri), times in sorted(targets.items()):
        vocabulary = VOID if kind == "class" else VOID_EXT
        target = _entry(names, class_, predicate, iri)
        found += [
            (entry, f"{vocabulary}{kind}Partition", ox.NamedNode(target)),
            (target, vocabulary + kind, ox.NamedNode(iri)),
            (target, VOID + "triples", integer(times)),
        ]
    return found


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


def _questions(repository: Repository) -> Iterable[_Statement]:
    """The competency questions as executable examples, in the way in which the SIB's query editor looks for them."""
    for path, text in repository.questions:
        header = read_header(path, text, ("title", "question", "keywords"))
        entry = repository.names.iri(f"{SPARQL_PATH}#{anchor_of(path)}")
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
