"""The SPARQL lexer: keywords, IRIs and nesting depth of a query text, without parsing it."""

import re
from typing import Final, NamedTuple

_WORDS: Final = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"""'
    r"|'''(?:[^'\\]|\\.|'(?!''))*'''"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'(?:[^'\\\n]|\\.)*'"
    r"|(?P<iri><(?:[^<>\"{}|^`\\\s]|\\[uU][0-9A-Fa-f]+)*>)"
    r"|(?P<comment>#[^\n]*)"
    r"|[?$][\w·]+|@[\w-]+"
    r"|(?P<node>_:)"
    r"|(?P<open>[\[({])"
    r"|(?P<close>[\])}])"
    r"|(?P<prefix>(?:[^\W\d_][\w.·-]{0,99})?):(?:(?:[\w:]|%[0-9A-F]{2}|\\.)(?:[\w.·:-]|%[0-9A-F]{2}|\\.)*)?"
    r"|(?P<service>SERVICE)"
    r"|\b(?P<silent>SILENT)\b"
    r"|\b(?P<construct>CONSTRUCT)\b"
    r"|\b(?P<changing>RAND|NOW|UUID|STRUUID|BNODE)\b",
    re.DOTALL | re.IGNORECASE,
)
"""Words that decide about a query, and what may contain them without being them: strings, IRIs, comments, variables,
language tags, names. A longer prefix counts by its parts: looking for an end at every letter of a long text takes as
long as the square of its length."""
_IRI: Final = re.compile("<([^<>]*)>")


_KEYWORDS: Final = ("service", "construct", "rand", "now", "uuid", "bnode")
"""What every keyword among the words contains, in lower case."""


# What is seen without parsing


class Words(NamedTuple):
    """What the words of a query tell.

    services: what follows each SERVICE: an IRI, or empty for anything else. doubtful: whether a prefix contains the
    word, which the engine's parser may take for the keyword. depth: how deep brackets are nested. repeatable: whether
    the same query over the same data gives the same answer: it asks for no chance, no time, no new blank nodes and no
    other endpoint.
    """

    services: tuple[str, ...]
    doubtful: bool
    depth: int
    repeatable: bool


def read_words(text: str) -> Words:
    """Look at the words of a query; strings, comments, IRIs and names that contain a keyword do not count."""
    found: set[str | None] = set()
    services: list[str] = []
    depth = deepest = 0
    awaited = doubtful = False
    for match in _WORDS.finditer(text):
        kind = match.lastgroup
        found.add("node" if match[0] == "[" else kind)
        if awaited and kind not in ("silent", "comment"):
            services.append(match[0][1:-1] if kind == "iri" else "")
            awaited = False
        if kind == "open":
            depth += 1
            deepest = max(deepest, depth)
        elif kind == "close":
            depth -= 1
        elif kind == "service":
            awaited = True
        elif kind == "prefix":
            doubtful = doubtful or "service" in match["prefix"].lower()
    services += [""] * awaited
    changing = "changing" in found or bool(services) or {"construct", "node"} <= found
    return Words(tuple(services), doubtful, deepest, not changing)


_PLAIN: Final = Words((), False, 0, True)


def is_plain(text: str, nesting: int) -> bool:
    """Whether no look at the words is needed: no keyword can be among them, nor too deep a nesting.

    Most small queries are plain, and looking at each of their words would take as long as answering them. Beyond ASCII,
    upper and lower case are not one to one.
    """
    if not text.isascii() or text.count("(") + text.count("{") + text.count("[") > nesting:
        return False
    lower = text.lower()
    for word in _KEYWORDS:  # noqa: SIM110 - a generator takes longer than all the rest
        if word in lower:
            return False
    return True
