"""Control files: the servers that run are found, ended ones are not."""

from pathlib import Path

import pytest

from publisher.errors import CannotRunError
from publisher.web.control import FOLDER, Control, Outcome, find_servers, wait_for_reload

OUTCOME = Outcome("switched", "now serving another.", 0)


def test_running_server_is_found_until_it_ends(tmp_path: Path) -> None:
    assert find_servers(tmp_path) == []
    control = Control(tmp_path, "/root", "http://localhost/", "abc")
    assert find_servers(tmp_path) == [control.state]
    control.report(OUTCOME, "def")
    [found] = find_servers(tmp_path)
    assert (found.release, found.reloads, found.outcome) == ("def", 1, OUTCOME)
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
    control.report(OUTCOME, "def")
    control.close()


def test_end_of_reload_is_awaited(tmp_path: Path) -> None:
    control = Control(tmp_path, "/root", "http://localhost/", "abc")
    before = control.state
    control.report(OUTCOME, "def")
    assert wait_for_reload(tmp_path, before, 60).outcome == OUTCOME
    ticks = iter(range(10))
    with pytest.raises(CannotRunError, match="not ended after 2 s"):
        wait_for_reload(tmp_path, control.state, 2, lambda: next(ticks))
    control.close()
    with pytest.raises(CannotRunError, match="ended before"):
        wait_for_reload(tmp_path, control.state, 60)
