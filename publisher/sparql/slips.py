"""Slips in queries: what is valid and mostly means something else than it seems to. Pure, from the tokens alone."""

import re
from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches
from itertools import chain
from typing import Final

from publisher.sparql.lexer import Token

Tokens = Sequence[Token]

_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_XSD: Final = re.compile(r"(?:xsd:|<http://www\.w3\.org/2001/XMLSchema#)(\w+)>?")
_TYPES: Final = frozenset(
    re.findall(
        r"\w+",
        "anyURI boolean byte date dateTime dateTimeStamp dayTimeDuration decimal double duration float gDay gMonth "
        "gMonthDay gYear gYearMonth hexBinary base64Binary int integer language long negativeInteger "
        "nonNegativeInteger nonPositiveInteger normalizedString positiveInteger short string time token unsignedByte "
        "unsignedInt unsignedLong unsignedShort yearMonthDuration",
    )
)
"""The datatypes of XML Schema that RDF recommends (RDF 1.1 Concepts, section 5.1)."""
_ZONE: Final = r"(Z|[+-]\d\d:\d\d)?"
_FORMS: Final = {
    "date": (re.compile(rf"-?\d{{4,}}-\d\d-\d\d{_ZONE}"), "2024-01-31"),
    "dateTime": (re.compile(rf"-?\d{{4,}}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?{_ZONE}"), "2024-01-31T12:00:00"),
    "gYear": (re.compile(rf"-?\d{{4,}}{_ZONE}"), "2024"),
    "gYearMonth": (re.compile(rf"-?\d{{4,}}-\d\d{_ZONE}"), "2024-01"),
    "integer": (re.compile(r"[+-]?\d+"), "10"),
    "decimal": (re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)"), "1.5"),
    "boolean": (re.compile("true|false|0|1"), "true"),
}
"""How values of a datatype are written, and an example."""
SEARCHES: Final = frozenset({"CONTAINS", "REGEX", "STRENDS", "STRSTARTS"})
"""Functions that look for a text."""
_ALIKE: Final = 0.6
"""Least similarity of a variable that is suggested (`difflib`, 0 to 1)."""
_NOTHING: Final = Token("", "", 0)


def find_slips(tokens: Tokens) -> list[str]:
    """Return sentences about slips; code is between backticks. tokens: of a query, without its comments."""
    return list(dict.fromkeys(chain.from_iterable(look(tokens) for look in _CHECKS)))


def _get(tokens: Tokens, index: int) -> Token:
    return tokens[index] if 0 <= index < len(tokens) else _NOTHING


def _find_operators(tokens: Tokens) -> Iterator[str]:
    """`=!`, and dates without quotes, which are subtractions."""
    for index, token in enumerate(tokens):
        if token.text == "=" and _get(tokens, index + 1) == Token("symbol", "!", token.start + 1):
            yield "`=!` compares with a negation: write `!=`."
        joined = "".join(part.text for part in tokens[index : index + 3]) if token.kind == "number" else ""
        if _DATE.fullmatch(joined) and _get(tokens, index + 2).start == token.start + 7:
            yield f'`{joined}` without quotes is a subtraction: write `"{joined}"^^xsd:date`.'


def _find_ends(tokens: Tokens) -> Iterator[str]:
    """LIMIT and OFFSET that leave no row."""
    for index, token in enumerate(tokens):
        number = _get(tokens, index + 1).text
        if token.text.upper() == "LIMIT" and number.isdecimal() and int(number) == 0:
            yield "`LIMIT 0` asks for no rows."
        elif token.text.upper() == "OFFSET" and number.isdecimal() and int(number):
            yield f"`OFFSET {number}` skips the first {number} rows: there may be no more."


def _find_subjects(tokens: Tokens) -> Iterator[str]:
    """Literals as subjects, which no statement has."""
    for index, token in enumerate(tokens):
        following = _get(tokens, index + 2 if _get(tokens, index + 1).kind == "language" else index + 1)
        starts = _get(tokens, index - 1).text in ("{", ".") and following.kind in ("name", "iri", "variable")
        inside = {"VALUES", "DATA"} & {part.text.upper() for part in tokens[max(index - 4, 0) : index]}
        if token.kind == "string" and starts and not inside:
            yield f"The text `{token.text}` stands as subject: in statements, texts are values only."


def _find_variables(tokens: Tokens) -> Iterator[str]:
    """Variables that are used and that no pattern gives a value."""
    bound: set[str] = set()
    used: dict[str, None] = {}
    opened: list[str] = []
    for index, token in enumerate(tokens):
        before = _get(tokens, index - 1)
        if token.text in ("(", "{"):
            opened.append(f"{before.text.upper()}{token.text}")
        elif token.text in (")", "}") and opened:
            opened.pop()
        elif token.kind == "variable":
            named = before.text.upper() in ("AS", "VALUES")
            if named or _is_in_pattern(opened):
                bound.add(token.text[1:])
            else:
                used[token.text] = None
    for name in (name for name in used if name[1:] not in bound):
        near = get_close_matches(name[1:], sorted(bound), 1, _ALIKE)
        yield f"No pattern gives `{name}` a value." + (f" Did you mean `?{near[0]}`?" if near else "")


def _is_in_pattern(opened: Sequence[str]) -> bool:
    """Whether the innermost of the open brackets, each with the word before it, are those of a pattern: not of a call,
    nor of a clause such as FILTER. A call by the IRI of a function looks like a list in a pattern."""
    for bracket in reversed(opened):
        if bracket.endswith("{") or bracket == "VALUES(":
            return True
        if bracket[:-1].isalpha():
            return False
    return False


def _find_literals(tokens: Tokens) -> Iterator[str]:
    """Literals that are not of the datatype that they name, or of one that does not exist."""
    for index, token in enumerate(tokens):
        datatype = _XSD.fullmatch(_get(tokens, index + 2).text) if _get(tokens, index + 1).text == "^^" else None
        if token.kind != "string" or datatype is None:
            continue
        name, value = datatype[1], token.text.strip("\"'")
        meant = {known.lower(): known for known in _TYPES}.get(name.lower(), "")
        if name not in _TYPES:
            yield f"There is no datatype `xsd:{name}`." + (f" Did you mean `xsd:{meant}`?" if meant else "")
        elif name in _FORMS and not _FORMS[name][0].fullmatch(value):
            yield f'`"{value}"` is no `xsd:{name}`: write it as in `"{_FORMS[name][1]}"`.'


def _find_patterns(tokens: Tokens) -> Iterator[str]:
    """Searches whose pattern is not valid, or is of another language."""
    for index, token in enumerate(tokens):
        name = token.text.upper()
        if name not in SEARCHES or _get(tokens, index + 1).text != "(":
            continue
        arguments = _read_arguments(tokens, index + 2)
        pattern = arguments[1] if len(arguments) > 1 and arguments[1].kind == "string" else None
        if pattern is None:
            continue
        text = pattern.text.strip("\"'")
        if len(text) > 1 and "%" in (text[0], text[-1]):
            yield f"`%` is no wildcard in {name}: leave it out."
        if name == "REGEX":
            yield from _check_expression(text.replace("\\\\", "\\"), arguments[2].text if len(arguments) > 2 else "")


def _read_arguments(tokens: Tokens, start: int) -> list[Token]:
    """The first token of each argument of a call, and of one that is a call as well its name."""
    found, depth = [_get(tokens, start)], 0
    for index in range(start, len(tokens)):
        text = tokens[index].text
        depth += (text == "(") - (text == ")")
        if depth < 0:
            break
        if text == "," and not depth:
            found.append(_get(tokens, index + 1))
    return found


def _check_expression(pattern: str, flags: str) -> Iterator[str]:
    """A regular expression that the engine does not take; then no text matches."""
    if re.search(r"\(\?[=!<]", pattern):
        yield "REGEX has no lookaround such as `(?=…)`."
    elif re.search(r"\\[1-9]", pattern):
        yield "REGEX has no references such as `\\1`."
    else:
        try:
            re.compile(pattern)
        except (re.error, OverflowError, RecursionError):
            yield f"`{pattern}` is not a valid regular expression."
    wrong = set(flags.strip("\"'")) - set("smixq") if flags[:1] in ('"', "'") else set()
    if wrong:
        yield f"REGEX has no flag `{min(wrong)}`: there are s, m, i, x and q."


_CHECKS: Final[tuple[Callable[[Tokens], Iterator[str]], ...]] = (
    _find_operators,
    _find_literals,
    _find_patterns,
    _find_variables,
    _find_subjects,
    _find_ends,
)
