"""Lists: the things of one kind as a page, as RDF, and as CSV or JSON."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

import pyoxigraph as ox
from flask import request
from werkzeug.wrappers import Response

from publisher.dataset.iris import DOCUMENT_PATH, KINDS, plural
from publisher.errors import MalformedError
from publisher.formats import HTML, RESULTS_CSV, TABLES, Format
from publisher.pages.site import Pages
from publisher.rdf import namespaces as n
from publisher.release.columns import Column
from publisher.release.lists import Row, Selection, read_selection
from publisher.release.resources import Listing, Resources
from publisher.web.headers import SCRIPTED_POLICY
from publisher.web.responses import Document, Responses, redirect, respond, split_suffix
from publisher.web.views.things import read_page_number

LONGEST: Final = 200
"""Characters of a text by which a list is reduced."""
LARGE: Final = 10_000
"""Things from which a list is sent as a stream."""
_NEXT = ox.NamedNode(n.XHV + "next")


class ListViews:
    """The addresses of lists. miss: answers an address below `doc/` that is none."""

    def __init__(
        self, responses: Responses, resources: Resources, pages: Pages, miss: Callable[[str], Response]
    ) -> None:
        self._responses = responses
        self._resources = resources
        self._names = resources.names
        self._pages = pages
        self._miss = miss

    def listing(self, name: str) -> Response:
        """The list of the things of one kind, its first page; or the whole list as CSV or JSON."""
        kind, chosen = split_suffix(name)
        stem, dot, suffix = name.rpartition(".")
        table = next((form for form in TABLES if dot and form.suffix == suffix), None)
        if (stem if table else kind) not in KINDS:
            return self._miss(DOCUMENT_PATH + name)
        if table:
            return self._table(stem, table)
        wanted = request.args.get("page", "1")
        return self._listing(kind, 1, chosen) if wanted == "1" else self._move(name, kind, wanted)

    def _move(self, name: str, kind: str, wanted: str) -> Response:
        """The redirect from the parameter `page`, which other sites have, to the address of a page of a list."""
        suffix = name.removeprefix(kind)
        return redirect(308, list_page(kind, read_page_number(wanted)) + suffix, DOCUMENT_PATH + name)

    def listing_page(self, kind: str, name: str) -> Response:
        """A further page of a list."""
        number, chosen = split_suffix(name)
        if kind not in KINDS:
            return self._miss(f"{DOCUMENT_PATH}{kind}/page/{name}")
        return self._listing(kind, read_page_number(number), chosen)

    def _listing(self, kind: str, page: int, chosen: Format | None) -> Response:
        found = self._resources.list_things(kind, page, _read_selection(kind))
        path, query = list_page(kind, page), found.selection.query
        document = Document(
            path,
            lambda: self._statements(found),
            lambda: self._pages.listing(found, path),
            root=self._names.iri(path) + query,
            query=query,
        )
        response = self._responses.negotiate(document, chosen)
        if response.mimetype == HTML.media_type:
            response.headers["Content-Security-Policy"] = SCRIPTED_POLICY
        return response

    def _statements(self, found: Listing) -> list[ox.Triple]:
        """What the RDF forms of a page of a list say: its things with their names, and the next page."""
        query = found.selection.query
        here, following = (
            ox.NamedNode(self._names.iri(list_page(found.kind, page)) + query) for page in (found.page, found.page + 1)
        )
        things = [ox.NamedNode(thing.iri) for thing in found.things]
        topics = [ox.Triple(here, ox.NamedNode(n.FOAF + "topic"), thing) for thing in things]
        more = [ox.Triple(here, _NEXT, following)] if found.page < found.pages else []
        return [*topics, *self._resources.label_statements(things), *more]

    def _table(self, kind: str, form: Format) -> Response:
        """The whole list, reduced as the request says, in one file."""
        selection, lists = _read_selection(kind), self._resources.lists
        chosen, columns = lists.choose(kind, selection), lists.columns(kind)
        total, blocks = chosen.total, lists.stream(chosen)

        def write() -> Iterator[bytes]:
            texts = write_csv(columns, blocks) if form is RESULTS_CSV else write_json(columns, blocks, total)
            return (text.encode() for text in texts)

        if total < LARGE:
            response = respond(b"".join(write()), form)
        else:
            response = self._responses.stream(write, form, selection.query)
        response.headers["Content-Disposition"] = f'attachment; filename="{file_name(kind, selection, form)}"'
        return response


def list_page(kind: str, page: int) -> str:
    """Return the path of a page of the list of a kind; page 1 is the list itself."""
    return f"{DOCUMENT_PATH}{kind}" + (f"/page/{page}" if page > 1 else "")


def file_name(kind: str, selection: Selection, form: Format) -> str:
    """Return a name for the file of a list that says how it is reduced, in ASCII letters, digits and `-`."""
    words = [plural(kind), *selection.facets.values(), *selection.text.split()]
    kept = [
        "".join(letter for letter in word.lower() if (letter.isascii() and letter.isalnum()) or letter == "-")
        for word in words
    ]
    return "-".join(word for word in kept if word)[:80] + f".{form.suffix}"


def write_csv(columns: Sequence[Column], blocks: Iterable[Sequence[Row]]) -> Iterator[str]:
    """Yield a list as CSV (RFC 4180), in pieces: several values of a cell are separated by `; `, and IRIs have a column
    each."""
    linked = [column for column in columns if column.links]
    places = [columns.index(column) for column in linked]
    yield _write_lines(
        [["iri", "name", *(column.name for column in columns), *(f"{column.name}_iri" for column in linked)]]
    )
    for rows in blocks:
        yield _write_lines(
            [
                *row.thing,
                *("; ".join(value.text for value in cell) for cell in row.cells),
                *("; ".join(value.iri for value in row.cells[place]) for place in places),
            ]
            for row in rows
        )


def _write_lines(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def write_json(columns: Sequence[Column], blocks: Iterable[Sequence[Row]], total: int) -> Iterator[str]:
    """Yield a list as JSON, in pieces: for each thing its IRI, its name and its columns; numbers as numbers."""
    yield f'{{"total": {total}, "entries": ['
    between = ""
    for rows in blocks:
        entries = [
            {"iri": row.thing.iri, "name": row.thing.label}
            | {column.name: _make_value(column, row.cells[place]) for place, column in enumerate(columns)}
            for row in rows
        ]
        yield between + json.dumps(entries, ensure_ascii=False)[1:-1]
        between = ", "
    yield "]}\n"


def _make_value(column: Column, cell: Sequence[Any]) -> Any:
    if column.counts:
        return sum(int(value.text) for value in cell)
    return [{"iri": value.iri, "name": value.text} if value.iri else value.text for value in cell]


def _read_selection(kind: str) -> Selection:
    """How the current request reduces a list. Raises MalformedError where its text is too long."""
    found = read_selection(kind, request.args)
    if len(found.text) > LONGEST:
        raise MalformedError(f"The text exceeds the limit of {LONGEST} characters.")
    return found
