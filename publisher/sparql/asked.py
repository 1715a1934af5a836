"""What a query names: terms, values, comparisons and calls, read from its tokens for hints about empty results."""

import re
from collections.abc import Sequence
from itertools import islice
from typing import Final, NamedTuple
from urllib.parse import urljoin

from publisher.sparql.keywords import CALLABLE
from publisher.sparql.lexer import Token, tokenize, unescape_local
from publisher.sparql.slips import find_slips

XSD: Final = "http://www.w3.org/2001/XMLSchema#"
TOKENS: Final = 1000
"""Tokens of a query that are looked at."""
LONGEST_NAME: Final = 200
"""Characters of a name or a text that is compared or looked up."""
DATES: Final = ("date", "dateTime", "gYear", "gYearMonth")
"""The datatypes of points in time, in XSD; values of different ones do not compare."""
COMPARISONS: Final = frozenset({"=", "!=", "<", ">", "<=", ">="})
ON_TEXT: Final = frozenset(
    {"CONTAINS", "LCASE", "REGEX", "REPLACE", "STRAFTER", "STRBEFORE", "STRENDS", "STRLEN", "STRSTARTS", "SUBSTR"}
    | {"UCASE"}
)
"""Functions whose first argument is a text; any other value is an error, which FILTER takes for false."""
ON_DATES: Final = frozenset({"DAY", "MONTH", "YEAR"})
"""Functions whose argument is a point in time."""
_EXACT: Final = frozenset({"SAMETERM"})
"""Functions that compare their arguments."""
_NOT_TERMS: Final = ("BASE", "SERVICE", "SILENT", "^^")
"""What stands before IRIs that are not terms of a pattern."""
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_NOTHING: Final = Token("", "", 0)


class Value(NamedTuple):
    """A literal of a query. datatype: its IRI, empty for a string. function: in whose arguments it stands, upper case,
    if in any. written: as in the query."""

    value: str
    language: str
    datatype: str
    function: str
    written: str


class Asked(NamedTuple):
    """What a query names.

    declared: prefix -> namespace. terms: IRIs of its patterns, as (IRI, how it is written). graphs: those after FROM.
    placed: terms within GRAPH, with its IRI. datatypes: local names of the datatypes of points in time. values:
    literals that have to be equal to one of the data. comparisons: variables with an operator and a literal. tags: what
    LANG and LANGMATCHES are compared with. calls: functions on text or dates, with the variable that they read and the
    text that they look for. properties: variable -> the IRIs before it. subjects: variables that begin a pattern.
    slips: sentences about what is valid and means something else.
    """

    declared: dict[str, str]
    terms: dict[str, str]
    graphs: list[str]
    placed: list[tuple[str, str]]
    datatypes: set[str]
    values: list[Value]
    comparisons: list[tuple[str, str, Value]]
    tags: list[Value]
    calls: list[tuple[str, str, str]]
    properties: dict[str, set[str]]
    subjects: set[str]
    slips: list[str]


def resolve(base: str, iri: str) -> str:
    """Return an IRI of a query as it stands, or below the base where it is relative (RFC 3986, section 5.2)."""
    try:
        found = iri if _SCHEME.match(iri) else urljoin(base, iri)
    except ValueError:
        return iri
    return f"{found}#" if iri.endswith("#") and not found.endswith("#") else found


def read_asked(text: str, base: str) -> Asked:
    """Read what a query names. base: of its relative IRIs, unless it declares one."""
    tokens = [token for token in islice(tokenize(text), TOKENS) if token.kind != "comment"]
    return _Reader(tokens, base).read()


class _Reader:
    """Reads the tokens of one query, in order."""

    def __init__(self, tokens: Sequence[Token], base: str) -> None:
        self._tokens = tokens
        self._base = base
        self._open: list[str] = []
        self._graphs = [""]
        self._asked = Asked({}, {}, [], [], set(), [], [], [], [], {}, set(), [])

    def read(self) -> Asked:
        """Read all tokens."""
        for index, token in enumerate(self._tokens):
            if token.text == "(":
                before = self._token(index - 1)
                cast = before.kind in ("name", "iri") and before.start + len(before.text) == token.start
                self._open.append(before.text.upper() if before.kind == "word" or cast else "")
            elif token.text == ")" and self._open:
                self._open.pop()
            elif token.text == "{":
                inside = self._token(index - 2).text.upper() == "GRAPH"
                self._graphs.append(self._resolve(self._token(index - 1)) if inside else self._graphs[-1])
            elif token.text == "}" and len(self._graphs) > 1:
                self._graphs.pop()
            elif token.kind in ("string", "number"):
                self._read_literal(index)
            elif token.kind in ("name", "iri"):
                self._read_name(index)
            elif token.kind == "variable":
                self._read_variable(index)
        self._asked.slips.extend(find_slips(self._tokens))
        return self._asked

    def _token(self, index: int) -> Token:
        return self._tokens[index] if 0 <= index < len(self._tokens) else _NOTHING

    @property
    def _function(self) -> str:
        return self._open[-1] if self._open else ""

    def _read_name(self, index: int) -> None:
        token, before = self._tokens[index], self._token(index - 1)
        if token.kind == "name" and before.text.upper() == "PREFIX":
            self._asked.declared[token.text[:-1]] = resolve(self._base, self._token(index + 1).text[1:-1])
        elif token.kind == "iri" and before.text.upper() == "BASE":
            self._base = resolve(self._base, token.text[1:-1])
        elif self._token(index - 2).text.upper() != "PREFIX":
            self._read_term(token, before, self._token(index + 1))

    def _read_term(self, token: Token, before: Token, after: Token) -> None:
        iri = self._resolve(token)
        if iri.startswith(XSD):
            self._asked.datatypes.update({iri.removeprefix(XSD)} & set(DATES))
        elif iri and before.text.upper() not in _NOT_TERMS and after.text != "(" and "\\" not in iri:
            self._asked.terms.setdefault(iri, token.text)
            if before.text.upper() == "FROM":
                self._asked.graphs.append(iri)
            elif self._graphs[-1] and before.text.upper() != "GRAPH":
                self._asked.placed.append((iri, self._graphs[-1]))

    def _resolve(self, token: Token) -> str:
        """The IRI that a token stands for; empty for any other, and where its prefix is not declared."""
        if token.kind == "iri":
            return resolve(self._base, token.text[1:-1])
        prefix, _, local = token.text.partition(":")
        known = token.kind == "name" and prefix in self._asked.declared
        return self._asked.declared[prefix] + unescape_local(local) if known else ""

    def _read_variable(self, index: int) -> None:
        token, before, after = self._tokens[index], self._token(index - 1), self._token(index + 1)
        called = self._function in ON_TEXT | ON_DATES and before.text == "(" and after.text in (",", ")")
        if called:
            second = self._token(index + 2)
            wanted = second.text.strip("\"'") if after.text == "," and second.kind == "string" else ""
            self._asked.calls.append((self._function, token.text, wanted[:LONGEST_NAME]))
        elif before.text in ("{", "}", ".") and not self._function:
            self._asked.subjects.add(token.text)
        elif property_ := self._resolve(before):
            self._asked.properties.setdefault(token.text, set()).add(property_)

    def _read_literal(self, index: int) -> None:
        token, following = self._tokens[index], self._token(index + 1)
        value = self._value(token, following, self._token(index + 2))
        if value is None:
            return
        end = index + {"^^": 3}.get(following.text, 2 if following.kind == "language" else 1)
        self._read_comparison(index, end, value)
        before, after = self._token(index - 1), self._token(end)
        is_object = self._resolve(before) != "" or before.kind == "variable"
        called = self._function in CALLABLE - _EXACT or ":" in self._function
        computed = (before.text in COMPARISONS and self._token(index - 2).kind != "variable") or (
            after.text in COMPARISONS and self._token(end + 1).kind != "variable"
        )
        if called or computed or after.text.upper() == "AS" or not (token.kind == "string" or is_object):
            return
        self._asked.values.append(value)

    def _value(self, token: Token, after: Token, second: Token) -> Value | None:
        """The literal that begins at a token; None for one that is not looked up."""
        if "\\" in token.text or len(token.text) > LONGEST_NAME:
            return None
        if token.kind == "number":
            kind = "double" if "e" in token.text.lower() else "decimal" if "." in token.text else "integer"
            return Value(token.text, "", XSD + kind, self._function, token.text)
        quotes = 3 if token.text[:3] in ('"""', "'''") else 1
        value = token.text[quotes:-quotes]
        language = after.text[1:] if after.kind == "language" else ""
        datatype = self._resolve(second) if after.text == "^^" else ""
        if after.text == "^^" and not datatype:
            return None
        written = f'"{value}"' + (f"@{language}" if language else f"^^{second.text}" if datatype else "")
        return Value(value, language, "" if datatype == XSD + "string" else datatype, self._function, written)

    def _read_comparison(self, start: int, end: int, value: Value) -> None:
        """A literal that is compared with a variable or a language tag, before it or after it."""
        operator, other = self._token(start - 1), self._token(start - 2)
        if operator.text == "(" and other.text.upper() == "IN":
            operator, other = Token("symbol", "=", 0), self._token(start - 3)
        elif operator.text not in COMPARISONS:
            operator, other = self._token(end), self._token(end + 1)
        if self._function == "LANGMATCHES" or self._is_language(start, operator, other):
            self._asked.tags.append(value)
        elif operator.text in COMPARISONS and other.kind == "variable":
            self._asked.comparisons.append((other.text, operator.text, value))

    def _is_language(self, start: int, operator: Token, other: Token) -> bool:
        call = [self._token(start - step).text.upper() for step in (5, 4, 2)]
        return operator.text in ("=", "!=") and (call == ["LANG", "(", ")"] or other.text.upper() == "LANG")
