"""Formatting: the canonical text of a Turtle file, and whether the file has it."""

import difflib
import re
from typing import Final

import pyoxigraph as ox

from publisher.dataset.comments import attach_comments
from publisher.dataset.files import File, report_blank_node
from publisher.dataset.iris import Names
from publisher.diagnostic import Diagnostic, Severity
from publisher.errors import BlankNodeError, CannotRunError
from publisher.rdf import parser, turtle
from publisher.rdf.lines import Lines
from publisher.rdf.namespaces import RDF, XSD
from publisher.rdf.relative_iris import read_base
from publisher.rdf.turtle_tokens import find_comments

_TEXTS: Final = (ox.NamedNode(XSD + "string"), ox.NamedNode(RDF + "langString"))
"""The datatypes whose literals the store does not rewrite."""
_LINE: Final = re.compile(r"[^\n]*\n|[^\n]+")
_NO_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""The characters that XML 1.0 cannot express (section 2.2)."""


def canonicalize(file: File, names: Names | None) -> str:
    """Return the canonical text of a file. Raises BlankNodeError if there is none.

    names: the address scheme of the root that the file is part of.
    None for other files: they keep their own prefixes and base, their relative IRIs, their comments, and the labels of
    shared blank nodes; they are read with the base `relative_iris.UNKNOWN`. Raises CannotRunError if relative IRIs
    cannot be kept.
    """
    if names:
        return turtle.write(file.triples, names.file_prefixes(file.path), file.header)
    triples, prefixes = parser.read_labeled(file.text, file.format, file.base)
    base = read_base(file.text)
    try:
        return turtle.write(triples, prefixes, file.header, keep=attach_comments(file, triples), base=base)
    except CannotRunError as error:
        raise CannotRunError(f"{file.path}: {error.detail}") from error


def diff(file: File, names: Names | None) -> str:
    """Return the unified diff from the text of a file to its canonical text; empty if they are equal."""
    return diff_texts(file.text, canonicalize(file, names), file.path, f"{file.path} (canonical)")


def diff_texts(old: str, new: str, old_name: str, new_name: str) -> str:
    """Return the unified diff of two texts; empty if they are equal."""
    lines = difflib.unified_diff(_LINE.findall(old), _LINE.findall(new), old_name, new_name)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def check(file: File, names: Names | None) -> list[Diagnostic]:
    """Report why a file is not in canonical form: comments below the header, and layout."""
    try:
        wanted = canonicalize(file, names)
    except BlankNodeError as problem:
        return [report_blank_node(file.path, problem)]
    found: list[Diagnostic] = []
    if wanted != file.text:
        found += find_stray_comments(file) if names else []
        line, _ = Lines(file.text).locate(_find_difference(file.text, wanted))
        message = "Not in canonical form. Run `publisher tidy` to rewrite the file."
        found.append(Diagnostic("tidy", Severity.VIOLATION, message, file.path, line))
    return found


def _find_difference(old: str, new: str) -> int:
    """Return the offset of the first difference."""
    return next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))


def find_stray_comments(file: File) -> list[Diagnostic]:
    """Report the comments below the header: canonical form cannot keep them, and they are never dropped silently."""
    message = "Comments below the header are not kept: move this one to the header, or write a skos:editorialNote."
    lines = Lines(file.text)
    return [
        Diagnostic("stray-comment", Severity.VIOLATION, message, file.path, *lines.locate(match.start()))
        for match in find_comments(file.text, file.header_end)
    ]


def describe_loose_form(literal: ox.Literal) -> str:
    """Explain why a literal is not canonical: the store rewrites it, or RDF/XML cannot express it. Empty if it is."""
    if _NO_XML.search(literal.value):
        return f"The literal {literal} has a character that RDF/XML cannot express; remove it."
    kept = canonical_form(literal)
    return f"The literal {literal} is stored as {kept}; write that instead." if kept else ""


def canonical_form(literal: ox.Literal) -> ox.Literal | None:
    """Return the form of a literal that the store keeps; None if it has it, or no form can be kept."""
    if _NO_XML.search(literal.value) or literal.datatype in _TEXTS:
        return None
    kept = stored_form(literal)
    return kept if kept != literal else None


def stored_form(literal: ox.Literal) -> ox.Literal:
    """Return the literal as the store returns it."""
    store = ox.Store()
    node = ox.NamedNode("x:x")
    store.add(ox.Quad(node, node, literal))
    kept = next(iter(store)).object
    assert isinstance(kept, ox.Literal)
    return kept
