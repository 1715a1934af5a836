"""`publisher linkcheck`: what it asks, what it keeps, its reports and exit codes."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner, Result
from support import tiny_root

from publisher.cli.main import main


class Pages(BaseHTTPRequestHandler):
    """Answers 200 for `/good`, and 404 otherwise."""

    asked: list[str] = []

    def do_HEAD(self) -> None:
        self.asked.append(self.path)
        self.send_response(200 if self.path == "/good" else 404)
        self.end_headers()

    do_GET = do_HEAD  # noqa: N815 - the name that the library calls

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    Pages.asked.clear()
    server = HTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def root(tmp_path: Path, site: str) -> Path:
    cited = f"<{tiny_root.BASE}id/coalition/a> <urn:source> <{site}/good>, <{site}/bad> .\n"
    return tiny_root.build(tmp_path / "root", {"data/cited.ttl": cited})


def run(root: Path, *options: str) -> Result:
    state = root.parent / "state.jsonl"
    command = ["linkcheck", "--root", str(root), "--state", str(state), "--pause", "0", *options]
    return CliRunner().invoke(main, command)


def test_broken_address_is_reported(root: Path, site: str) -> None:
    result = run(root, "--local")
    assert result.exit_code == 1
    assert f"{site}/bad\n      cited in data/cited.ttl:1 by {tiny_root.BASE}id/coalition/a" in result.stdout
    assert result.stdout.endswith("2 addresses: 1 gone, 1 ok.\n")


def test_check_goes_on_where_it_ended(root: Path) -> None:
    assert "1 address" in run(root, "--local", "--limit", "1").stdout
    first = [path for path in Pages.asked if path != "/robots.txt"]
    assert "2 addresses" in run(root, "--local").stdout
    second = [path for path in Pages.asked if path != "/robots.txt"][len(first) :]
    assert set(first).isdisjoint(second)
    Pages.asked.clear()
    assert run(root, "--local").exit_code == 1
    assert Pages.asked == []
    run(root, "--local", "--max-age", "0")
    assert "/bad" in Pages.asked


def test_hosts_that_are_not_public_are_not_asked(root: Path) -> None:
    result = run(root)
    assert (result.exit_code, Pages.asked) == (0, [])
    assert "2 not asked" in result.stdout


def test_report_in_rdf(root: Path) -> None:
    result = run(root, "--local", "--format", "turtle")
    assert result.exit_code == 1
    outcomes = [
        q.object.value for q in ox.parse(result.stdout, format=ox.RdfFormat.TURTLE) if "outcome" in str(q.predicate)
    ]  # type: ignore[union-attr]
    assert sorted(outcome.rpartition("#")[2] for outcome in outcomes) == ["failed", "passed"]


def test_file_that_is_no_state_is_unchanged(root: Path) -> None:
    state = root.parent / "state.jsonl"
    state.write_text("mine\nnot yours\n")
    result = run(root, "--local")
    assert result.exit_code == 2
    assert "Not a result of a link check" in result.stderr
    assert state.read_text() == "mine\nnot yours\n"


def test_state_has_a_line_for_each_result(root: Path) -> None:
    run(root, "--local")
    lines = (root.parent / "state.jsonl").read_text().splitlines()
    assert sorted(json.loads(line)["verdict"] for line in lines) == ["gone", "ok"]
