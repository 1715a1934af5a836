"""Turtle tokens: the tokens of Turtle, TriG, N-Triples and N-Quads, as regular expressions. Pure, no I/O.

The patterns accept what valid texts contain, and more: pyoxigraph decides what is valid.
"""

import re
from collections.abc import Iterator
from typing import Final

from publisher.rdf.lines import blank_mark

COMMENT: Final = r"\#[^\r\n]*+"
SKIP: Final = rf"(?:[ \t\r\n]++|{COMMENT})*+"
"""White space and comments."""
IRI: Final = r"<[^<>\s]*+>"
INSIDE: Final = r"""[^\s.,;<>"'\[\](){}\#@^|~\\]"""
NAME: Final = rf"(?!\.)(?:{INSIDE}++|\\.|\.+(?={INSIDE}|\\))++"
"""A prefixed name, a blank node label or a keyword."""
STRING: Final = (
    r'(?:"""(?:[^"\\]++|\\.|"{1,2}(?!"))*+"""'
    r"|'''(?:[^'\\]++|\\.|'{1,2}(?!'))*+'''"
    r'|"(?:[^"\\]++|\\.)*+"'
    r"|'(?:[^'\\]++|\\.)*+')"
)
NUMBER: Final = r"[+-]?(?:(?:\d+\.\d*|\.?\d+)[eE][+-]?\d+|\d*\.\d+|\d+)"
TERM: Final = rf"{IRI}|{NUMBER}|{NAME}|{STRING}(?:{SKIP}(?:@[\w-]+|\^\^{SKIP}(?:{IRI}|{NAME})))?"
DIRECTIVE: Final = (
    rf"@(?i:prefix){SKIP}[^\s:]*:{SKIP}{IRI}{SKIP}\.|(?i:prefix)(?=[\s\#]){SKIP}[^\s:]*:{SKIP}{IRI}"
    rf"|@(?i:base){SKIP}{IRI}{SKIP}\.|(?i:base){SKIP}{IRI}"
    rf"|@(?i:version){SKIP}{STRING}{SKIP}\.|(?i:version){SKIP}{STRING}"
)
TOKEN: Final = re.compile(
    rf"{SKIP}(?:(?P<directive>(?=[@PpBbVv])(?:{DIRECTIVE}))"
    rf"|(?P<mark>\.(?!\d)|[;,)}}\]]|\{{(?!\|)|\[(?:{SKIP}\])?|\((?:{SKIP}\))?|<<|\{{\||~|(?i:graph)(?=[\s\#<\[]))"
    rf"|(?P<first>{TERM})(?:{SKIP}(?P<second>{TERM})(?:{SKIP}(?P<third>{TERM}))?)?)",
    re.ASCII | re.DOTALL,
)
"""A directive, a mark, or up to three terms (Turtle 1.1, section 6.5; TriG 1.1; N-Triples; N-Quads); and `<<`, `{|` and
`~`, with which terms of RDF 1.2 begin. Three terms are matched at once, since Python is slow at every step."""

_PIECE: Final = re.compile(
    rf"(?:[^\"'<#.{{}}\\]++|{STRING}|{IRI}|{COMMENT}|\\.|[.{{}}](?!\s))*+[.{{}}]?\s*+", re.DOTALL
)
"""A text up to a full stop or brace before white space: there a statement ends, or a graph begins or ends."""

_COMMENT: Final = re.compile(rf"{STRING}|{IRI}|\\.|(?P<comment>{COMMENT})", re.DOTALL)
"""Tokens that may contain a `#` (strings, IRIs, escapes in local names), and comments."""


def find_kind(term: str) -> str:
    """Return a letter for the kind of a term: strings with and without a suffix, IRIs, labels, numbers, names and
    truth values."""
    first = term[0]
    if first in "\"'":
        return "s" if term[-1] in "\"'" else "i" if term[-1] == ">" else "t"
    if first in "<_":
        return first
    if first in "0123456789+-.":
        return "n"
    return "k" if term in ("true", "false") else "p"


def find_comments(text: str, start: int = 0) -> Iterator[re.Match[str]]:
    """Find the comments of a text from an offset on."""
    return (match for match in _COMMENT.finditer(text, start) if match["comment"])


def find_pieces(text: str) -> list[int]:
    """Return where the pieces of a text begin."""
    return [match.start() for match in _PIECE.finditer(blank_mark(text)) if match[0]]


def find_rdf12(text: str) -> int | None:
    """Return the offset of the first term of RDF 1.2 in a text, valid or not; None if there is none."""
    next_token = TOKEN.scanner(blank_mark(text)).match  # type: ignore[attr-defined]
    while match := next_token():
        if match["mark"] in ("<<", "{|", "~"):
            return int(match.start("mark"))
    return None
