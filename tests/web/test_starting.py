"""Starting: the release is opened while the server is imported, and closed where the server cannot run."""

import gc
from pathlib import Path

import pytest

from publisher.errors import CannotRunError
from publisher.settings import Settings
from publisher.web import server, starting


class _Store:
    def __init__(self) -> None:
        self.closed = False

    def close(self) -> None:
        self.closed = True


def test_server_runs_with_the_release_that_was_opened_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    store, ran = _Store(), []
    monkeypatch.setattr(starting, "open_store", lambda _settings, _place: store)
    monkeypatch.setattr(server, "run", lambda _settings, opening, *rest: ran.append((opening(), *rest)))
    starting.start(Settings(), Path("place"), ["--release", "1"])
    assert ran == [(store, Path("place"), ["--release", "1"])]
    assert gc.isenabled()


def test_release_is_closed_where_the_server_cannot_run(monkeypatch: pytest.MonkeyPatch) -> None:
    store = _Store()

    def refuse(*_: object) -> None:
        raise CannotRunError("the port is taken")

    monkeypatch.setattr(starting, "open_store", lambda _settings, _place: store)
    monkeypatch.setattr(server, "run", refuse)
    with pytest.raises(CannotRunError, match="the port is taken"):
        starting.start(Settings(), Path("place"))
    assert store.closed


def test_release_that_cannot_be_opened_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise CannotRunError("it is damaged")

    monkeypatch.setattr(starting, "open_store", refuse)
    with pytest.raises(CannotRunError, match="it is damaged"):
        starting.start(Settings(port=0), Path("place"))
