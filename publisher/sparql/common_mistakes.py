"""Common mistakes in queries that words of the grammar do not explain: what people bring from SQL, Turtle and editors.

Each check gets the place of a wrong word, and gives the index of the word to point at with a sentence, or nothing.
"""

import re
from collections.abc import Callable
from typing import Final

from publisher.sparql.keywords import AGGREGATES, CALLABLE, OPENING
from publisher.sparql.query_places import Place, is_term

_Found = tuple[int, str] | None
_INSIDE: Final = frozenset({"BIND", "FILTER", "GRAPH", "MINUS", "OPTIONAL", "SERVICE"})
"""What stands inside the braces of WHERE only."""
_AFTER: Final = frozenset({"GROUP", "HAVING", "LIMIT", "OFFSET", "ORDER"})
"""What stands after them."""
_FORMS: Final = frozenset({"ASK", "CONSTRUCT", "DESCRIBE", "SELECT"})
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_ESCAPE: Final = re.compile(r"""\\(?:\\|[tbnrf"'uU])|(?P<wrong>\\.)""", re.DOTALL)
"""The escapes of a text (SPARQL 1.1, section 19.7), and any other."""
_SCHEME: Final = re.compile(r"(https?|urn|mailto|file|tag):.*", re.DOTALL)


def explain_common_mistake(place: Place) -> _Found:
    """Return the index of the word to point at, and the sentence; None where no check knows the mistake."""
    return next(filter(None, (look(place) for look in _CHECKS)), None)


def _adjoins(place: Place, step: int) -> bool:
    """Whether the wrong word and the one at an offset stand without a space between."""
    first, second = sorted((place.at, place.at + step))
    if first < 0 or second >= len(place.words):
        return False
    return place.starts[first] + len(place.words[first]) == place.starts[second]


def _bracket_around(place: Place) -> str:
    """The bracket around the place; empty at the outermost level."""
    index = place.find_start(())
    return place.words[index] if index >= 0 else ""


def _is_variable(word: str) -> bool:
    return len(word) > 1 and word[0] in "?$"


# Texts, IRIs and names


def _explain_escape(place: Place) -> _Found:
    """A backslash in a text, mostly in a regular expression."""
    wrong = next((found["wrong"] for found in _ESCAPE.finditer(place.word()) if found["wrong"]), "")
    if place.word()[:1] not in ('"', "'") or not wrong:
        return None
    return place.at, f"A backslash in a text is written twice: `\\{wrong}`."


def _explain_open_iri(place: Place) -> _Found:
    """An IRI without its end."""
    for index in range(min(place.at, len(place.words) - 1)):
        adjoins = place.starts[index + 1] == place.starts[index] + 1
        if place.words[index] == "<" and adjoins and _SCHEME.fullmatch(place.words[index + 1]):
            return (index, "The IRI that begins here has no `>`.") if "IRI parsing" not in place.expected else None
    return None


def _explain_literal(place: Place) -> _Found:
    """A literal whose language tag or datatype is written in another way, or a date without quotes."""
    before, word = place.word(-1), place.word()
    is_text = before[:1] in ('"', "'") and len(before) > 1
    if is_text and word == "@":
        return place.at, "A language tag is missing after @, such as @en."
    if is_text and word == "^":
        return place.at, "A datatype stands after ^^."
    if _DATE.fullmatch(before + word + place.word(1)) and _adjoins(place, -1):
        date = before + word + place.word(1)
        return place.at - 1, f'Write a date as `"{date}"^^xsd:date`.'
    if word.upper() in ("TRUE", "FALSE") and not word.islower():
        return place.at, f"Write `{word.lower()}` in small letters."
    return None


def _explain_variable(place: Place) -> _Found:
    """A name of a variable with other characters, or none."""
    before, word, after = place.word(-1), place.word(), place.word(1)
    if word in ("?", "$") and place.clause != "(" and not is_term(before):
        return place.at, f"A name is missing after {word}."
    joined = word in ("-", ".") and _is_variable(before) and _adjoins(place, -1) and _adjoins(place, 1)
    if (
        joined
        and re.match(r"\w", after)
        and (word == "-" or place.clause == "SELECT")
        and _bracket_around(place) != "("
    ):
        return place.at - 1, f"Names of variables have letters, digits and _ only: `{before}_{after}`."
    return None


def _explain_predicate(place: Place) -> _Found:
    """A predicate that is written in another way."""
    before, word = place.word(-1), place.word()
    if word in ("type", "A") and is_term(before) and place.word(1) not in ("(", ":"):
        return place.at, f"SPARQL has no predicate `{word}`: write `a` or `rdf:type`."
    if word.lower() == "www" and place.word(1) == ".":
        return place.at, "Write an IRI in angle brackets: <https://…>."
    if word == "{" and re.fullmatch(r"\d+", place.word(1)) and is_term(before):
        return place.at, f"SPARQL does not count steps of a path: write {before}/{before}."
    if word in ("*", "+", "?") and before in ("*", "+", "?"):
        return place.at, "Only one of *, + and ? stands after a step of a path: use brackets for more."
    return None


# Expressions


def _explain_operator(place: Place) -> _Found:
    """A logical operator of another language."""
    word = place.word()
    if word in ("&", "|") and _bracket_around(place) == "(":
        return place.at, f"SPARQL has no `{word}` here: use {2 * word}."
    if word.upper() == "OR" and place.word(-1) == "}":
        return place.at, "SPARQL has no `OR` between groups: use UNION."
    return None


def _explain_name(place: Place) -> _Found:
    """An expression whose name has no AS."""
    start = place.find_start(())
    if not _is_variable(place.word()) or place.word(1) != ")" or start < 1 or place.words[start] != "(":
        return None
    before = place.words[start - 1].upper()
    if before == "BIND" or (before not in CALLABLE and place._replace(at=start).clause == "SELECT"):
        return place.at, f"AS is missing before {place.word()}."
    return None


def _explain_call(place: Place) -> _Found:
    """An argument that a function does not take."""
    if place.called == "GROUP_CONCAT" and place.word() == ",":
        return place.at, 'The separator of GROUP_CONCAT stands after a semicolon: GROUP_CONCAT(…; SEPARATOR=", ").'
    if place.called == "BOUND" and place.word(-1) == "(":
        return place.at, "BOUND takes a variable."
    return None


def _explain_aggregate(place: Place) -> _Found:
    """An aggregate in FILTER."""
    if "unbound" not in place.expected:
        return None
    opened: list[str] = []
    for index, word in enumerate(place.words):
        if word in OPENING.values():
            opened.append(place.words[index - 1].upper() if word == "(" and index else "")
        elif word in OPENING and opened:
            opened.pop()
        elif word.upper() in AGGREGATES and "FILTER" in opened:
            return index, f"{word.upper()} cannot stand in FILTER: write HAVING (…) after GROUP BY."
    return None


# Parts of a query


def _explain_prologue(place: Place) -> _Found:
    """A prefix that is declared as in Turtle, or a query that begins with something else."""
    word = place.word()
    if word.lower() in ("@prefix", "@base"):
        keyword = word[1:].upper()
        return place.at, f"SPARQL declares without @ and without a dot at the end: {keyword} …"
    if word in (";", ".") and place.word(-3).upper() == "PREFIX":
        return place.at, f"PREFIX has no `{word}` at its end."
    if place.word(-1).upper() == "PREFIX:":
        return place.at - 1, "The colon stands after the name: PREFIX name: <…>."
    if word == "{" and _FORMS.isdisjoint(word.upper() for word in place.words[: place.at]):
        return place.at, "A query begins with SELECT, ASK, CONSTRUCT or DESCRIBE."
    return None


def _explain_order(place: Place) -> _Found:
    """A clause inside of braces or outside of them."""
    word, around = place.word().upper(), _bracket_around(place)
    if word in _AFTER and around == "{":
        return place.at, f"{word} stands after the closing brace of WHERE."
    if word in _INSIDE and not around and place.word(-1) == "}":
        return place.at, f"{word} stands inside the braces of WHERE."
    if word == "UNION" and place.word(-1) != "}":
        return place.at, "UNION stands between two groups: { … } UNION { … }."
    if word == "SELECT" and around == "{" and place.word(-1) != "{":
        return place.at, "A subquery needs braces of its own: { SELECT … }."
    if word in ("SELECT", "WHERE", "ASK") and not around and "}" in place.words[: place.at]:
        return place.at, f"The query ends before this {word}: one request has one query."
    return None


def _explain_list(place: Place) -> _Found:
    """A list that is written as in SQL."""
    word, before, clause = place.word(), place.word(-1), place.clause
    if word == "," and before.isdecimal() and place.word(-2).upper() == "LIMIT":
        return place.at, f"LIMIT takes one number: LIMIT {place.word(1) or '…'} OFFSET {before}."
    if word == "," and clause in ("ORDER", "GROUP"):
        return place.at, f"Separate what stands after {clause} BY by spaces, not commas."
    if place.word(-2).upper() == "VALUES" and _is_variable(before) and word != "{":
        return place.at, f"VALUES needs its values in braces: VALUES {before} {{ … }}."
    return None


def _explain_template(place: Place) -> _Found:
    """A keyword in the template of CONSTRUCT."""
    start, word = place.find_start(()), place.word().upper()
    if start < 1 or place.words[start] != "{" or place.words[start - 1].upper() != "CONSTRUCT":
        return None
    if word == "WHERE":
        return place.at, "The template of CONSTRUCT has no closing brace before this WHERE."
    if word in _INSIDE | {"UNION", "VALUES"}:
        return place.at, f"The template of CONSTRUCT has triples only: move {word} to WHERE."
    return None


def _explain_end(place: Place) -> _Found:
    """A comment or an end as in other languages."""
    if (
        place.word() in ("-", "/")
        and place.word(1) in (place.word(), "*")
        and _adjoins(place, 1)
        and not _bracket_around(place)
    ):
        return place.at, "A comment begins with #."
    if place.word() == ";" and not _bracket_around(place):
        return place.at, "A query has no `;` at its end."
    return None


_CHECKS: Final[tuple[Callable[[Place], _Found], ...]] = (
    _explain_escape,
    _explain_open_iri,
    _explain_literal,
    _explain_variable,
    _explain_predicate,
    _explain_operator,
    _explain_name,
    _explain_call,
    _explain_aggregate,
    _explain_prologue,
    _explain_template,
    _explain_order,
    _explain_list,
    _explain_end,
)
