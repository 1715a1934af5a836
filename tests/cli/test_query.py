"""The command `query`: whose words it takes, what it prints, how it ends."""

import errno
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from support.each import each

from publisher import atomic_write
from publisher.cli.main import main
from publisher.cli.query import QUERY_FORMATS, TABLE, QueryText, Source, choose_form, read_query, run_query
from publisher.errors import CannotRunError, MalformedError, NotAcceptableError, QuerySyntaxError, TooLargeRequestError
from publisher.formats import GRAPHS, RESULTS
from publisher.release import store as release_store
from publisher.release.store import Store
from publisher.settings import Settings
from publisher.sparql.engine import Answer, Query, QueryEngine

PROGRAM = Path(sys.executable).with_name("publisher")
COUNT = "SELECT (COUNT(?c) AS ?n) { ?c a coal:Coalition }"
LABEL = "SELECT ?label { coalition:clear-water skos:prefLabel ?label }"
CONSTRUCT = "CONSTRUCT { ?c a coal:Coalition } WHERE { ?c a coal:Coalition } LIMIT 1"

Run = Callable[..., Result]


@dataclass
class Kept:
    """An engine that is not closed by who used it."""

    engine: QueryEngine

    def ask(self, query: Query) -> Answer:
        return self.engine.ask(query)

    def close(self) -> None:
        pass


@pytest.fixture
def run(root: Path, store: Store, store_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `publisher query` with words over this checkout, from an empty folder, with the engine of the session."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PUBLISHER_STORE_DIR", str(store_dir))
    monkeypatch.setattr(release_store, "open_store", lambda *_: replace(store, engine=Kept(store.engine)))

    def invoke(*words: str, stdin: str | bytes = "", **environment: str) -> Result:
        for name, value in environment.items():
            monkeypatch.setenv(f"PUBLISHER_{name}", value)
        result = CliRunner().invoke(main, ["query", "--root", str(root), *words], input=stdin)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return invoke


@pytest.fixture
def source(store: Store) -> Source:
    prefixes = store.index.names.prefixes
    return Source(store.engine, prefixes, store.release)


@pytest.fixture
def ask(source: Source) -> Callable[..., str]:
    """Asks and returns the answer's text: `ask(text, format, place, **settings)`."""

    def asked(text: str, name: str = "csv", place: str = "query", **settings: Any) -> str:
        wanted = choose_form(name, None, terminal=False)
        with run_query(source, QueryText(place, text), wanted, Settings(**settings)).body as body:
            return body.read().decode()

    return asked


# Whose words


def test_query_from_argument_file_or_stdin(run: Run, tmp_path: Path) -> None:
    (tmp_path / "count.rq").write_text(COUNT)
    given = [run(COUNT), run("count.rq"), run("-", stdin=COUNT), run(stdin=COUNT)]
    assert [(r.exit_code, r.stdout_bytes) for r in given] == [(0, b"n\r\n6\r\n")] * 4


def test_argument_that_is_neither_file_nor_query_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(CannotRunError, match=r"'count\.rq' is neither an existing file nor a query"):
        read_query("count.rq", sys.stdin.buffer)


@each("text", ["ASK{}", "ASK\n{}", "x" * 5000 + " ", "a\0 b"])
def test_text_with_space_or_brace_is_a_query(text: str) -> None:
    assert read_query(text, sys.stdin.buffer) == QueryText("query", text)


def test_file_takes_precedence_over_query_text(tmp_path: Path) -> None:
    file = tmp_path / "my query.rq"
    file.write_bytes(b"\xef\xbb\xbfASK {}")
    assert read_query(str(file), sys.stdin.buffer) == QueryText(str(file), "ASK {}")


def test_query_not_utf8_is_rejected() -> None:
    with pytest.raises(MalformedError, match="query: invalid UTF-8 at byte 10"):
        read_query(os.fsdecode(b"SELECT * {\xff ?p ?o }"), sys.stdin.buffer)


def test_query_file_not_utf8_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "x.rq").write_bytes(b"ASK { '\xff' }")
    with pytest.raises(MalformedError, match="byte 7"):
        read_query(str(tmp_path / "x.rq"), sys.stdin.buffer)


# Prefixes and mistakes


def test_known_prefixes_are_declared_unless_overridden(ask: Callable[..., str]) -> None:
    assert ask(LABEL) == "label\r\nClear Water\r\n"
    assert ask(f"PREFIX skos: <urn:other:> {LABEL}") == "label\r\n"
    assert ask(f"prefix skos: <urn:other:>\n{LABEL}") == "label\r\n"
    assert "https://example.org/base/x" in ask(
        "BASE <https://example.org/base/> SELECT (<x> AS ?x) (skos:note AS ?y) {}"
    )


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("SELECT * { ?s skos:note }", 1, 25),
        ("SELECT * { ?s skos:note ?o ;\n  coal:seeks coal:backs\n  !! }", 3, 3),
        ("SELECT *\n\t{ ?s ?p }", 2, 10),
    ],
)
def test_syntax_error_position_in_original_text(ask, text: str, line: int, column: int) -> None:
    with pytest.raises(QuerySyntaxError) as raised:
        ask(text, place="my.rq")
    head, shown, caret = raised.value.detail.split("\n")
    assert head.startswith(f"my.rq:{line}:{column}: ")
    assert "Line" not in head
    assert shown == f"  {text.splitlines()[line - 1]}"
    assert len(caret) == 2 + column
    assert caret.endswith("^")
    assert re.sub(r"[^\t]", " ", shown)[: len(caret) - 1] == caret[:-1]
    assert raised.value.members["line"] == line


def test_unknown_prefix_error_has_position(ask: Callable[..., str]) -> None:
    with pytest.raises(QuerySyntaxError, match=r"^query:2:\d+: .*(?i:prefix)"):
        ask("SELECT * {\n  ?s skoz:note ?o }")


@pytest.mark.parametrize(("name", "text"), [("csv", CONSTRUCT), ("table", CONSTRUCT), ("turtle", COUNT)])
def test_format_not_suited_to_result_is_rejected(ask: Callable[..., str], name: str, text: str) -> None:
    with pytest.raises(NotAcceptableError, match="Choose another --format"):
        ask(text, name)


def test_query_over_length_limit_is_rejected(ask: Callable[..., str]) -> None:
    with pytest.raises(TooLargeRequestError, match="1 KiB"):
        ask(f"ASK {{ # {'x' * 1024}\n}}", query_length_kb=1)


@pytest.mark.parametrize("words", [["nowhere.rq"], ["SELECT"], ["SELECT * { ?s ?p"], ["ASK {}", "--format", "turtle"]])
def test_failed_query_exits_2_with_reason(run: Run, words: list[str]) -> None:
    result = run(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert re.search(r"^publisher: \S", result.stderr, re.MULTILINE)


# Forms


def test_endpoint_formats_are_command_formats() -> None:
    assert (TABLE, *(form.name for form in (*RESULTS, *GRAPHS))) == QUERY_FORMATS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (COUNT, {"table": "n\n-\n6\n(1 row)\n", "csv": "n\r\n6\r\n", "tsv": "?n\n6\n"}),
        ("ASK {}", {"table": "true\n", "csv": "true", "json": '{"head":{},"boolean":true}'}),
        ("ASK { FILTER(false) }", {"table": "false\n", "csv": "false"}),
    ],
)
def test_any_result_exits_0(run: Run, text: str, expected: Mapping[str, str]) -> None:
    for name, words in expected.items():
        result = run(text, "--format", name)
        assert (result.exit_code, result.stdout_bytes.decode()) == (0, words)


@each(
    ("name", "output", "terminal", "expected"),
    [
        (None, None, True, ("json", "turtle", True)),
        (None, None, False, ("csv", "turtle", False)),
        (None, "x.tsv", True, ("tsv", None, False)),
        (None, "x.rdf", True, (None, "rdf-xml", False)),
        (None, "answer", True, ("csv", "turtle", False)),
        (None, "x.srj", True, ("json", None, False)),
        (None, "x.SRX", True, ("xml", None, False)),
        ("csv", "x.txt", True, ("csv", None, False)),
        ("table", "x.csv", False, ("json", None, True)),
        ("xml", "x.csv", False, ("xml", None, False)),
        ("json-ld", None, True, (None, "json-ld", False)),
    ],
)
def test_format_from_option_then_suffix_then_terminal(name, output, terminal, expected) -> None:
    found = choose_form(name, Path(output) if output else None, terminal=terminal)
    names = {form.media_type: form.name for form in (*RESULTS, *GRAPHS)}
    assert (names.get(found.results or ""), names.get(found.graph or ""), found.table) == expected


@pytest.mark.parametrize("name", ["x.xlsx", "x.txt", "x.csv.bak"])
def test_unknown_output_suffix_is_rejected_before_query(run: Run, name: str) -> None:
    result = run(COUNT, "--output", name)
    assert result.exit_code == 2
    assert f"{name}: no format has the suffix" in result.stderr
    assert "Release" not in result.stderr
    assert not Path(name).exists()


def test_root_and_release_are_printed(run: Run, root: Path, store: Store) -> None:
    assert run("ASK {}").stderr == f"Root: {root}\nRelease: {store.release}\n"


# Files


def test_output_file_is_replaced_atomically(run: Run, tmp_path: Path) -> None:
    (tmp_path / "count.csv").write_text("old")
    result = run(COUNT, "--output", "count.csv")
    assert (result.exit_code, result.stdout) == (0, "")
    assert (tmp_path / "count.csv").read_bytes() == b"n\r\n6\r\n"
    assert run(CONSTRUCT, "--output", "new.nt").exit_code == 0
    assert (tmp_path / "new.nt").read_text().endswith("Coalition> .\n")
    assert sorted(os.listdir(tmp_path)) == ["count.csv", "new.nt"]


def test_failed_query_keeps_output_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("old")
    assert run("SELECT * { ?s", "--output", "x.csv").exit_code == 2
    assert (tmp_path / "x.csv").read_text() == "old"
    assert os.listdir(tmp_path) == ["x.csv"]


def test_failed_write_keeps_output_file(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("old")

    def write() -> None:
        with atomic_write.open_atomically(path) as file:
            file.write(b"new")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(CannotRunError, match=r"^Cannot write .*x\.csv: No space left on device\."):
        write()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["x.csv"]


def test_output_keeps_links_and_devices(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    for path in (tmp_path / "link", Path(os.devnull)):
        with atomic_write.open_atomically(path) as file:
            file.write(b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text() == "new"
    assert Path(os.devnull).is_char_device()


def test_unwritable_output_exits_2(run: Run) -> None:
    result = run("ASK {}", "--output", "no/such/folder.csv")
    assert result.exit_code == 2
    assert "no/such/folder.csv" in result.stderr


# As people run it


def environment(store_dir: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PUBLISHER_")}
    return kept | {"PUBLISHER_STORE_DIR": str(store_dir)} | more


def test_terminal_output_is_a_table(root: Path, store_dir: Path) -> None:
    ours, theirs = pty.openpty()
    query = "SELECT ?c ?why { ?c coal:statedPurpose ?why } LIMIT 3"
    words = [PROGRAM, "query", "--root", root, query]
    with subprocess.Popen(
        words, stdout=theirs, stderr=subprocess.DEVNULL, env=environment(store_dir, COLUMNS="50")
    ) as process:
        os.close(theirs)
        data = b""
        try:
            while piece := os.read(ours, 4096):
                data += piece
        except OSError:  # Linux says so at the end of a terminal
            pass
        os.close(ours)
    assert process.returncode == 0
    lines = data.decode().splitlines()
    assert re.fullmatch(r"c +why", lines[0])
    assert max(map(len, lines)) == 50
    assert lines[-1] == "(3 rows)"


@pytest.mark.slow
def test_query_limits_apply(root: Path, store_dir: Path) -> None:
    result = subprocess.run(
        [PROGRAM, "query", "--root", root, "SELECT * { ?a ?b ?c . ?d ?e ?f }"],
        env=environment(store_dir, PUBLISHER_QUERY_RESULT_MB="1"),
        capture_output=True,
        text=True,
    )
    assert (result.returncode, result.stdout) == (2, "")
    said = result.stderr.splitlines()[-1]
    assert said == "publisher: Result exceeds the limit of 1 MiB."


@pytest.mark.slow
def test_closed_pipe_is_no_error(root: Path, store_dir: Path) -> None:
    words = [PROGRAM, "query", "--root", root, "SELECT ?s ?p ?o { ?s ?p ?o }"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(store_dir)) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(7) == b"s,p,o\r\n"
        process.stdout.close()
        said = process.stderr.read().decode()
    assert process.returncode == 0
    assert re.fullmatch(r"Root: .*\nRelease: .*\n", said)


# Endpoints


@pytest.mark.slow
def test_endpoint_result_equals_local_result(run: Run, server: str) -> None:
    text = "PREFIX coal: <https://w3id.org/ma-coalitions/ontology#>\nSELECT ?c { ?c a coal:Coalition } ORDER BY ?c"
    for name in ("csv", "json", "table"):
        here, there = run(text, "--format", name), run(text, "--format", name, "--endpoint", f"{server}/sparql")
        assert (there.exit_code, there.stdout) == (0, here.stdout)
    assert "Release" not in there.stderr


@pytest.mark.slow
def test_endpoint_syntax_error_is_shown(run: Run, server: str) -> None:
    result = run("SELECT *\n{ ?s ?p }", "--endpoint", f"{server}/sparql")
    assert result.exit_code == 2
    assert re.search(r"^publisher: query:2:9: .*\n  \{ \?s \?p \}\n          \^$", result.stderr, re.MULTILINE)


@pytest.mark.slow
def test_endpoint_query_gets_known_prefixes(run: Run, server: str) -> None:
    result = run(COUNT, "--endpoint", f"{server}/sparql")
    assert (result.exit_code, result.stdout_bytes) == (0, b"n\r\n6\r\n")


@pytest.mark.slow
def test_endpoint_syntax_error_position_in_original_text(run: Run, server: str) -> None:
    result = run("SELECT * {\n ?s skos:note }", "--endpoint", f"{server}/sparql")
    assert result.exit_code == 2
    assert "query:2:" in result.stderr
    assert "  ?s skos:note }" in result.stderr


@pytest.mark.slow
def test_endpoint_limit_is_reported(run: Run, server: str) -> None:
    result = run("ASK " + "{" * 100 + "}" * 100, "--endpoint", f"{server}/sparql")
    assert result.exit_code == 2
    assert "422" in result.stderr
    assert "nested 100 deep; the limit is 64" in result.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "address", ["", "dataset", "id/coalition/clear-water", "sparql/completions.json", "robots.txt"]
)
@pytest.mark.parametrize("text", ["ASK {}", "# note\nPREFIX a: <urn:a> BASE <urn:b#> select * {}"])
def test_address_that_is_no_endpoint_exits_2(run: Run, server: str, address: str, text: str) -> None:
    result = run(text, "--endpoint", f"{server}/{address}")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines()[-1].startswith("publisher: http")


def test_unreachable_endpoint_exits_2(run: Run) -> None:
    result = run("ASK {}", "--endpoint", "http://127.0.0.1:9/sparql")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith("publisher: http://127.0.0.1:9/sparql cannot be reached")


@pytest.mark.parametrize("here", [True, False], ids=["local", "endpoint"])
def test_empty_result_is_explained(run: Run, server: str, *, here: bool) -> None:
    words = [] if here else ["--endpoint", f"{server}/sparql"]
    result = run("SELECT ?c { ?c a coal:Coaliton }", "--format", "csv", *words)
    assert (result.exit_code, result.stdout.split()) == (0, ["c"])
    assert "Hint: The data set has no `coal:Coaliton`. Did you mean `coal:Coalition`?" in result.stderr
