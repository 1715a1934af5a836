"""JSON with positions: a reader whose strings, objects and lists know where they are in the text. Pure, no I/O.

The maintained JSON libraries for Python do not keep positions.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final, cast

_TOKEN: Final = re.compile(
    r'\s*+(?:(?P<string>"(?:[^"\\]++|\\.)*+")|(?P<mark>[][{}:,])|(?P<other>[^\s,\]}]++))', re.DOTALL
)


class Text(str):
    """A string of a JSON text. start, end: its span, with the quotation marks."""

    __slots__ = ("end", "start")
    start: int
    end: int


class Object(dict[str, Any]):
    """An object of a JSON text. start, end: its span; of repeated keys, the last counts."""

    __slots__ = ("end", "start")
    start: int
    end: int

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
    open_: list[Object | Array] = [root]
    keys: list[Text | None] = [None]
    for match in _TOKEN.finditer(text, 1 if text.startswith("\ufeff") else 0):
        start, end = match.span(match.lastgroup or 0)
        piece = text[start:end]
        if match.lastgroup == "mark":
            if piece in "{[":
                container = Object() if piece == "{" else Array()
                container.start = start
                _add(open_[-1], keys, container)
                open_.append(container)
                keys.append(None)
            elif piece in "}]":
                open_.pop().end = end
                keys.pop()
            continue
        value = json.loads(piece)
        if match.lastgroup == "string":
            value = Text(value)
            value.start, value.end = start, end
            if isinstance(open_[-1], Object) and keys[-1] is None:
                keys[-1] = value
                continue
        _add(open_[-1], keys, value)
    return root[0]


def _add(container: Object | Array, keys: list[Text | None], value: Any) -> None:
    """Put a value into the container that is open, under the key that was read last."""
    if isinstance(container, Array):
        container.append(value)
        return
    key = keys[-1]
    assert key is not None
    container.pop(key, None)  # A dictionary would keep the first key, with its position.
    container[key] = value
    keys[-1] = None


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
