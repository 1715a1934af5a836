"""Scores: how similar a text is to a name, from 0 to 1, by their words and by their letters."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from rapidfuzz import fuzz, process
from rapidfuzz.distance import Indel

from publisher.matching.states import NAMES

WORDS_COMPARED: Final = 24
"""Words of one text that are compared: comparing takes time in the square of their number."""
_TYPO: Final = 0.74
"""Similarity of two words from which one may be a misspelling of the other."""
_ABBREVIATED: Final = 0.9
"""Similarity of a word and its beginning."""
_SHORTEST: Final = 3
"""Letters that an abbreviation has at least."""
_STATE: Final = 0.85
"""Similarity from which a word is a misspelling of the name of a state."""
_JOINED: Final = 0.8
"""Similarity of what two texts do not share from which it counts, however it is divided into words."""
_INEXACT: Final = 0.98
"""The most that texts that are not equal reach."""

Weight = Callable[[str], float]
"""How much a word tells: those of very many names tell little."""


class Scores(NamedTuple):
    """How similar a text and a name are. covered: the part of the text's weight that the name has; name_covered: the
    part of the name's that the text has. letters: similarity of their letters. score: all in one."""

    score: float
    covered: float
    name_covered: float
    letters: float


def score(text: Sequence[str], name: Sequence[str], weight: Weight) -> Scores:
    """Compare the words of a text with those of a name, both as `spellings.spell` makes them."""
    text, name = text[:WORDS_COMPARED], name[:WORDS_COMPARED]
    if not text or not name:
        return Scores(0, 0, 0, 0)
    letters = Indel.normalized_similarity("".join(text), "".join(name))
    if text == name:
        return Scores(1, 1, 1, letters)
    joined = _compare_rest(text, name)
    covered, name_covered = _cover(text, name, weight, joined), _cover(name, text, weight, joined)
    both = covered + name_covered
    by_words = 2 * covered * name_covered / both if both else 0.0
    by_words *= 0.95 + 0.05 * letters  # the order of the words counts little
    return Scores(min(by_words, _INEXACT), covered, name_covered, letters)


def _compare_rest(text: Sequence[str], name: Sequence[str]) -> float:
    """The similarity of what two texts do not share, however it is divided into words; 0 where it is low."""
    first = "".join(word for word in text if word not in name)
    second = "".join(word for word in name if word not in text)
    return Indel.normalized_similarity(first, second, score_cutoff=_JOINED) if first and second else 0.0


def _cover(words: Sequence[str], others: Sequence[str], weight: Weight, joined: float) -> float:
    """The part of the weight of some words that others have. A misspelled word weighs as the right one.

    joined: how far the words that others do not have are there, divided otherwise.
    """
    total = found = 0.0
    for word in words:
        alike, other = (1.0, word) if word in others else max((_compare(word, other), other) for other in others)
        heavy = weight(other) if alike else weight(word)
        total += heavy
        found += heavy * max(alike, joined)
    return found / total if total else 0.0


@lru_cache(maxsize=1 << 14)
def _compare(word: str, other: str) -> float:
    """The similarity of two different words; numbers are the same or not, and so are states but for misspellings."""
    if word in NAMES or other in NAMES:
        return _compare_with_state(word, other)
    if word.isdigit() or other.isdigit():
        return 0.0
    short, long = sorted((word, other), key=len)
    if len(short) >= _SHORTEST and long.startswith(short):
        return 0.97 if long == f"{short}s" else _ABBREVIATED
    return Indel.normalized_similarity(word, other, score_cutoff=_TYPO) ** 2


def _compare_with_state(word: str, other: str) -> float:
    if word in NAMES and other in NAMES:
        return 0.0
    state, text = (word, other) if word in NAMES else (other, word)
    return Indel.normalized_similarity(NAMES[state], text, score_cutoff=_STATE)


def choose_nearest(text: str, names: Sequence[str], limit: int) -> list[int]:
    """Return the positions of the names that are roughly the nearest to a text, at most `limit`."""
    found = process.extract(text, names, scorer=fuzz.WRatio, limit=limit)
    return [position for _, _, position in found]
