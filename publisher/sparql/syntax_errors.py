"""SPARQL syntax errors: finds the wrong token, and explains how to fix it.

The engine's parser reports how far its longest attempt reached, which may be several words after the one that is wrong
(`SELCT` fails where the nine letters of CONSTRUCT would end), and of what it expected only what reached as far. So the
query is parsed once more with its words far apart: then no attempt at one word reaches the next.

Similar keywords are found by difflib: a query process has to start fast, and importing rapidfuzz takes longer than all
the rest of its start.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from itertools import pairwise
from typing import Final, NamedTuple

from publisher.sparql.common_mistakes import explain_common_mistake
from publisher.sparql.hidden_characters import find_hidden, is_space, name_hidden
from publisher.sparql.keywords import (
    AGGREGATES,
    BARE,
    CALLABLE,
    KEYWORDS,
    MEANING,
    MODIFIERS,
    NEEDS,
    OPENING,
    OPERATORS,
    OTHER_LANGUAGES,
    QUERY_FORMS,
    UPDATES,
)
from publisher.sparql.lexer import tokenize
from publisher.sparql.query_places import Place, is_term

SPREAD: Final = 24
"""Spaces between words; the longest keyword that the parser tries has 14 letters."""
LONGEST: Final = 1 << 14
"""Characters of a query that is parsed again; of a longer one only the parser's position is reported."""
LONGEST_WORD: Final = 20
"""Letters of a word that may be a misspelled keyword."""
ALIKE: Final = 0.78
"""Least similarity of a keyword that is suggested (`difflib`, 0 to 1): `foo` is not FLOOR, nor `string` STRLANG."""
SEVERAL_LINES: Final = 'A text between single quotation marks ends on its line: use """ for several lines.'
_IN_PATH: Final = "A property path cannot contain a variable such as {}: use IRIs or prefixed names."
_ERROR: Final = re.compile(r"error at (\d+):(\d+)(?:-\S+)?: (.*)", re.DOTALL)


class Mistake(NamedTuple):
    """The position of an error in a query (line and column count from 1), and its reason."""

    line: int
    column: int
    reason: str


def explain(text: str, message: str, parse: Callable[[str], str], prefixes: Mapping[str, str]) -> Mistake | None:
    """Explain a syntax error; returns None where the parser reports no place.

    message: the parser's. parse: returns its message about another text, empty if that parses. prefixes: known ones.
    """
    found = _ERROR.match(message)
    if not found:
        return None
    tokens = [token for token in tokenize(text[:LONGEST]) if token.kind != "comment"]
    words, starts = [token.text for token in tokens], [token.start for token in tokens]
    spread, offsets = _spread(words)
    again = _ERROR.match(parse(spread)) if len(text) <= LONGEST else None
    if again is None:
        lines = any(word in ("'", '"') for word in words) and "\n" in text
        reason = SEVERAL_LINES if lines else "Syntax error at this place or shortly before it."
        return Mistake(int(found[1]), int(found[2]), reason)
    position = _offset(spread, int(again[1]), int(again[2]))
    index = sum(offset <= position for offset in offsets) - 1 if position < len(spread) else len(words)
    index, reason = _find_reason(Place(words, starts, max(index, 0), again[3], prefixes))
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


def _find_reason(place: Place) -> tuple[int, str]:
    """Return the index of the word to point to, and the sentence."""
    for look in (
        _explain_invisible,
        explain_common_mistake,
        _explain_message,
        _explain_quotation,
        _explain_brackets,
        _explain_group,
        _explain_path,
        _explain_data,
        _explain_prefix,
        _explain_iri,
        _explain_node,
    ):
        if elsewhere := look(place):
            return elsewhere
    return place.at, next(filter(None, (look(place) for look in _SENTENCES)))


# What is wrong with more than one word: each gives the index of the word to point at, and the sentence


def _explain_invisible(place: Place) -> tuple[int, str] | None:
    """An invisible character, or one that looks like a space, alone or in a word."""
    character = "" if place.word()[:1] in ('"', "'") else find_hidden(place.word())
    if not character:
        return None
    hint = "replace it by a space" if is_space(character) else "delete it"
    return place.at, f"Invisible character {name_hidden(character)}: {hint}."


def _explain_message(place: Place) -> tuple[int, str] | None:
    """An error that the parser describes in a sentence."""
    if "an expression with a variable that is unbound" in place.expected and (advice := _explain_grouping(place)):
        return advice
    if "The VALUES clause rows" in place.expected:
        return place.at - 1, "A row of VALUES needs one value for each variable; use UNDEF for no value."
    reason = next((reason for words, reason in MEANING.items() if words in place.expected), None)
    return (max(place.find_start(("SELECT",)), 0), reason) if reason else None


def _explain_grouping(place: Place) -> tuple[int, str] | None:
    """GROUP BY with an expression that has no name, which SELECT therefore cannot use."""
    words = [word.upper() for word in place.words]
    starts = [index + 2 for index in range(len(words) - 1) if words[index : index + 2] == ["GROUP", "BY"]]
    start = next((i for i in range(starts[-1], len(words)) if words[i][0] not in "?$"), len(words)) if starts else 0
    if not starts or start == len(words) or (words[start] not in CALLABLE and words[start] != "("):
        return None
    expression = list(place.words[start : _closing(place.words, start)])
    if expression[0] == "(":
        expression = expression[1:-1]
    if "AS" in [word.upper() for word in expression]:
        return None
    text = "".join(f"{word} " if word == "," else word for word in expression)
    name = _name_of(expression, place.words[:start]) or "?name"
    return start, f"A grouped expression needs a name: write GROUP BY ({text} AS {name}), and {name} after SELECT."


def _closing(words: Sequence[str], start: int) -> int:
    """Return the index after the bracket that closes the first one from `start` on."""
    depth = 0
    for index in range(start, len(words)):
        depth += (words[index] in OPENING.values()) - (words[index] in OPENING)
        if depth == 0 and words[index] in OPENING:
            return index + 1
    return len(words)


def _name_of(expression: Sequence[str], words: Sequence[str]) -> str:
    """Return the name that SELECT gives to an expression, empty if none."""
    size = len(expression)
    for index in range(len(words) - size - 1):
        if list(words[index : index + size]) == expression and words[index + size].upper() == "AS":
            return words[index + size + 1]
    return ""


def _explain_path(place: Place) -> tuple[int, str] | None:
    """A variable in a property path."""
    before, word = place.word(-1), place.word()
    if word[:1] in ("?", "$") and len(word) > 1 and before in ("(", "|") and '"a"' in place.expected:
        return place.at, _IN_PATH.format(word)
    if place.clause == "(" and place.called:
        return None
    inside = word[:1] in ("?", "$") and len(word) > 1 and before in ("^", "/", "|", "!")
    after = before[:1] in ("?", "$") and word in ("/", "|", "*", "?")
    modified = place.word(-2)[:1] in ("?", "$") and before in ("+", "*")
    if not (inside or after or modified) or place.clause in ("(", "SELECT"):
        return None
    index = place.at - (0 if inside else 1 if after else 2)
    return index, _IN_PATH.format(place.words[index])


def _explain_quotation(place: Place) -> tuple[int, str] | None:
    """A quotation mark without its counterpart."""
    if place.word() in tuple("“”„‘’«»`´′″"):
        return place.at, f"{place.word()} is not a SPARQL quotation mark: use \" or '."
    found = next((index for index, word in enumerate(place.words) if word in ("'", '"')), None)
    if found is None:
        return None
    mark = place.words[found]
    if found and place.words[found - 1] == 2 * mark and place.starts[found - 1] == place.starts[found] - 2:
        return min(found - 1, place.at), f"A closing {3 * mark} is missing."
    return min(found, place.at), f"A closing {mark} is missing, or a {mark} inside the text needs a \\ before it."


def _explain_brackets(place: Place) -> tuple[int, str] | None:
    """A bracket without its counterpart."""
    opened: list[int] = []
    for index, word in enumerate(place.words[: place.at + 1]):
        if word in OPENING.values():
            opened.append(index)
        elif word in OPENING:
            if not opened:
                return index, f"This `{word}` has no opening bracket."
            if place.words[opened.pop()] != OPENING[word]:
                return index, f"Another bracket must be closed before this `{word}`."
    if place.at < len(place.words) or not opened:
        return None
    bracket = place.words[opened[-1]]
    closing = next(close for close, open_ in OPENING.items() if open_ == bracket)
    return place.at, f"The query is incomplete: the last `{bracket}` has no `{closing}`."


def _explain_group(place: Place) -> tuple[int, str] | None:
    """A group that is well formed and not valid: the parser reports only that."""
    if place.word() != "}" or '"' in place.expected:
        return None
    named = [index for index in range(2, place.at) if place.words[index - 1].upper() == "AS"]
    for index in named:
        word, bind = place.words[index], place._replace(at=index).find_start(()) - 1
        if bind >= 0 and place.words[bind].upper() == "BIND" and word in place.words[:bind]:
            return index, f"BIND assigns {word}, which already has a value: use a new name after AS."
    select = place.find_start(("SELECT",))
    if select >= 0 and place.words[select].upper() == "SELECT":
        return select, "This SELECT names a variable twice, or one that is neither grouped nor aggregated."
    return None


def _explain_prefix(place: Place) -> tuple[int, str] | None:
    if "Prefix not found" not in place.expected:
        return None
    prefix = place.word().partition(":")[0]
    if prefix in ("http", "https"):
        return place.at, "Write an IRI in angle brackets: <https://…>."
    known = place.prefixes.get(prefix)
    declaration = f"PREFIX {prefix}: <{known or '…'}>"
    return place.at, f"The prefix `{prefix}:` is not declared. Add `{declaration}` at the start."


def _explain_iri(place: Place) -> tuple[int, str] | None:
    if "IRI parsing failed" in place.expected:
        starts = [index for index, word in enumerate(place.words[: place.at + 1]) if word.startswith("<")]
        index = starts[-1] if starts else place.at
        return (
            index,
            "Not a valid IRI: it needs a scheme such as https: and has no spaces.",
        )
    word = place.word()
    if re.fullmatch(r"<[^:>]*>", word) and word != "<>":
        return place.at, f"{word} is a relative IRI without a BASE: write the full IRI."
    return None


def _explain_data(place: Place) -> tuple[int, str] | None:
    """A blank node or a variable among the values of VALUES."""
    braces = [index for index in range(min(place.at, len(place.words))) if place.words[index].upper() == "VALUES"]
    inside = braces and "{" in place.words[braces[-1] : place.at] and "}" not in place.words[braces[-1] : place.at]
    word = place.word()
    if not inside or not (word.startswith(("_:", "[")) or re.match(r"[?$].", word)):
        return None
    kind = "variables" if word[0] in "?$" else "blank nodes"
    return place.at, f"VALUES cannot contain {kind}: use IRIs, literals or UNDEF."


def _explain_node(place: Place) -> tuple[int, str] | None:
    if "<unreported>" not in place.expected or not place.word().startswith("_:"):
        return None
    return place.at, "A blank node label can be used in one group only: use a variable, or another label."


# What is wrong with the word itself, or with what stands before it: each gives a sentence, or nothing


def _explain_empty_query(place: Place) -> str:
    return "" if place.words else "The query is empty."


def _explain_update(place: Place) -> str:
    update = place.word().upper() in UPDATES and not {word.upper() for word in place.words[: place.at]} & {"WHERE"}
    return "Updates are not supported: the data set is read-only." if update else ""


def _explain_other_language(place: Place) -> str:
    both = place.word(-1) + place.word()
    word = both if both in OTHER_LANGUAGES and not both.isalpha() else place.word()
    instead = OTHER_LANGUAGES.get(word.upper())
    return f"SPARQL has no `{word}`: use {instead}." if instead else ""


def _explain_unknown_word(place: Place) -> str:
    word = place.word()
    if not re.fullmatch(r"[^\W\d]\w*", word) or word.upper() in KEYWORDS:
        return ""
    words = KEYWORDS if place.at else QUERY_FORMS.split()
    near = get_close_matches(word.upper(), words, 1, ALIKE) if 2 < len(word) < LONGEST_WORD else []
    if near:
        return f"`{word}` is not a SPARQL keyword. Did you mean {KEYWORDS[near[0]]}?"
    if not place.at:
        return f"A query starts with one of {', '.join(QUERY_FORMS.split())}."
    if place.word(1) == "(":
        return f"SPARQL has no function `{word}`."
    return f"`{word}` is not a SPARQL keyword. Names need a prefix, variables a ?, and strings quotes."


def _explain_selection(place: Place) -> str:
    word = place.word()
    if place.clause == "SELECT":
        if word.upper() in AGGREGATES:
            return f"An expression after SELECT needs brackets and a name: ({word.upper()}(…) AS ?name)."
        if word == ",":
            return "Separate the variables after SELECT by spaces, not commas."
        if place.word(-1).upper() in ("SELECT", "DISTINCT", "REDUCED") and word.upper() in ("{", "WHERE", "FROM"):
            return "SELECT needs variables, or * for all of them."
        if word.upper() == "AS":
            return f"An expression with a name needs brackets: ({place.word(-1)} AS {place.word(1)})."
        if place.word(-1) == "*" and word == "(":
            return "SELECT has either * or a list of variables and expressions."
        if place.word(-1) == "*" and word.upper() not in ("WHERE", "{", "FROM"):
            return "The pattern after SELECT needs braces: WHERE { … }."
    if word == ")" and place.clause == "(" and place.words[place.find_start(()) - 1].upper() in ("SELECT", "DISTINCT"):
        if place.word(-2) == "(" and place.word(-1)[:1] in ("?", "$"):
            return f"A variable after SELECT stands without brackets: {place.word(-1)}."
        return "An expression after SELECT needs a name: (… AS ?name)."
    return ""


def _explain_call(place: Place) -> str:
    """Arguments that a function does not take."""
    called = place.called or (KEYWORDS[place.word().upper()] if place.word().upper() in CALLABLE else "")
    if not called or (not place.called and place.word(1) != "("):
        return ""
    if is_term(place.word()) or not place.called:
        return f"Syntax error in the arguments of {called}(…); separate them by commas."
    return f"{called}(…) takes a different number of arguments." if place.word() in (")", ",") else ""


def _explain_word_before(place: Place) -> str:
    """What must follow the word before."""
    before, word = place.word(-1).upper(), place.word().upper()
    if before in ("ORDER", "GROUP") and word != "BY":
        return f"BY is missing after {before}."
    if word in MODIFIERS and place.clause in MODIFIERS and MODIFIERS.index(word) < MODIFIERS.index(place.clause):
        return f"{word} must come before {place.clause}."
    if place.clause in BARE and word in OPERATORS:
        clause = BARE[place.clause]
        return f"An expression after {clause} needs brackets: {clause} (…)."
    if place.word(-2).upper() == "PREFIX" and place.word(-1).endswith(":"):
        return f"A prefix needs its IRI in angle brackets: PREFIX {place.word(-1)} <…>."
    call = before in ("FILTER", "HAVING") and place.word(1) == "("
    is_misspelt = (call or before == "NOT") and word.isalpha() and word not in KEYWORDS
    return "" if is_misspelt else NEEDS.get(before, "")


def _explain_triple(place: Place) -> str:
    """The missing part of a triple."""
    word, shown = place.word(), f"before `{place.word()}`"
    if '"a"' in place.expected:
        if word in ("}", ".", ";"):
            return f"A predicate and an object are missing {shown}."
        return f"Expected a predicate, not `{word}`: an IRI, a prefixed name, a variable, or `a`."
    if '"["' in place.expected and "false" in place.expected and word in ("}", ".", ";", ","):
        return f"An object is missing {shown}: a triple has a subject, a predicate and an object."
    if place.clause == "(" and is_term(word):
        return f"A comma, an operator or a bracket is missing {shown}."
    if is_term(word) and (is_term(place.word(-1)) or place.word(-1) in (")", "]")) and "BY" not in place.expected:
        return f"A `.` or `;` is missing {shown}."
    return ""


def _explain_end(place: Place) -> str:
    return "" if place.word() else "The query is incomplete."


def _explain_any(place: Place) -> str:
    symbols = re.findall(r'"([^"\w]+)"', place.expected)
    others = re.sub(r'"[^"\w]+"|expected|one of|\[.*?\]|[,\s]', "", place.expected)
    wanted = f"; expected: {' '.join(symbols)}" if symbols and not others and len(symbols) < 5 else ""
    return f"Unexpected `{place.word()}`{wanted}."


_SENTENCES: Final = (
    _explain_empty_query,
    _explain_update,
    _explain_other_language,
    _explain_selection,
    _explain_word_before,
    _explain_unknown_word,
    _explain_call,
    _explain_triple,
    _explain_end,
    _explain_any,
)
"""The checks, the most specific first; the last one always has an answer."""
