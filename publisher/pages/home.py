"""The home page: what the data set is about in numbers, its coalitions by theme and agenda, and questions answered."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from publisher.dataset.iris import DOCUMENT_PATH, DOWNLOAD_PATH, plural, relative
from publisher.formats import GRAPHS
from publisher.pages.layout import Layout, shorten
from publisher.pages.pictures.card import Card
from publisher.pages.terms import DisplayedTerm, TermFormatter
from publisher.release.catalogue import Catalogue
from publisher.release.downloads import title_of
from publisher.release.index import Thing
from publisher.release.lists import Choice, Lists, Row, Selection
from publisher.release.resources import Resources

SUBJECT: Final = "coalition"
"""The kind of things that the home page is about."""
GROUP: Final = "agenda"
THEME: Final = "theme"
PURPOSE: Final = "purpose"
"""The columns of their list by which they are grouped, that makes the matrix, and that says what each is for."""
SHOWN: Final = 100
"""Things that the home page lists at most; of more it shows how many there are in each group and theme."""
LINE: Final = 150
"""Characters of the line that says what a thing is for."""
NUMBERS: Final = ("coalition", "issue", "bill", "organization", "source")
"""The kinds that are counted in the line of numbers."""
ANSWERED: Final = 5
"""Rows of an answer."""


@dataclass(frozen=True)
class Question:
    """A question that the home page answers, from the list of a kind.

    column: what is shown beside each name, or a facet. sort: the order of the list; empty for the values of the facet.
    """

    text: str
    kind: str
    column: str
    sort: str = ""


QUESTIONS: Final = (
    Question("Which organizations are members of the most coalitions?", "organization", "coalitions", "-coalitions"),
    Question("Which bills have the most backers?", "bill", "backers", "-backers"),
    Question("What came of the bills?", "bill", "outcome"),
)


@dataclass(frozen=True)
class Number:
    """How many things of a kind there are. note: how many of these, with what they have in common, and its list."""

    text: str
    href: str
    note: str = ""
    note_href: str = ""


@dataclass(frozen=True)
class Entry:
    """One thing: its name, what it is for, and for each theme whether it works on it."""

    link: DisplayedTerm
    line: str
    themes: Sequence[bool]


@dataclass(frozen=True)
class Group:
    """Things under one heading. href: the list of them, with their number as its text."""

    name: DisplayedTerm
    number: int
    href: str
    entries: Sequence[Entry]


@dataclass(frozen=True)
class Theme:
    """A theme, how many things work on it, and its share of the largest such number in hundredths."""

    link: DisplayedTerm
    number: int
    share: int
    href: str


@dataclass(frozen=True)
class Answer:
    """The answer to a question: rows of a name and a text. href: the whole list."""

    question: str
    rows: Sequence[tuple[DisplayedTerm, str]]
    href: str


class HomePages:
    """Makes the home page."""

    def __init__(
        self, resources: Resources, catalogue: Catalogue, state: str, formatter: TermFormatter, layout: Layout
    ) -> None:
        self._resources = resources
        self._lists: Lists = resources.lists
        self._kinds = resources.kinds()
        self._catalogue = catalogue
        self._state = state
        self._formatter = formatter
        self._layout = layout

    def home(self, path: str = "") -> str:
        """The home page."""
        names = self._resources.names
        frame = self._layout.frame(
            "",
            path,
            GRAPHS,
            name="dataset",
            canonical=names.base,
            summary=self._sentence,
            script=describe_dataset(self._catalogue, names.dataset, names.iri(DOWNLOAD_PATH)),
        )
        return self._layout.render(
            "home.html",
            frame=frame,
            sentence=self._sentence,
            numbers=[self._number(kind, path) for kind in NUMBERS if kind in self._kinds],
            catalogue=self._catalogue,
            state=self._state,
            provenance=shorten(self._catalogue.provenance, LINE * 2),
            subject=plural(SUBJECT).lower(),
            singular=SUBJECT,
            themes=self._themes(path),
            groups=self._groups(path),
            answers=[answer for question in QUESTIONS if (answer := self._answer(question, path))],
            lists=[(self._formatter.plural(kind), relative(DOCUMENT_PATH + kind, path)) for kind in self._kinds],
        )

    def card(self) -> Card:
        """What the picture for shared links to the site says."""
        base = self._resources.names.base.partition("://")[2].rstrip("/")
        return Card(self._layout.title, "Data set", self._sentence, base, base)

    @property
    def _sentence(self) -> str:
        """What the data set is, in one sentence; where it begins with a kind of things, with their number."""
        text = self._catalogue.headline or self._catalogue.description
        for kind, number in self._kinds.items():
            if text.startswith(plural(kind)):
                return f"{number:,} {text[:1].lower()}{text[1:]}"
        return text

    def _link(self, iri: str, name: str, path: str) -> DisplayedTerm:
        return self._formatter.format(ox.NamedNode(iri), {iri: name}, path)

    def _number(self, kind: str, path: str) -> Number:
        """The number of things of a kind; of those in sessions, how many belong to the latest."""
        total = self._kinds[kind]
        address = relative(DOCUMENT_PATH + kind, path)
        text = f"{total:,} {plural(kind).lower() if total != 1 else kind}"
        sessions = self._choices(kind, "session")
        if not sessions:
            return Number(text, address)
        last = max(sessions, key=lambda choice: choice.label)
        reduced = Selection(facets={"session": last.name})
        reduced_address = "" if self._layout.static_copy else address + reduced.query
        return Number(text, address, f"{last.number:,} in the {last.label}", reduced_address)

    def _choices(self, kind: str, name: str) -> Sequence[Choice]:
        """The values of a facet of a whole list."""
        facets = self._lists.facets(self._lists.choose(kind, Selection()))
        return next((facet.choices for facet in facets if facet.column.name == name), ())

    def _themes(self, path: str) -> list[Theme]:
        """The themes, in the order of their names, with the numbers of things that work on them."""
        choices = self._choices(SUBJECT, THEME)
        largest = max((choice.number or 0 for choice in choices), default=0)
        links = [self._link(choice.iri, choice.label, path) for choice in choices]
        return [
            Theme(
                link,
                choice.number or 0,
                round(100 * (choice.number or 0) / largest),
                link.href if self._layout.static_copy else self._list(SUBJECT, {THEME: choice.name}, path),
            )
            for choice, link in zip(choices, links, strict=True)
        ]

    def _place(self, kind: str, name: str) -> int:
        return [column.name for column in self._lists.columns(kind)].index(name)

    def _list(self, kind: str, facets: dict[str, str], path: str) -> str:
        return relative(DOCUMENT_PATH + kind, path) + Selection(facets=facets).query

    def _reduce(self, kind: str, facets: dict[str, str], path: str) -> str:
        """The address of a filtered list; empty in a static copy, which has none."""
        return "" if self._layout.static_copy else self._list(kind, facets, path)

    def _groups(self, path: str) -> list[Group]:
        """The things of the home page under the headings of their source, in the order of the list of these."""
        choices = {choice.label: choice for choice in self._choices(SUBJECT, GROUP)}
        order = [row.thing.label for row in self._lists.rows(self._lists.choose(GROUP, Selection()), 0, SHOWN)]
        found = [self._group(choices[name], path) for name in order if name in choices]
        if found or not self._kinds.get(SUBJECT):
            return found
        rows = self._rows(Selection())
        name = DisplayedTerm(f"All {plural(SUBJECT).lower()}")
        return [Group(name, self._kinds[SUBJECT], self._list(SUBJECT, {}, path), self._entries(rows, path))]

    def _group(self, choice: Choice, path: str) -> Group:
        chosen = {GROUP: choice.name}
        rows = self._rows(Selection(facets=chosen))
        name = self._link(choice.iri, choice.label, path)
        address = name.href if self._layout.static_copy else self._list(SUBJECT, chosen, path)
        return Group(name, choice.number or 0, address, self._entries(rows, path))

    def _rows(self, selection: Selection) -> list[Row]:
        """The rows of a list, none if the home page would have too many things."""
        few = self._kinds.get(SUBJECT, 0) <= SHOWN
        return self._lists.rows(self._lists.choose(SUBJECT, selection)) if few else []

    def _entries(self, rows: Sequence[Row], path: str) -> list[Entry]:
        themes = [choice.label for choice in self._choices(SUBJECT, THEME)]
        place, purpose = self._place(SUBJECT, THEME), self._place(SUBJECT, PURPOSE)
        return [
            Entry(
                self._link_thing(row.thing, path),
                shorten(" ".join(value.text for value in row.cells[purpose][:1]), LINE),
                [theme in {value.text for value in row.cells[place]} for theme in themes],
            )
            for row in rows
        ]

    def _link_thing(self, thing: Thing, path: str) -> DisplayedTerm:
        return self._link(thing.iri, thing.label, path)

    def _answer(self, question: Question, path: str) -> Answer | None:
        """The answer to a question; None if there is nothing to answer with."""
        address = relative(DOCUMENT_PATH + question.kind, path)
        if not question.sort:
            choices = self._choices(question.kind, question.column)
            shown = [
                (DisplayedTerm(choice.label, self._reduce(question.kind, {question.column: choice.name}, path)), choice)
                for choice in choices
            ]
            rows = [(link, f"{choice.number:,} {plural(question.kind).lower()}") for link, choice in shown]
            return Answer(question.text, rows, address) if rows else None
        place = self._place(question.kind, question.column)
        found = self._lists.rows(self._lists.choose(question.kind, Selection(sort=question.sort)), 0, ANSWERED)
        rows = [(self._link_thing(row.thing, path), _name_values(row, place)) for row in found if row.cells[place]]
        query = "" if self._layout.static_copy else Selection(sort=question.sort).query
        return Answer(question.text, rows, address + query) if rows else None


def describe_dataset(catalogue: Catalogue, iri: str, address: str) -> str:
    """The data set in the vocabulary of schema.org, as search engines read it from a script element.

    address: of the downloads. Each is listed once, uncompressed, and the tables as one file.
    """
    data = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "@id": iri,
        "name": catalogue.title,
        "description": catalogue.description,
        "license": [license_ for license_, _ in catalogue.licenses],
        "creator": [{"@type": "Organization", "@id": keeper, "name": name} for keeper, name in catalogue.keepers],
        "dateModified": catalogue.modified,
        "url": iri,
        "distribution": [
            {
                "@type": "DataDownload",
                "name": title_of(file),
                "contentUrl": f"{address}/{file.name}",
                "encodingFormat": file.format.media_type,
                "contentSize": f"{file.size} B",
            }
            for file in catalogue.files
            if file.content != "table" and not file.coding
        ],
    }
    stated = {name: value for name, value in data.items() if value}
    return json.dumps(stated, ensure_ascii=False, sort_keys=True).replace("<", "\\u003c")


def _name_values(row: Row, place: int) -> str:
    """The number of values in a cell, and their names."""
    values = row.cells[place]
    return f"{len(values)}: {', '.join(value.text for value in values[:ANSWERED])}" + (
        f" and {len(values) - ANSWERED} more" if len(values) > ANSWERED else ""
    )
