"""`publisher probe`: its reports and exit codes. What it asks: `tests/probe`."""

import json
import socket

import pytest
from click.testing import CliRunner, Result
from support.each import each

from publisher.cli.main import main


def run(*options: str) -> Result:
    return CliRunner().invoke(main, ["probe", *options])


@pytest.mark.slow
def test_what_breaks_no_must_exits_with_0(server: str) -> None:
    result = run("--endpoint", f"{server}/sparql")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0].split() == ["verdict", "level", "case", "client", "expected", "got"]
    assert "ok       must    get " in result.stdout
    assert result.stdout.endswith(" ok.\n")


@pytest.mark.slow
def test_broken_must_exits_with_1(server: str) -> None:
    result = run(f"{server}/id/coalition/there-is-none", "--format", "json")
    report = json.loads(result.stdout)
    assert result.exit_code == 1
    assert report["counts"]["broken"] == sum(finding["verdict"] == "broken" for finding in report["findings"]) > 0
    assert report["findings"][0] == {
        "case": "anything",
        "client": "curl",
        "level": "must",
        "expected": "200",
        "got": "404 application/problem+json",
        "verdict": "broken",
    }


def test_host_that_does_not_answer_exits_with_2() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    result = run(f"http://127.0.0.1:{port}/")
    assert result.exit_code == 2
    assert "No connection can be made" in result.stderr


@each("options", [(), ("ftp://example.org/",), ("example.org",), ("--endpoint", "http://[/")])
def test_what_is_no_url_exits_with_2(options: tuple[str, ...]) -> None:
    assert run(*options).exit_code == 2
