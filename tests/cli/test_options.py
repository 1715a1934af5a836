"""What the commands share: printing, and the choice of the root."""

import re
from pathlib import Path

import pytest

from publisher.cli import options


def test_message_loses_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    options.say("a\tb\n\x1b[31mc\u202e")
    assert capsys.readouterr().err == "a\tb\n\N{REPLACEMENT CHARACTER}[31mc\N{REPLACEMENT CHARACTER}\n"


def test_text_outside_job_is_unchanged(capsysbinary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    options.print_text("é\n")
    assert capsysbinary.readouterr().out == "é\n".encode()


def test_text_in_job_is_no_workflow_command(capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    options.print_text("::error::x")
    options.print_text("")
    options.print_text("y\n")
    lines = capsys.readouterr().out.splitlines()
    first, second = (re.sub(r"^::stop-commands::(?=\w{32}$)", "", lines[start]) for start in (0, 3))
    assert len({first, second}) == 2
    assert lines[1:3] == ["::error::x", f"::{first}::"]
    assert lines[4:] == ["y", f"::{second}::"]


def test_quiet_omits_root(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert options.choose_root(str(root)) == root.resolve()
    assert capsys.readouterr().err == f"Root: {root}\n"
    options.choose_root(str(root), quiet=True)
    assert capsys.readouterr().err == ""
