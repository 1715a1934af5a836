"""Unknown terms: terms that their vocabulary does not define, with the term that is probably meant."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from operator import attrgetter
from typing import Any, Final

import pyoxigraph as ox

from publisher.dataset.files import File
from publisher.diagnostic import Diagnostic, Severity
from publisher.rdf.namespaces import (
    HOME,
    OWL,
    RDF,
    RDFS,
    SH,
    VOCABULARY,
    VOID,
)
from publisher.rdf.vocabularies import GROWING, NAMESPACES, terms
from publisher.suggestions import ALIKE, Nearest
from publisher.validation.checks.references import mark
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
_LANGUAGE: Final = RDF + "langString"
"""The datatype that no text states."""
_OURS: Final = mark(HOME)
"""What is in every text with a term of our vocabulary."""


def check(context: Context) -> Iterator[Diagnostic]:
    """The predicates, classes, datatypes and other terms that their vocabulary does not define, each where a file first
    uses it."""
    checker = _TermChecker(context)
    for file in context.given:
        for term in _terms_in(file):
            if problem := checker.find_problem(term):
                yield from _report(context, file, term, find_uses(file, term), problem)


def _report(context: Context, file: File, term: str, uses: Sequence[Use], problem: "_Problem") -> Iterator[Diagnostic]:
    ours = term.startswith(VOCABULARY)
    lines = context.suppressed_lines(file, "undefined-term" if ours else "unknown-term")
    certain = problem.certain and all(_is_of_its_kind(problem.proposal, *use) for use in uses)
    for triple, part, more in split_uses(file, lines, uses):
        place = (problem.message, file, triple, part)
        proposed: Any = {"proposal": problem.proposal, "certain": certain, "more": more}
        if ours:
            yield context.locator.locate_term("undefined-term", context.reference_severity, *place, **proposed)
        else:
            yield context.locator.locate_term("unknown-term", Severity.WARNING, *place, **proposed)


def _is_of_its_kind(term: str, triple: ox.Triple, part: int) -> bool:
    """Whether a term can stand where another one does: classes, but not properties, begin with a capital."""
    is_capital = re.split("[#/]", term)[-1][:1].isupper()
    if part == PREDICATE:
        return not is_capital
    return is_capital or triple.predicate != _TYPE


@dataclass(frozen=True)
class _Problem:
    """The problem of a term. proposal and certain: as in Diagnostic."""

    message: str
    proposal: str
    certain: bool


def _terms_in(file: File) -> dict[str, None]:
    """The terms that a file uses, in the order in which they appear, predicates first."""
    found = dict.fromkeys(predicate.value for predicate in file.by_predicate)
    stated = (triple for predicate, each in file.by_predicate.items() if predicate in _TO_TERMS for triple in each)
    found |= dict.fromkeys(triple.object.value for triple in stated if isinstance(triple.object, ox.NamedNode))
    literals = (term for term in map(attrgetter("object"), file.triples) if type(term) is ox.Literal)
    found |= dict.fromkeys(literal.datatype.value for literal in literals)
    if _OURS in file.text:
        iris = (term.value for term in map(attrgetter("object"), file.triples) if type(term) is ox.NamedNode)
        found |= dict.fromkeys(iri for iri in iris if iri.startswith(VOCABULARY))
    return {term: None for term in found if term != _LANGUAGE}


def find_uses(file: File, term: str) -> list[Use]:
    """The statements of a file that use a term, and which of their terms it is, predicates first."""
    found = [(triple, PREDICATE) for triple in file.by_predicate.get(ox.NamedNode(term), ())]
    return [*found, *((triple, OBJECT) for triple in file.triples if _is_use(triple, term))]


def _is_use(triple: ox.Triple, term: str) -> bool:
    """Whether the object of a statement is a term, or a literal with that datatype."""
    object_ = triple.object
    if isinstance(object_, ox.NamedNode):
        return object_.value == term and (triple.predicate in _TO_TERMS or term.startswith(VOCABULARY))
    return isinstance(object_, ox.Literal) and not object_.language and object_.datatype.value == term


class _TermChecker:
    """Looks terms up in their vocabularies, each once.

    Terms with a type in external files count as defined.
    """

    def __init__(self, context: Context) -> None:
        self.published, self.additions, self.spell = context.published, context.additions, context.locator.spell
        self._known: dict[str, _Problem | None] = {}

    def find_problem(self, iri: str) -> _Problem | None:
        """The problem of a term; None if it is defined."""
        if iri not in self._known:
            problem = self._find(iri)
            self._known[iri] = None if problem and iri in self._described else problem
        return self._known[iri]

    def _find(self, iri: str) -> _Problem | None:
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
        if not near:
            return self._describe(iri, elsewhere(name))
        is_slip = near == nearest(prefix).find_slip(name) and (prefix not in GROWING or len(near) == len(name))
        return self._describe(iri, namespace + near, certain=is_slip)

    def _find_ours(self, name: str) -> _Problem | None:
        if self.published.repository is None or name in {"", *self.published.terms}:
            return None
        near = self._nearest_of_ours(name)
        if not near:
            return self._describe(VOCABULARY + name, elsewhere(name))
        is_slip = near == self._nearest_of_ours.find_slip(name)
        return self._describe(VOCABULARY + name, VOCABULARY + near, certain=is_slip)

    def _find_misspelled_namespace(self, iri: str, namespace: str, name: str) -> _Problem | None:
        """Return the problem of a term whose namespace differs from a known one only in https or http, or in # or /."""
        plain = namespace.replace("https:", "http:", 1)[:-1]
        meant = next((known for known in (plain + "#", plain + "/") if known in NAMESPACES), "")
        is_known = meant and name in terms(NAMESPACES[meant])
        return self._describe(iri, meant + name, certain=True) if is_known else None

    def _describe(self, iri: str, meant: str, *, certain: bool = False) -> _Problem:
        hint = f" Did you mean {self.spell(ox.NamedNode(meant))}?" if meant else ""
        return _Problem(f"{self.spell(ox.NamedNode(iri))} is not defined by its vocabulary.{hint}", meant, certain)

    @cached_property
    def _nearest_of_ours(self) -> Nearest:
        return Nearest(self.published.terms)

    @cached_property
    def _described(self) -> frozenset[str]:
        """The terms that have a type in external files."""
        stated = (triple.subject for file in self.additions for triple in file.by_predicate.get(_TYPE, ()))
        return frozenset(subject.value for subject in stated if isinstance(subject, ox.NamedNode))


@cache
def nearest(prefix: str) -> Nearest:
    """Finds the term of a vocabulary whose spelling is closest to a local name."""
    return Nearest(terms(prefix))


def elsewhere(name: str) -> str:
    """The first IRI that has exactly this local name in any of the vocabularies; the empty string where none has."""
    return next((namespace + name for namespace, prefix in NAMESPACES.items() if name in terms(prefix)), "")
