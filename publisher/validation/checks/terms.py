"""Unknown terms: terms that their vocabulary does not define, with the term that is probably meant."""

import re
from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from typing import Final

import pyoxigraph as ox

from publisher.dataset.files import File
from publisher.dataset.identifiers import Published
from publisher.diagnostic import Diagnostic, Severity
from publisher.rdf.labels import Labels
from publisher.rdf.namespaces import (
    OWL,
    RDF,
    RDFS,
    SH,
    VOCABULARY,
    VOID,
    compact,
)
from publisher.rdf.vocabularies import GROWING, NAMESPACES, PREFIXES, terms
from publisher.suggestions import ALIKE, Nearest
from publisher.validation.locator import OBJECT, PREDICATE, finding_at

SURELY_ALIKE: Final = 0.85
"""How much a term must agree with one of a vocabulary that grows to be taken for a slip and not for a new term."""

_NAMING_TERMS: Final = {
    RDF: ("type", "first"),
    RDFS: ("domain", "range", "subClassOf", "subPropertyOf"),
    OWL: ("equivalentClass", "equivalentProperty", "inverseOf", "onProperty"),
    SH: (
        *("alternativePath", "class", "datatype", "disjoint", "equals", "inversePath", "lessThan", "lessThanOrEquals"),
        *("nodeKind", "oneOrMorePath", "path", "severity", "targetClass", "targetObjectsOf", "targetSubjectsOf"),
        *("zeroOrMorePath", "zeroOrOnePath"),
    ),
    VOID: ("class", "property"),
}
_TO_TERMS: Final = frozenset(
    ox.NamedNode(namespace + name) for namespace, names in _NAMING_TERMS.items() for name in names
)
"""Properties whose values are terms, by their definitions; those of others may be pages about a vocabulary."""
_MEMBER: Final = re.compile(r"_[1-9][0-9]*\Z")
"""The properties of containers (RDF Schema 1.1, section 5.1.5)."""
_TYPE: Final = ox.NamedNode(RDF + "type")


def findings(
    files: Sequence[File], given: Sequence[File], published: Published, prefixes: Mapping[str, str]
) -> list[Diagnostic]:
    """The predicates, classes, datatypes and other terms that their vocabulary does not define, where they stand first.

    given: everything that is checked together; what is given a type there counts as defined. published: what knows our
    own vocabulary. prefixes: prefix -> namespace, for spelling.
    """
    prefixes = PREFIXES | {"coal": VOCABULARY} | dict(prefixes)
    judge, label = _Judge(published, given, prefixes), Labels(files)
    found = []
    for file in files:
        for term, (triple, part, times) in _mentioned(file).items():
            if verdict := judge(term):
                words, meant = verdict
                level, more = Severity.WARNING, times - 1
                found.append(
                    finding_at(
                        "unknown-term", level, words, file, triple, part, prefixes, label, proposal=meant, more=more
                    )
                )
    return found


def _mentioned(file: File) -> dict[str, tuple[ox.Triple, int, int]]:
    """The terms that a file uses -> a statement, which of its terms it is, and in how many statements it stands."""
    predicates: dict[ox.NamedNode, list[ox.Triple]] = {}
    objects: dict[str, list[ox.Triple]] = {}
    for triple in file.triples:
        predicate, object_ = triple.predicate, triple.object
        predicates.setdefault(predicate, []).append(triple)
        if isinstance(object_, ox.NamedNode):
            if predicate in _TO_TERMS or object_.value.startswith(VOCABULARY):
                objects.setdefault(object_.value, []).append(triple)
        elif isinstance(object_, ox.Literal) and not object_.language:
            objects.setdefault(object_.datatype.value, []).append(triple)
    found = {term: (stated[0], OBJECT, len(stated)) for term, stated in objects.items()}
    return found | {term.value: (stated[0], PREDICATE, len(stated)) for term, stated in predicates.items()}


class _Judge:
    """Judges terms, each once."""

    def __init__(self, published: Published, given: Sequence[File], prefixes: Mapping[str, str]) -> None:
        self.published, self.given, self.prefixes = published, given, prefixes
        self._known: dict[str, tuple[str, str] | None] = {}

    def __call__(self, iri: str) -> tuple[str, str] | None:
        """What is wrong with a term, in words, and the IRI that is meant, empty where unknown; None if nothing is."""
        if iri not in self._known:
            verdict = self._verdict(iri)
            self._known[iri] = None if verdict and iri in self._described else verdict
        return self._known[iri]

    def _verdict(self, iri: str) -> tuple[str, str] | None:
        if iri.startswith(VOCABULARY):
            return self._of_ours(iri.removeprefix(VOCABULARY))
        cut = max(iri.rfind("#"), iri.rfind("/")) + 1
        namespace, name = iri[:cut], iri[cut:]
        prefix = NAMESPACES.get(namespace)
        if prefix is None:
            return self._elsewhere(iri, namespace, name)
        if not name or name in terms(prefix) or (prefix == "rdf" and _MEMBER.match(name)):
            return None
        near = nearest(prefix)(name, SURELY_ALIKE if prefix in GROWING else ALIKE)
        if prefix in GROWING and not near:
            return None
        return self._said(iri, namespace + near if near else elsewhere(name))

    def _of_ours(self, name: str) -> tuple[str, str] | None:
        if self.published.repository is None or name in {"", *self.published.terms}:
            return None
        near = self._nearest_of_ours(name)
        return self._said(VOCABULARY + name, VOCABULARY + near if near else elsewhere(name))

    def _elsewhere(self, iri: str, namespace: str, name: str) -> tuple[str, str] | None:
        """A term whose namespace is one that is known but for https in place of http, or # in place of /."""
        plain = namespace.replace("https:", "http:", 1)[:-1]
        meant = next((known for known in (plain + "#", plain + "/") if known in NAMESPACES), "")
        return self._said(iri, meant + name) if meant and name in terms(NAMESPACES[meant]) else None

    def _said(self, iri: str, meant: str) -> tuple[str, str]:
        hint = f" Did you mean {compact(meant, self.prefixes)}?" if meant else ""
        return f"{compact(iri, self.prefixes)} is not defined by its vocabulary.{hint}", meant

    @cached_property
    def _nearest_of_ours(self) -> Nearest:
        return Nearest(self.published.terms)

    @cached_property
    def _described(self) -> frozenset[str]:
        """What is given a type."""
        stated = (triple.subject for file in self.given for triple in file.triples if triple.predicate == _TYPE)
        return frozenset(subject.value for subject in stated if isinstance(subject, ox.NamedNode))


@cache
def nearest(prefix: str) -> Nearest:
    """Finds the term of a vocabulary that is spelled most like a local name."""
    return Nearest(terms(prefix))


def elsewhere(name: str) -> str:
    """The first IRI that has exactly this local name in any of the vocabularies; the empty string where none has."""
    return next((namespace + name for namespace, prefix in NAMESPACES.items() if name in terms(prefix)), "")
