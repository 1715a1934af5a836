"""The compile command: makes the release that serve opens."""

from pathlib import Path

from publisher.release import compiler
from publisher.release.index import Index


def test_folder_of_release_is_printed(lean, run, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("PUBLISHER_STORE_DIR", str(tmp_path / "store"))
    result = run(lean, "compile")
    place = Path(result.stdout.strip())
    assert (result.exit_code, place.parent) == (0, tmp_path / "store")
    assert f"Release: {Index(place).release}\n" in result.stderr
    monkeypatch.setattr(compiler, "_fill", None)
    assert run(lean, "compile").stdout == result.stdout, "compiled once"


def test_unreadable_data_exits_2(lean, run, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("PUBLISHER_STORE_DIR", str(tmp_path / "store"))
    (lean / "data" / "broken.ttl").write_text("a b")
    result = run(lean, "compile")
    assert result.exit_code == 2
    assert "data/broken.ttl:1:1" in result.stdout
    assert [path.name for path in (tmp_path / "store").iterdir()] == ["roots"]


def test_progress_is_reported(lean, tmp_path) -> None:
    phases: list[tuple[str, int, int]] = []
    compiler.compile_release(lean, tmp_path / "store", lambda *state: phases.append(state))
    assert list(dict.fromkeys(phase for phase, _, _ in phases)) == [
        "reading",
        "deriving",
        "sorting",
        "loading",
        "writing downloads",
        "describing",
    ]
    reading = [(done, total) for phase, done, total in phases if phase == "reading"]
    assert [done for done, _ in reading] == list(range(len(reading)))
    assert all(len(reading) <= total for _, total in reading)
