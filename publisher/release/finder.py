"""The finder: which things a text may mean, the likeliest first, and whether that is certain.

A text is a name in any spelling, a number of a bill, a handle, an address or an IRI. Certain are only what identifies
one thing: a whole name, an acronym, a site, an account, an address, or a number with its session.
"""

import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Final, NamedTuple

from publisher.dataset.iris import DOCUMENT_PATH, THING_PATH, Names
from publisher.formats import DOCUMENTS, suffixes
from publisher.matching import scores
from publisher.matching.addresses import account_key, address_key, host_of, looks_like_address, read_handle
from publisher.matching.numbers import PREFIXES, Number, has_number, read_number
from publisher.matching.spellings import brackets, clean, fold, plain, spell, without_brackets
from publisher.release import name_index as types
from publisher.release.name_index import Known, Name, NameIndex

SHORTLIST: Final = 40
"""Names that are compared word by word; the others are left out after a rough comparison."""
LEAST: Final = 0.4
"""Scores below this are left out: the texts have little in common."""
ORDER: Final = (
    "coalition",
    "organization",
    "issue",
    "agenda",
    "aim",
    "proposal",
    "measure",
    "bill",
    "docket",
    "session",
    "place",
    "role",
    "scheme",
    "source",
)
"""Kinds of things with the same score, in this order."""
_IDENTIFYING: Final = frozenset({types.PREFERRED, types.TITLE, types.ALTERNATIVE, types.FORMER, types.ACRONYM})
"""Types of names by which a thing is certain."""
_OWN: Final = frozenset({types.SITE, types.ADDRESS, types.ACCOUNT, types.SAME})
"""Types of identifiers that are of the thing itself."""
_TYPE_SCORES: Final = {types.PART: 0.97, types.SLUG: 0.97, types.INITIALS: 0.8, types.TITLE: 0.99}
"""What a score is multiplied with where the name is not one of the thing itself."""
_PAGE: Final = 0.9
"""Score of the thing whose site has a page."""
_ANY_SESSION: Final = 0.95
"""Score of a bill by its number alone: every session has that number."""
_DIGITS: Final = 0.8
"""Score of a bill by the digits of its number."""
_OTHER_SESSION: Final = 0.6
"""Score of a bill by its number where the text names another session."""
_LINKED: Final = 0.8
"""Score of a thing by an address of something similar."""
_SOURCE: Final = 0.9
"""What the score of a source is multiplied with: titles of pages are full of the names of others."""
_YEARS: Final = re.compile(r"\b((?:19|20)\d\d)\W+((?:19|20)\d\d)\b")
_LAST_SUFFIX: Final = re.compile(rf"\.(?:{'|'.join(suffixes(DOCUMENTS))})\Z")


class Found(NamedTuple):
    """A thing that a text may mean.

    score: from 0 to 1. exact: whether the text identifies it. by: the type of what matched. text: what matched.
    covered, name_covered, letters: of the comparison of names, as in `matching.scores`.
    """

    number: int
    iri: str
    kind: str
    label: str
    score: float
    exact: bool
    by: str
    text: str
    covered: float = 1.0
    name_covered: float = 1.0
    letters: float = 1.0


class Reading(NamedTuple):
    """A text as it is compared. inside: what brackets in it have, as words. rest: the words without these."""

    text: str
    plain: str
    spelled: str
    folded: str
    rest: str
    inside: tuple[str, ...]


class _Hit(NamedTuple):
    """What matched, of one thing."""

    score: float
    exact: bool
    by: str
    text: str
    compared: scores.Scores = scores.Scores(1, 1, 1, 1)


class Finder:
    """Finds the things of one release by texts."""

    def __init__(self, index: NameIndex, names: Names) -> None:
        self._index = index
        self._names = names

    def find(
        self,
        text: str,
        kinds: Collection[str] = (),
        limit: int = 10,
        least: float = LEAST,
        *,
        former: bool = False,
        shortlist: int = SHORTLIST,
    ) -> list[Found]:
        """Return the things that a text may mean, the likeliest first.

        Args:
            text: Of any length; its beginning counts.
            kinds: Those of the things wanted; none for all.
            limit: How many to return at most.
            least: The least score.
            former: Whether to return retired things too; these have no kind.
            shortlist: Names that are compared word by word.
        """
        cleaned = clean(text)
        hits: dict[int, _Hit] = {}
        for number, hit in self._identify(text.strip(), cleaned):
            _keep(hits, number, hit)
        if not any(hit.exact for hit in hits.values()) and not (hits and looks_like_address(cleaned)):
            for number, hit in self._compare(_read(cleaned), kinds, shortlist):
                _keep(hits, number, hit)
        known = self._index.known(hits)
        found = [_make_found(known[number], hit) for number, hit in hits.items() if number in known]
        wanted = (one for one in found if one.score >= least and _is_wanted(one, kinds, former=former))
        return sorted(wanted, key=_rank)[:limit]

    def identify(self, address: str, limit: int) -> list[Found]:
        """Return the things that an address or a handle is one of, or has to do with; those that it identifies first.

        Names do not count.
        """
        hits: dict[int, _Hit] = {}
        handle = read_handle(address)
        for number, hit in [*self._identify_iri(address), *self._identify_address(address)]:
            _keep(hits, number, hit)
        for one in self._index.find_identified(f"@{handle.name}") if handle else ():
            _keep(hits, one.thing, _Hit(1.0, True, one.type, one.value))
        known = self._index.known(hits)
        things = (_make_found(known[number], hit) for number, hit in hits.items() if number in known)
        return sorted(things, key=_rank)[:limit]

    def complete(self, beginning: str, kinds: Collection[str] = (), limit: int = 10, start: int = 0) -> list[Found]:
        """Return the things with a name that begins as given, then those that it may mean otherwise.

        start: how many to leave out.
        """
        cleaned = clean(beginning)
        folded, spelled = fold(cleaned), spell(cleaned)
        exact = self.find(beginning, kinds, limit + start, former=False)
        certain = [one for one in exact if one.exact]
        names: dict[int, Name] = {}
        for name in self._index.find_beginning(folded, kinds):
            if name.type not in (types.SLUG, types.INITIALS):
                names.setdefault(name.thing, name)
        known = self._index.known(names)
        begun = [
            Found(*known[number], len(spelled) / max(len(name.spelled), 1), False, name.type, name.text)
            for number, name in names.items()
            if number in known and known[number].kind
        ]
        ordered = [*certain, *sorted(begun, key=lambda one: (len(one.text), _rank(one))), *exact]
        unique: dict[str, Found] = {}
        for one in ordered:
            unique.setdefault(one.iri, one)
        return list(unique.values())[start : start + limit]

    def find_certain(self, text: str, kinds: Collection[str] = ()) -> Found | None:
        """Return the one thing that a text identifies; None if it identifies none, or several."""
        return choose_certain(self.find(text, kinds))

    # Identifiers

    def _identify(self, text: str, cleaned: str) -> Iterator[tuple[int, _Hit]]:
        """What a text finds as an address, a handle or a number."""
        yield from self._identify_iri(text)
        if looks_like_address(text):
            yield from self._identify_address(text)
        handle = read_handle(cleaned)
        if handle is not None or not re.search(r"\s", cleaned):
            name = handle.name if handle else cleaned.casefold()
            for found in self._index.find_identified(f"@{name}"):
                yield found.thing, _Hit(1.0, True, found.type, found.value)
        number = read_number(cleaned)
        if number is not None:
            yield from self._identify_number(number)
        elif cleaned.isdecimal():
            for letters in PREFIXES:
                for found in self._index.find_identified(f"{letters}{cleaned.lstrip('0')}"):
                    yield found.thing, _Hit(_DIGITS, False, found.type, found.value)
        else:
            for found in self._index.find_identified(fold(cleaned)):
                yield found.thing, _Hit(_ANY_SESSION, False, found.type, found.value)

    def _identify_iri(self, text: str) -> Iterator[tuple[int, _Hit]]:
        """The thing of an own IRI, or of the address of its document on any host."""
        path = self._names.path(text) or re.sub(r"\Ahttps?://[^/]+/", "", text, flags=re.IGNORECASE)
        for start in (THING_PATH, DOCUMENT_PATH):
            at = path.find(start) if text.lower().startswith("http") or path.startswith(start) else -1
            if at >= 0:
                rest = _LAST_SUFFIX.sub("", path[at + len(start) :].partition("?")[0].partition("#")[0].rstrip("/"))
                thing = self._names.thing(self._names.iri(THING_PATH + rest.lower()))
                number = self._index.find_number(thing) if thing else None
                if number is not None and thing:
                    yield number, _Hit(1.0, True, types.ADDRESS, thing)

    def _identify_address(self, address: str) -> Iterator[tuple[int, _Hit]]:
        """What an address is of; the site of a page that is nothing itself, or only a source."""
        key = address_key(address)
        found = self._index.find_identified(key)
        accounts = self._index.find_identified(account_key(key))
        found += [one for one in accounts if one.type == types.ACCOUNT]
        for one in found:
            own = one.type in _OWN
            yield one.thing, _Hit(1.0 if own else _LINKED, own, one.type, one.value)
        kinds = {one.kind for one in self._index.known(one.thing for one in found).values()}
        if kinds <= {"source"} and host_of(key):
            for one in self._index.find_identified(host_of(key)):
                if one.type in _OWN:
                    yield one.thing, _Hit(_PAGE, False, one.type, one.value)

    def _identify_number(self, number: Number) -> Iterator[tuple[int, _Hit]]:
        session = number.session or self._sessions.get(number.year, "")
        alone = not has_number(number.rest)
        if session:
            exact = self._index.find_identified(f"{number.key} {session}")
            for one in exact:
                yield one.thing, _Hit(1.0, alone, types.NUMBER, one.value)
            if exact:
                return
        told = bool(session or number.year)
        for one in self._index.find_identified(number.key):
            yield one.thing, _Hit(_OTHER_SESSION if told else _ANY_SESSION, False, types.NUMBER, one.value)

    @cached_property
    def _sessions(self) -> Mapping[str, str]:
        """Year -> the session that it is in, by the years in the names of sessions."""
        found: dict[str, str] = {}
        for slug, label in self._index.sessions():
            for first, last in _YEARS.findall(label)[:1]:
                found |= {str(year): slug for year in range(int(first), min(int(last), int(first) + 10) + 1)}
        return found

    # Names

    def _compare(self, reading: Reading, kinds: Collection[str], most: int) -> Iterator[tuple[int, _Hit]]:
        equal = self._index.find_equal(reading.folded, reading.spelled)
        if reading.inside and reading.rest:
            equal += self._index.find_equal(fold(reading.rest), reading.rest)
        candidates = dict.fromkeys([*equal, *self._candidates(reading, kinds)])
        shortlist = dict.fromkeys([*equal, *_shorten(reading, list(candidates), most)])
        words = reading.spelled.split()
        weight = self._weights([*words, *(word for name in shortlist for word in name.spelled.split())])
        acronyms = {name.thing for name in equal if name.type == types.ACRONYM}
        for name in shortlist:
            yield name.thing, self._compare_name(reading, words, name, weight, acronyms)

    def _candidates(self, reading: Reading, kinds: Collection[str]) -> list[Name]:
        pieces = {reading.plain[at : at + 3] for at in range(len(reading.plain) - 2)}
        found = self._index.find_alike(types.LETTERS, pieces, kinds)
        return [*self._index.find_alike(types.SPELLINGS, reading.spelled.split(), kinds), *found]

    def _compare_name(
        self, reading: Reading, words: list[str], name: Name, weight: scores.Weight, acronyms: set[int]
    ) -> _Hit:
        compared = scores.score(words, name.spelled.split(), weight)
        exact = self._is_exact(reading, name)
        by_letters = fold(name.text) == reading.folded
        similar = 0.0 if name.type == types.INITIALS else compared.score  # a word that resembles initials is none
        value = 1.0 if exact or by_letters else similar
        return _Hit(value * _TYPE_SCORES.get(name.type, 1.0), exact, name.type, name.text, compared)

    def _is_exact(self, reading: Reading, name: Name) -> bool:
        """Whether a text is a whole name. An acronym must have its capitals: `CARE` is one, `care` a word."""
        if name.type not in _IDENTIFYING:
            return False
        if name.type == types.ACRONYM:
            return name.text in (reading.text, f"{reading.text}.")
        if reading.spelled == name.spelled or fold(name.text) == reading.folded:
            return True
        return bool(reading.inside) and reading.rest == name.spelled and self._names_same(name.thing, reading.inside)

    def _names_same(self, thing: int, inside: Iterable[str]) -> bool:
        """Whether what brackets have names the thing too, or says nothing more than its names."""
        own = {name.spelled for name in self._index.names_of(thing) if name.type in _IDENTIFYING | {types.INITIALS}}
        return all(words in own for words in inside)

    def _weights(self, words: Iterable[str]) -> scores.Weight:
        """How much words tell, by the number of names that have them."""
        numbers = self._index.frequencies(types.SPELLINGS, words)
        most = math.log(self._index.total + 2)

        def weigh(word: str) -> float:
            told = math.log((self._index.total + 2) / (numbers.get(word, 0) + 1)) / most
            return 0.05 + float(told**1.5)

        return weigh


def choose_certain(found: Iterable[Found]) -> Found | None:
    """Return the one thing that is identified; None if none is, or several are.

    A source is the page at an address, and not the thing whose site it is.
    """
    exact = [one for one in found if one.exact]
    exact = [one for one in exact if one.kind != "source"] or exact
    return exact[0] if len(exact) == 1 else None


def _is_wanted(found: Found, kinds: Collection[str], *, former: bool) -> bool:
    return found.kind in kinds if kinds else bool(found.kind or former)


def _read(text: str) -> Reading:
    inside = tuple(words for part in brackets(text) if (words := spell(part.text)))
    rest = spell(without_brackets(text)) if inside else ""
    return Reading(text, plain(text), spell(text), fold(text), rest, inside)


def _shorten(reading: Reading, candidates: list[Name], most: int) -> list[Name]:
    chosen = scores.choose_nearest(reading.spelled, [name.spelled for name in candidates], most)
    return [candidates[position] for position in chosen]


def _keep(hits: dict[int, _Hit], number: int, hit: _Hit) -> None:
    """Keep the better one of two hits of the same thing."""
    before = hits.get(number)
    if before is None or (hit.exact, hit.score) > (before.exact, before.score):
        hits[number] = hit


def _make_found(known: Known, hit: _Hit) -> Found:
    score = hit.score * (_SOURCE if known.kind == "source" and not hit.exact else 1.0)
    return Found(*known, score, hit.exact, hit.by, hit.text, *hit.compared[1:])


def _rank(found: Found) -> tuple[float, bool, int, int, int]:
    """The order of results: by score, then by kind, newer sessions first, then as in lists."""
    kind = ORDER.index(found.kind) if found.kind in ORDER else len(ORDER)
    session = re.search(r"/(\d+)-[a-z0-9]+\Z", found.iri)
    return -round(found.score, 3), not found.exact, kind, -int(session[1][:9]) if session else 0, found.number
