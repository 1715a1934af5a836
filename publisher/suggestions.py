"""Suggestions: the known names most similar to a given one ("did you mean"). Pure, no I/O."""

from collections.abc import Iterable
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import Indel

ALIKE: Final = 0.75
"""Minimum similarity of a suggestion among thousands of names (`Indel.normalized_similarity`, 0 to 1):
it allows one typo in a name of four letters, two in one of eight."""
ALIKE_AMONG_FEW: Final = 0.6
"""Similarity that suffices in a short list of names, such as the rules."""
_LONGEST: Final = 200
"""Characters of a name that are compared: comparing takes time in the square of the length."""


class Nearest:
    """Suggests the most similar of a fixed set of names."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names: dict[str, str] = {}
        for name in sorted(set(names)):
            self._names.setdefault(_fold(name), name)
        self._folded = list(self._names)

    def __call__(self, name: str, alike: float = ALIKE) -> str:
        """Return the most similar name, ignoring case; the empty string if none is similar enough.

        alike: the least similarity, from 0 to 1. Of names that are equally similar, the first in code point order.
        """
        found = process.extractOne(_fold(name), self._folded, scorer=Indel.normalized_similarity, score_cutoff=alike)
        return self._names[found[0]] if found else ""


def suggest(name: str, names: Iterable[str], limit: int = 1, alike: float = ALIKE_AMONG_FEW) -> list[str]:
    """Return the most similar names, best first, at most `limit`; case is ignored. alike: the least similarity."""
    folded = {_fold(known): known for known in sorted(names, reverse=True)}
    found = process.extract(
        _fold(name),
        sorted(folded),
        scorer=Indel.normalized_similarity,
        limit=limit,
        score_cutoff=alike,
    )
    return [folded[match] for match, _, _ in found]


def _fold(name: str) -> str:
    return name.casefold()[:_LONGEST]
