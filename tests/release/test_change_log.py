"""The change log: which things each release added, changed and ended, and when a thing last changed."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path

import pytest
from dataset.test_releases import add_release
from support import tiny_root

from publisher.dataset.identifiers import Retired
from publisher.dataset.iris import Names
from publisher.dataset.releases import read_releases
from publisher.rdf.namespaces import SKOS
from publisher.release.change_log import ADDED, CHANGED, REMOVED, SCHEMA, ChangeLog
from publisher.release.change_writer import ChangeWriter

BASE = tiny_root.BASE
A, B, C = (f"{BASE}id/coalition/{name}" for name in "abc")


def line(subject: str, value: str, property_: str = "urn:p", graph: str = "coalitions") -> str:
    return f'<{subject}> <{property_}> "{value}" <{BASE}graph/{graph}> .\n'


def name(subject: str, text: str) -> str:
    return f'<{subject}> <{SKOS}prefLabel> "{text}"@en <{BASE}graph/coalitions> .\n'


FIRST = [name(A, "Old A"), line(A, "1"), line(A + "/part", "1"), name(B, "B"), line(f"{BASE}ns#Term", "1")]
SECOND = [name(A, "A"), line(A, "1"), line(A + "/part", "2"), line(B, "2026", "urn:withdrawn", "retired"), name(C, "C")]


def text(lines: Iterable[str]) -> str:
    return "".join(sorted(lines))


@pytest.fixture
def log(tmp_path: Path) -> ChangeLog:
    """Of two releases, and a state with one more statement."""
    root = tiny_root.build(tmp_path)
    add_release(root, "0.1.0", "", added=text(FIRST))
    gone, new = set(FIRST) - set(SECOND), set(SECOND) - set(FIRST)
    add_release(root, "0.2.0", "0.1.0", added=text(new), removed=text(gone))
    quads = tmp_path / "now.nq"
    quads.write_text(text([*SECOND, line(C, "3")]))
    connection = sqlite3.connect(":memory:")
    connection.executescript(SCHEMA)
    ChangeWriter(connection, Names(BASE)).write(read_releases(root), quads, "1")
    return ChangeLog(connection, lambda iri: Retired(withdrawn="2026") if iri == B else None)


def things(log: ChangeLog, edition: int, sort: str) -> list[tuple[str, str, int, int]]:
    return [(each.thing, each.label, each.added, each.removed) for each in log.changes(edition, sort, 10)]


def test_editions_are_newest_first(log: ChangeLog) -> None:
    found = [(each.version, each.added, each.removed, each.numbers) for each in log.editions]
    assert found == [
        ("", 1, 0, {CHANGED: 1}),
        ("0.2.0", 4, 4, {ADDED: 1, CHANGED: 1, REMOVED: 1}),
        ("0.1.0", 5, 0, {ADDED: 2}),
    ]


def test_statements_of_parts_count_for_their_thing(log: ChangeLog) -> None:
    assert things(log, 1, ADDED) == [(A, "Old A", 3, 0), (B, "B", 1, 0)]
    assert things(log, 2, CHANGED) == [(A, "A", 2, 2)]


def test_thing_that_only_a_tombstone_mentions_is_removed(log: ChangeLog) -> None:
    [change] = log.changes(2, REMOVED, 10)
    assert (change.thing, change.label, change.end) == (B, "B", Retired(withdrawn="2026"))


def test_changes_are_in_natural_order(tmp_path: Path) -> None:
    root = tiny_root.build(tmp_path)
    bills = [f"{BASE}id/bill/193-s{number}" for number in (683, 1386)]
    add_release(root, "0.1.0", "", added=text(name(bill, bill) for bill in bills))
    connection = sqlite3.connect(":memory:")
    connection.executescript(SCHEMA)
    ChangeWriter(connection, Names(BASE)).write(read_releases(root), tmp_path / "none.nq", "0")
    assert [each.thing for each in ChangeLog(connection, lambda _: None).changes(1, ADDED, 2)] == bills


def test_number_of_changes_is_limited(log: ChangeLog) -> None:
    assert len(log.changes(1, ADDED, 1)) == 1


def test_history_of_a_thing(log: ChangeLog) -> None:
    assert [(edition.version, change.sort) for edition, change in log.history(A)] == [
        ("0.2.0", CHANGED),
        ("0.1.0", ADDED),
    ]
    assert log.history(BASE + "id/coalition/none") == []


def test_date_of_the_last_change(log: ChangeLog) -> None:
    assert (log.last_changed(A), log.last_changed(C), log.last_changed(BASE + "id/coalition/none")) == (
        "2026-11-30",
        "",
        "",
    )


def test_state_of_the_last_release_is_no_edition(tmp_path: Path) -> None:
    root = tiny_root.build(tmp_path)
    add_release(root, "0.1.0", "", added=text(FIRST))
    connection = sqlite3.connect(":memory:")
    connection.executescript(SCHEMA)
    ChangeWriter(connection, Names(BASE)).write(read_releases(root), tmp_path / "none.nq", "0")
    assert [each.version for each in ChangeLog(connection, lambda _: None).editions] == ["0.1.0"]
