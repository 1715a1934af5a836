"""Lists: the rows of the things of one kind, reduced by words and facets, and sorted."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from urllib.parse import urlencode

from publisher.errors import MalformedError, NotFoundError
from publisher.release.columns import COLUMNS, ORDER, Column
from publisher.release.index import Index, Thing, natural
from publisher.release.name_index import FIRST, LAST

COUNTED: Final = 20_000
"""Things in a reduced list, at most, for which the values of its facets are counted."""
READ: Final = 1000
"""Rows that are read at once of a list that is streamed."""
_ENDS: Final = f"{FIRST} AND {LAST}"
"""The first and the last number of the things of a kind, in SQL; also the first and the last place in its list."""


class Value(NamedTuple):
    """A value in a cell. iri: empty for a text."""

    text: str
    iri: str


class Row(NamedTuple):
    """A thing in a list. cells: the values in each column of its kind."""

    thing: Thing
    cells: Sequence[Sequence[Value]]


class Choice(NamedTuple):
    """A value of a facet. number: of the things that have it; None where they are too many to be counted. iri: empty
    for a text."""

    name: str
    label: str
    number: int | None
    iri: str


class Chosen(NamedTuple):
    """The things of a list, without their order. total: how many. query: SQL, made of constants, that selects their
    numbers as `thing`; values: its values."""

    kind: str
    selection: "Selection"
    total: int
    query: str
    values: Sequence[str | int]


@dataclass(frozen=True)
class Facet:
    """A column by which a list can be reduced. chosen: the name of the value that it is reduced to; empty if none."""

    column: Column
    choices: Sequence[Choice]
    chosen: str = ""


@dataclass(frozen=True)
class Selection:
    """How a list is reduced and sorted.

    text: words that a row has, or that words of it begin with. facets: the name of the chosen value by the name of the
    facet. sort: the name of a column, with `-` for the greatest first; empty for the order of the list.
    """

    text: str = ""
    facets: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""

    @property
    def reduces(self) -> bool:
        """Whether the list is not the whole one."""
        return bool(self.text or self.facets)

    @property
    def query(self) -> str:
        """The selection as the query string of an address, with its question mark; empty if there is none."""
        return write_query(self.parameters)

    @property
    def parameters(self) -> dict[str, str]:
        """The selection as the parameters of an address."""
        found = {"q": self.text, **self.facets, "sort": self.sort}
        return {name: value for name, value in found.items() if value}


def write_query(parameters: Mapping[str, str]) -> str:
    """Return a query string with its question mark; empty if there are no parameters."""
    return f"?{urlencode(parameters)}" if parameters else ""


def parameter_names(kind: str) -> tuple[str, ...]:
    """Return the parameters that the addresses of the list of a kind read."""
    return ("q", *(column.name for column in COLUMNS.get(kind, ()) if column.facet), "sort")


def read_selection(kind: str, parameters: Mapping[str, str]) -> Selection:
    """Return the selection that the parameters of an address state."""
    facets = {column.name: parameters.get(column.name, "") for column in COLUMNS.get(kind, ()) if column.facet}
    chosen = {name: value for name, value in facets.items() if value}
    return Selection(" ".join(parameters.get("q", "").split()), chosen, parameters.get("sort", ""))


class Lists:
    """The lists of one open release."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def columns(self, kind: str) -> Sequence[Column]:
        """The columns of the list of a kind."""
        return COLUMNS.get(kind, ())

    def choose(self, kind: str, selection: Selection) -> Chosen:
        """Return the things of a list. Raises NotFoundError for a value that its facet does not have."""
        if not selection.reduces:
            query = "SELECT number AS thing FROM thing WHERE kind = ?"
            return Chosen(kind, selection, self._index.kinds.get(kind, 0), query, [kind])
        numbers = {facet: self._number(kind, facet, value) for facet, value in selection.facets.items()}
        query, values = _write_choice(kind, selection, sorted(numbers, key=lambda facet: numbers[facet]))
        if not selection.text and len(numbers) == 1:
            return Chosen(kind, selection, sum(numbers.values()), query, values)
        found = self._index.select(f"{query} LIMIT ?", *values, COUNTED + 1)
        if len(found) <= COUNTED:  # They are looked for once, and not for each facet.
            listed = json.dumps([number for (number,) in found])
            return Chosen(kind, selection, len(found), "SELECT value AS thing FROM json_each(?)", [listed])
        total = int(self._index.select(f"SELECT count(*) FROM ({query})", *values)[0][0])  # noqa: S608
        return Chosen(kind, selection, total, query, values)

    def _number(self, kind: str, facet: str, value: str) -> int:
        """How many things have a value of a facet."""
        query = "SELECT number FROM facet_value WHERE kind = ? AND facet = ? AND value = ?"
        for (number,) in self._index.select(query, kind, facet, value):
            return int(number)
        raise NotFoundError(f"There is no value {value!r} of {facet!r} in the list of kind {kind!r}.")

    def rows(self, chosen: Chosen, start: int = 0, limit: int = -1) -> list[Row]:
        """Return the rows of a list, in its order. start: how many to leave out. limit: how many at most; -1 for all.

        Raises MalformedError where it is to be sorted by a column that it does not have.
        """
        page, values = self._select(chosen)
        return self._read(self._index.numbers(f"{page} LIMIT ? OFFSET ?", *values, limit, start))

    def stream(self, chosen: Chosen) -> Iterator[list[Row]]:
        """Yield all rows of a list, some at once. Only their numbers are held in memory. Raises as `rows` does."""
        page, values = self._select(chosen)
        numbers = self._index.numbers(page, *values)
        return (self._read(numbers[start : start + READ]) for start in range(0, len(numbers), READ))

    def _read(self, numbers: Sequence[int]) -> list[Row]:
        """The rows of things, in their order."""
        query = (
            "SELECT iri, label, cells FROM json_each(?) AS chosen JOIN thing ON number = chosen.value"
            " JOIN row ON row.thing = number ORDER BY chosen.key"
        )
        found = self._index.select(query, json.dumps(list(numbers)))
        return [
            Row(Thing(iri, label), [[Value(*value) for value in cell] for cell in json.loads(cells)])
            for iri, label, cells in found
        ]

    def count_empty(self, kind: str, name: str) -> int:
        """Return how many things of a kind have no value in a column."""
        place = [column.name for column in self.columns(kind)].index(name)
        query = f"SELECT count(*) FROM sorted WHERE key{place} IS NULL AND place BETWEEN {_ENDS}"  # noqa: S608
        return int(self._index.select(query, kind, kind)[0][0])

    def pairs(self, kind: str, name: str) -> list[tuple[str, str]]:
        """Return which things have which values of a facet: the IRI of the thing, and the name of the value."""
        query = "SELECT iri, value FROM facet JOIN thing ON number = thing WHERE facet.kind = ? AND facet = ?"
        return self._index.select(f"{query} ORDER BY thing, value", kind, name)

    def facets(self, chosen: Chosen) -> list[Facet]:
        """Return the facets of a list with their values."""
        found = [self._facet(chosen, column) for column in self.columns(chosen.kind) if column.facet]
        return [facet for facet in found if facet.chosen or len(facet.choices) > 1]

    def _facet(self, chosen: Chosen, column: Column) -> Facet:
        query = "SELECT value, label, number, iri FROM facet_value WHERE kind = ? AND facet = ?"
        found = (Choice(*row) for row in self._index.select(query, chosen.kind, column.name))
        choices = sorted(found, key=lambda choice: (natural(choice.label), choice.name))
        if chosen.selection.reduces:
            numbers = self._numbers(chosen, column) if chosen.total <= COUNTED else None
            choices = [
                choice._replace(number=numbers[choice.name] if numbers else None)
                for choice in choices
                if numbers is None or choice.name in numbers
            ]
        return Facet(column, choices, chosen.selection.facets.get(column.name, ""))

    def _numbers(self, chosen: Chosen, column: Column) -> dict[str, int]:
        """How many things of a reduced list have each value of a facet."""
        query = (
            f"SELECT value, count(*) FROM ({chosen.query}) AS chosen JOIN facet USING (thing)"  # noqa: S608
            " WHERE facet.facet = ? GROUP BY value"
        )
        return dict(self._index.select(query, *chosen.values, column.name))

    def _select(self, chosen: Chosen) -> tuple[str, list[str | int]]:
        """SQL, made of constants, that selects the numbers of the things in a list in its order, and its values.

        A whole list is read in the order of an index, so that a page costs nothing of what comes after it; so is a
        reduced one in the order of names. Things without a value in the column by which it is sorted come last. Raises
        as `rows` does.
        """
        kind = chosen.kind
        key, direction = self._find_key(kind, chosen.selection.sort)
        if chosen.selection.reduces:
            if key == "thing":
                return f"SELECT thing FROM ({chosen.query}) ORDER BY thing{direction}", [*chosen.values]  # noqa: S608
            order = f"{key} IS NULL, {key}{direction}, place"
            joined = f"({chosen.query}) JOIN sorted USING (thing)"
            return f"SELECT thing FROM {joined} ORDER BY {order}", [*chosen.values]  # noqa: S608
        page = f"SELECT thing FROM sorted WHERE {key} BETWEEN {_ENDS} ORDER BY {key}{direction}, place"  # noqa: S608
        if not key.startswith("key"):
            return page, [kind, kind]
        rest = f"SELECT thing FROM sorted WHERE {key} IS NULL AND place BETWEEN {_ENDS} ORDER BY place"  # noqa: S608
        # With a limit of its own a part of a union keeps its order.
        both = f"SELECT thing FROM ({page} LIMIT -1) UNION ALL SELECT thing FROM ({rest} LIMIT -1)"  # noqa: S608
        return both, [kind, kind] * 2

    def _find_key(self, kind: str, sort: str) -> tuple[str, str]:
        """The column of the table by which a list is sorted, and in which direction, in SQL."""
        name = sort.removeprefix("-")
        direction = " DESC" if sort.startswith("-") else ""
        if not name:
            return "place" if kind in ORDER else "thing", ""
        if name == "name":
            return "thing", direction
        places = {column.name: place for place, column in enumerate(self.columns(kind))}
        if name not in places:
            raise MalformedError(f"The list of kind {kind!r} has no column {name!r}.")
        return f"key{places[name]}", direction


def _write_choice(kind: str, selection: Selection, facets: Sequence[str]) -> tuple[str, list[str | int]]:
    """SQL, made of constants, that selects the numbers of the things in a reduced list, as `thing`, and its values.

    facets: the names of those that are chosen, the one with the fewest things first.
    """
    phrases, others = find_phrases(selection.text), list(facets)
    values: list[str | int]
    if phrases:
        query = f"SELECT rowid AS thing FROM row_words AS chosen WHERE row_words MATCH ? AND rowid BETWEEN {_ENDS}"  # noqa: S608
        column, values = "chosen.rowid", [" AND ".join(phrases), kind, kind]
    elif others:
        query = "SELECT thing FROM facet AS chosen WHERE kind = ? AND facet = ? AND value = ?"
        column, values = "chosen.thing", [kind, others[0], selection.facets[others.pop(0)]]
    else:
        return "SELECT number AS thing FROM thing WHERE kind = ?", [kind]
    for facet in others:
        has = f"facet.thing = {column} AND facet.facet = ? AND facet.value = ? AND facet.kind = ?"
        query += f" AND EXISTS (SELECT 1 FROM facet WHERE {has})"  # noqa: S608
        values += [facet, selection.facets[facet], kind]
    return query, values


def find_phrases(text: str) -> list[str]:
    """Return the words of a text as phrases of a full-text query, each of which may go on."""
    words = (" ".join(re.findall(r"\w+", word)) for word in text.split())
    return [f'"{word}"*' for word in words if word]
