"""The SPARQL lexer: the tokens of a query, and properties of the query that follow from them before it is parsed.

The engine's parser has no lexer: it tries each keyword where its grammar allows one, so keywords may stand next to
other words without a space. Token classes are those of its grammar (SPARQL 1.1, section 19.8) or wider;
where only the grammar could decide what a text is, the token is marked ambiguous, and callers must expect both.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

_BASE: Final = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
"""PN_CHARS_BASE; with `_` it is PN_CHARS_U."""
_MORE: Final = "0-9_\u00b7\u0300-\u036f\u203f\u2040"
_CHARS: Final = rf"{_BASE}{_MORE}\-"
"""PN_CHARS."""
_ESCAPED: Final = r"%[0-9A-Fa-f]{2}|\\[_~.!$&'()*+,;=/?#@%-]"
"""PLX."""
_IRI: Final = r"<(?:[^<>\"{}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*>"

_TOKEN: Final = rf"""(?P<string>
    \"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\" | '''(?:[^'\\]|\\.|'(?!''))*'''
    | "(?:[^"\\\r\n]|\\.)*" | '(?:[^'\\\r\n]|\\.)*'
)
| (?P<iri> {_IRI} )
| (?P<comment> \#[^\r\n]* )
| (?P<variable> [?$][{_BASE}_0-9][{_BASE}{_MORE}]* )
| (?P<language> @[A-Za-z]+(?:--?[A-Za-z0-9]+)* )
| (?P<blank> _:[{_BASE}_0-9](?:[{_CHARS}]|\.+(?=[{_CHARS}]))* )
| (?P<name>
    (?P<prefix> (?:[{_BASE}](?:[{_CHARS}.]{{0,99}}[{_CHARS}])?)? )
    :(?:(?:[{_BASE}_0-9:]|{_ESCAPED})(?:[{_CHARS}:]|{_ESCAPED}|\.+(?=[{_CHARS}:%\\]))*)?
)
| (?P<number> [+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)? )
| (?P<word> [^\W\d]\w* )
| (?P<symbol> \^\^ | \|\| | && | [!>]= | <=  | <(?={_IRI}) | <<\(? | \)?>> | \{{\| | \|\}} | [^\ \t\r\n] )
"""
"""The tokens; only spaces, tabs and line ends separate them. A longer prefix counts by its parts: looking for an end at
every letter of a long text would take as long as the square of its length."""
_OPERANDS: Final = frozenset({"string", "iri", "variable", "language", "blank", "name", "number"})
"""Kinds of tokens after which `<` may be a comparison."""
_LOCAL_ESCAPE: Final = re.compile(r"\\(.)")
_CODE_POINT: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_ABSOLUTE: Final = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:")
_KEYWORDS: Final = ("service", "construct", "rand", "now", "uuid", "bnode")
"""Substrings of the keywords that `read_words` looks for, in lower case."""
_CHANGING: Final = ("rand", "now", "uuid", "bnode")
"""Substrings of the names of functions whose value differs each time, in lower case."""


class Token(NamedTuple):
    """A token of a query.

    kind: its class. text and start: where it stands. ambiguous: an IRI that may be a comparison instead, or a
    comparison that may begin an IRI.
    """

    kind: str
    text: str
    start: int
    ambiguous: bool = False


@cache
def _compile_token() -> re.Pattern[str]:
    """Compile the pattern when it is first needed: that takes as long as the other half of a query process's start, and
    plain queries have no use for it."""
    return re.compile(_TOKEN, re.DOTALL | re.VERBOSE)


def tokenize(text: str) -> Iterator[Token]:
    """Split a query into tokens, comments included."""
    brackets, pattern = _Brackets(), _compile_token()
    previous, position = Token("", "", 0), 0
    while match := pattern.search(text, position):
        kind = match.lastgroup or ""
        token = Token(kind, match[0], match.start())
        if kind == "iri" and brackets.compare_after(previous):
            token = token._replace(ambiguous=True)
            if not _ABSOLUTE.match(token.text):
                token = token._replace(kind="symbol", text="<=" if token.text.startswith("<=") else "<")
        yield token
        position = token.start + len(token.text)
        if kind != "comment":
            brackets.add(token)
            previous = token


class _Brackets:
    """The brackets that are open, and whether they hold an expression."""

    def __init__(self) -> None:
        self._open: list[str] = []
        self._values = False

    def add(self, token: Token) -> None:
        """Take the next token."""
        for bracket in token.text if token.kind == "symbol" else "":
            if bracket in "([{":
                self._open.append("values" if bracket == "{" and self._values else bracket)
            elif bracket in ")]}" and self._open:
                self._open.pop()
        if token.kind == "word":
            self._values = token.text.upper() == "VALUES"
        elif token.kind != "variable" and token.text not in ("(", ")"):
            self._values = False

    def compare_after(self, previous: Token) -> bool:
        """Whether `<` after this token may compare: only in round brackets, which the rows of VALUES have as well."""
        if not self._open or self._open[-1] != "(" or "values" in self._open:
            return False
        return previous.kind in _OPERANDS or previous.text in (")", "true", "false", ")>>", ">>", "]")


class Words(NamedTuple):
    """Properties of a query that follow from its tokens.

    services: what follows each SERVICE: an IRI, or empty for anything else. doubtful: whether the keyword SERVICE may
    be hidden in other tokens. depth: how deep brackets are nested. repeatable: whether the same query over the same
    data gives the same answer: it has no randomness, time, new blank nodes or other endpoint.
    """

    services: tuple[str, ...]
    doubtful: bool
    depth: int
    repeatable: bool


PLAIN: Final = Words((), False, 0, True)
"""The properties of a plain query."""


def read_words(text: str) -> Words:
    """Read the properties of a query from its tokens; keywords in strings, comments, IRIs and names do not count."""
    services: list[str] = []
    depth = deepest = 0
    awaited = doubtful = ambiguous = changing = constructs = nodes = False
    for token in tokenize(text):
        kind, lower = token.kind, token.text.lower()
        ambiguous |= token.ambiguous
        if awaited and kind != "comment" and lower != "silent":
            services.append(token.text[1:-1] if kind == "iri" else "")
            awaited = False
        if kind == "symbol":
            depth = max(depth + sum(c in "([{" for c in lower) - sum(c in ")]}" for c in lower), 0)
            deepest = max(deepest, depth)
            nodes |= "[" in lower
        elif kind == "word":
            awaited |= lower.endswith(("service", "servicesilent"))
            doubtful |= "service" in lower and not awaited
            constructs |= "construct" in lower
            changing |= any(name in lower for name in _CHANGING)
        elif kind == "name":
            doubtful |= "service" in lower.partition(":")[0]
        nodes |= kind == "blank"
    services += [""] * awaited
    repeatable = not (changing or services or (constructs and nodes))
    if ambiguous:
        lower = text.lower()
        doubtful |= "service" in lower
        repeatable &= not any(keyword in lower for keyword in _KEYWORDS)
    return Words(tuple(services), doubtful, deepest, repeatable)


def unescape_local(local: str) -> str:
    """Return the local part of a name without its escapes (SPARQL 1.1, section 19.8, PN_LOCAL_ESC)."""
    return _LOCAL_ESCAPE.sub(r"\1", local)


def unescape_iri(iri: str) -> str:
    """Return an IRI with the characters that its code points stand for (SPARQL 1.1, section 19.2)."""
    return _CODE_POINT.sub(lambda found: chr(int(found[1] or found[2], 16)), iri)


def is_plain(text: str, nesting: int) -> bool:
    """Whether a query needs no lexing, because it cannot contain such a keyword or too deep nesting. Most small queries
    are plain, and lexing them would take as long as answering them. Beyond ASCII, upper and lower case are not one to
    one.
    """
    if not text.isascii() or text.count("(") + text.count("{") + text.count("[") > nesting:
        return False
    lower = text.lower()
    for word in _KEYWORDS:  # noqa: SIM110 - a generator takes longer than all the rest
        if word in lower:
            return False
    return True


def undeclared_prefixes(text: str) -> set[str]:
    """Return the prefixes that names of a query use and that the query does not declare."""
    used: set[str] = set()
    declared: set[str] = set()
    previous = ""
    for token in tokenize(text):
        if token.kind == "name":
            (declared if previous == "prefix" else used).add(token.text.partition(":")[0])
        if token.kind != "comment":
            previous = token.text.lower()
    return used - declared
