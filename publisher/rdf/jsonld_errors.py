"""Where a JSON-LD text has an error that its parser states without a position. Pure, no I/O."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import pyoxigraph as ox

from publisher.rdf import json_positions
from publisher.rdf.pieces import Span

_TWICE: Final = re.compile(r"(@\w+) (?:is defined twice|cannot be set multiple times)")
"""The parser's messages about a keyword that an object has again."""
_QUOTED: Final = re.compile(r"(\S+) is not |'(.+?)'")
_COLON: Final = re.compile(r"\s*:")


def find_error(text: str, message: str, base: str) -> Span | None:
    """The span of the value at which the parser finds an error, or of the keyword that an object has again; None where
    it is not known. text: JSON; base: as for the parser.

    The parser reads from start to end, so the text up to a value, with its brackets closed, has the same error if that
    value or one before it makes it.
    """
    try:
        json.loads(text.removeprefix("\ufeff"))
        tree = json_positions.read(text)
    except (ValueError, RecursionError):
        return None
    if again := _find_repeated(tree, message):
        return again
    ends = list(_list_ends(text))
    first, last = 0, len(ends)
    while first < last:
        middle = (first + last) // 2
        if _parse(text[: ends[middle].end] + ends[middle].closing, base) == message:
            last = middle
        else:
            first = middle + 1
    return _find_quoted(text, message, ends[first]) or ends[first].span if first < len(ends) else None


def _find_quoted(text: str, message: str, end: "_End") -> Span | None:
    """What a message quotes, in the object of which a value ends; an object is complete before its values are."""
    for match in _QUOTED.finditer(message):
        quoted = match[1] or match[2]
        if (start := text.rfind(f'"{quoted}"', end.within, end.end)) >= 0:
            return start + 1, start + 1 + len(quoted)
    return None


def _find_repeated(tree: Any, message: str) -> Span | None:
    keyword = _TWICE.match(message)
    objects = (found for _, found in json_positions.walk(tree) if isinstance(found, json_positions.Object))
    again = (key for found in objects for key in found.repeated if keyword and key == keyword[1])
    return next(((key.start, key.end) for key in again), None)


class _End(NamedTuple):
    """The end of a value. span: of the value, or of its opening bracket. end: where it ends. within: where the object
    or array begins that it is in. closing: the brackets that close the text up to it."""

    span: Span
    end: int
    within: int
    closing: str


def _list_ends(text: str) -> Iterator[_End]:
    """The values of a text in the order in which they end."""
    open_: list[tuple[int, str]] = []
    for match in json_positions.TOKEN.finditer(text, 1 if text.startswith("\ufeff") else 0):
        kind = match.lastindex or 0
        quoted = kind == json_positions.STRING
        start, end = match.start(kind) - quoted, match.end(kind) + quoted
        if kind == json_positions.BRACKET and match[kind] in "{[":
            open_.append((start, "}" if match[kind] == "{" else "]"))
            continue
        if kind == json_positions.BRACKET:
            start = open_.pop()[0]
        if not (quoted and _COLON.match(text, end)):
            span = (start, start + 1 if kind == json_positions.BRACKET else end)
            within = open_[-1][0] if open_ else 0
            yield _End(span, end, within, "".join(bracket for _, bracket in reversed(open_)))


def _parse(text: str, base: str) -> str:
    """The parser's message about a text; empty if it accepts it."""
    try:
        for _ in ox.parse(text, format=ox.RdfFormat.JSON_LD, base_iri=base or None):
            pass
    except SyntaxError as error:
        return error.msg
    return ""
