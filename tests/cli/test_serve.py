"""The serve command: what it prints and rejects before the server runs."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from support import fork_root

from publisher import platform_support
from publisher.cli.main import main
from publisher.web import starting


@pytest.fixture
def serve(root, store_dir, monkeypatch: pytest.MonkeyPatch):
    """Runs `publisher serve` over the root, with a server that ends at once."""
    monkeypatch.setenv("PUBLISHER_STORE_DIR", str(store_dir))
    monkeypatch.setattr(starting, "start", lambda settings, place, options: None)

    def run(*words: str, **environment: str):
        for name, value in environment.items():
            monkeypatch.setenv(f"PUBLISHER_{name}", value)
        return CliRunner().invoke(main, ["serve", "--root", str(root), *words])

    return run


def test_missing_editor_is_reported(serve, monkeypatch) -> None:
    monkeypatch.setattr("publisher.cli.serve.has_editor", lambda: False)
    result = serve()
    assert result.exit_code == 0
    assert "The query editor is not installed" in result.stderr


def test_containment_is_not_mentioned_where_available(serve) -> None:
    assert [line.partition(":")[0] for line in serve().stderr.splitlines()] == ["Root", "Release"]


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("0", "Queries are refused: this platform lacks the module resource. PUBLISHER_UNCONTAINED_QUERIES=1"),
        ("1", "Queries run without limits: this platform lacks the module resource."),
    ],
)
def test_start_reports_missing_containment(serve, monkeypatch, setting, sentence) -> None:
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
def test_invalid_setting_exits_2_with_its_name(serve, name: str, value: str) -> None:
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
def test_unknown_variable_is_reported(serve, name: str, sentence: str) -> None:
    result = serve(**{name: "1"})
    assert result.exit_code == 0
    assert result.stderr.splitlines()[0] == sentence


def test_invalid_public_url_option_exits_2(serve) -> None:
    result = serve("--public-url", "ftp://example.org/")
    assert result.exit_code == 2
    assert "PUBLISHER_PUBLIC_URL is 'ftp://example.org/'; it must be an http or https URL" in result.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A root of its own to break."""
    return fork_root.build(tmp_path / "root")


def test_syntax_error_in_data_exits_2_with_position(serve, copy: Path) -> None:
    broken = copy / "data" / "agendas.ttl"
    broken.write_text(broken.read_text() + "agenda:x a ; .\n")
    result = serve("--root", str(copy))
    assert result.exit_code == 2
    line = broken.read_text().count("\n")
    assert f"data/agendas.ttl:{line}:" in result.stdout
    assert "[syntax]" in result.stdout


def test_validate_option_rejects_invalid_graph(serve, copy: Path) -> None:
    assert serve("--validate", "--root", str(copy)).exit_code == 0
    file = next((copy / "data" / "coalitions").glob("*.ttl"))
    file.write_text(file.read_text().replace("    a org:Organization ;\n", "", 1))
    result = serve("--validate", "--root", str(copy))
    assert result.exit_code == 2
    assert f"data/coalitions/{file.name}:" in result.stdout
    assert "violation" in result.stdout


def test_fallback_serves_last_release(serve, copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    served = []
    monkeypatch.setattr(
        starting, "start", lambda settings, place, options: served.append((place, "--validate" in options))
    )
    options = ("--fallback", "--root", str(copy))
    store = {"STORE_DIR": str(tmp_path / "store")}
    (copy / "data" / "broken.ttl").write_text("a b")
    assert serve(*options, **store).exit_code == 2, "there is no release yet"
    (copy / "data" / "broken.ttl").unlink()
    assert serve(*options, **store).exit_code == 0
    (copy / "data" / "broken.ttl").write_text("a b")
    result = serve(*options, "--validate", **store)
    assert (result.exit_code, served) == (0, [(served[0][0], False), (served[0][0], True)])
    assert "data/broken.ttl:1:1" in result.stdout
    assert "the last release is served" in result.stderr
    assert serve("--root", str(copy), **store).exit_code == 2


def test_unknown_option_has_suggestion(serve) -> None:
    result = serve("--prot", "8000")
    assert (result.exit_code, "--port" in result.stderr) == (2, True)


def test_root_without_data_exits_2(serve, tmp_path: Path) -> None:
    result = serve("--root", str(tmp_path))
    assert (result.exit_code, "data/dataset.ttl" in result.stderr) == (2, True)


def test_non_numeric_setting_exits_2(serve) -> None:
    result = serve(QUERY_SECONDS="ten")
    assert (result.exit_code, "PUBLISHER_QUERY_SECONDS" in result.stderr) == (2, True)


@pytest.mark.parametrize("command", ["serve", "query"])
def test_unwritable_home_folder_names_store_dir_setting(root, monkeypatch, command: str) -> None:
    """As for a user of a container without a home folder: no user can write to /proc."""
    for name in ("PUBLISHER_STORE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/proc")
    result = CliRunner().invoke(main, [command, "--root", str(root), *(["ASK {}"] if command == "query" else [])])
    assert result.exit_code == 2
    last = result.stderr.splitlines()[-1]
    assert last.startswith("publisher: The release cannot be compiled in /proc/.cache/ma-coalitions/releases: ")
    assert last.endswith(" Set PUBLISHER_STORE_DIR to another folder.")
