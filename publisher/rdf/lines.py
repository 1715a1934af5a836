"""Lines of a text: line ends, and the line and column of an offset. Pure, no I/O."""

import re
from bisect import bisect_right
from functools import cached_property
from typing import Final

LINE_END: Final = re.compile(r"\r\n|\r|\n")
_NEWLINE: Final = re.compile("\n")

MAX_SOURCE: Final = 500
"""Characters of a line that a location quotes: enough for a screen, far from a file that is one line."""


def blank_mark(text: str) -> str:
    """Replace a byte order mark by a space, so that offsets stay the same."""
    return f" {text[1:]}" if text.startswith("\ufeff") else text


class Lines:
    """The lines of one text. Offsets count characters (code points) from 0, lines and columns from 1."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def starts(self) -> list[int]:
        """The offset at which each line begins."""
        pattern = LINE_END if "\r" in self.text else _NEWLINE  # One character is found three times as fast.
        return [0, *(match.end() for match in pattern.finditer(self.text))]

    def locate(self, offset: int) -> tuple[int, int]:
        """Return the line and column of an offset."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a line and column."""
        return self.starts[line - 1] + column - 1

    def source(self, line: int) -> str:
        """Return the text of a line, at most MAX_SOURCE characters."""
        start = self.starts[line - 1]
        end = self.starts[line] if line < len(self.starts) else len(self.text)
        return self.text[start : min(end, start + MAX_SOURCE)].rstrip("\r\n")
