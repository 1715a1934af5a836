"""JSON-LD contexts: the addresses of contexts in a text, and the text with known contexts inlined.

pyoxigraph fetches no context and has no way to supply one, so known contexts are put into the text before it is parsed.
Pure, no I/O.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from operator import attrgetter
from typing import Any, Final
from urllib.parse import urljoin

Find = Callable[[str], str | None]
"""Returns the value of the context at an address, as JSON without line ends; None if it is not known."""

_TOKEN: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"(?P<colon>\s*:)?|[{}\[\],]', re.DOTALL)
_CONTEXT: Final = '"@context"'
_IMPORT: Final = '"@import"'
_REMOTE: Final = re.compile(rf'{_CONTEXT}\s*:\s*["\[]|{_IMPORT}')
"""The beginning of a context that is an address or a list. Few texts have one; the others need no slower search."""
_STRING: Final = re.compile(r'"((?:[^"\\]++|\\.)*+)"', re.DOTALL)


def find_none(_: str) -> None:
    """Return None: no context is known."""


@dataclass(frozen=True)
class Named:
    """The address of a context in a text. start, end: of the string, quotation marks included.

    begin: of the member, for the value of `@import` (JSON-LD 1.1, section 4.1.10), else `start`. in_list: whether it is
    an item of a list. keys: of the object with `@import`.
    """

    address: str
    start: int
    end: int
    begin: int
    in_list: bool = False
    keys: frozenset[str] | None = None

    @property
    def imported(self) -> bool:
        """Whether it is the value of `@import`, and not a whole context."""
        return self.keys is not None


@dataclass(frozen=True)
class Edit:
    """A string that was replaced by a context: its span, and the length of the context."""

    start: int
    end: int
    length: int


@dataclass
class _Level:
    """An object or a list that is open. in_list: whether it is a list of contexts. keys: of the object so far."""

    in_list: bool
    keys: set[str] = field(default_factory=set)
    imports: list[tuple[str, int, int, int]] = field(default_factory=list)


def find_addresses(text: str) -> list[Named]:
    """Find the addresses of contexts in a JSON text, well-formed or not, in order (JSON-LD 1.1, section 9.3)."""
    return sorted(_find_addresses(text), key=attrgetter("start"))


def _find_addresses(text: str) -> Iterator[Named]:
    levels = [_Level(in_list=False)]
    key, begin = "", 0
    for match in _TOKEN.finditer(text):
        piece, level = match[0], levels[-1]
        if piece in "{[":
            levels.append(_Level(in_list=piece == "[" and key == _CONTEXT))
            key = ""
        elif piece in "}]":
            yield from _close(level)
            levels = levels[:-1] or [_Level(in_list=False)]
            key = ""
        elif piece == ",":
            key = ""
        elif match["colon"]:
            key, begin = piece[: match.start("colon") - match.start()], match.start()
            level.keys.add(key)
        elif key == _IMPORT:
            level.imports.append((_decode(piece), match.start(), match.end(), begin))
        elif key == _CONTEXT or level.in_list:
            yield Named(_decode(piece), match.start(), match.end(), match.start(), level.in_list)
    for level in levels:
        yield from _close(level)


def _close(level: _Level) -> Iterator[Named]:
    """The addresses of an object in `@import`, which only count once all its keys are known."""
    keys = frozenset(map(_decode, level.keys)) if level.imports else None
    return (Named(*found, keys=keys) for found in level.imports)


def _decode(piece: str) -> str:
    try:
        return str(json.loads(piece))
    except ValueError:
        return ""


def inline(text: str, find: Find) -> tuple[str, list[Edit]]:
    """Replace the address of every known context by its value; return the text and the edits.

    Contexts have no line ends, so the numbers of lines stay the same.
    """
    if not _REMOTE.search(text):
        return text, []
    edits, parts, done = [], [], 0
    for name in find_addresses(text):
        value = _write(name, find(name.address))
        if value is not None:
            parts += [text[done : name.begin], value]
            edits.append(Edit(name.begin, name.end, len(value)))
            done = name.end
    return "".join([*parts, text[done:]]), edits


def _write(name: Named, value: str | None) -> str | None:
    """Return what stands in a text for the address of a context; None if nothing can."""
    if value is not None and name.in_list and value.startswith("["):
        return value[1:-1].strip() or "null"
    if value is None or not name.imported:
        return value
    imported = json.loads(value)
    if not isinstance(imported, dict):
        return None
    left = {key: item for key, item in imported.items() if key not in name.keys}  # type: ignore[operator]
    return json.dumps(left or {"@version": 1.1}, separators=(",", ":"))[1:-1]


# The contexts themselves


def resolve(context: Any, find: Find, base: str = "") -> Any:
    """Return the value of a context with the contexts that it names, as far as `find` knows them, in their place.

    base: the address of the context, against which relative ones resolve (JSON-LD 1.1 API, section 4.1.2).
    """
    if isinstance(context, str):
        value = find(urljoin(base, context))
        return urljoin(base, context) if value is None else json.loads(value)
    if isinstance(context, list):
        parts = [resolve(part, find, base) for part in context]
        return [one for part in parts for one in (part if isinstance(part, list) else [part])]
    if not isinstance(context, dict):
        return context
    imported = resolve(context["@import"], find, base) if "@import" in context else None
    if isinstance(imported, dict):
        context = imported | {key: value for key, value in context.items() if key != "@import"}
    return {term: _resolve_scoped(definition, find, base) for term, definition in context.items()}


def _resolve_scoped(definition: Any, find: Find, base: str) -> Any:
    """Return the definition of a term with its own context resolved (JSON-LD 1.1, section 4.1.8)."""
    if not isinstance(definition, dict) or "@context" not in definition:
        return definition
    return definition | {"@context": resolve(definition["@context"], find, base)}


def restrict(text: str, find: Find) -> Find:
    """Return a function that finds contexts with only the definitions that a text can use.

    That of schema.org has 190 KB, and some texts name it at every node.
    """
    words: set[str] = set()

    @cache
    def find_restricted(address: str) -> str | None:
        value = find(address)
        if value is None or len(value) < _SMALL:
            return value
        if not words:
            words.update(_words(_decode(f'"{string}"') for string in set(_STRING.findall(text))))
        return json.dumps(_restrict(json.loads(value), words), separators=(",", ":"))

    return find_restricted


_SMALL: Final = 2_000
"""Length of a context that is not worth restricting."""


def _restrict(context: Any, words: set[str]) -> Any:
    """Return a context without the definitions of terms that neither the words nor other definitions name."""
    parts = [part for part in (context if isinstance(context, list) else [context]) if isinstance(part, dict)]
    kept = set(words)
    pending = [key for part in parts for key in part if key.startswith("@")] + list(kept)
    while pending:
        term = pending.pop()
        named = {word for part in parts if term in part for word in _words(_strings(part[term]))}
        pending += named - kept
        kept |= named

    def select(part: Any) -> Any:
        if not isinstance(part, dict):
            return part
        return {term: value for term, value in part.items() if term in kept or term.startswith("@")}

    return [select(part) for part in context] if isinstance(context, list) else select(context)


def _words(strings: Iterable[str]) -> set[str]:
    """Return the strings that may be terms, and those that may be prefixes."""
    return {word for string in strings for word in (string, string.partition(":")[0])}


def _strings(value: Any) -> Iterator[str]:
    """Return every key and string below a value."""
    pending = [value]
    while pending:
        found = pending.pop()
        if isinstance(found, str):
            yield found
        elif isinstance(found, dict):
            pending += [*found, *found.values()]
        elif isinstance(found, list):
            pending += found


def original_offset(offset: int, edits: Sequence[Edit]) -> int:
    """Return the offset in the original text; within an inlined context, that of its address."""
    moved = 0
    for edit in edits:
        start = edit.start + moved
        if offset < start:
            break
        if offset < start + edit.length:
            return edit.start
        moved += edit.length - (edit.end - edit.start)
    return offset - moved
