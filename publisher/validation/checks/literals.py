"""Literals: values that are not in the lexical space of their datatype, or not in the form that the store keeps."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from operator import attrgetter
from typing import Any, Final

import pyoxigraph as ox

from publisher.dataset.files import File
from publisher.dataset.formatting import canonical_form, describe_loose_form
from publisher.diagnostic import Diagnostic, Related, Severity
from publisher.rdf.datatypes import is_ill_typed, repair
from publisher.rdf.namespaces import RDF, SH, XSD
from publisher.validation.context import Context
from publisher.validation.locator import OBJECT
from publisher.validation.suppressions import split_uses

ILL_TYPED: Final = "ill-typed"
"""The rule about literals outside the lexical space of their datatype."""
_DATATYPE: Final = SH + "DatatypeConstraintComponent"
_PLAIN: Final = frozenset({ox.NamedNode(XSD + "string"), ox.NamedNode(RDF + "langString")})
"""Datatypes of which all literals are valid."""


def check(context: Context) -> Iterator[Diagnostic]:
    """Literals outside the lexical space of their datatype, such as "29/08/2017"^^xsd:date (RDF 1.1 Concepts, 3.3)."""
    for file in context.reported:
        lines = context.suppressed_lines(file, ILL_TYPED)
        typed = {literal for literal in _literals(file) if literal.datatype not in _PLAIN}
        for literal, triple in _find_first(file, filter(is_ill_typed, typed)):
            meant = repair(literal)
            hint = f" Did you mean {meant.value!r}?" if meant else ""
            message = f"{literal.value!r} is not a valid {context.locator.spell(literal.datatype)}.{hint}"
            proposed: Any = {"proposal": str(meant or ""), "certain": bool(meant)}
            uses = [(each, OBJECT) for each in file.triples if each.object == literal] if lines else [(triple, OBJECT)]
            for stated, part, _ in split_uses(file, lines, uses):
                yield context.locator.locate_term(
                    ILL_TYPED, Severity.VIOLATION, message, file, stated, part, **proposed
                )


def merge_results(findings: Sequence[Diagnostic]) -> list[Diagnostic]:
    """The findings, each about an ill-typed literal that a shape reports by `sh:datatype` at the same place merged into
    that of the shape: one mistake is one finding.

    It has the name that the shape gives it, and the correction; its fingerprint stays the same. A shape that is less
    severe leaves both.
    """
    wrong = {_place(finding): finding for finding in findings if finding.rule == ILL_TYPED and finding.line}
    shown = {
        _place(finding)
        for finding in findings
        if finding.component == _DATATYPE and finding.severity >= Severity.VIOLATION and _place(finding) in wrong
    }
    return [
        _merge(finding, wrong[_place(finding)]) if finding.rule != ILL_TYPED and _place(finding) in shown else finding
        for finding in findings
        if finding.rule != ILL_TYPED or _place(finding) not in shown
    ]


def _merge(result: Diagnostic, literal: Diagnostic) -> Diagnostic:
    if result.component != _DATATYPE:
        return result
    place = (literal.file, literal.line, literal.column, literal.end_line, literal.end_column)
    related = (*result.related, Related(literal.message, *place))
    return replace(result, related=related, proposal=literal.proposal, certain=literal.certain)


def _place(finding: Diagnostic) -> tuple[object, ...]:
    return finding.file, finding.line, finding.column, finding.terms[0], finding.terms[2]


def check_form(context: Context) -> Iterator[Diagnostic]:
    """Literals of the repository that the store would rewrite, or that RDF/XML cannot hold: document, download and
    endpoint would differ."""
    for file in context.own if context.tidy else ():
        yield from context.clean.check("literal-form", [file.text], partial(_check_form, file, context))


def _check_form(file: File, context: Context) -> Iterator[Diagnostic]:
    for literal, triple in _find_first(file, filter(describe_loose_form, set(_literals(file)))):
        message, meant = describe_loose_form(literal), canonical_form(literal)
        proposed: Any = {"proposal": str(meant or ""), "certain": bool(meant)}
        yield context.locator.locate_term("literal-form", Severity.VIOLATION, message, file, triple, OBJECT, **proposed)


def _literals(file: File) -> Iterator[ox.Literal]:
    """The literals of a file, some repeated."""
    return (term for term in map(attrgetter("object"), file.triples) if type(term) is ox.Literal)


def _find_first(file: File, literals: Iterable[ox.Literal]) -> list[tuple[ox.Literal, ox.Triple]]:
    """Some literals of a file in order, each with the first statement that has it."""
    wanted = set(literals)
    first = {triple.object: triple for triple in reversed(file.triples) if triple.object in wanted} if wanted else {}
    return [(literal, first[literal]) for literal in sorted(wanted, key=str)]
