"""Suggestions: the known names most similar to a given one ("did you mean"). Pure, no I/O."""

from collections.abc import Iterable
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA, Indel

ALIKE: Final = 0.75
"""Minimum similarity of a suggestion among thousands of names (`Indel.normalized_similarity`, 0 to 1):
it allows one typo in a name of four letters, two in one of eight."""
ALIKE_AMONG_FEW: Final = 0.6
"""Similarity that suffices in a short list of names, such as the rules."""
_SLIPS: Final = (4, 8)
"""The lengths of names from which one slip, and two, are surely a misspelling."""
_CLOSE: Final = 1e-5
"""Similarities that differ by less are equal: rapidfuzz rounds its cutoffs."""
_TIES: Final = 20
"""Names of the same similarity that are compared further."""
_LONGEST: Final = 200
"""Characters of a name that are compared: comparing takes time in the square of the length."""


class Nearest:
    """Suggests the most similar of a fixed set of names."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names: dict[str, list[str]] = {}
        for name in sorted(set(names)):
            self._names.setdefault(_fold(name), []).append(name)
        self._folded = list(self._names)

    def __call__(self, name: str, alike: float = ALIKE) -> str:
        """Return the most similar name, ignoring case; the empty string if none is similar enough.

        alike: the least similarity, from 0 to 1. Of names that are equally similar, the one with the fewest slips, then
        the first in code point order; of those that differ only in
        case, one that begins in the same case.
        """
        asked = _fold(name)
        best = process.extractOne(asked, self._folded, scorer=Indel.normalized_similarity, score_cutoff=alike)
        if best is None:
            return ""
        ties = process.extract(
            asked, self._folded, scorer=Indel.normalized_similarity, score_cutoff=best[1] - _CLOSE, limit=_TIES
        )
        nearest = min(ties, key=lambda tie: (OSA.distance(asked, tie[0]), tie[2]))
        return min(self._names[nearest[0]], key=lambda known: (known[:1].isupper() != name[:1].isupper(), known))

    def find_slip(self, name: str) -> str:
        """Return the only name that a name is surely a misspelling of; the empty string if there is none, or several.

        One slip is a letter too much, missing, wrong, or swapped with the next, or any difference of case. Names of
        four letters may have one, those of eight letters two.
        """
        asked = _fold(name)
        slips = sum(len(asked) >= length for length in _SLIPS)
        found = process.extract(asked, self._folded, scorer=OSA.distance, score_cutoff=slips, limit=2)
        if not found or len(self._names[found[0][0]]) > 1:
            return ""
        is_only = len(found) == 1 or found[0][1] < min(found[1][1], 2)
        return self._names[found[0][0]][0] if is_only else ""


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
