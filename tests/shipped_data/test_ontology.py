"""What the vocabulary, the context and the data of this repository promise."""

import functools
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib.namespace as known
from support.derived import derive_from

from publisher.dataset.identifiers import RETIRED_FILE
from publisher.dataset.repository import Repository, read_repository
from publisher.rdf.namespaces import DCTERMS, FOAF, ORG, OWL, PROV, RDF, RDFS, SCHEMA, SH, SKOS, VOCABULARY, XSD
from publisher.release.resources import Resources
from publisher.release.store import Store

ROOT = Path(__file__).resolve().parents[2]
TYPE = RDF + "type"
VANN = "http://purl.org/vocab/vann/"
STATUS = "http://www.w3.org/2003/06/sw-vocab-status/ns#term_status"
CLASSES = {OWL + "Class"}
PROPERTIES = {OWL + "ObjectProperty", OWL + "DatatypeProperty", OWL + "AnnotationProperty"}


@functools.cache
def repository() -> Repository:
    return read_repository(ROOT)


def statements(*folders: str) -> list[ox.Triple]:
    return [t for file in repository().files if file.path.startswith(folders) for t in file.triples]


@functools.cache
def derived() -> list[ox.Triple]:
    """The statements that a release derives from those of the files."""
    return derive_from(repository(), statements("ontology/", "data/"))


def uses() -> list[ox.Triple]:
    """The statements in which terms are used: of the data, of the schemes of the vocabulary, and derived ones."""
    return [*statements("data/", "ontology/schemes/"), *derived()]


@functools.cache
def about() -> dict[str, dict[str, list[Any]]]:
    """Subject -> predicate -> objects, of the ontology and the data."""
    found: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for triple in (*statements("ontology/", "data/"), *derived()):
        found[triple.subject.value][triple.predicate.value].append(triple.object)
    return found


def iris(subject: str, predicate: str) -> set[str]:
    return {term.value for term in about()[subject][predicate] if isinstance(term, ox.NamedNode)}


def own_terms(kinds: set[str]) -> list[str]:
    return sorted(s for s in list(about()) if s.startswith(VOCABULARY) and iris(s, TYPE) & kinds)


def local(iri: str) -> str:
    return iri.removeprefix(VOCABULARY)


# The vocabulary


@pytest.mark.parametrize("term", own_terms(CLASSES | PROPERTIES), ids=local)
def test_terms_have_definitions(term):
    [label], [definition] = about()[term][RDFS + "label"], about()[term][SKOS + "definition"]
    assert label.language == definition.language == "en"
    assert definition.value.endswith(".")
    assert about()[term][RDFS + "comment"] == [definition], "tools that do not know SKOS show the comment"
    assert about()[term][SKOS + "scopeNote"] or term.endswith("#ordinal")
    assert about()[term][SKOS + "example"]
    assert [status.value for status in about()[term][STATUS]] in (["stable"], ["testing"], ["archaic"])
    assert iris(term, RDFS + "isDefinedBy") == {VOCABULARY.removesuffix("#")}


def test_deprecated_terms_have_successors():
    deprecated = [term for term in own_terms(CLASSES | PROPERTIES) if about()[term][OWL + "deprecated"]]
    for term in deprecated:
        assert iris(term, DCTERMS + "isReplacedBy") <= set(own_terms(CLASSES | PROPERTIES))
        assert iris(term, DCTERMS + "isReplacedBy")
    archaic = [t for t in own_terms(CLASSES | PROPERTIES) if [s.value for s in about()[t][STATUS]] == ["archaic"]]
    assert deprecated == archaic


def test_classes_of_records_are_disjoint():
    [axiom] = [t.subject for t in statements("ontology/") if t.object.value == OWL + "AllDisjointClasses"]
    stated = [t for t in statements("ontology/") if t.subject == axiom]
    [members] = [t.object for t in stated if t.predicate.value == OWL + "members"]
    apart = {term for term in own_terms(CLASSES) if not iris(term, RDFS + "subClassOf") & set(own_terms(CLASSES))}
    assert set(_listed(members)) - {ORG + "Membership"} == apart


def _listed(node: Any) -> list[str]:
    """The IRIs of an RDF list."""
    stated = {(t.subject, t.predicate.value): t.object for t in statements("ontology/")}
    found = []
    while (node, RDF + "first") in stated:
        found.append(stated[node, RDF + "first"].value)
        node = stated[node, RDF + "rest"]
    return found


def test_properties_with_one_value_are_functional():
    """What shapes demand is in the ontology too: outsiders' reasoners read no shapes."""
    stated: dict[Any, dict[str, Any]] = defaultdict(dict)
    for triple in statements("shapes/"):
        stated[triple.subject][triple.predicate.value] = triple.object
    limits = [shape for shape in stated.values() if getattr(shape.get(SH + "maxCount"), "value", "") == "1"]
    single = {shape[SH + "path"].value for shape in limits if isinstance(shape[SH + "path"], ox.NamedNode)}
    functional = {iri for iri in own_terms(PROPERTIES) if OWL + "FunctionalProperty" in iris(iri, TYPE)}
    derived_only = {VOCABULARY + name for name in ("addressBasis", "impliesOutcome", "positionOn", "status")}
    assert functional - derived_only <= single
    others = {VOCABULARY + name for name in ("founding", "statedPurpose")}  # Of a coalition; a text.
    assert {iri for iri in single if iri.startswith(VOCABULARY)} - functional == others


@pytest.mark.parametrize("term", own_terms(PROPERTIES), ids=local)
def test_properties_have_domain_and_range_hints(term):
    assert iris(term, SCHEMA + "domainIncludes")
    assert iris(term, SCHEMA + "rangeIncludes")


@pytest.mark.parametrize("term", own_terms(PROPERTIES), ids=local)
def test_properties_are_used_as_hinted(term):
    found = [triple for triple in uses() if triple.predicate.value == term]
    hinted = iris(term, SCHEMA + "domainIncludes")
    assert found
    for triple in found:
        assert _classes(triple.subject) & hinted
        assert _fits(triple.object, iris(term, SCHEMA + "rangeIncludes"))


def _classes(node: ox.NamedNode) -> set[str]:
    return iris(node.value, TYPE)


def _fits(value: Any, hinted: set[str]) -> bool:
    if isinstance(value, ox.NamedNode):
        return bool(_classes(value) & hinted) or RDFS + "Resource" in hinted
    textual = value.language or value.datatype.value == XSD + "string"
    return (SCHEMA + "Text" if textual else value.datatype.value) in hinted


@pytest.mark.parametrize("term", own_terms(CLASSES), ids=local)
def test_every_class_has_instances(term):
    assert [t for t in uses() if t.predicate.value == TYPE and t.object.value == term]


@pytest.mark.parametrize("term", own_terms(CLASSES | PROPERTIES), ids=local)
def test_classes_are_capitalized_and_properties_are_not(term):
    assert local(term)[0].isupper() == (term in own_terms(CLASSES))


def test_mentioned_own_terms_are_defined():
    mentioned = {iri for iri in _mentioned() if iri.startswith(VOCABULARY)} - {VOCABULARY}
    assert mentioned == set(own_terms(CLASSES | PROPERTIES))


def test_property_types_match_values():
    for term in own_terms({OWL + "ObjectProperty"}):
        assert all(isinstance(t.object, ox.NamedNode) for t in uses() if t.predicate.value == term)
    for term in own_terms(PROPERTIES - {OWL + "ObjectProperty"}):
        assert all(isinstance(t.object, ox.Literal) for t in uses() if t.predicate.value == term)


def test_ontology_header_is_complete():
    header = about()[VOCABULARY.removesuffix("#")]
    [version] = header[OWL + "versionInfo"]
    assert iris(VOCABULARY.removesuffix("#"), TYPE) == {OWL + "Ontology"}
    assert re.fullmatch(r"\d+\.\d+\.\d+", version.value)
    assert [iri.value for iri in header[OWL + "versionIRI"]] == [f"{VOCABULARY.removesuffix('#')}/{version.value}"]
    assert [text.value for text in header[VANN + "preferredNamespaceUri"]] == [VOCABULARY]
    assert [text.value for text in header[VANN + "preferredNamespacePrefix"]] == ["coal"]
    assert repository().names.prefixes["coal"] == VOCABULARY
    assert len(header[OWL + "priorVersion"]) == 1
    assert header[RDFS + "seeAlso"]
    for needed in (
        *("title", "description", "creator", "contributor", "publisher", "license", "created", "modified"),
        "bibliographicCitation",
    ):
        assert len(header[DCTERMS + needed]) == 1, needed


_KNOWN = [
    *(known.DCAT, known.DCTERMS, known.FOAF, known.ORG, known.OWL, known.PROV, known.RDF, known.RDFS),
    *(known.SDO, known.SH, known.SKOS, known.VANN, known.VOID, known.XSD),
]
NAMESPACES = {str(namespace): namespace for namespace in _KNOWN}


def _mentioned() -> Iterator[str]:
    for triple in statements("ontology/", "data/", "shapes/"):
        for term in (triple.subject, triple.predicate, triple.object):
            if isinstance(term, ox.NamedNode):
                yield term.value
            if isinstance(term, ox.Literal):
                yield term.datatype.value


def test_foreign_terms_exist():
    """As far as rdflib knows the namespace in full."""
    used = [(ns, iri.removeprefix(ns)) for iri in set(_mentioned()) for ns in NAMESPACES if iri.startswith(ns)]
    assert len({namespace for namespace, _ in used}) == len(NAMESPACES)
    assert [ns + name for ns, name in used if name and name not in NAMESPACES[ns]] == []


def test_missing_foreign_term_is_noticed():
    assert all("prefLable" not in namespace for namespace in NAMESPACES.values())


@pytest.mark.parametrize("prefix", ["schema", "skos", "dcterms", "org", "foaf", "prov"])
def test_prefixes_name_usual_namespaces(prefix):
    assert repository().names.prefixes[prefix] in NAMESPACES


# The context


def context() -> dict[str, Any]:
    return repository().context


def expanded(compact: str) -> str:
    prefix, _, name = compact.partition(":")
    namespace = context().get(prefix)
    return namespace + name if isinstance(namespace, str) and namespace.startswith("http") else compact


def terms(key: str) -> dict[str, dict[str, Any]]:
    """IRI -> definition, of the context's terms that have the key `@id` or `@reverse`."""
    found = {}
    for value in context().values():
        definition = {"@id": value} if isinstance(value, str) else value
        if isinstance(definition, dict) and isinstance(definition.get(key), str):
            found[expanded(definition[key])] = definition
    return found


def test_context_prefixes_match_repository():
    prefixes = {k: v for k, v in context().items() if isinstance(v, str) and v.endswith(("#", "/"))}
    assert prefixes == dict(repository().names.vocabularies)


def test_context_terms_are_unambiguous():
    iris_ = [
        (key, expanded(value.get(key, "") if isinstance(value, dict) else value))
        for value in context().values()
        for key in ("@id", "@reverse")
        if isinstance(value, dict) and key in value
    ]
    assert [iri for iri, number in Counter(iris_).items() if number > 1] == []


@pytest.mark.parametrize("predicate", sorted({t.predicate.value for t in statements("data/")} - {TYPE}))
def test_context_has_terms_for_data_properties(predicate):
    definition = terms("@id")[predicate]
    values = [t.object for t in statements("data/") if t.predicate.value == predicate]
    if all(isinstance(value, ox.NamedNode) for value in values):
        assert definition.get("@type") == "@id"
    elif "@type" in definition or "@language" in definition:  # else values of several types keep theirs
        assert {_kind(value) for value in values} == {definition.get("@language") or expanded(definition["@type"])}


def _kind(value: Any) -> str:
    return value.language or value.datatype.value


@pytest.mark.parametrize("class_", sorted({t.object.value for t in statements("data/") if t.predicate.value == TYPE}))
def test_context_has_terms_for_data_classes(class_):
    assert class_ in terms("@id")


def _pointing() -> set[str]:
    """Properties by which the data points at things of its own, beside those that the vocabulary defines for it."""
    things = {
        t.predicate.value for t in statements("data/") if repository().names.thing(getattr(t.object, "value", ""))
    }
    return things | set(own_terms({OWL + "ObjectProperty"}))


@pytest.mark.parametrize("predicate", sorted(_pointing()))
def test_context_has_reverse_terms(predicate):
    assert predicate in terms("@reverse")
    assert terms("@reverse")[predicate]["@container"] == "@set"


def test_context_has_terms_for_description_properties(store: Store):
    resources = Resources(store, 100)
    used = {t.predicate.value for thing in resources.things() for t in resources.describe(thing).triples}
    assert FOAF + "primaryTopic" in used
    assert used - {TYPE} <= set(terms("@id"))


# The data


def test_data_has_no_blank_nodes():
    nodes = [node for t in statements("data/") for node in (t.subject, t.object)]
    assert [node for node in nodes if isinstance(node, ox.BlankNode)] == []


def coalitions() -> list[str]:
    return [s for s in list(about()) if VOCABULARY + "Coalition" in iris(s, TYPE)]


def test_coalitions_have_own_files():
    files = {file.path: file for file in repository().files if file.path.startswith("data/coalitions/")}
    assert set(files) == {f"data/coalitions/{iri.rpartition('/')[2]}.ttl" for iri in coalitions()}
    for path, file in files.items():
        assert {repository().names.thing(subject) for subject in file.subjects} == {_coalition(path)}


def _coalition(path: str) -> str:
    return repository().names.iri(f"id/coalition/{Path(path).stem}")


def records() -> list[str]:
    """All that the data describes but what is retired, and the sources themselves, which are what others rest on."""
    described = (file for file in repository().files if file.path.startswith("data/") and file.path != RETIRED_FILE)
    subjects = {iri for file in described for iri in file.subjects}
    return sorted(s for s in subjects if VOCABULARY + "Source" not in iris(s, TYPE))


def test_records_have_sources():
    """Accounts inherit the sources of what they belong to."""
    assert len(records()) > 100
    unsourced = [
        record
        for record in records()
        if repository().names.path(record) is not None
        and not any(
            about()[s][p]
            for s in {record, repository().names.thing(record) or record}
            for p in (DCTERMS + "source", PROV + "wasAttributedTo", RDFS + "isDefinedBy")
        )
    ]
    assert unsourced == []


def test_only_accounts_and_concepts_inherit_sources():
    """Relations have sources of their own: the coalition's sources need not state a membership."""
    names = repository().names
    parts = [record for record in records() if names.thing(record) not in (None, record)]
    unsourced = [
        part for part in parts if not iris(part, DCTERMS + "source") and not iris(part, PROV + "wasAttributedTo")
    ]
    assert parts
    assert {kind for part in unsourced for kind in iris(part, TYPE)} <= {FOAF + "OnlineAccount", SKOS + "Concept"}


def test_sources_have_url_and_date():
    found = [s for s in list(about()) if VOCABULARY + "Source" in iris(s, TYPE)]
    assert found
    assert all(len(iris(s, SCHEMA + "url")) == len(about()[s][VOCABULARY + "readOn"]) == 1 for s in found)


def test_shapes_and_vocabulary_are_not_in_data():
    assert not [t for t in statements("data/") if t.predicate.value.startswith(SH) or t.object.value in PROPERTIES]


def test_target_shapes_have_focus_nodes():
    """A rule without focus nodes, for a misspelled class say, passes everything."""
    store = ox.Store()
    store.extend(ox.Quad(t.subject, t.predicate, t.object) for file in repository().files for t in file.triples)
    prefixes = "PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
    targeted = "?shape sh:targetClass|sh:targetSubjectsOf|sh:targetObjectsOf|sh:targetNode ?target"
    focused = """
        { ?shape sh:targetClass ?class FILTER EXISTS { ?node a/rdfs:subClassOf* ?class } }
        UNION { ?shape sh:targetSubjectsOf ?property FILTER EXISTS { ?node ?property ?value } }
        UNION { ?shape sh:targetObjectsOf ?property FILTER EXISTS { ?value ?property ?node } }
        UNION { ?shape sh:targetNode ?node FILTER EXISTS { ?node ?property ?value } }"""
    query = f"{prefixes} SELECT DISTINCT ?shape {{ %s }}"
    wanted, found = ({row["shape"].value for row in store.query(query % part)} for part in (targeted, focused))
    assert len(wanted) > 20
    assert wanted - found == set()


def test_own_classes_have_target_shapes():
    targets = {t.object.value for t in statements("shapes/") if t.predicate.value == SH + "targetClass"}
    classes = {iri for iri in about() if iri.startswith(VOCABULARY) and OWL + "Class" in iris(iri, TYPE)}
    assert classes
    assert classes - targets == set()
