"""Summaries: one line about a thing, from the text that tells most about it, else from its row in a list."""

import json
import re
from collections.abc import Sequence
from typing import Final

from publisher.release.columns import COLUMNS
from publisher.release.index import Index

LENGTH: Final = 160
"""Characters of a summary."""
_VALUES: Final = 3
"""Values of one column that a summary names."""
_COLUMNS: Final = 2
"""Columns that a summary names."""


class Summaries:
    """Makes summaries of the things of one release."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def summarize(self, number: int, kind: str) -> str:
        """Return one line about a live thing; empty if there is nothing to say. number: of the thing in the index."""
        return shorten(self._index.by_name.describe(number)) or shorten(self._read_row(number, kind))

    def _read_row(self, number: int, kind: str) -> str:
        rows = self._index.select("SELECT cells FROM row WHERE thing = ?", number)
        cells = json.loads(rows[0][0]) if rows else []
        told = [
            f"{column.title}: {_join([text for text, _ in values])}"
            for column, values in zip(COLUMNS.get(kind, ()), cells, strict=False)
            if values and column.shown and not column.counts
        ]
        return ". ".join(told[:_COLUMNS])


def _join(texts: Sequence[str]) -> str:
    more = len(texts) - _VALUES
    return ", ".join(texts[:_VALUES]) + (f" and {more} more" if more > 0 else "")


def shorten(text: str, stems: Sequence[str] = ()) -> str:
    """Return a text in one line: its beginning, or what is around the first of some words. stems: of these."""
    text = " ".join(text.split())
    if len(text) <= LENGTH:
        return text
    places = [found.start() for stem in stems if (found := re.search(rf"\b{re.escape(stem[:-1] or stem)}", text, re.I))]
    start = max(0, min(places, default=0) - LENGTH // 3)
    start = text.rfind(" ", 0, start) + 1 if start else 0
    cut = text[start : start + LENGTH].rsplit(" ", 1)[0]
    return f"{'… ' * bool(start)}{cut}{' …' * (start + len(cut) < len(text))}"
