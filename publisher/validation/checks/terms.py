"""Unknown terms: terms that their vocabulary does not define, with the term that is probably meant."""

import re
from collections.abc import Iterator, Sequence
from functools import cache, cached_property
from typing import Final

import pyoxigraph as ox

from publisher.dataset.files import File
from publisher.diagnostic import Diagnostic, Severity
from publisher.rdf.namespaces import (
    OWL,
    RDF,
    RDFS,
    SH,
    VOCABULARY,
    VOID,
)
from publisher.rdf.vocabularies import GROWING, NAMESPACES, terms
from publisher.suggestions import ALIKE, Nearest
from publisher.validation.context import Context
from publisher.validation.locator import OBJECT, PREDICATE
from publisher.validation.suppressions import Use, split_uses

SURELY_ALIKE: Final = 0.85
"""Minimum similarity of a term to one of a growing vocabulary to count as misspelled rather than new."""

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


def check(context: Context) -> Iterator[Diagnostic]:
    """The predicates, classes, datatypes and other terms that their vocabulary does not define, each where a file first
    uses it."""
    checker = _TermChecker(context)
    for file in context.given:
        for term, stated in _terms_in(file).items():
            if problem := checker.find_problem(term):
                uses = [(triple, part) for part, triples in stated for triple in triples]
                yield from _report(context, file, term, uses, *problem)


def _report(
    context: Context, file: File, term: str, uses: Sequence[Use], message: str, proposal: str
) -> Iterator[Diagnostic]:
    ours = term.startswith(VOCABULARY)
    lines = context.suppressed_lines(file, "undefined-term" if ours else "unknown-term")
    for triple, part, more in split_uses(file, lines, uses):
        place = (message, file, triple, part)
        if ours:
            level = context.reference_severity
            yield context.locator.at("undefined-term", level, *place, proposal=proposal, more=more)
        else:
            level = Severity.WARNING
            yield context.locator.at("unknown-term", level, *place, proposal=proposal, more=more)


def _terms_in(file: File) -> dict[str, list[tuple[int, list[ox.Triple]]]]:
    """The terms that a file uses -> the statements in which each stands, after which of their terms it is."""
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
    found = {term: [(OBJECT, stated)] for term, stated in objects.items()}
    return found | {t.value: [(PREDICATE, stated), *found.get(t.value, ())] for t, stated in predicates.items()}


class _TermChecker:
    """Looks terms up in their vocabularies, each once.

    Terms with a type in external files count as defined.
    """

    def __init__(self, context: Context) -> None:
        self.published, self.additions, self.spell = context.published, context.additions, context.locator.spell
        self._known: dict[str, tuple[str, str] | None] = {}

    def find_problem(self, iri: str) -> tuple[str, str] | None:
        """The message about a term and the IRI to propose, empty where unknown; None if the term is defined."""
        if iri not in self._known:
            problem = self._find(iri)
            self._known[iri] = None if problem and iri in self._described else problem
        return self._known[iri]

    def _find(self, iri: str) -> tuple[str, str] | None:
        if iri.startswith(VOCABULARY):
            return self._find_ours(iri.removeprefix(VOCABULARY))
        cut = max(iri.rfind("#"), iri.rfind("/")) + 1
        namespace, name = iri[:cut], iri[cut:]
        prefix = NAMESPACES.get(namespace)
        if prefix is None:
            return self._find_misspelled_namespace(iri, namespace, name)
        if not name or name in terms(prefix) or (prefix == "rdf" and _MEMBER.match(name)):
            return None
        near = nearest(prefix)(name, SURELY_ALIKE if prefix in GROWING else ALIKE)
        if prefix in GROWING and not near:
            return None
        return self._describe(iri, namespace + near if near else elsewhere(name))

    def _find_ours(self, name: str) -> tuple[str, str] | None:
        if self.published.repository is None or name in {"", *self.published.terms}:
            return None
        near = self._nearest_of_ours(name)
        return self._describe(VOCABULARY + name, VOCABULARY + near if near else elsewhere(name))

    def _find_misspelled_namespace(self, iri: str, namespace: str, name: str) -> tuple[str, str] | None:
        """Return the problem of a term whose namespace differs from a known one only in https or http, or in # or /."""
        plain = namespace.replace("https:", "http:", 1)[:-1]
        meant = next((known for known in (plain + "#", plain + "/") if known in NAMESPACES), "")
        return self._describe(iri, meant + name) if meant and name in terms(NAMESPACES[meant]) else None

    def _describe(self, iri: str, meant: str) -> tuple[str, str]:
        hint = f" Did you mean {self.spell(ox.NamedNode(meant))}?" if meant else ""
        return f"{self.spell(ox.NamedNode(iri))} is not defined by its vocabulary.{hint}", meant

    @cached_property
    def _nearest_of_ours(self) -> Nearest:
        return Nearest(self.published.terms)

    @cached_property
    def _described(self) -> frozenset[str]:
        """The terms that have a type in external files."""
        stated = (triple.subject for file in self.additions for triple in file.triples if triple.predicate == _TYPE)
        return frozenset(subject.value for subject in stated if isinstance(subject, ox.NamedNode))


@cache
def nearest(prefix: str) -> Nearest:
    """Finds the term of a vocabulary whose spelling is closest to a local name."""
    return Nearest(terms(prefix))


def elsewhere(name: str) -> str:
    """The first IRI that has exactly this local name in any of the vocabularies; the empty string where none has."""
    return next((namespace + name for namespace, prefix in NAMESPACES.items() if name in terms(prefix)), "")
