"""Write the parts of the documentation that come from the code, between `<!-- generated: NAME -->` and `<!-- end -->`.

`make docs` runs it. With `--check` it changes nothing, names the pages that differ and exits with 1.
"""

import re
import sys
from collections.abc import Callable
from pathlib import Path

import click

from publisher import settings
from publisher.cli.main import main as command

DOCS = Path(__file__).resolve().parent
REGION = re.compile(r"(?<=<!-- generated: )([a-z ]+)( -->\n).*?(?=<!-- end -->)", re.DOTALL)


def options(name: str) -> str:
    """The options of a command, as a table."""
    rows = [_option(parameter) for parameter in command.commands[name].params if isinstance(parameter, click.Option)]
    return _table(["option", "meaning"], rows)


def _option(option: click.Option) -> list[str]:
    choices = list(option.type.choices) if isinstance(option.type, click.Choice) else []
    metavar = option.metavar or ("NAME" if choices else option.type.name.split()[0].upper())
    sentences = [option.help or ""]
    if choices:
        sentences.append("One of " + ", ".join(f"`{choice}`" for choice in choices) + ".")
    if option.show_default:
        sentences.append(f"Default: `{option.default}`.")
    if option.multiple:
        sentences.append("May be repeated.")
    return [f"`{option.opts[0]}`" if option.is_flag else f"`{option.opts[0]} {metavar}`", " ".join(sentences)]


def settings_table(_: str) -> str:
    """Every setting with its environment variable, default and meaning."""
    rows = [
        [f"`{settings.ENVIRONMENT_PREFIX}{name.upper()}`", f"`{default}`" if default != "" else "", sentence]
        for name, default, sentence in settings.rows()
    ]
    return _table(["variable", "default", "meaning"], rows)


def _table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(cells)} |\n".replace("|  |", "| |") for cells in lines)


GENERATORS: dict[str, Callable[[str], str]] = {"options": options, "settings": settings_table}
"""What writes a region, by the first word of its name; it gets the rest of the name."""


def generate(page: str) -> str:
    """A page with its generated regions written anew. Raises KeyError on a region that nothing writes."""

    def region(match: re.Match[str]) -> str:
        name, _, rest = match[1].partition(" ")
        return f"{match[1]}{match[2]}{GENERATORS[name](rest)}"

    return REGION.sub(region, page)


def main() -> int:
    """Write or check every page of this folder. Return the exit code."""
    differing = []
    for path in sorted(DOCS.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        if (generated := generate(text)) != text:
            differing.append(path)
            if "--check" not in sys.argv[1:]:
                path.write_text(generated, encoding="utf-8")
    for path in differing:
        print(path.name)
    return 1 if differing and "--check" in sys.argv[1:] else 0


if __name__ == "__main__":
    sys.exit(main())
