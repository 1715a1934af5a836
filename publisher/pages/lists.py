"""List pages: the things of one kind as a table that can be reduced, sorted and taken as CSV or JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from publisher.dataset.iris import DOCUMENT_PATH, plural, relative
from publisher.formats import GRAPHS, TABLES
from publisher.pages.layout import Layout, shorten
from publisher.pages.list_timeline import draw_list
from publisher.pages.terms import DisplayedTerm, TermFormatter
from publisher.release.columns import ORDER, Column
from publisher.release.lists import Choice, Facet, Row, Value, write_query
from publisher.release.resources import Listing

VALUES: Final = 6
"""Values that one cell of a page shows, at most."""
CHOICES: Final = 20
"""Values of one facet that a page links, at most: those that most things have."""
LONG: Final = 60
"""Characters from which a text is long."""
LENGTH: Final = 220
"""Characters of a text in a cell, at most."""


@dataclass(frozen=True)
class Heading:
    """The heading of a column. href: the list sorted by it. direction: how it is sorted, as ARIA names it, or empty."""

    title: str
    href: str
    direction: str = ""


@dataclass(frozen=True)
class Cell:
    """The values of a cell. more: how many are left out. form: `number`, or `long` for long texts, or empty."""

    title: str
    values: Sequence[DisplayedTerm]
    more: int = 0
    form: str = ""


@dataclass(frozen=True)
class Entry:
    """A row of a list."""

    link: DisplayedTerm
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Link:
    """A link of a facet."""

    text: str
    href: str


@dataclass(frozen=True)
class ShownFacet:
    """A facet with the links that reduce the list. more: how many values are left out. chosen: the value that the list
    is reduced to, with the link that removes it."""

    title: str
    links: Sequence[Link]
    more: int = 0
    chosen: Link | None = None


@dataclass(frozen=True)
class ListPage:
    """The values of the page of a list. hidden: the fields of the form beside its text."""

    listing: Listing
    count: str
    headings: Sequence[Heading]
    entries: Sequence[Entry]
    facets: Sequence[ShownFacet]
    hidden: Sequence[tuple[str, str]]
    whole: str
    files: Sequence[tuple[str, str, str]]
    previous: str = ""
    following: str = ""


class ListPages:
    """Makes the pages of lists."""

    def __init__(self, formatter: TermFormatter, layout: Layout) -> None:
        self._formatter = formatter
        self._layout = layout

    def page(self, listing: Listing, path: str) -> str:
        """One page of a list, at a path."""
        title = self._title(listing)
        frame = self._layout.frame(
            title if listing.page == 1 else f"{title}, page {listing.page} of {listing.pages}",
            path,
            GRAPHS,
            query=listing.selection.query,
            summary=f"{count_things(listing)}: {', '.join(column.title.lower() for column in listing.columns)}.",
            indexed=not listing.selection.parameters,
        )
        drawn = draw_list(listing, self._formatter, path)
        return self._layout.render("listing.html", frame=frame, page=self._page(listing, path), drawn=drawn)

    def _title(self, listing: Listing) -> str:
        """The name of the things, with what the list is reduced to."""
        said = [choice.label for facet in listing.facets for choice in facet.choices if choice.name == facet.chosen]
        said += [f"“{listing.selection.text}”"] if listing.selection.text else []
        name = self._formatter.plural(listing.kind)
        return f"{name}: {', '.join(said)}" if said else name

    def _page(self, listing: Listing, path: str) -> ListPage:
        address = DOCUMENT_PATH + listing.kind
        selected = listing.selection.parameters
        shown = [
            (place, column)
            for place, column in enumerate(listing.columns)
            if column.shown and any(row.cells[place] for row in listing.rows)
        ]

        def link(target: str, parameters: dict[str, str]) -> str:
            return relative(target, path) + write_query(parameters)

        pages = {number: address + (f"/page/{number}" if number > 1 else "") for number in range(listing.pages + 1)}
        near = {
            step: link(pages[listing.page + step], selected)
            for step in (-1, 1)
            if 1 <= listing.page + step <= listing.pages
        }
        return ListPage(
            listing,
            count_things(listing),
            [
                _make_heading(name, title, selected, link(address, {}))
                for name, title in [
                    ("name", listing.kind.capitalize()),
                    *((column.name, column.title) for _, column in shown),
                ]
            ],
            [self._entry(row, shown, path) for row in listing.rows],
            [_show_facet(facet, listing, link(address, {})) for facet in listing.facets],
            [(name, value) for name, value in selected.items() if name != "q"],
            link(address, {}),
            [(form.label, link(f"{address}.{form.suffix}", selected), form.media_type) for form in TABLES],
            near.get(-1, ""),
            near.get(1, ""),
        )

    def _entry(self, row: Row, shown: Sequence[tuple[int, Column]], path: str) -> Entry:
        named = self._formatter.format(ox.NamedNode(row.thing.iri), {row.thing.iri: row.thing.label}, path)
        return Entry(named, [self._cell(row.cells[place], column, path) for place, column in shown])

    def _cell(self, values: Sequence[Value], column: Column, path: str) -> Cell:
        found = [self._show(value, path) for value in values[:VALUES]]
        long = not column.links and any(len(value.text) > LONG for value in values)
        form = "number" if column.counts else "long" if long else ""
        return Cell(column.title, found, len(values) - len(found), form)

    def _show(self, value: Value, path: str) -> DisplayedTerm:
        if value.iri and self._formatter.is_linked(value.iri):
            return self._formatter.format(ox.NamedNode(value.iri), {value.iri: value.text}, path)
        return DisplayedTerm(shorten(value.text, LENGTH))


def count_things(listing: Listing) -> str:
    """Return how many things a list has, in words."""
    name = plural(listing.kind).lower()
    if listing.selection.reduces:
        return f"{listing.total:,} of {listing.whole:,} {name}"
    return f"{listing.total:,} {name if listing.total != 1 else listing.kind}"


def _make_heading(name: str, title: str, selected: dict[str, str], address: str) -> Heading:
    """The heading of a column, which sorts by it; once more, the other way round."""
    current = selected.get("sort", "")
    direction = {name: "ascending", f"-{name}": "descending"}.get(current, "")
    target = f"-{name}" if current == name else name
    return Heading(title, address + write_query(selected | {"sort": target}), direction)


def _show_facet(facet: Facet, listing: Listing, address: str) -> ShownFacet:
    selected = listing.selection.parameters
    name = facet.column.name
    others = {key: value for key, value in selected.items() if key != name}
    if facet.chosen:
        label = next((choice.label for choice in facet.choices if choice.name == facet.chosen), facet.chosen)
        return ShownFacet(facet.column.title, [], 0, Link(label, address + write_query(others)))
    many = sorted(facet.choices, key=lambda choice: -(choice.number or 0))[:CHOICES]
    kept = [choice for choice in facet.choices if choice in many]
    if f"-{name}" in ORDER.get(listing.kind, ()):
        kept.reverse()
    links = [
        Link(_name_choice(choice), address + write_query(_in_order(listing, others | {name: choice.name})))
        for choice in kept
    ]
    return ShownFacet(facet.column.title, links, len(facet.choices) - len(kept))


def _name_choice(choice: Choice) -> str:
    return choice.label if choice.number is None else f"{choice.label} ({choice.number:,})"


def _in_order(listing: Listing, parameters: dict[str, str]) -> dict[str, str]:
    """Parameters in the one order of addresses, so that one list has one address."""
    names = ["q", *(column.name for column in listing.columns if column.facet), "sort"]
    return {name: parameters[name] for name in names if name in parameters}
