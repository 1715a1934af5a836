"""Write the parts of the documentation that come from the code, between `<!-- generated: NAME -->` and `<!-- end -->`.

`make docs` runs it. With `--check` it changes nothing, names the pages that differ and exits with 1.
"""

import ast
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import click
import yaml

from publisher import settings
from publisher.cli.main import main as command
from publisher.sparql.engine import ADDRESS, CHUNK
from publisher.validation.configuration import KEYS
from publisher.web import asgi, client, codings, metrics, requests, sending, server, streams

DOCS = Path(__file__).resolve().parent
ACTION = DOCS.parent / ".github" / "actions" / "validate" / "action.yml"
sys.path.insert(0, str(DOCS.parent / "tests"))  # The architecture tests read the imports; the drawing shows the same.

from architecture import code  # noqa: E402
from engines_foreign.deviations import DEVIATIONS  # noqa: E402

REGION = re.compile(r"(?<=<!-- generated: )([a-z ]+)( -->\n).*?(?=<!-- end -->)", re.DOTALL)

BASE = "base"
"""The name here of the modules that are in no package."""
ENTRY = "__main__"


def options(name: str) -> str:
    """The options of a command, as a table."""
    rows = [
        _option(parameter)
        for parameter in command.commands[name].params
        if isinstance(parameter, click.Option) and not parameter.hidden
    ]
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
    *others, last = option.opts
    names = [f"`{name}`" for name in others] + [f"`{last}`" if option.is_flag else f"`{last} {metavar}`"]
    names += [f"`{name}`" for name in option.secondary_opts]
    return [", ".join(names), " ".join(sentences)]


def settings_table(_: str) -> str:
    """Every setting with its environment variable, default and meaning."""
    rows = [
        [f"`{settings.ENVIRONMENT_PREFIX}{name.upper()}`", f"`{default}`" if default != "" else "", sentence]
        for name, default, sentence in settings.rows()
    ]
    return _table(["variable", "default", "meaning"], rows)


def action(_: str) -> str:
    """The inputs of the Action."""
    inputs = yaml.safe_load(ACTION.read_text(encoding="utf-8"))["inputs"]
    rows = [
        [f"`{name}`", given["description"], f"`{given['default']}`" * bool(given["default"])]
        for name, given in inputs.items()
    ]
    return _table(["input", "meaning", "default"], rows)


def configuration(_: str) -> str:
    """Every key of the configuration file."""
    rows = [[f"`{key.name}`", key.wanted, key.sentence] for key in KEYS]
    return _table(["key", "value", "meaning"], rows)


def limits(_: str) -> str:
    """The fixed limits of requests and responses."""
    rows = [
        ["length of an address", _size(ADDRESS)],
        ["header fields of a request, together", _size(requests.HEAD)],
        ["number of header fields of a request", str(requests.FIELDS)],
        ["time until the head of a request has arrived", f"{server.HEAD_SECONDS} s"],
        ["time from then until its body has arrived", f"{requests.BODY_SECONDS} s"],
        [f"time in which a client takes {_size(CHUNK)} of a response", f"{sending.SEND_SECONDS} s"],
        ["open connections; more wait", str(server.CONNECTIONS)],
        ["requests that are read, answered and sent at the same time", str(asgi.REQUESTS)],
        ["requests that are in a page thread or wait for one", str(client.PAGES)],
        ["bodies of requests held at the same time", _size(asgi.BODIES)],
        [f"responses of more than {_size(CHUNK)} sent at the same time", str(sending.LARGE)],
        ["large graphs and lists that are written while they are sent, at the same time", str(streams.STREAMS)],
        ["smallest text that is compressed", _size(codings.SMALL)],
        ["results in temporary files", f"{sending.SPOOLED} times `PUBLISHER_QUERY_RESULT_MB`"],
    ]
    return _table(["limit", "value"], rows)


def metrics_table(_: str) -> str:
    """Every metric, as Prometheus names its samples."""
    ends = {"counter": "_total", "info": "_info"}
    rows = [
        [
            f"`{name}{ends.get(family.kind, '')}`",
            family.kind,
            ", ".join(f"`{label}`" for label in family.labels),
            family.sentence,
        ]
        for name, family in metrics.FAMILIES.items()
    ]
    return _table(["metric", "type", "labels", "meaning"], rows)


def deviations(_: str) -> str:
    """What foreign engines do in another way."""
    return _table(["engine", "deviation"], [[row.engine, row.sentence] for row in DEVIATIONS])


def _size(number: int) -> str:
    """A number of bytes in KiB or MiB, rounded."""
    return f"{round(number / (1 << 20))} MiB" if number >= 1 << 20 else f"{round(number / (1 << 10))} KiB"


def _table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(cells)} |\n".replace("|  |", "| |") for cells in lines)


def packages(_: str) -> str:
    """Each package with what it is responsible for and its modules, from the top layer down."""
    modules: dict[str, list[str]] = {}
    for name in code.MODULES:
        package, _, module = name.rpartition(".")
        modules.setdefault(package or BASE, []).append(module)
    needs, summaries = unit_imports(), _summaries()
    order = sorted(summaries, key=lambda name: (-_layer(name.partition(".")[0], needs), name))
    rows = [
        [_path(name), summaries[name], ", ".join(f"`{module}`" for module in modules.get(name, []) if module != ENTRY)]
        for name in order
    ]
    return _table(["package", "responsible for", "modules"], rows)


def drawing(_: str) -> str:
    """The packages and their imports as a Mermaid flowchart; an import that follows from others is left out."""
    needs, summaries = unit_imports(), _summaries()
    lines = ["```mermaid", "flowchart TD"]
    for unit in sorted(needs, key=lambda name: (-_layer(name, needs), name)):
        lines.append(f'    {unit}["<b>{_title(unit)}</b><br/>{summaries[unit]}"]')
    lines += [f"    {unit} --> {other}" for unit in sorted(needs) for other in sorted(_direct(unit, needs))]
    return "\n".join([*lines, "```", ""])


def unit_imports() -> dict[str, set[str]]:
    """What each package imports. The modules that are in none are one unit; the entry point is left out."""
    found: dict[str, set[str]] = {}
    for name, tree in code.TREES.items():
        if name != ENTRY:
            found.setdefault(_unit(name), set()).update(_unit(other) for other in code.imports(tree))
    return {unit: others - {unit} for unit, others in found.items()}


def _unit(module: str) -> str:
    return code.package_of(module) if "." in module else BASE


def _title(unit: str) -> str:
    return "publisher" if unit == BASE else unit


def _path(package: str) -> str:
    folders = [] if package == BASE else package.split(".")
    return f"`{'/'.join(['publisher', *folders])}/`"


def _reachable(unit: str, needs: Mapping[str, set[str]]) -> Iterator[str]:
    for other in needs[unit]:
        yield other
        yield from _reachable(other, needs)


def _direct(unit: str, needs: Mapping[str, set[str]]) -> set[str]:
    """What a unit imports and reaches through no other one (the transitive reduction)."""
    return needs[unit] - {far for other in needs[unit] for far in _reachable(other, needs)}


def _layer(unit: str, needs: Mapping[str, set[str]]) -> int:
    return 1 + max((_layer(other, needs) for other in needs[unit]), default=0)


def _summaries() -> dict[str, str]:
    """The first line of each package's docstring, without its full stop."""
    packages = {
        name: (ast.get_docstring(tree) or "").partition("\n")[0].removesuffix(".")
        for name, tree in code.PACKAGES.items()
        if name != "__init__"
    }
    return packages | {BASE: "Modules that every package may import"}


GENERATORS: dict[str, Callable[[str], str]] = {
    "action": action,
    "configuration": configuration,
    "deviations": deviations,
    "drawing": drawing,
    "limits": limits,
    "metrics": metrics_table,
    "options": options,
    "packages": packages,
    "settings": settings_table,
}
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
