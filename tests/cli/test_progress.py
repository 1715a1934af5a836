"""Progress at a terminal: shown where a run takes long and somebody watches."""

import io
import time

import pytest

from publisher.cli import progress


class Terminal(io.StringIO):
    """A stream that claims to be a terminal."""

    def isatty(self) -> bool:
        return True


def test_long_run_shows_and_clears_progress(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    with progress.Bar(stream, delay=0.01) as bar:
        bar("shapes", 3, 7)
        deadline = time.monotonic() + 20
        while "3/7" not in stream.getvalue() and time.monotonic() < deadline:
            time.sleep(0.02)
            bar("shapes", 3, 7)
    assert "shapes" in stream.getvalue()
    assert "3/7" in stream.getvalue()
    assert stream.getvalue().endswith("\x1b[2K")


@pytest.mark.parametrize(("stream", "delay"), [(Terminal(), 60.0), (io.StringIO(), 0.0)], ids=["short", "no person"])
def test_short_or_redirected_run_shows_no_progress(stream, delay):
    with progress.Bar(stream, delay) as bar:
        bar("shapes", 1, 2)
        time.sleep(0.05)
    assert stream.getvalue() == ""


def test_long_run_writes_lines_where_there_is_no_terminal():
    stream = io.StringIO()
    with progress.Bar(stream, every=5) as bar:
        bar("reading", 0, 0)
        for done in range(12):
            bar("writing", done, 1200)
    assert stream.getvalue() == "reading\nwriting: 0 of 1,200\nwriting: 5 of 1,200\nwriting: 10 of 1,200\n"


def test_terminal_gets_no_lines():
    stream = Terminal()
    with progress.Bar(stream, delay=60, every=1) as bar:
        bar("writing", 1, 2)
    assert stream.getvalue() == ""
