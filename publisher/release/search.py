"""Search: the things that a visitor's text may mean, by kind, and those whose texts have its words."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from publisher.matching.spellings import LONGEST, clean, stems
from publisher.release.finder import ORDER, Finder, Found
from publisher.release.name_index import NameIndex
from publisher.release.resources import Resources
from publisher.release.summaries import Summaries, shorten

SHOWN: Final = 8
"""Results of one kind on a page of several kinds."""
LISTED: Final = 25
"""Results on a page of one kind."""
WIDTH: Final = 150
"""Names that are compared word by word; results by name are not more."""
LEAST: Final = 0.25
"""Scores below this are left out where a name has only some of the words."""
LEAST_OF_ALL: Final = 0.02
"""Scores below this are left out."""
ALL_WORDS: Final = 0.75
"""The part of a text's weight from which a name has all of its words, but for those that say little."""
MOST_WORDS: Final = 0.5
"""The part of a text's weight from which a name has the words that tell more."""
FEW: Final = 5
"""From so many results with all of the words on, none is listed that has only some of them."""
IN_TEXT: Final = "text"
"""What found a thing: not a name, but the words of a text about it."""
RETIRED: Final = "retired"
"""The kind of results that are merged or withdrawn."""


class Result(NamedTuple):
    """A thing that was found. by, text: what matched, as in `finder.Found`. about: a sentence about it. successor: what
    a retired one was merged into, as (IRI, label). partial: whether it has only some of the words."""

    iri: str
    kind: str
    label: str
    score: float
    by: str
    text: str
    about: str = ""
    successor: tuple[str, str] | None = None
    partial: bool = False


class Group(NamedTuple):
    """The results of one kind. total: of all pages."""

    kind: str
    results: Sequence[Result]
    total: int


class Results(NamedTuple):
    """What was found for a text: a page of results. kind: the one that was asked for; empty for all."""

    text: str
    kind: str
    groups: Sequence[Group]
    total: int
    page: int = 1
    pages: int = 1


class Search:
    """Searches one release."""

    def __init__(self, resources: Resources, finder: Finder) -> None:
        self._resources = resources
        self._index: NameIndex = resources.store.index.by_name
        self._finder = finder
        self._summaries = Summaries(resources.store.index)

    def search(self, text: str, kind: str = "", page: int = 1) -> Results:
        """Return the results for a text. kind: of the things wanted; empty for all, the first few of each."""
        found = self._find(text, kind)
        grouped: dict[str, list[Result]] = {}
        for result in found:
            grouped.setdefault(result.kind, []).append(result)
        if kind:
            pages = max(1, -(-len(found) // LISTED))
            start = (page - 1) * LISTED
            groups = [Group(kind, found[start : start + LISTED], len(found))] if found[start:] else []
            return Results(text, kind, self._complete(groups), len(found), page, pages)
        groups = [Group(kind, results[:SHOWN], len(results)) for kind, results in grouped.items()]
        groups.sort(key=_rank)
        return Results(text, kind, self._complete(groups), len(found))

    def _find(self, text: str, kind: str) -> list[Result]:
        """All results: those that have all of the words, in a name or in a text, before those that have some."""
        kinds = [kind] if kind and kind != RETIRED else []
        found = self._finder.find(text, kinds, WIDTH, LEAST_OF_ALL, former=not kinds, shortlist=WIDTH)
        in_texts = {result.iri: result for result in self._find_in_texts(text, kinds)}
        whole = {one.iri for one in found if one.covered >= ALL_WORDS} | set(in_texts)
        least = _choose_least([one for one in found if one.iri in whole], len(whole))
        listed = [one for one in found if one.iri in whole or (one.score >= LEAST and one.covered >= least)]
        results = {one.iri: _make_result(one, partial=one.iri not in whole) for one in listed}
        results |= {iri: result for iri, result in in_texts.items() if iri not in results}
        wanted = [result for result in results.values() if not kind or result.kind == kind]
        return sorted(wanted, key=lambda result: result.partial)

    def _find_in_texts(self, text: str, kinds: Sequence[str]) -> list[Result]:
        words = list(dict.fromkeys(stems(clean(text)[:LONGEST])))
        passages: dict[int, str] = {}
        for number, passage in self._index.find_passages(words, kinds):
            passages.setdefault(number, passage)
        known = self._index.known(passages)
        found = [known[number] for number in passages if number in known]
        ordered = sorted(found, key=lambda one: ORDER.index(one.kind) if one.kind in ORDER else len(ORDER))
        return [
            Result(one.iri, one.kind, one.label, 0.0, IN_TEXT, "", shorten(passages[one.number], words))
            for one in ordered
        ]

    def _complete(self, groups: list[Group]) -> list[Group]:
        """The groups with a sentence about each result that is shown."""
        return [
            group._replace(results=[self._tell(result) for result in group.results], total=group.total)
            for group in groups
        ]

    def _tell(self, result: Result) -> Result:
        if result.kind == RETIRED:
            return self._tell_end(result)
        number = None if result.about else self._index.find_number(result.iri)
        return result if number is None else result._replace(about=self._summaries.summarize(number, result.kind))

    def _tell_end(self, result: Result) -> Result:
        """A retired thing, with what became of it."""
        end = self._resources.end_of(result.iri)
        label = result.iri.rpartition("/")[2].replace("-", " ")
        if end is None:
            return result._replace(label=label)
        successor = (end.successor, self._resources.label(end.successor)) if end.successor else None
        return result._replace(label=label, about=shorten(end.why), successor=successor)


def _choose_least(named: Sequence[Found], whole: int) -> float:
    """The part of a text's weight that a name must have to be listed without having all of the words.

    named: what has all of them in a name. whole: how many have them in a name or a text.
    """
    if whole >= FEW or any(one.exact for one in named):
        return ALL_WORDS
    return MOST_WORDS if whole else 0.0


def _make_result(found: Found, *, partial: bool) -> Result:
    kind = found.kind or RETIRED
    return Result(found.iri, kind, found.label, found.score, found.by, found.text, partial=partial)


def _rank(group: Group) -> tuple[bool, bool, float, int]:
    """The order of groups: by the best result; those with all of the words first.

    Sources are last unless one is meant: their titles name many things.
    """
    best = group.results[0].score
    place = ORDER.index(group.kind) if group.kind in ORDER else len(ORDER)
    return group.results[0].partial, group.kind == "source" and best < 1, -round(best, 1), place
