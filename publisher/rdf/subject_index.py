"""The subject index: the triples of a file about a subject, and which of many files state something about it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import cached_property
from typing import Any, Final, Generic, Protocol, TypeVar

import pyoxigraph as ox

_FEW: Final = 8
"""Files that are all asked, without an index."""


_ASKED: Final = 4
"""Subjects that are looked for in all triples: four searches take as long as an index."""


class BySubject(Mapping[Any, Sequence[ox.Triple]]):
    """Subject -> the triples about it, in order; indexed after a few questions, since a run may have few findings."""

    def __init__(self, triples: Sequence[ox.Triple]) -> None:
        self._triples = triples
        self._found: dict[Any, list[ox.Triple]] = {}
        self._expected: list[Set[Any]] = []
        self._asked = 0

    def expect(self, subjects: Set[Any]) -> None:
        """Look for some subjects at once; an index of all takes three times as long, and memory."""
        if len(subjects) > _ASKED and "_index" not in vars(self):
            found: defaultdict[Any, list[ox.Triple]] = defaultdict(list)
            for triple in self._triples:
                if triple.subject in subjects:
                    found[triple.subject].append(triple)
            self._found |= found
            self._expected.append(subjects)

    def __getitem__(self, subject: Any) -> Sequence[ox.Triple]:
        found = self._found.get(subject)
        if found is None and not any(subject in subjects for subjects in self._expected):
            if self._asked < _ASKED:
                self._asked += 1
                found = self._found[subject] = [triple for triple in self._triples if triple.subject == subject]
            else:
                found = self._index.get(subject)
        if not found:
            raise KeyError(subject)
        return found

    def __iter__(self) -> Iterator[Any]:
        return iter(self._index)

    def __len__(self) -> int:
        return len(self._index)

    @cached_property
    def _index(self) -> Mapping[Any, list[ox.Triple]]:
        found: defaultdict[Any, list[ox.Triple]] = defaultdict(list)
        for triple in self._triples:
            found[triple.subject].append(triple)
        return dict(found)


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
