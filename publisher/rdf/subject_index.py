"""The subject index: which of many files state something about a subject."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Final, Generic, Protocol, TypeVar

import pyoxigraph as ox

_FEW: Final = 8
"""Files that are all asked, without an index."""


class Statements(Protocol):
    """Anything that holds triples, such as a file."""

    @property
    def triples(self) -> Sequence[ox.Triple]:
        """The triples, in order."""

    @property
    def by_subject(self) -> Mapping[Any, Sequence[ox.Triple]]:
        """Subject -> the triples about it."""


Source = TypeVar("Source", bound=Statements)


class SubjectIndex(Generic[Source]):
    """The files by subject; made at the first question."""

    def __init__(self, files: Sequence[Source]) -> None:
        self._files = files

    def find(self, subject: Any) -> Sequence[Source]:
        """Return the files, in order, among which are all that state something about a subject."""
        if len(self._files) <= _FEW:
            return self._files
        return [self._files[number] for number in self._numbers.get(subject, ())]

    @cached_property
    def _numbers(self) -> Mapping[Any, tuple[int, ...]]:
        """Subject -> the numbers of its files."""
        found: dict[Any, tuple[int, ...]] = {}
        for number, file in enumerate(self._files):
            alone = (number,)
            for subject in {triple.subject for triple in file.triples}:
                found[subject] = found[subject] + alone if subject in found else alone
        return found
