"""GitHub workflow commands: escaping."""

import re
from urllib.parse import unquote

from support.findings import COUNT, NESTED, RULES, V

from publisher.diagnostic import Diagnostic
from publisher.reports.renderers import github, text
from publisher.reports.report import Report, message_of


def test_github_command_is_escaped() -> None:
    lines = github.render(Report([NESTED, COUNT], RULES)).splitlines()
    assert [_command(line) for line in lines] == [
        ("warning", {"file": NESTED.file, "line": "3", "endLine": "4", "title": "Backing-node"}, message_of(NESTED)),
        (
            "error",
            {
                "file": COUNT.file,
                "line": "12",
                "endLine": "12",
                "col": "5",
                "endColumn": "20",
                "title": "aim: one definition [Aim-definition-count]",
            },
            message_of(COUNT),
        ),
    ]


def _command(line: str) -> tuple[str, dict[str, str], str]:
    """A command as the runner of GitHub Actions takes it apart."""
    found = re.fullmatch(r"::(\w+) (.*?)::(.*)", line)
    assert found
    pairs = (pair.partition("=") for pair in found[2].split(","))
    return found[1], {name: unquote(value) for name, _, value in pairs}, unquote(found[3])


def test_github_message_starts_no_command() -> None:
    odd = Diagnostic("r", V, "\n::set-output name=x::y\r\n::error::z", "a\n::debug::b.ttl", 1)
    assert len(github.render(Report([odd])).splitlines()) == 1
    assert not any(line.lstrip().startswith("::") for line in text.render(Report([odd])).splitlines())
