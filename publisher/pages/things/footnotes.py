"""Footnotes: numbers sources by their first appearance on a page, and lists them with what they are."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from publisher.dataset.iris import KINDS, relative
from publisher.pages.things.dates import place_date, word_date, word_period
from publisher.pages.things.model import Link
from publisher.pages.things.reader import COAL, Reader
from publisher.rdf import namespaces as n

BACK_LINKS: Final = 2
"""Links from a source back to where it is cited, at most."""


@dataclass(frozen=True)
class Mark:
    """A footnote mark. anchor: where it stands. label: its name, for those who do not see its place."""

    number: int
    anchor: str
    label: str


@dataclass(frozen=True)
class Source:
    """A source in the list of a page.

    link: to the page that was read. about: to its record. details: publisher, kind and dates, in words. back: the marks
    that cite it, the first few.
    """

    number: int
    link: Link
    about: Link
    details: str
    back: tuple[Mark, ...] = ()


@dataclass
class Footnotes:
    """The footnotes of one page, in the order in which they are cited."""

    reader: Reader
    _marks: dict[str, list[Mark]] = field(default_factory=dict)

    def cite(self, source: str) -> Mark:
        """Return the mark of the next citation of a source."""
        marks = self._marks.setdefault(source, [])
        number = marks[0].number if marks else len(self._marks)
        which = _letters(len(marks))
        marks.append(Mark(number, f"cite-{number}{which}", f"{number}{which}"))
        return marks[-1]

    def sort(self, sources: Sequence[str]) -> list[str]:
        """Return sources in the order of their numbers; those that have none yet keep theirs, and go last."""
        places = {source: place for place, source in enumerate(self._marks)}
        return sorted(sources, key=lambda source: places.get(source, len(places)))

    def leave_out_cited(self, sources: Sequence[str]) -> tuple[str, ...]:
        """Return those of some sources that are not cited yet."""
        return tuple(source for source in sources if source not in self._marks)

    @property
    def read_on(self) -> str:
        """When the sources were read, in words; empty where it is not stated."""
        found = (self.reader.near.text(iri, COAL + "readOn") for iri in self._marks)
        days = sorted({day for day in found if day})
        if len(days) > 1:
            return f"from {word_period(days[0], days[-1])}"
        return place_date(days[0]) if days else ""

    @property
    def sources(self) -> list[Source]:
        """The sources that were cited, by number."""
        return [self._describe(iri, marks) for iri, marks in self._marks.items()]

    def _describe(self, iri: str, marks: list[Mark]) -> Source:
        near, number = self.reader.near, marks[0].number
        title, address = near.label(iri) or iri, near.iri(iri, n.SCHEMA + "url")
        publisher, kind = near.iri(iri, n.DCTERMS + "publisher"), near.iri(iri, COAL + "quality")
        issued = near.text(iri, n.DCTERMS + "issued")
        details = [near.label(publisher) if publisher else "", near.label(kind).lower() if kind else ""]
        details += [word_date(issued) if issued else ""]
        about = self.reader.link(iri, f"record {number}")
        link = self.reader.outside(address, title) if address else Link(title)
        return Source(number, link, about, " · ".join(d for d in details if d), tuple(marks[:BACK_LINKS]))


def _letters(place: int) -> str:
    """`a` to `z`, then `aa` and so on."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("a") + rest) + letters
    return letters


@dataclass
class LinkTexts:
    """The texts of the links of one page: two links with the same text lead to the same place."""

    _targets: dict[str, str] = field(default_factory=dict)

    def distinguish(self, text: str, href: str) -> str:
        """Return the text of a link, with what tells it apart where another place has the text already.

        That is its host on other sites, else its kind, else the last part of its address.
        """
        *_, folder, tail = ["", *href.rstrip("/#").split("/")]
        host = urlsplit(href).netloc.removeprefix("www.")
        found = [host] if host else [folder] if folder in KINDS else []
        found += [tail.rpartition("#")[2], "2", "3", "4", href]
        for candidate in (text, *(f"{text} ({word})" for word in found)):
            if self._targets.setdefault(candidate.strip().casefold(), href) == href:
                return candidate
        return text


def menu_texts(menu: Sequence[tuple[str, str]], path: str) -> LinkTexts:
    """The texts of links of a page that has a menu: (name, path)."""
    return LinkTexts({name.casefold(): relative(target, path) for name, target in menu})
