"""JSON-LD contexts: the addresses of contexts in a text, and the text with known contexts inlined.

pyoxigraph fetches no context and has no way to supply one, so known contexts are put into the text before it is parsed.
Pure, no I/O.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

Find = Callable[[str], str | None]
"""Returns the value of the context at an address, as JSON without line ends; None if it is not known."""

_TOKEN: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"(?P<colon>\s*:)?|[{}\[\],]', re.DOTALL)
_CONTEXT: Final = '"@context"'
_REMOTE: Final = re.compile(rf'{_CONTEXT}\s*:\s*["\[]')
"""The beginning of a context that is an address or a list. Few texts have one; the others need no slower search."""
_IMPORT: Final = '"@import"'


def find_none(_: str) -> None:
    """Return None: no context is known."""


@dataclass(frozen=True)
class Named:
    """The address of a context in a text. start, end: of the string, quotation marks included.

    whole: whether it is the whole context, and not the value of `@import` (JSON-LD 1.1, section 4.1.10).
    """

    address: str
    start: int
    end: int
    whole: bool


@dataclass(frozen=True)
class Edit:
    """A string that was replaced by a context: its span, and the length of the context."""

    start: int
    end: int
    length: int


def find_addresses(text: str) -> Iterator[Named]:
    """Find the addresses of contexts in a JSON text, well-formed or not, in order (JSON-LD 1.1, section 9.3)."""
    in_list: list[bool] = []
    key = ""
    for match in _TOKEN.finditer(text):
        piece = match[0]
        if piece in "{[":
            in_list.append(piece == "[" and key == _CONTEXT)
            key = ""
        elif piece in "}]":
            in_list = in_list[:-1]
            key = ""
        elif piece == ",":
            key = ""
        elif match["colon"]:
            key = piece[: match.start("colon") - match.start()]
        elif key in (_CONTEXT, _IMPORT) or (in_list and in_list[-1]):
            yield Named(_decode(piece), match.start(), match.end(), key != _IMPORT)


def _decode(piece: str) -> str:
    try:
        return str(json.loads(piece))
    except ValueError:
        return ""


def inline(text: str, find: Find) -> tuple[str, list[Edit]]:
    """Replace the address of every known context by its value; return the text and the edits.

    Contexts have no line ends, so the numbers of lines stay the same.
    """
    if not _REMOTE.search(text):
        return text, []
    edits, parts, done = [], [], 0
    for name in find_addresses(text):
        value = find(name.address) if name.whole else None
        if value is not None:
            parts += [text[done : name.start], value]
            edits.append(Edit(name.start, name.end, len(value)))
            done = name.end
    return "".join([*parts, text[done:]]), edits


def original_offset(offset: int, edits: Sequence[Edit]) -> int:
    """Return the offset in the original text; within an inlined context, that of its address."""
    moved = 0
    for edit in edits:
        start = edit.start + moved
        if offset < start:
            break
        if offset < start + edit.length:
            return edit.start
        moved += edit.length - (edit.end - edit.start)
    return offset - moved
