"""Results of link checks: the file of a check that was interrupted, and the reports."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from publisher.errors import CannotRunError
from publisher.linkcheck.addresses import Citation
from publisher.linkcheck.results import GONE, MOVED, OK, Result, describe, read_state, write_line, write_text
from publisher.rdf.namespaces import DCTERMS

TIME = "2026-11-30T00:00:00+00:00"
GOOD = Result("https://a.example/", OK, TIME, 200)
BAD = Result("https://b.example/", GONE, TIME, 404, "404 Not Found")
NEW = Result("https://c.example/", MOVED, TIME, 200, "", "https://d.example/")
CITED = {result.address: Citation("data/x.ttl", 7, "https://e.example/id/x", 2) for result in (GOOD, BAD, NEW)}


def test_state_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "state"
    assert read_state(path) == {}
    path.write_text(write_line(BAD) + write_line(GOOD) + write_line(Result(BAD.address, OK, TIME)))
    assert read_state(path) == {GOOD.address: GOOD, BAD.address: Result(BAD.address, OK, TIME)}


def test_line_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "state"
    path.write_text(write_line(GOOD) + write_line(BAD)[:30])
    assert read_state(path) == {GOOD.address: GOOD}


def test_other_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "state"
    path.write_text(f"hello\n{write_line(GOOD)}")
    with pytest.raises(CannotRunError, match="state:1: Not a result of a link check"):
        read_state(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(CannotRunError, match="Not a file of results"):
        read_state(path)


def test_text_has_the_worst_first() -> None:
    text = write_text([GOOD, NEW, BAD], CITED, verbose=False)
    assert text.index(BAD.address) < text.index(NEW.address)
    assert "cited in data/x.ttl:7 by https://e.example/id/x, and 2 more" in text
    assert "404 Not Found" in text
    assert "now: https://d.example/" in text
    assert GOOD.address not in text
    assert text.endswith("3 addresses: 1 gone, 1 moved, 1 ok.\n")
    assert GOOD.address in write_text([GOOD], CITED, verbose=True)
    assert write_text([], {}, verbose=False) == "0 addresses: none.\n"


def test_assertions_state_outcome_and_new_address() -> None:
    triples = list(describe([GOOD, BAD, NEW], CITED))
    outcomes = [str(t.object).rpartition("#")[2] for t in triples if t.predicate.value.endswith("earl#outcome")]
    assert outcomes == ["passed>", "failed>", "passed>"]
    replaced = [t.object for t in triples if t.predicate.value == DCTERMS + "isReplacedBy"]
    assert replaced == [ox.NamedNode("https://d.example/")]
