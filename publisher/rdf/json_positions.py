"""JSON with positions: a reader whose strings, objects and lists know where they are in the text. Pure, no I/O.

The maintained JSON libraries for Python do not keep positions.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final, cast

TOKEN: Final = re.compile(r'[\s,:]*+(?:"((?:[^"\\]++|\\.)*+)"|([][{}])|([^\s,\]}]++))', re.DOTALL)
"""A string, a bracket, or another value, after what separates it from the one before."""
STRING, BRACKET = 1, 2
"""The groups of TOKEN."""
MAX_DIGITS: Final = 4000
"""Digits of an integer that Python converts; the time grows with their square."""


class Text(str):
    """A string of a JSON text. start, end: its span, with the quotation marks."""

    __slots__ = ("end", "start")
    start: int
    end: int


class Object(dict[str, Any]):
    """An object of a JSON text. start, end: its span. repeated: the keys that it has again; their last value counts."""

    __slots__ = ("end", "repeated", "start")
    start: int
    end: int
    repeated: tuple[Text, ...]

    def members(self) -> Iterable[tuple[Text, Any]]:
        """Return the keys, which have positions, and the values."""
        return cast(Iterable[tuple[Text, Any]], self.items())


class Array(list[Any]):
    """An array of a JSON text. start, end: its span."""

    __slots__ = ("end", "start")
    start: int
    end: int


def read(text: str) -> Any:
    """Read a JSON text that a parser has accepted: keys and strings are Text, objects Object, arrays Array."""
    root = Array()
    container: Object | Array = root
    key: Text | None = None
    outer: list[tuple[Object | Array, Text | None]] = []
    for match in TOKEN.finditer(text, 1 if text.startswith("\ufeff") else 0):
        kind = match.lastindex
        value: Any
        if kind == STRING:
            value = _text(match)
            if key is None and isinstance(container, Object):
                key = value
                continue
        elif kind != BRACKET:
            value = json.loads(match[3], parse_int=read_integer)
        elif match[2] in "{[":
            outer.append((container, key))
            container, key = _open(match[2], match.start(2)), None
            continue
        else:
            container.end = match.end(2)
            value = container
            container, key = outer.pop()
        if isinstance(container, Object):
            assert key is not None
            if key in container:
                container.repeated += (key,)
                del container[key]  # A dictionary would keep the first key, with its position.
            container[key] = value
            key = None
        else:
            container.append(value)
    return root[0]


def _open(bracket: str, start: int) -> Object | Array:
    """An empty object or array that begins at an offset."""
    found = Object() if bracket == "{" else Array()
    found.start = start
    if isinstance(found, Object):
        found.repeated = ()
    return found


def read_integer(digits: str) -> int | float:
    """The value of an integer of a JSON text; as a float where it has more digits than Python converts (4,300)."""
    return int(digits) if len(digits) <= MAX_DIGITS else float(digits)


def _text(match: re.Match[str]) -> Text:
    written = match[1]
    text = Text(json.loads(f'"{written}"') if "\\" in written else written)
    start, end = match.span(1)
    text.start, text.end = start - 1, end + 1
    return text


def walk(value: Any) -> Iterator[tuple[Text | None, Any]]:
    """Return every value below a value as (its key if it has one, value), in the order of the text."""
    pending: list[tuple[Text | None, Any]] = [(None, value)]
    while pending:
        key, found = pending.pop()
        yield key, found
        if isinstance(found, Object):
            pending += reversed([(key, below) for key, below in found.items()])  # type: ignore[misc]
        elif isinstance(found, Array):
            pending += [(key, below) for below in reversed(found)]
