"""Literals: values that are not in the lexical space of their datatype, or not in the form that the store keeps."""

from collections.abc import Iterator

import pyoxigraph as ox

from publisher.dataset.files import File
from publisher.dataset.formatting import describe_loose_form
from publisher.diagnostic import Diagnostic, Severity
from publisher.rdf.datatypes import is_ill_typed
from publisher.validation.context import Context
from publisher.validation.locator import OBJECT
from publisher.validation.suppressions import split_uses


def check(context: Context) -> Iterator[Diagnostic]:
    """Literals outside the lexical space of their datatype, such as "29/08/2017"^^xsd:date (RDF 1.1 Concepts, 3.3)."""
    for file in context.reported:
        lines = context.suppressed_lines(file, "ill-typed")
        for literal, triple in _literals(file):
            if is_ill_typed(literal):
                message = f"{literal.value!r} is not a valid {context.locator.spell(literal.datatype)}."
                uses = (
                    [(each, OBJECT) for each in file.triples if each.object == literal] if lines else [(triple, OBJECT)]
                )
                for stated, part, _ in split_uses(file, lines, uses):
                    yield context.locator.at("ill-typed", Severity.VIOLATION, message, file, stated, part)


def check_form(context: Context) -> Iterator[Diagnostic]:
    """Literals of the repository that the store would rewrite, or that RDF/XML cannot hold: document, download and
    endpoint would differ."""
    for file in context.own if context.tidy else ():
        for literal, triple in _literals(file):
            if message := describe_loose_form(literal):
                yield context.locator.at("literal-form", Severity.VIOLATION, message, file, triple, OBJECT)


def _literals(file: File) -> list[tuple[ox.Literal, ox.Triple]]:
    """Each literal of a file in order, with the first statement that has it."""
    first = {triple.object: triple for triple in reversed(file.triples) if isinstance(triple.object, ox.Literal)}
    return sorted(((value, t) for value, t in first.items() if isinstance(value, ox.Literal)), key=lambda p: str(p[0]))
