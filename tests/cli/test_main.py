"""The command line as a whole: the root, unknown words, faults."""

import os
import signal
import subprocess
import sys
import threading

import pytest
from support import fork_root

from publisher.validation import runner
from publisher.validation.ahead import Ahead


@pytest.mark.parametrize(
    ("error", "code"), [(KeyError("x"), 2), (RecursionError(), 2), (MemoryError(), 2), (KeyboardInterrupt(), 130)]
)
def test_internal_error_exits_2_and_interrupt_130(lean, run, monkeypatch, error, code):
    def breaks(*arguments: object) -> None:
        raise error

    monkeypatch.setattr(runner, "run", breaks)
    result = run(lean, "validate")
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.splitlines()[-1].startswith("publisher: ")
    assert "Traceback" not in result.stderr


def test_interrupt_ends_the_process_while_an_engine_is_at_work(lean, run, monkeypatch):
    go, codes = threading.Event(), []

    def breaks(*arguments: object) -> None:
        with Ahead(2) as ahead:
            ahead.begin("call", lambda: go.wait(60))
            raise KeyboardInterrupt

    monkeypatch.setattr(runner, "run", breaks)
    monkeypatch.setattr(os, "_exit", codes.append)
    result = run(lean, "validate")
    go.set()
    assert (codes, result.stderr.splitlines()[-1]) == ([130], "publisher: interrupted.")


ENDLESS = """
import hashlib
from publisher.cli.main import main
from publisher.validation import runner
from publisher.validation.ahead import call_apart

def engine():
    print("begun", flush=True)
    return hashlib.pbkdf2_hmac("sha256", b"", b"", 2**31 - 1)

runner.run = lambda *_: call_apart(engine)
main(["validate", "--jobs", "1"])
"""
"""A run whose engine takes half an hour without looking at signals."""


@pytest.mark.slow
def test_interrupt_does_not_wait_for_an_engine_in_the_only_thread(lean):
    with subprocess.Popen(
        [sys.executable, "-c", ENDLESS], cwd=lean, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "begun\n"
        process.send_signal(signal.SIGINT)
        try:
            _, said = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 130
    assert said.splitlines()[-1] == "publisher: interrupted."
    assert "Traceback" not in said


@pytest.mark.parametrize("command", ["tidy", "validate"])
def test_root_is_printed(lean, run, command):
    assert f"Root: {lean}\n" in run(lean / "data", command).stderr


@pytest.mark.parametrize("command", ["tidy", "validate"])
def test_root_option_overrides_environment(lean, run, tmp_path, monkeypatch, command):
    other = fork_root.build(tmp_path / "other", lean=True)
    monkeypatch.setenv("PUBLISHER_ROOT", str(other))
    assert f"Root: {other}\n" in run(tmp_path, command).stderr
    assert f"Root: {lean}\n" in run(tmp_path, command, "--root", lean).stderr


@pytest.mark.parametrize("command", ["tidy", "validate"])
def test_invalid_root_exits_2(run, tmp_path, command):
    result = run(tmp_path, command, "--root", "nowhere")
    assert result.exit_code == 2
    assert "nowhere is not a root folder: it has no data/dataset.ttl" in result.stderr


@pytest.mark.parametrize(
    ("words", "suggested"),
    [(["tidy", "--chek"], "--check"), (["validate", "--rot", "x"], "--root"), (["validat"], "validate")],
)
def test_unknown_command_exits_2_with_suggestion(lean, run, words, suggested):
    result = run(lean, *words)
    assert result.exit_code == 2
    assert "Did you mean" in result.stderr
    assert suggested in result.stderr


def test_command_imports_little():
    """Commands start fast: in hooks of editors and of Git they run often."""
    code = (
        "import sys; from publisher.cli.main import main; main.commands['tidy'];"
        "print({'flask', 'granian', 'httpx', 'networkx', 'publisher.validation.runner', 'pyld', 'rdflib', 'werkzeug'}"
        " & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
