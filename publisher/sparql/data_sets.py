"""Data sets that queries state: a graph that is named twice counts once, as in a merge (SPARQL 1.1, section 13.2).

The engine would count each of its statements twice.
"""

import re
from collections.abc import Mapping
from typing import Final

from publisher.sparql.asked import resolve
from publisher.sparql.lexer import Token, tokenize, unescape_iri, unescape_local

_FROM: Final = re.compile(r"(?<![\w:])FROM(?!\w)", re.IGNORECASE)


def leave_out_repeats(text: str, base: str) -> str:
    """Return a query with blanks in place of FROM clauses that name a graph again, so that all else keeps its place.

    base: of relative IRIs, unless the query declares one.
    """
    if len(_FROM.findall(text)) <= 1:
        return text
    tokens = [token for token in tokenize(text) if token.kind != "comment"]
    prefixes: dict[str, str] = {}
    seen: set[tuple[bool, str]] = set()
    for token, first, second in zip(tokens, tokens[1:], tokens[2:], strict=False):
        word = token.text.upper() if token.kind == "word" else ""
        if word == "PREFIX":
            prefixes[first.text] = _read_iri(second, base, prefixes)
        elif word == "BASE":
            base = _read_iri(first, base, prefixes)
        elif word == "FROM":
            is_named = first.text.upper() == "NAMED"
            graph = second if is_named else first
            clause = (is_named, _read_iri(graph, base, prefixes))
            if clause in seen:
                end = graph.start + len(graph.text)
                text = text[: token.start] + " " * (end - token.start) + text[end:]
            seen.add(clause)
    return text


def _read_iri(token: Token, base: str, prefixes: Mapping[str, str]) -> str:
    """The IRI that a token stands for; the token itself where it stands for none, which is a syntax error."""
    if token.kind == "iri":
        return resolve(base, unescape_iri(token.text[1:-1]))
    prefix, colon, local = token.text.partition(":")
    known = prefixes.get(prefix + colon)
    return token.text if known is None else known + unescape_local(local)
