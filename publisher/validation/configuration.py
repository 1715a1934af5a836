"""The configuration file: `[tool.publisher]` of pyproject.toml, or publisher.toml, found, read and checked."""

import glob
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import Any, Final

from publisher.diagnostic import Severity
from publisher.errors import CannotRunError
from publisher.suggestions import suggest
from publisher.validation.engines.selection import CHOICES
from publisher.validation.inputs import RDF_FORMATS

OWN_FILE: Final = "publisher.toml"
SHARED_FILE: Final = "pyproject.toml"
_TABLE: Final = ("tool", "publisher")
"""The table of the shared file."""

Check = Callable[[Any], str]
"""Returns what is wanted instead of a value, perhaps with a suggestion; empty if the value is accepted."""


def _text(value: Any) -> str:
    return "" if isinstance(value, str) else "a string."


def _texts(value: Any) -> str:
    fits = isinstance(value, list) and all(isinstance(item, str) for item in value)
    return "" if fits else "a list of strings."


def _flag(value: Any) -> str:
    return "" if isinstance(value, bool) else "true or false."


def _number(value: Any, high: int) -> str:
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= high
    return "" if fits else f"a whole number from 0 to {high}."


def _choice(value: Any, choices: Sequence[str]) -> str:
    if isinstance(value, str) and value in choices:
        return ""
    nearest = suggest(value, choices) if isinstance(value, str) else []
    return f"one of {', '.join(choices)}.{f' Did you mean {nearest[0]!r}?' if nearest else ''}"


@dataclass(frozen=True)
class Key:
    """A key of the configuration.

    option: the parameter of the command that it is the default of. wanted: its type, for people. check: checks the
    value, or each value of a table (`is_table`). is_path: whether the values name files.
    """

    name: str
    wanted: str
    sentence: str
    check: Check
    option: str = ""
    is_table: bool = False
    is_path: bool = False


_LEVELS: Final = [level.name.lower() for level in sorted(Severity, reverse=True)]
_one_of = partial(partial, _choice)

KEYS: Final = (
    Key("data", "list", "Files, folders and globs to validate, and to tidy.", _texts, "paths", is_path=True),
    Key("exclude", "list", "Files and folders to leave out of folders and globs: paths, names or globs.", _texts),
    Key("shapes", "list", "As `--shapes`.", _texts, is_path=True),
    Key("ontologies", "list", "As `--ontology`.", _texts, is_path=True),
    Key("contexts", "table", "Address of a JSON-LD context = its file.", _text, is_table=True, is_path=True),
    Key("root", "string", "As `--root`.", _text, is_path=True),
    Key("select", "list", "As `--select`.", _texts),
    Key("ignore", "list", "As `--ignore`.", _texts),
    Key(
        "per-file-ignores", "table", "Path, folder or glob = list of rules not to report there.", _texts, is_table=True
    ),
    Key("fail-on", "string", "As `--fail-on`.", _one_of(choices=_LEVELS)),
    Key("engine", "string", "As `--engine`.", _one_of(choices=CHOICES)),
    Key("strict", "true or false", "As `--strict`.", _flag),
    Key("allow-broken-shapes", "true or false", "As `--allow-broken-shapes`.", _flag),
    Key("base", "string", "As `--base`.", _text),
    Key("format-of", "table", "Path, name or glob = format.", _one_of(choices=list(RDF_FORMATS)), is_table=True),
    Key("baseline", "string", "As `--baseline`.", _text, is_path=True),
    Key("fail-on-stale", "true or false", "As `--fail-on-stale`.", _flag),
    Key("max-per-rule", "number", "As `--max-per-rule`.", partial(_number, high=10**9)),
    Key("timeout", "number", "As `--timeout`.", partial(_number, high=86_400)),
)
"""Every key. Those that are no table are defaults of the option of the same name unless `option` differs."""
_BY_NAME: Final = {key.name: key for key in KEYS}


@dataclass(frozen=True)
class Configuration:
    """The configuration of a run. path: its file, None without one. values: key -> value, as written."""

    path: Path | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    text: str = field(default="", repr=False)

    @property
    def folder(self) -> Path:
        """The folder that paths are relative to."""
        return self.path.parent if self.path else Path.cwd()

    @property
    def defaults(self) -> dict[str, Any]:
        """Parameter of the command -> value."""
        return {_BY_NAME[name].option or name.replace("-", "_"): value for name, value in self.values.items()}

    def place_of(self, value: str) -> str:
        """Return `file:line:column: ` of the first mention of a string value or key; empty if there is none."""
        for keys in _find_mentions(self.values, value):
            return _place(self.path, self.text, (*_prefix(self.path), *keys), value)
        return ""


NO_CONFIGURATION: Final = Configuration()


def find_configuration(start: Path) -> Configuration:
    """Read the nearest configuration from a folder upward. Raises CannotRunError if it is not valid.

    In each folder, `publisher.toml` comes before `pyproject.toml`, which counts only if it has the table. Paths must
    not lead out of its git repository or, without one, its folder: otherwise anyone who can change the file could make
    a report quote any file of this computer.
    """
    for folder in (start, *start.parents):
        for name in (OWN_FILE, SHARED_FILE):
            path = folder / name
            if path.is_file():
                text = _read_text(path)
                if name == OWN_FILE or ("publisher" in text and _has_table(path, text)):
                    return _check_paths(_check_file(path, text))
    return NO_CONFIGURATION


def read_configuration(path: Path) -> Configuration:
    """Read a configuration file. Raises CannotRunError if it cannot be read, is not valid or has no table."""
    path = Path(os.path.abspath(path))
    text = _read_text(path)
    if _prefix(path) and not _has_table(path, text):
        raise CannotRunError(f"{_name(path)} has no table [{'.'.join(_TABLE)}].")
    return _check_file(path, text)


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CannotRunError(f"{_name(path)}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CannotRunError(f"{_name(path)}: Invalid UTF-8.") from error


def _name(path: Path | None) -> str:
    """The name of a configuration file in messages: relative to the working folder."""
    return os.path.relpath(path) if path else ""


def _prefix(path: Path | None) -> tuple[str, ...]:
    return _TABLE if path and path.name == SHARED_FILE else ()


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message, _, place = str(error).partition(" (at ")
        numbers = [word for word in place.rstrip(")").replace(",", "").split() if word.isdigit()]
        numbers = numbers or [str(text.count("\n") + 1)]
        raise CannotRunError(f"{':'.join([_name(path), *numbers])}: {message}.") from error


def _has_table(path: Path, text: str) -> bool:
    tool = _parse(path, text).get(_TABLE[0])
    return isinstance(tool, dict) and _TABLE[1] in tool


def _check_file(path: Path, text: str) -> Configuration:
    """Check the keys and values of a file. Raises CannotRunError with the place of each mistake."""
    value: Any = _parse(path, text)
    prefix = _prefix(path)
    for key in prefix:
        value = value[key]
    problems = [
        f"{_place(path, text, (*prefix, *keys), keys[-1] if keys else prefix[-1])}{message}"
        for keys, message in _find_problems(value, prefix)
    ]
    if problems:
        raise CannotRunError("\n".join(problems))
    return Configuration(path, value, text)


def _check_paths(configuration: Configuration) -> Configuration:
    """Return a configuration. Raises CannotRunError for a path that leads out of its repository, or into `.git`."""
    folder = configuration.folder
    top = next((each for each in (folder, *folder.parents) if (each / ".git").exists()), folder)
    boundary = Path(os.path.realpath(top))
    for name, value in configuration.values.items():
        for text in _list_texts(value) if _BY_NAME[name].is_path else ():
            fixed = Path(*takewhile(lambda part: not glob.has_magic(part), Path(text).parts))
            written = os.path.normpath(boundary / os.path.relpath(folder, top) / text)
            places = [Path(os.path.realpath(folder / fixed)), Path(written)]
            if not all(each.is_relative_to(boundary) and ".git" not in each.parts for each in places):
                advice = "Use --config, or name it as an option."
                raise CannotRunError(f"{configuration.place_of(text)}{text} leads out of the repository. {advice}")
    return configuration


def _list_texts(value: Any) -> list[str]:
    """The strings in a value: itself, its items, or the values of its keys."""
    if isinstance(value, str):
        return [value]
    return list(value.values() if isinstance(value, Mapping) else value)


def _find_problems(values: Any, prefix: Sequence[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The mistakes of a table: the keys that lead to each, and its message."""
    table = f"[{'.'.join(prefix)}]" if prefix else OWN_FILE
    if not isinstance(values, dict):
        yield (), f"{table} must be a table."
        return
    for name, value in values.items():
        key = _BY_NAME.get(name)
        if key is None:
            yield (name,), f"Unknown key {name!r} in {table}.{_hint(name)}"
        elif not key.is_table:
            if wanted := key.check(value):
                yield (name,), f"{name} must be {wanted}"
        elif not isinstance(value, dict):
            yield (name,), f"{name} must be a table."
        else:
            checked = ((item, key.check(value[item])) for item in value)
            yield from (((name, item), f"{name}: {item!r} must be {wanted}") for item, wanted in checked if wanted)


def _hint(name: str) -> str:
    if name == _TABLE[0]:
        return f" In {OWN_FILE}, write the keys without [{'.'.join(_TABLE)}]."
    nearest = suggest(name, _BY_NAME)
    return f" Did you mean {nearest[0]!r}?" if nearest else f" Known keys: {', '.join(_BY_NAME)}."


def _find_mentions(values: Any, wanted: str, keys: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The keys that lead to a string."""
    if isinstance(values, Mapping):
        for key, value in values.items():
            if key == wanted:
                yield (*keys, key)
            yield from _find_mentions(value, wanted, (*keys, key))
    elif values == wanted or (isinstance(values, list) and wanted in values):
        yield keys


def _place(path: Path | None, text: str, keys: Sequence[str], word: str) -> str:
    """Return `file:line:column: ` of the statement that sets a key, or of a word in it.

    tomllib keeps no positions. A statement is where the first lines of the file that can be parsed have the key.
    """
    lines = text.splitlines(keepends=True)
    start = 0
    for end in range(1, len(lines) + 1):
        try:
            parsed = tomllib.loads("".join(lines[:end]))
        except tomllib.TOMLDecodeError:
            continue
        if _has_keys(parsed, keys):
            number, column = _find_word(lines[start:end], word)
            return f"{_name(path)}:{start + number}:{column}: "
        start = end
    return f"{_name(path)}: "


def _has_keys(value: Any, keys: Sequence[str]) -> bool:
    for key in keys:
        if not isinstance(value, dict) or key not in value:
            return False
        value = value[key]
    return True


def _find_word(lines: Sequence[str], word: str) -> tuple[int, int]:
    """The line and column, from 1, of a word in the lines of a statement; of the statement if it has no such word."""
    for number, line in enumerate(lines, 1):
        if (found := line.find(word)) >= 0:
            return number, found + 1
    return 1, len(lines[0]) - len(lines[0].lstrip()) + 1
