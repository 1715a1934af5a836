"""Places in queries: the words around one that is not valid, the brackets and the clause that it is in."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from publisher.sparql.keywords import CALLABLE, CLAUSE_STARTS, KEYWORDS, OPENING


class Place(NamedTuple):
    """A word that is not valid at its position.

    words: of the query, in order. starts: where each begins. at: the index of the wrong one, as many as there are words
    at the end. expected: what the parser expected. prefixes: known ones.
    """

    words: Sequence[str]
    starts: Sequence[int]
    at: int
    expected: str
    prefixes: Mapping[str, str]

    def word(self, step: int = 0) -> str:
        """The wrong word, or the one at an offset from it; empty beyond the ends."""
        position = self.at + step
        return self.words[position] if 0 <= position < len(self.words) else ""

    def find_start(self, words: Collection[str]) -> int:
        """The index of the last of these words (upper case), or of the bracket, that the place is directly inside of;
        -1 where there is none."""
        closed = 0
        for index in range(min(self.at, len(self.words)) - 1, -1, -1):
            word = self.words[index]
            closed += (word in OPENING) - (word in OPENING.values())
            if closed < 0 or (closed == 0 and word.upper() in words):
                return index
        return -1

    @property
    def clause(self) -> str:
        """The word that begins the part of the query in which the place is, upper case, or the bracket around it."""
        index = self.find_start(CLAUSE_STARTS)
        return self.words[index].upper() if index >= 0 else ""

    @property
    def called(self) -> str:
        """The function in whose arguments the place is, empty if in none's."""
        index = self.find_start(())
        before = self.words[index - 1].upper() if index > 0 and self.words[index] == "(" else ""
        return KEYWORDS[before] if before in CALLABLE else ""


def is_term(word: str) -> bool:
    """Whether a word can be a node of a pattern: a variable, an IRI, a name, a literal."""
    return bool(re.match(r"[?$<\"'_:\d]|[^\W\d_][\w.·-]*:", word)) and word not in ("<", "<=", "<<", "?")
