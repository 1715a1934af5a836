"""The reader: what the models of pages read of a release: links to things with their names, texts, classes."""

import re
from collections.abc import Iterable
from functools import cached_property
from typing import Final
from urllib.parse import urlencode

from publisher.dataset.iris import DOCUMENT_PATH, Names, is_web, plural, relative
from publisher.pages.things.dates import ordinal
from publisher.pages.things.model import Cites, Link, Phrase, Piece
from publisher.rdf import namespaces as n
from publisher.release.index import natural
from publisher.release.neighbors import Neighbors

COAL: Final = n.VOCABULARY
SHOWN: Final = 200
"""Rows of one section at most; what is left out is counted."""
FAMILY: Final = 60
"""Filings of one matter that are looked at, at most."""
RELATED: Final = tuple(COAL + name for name in ("companionOf", "refiledFrom", "redraftedFrom", "becameBill"))
"""The properties that join the filings of a matter."""
_PLURALS: Final = {"measure": "Ballot measures", "scheme": "Lists of terms"}


class Reader:
    """What the page at a path reads: the neighbors of its thing, and links to them."""

    def __init__(self, neighbors: Neighbors, names: Names, path: str, *, filters: bool = True) -> None:
        self.near = neighbors
        self.names = names
        self.path = path
        self._filters = filters

    @cached_property
    def latest_session(self) -> str:
        """The legislative session with the highest number; empty if there is none."""
        numbers = {iri: self.near.text(iri, COAL + "ordinal") for iri in self.near.sessions()}
        return max(numbers, key=lambda iri: natural(numbers[iri]), default="")

    def kind(self, iri: str) -> str:
        """The kind of a thing; empty for what is none."""
        thing = self.names.thing(iri)
        return thing.removeprefix(self.names.base).split("/")[1] if thing == iri and thing else ""

    def owner(self, iri: str) -> str:
        """The thing that a part belongs to; empty if it belongs to none."""
        thing = self.names.thing(iri)
        return thing if thing and thing != iri else ""

    def link(self, iri: str, text: str = "", title: str = "") -> Link:
        """A link to a thing or a part, with its name unless another text is given."""
        if not text and self.kind(iri) in ("bill", "docket"):
            return self.filing_link(iri)
        text = text or self.near.label(iri) or iri
        own = self.names.address(iri)
        if own is not None:
            return Link(text, relative(own, self.path), iri, title)
        return Link(text, iri if is_web(iri) else "", iri, title, foreign=True)

    def filing_link(self, iri: str) -> Link:
        """A link to a bill or docket by its number and session, with its title beside it."""
        return self.link(iri, self.number(iri) or self.near.label(iri) or iri, self.title(iri))

    def title(self, iri: str) -> str:
        """The title of a bill or docket: its own, else that of a filing of the same matter; empty if none has one."""
        lender = self.find_lender(iri)
        return self.near.text(lender or iri, n.DCTERMS + "title")

    def find_lender(self, iri: str) -> str:
        """The filing whose title a bill or docket without one bears; empty if it has one, or no relative has one.

        It is one that is joined to it, else one of the same session of the same proposal, else any of that proposal.
        """
        if self.near.text(iri, n.DCTERMS + "title") or self.kind(iri) not in ("bill", "docket"):
            return ""
        near, session = self.near, self.near.iri(iri, COAL + "session")
        proposal = near.iri(iri, COAL + "filingOf")
        filings = near.subjects(COAL + "filingOf", proposal, FAMILY).iris if proposal else ()
        ordered = sorted(filings, key=lambda other: near.iri(other, COAL + "session") != session)
        found = [*self._join_filings(iri), *ordered, *([] if proposal else self.follow_filings(iri))]
        return next((other for other in found if near.text(other, n.DCTERMS + "title")), "")

    def _join_filings(self, iri: str) -> list[str]:
        """The filings that are joined to one, whichever says so."""
        found = self.near.iris(iri, *RELATED)
        return found + [other for name in RELATED for other in self.near.subjects(name, iri, FAMILY).iris]

    def follow_filings(self, iri: str) -> list[str]:
        """A filing and those that are joined to it, directly or through others, at most FAMILY."""
        found, pending = [iri], [iri]
        while pending and len(found) < FAMILY:
            new = [other for other in dict.fromkeys(self._join_filings(pending.pop(0))) if other not in found]
            found, pending = found + new, pending + new
        return found[:FAMILY]

    def number(self, iri: str) -> str:
        """The number of a bill or docket with its session: `H.1811 (194th)`; empty where it has none."""
        number = self.near.text(iri, n.SCHEMA + "legislationIdentifier")
        session = self.near.iri(iri, COAL + "session")
        which = self.near.text(session, COAL + "ordinal") if session else ""
        return f"{number} ({ordinal(which)})" if number and which else number

    def outside(self, address: str, text: str = "") -> Link:
        """A link to a page on another site, with its host and path as the text unless another is given."""
        shown = text or re.sub(r"^https?://(www\.)?", "", address, flags=re.IGNORECASE).rstrip("/")
        return Link(shown, address if is_web(address) else "", "", foreign=True)

    def list_link(self, kind: str, text: str = "") -> Link:
        """A link to the list of a kind of things."""
        return Link(text or plural_of(kind), relative(DOCUMENT_PATH + kind, self.path))

    def link_filtered(self, kind: str, facet: str, iri: str) -> Link:
        """A link to the list of the things of a kind that have a thing as the value of a facet; to the whole list
        where there are no filters."""
        if not self._filters:
            return self.list_link(kind, "See the list of all")
        query = f"?{urlencode({facet: iri.rpartition('/')[2]})}"
        return Link("See them all as a list", relative(DOCUMENT_PATH + kind, self.path) + query)

    def cites(self, *iris: str) -> tuple[Cites, ...]:
        """The footnote marks of the sources of some things or relations; none where they have no source."""
        return self.cites_iris(self.sources(iris))

    def cites_iris(self, sources: Iterable[str]) -> tuple[Cites, ...]:
        """The footnote marks of sources; none where there are none."""
        found = tuple(dict.fromkeys(sources))
        return (Cites(found),) if found else ()

    def sources(self, iris: Iterable[str]) -> tuple[str, ...]:
        """The sources of some things or relations, each once."""
        return tuple(dict.fromkeys(s for iri in iris for s in self.near.iris(iri, n.DCTERMS + "source")))

    def is_past(self, date: str) -> bool:
        """Whether a time had ended when the data set last changed; a year or a month ends with its last day."""
        changed = self.near.text(self.names.dataset, n.DCTERMS + "modified") or "9999"
        return bool(date) and date < changed[: len(date)]

    def is_a(self, iri: str, class_: str) -> bool:
        """Whether a thing is of a class."""
        return class_ in self.near.iris(iri, n.RDF + "type")

    def summary(self, iri: str) -> str:
        """What a thing is, in one line: its purpose or its definition; empty if neither is stated."""
        return self.near.text(iri, COAL + "statedPurpose", n.SKOS + "definition", n.DCTERMS + "description")

    def sort(self, iris: Iterable[str]) -> list[str]:
        """Things by name, each once."""
        return sorted(dict.fromkeys(iris), key=lambda iri: (natural(self.near.label(iri) or iri), iri))


def plural_of(kind: str) -> str:
    """The plural of a kind of things, as a heading."""
    return _PLURALS.get(kind) or plural(kind)


def sentence(text: str) -> str:
    """A text that ends with a stop."""
    return text if text.endswith((".", "!", "?", "…")) else text + "."


def count_of(number: int, noun: str, several: str = "") -> str:
    """A number with its noun: `1 bill`, `2 bills`, `1,200 bills`."""
    return f"{number:,} {noun if number == 1 else several or noun + 's'}"


def join(phrases: Iterable[Phrase], separator: str = ", ") -> list[Piece]:
    """Phrases as one, with a separator between them."""
    found: list[Piece] = []
    for phrase in phrases:
        found += [separator, *phrase] if found else [*phrase]
    return found
