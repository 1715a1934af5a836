"""Control files: the servers that run are found, ended ones are not."""

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from publisher.errors import CannotRunError
from publisher.web import control as module
from publisher.web.control import FOLDER, SHORT, Control, Outcome, State, find_servers, request_reload

OUTCOME = Outcome("switched", "now serving another.", 0)


def test_running_server_is_found_until_it_ends(tmp_path: Path) -> None:
    assert find_servers(tmp_path) == []
    control = Control(tmp_path, "/root", "http://localhost/", "abc")
    assert find_servers(tmp_path) == [control.state]
    control.report(OUTCOME, "def", 7)
    [found] = find_servers(tmp_path)
    assert (found.release, found.began, found.outcome) == ("def", 7, OUTCOME)
    control.close()
    assert find_servers(tmp_path) == []


def test_killed_server_is_removed(tmp_path: Path) -> None:
    control = Control(tmp_path, "/root", "http://localhost/", "abc")
    assert control._lock is not None
    control._lock.release()
    control._lock = None
    assert find_servers(tmp_path) == []
    assert list((tmp_path / FOLDER).iterdir()) == []


def test_broken_control_file_is_ignored(tmp_path: Path) -> None:
    control = Control(tmp_path, "/root", "http://localhost/", "abc")
    for text in ("", "[]", "{}", '{"pid": 1, "outcome": null}'):
        (tmp_path / FOLDER / str(control.state.pid) / "state.json").write_text(text)
        assert find_servers(tmp_path) == []
    control.close()


def test_unwritable_folder_leaves_no_control_file() -> None:
    control = Control(Path("/proc/none"), "/root", "http://localhost/", "abc")
    control.report(OUTCOME, "def", 7)
    control.close()


def test_outcome_is_written_on_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise CannotRunError("No space left on device")

    running = Control(tmp_path, "/root", "http://localhost/", "abc")
    [file] = (tmp_path / FOLDER).rglob("*.json")
    size = file.stat().st_size
    monkeypatch.setattr(module, "write", fail)
    running.report(Outcome("failed", "\N{EURO SIGN}" * 9000, 2), "abc", 7)
    [found] = find_servers(tmp_path)
    assert found.outcome == Outcome("failed", "\N{EURO SIGN}" * SHORT, 2)
    assert file.stat().st_size == size, "a full disk has no room for more"
    running.close()


@pytest.fixture
def control(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Control]:
    """The control file of a server that ignores the signal: the tests report what it would."""
    monkeypatch.setattr(os, "kill", lambda pid, number: None)
    found = Control(tmp_path, "/root", "http://localhost/", "abc")
    yield found
    found.close()


def test_end_of_a_reload_that_began_later_is_awaited(control: Control, tmp_path: Path) -> None:
    seen: list[float] = []

    def clock() -> float:
        """Ticks; a reload that began before the request ends at 5, another one at 8."""
        seen.append(len(seen))
        if len(seen) == 5:
            control.report(Outcome("unchanged", "of before."), "abc", -1)
        if len(seen) == 8:
            control.report(OUTCOME, "def", 4)
        return seen[-1]

    assert request_reload(tmp_path, control.state, 60, clock).outcome == OUTCOME
    assert len(seen) == 8


def test_reload_that_does_not_end_or_has_no_server_is_an_error(control: Control, tmp_path: Path) -> None:
    control.report(OUTCOME, "def", -1)
    ticks = itertools.count()
    with pytest.raises(CannotRunError, match="not ended after 2 s"):
        request_reload(tmp_path, control.state, 2, lambda: next(ticks))
    control.close()
    with pytest.raises(CannotRunError, match="ended before"):
        request_reload(tmp_path, control.state, 60)


def test_server_that_cannot_be_signalled_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CannotRunError, match="cannot be signalled"):
        request_reload(tmp_path, State(2**22 + 1, "", "", ""), 60)
