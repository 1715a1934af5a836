"""Excerpts: the first rows or triples of a result, how many there are, and what the query is about, for a page.

It runs in a query process. The rest of a result is counted, but not written: a page shows the beginning of a result of
any size.
"""

import json
import time
from collections.abc import Iterable, Iterator
from itertools import islice, pairwise
from typing import Any, Final, NamedTuple, Protocol

import pyoxigraph as ox

from publisher.sparql.lexer import Token, tokenize, unescape_local

SIZE: Final = 1 << 20
"""Bytes of rows that an excerpt has at most."""
COUNTED: Final = 100_000
"""Rows that are counted; counting takes about a microsecond for each."""
SECONDS: Final = 1.0
"""Processor time for counting, where rows take longer."""
TOKENS: Final = 1000
"""Tokens of a query that are looked at."""
NAMED: Final = 3
"""Classes or things that an outline names."""
XSD_STRING: Final = "http://www.w3.org/2001/XMLSchema#string"
RDF_TYPE: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_FORMS: Final = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")


class Writer(Protocol):
    """What takes the bytes of an excerpt."""

    def write(self, piece: bytes) -> Any:
        """Take a piece."""


class Count(NamedTuple):
    """How many rows or triples a result has. more: whether it has more than were counted."""

    found: int
    more: bool


def write_rows(rows: ox.QuerySolutions, most: int, output: Writer) -> Count:
    """Write the first rows in SPARQL 1.1 Query Results JSON Format, and count all."""
    names = [variable.value for variable in rows.variables]
    output.write(b'{"head":%s,"results":{"bindings":[' % json.dumps({"vars": names}).encode())
    found = size = 0
    for row in rows:
        found += 1
        written = json.dumps({name: describe_term(row[name]) for name in names if row[name] is not None}).encode()
        size += len(written)
        if size > SIZE:
            break
        output.write(written if found == 1 else b"," + written)
        if found == most:
            break
    output.write(b"]}}")
    return _count(rows, found)


def write_triples(triples: Iterator[ox.Triple], most: int) -> tuple[list[ox.Triple], Count]:
    """The first triples, and how many there are."""
    first = list(islice(triples, most))
    return first, _count(triples, len(first))


def _count(rest: Iterable[Any], found: int) -> Count:
    """Count what is left, after those that were found before."""
    end = time.process_time() + SECONDS
    for number, _ in enumerate(rest, found + 1):
        found = number
        if number >= COUNTED or (number % 256 == 0 and time.process_time() > end):
            return Count(found, more=next(iter(rest), None) is not None)
    return Count(found, more=False)


def describe_term(term: Any) -> dict[str, Any]:
    """A term in SPARQL 1.1 Query Results JSON Format, section 3.2.2."""
    if isinstance(term, ox.Triple):
        parts = (("subject", term.subject), ("predicate", term.predicate), ("object", term.object))
        return {"type": "triple", "value": {name: describe_term(part) for name, part in parts}}
    if isinstance(term, ox.NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, ox.BlankNode):
        return {"type": "bnode", "value": term.value}
    found = {"type": "literal", "value": term.value}
    if term.language:
        return found | {"xml:lang": term.language} | ({"its:dir": str(term.direction)} if term.direction else {})
    return found if term.datatype.value == XSD_STRING else found | {"datatype": term.datatype.value}


def outline(text: str) -> list[str]:
    """What a query, which parses, is about: its form, then the IRIs of the classes, or things, that it names first."""
    tokens = [token for token in islice(tokenize(text), TOKENS) if token.kind != "comment"]
    form = next((token.text.upper() for token in tokens if token.text.upper() in _FORMS), "")
    named = _read_described(tokens) if form == "DESCRIBE" else _read_classes(tokens)
    return [form, *islice(dict.fromkeys(named), NAMED)]


def _read_classes(tokens: list[Token]) -> Iterator[str]:
    """The IRIs that stand after `a` or `rdf:type`."""
    declared = _read_prefixes(tokens)
    for before, token in pairwise(tokens):
        if before.text == "a" or _expand(before, declared) == RDF_TYPE:
            iri = _expand(token, declared)
            if iri:
                yield iri


def _read_described(tokens: list[Token]) -> Iterator[str]:
    """The IRIs that stand after DESCRIBE."""
    declared = _read_prefixes(tokens)
    start = next(place for place, token in enumerate(tokens) if token.text.upper() == "DESCRIBE")
    for token in tokens[start + 1 :]:
        iri = _expand(token, declared)
        if not iri and token.kind != "variable":
            return
        if iri:
            yield iri


def _read_prefixes(tokens: list[Token]) -> dict[str, str]:
    groups = zip(tokens, tokens[1:], tokens[2:], strict=False)
    return {name.text[:-1]: iri.text[1:-1] for word, name, iri in groups if word.text.upper() == "PREFIX"}


def _expand(token: Token, declared: dict[str, str]) -> str:
    """The IRI of a token; empty if it is none."""
    if token.kind == "iri":
        return token.text[1:-1]
    prefix, _, local = token.text.partition(":")
    if token.kind != "name" or prefix not in declared:
        return ""
    return declared[prefix] + unescape_local(local)
