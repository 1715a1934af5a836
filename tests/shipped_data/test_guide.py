"""The guide to the data, followed to its end in a copy of the repository: every block written, every command run."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.asgi_client import OpenApp
from support.sample_root import CHECKOUT
from support.tiers import EVERYTHING

GUIDE = (CHECKOUT / "data" / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(
    r"([Aa]dd|[Ww]rite) to `(data/[^`]+)`[^`]*?:\n\n```turtle\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL
)
COMMANDS = "".join(re.findall(r"^```sh\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)).splitlines()
INSTALL = ".venv/bin/pip install '.[test]'"
UNWANTED = shutil.ignore_patterns(
    ".git", ".venv", "__pycache__", ".*_cache", ".hypothesis", "dist", "yasqe", "contexts"
)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository without its history, with what the guide says to write."""
    folder = tmp_path_factory.mktemp("copy") / "repository"
    shutil.copytree(CHECKOUT, folder, ignore=UNWANTED)
    for how, path, text in BLOCKS:
        with (folder / path).open("a" if how in ("Add", "add") else "w", encoding="utf-8") as file:
            file.write(text)
    return folder


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command of the guide with the programs of this environment, without the tests that only CI runs. In the
    copy, this file is left out."""
    options = "-n 0 -p no:cacheprovider --deselect tests/shipped_data/test_guide.py"
    return subprocess.run(
        command.replace(".venv/bin", str(Path(sys.executable).parent)),
        shell=True,
        cwd=folder,
        env=os.environ | {"PYTEST_ADDOPTS": options, "PUBLISHER_TESTS_EVERYTHING": "", "PUBLISHER_TESTS_SLOW": ""},
        capture_output=True,
        text=True,
        check=False,
    )


def snapshot(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_guide_adds_a_coalition(copy: Path, opened: Callable[..., OpenApp]) -> None:
    assert [path.count("/") for _, path, _ in BLOCKS] == [1, 1, 2, 1]
    assert COMMANDS[2] == INSTALL, "this environment has it"
    tidy, validate, _, test = COMMANDS
    assert run(tidy, copy).returncode == 0
    validated = run(validate, copy)
    assert validated.returncode == 0
    assert re.match(r"No findings|\d+ infos?\.", validated.stdout.splitlines()[-1])
    before = snapshot(copy)
    tested = run(test, copy)
    assert tested.returncode == 0, tested.stdout
    after = snapshot(copy)
    changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    assert changed
    assert all(name.startswith("tests/shipped_data/answers/") for name in changed)
    assert "Example Tenants Coalition" in after["tests/shipped_data/answers/01-coalitions-by-agenda.csv"].decode()
    client = opened(copy).test_client()
    page = client.get("/doc/coalition/example-tenants-coalition.html").text
    assert "Right to a lawyer in eviction cases" in page
    moved = client.get("/id/coalition/the-deleted-one")
    assert moved.status_code == 308
    assert moved.headers["Location"].endswith("/id/coalition/example-tenants-coalition")


@pytest.mark.skipif(not EVERYTHING, reason="takes minutes; .ci/run --all runs it (PUBLISHER_TESTS_EVERYTHING=1)")
def test_code_tests_do_not_read_data(copy: Path) -> None:
    tested = run(".venv/bin/pytest --ignore tests/docs --ignore tests/packaging --ignore tests/architecture", copy)
    assert tested.returncode == 0, tested.stdout
