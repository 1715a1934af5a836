"""The documentation: its commands exist, its tables are those of the code, its links lead somewhere.

Statements about the data are checked in `shipped_data/test_documentation.py`.
"""

import re
import runpy
import shlex
import subprocess
from pathlib import Path

import pytest
from support.each import each

from publisher import settings
from publisher.cli.main import main
from publisher.diagnostic import FindingsError
from publisher.errors import INTERRUPTED, PublisherError
from publisher.validation.builtin_rules import BUILT_IN

ROOT = Path(__file__).resolve().parents[2]
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for folder in (".", "data", "docs", "tests/benchmarks")
    for path in sorted((ROOT / folder).glob("*.md"))
}
README = PAGES["README.md"]
GUIDE = PAGES["data/README.md"]
CURRENT = {path: page for path, page in PAGES.items() if path != "CHANGELOG.md"}
"""The pages about the present version; the changelog also names what is gone."""


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


def lines(start: str) -> list[str]:
    """Every line of a shell block on any page that begins so, without its comment."""
    found = [line for page in CURRENT.values() for block in blocks(page, "sh") for line in block.splitlines()]
    return list(dict.fromkeys(re.sub(r"\s+# .*", "", line) for line in found if line.startswith(start)))


def test_readme_starts_with_two_commands() -> None:
    serve, test = blocks(README, "sh")[:2]
    assert serve == "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/publisher serve\n"
    assert test == "python3 -m venv .venv && .venv/bin/pip install '.[test]' && .venv/bin/pytest\n"
    assert "python3-venv" in README[: README.index(serve)]


def test_ci_runs_readme_test_command() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    pattern = re.search(r'grep -m1 "(.+?)" README.md', script)
    assert pattern
    found = subprocess.run(
        ["grep", "-m1", pattern[1], "README.md"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert found.stdout == blocks(README, "sh")[1]


def test_querying_page_has_five_example_queries() -> None:
    assert len(blocks(PAGES["docs/querying.md"], "sparql")) == 5


# Commands, tables, files


@each(
    ("command", "rest"),
    re.findall(r"(?:^|[ /])publisher (serve|validate|tidy|query)\b(.*)", "\n".join(lines("")), re.MULTILINE),
)
def test_documented_options_exist(command: str, rest: str) -> None:
    """Every `publisher` command in a shell block of any page."""
    options = {option for parameter in main.commands[command].params for option in parameter.opts}
    assert {word for word in shlex.split(rest) if word.startswith("--")} <= options


@pytest.mark.slow
def test_generated_regions_are_current() -> None:
    """`make docs` writes them."""
    generate = runpy.run_path(str(ROOT / "docs" / "generate.py"))["generate"]
    assert [name for name, text in PAGES.items() if name.startswith("docs/") and generate(text) != text] == []


def test_settings_and_options_are_documented() -> None:
    everything = "\n".join(CURRENT.values())
    assert all(f"| `PUBLISHER_{name.upper()}` |" in everything for name, _, _ in settings.rows())
    parameters = [parameter for command in main.commands.values() for parameter in command.params]
    options = [parameter.opts[0] for parameter in parameters if not getattr(parameter, "hidden", True)]
    assert [name for name in options if not re.search(rf"^\| `{name}[ `]", everything, re.MULTILINE)] == []


def test_documented_exit_codes_match_errors() -> None:
    codes = re.findall(r"^\| (\d+) \| ", PAGES["docs/validation.md"], re.MULTILINE)
    assert codes == ["0", str(FindingsError.exit_code), str(PublisherError.exit_code), str(INTERRUPTED)]


@each("path", PAGES)
def test_documentation_links_resolve(path: str) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", PAGES[path]):
        if target.startswith(("http://", "https://")):
            continue
        name, _, fragment = target.partition("#")
        file = (ROOT / path).parent / name if name else ROOT / path
        assert file.exists(), target
        if fragment:
            headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            assert fragment in {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@each("path", CURRENT)
def test_documented_files_exist(path: str) -> None:
    """Whatever is set as code and has a folder of this repository at its beginning."""
    made_by_the_reader = {"data/retired.ttl", "data/coalitions/example-tenants-coalition.ttl"}
    named = set(re.findall(r"`((?:\.ci|\.github|data|docs|ontology|publisher|shapes|tests)/[\w./-]*)`", PAGES[path]))
    assert [name for name in sorted(named - made_by_the_reader) if not (ROOT / name).exists()] == []


def test_documented_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {name for page in CURRENT.values() for name in re.findall(r"`make ([a-z-]+)", page)}
    assert {"setup", "serve", "test", "check", "docs"} <= named <= targets


# The guide to the data


def test_data_guide_rules_exist() -> None:
    known = {path.stem for path in (ROOT / "shapes" / "checks").glob("*.rq")} | {rule.name for rule in BUILT_IN}
    assert set(re.findall(r"\[([a-z-]+)\]` \|", GUIDE)) <= known


def test_documented_nginx_directives_are_tested() -> None:
    tested = (ROOT / "tests" / "clients" / "nginx.conf").read_text()
    documented = [line.strip() for block in blocks(PAGES["docs/serving.md"], "nginx") for line in block.splitlines()]
    own = ("location", "proxy_pass", "proxy_cache_path", "#")
    directives = [line for line in documented if line.endswith(";") and not line.startswith(own)]
    assert len(directives) > 10
    assert [line for line in directives if line not in tested] == []
