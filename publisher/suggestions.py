"""Suggestions: which known names are spelled most like another ("did you mean"). Pure, no I/O."""

import difflib
from collections import Counter
from collections.abc import Iterable
from typing import Final

ALIKE: Final = 0.75
"""How much of two names must agree (difflib's ratio): one slip in a name of four letters, two in one of eight."""
_COMPARED: Final = 10
"""Names that are compared letter by letter, those that share most pieces; difflib takes some 20 microseconds each."""
_COMMON: Final = 400
"""Names in which a piece may stand before it says too little to be followed."""
_LONGEST: Final = 200
"""Characters of a name that are looked at: difflib needs time in the square of it."""


class Nearest:
    """Finds, among names that are given once, the one that is spelled most like another.

    Names are cut into pieces of three letters and indexed by them, so that thousands of questions to thousands of names
    take seconds and not minutes.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = sorted(set(names))
        self._folded: dict[str, str] = {}
        self._having: dict[str, list[int]] = {}
        for number, name in enumerate(self._names):
            self._folded.setdefault(name.casefold(), name)
            for piece in _pieces(name):
                self._having.setdefault(piece, []).append(number)

    def __call__(self, name: str, alike: float = ALIKE) -> str:
        """The name that is most alike, capitals aside; the empty string where none is alike enough.

        alike: how much of the two must agree.
        """
        folded = name.casefold()[:_LONGEST]
        if folded in self._folded:
            return self._folded[folded]
        shared: Counter[int] = Counter()
        pieces = sorted(_pieces(folded), key=lambda piece: (len(self._having.get(piece, ())), piece))
        for piece in pieces:
            numbers = self._having.get(piece, ())
            if len(numbers) > _COMMON and shared:
                break
            shared.update(numbers)
        ranked = sorted(shared, key=lambda number: (-shared[number] / (len(self._names[number]) + 2), number))
        matcher = difflib.SequenceMatcher(autojunk=False)
        matcher.set_seq2(folded)
        best, found = alike, ""
        for candidate in (self._names[number] for number in ranked[:_COMPARED]):
            matcher.set_seq1(candidate.casefold()[:_LONGEST])
            ratio = matcher.ratio() if matcher.real_quick_ratio() >= best else 0.0
            if ratio > best or (ratio == best and not found):
                best, found = ratio, candidate
        return found


def _pieces(name: str) -> set[str]:
    """The runs of three letters, with the beginning and the end of the name."""
    padded = f"  {name.casefold()[:_LONGEST]} "
    return {padded[i : i + 3] for i in range(len(padded) - 2)}
