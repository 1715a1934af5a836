"""Messy names and the records that they mean: how often the first candidate is right, and that no match is wrong.

`answers/messy-names.tsv` was written from the data and the rules of matching alone, before the matcher. A row has a
name, the type asked for, its case and the records expected:

- match: the first candidate must be one of these.
- namesake: like a record, but another thing, or not certain: it must not be matched. The record should be offered.
- stranger: it must not be matched.

The first half are the rows with an odd number, the header not counted: the matcher was built with them. The second half
are the others; nobody looked at their results before the matcher was finished. At the first look the second half had a
precision at 1 of 0.980, a recall at 5 of 0.980, and no wrong match: one page of a site was found as a source only.
"""

import csv
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
from support.sample_root import CHECKOUT

from publisher.dataset.iris import Names
from publisher.linking.types import Types
from publisher.release.archive import Archive
from publisher.release.finder import Finder, choose_certain
from publisher.release.index import Index
from publisher.release.lookup import StoreLookup

NAMES = Path(__file__).parent / "answers" / "messy-names.tsv"
RELEASE = "0.2.0"
HALVES = {"first": 1, "second": 0}
PRECISION = 0.98
"""Least part of the names that mean a record whose first candidate is right."""
OFFERED = 0.9
"""Least part of the namesakes that are offered the record that they are like."""


class Figures(NamedTuple):
    """What was counted for one half."""

    names: int
    precision_at_1: float
    recall_at_5: float
    false_matches: list[str]
    offered: float


def read(half: str) -> Iterator[Mapping[str, str]]:
    with NAMES.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file, delimiter="\t"), 1):
            if number % 2 == HALVES[half]:
                yield row


@pytest.fixture(scope="module")
def place(store_dir: Path) -> Path:
    """The compiled release that the names were written for: later records do not change what is measured."""
    return Archive(CHECKOUT, store_dir).compile(RELEASE)


def measure(place: Path, half: str) -> Figures:
    with closing(Index(place)) as index:
        return count(Finder(index.by_name, index.names), Types(index, StoreLookup(place)), index.names, half)


def count(finder: Finder, types: Types, names: Names, half: str) -> Figures:
    right, recalled, offered, wrong = [], [], [], []
    for row in read(half):
        found = finder.find(row["name"], types.choose([row["type"]] if row["type"] else []), 5)
        certain, expected = choose_certain(found), {names.iri(f"id/{path}") for path in row["expected"].split()}
        if certain and (row["case"] != "match" or certain.iri not in expected):
            wrong.append(f"{row['name']}: {certain.iri}")
        if row["case"] == "match":
            right.append(bool(found) and found[0].iri in expected)
            recalled.append(any(one.iri in expected for one in found))
        elif expected:
            offered.append(any(one.iri in expected for one in found))
    rates = [sum(kind) / len(kind) for kind in (right, recalled, offered)]
    return Figures(len(right), rates[0], rates[1], wrong, rates[2])


@pytest.mark.parametrize("half", HALVES)
def test_names_find_their_records(place: Path, half: str) -> None:
    found = measure(place, half)
    assert found.names == 51
    assert found.precision_at_1 >= PRECISION, found
    assert found.recall_at_5 == 1, found
    assert found.false_matches == []
    assert found.offered >= OFFERED, found


def test_set_has_enough_strangers_and_namesakes() -> None:
    cases = [row["case"] for half in HALVES for row in read(half)]
    assert (cases.count("match") >= 100, cases.count("namesake") >= 40, cases.count("stranger") >= 60) == (True,) * 3
