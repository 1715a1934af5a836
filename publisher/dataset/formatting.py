"""Formatting: whether a Turtle file is its own canonical text."""

import difflib
import re
from typing import Final

import pyoxigraph as ox

from publisher.dataset.files import File, blank_finding
from publisher.dataset.iris import Names
from publisher.diagnostic import Diagnostic, Severity
from publisher.errors import BlankNodeError
from publisher.rdf import turtle
from publisher.rdf.namespaces import RDF, XSD

_TOKEN: Final = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"""'
    r"|'''(?:[^'\\]|\\.|'(?!''))*'''"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'(?:[^'\\\n]|\\.)*'"
    r"|<(?:[^<>\"{}|^`\\\s]|\\[uU][0-9A-Fa-f]+)*>"
    r"|\\."
    r"|(?P<comment>#[^\r\n]*)",
    re.DOTALL,
)
"""What may hide a `#` in Turtle (strings, IRIs, escaped local names), and comments themselves."""


_TEXTS: Final = (ox.NamedNode(XSD + "string"), ox.NamedNode(RDF + "langString"))
"""The datatypes whose literals the store keeps as they are."""
_NO_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""The characters that XML 1.0 has no way to write (section 2.2)."""


def tidied(file: File, names: Names) -> str:
    """The canonical text of a file. Raises BlankNodeError where there is none."""
    return turtle.write(file.triples, names.file_prefixes(file.path), file.header)


def difference(file: File, names: Names) -> str:
    """The unified diff from a file's text to its canonical text; empty where they agree."""
    old, new = file.text.splitlines(keepends=True), tidied(file, names).splitlines(keepends=True)
    lines = difflib.unified_diff(old, new, file.path, f"{file.path} (canonical)")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def findings(file: File, names: Names) -> list[Diagnostic]:
    """What keeps a file from being its own canonical text: comments below the header, and layout."""
    try:
        wanted = tidied(file, names)
    except BlankNodeError as problem:
        return [blank_finding(file.path, problem)]
    found: list[Diagnostic] = []
    if wanted != file.text:
        found += stray_comments(file)
        line = _first_difference(file.text.split("\n"), wanted.split("\n"))
        message = "The file is not in canonical form; `publisher tidy` rewrites it."
        found.append(Diagnostic("tidy", Severity.VIOLATION, message, file.path, line))
    return found


def _first_difference(old: list[str], new: list[str]) -> int:
    same = (i for i, (a, b) in enumerate(zip(old, new, strict=False), 1) if a != b)
    return next(same, min(len(old), len(new)))


def stray_comments(file: File) -> list[Diagnostic]:
    """Comments below the header: canonical form has no place for them, and they are never dropped silently."""
    message = "A comment below the header block has no place in canonical form; say it in a skos:editorialNote."
    return [
        Diagnostic("stray-comment", Severity.VIOLATION, message, file.path, *_position(file.text, match.start()))
        for match in _TOKEN.finditer(file.text, file.header_end)
        if match.group("comment")
    ]


def _position(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def describe_loose_form(literal: ox.Literal) -> str:
    """Why a literal is not in its one form: the store would rewrite it, or RDF/XML cannot hold it. Empty if it is."""
    if _NO_XML.search(literal.value):
        return f"The literal {literal} has a character that RDF/XML cannot hold; remove it."
    kept = literal if literal.datatype in _TEXTS else stored_form(literal)
    return f"The literal {literal} is stored as {kept}; write that instead." if kept != literal else ""


def stored_form(literal: ox.Literal) -> ox.Literal:
    """The literal as the store gives it back."""
    store = ox.Store()
    node = ox.NamedNode("x:x")
    store.add(ox.Quad(node, node, literal))
    kept = next(iter(store)).object
    assert isinstance(kept, ox.Literal)
    return kept
