"""The serve command: what it prints and refuses before the server runs."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from support import fork_root

from publisher import platform_support
from publisher.cli.main import main
from publisher.web import server


@pytest.fixture
def serve(root, store_dir, monkeypatch: pytest.MonkeyPatch):
    """Runs `publisher serve` over the root, with a server that ends at once."""
    monkeypatch.setenv("PUBLISHER_STORE_DIR", str(store_dir))
    monkeypatch.setattr(server, "run", lambda settings: None)

    def run(*words: str, **environment: str):
        for name, value in environment.items():
            monkeypatch.setenv(f"PUBLISHER_{name}", value)
        return CliRunner().invoke(main, ["serve", "--root", str(root), *words])

    return run


def test_nothing_is_said_of_containment_where_the_platform_has_it(serve) -> None:
    assert [line.partition(":")[0] for line in serve().stderr.splitlines()] == ["Root", "Release"]


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("0", "Queries are refused: this platform lacks the module resource. PUBLISHER_UNCONTAINED_QUERIES=1"),
        ("1", "Queries run without limits: this platform lacks the module resource."),
    ],
)
def test_the_start_says_what_becomes_of_queries_without_containment(serve, monkeypatch, setting, sentence) -> None:
    monkeypatch.setattr(platform_support, "resource", None)
    result = serve(UNCONTAINED_QUERIES=setting)
    assert result.exit_code == 0
    assert sentence in result.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("QUERY_WORKERS", "0"),
        ("INCOMING", "0"),
        ("PORT", "99999"),
        ("QUERY_MEMORY_MB", "99999999999"),
        ("QUERY_SECONDS", "99999999999"),
        ("PUBLIC_URL", "javascript:alert(1)"),
        ("TRUSTED_PROXIES", "proxy.example"),
        ("FORWARDED_FIELDS", "X-Real-IP"),
    ],
)
def test_a_setting_that_cannot_work_ends_the_start_with_its_name(serve, name: str, value: str) -> None:
    result = serve(**{name: value})
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"publisher: PUBLISHER_{name} is ")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("QUERY_WORKER", "PUBLISHER_QUERY_WORKER is not a setting. Did you mean PUBLISHER_QUERY_WORKERS?"),
        ("PUBLICURL", "PUBLISHER_PUBLICURL is not a setting. Did you mean PUBLISHER_PUBLIC_URL?"),
        ("ZZZZ", "PUBLISHER_ZZZZ is not a setting."),
    ],
)
def test_a_variable_that_is_not_a_setting_is_reported_and_the_server_starts(serve, name: str, sentence: str) -> None:
    result = serve(**{name: "1"})
    assert result.exit_code == 0
    assert result.stderr.splitlines()[0] == sentence


def test_a_public_url_given_as_an_option_is_checked_too(serve) -> None:
    result = serve("--public-url", "ftp://example.org/")
    assert result.exit_code == 2
    assert "PUBLISHER_PUBLIC_URL is 'ftp://example.org/'; it must be an http or https URL" in result.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A root of its own to break."""
    return fork_root.build(tmp_path / "root")


def test_files_that_do_not_parse_are_refused_with_their_place(serve, copy: Path) -> None:
    broken = copy / "data" / "agendas.ttl"
    broken.write_text(broken.read_text() + "agenda:x a ; .\n")
    result = serve("--root", str(copy))
    assert result.exit_code == 2
    line = broken.read_text().count("\n")
    assert f"data/agendas.ttl:{line}:" in result.stdout
    assert "[syntax]" in result.stdout


def test_with_validate_a_good_graph_is_served_and_one_that_breaks_a_shape_is_not(serve, copy: Path) -> None:
    assert serve("--validate", "--root", str(copy)).exit_code == 0
    file = next((copy / "data" / "coalitions").glob("*.ttl"))
    file.write_text(file.read_text().replace("    a org:Organization ;\n", "", 1))
    result = serve("--validate", "--root", str(copy))
    assert result.exit_code == 2
    assert f"data/coalitions/{file.name}:" in result.stdout
    assert "violation" in result.stdout


def test_an_unknown_option_is_reported_with_the_nearest_name(serve) -> None:
    result = serve("--prot", "8000")
    assert (result.exit_code, "--port" in result.stderr) == (2, True)


def test_a_root_without_data_is_reported(serve, tmp_path: Path) -> None:
    result = serve("--root", str(tmp_path))
    assert (result.exit_code, "data/dataset.ttl" in result.stderr) == (2, True)


def test_a_setting_that_is_not_a_number_is_reported(serve) -> None:
    result = serve(QUERY_SECONDS="ten")
    assert (result.exit_code, "PUBLISHER_QUERY_SECONDS" in result.stderr) == (2, True)


@pytest.mark.parametrize("command", ["serve", "query"])
def test_a_home_folder_that_cannot_be_written_names_the_setting(root, monkeypatch, command: str) -> None:
    """As for a user of a container without a home folder: /proc can be written by nobody."""
    for name in ("PUBLISHER_STORE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/proc")
    result = CliRunner().invoke(main, [command, "--root", str(root), *(["ASK {}"] if command == "query" else [])])
    assert result.exit_code == 2
    last = result.stderr.splitlines()[-1]
    assert last.startswith("publisher: The release cannot be compiled in /proc/.cache/ma-coalitions/releases: ")
    assert last.endswith(" Set PUBLISHER_STORE_DIR to another folder.")
