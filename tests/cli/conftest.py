"""The fixtures of the commands that read a root: a small root, and `publisher` run in it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support import fork_root

from publisher.cli.main import main

Run = Callable[..., Result]


@pytest.fixture
def lean(tmp_path: Path) -> Path:
    """A small root for which validation is quick."""
    return fork_root.build(tmp_path / "root", lean=True)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `publisher` with words, in a folder, as on a machine that is no CI system."""
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)

    def invoke(folder: Path, *words: str | Path) -> Result:
        monkeypatch.chdir(folder)
        result = CliRunner().invoke(main, [str(word) for word in words])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return invoke
