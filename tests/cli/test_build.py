"""The build command: what it prints, its exit codes, and the check of a build."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support import tiny_root

from publisher.cli.main import main


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_root.build(tmp_path_factory.mktemp("root"))


def run(root: Path, *words: str) -> Result:
    environment = {"PUBLISHER_STORE_DIR": str(root / "stores"), "XDG_CACHE_HOME": str(root / "cache")}
    return CliRunner().invoke(main, ["build", *words, "--root", str(root)], env=environment)


@pytest.mark.slow
def test_build_prints_its_folder_and_is_checked(root: Path, tmp_path: Path) -> None:
    place = tmp_path / "site"
    done = run(root, str(place))
    assert (done.exit_code, done.stdout) == (0, f"{place}\n")
    assert " written, 0 removed." in done.stderr
    assert f"Sitemap: {tiny_root.BASE}sitemap.xml" in (place / "robots.txt").read_text()
    assert run(root, str(place), "--check").exit_code == 0
    (place / "about.html").write_text("changed")
    checked = run(root, str(place), "--check")
    assert (checked.exit_code, checked.stdout) == (1, "about.html: missing or changed\n")


def test_folder_of_others_is_rejected(root: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    done = run(root, str(tmp_path))
    assert (done.exit_code, done.stdout) == (2, "")
    assert "is not a build: mine.txt. Name an empty folder." in done.stderr


@pytest.mark.parametrize("url", ["nonsense", "https://example.org/?q=1", 'https://x/";return 200 "', "https://x/$uri"])
def test_malformed_url_of_a_live_server_is_rejected(root: Path, tmp_path: Path, url: str) -> None:
    done = run(root, str(tmp_path / "site"), "--live", url)
    assert done.exit_code == 2
    assert not (tmp_path / "site").exists()
