"""The coding of bills and measures by policy issue: the table covers the data, and its kappa is as stated."""

import csv
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache

from support.sample_root import CHECKOUT

from publisher.formats import RESULTS_CSV
from publisher.release.store import Store
from publisher.sparql.engine import Query

DOCUMENT = CHECKOUT / "docs" / "issue-coding.md"
TABLE = CHECKOUT / "docs" / "issue-coding.csv"
CLASSIFIED = """
PREFIX coal: <https://w3id.org/ma-coalitions/ontology#>
SELECT ?item ?property ?issue WHERE {
  VALUES ?class { coal:Bill coal:BallotMeasure }
  ?item a ?class .
  OPTIONAL { VALUES ?property { coal:concerns coal:possiblyConcerns } ?item ?property ?issue }
}
"""


@dataclass(frozen=True)
class Coding:
    """One row: the issues of the first coding, and the issue of the second ("" if undetermined)."""

    title: str
    first: str
    also: frozenset[str]
    second: str


@cache
def table() -> dict[str, Coding]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    codings = {
        row["item"]: Coding(row["title"], row["first"], frozenset(row["also"].split()), row["second"]) for row in rows
    }
    assert len(codings) == len(rows)
    return codings


def classified(store: Store) -> dict[str, dict[str, set[str]]]:
    """The issues of every bill and measure in the data, by item and property."""
    with store.engine.ask(Query(CLASSIFIED, RESULTS_CSV.media_type, None)).body as body:
        rows = list(csv.reader(body.read().decode().splitlines()))[1:]
    found: dict[str, dict[str, set[str]]] = {}
    for item, path, issue in rows:
        by_property = found.setdefault(":".join(item.split("/")[-2:]), {})
        if path:
            by_property.setdefault(path.partition("#")[2], set()).add(issue.rpartition("/")[2])
    return found


def agreement(pairs: list[tuple[str, str]]) -> tuple[float, float]:
    """The share of equal pairs, and Cohen's kappa."""
    first, second = (Counter(pair[side] for pair in pairs) for side in (0, 1))
    observed = sum(one == other for one, other in pairs) / len(pairs)
    expected = sum(first[code] * second[code] for code in first) / len(pairs) ** 2
    return observed, (observed - expected) / (1 - expected)


def test_bills_and_measures_are_coded(store: Store) -> None:
    assert sorted(table()) == sorted(classified(store))


def test_data_has_issues_of_table(store: Store) -> None:
    expected = {}
    for item, coding in table().items():
        issues = {coding.first, *coding.also}
        open_question = {coding.second} - issues - {""}
        expected[item] = {"concerns": issues} | ({"possiblyConcerns": open_question} if open_question else {})
    assert classified(store) == expected


def test_document_states_agreement_of_table() -> None:
    items = [(coding.first, coding.second) for coding in table().values()]
    titles = list({coding.title.lower(): (coding.first, coding.second) for coding in table().values()}.values())
    rows = re.findall(
        r"^\| ([a-z ]+) \| (\d+) \| (0\.\d\d) \| (0\.\d\d) \|$", DOCUMENT.read_text(encoding="utf-8"), re.M
    )
    expected = []
    for name, pairs in (("bills and measures", items), ("different titles", titles)):
        observed, kappa = agreement(pairs)
        expected.append((name, str(len(pairs)), f"{observed:.2f}", f"{kappa:.2f}"))
    assert rows == expected


def test_kappa_of_a_known_table() -> None:
    pairs = [("a", "a")] * 20 + [("a", "b")] * 5 + [("b", "a")] * 10 + [("b", "b")] * 15
    observed, kappa = agreement(pairs)
    assert (round(observed, 2), round(kappa, 2)) == (0.7, 0.4)
