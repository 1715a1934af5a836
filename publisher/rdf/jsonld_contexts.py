"""JSON-LD contexts named by an address: where a text names one, and the text with known ones written out.

pyoxigraph fetches no context and takes none from elsewhere, so one that is at hand is put into the text before it is
parsed. Pure, no I/O.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

Find = Callable[[str], str | None]
"""The value of the context at an address, as JSON without line ends; None where it is not at hand."""

_TOKEN: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"(?P<colon>\s*:)?|[{}\[\],]', re.DOTALL)
_CONTEXT: Final = '"@context"'
_IMPORT: Final = '"@import"'


def none(_: str) -> None:
    """No context is at hand."""


@dataclass(frozen=True)
class Named:
    """An address that stands for a context in a text. start, end: of the string, quotation marks included.

    whole: whether it stands for the whole context, and not for what another one imports (JSON-LD 1.1, section 4.1.10).
    """

    address: str
    start: int
    end: int
    whole: bool


@dataclass(frozen=True)
class Edit:
    """A string that gave way to a context: where it stood, and how long what stands there now is."""

    start: int
    end: int
    length: int


def named(text: str) -> Iterator[Named]:
    """The addresses of contexts that a JSON text names, well-formed or not, in order (JSON-LD 1.1, section 9.3)."""
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
            yield Named(_read(piece), match.start(), match.end(), key != _IMPORT)


def _read(piece: str) -> str:
    try:
        return str(json.loads(piece))
    except ValueError:
        return ""


def written_out(text: str, find: Find) -> tuple[str, list[Edit]]:
    """The text with every context that is at hand in place of its address, and what was edited.

    No line of the text begins elsewhere than before, since contexts come without line ends.
    """
    edits, parts, done = [], [], 0
    for name in named(text):
        value = find(name.address) if name.whole else None
        if value is not None:
            parts += [text[done : name.start], value]
            edits.append(Edit(name.start, name.end, len(value)))
            done = name.end
    return "".join([*parts, text[done:]]), edits


def before(offset: int, edits: Sequence[Edit]) -> int:
    """Where an offset of an edited text was before; within a context, where its address stood."""
    moved = 0
    for edit in edits:
        start = edit.start + moved
        if offset < start:
            break
        if offset < start + edit.length:
            return edit.start
        moved += edit.length - (edit.end - edit.start)
    return offset - moved
