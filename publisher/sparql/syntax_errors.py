"""SPARQL syntax errors: the word that is wrong, and a sentence that helps to fix it.

The engine's parser tells how far its longest attempt reached, which may be several words after the one that is wrong
(`SELCT` fails where the nine letters of CONSTRUCT would end), and of what it expected only what reached as far. So the
query is parsed once more with its words far apart: then no attempt at one word reaches the next.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from difflib import get_close_matches
from itertools import pairwise
from typing import Final, NamedTuple

from publisher.sparql.lexer import tokenize

SPREAD: Final = 24
"""Spaces between words; the longest word of SPARQL that the parser tries has 14 letters."""
LONGEST: Final = 1 << 14
"""Characters of a query that is looked at again; of a longer one only the parser's position is told."""
LONGEST_WORD: Final = 20
"""Letters of a word that may be one of SPARQL's, misspelt."""
_ERROR: Final = re.compile(r"error at (\d+):(\d+)(?:-\S+)?: (.*)", re.DOTALL)
_QUERY: Final = "ASK BASE CONSTRUCT DESCRIBE PREFIX SELECT"
_CLAUSES: Final = (
    "AS ASC BIND BY DESC DISTINCT EXISTS FILTER FROM GRAPH GROUP HAVING IN LIMIT MINUS NAMED NOT OFFSET OPTIONAL ORDER "
    "REDUCED SEPARATOR SERVICE SILENT UNDEF UNION VALUES WHERE a false true"
)
_AGGREGATES: Final = frozenset({"AVG", "COUNT", "GROUP_CONCAT", "MAX", "MIN", "SAMPLE", "SUM"})
_FUNCTIONS: Final = (
    "ABS BNODE BOUND CEIL COALESCE CONCAT CONTAINS DATATYPE DAY ENCODE_FOR_URI FLOOR HOURS IF IRI LANG LANGMATCHES "
    "LCASE MD5 MINUTES MONTH NOW RAND REGEX REPLACE ROUND SECONDS SHA1 SHA256 SHA384 SHA512 STR STRAFTER STRBEFORE "
    "STRDT STRENDS STRLANG STRLEN STRSTARTS STRUUID SUBSTR TIMEZONE TZ UCASE URI UUID YEAR isBLANK isIRI isLITERAL "
    "isNUMERIC isURI sameTerm"
)
_KNOWN: Final = {word.upper(): word for word in f"{_QUERY} {_CLAUSES} {_FUNCTIONS}".split()} | {
    word: word for word in _AGGREGATES
}
_CALLED: Final = frozenset(word.upper() for word in _FUNCTIONS.split()) | _AGGREGATES
_UPDATES: Final = frozenset({"ADD", "CLEAR", "COPY", "CREATE", "DELETE", "DROP", "INSERT", "LOAD", "MOVE", "WITH"})
_ELSEWHERE: Final = {
    "==": "=",
    "<>": "!=",
    "AND": "&&",
    "OR": "||",
    "LIKE": "CONTAINS(…) or REGEX(…)",
    "LEN": "STRLEN",
    "LENGTH": "STRLEN",
    "LOWER": "LCASE",
    "UPPER": "UCASE",
    "NULL": "UNDEF",
}
"""What other languages call it, and what SPARQL does."""
_ORDER: Final = ("GROUP", "HAVING", "ORDER", "LIMIT", "VALUES")
_BEGINNINGS: Final = frozenset({"SELECT", "WHERE", "FROM", "BIND", *_ORDER})
_OPEN: Final = {")": "(", "]": "[", "}": "{"}
_GROUP: Final = "A pattern in braces follows {0}: {0} {{ … }}."
_AFTER: Final = {
    "AS": "A variable follows AS.",
    "BASE": "An IRI in angle brackets follows BASE: BASE <…>.",
    "EXISTS": _GROUP.format("EXISTS"),
    "FILTER": "A condition stands in brackets: FILTER (…).",
    "FROM": "The IRI of a graph follows FROM.",
    "GRAPH": "The IRI of a graph, or a variable, follows GRAPH.",
    "HAVING": "A condition stands in brackets: HAVING (…).",
    "LIMIT": "A whole number follows LIMIT.",
    "MINUS": _GROUP.format("MINUS"),
    "NAMED": "The IRI of a graph follows NAMED.",
    "OFFSET": "A whole number follows OFFSET.",
    "OPTIONAL": _GROUP.format("OPTIONAL"),
    "PREFIX": "A prefix ends with a colon: PREFIX name: <…>.",
    "UNION": _GROUP.format("UNION"),
    "WHERE": _GROUP.format("WHERE"),
}
"""What follows a word."""
_MEANING: Final = {
    "The SELECT contains a variable that is unbound": "A query that groups or counts can only select what it groups by "
    "and what it counts: put every other variable into GROUP BY, or into an aggregate such as SAMPLE(…).",
    "SELECT * is not authorized with GROUP BY": "SELECT * cannot stand with GROUP BY: name the variables.",
    "Duplicated variable name in SELECT": "SELECT names the same variable twice.",
    "The SELECT overrides an existing variable using an expression": "SELECT … AS gives a value to a variable that has "
    "one already: take a new name after AS.",
}
"""What the parser says of a whole SELECT that it understood."""


class Mistake(NamedTuple):
    """Where a query is wrong (characters counted from 1), and why."""

    line: int
    column: int
    reason: str


class _Place(NamedTuple):
    """A word that cannot stand where it does.

    words: of the query, in order. starts: where each begins. at: the index of the wrong one, as many as there are words
    at the end. expected: what the parser says that it expected. prefixes: those that are known here.
    """

    words: Sequence[str]
    starts: Sequence[int]
    at: int
    expected: str
    prefixes: Mapping[str, str]

    def word(self, step: int = 0) -> str:
        """The wrong word, or one so many steps from it; empty beyond the ends."""
        position = self.at + step
        return self.words[position] if 0 <= position < len(self.words) else ""

    def within(self, words: Collection[str]) -> int:
        """The index of the last of these words (upper case), or of the bracket, that the place is directly inside of;
        -1 where there is none."""
        closed = 0
        for index in range(min(self.at, len(self.words)) - 1, -1, -1):
            word = self.words[index]
            closed += (word in _OPEN) - (word in _OPEN.values())
            if closed < 0 or (closed == 0 and word.upper() in words):
                return index
        return -1

    @property
    def clause(self) -> str:
        """The word that begins the part of the query in which the place is, upper case, or the bracket around it."""
        index = self.within(_BEGINNINGS)
        return self.words[index].upper() if index >= 0 else ""

    @property
    def called(self) -> str:
        """The function in whose arguments the place is, empty if in none's."""
        index = self.within(())
        before = self.words[index - 1].upper() if index > 0 and self.words[index] == "(" else ""
        return _KNOWN[before] if before in _CALLED else ""


def explain(text: str, message: str, parse: Callable[[str], str], prefixes: Mapping[str, str]) -> Mistake | None:
    """What is wrong with a query, None where the parser does not say where.

    message: the parser's. parse: gives its message about another text, empty if that is right. prefixes: known ones.
    """
    found = _ERROR.match(message)
    if not found:
        return None
    tokens = [token for token in tokenize(text[:LONGEST]) if token.kind != "comment"]
    words, starts = [token.text for token in tokens], [token.start for token in tokens]
    spread, offsets = _spread(words)
    again = _ERROR.match(parse(spread)) if len(text) <= LONGEST else None
    if again is None:
        return Mistake(int(found[1]), int(found[2]), "Something at this place, or shortly before it, cannot be read.")
    position = _offset(spread, int(again[1]), int(again[2]))
    index = sum(offset <= position for offset in offsets) - 1 if position < len(spread) else len(words)
    index, reason = _told(_Place(words, starts, max(index, 0), again[3], prefixes))
    offset = starts[index] if index < len(words) else starts[-1] + len(words[-1]) if words else 0
    line_start = text.rfind("\n", 0, offset) + 1
    return Mistake(text.count("\n", 0, offset) + 1, offset - line_start + 1, reason)


def _spread(words: Sequence[str]) -> tuple[str, list[int]]:
    """The words with spaces between them, and where each begins; a literal keeps its language or datatype."""
    offsets, pieces, length = [], [], 0
    for word, following in pairwise([*words, ""]):
        offsets.append(length)
        glued = word == "^^" or following == "^^" or following.startswith("@")
        piece = word if glued else word + " " * SPREAD
        pieces.append(piece)
        length += len(piece)
    return "".join(pieces), offsets


def _offset(text: str, line: int, column: int) -> int:
    """The position of a character that is counted by lines."""
    start = 0
    for _ in range(line - 1):
        start = text.index("\n", start) + 1
    return start + column - 1


def _told(place: _Place) -> tuple[int, str]:
    """The index of the word to point at, and the sentence."""
    for look in (_meaning, _quotation, _brackets, _inner, _prefix, _iri, _node):
        if elsewhere := look(place):
            return elsewhere
    return place.at, next(filter(None, (look(place) for look in _SENTENCES)))


# What is wrong with more than one word: each gives the index of the word to point at, and the sentence


def _meaning(place: _Place) -> tuple[int, str] | None:
    """What the parser itself says in a sentence."""
    if "The VALUES clause rows" in place.expected:
        return place.at - 1, "A row of VALUES has as many values as there are variables; UNDEF stands for none."
    reason = next((reason for words, reason in _MEANING.items() if words in place.expected), None)
    return (max(place.within(("SELECT",)), 0), reason) if reason else None


def _quotation(place: _Place) -> tuple[int, str] | None:
    """A quotation mark without its other half."""
    if place.word() in tuple("“”„‘’«»"):
        return place.at, f"{place.word()} is no quotation mark of SPARQL: write \" or '."
    found = next((index for index, word in enumerate(place.words) if word in ("'", '"')), None)
    if found is None:
        return None
    mark = place.words[found]
    return min(found, place.at), f"A {mark} is missing here, or one inside the text has no \\ before it."


def _brackets(place: _Place) -> tuple[int, str] | None:
    """A bracket that closes nothing, or that is still open at the end."""
    opened: list[int] = []
    for index, word in enumerate(place.words[: place.at + 1]):
        if word in _OPEN.values():
            opened.append(index)
        elif word in _OPEN:
            if not opened:
                return index, f"This `{word}` closes nothing: there is one too many."
            if place.words[opened.pop()] != _OPEN[word]:
                return index, f"Something else than this `{word}` has to be closed first."
    if place.at < len(place.words) or not opened:
        return None
    bracket = place.words[opened[-1]]
    closing = next(close for close, open_ in _OPEN.items() if open_ == bracket)
    return place.at, f"The query ends too early: a `{closing}` is missing for the last `{bracket}`."


def _inner(place: _Place) -> tuple[int, str] | None:
    """A group that reads well and cannot be: the parser says nothing but that it is none."""
    if place.word() != "}" or '"' in place.expected:
        return None
    named = [index for index in range(2, place.at) if place.words[index - 1].upper() == "AS"]
    for index in named:
        word, bind = place.words[index], place._replace(at=index).within(()) - 1
        if bind >= 0 and place.words[bind].upper() == "BIND" and word in place.words[:bind]:
            return index, f"BIND gives a value to {word}, which has one already: take a new name after AS."
    select = place.within(("SELECT",))
    if select >= 0 and place.words[select].upper() == "SELECT":
        return select, "This SELECT names a variable twice, or one that is neither grouped nor counted."
    return None


def _prefix(place: _Place) -> tuple[int, str] | None:
    if "Prefix not found" not in place.expected:
        return None
    prefix = place.word().partition(":")[0]
    if prefix in ("http", "https"):
        return place.at, "An address stands in angle brackets: <https://…>."
    known = place.prefixes.get(prefix)
    declaration = f"PREFIX {prefix}: <{known or '…'}>"
    return place.at, f"The prefix `{prefix}:` is not declared: put `{declaration}` at the beginning."


def _iri(place: _Place) -> tuple[int, str] | None:
    if "IRI parsing failed" in place.expected:
        starts = [index for index, word in enumerate(place.words[: place.at + 1]) if word.startswith("<")]
        index = starts[-1] if starts else place.at
        return (
            index,
            "What stands in these angle brackets is no IRI: it needs a scheme such as https: and has no spaces.",
        )
    word = place.word()
    if re.fullmatch(r"<[^:>]*>", word) and word != "<>":
        return place.at, f"{word} is a relative IRI, and no BASE says what to: write the whole IRI."
    return None


def _node(place: _Place) -> tuple[int, str] | None:
    if "<unreported>" not in place.expected or not place.word().startswith("_:"):
        return None
    return place.at, "A label of a blank node can be used in one group only: use a variable, or another label."


# What is wrong with the word itself, or with what stands before it: each gives a sentence, or nothing


def _emptiness(place: _Place) -> str:
    return "" if place.words else "The query is empty."


def _update(place: _Place) -> str:
    update = place.word().upper() in _UPDATES and not {word.upper() for word in place.words[: place.at]} & {"WHERE"}
    return "Updates are not answered here: the data set is read-only." if update else ""


def _other_language(place: _Place) -> str:
    word = place.word(-1) + place.word() if (place.word(-1), place.word()) == ("=", "=") else place.word()
    instead = _ELSEWHERE.get(word.upper())
    return f"SPARQL has no `{word}`: write {instead}." if instead else ""


def _unknown_word(place: _Place) -> str:
    word = place.word()
    if not re.fullmatch(r"[^\W\d]\w*", word) or word.upper() in _KNOWN:
        return ""
    words = _KNOWN if place.at else _QUERY.split()
    near = get_close_matches(word.upper(), words, n=1) if 2 < len(word) < LONGEST_WORD else []
    if near:
        return f"`{word}` is no word of SPARQL: did you mean {_KNOWN[near[0]]}?"
    if not place.at:
        return f"A query begins with one of {', '.join(_QUERY.split())}."
    if place.word(1) == "(":
        return f"SPARQL has no function `{word}`."
    return f"`{word}` is no word of SPARQL: names have a prefix, variables a ?, and texts quotes."


def _selection(place: _Place) -> str:
    word = place.word()
    if place.clause == "SELECT":
        if word.upper() in _AGGREGATES:
            return f"An expression after SELECT has brackets and a name: ({word.upper()}(…) AS ?name)."
        if word == ",":
            return "The variables after SELECT have spaces between them, no commas."
        if place.word(-1) == "*" and word.upper() not in ("WHERE", "{", "FROM"):
            return "The pattern after SELECT stands in braces: WHERE { … }."
    if word == ")" and place.clause == "(" and place.words[place.within(()) - 1].upper() in ("SELECT", "DISTINCT"):
        return "An expression after SELECT has a name: (… AS ?name)."
    return ""


def _call(place: _Place) -> str:
    """Arguments that a function does not take."""
    called = place.called or (_KNOWN[place.word().upper()] if place.word().upper() in _CALLED else "")
    if not called or (not place.called and place.word(1) != "("):
        return ""
    if _is_term(place.word()) or not place.called:
        return f"The arguments of {called}(…) cannot be read; commas stand between them."
    return f"{called}(…) takes another number of arguments." if place.word() in (")", ",") else ""


def _before(place: _Place) -> str:
    """What the word before asks for."""
    before, word = place.word(-1).upper(), place.word().upper()
    if before in ("ORDER", "GROUP") and word != "BY":
        return f"BY is missing after {before}."
    if word in _ORDER and place.clause in _ORDER and _ORDER.index(word) < _ORDER.index(place.clause):
        return f"{word} stands before {place.clause}."
    if place.word(-2).upper() == "PREFIX" and place.word(-1).endswith(":"):
        return f"The IRI of a prefix stands in angle brackets: PREFIX {place.word(-1)} <…>."
    return _AFTER.get(before, "")


def _triple(place: _Place) -> str:
    """What is missing in a triple."""
    word, shown = place.word(), f"before `{place.word()}`"
    if '"a"' in place.expected:
        if word in ("}", ".", ";"):
            return f"A property and a value are missing {shown}."
        return f"A property is expected here, not `{word}`: an IRI, a name with a prefix, a variable, or `a`."
    if '"["' in place.expected and "false" in place.expected and word in ("}", ".", ";", ","):
        return f"A value is missing {shown}: a triple has a subject, a property and a value."
    if place.clause == "(" and _is_term(word):
        return f"A comma, an operator or a bracket is missing {shown}."
    if _is_term(word) and (_is_term(place.word(-1)) or place.word(-1) in (")", "]")) and "BY" not in place.expected:
        return f"A `.` or `;` is missing {shown}."
    return ""


def _is_term(word: str) -> bool:
    return bool(re.match(r"[?$<\"'_:\d]|[^\W\d_][\w.·-]*:", word)) and word not in ("<", "<=", "<<", "?")


def _end(place: _Place) -> str:
    return "" if place.word() else "The query ends too early."


def _anything(place: _Place) -> str:
    symbols = re.findall(r'"([^"\w]+)"', place.expected)
    others = re.sub(r'"[^"\w]+"|expected|one of|\[.*?\]|[,\s]', "", place.expected)
    wanted = f"; expected: {' '.join(symbols)}" if symbols and not others and len(symbols) < 5 else ""
    return f"`{place.word()}` cannot stand here{wanted}."


_SENTENCES: Final = (
    _emptiness,
    _update,
    _other_language,
    _selection,
    _before,
    _unknown_word,
    _call,
    _triple,
    _end,
    _anything,
)
"""What is looked for, the most telling first; the last has an answer to everything."""
