"""Property paths and lists of SHACL: reads them from a graph, and writes paths in SPARQL syntax."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import pyoxigraph as ox

from publisher.rdf.namespaces import RDF, SH

MAX_DEPTH: Final = 4
"""Depth of nesting that is put into words; deeper constructs are shortened."""
MAX_STEPS: Final = 100
"""Steps into a property path before it is given up, because a path can refer back to itself."""

KEYS: Final = {
    "inversePath": "^{}",
    "zeroOrMorePath": "{}*",
    "oneOrMorePath": "{}+",
    "zeroOrOnePath": "{}?",
    "alternativePath": "({})",
}
"""Property of SHACL that makes a path of another one -> how SPARQL spells it (SHACL, section 2.3.1); a sequence is a
list."""

SEQUENCE: Final = "sequence"

_FIRST: Final = RDF + "first"
_REST: Final = RDF + "rest"
_NIL: Final = ox.NamedNode(RDF + "nil")
_STEPS: Final = (_FIRST, *(SH + key for key in KEYS))


class Paths:
    """The paths and lists of one graph."""

    def __init__(self, triples: Iterable[ox.Triple] = ()) -> None:
        self._stated: dict[tuple[Any, str], list[Any]] = {}
        wanted = {*_STEPS, _REST}
        for triple in triples:
            if triple.predicate.value in wanted:
                self._stated.setdefault((triple.subject, triple.predicate.value), []).append(triple.object)

    def items(self, head: Any) -> list[Any] | None:
        """The items of a well-formed list (RDF Schema 1.1, section 5.2), None where the node is not a list."""
        items: list[Any] = []
        seen: set[Any] = set()
        while head != _NIL:
            first, rest = self._stated.get((head, _FIRST), []), self._stated.get((head, _REST), [])
            if len(first) != 1 or len(rest) != 1 or head in seen:
                return None
            seen.add(head)
            items.append(first[0])
            head = rest[0]
        return items

    def parts(self, path: Any) -> list[Any]:
        """The paths that a path that is a blank node is made of; none where it is not a path."""
        return self.read(path)[1]

    def read(self, path: Any) -> tuple[str, list[Any]]:
        """The kind of a path that is a blank node (one of KEYS, or SEQUENCE), and the paths in it; none where it is
        not a path."""
        items = self.items(path)
        if items is not None:
            return SEQUENCE, items if len(items) > 1 else []
        stated = [(key, inner) for key in KEYS for inner in self._stated.get((path, SH + key), [])]
        if len(stated) != 1:
            return SEQUENCE, []
        ((key, inner),) = stated
        return key, (self.items(inner) or []) if key == "alternativePath" else [inner]

    def spell_path(self, path: Any, spell: Callable[[Any], str], depth: int = 0) -> str:
        """A path as SPARQL writes it, its IRIs spelled by `spell`; `...` for what is not a path or nested too deep."""
        if not isinstance(path, ox.BlankNode):
            return spell(path)
        if depth >= MAX_DEPTH:
            return "..."
        items = self.items(path)
        if items is not None:
            return self._join(items, "/", spell, depth)
        for key, form in KEYS.items():
            for inner in self._stated.get((path, SH + key), []):
                choices = self.items(inner) if key == "alternativePath" else [inner]
                return form.format(self._join(choices, "|", spell, depth)) if choices else "..."
        return "..."

    def write(self, path: Any, depth: int = 0) -> str:
        """A path in Turtle with full IRIs (SHACL, section 2.3.1); empty for what is not a path or nested too deep."""
        if not isinstance(path, ox.BlankNode):
            return str(path or "")
        kind, inner = self.read(path)
        parts = [self.write(part, depth + 1) for part in inner] if depth < MAX_STEPS else []
        if not parts or not all(parts):
            return ""
        joined = f"( {' '.join(parts)} )" if len(parts) > 1 or kind == "alternativePath" else parts[0]
        return joined if kind == SEQUENCE else f"[ <{SH}{kind}> {joined} ]"

    def _join(self, parts: Sequence[Any], joint: str, spell: Callable[[Any], str], depth: int) -> str:
        return joint.join(self.spell_path(part, spell, depth + 1) for part in parts)

    def first_step(self, path: Any) -> tuple[ox.NamedNode | None, bool]:
        """The predicate that a path begins with, None where that is unknown, and whether it leads backwards."""
        inverse = False
        for _ in range(MAX_STEPS):
            if not isinstance(path, ox.BlankNode):
                break
            if (path, SH + "inversePath") in self._stated:
                inverse = not inverse
            path = next((self._stated[path, step][0] for step in _STEPS if (path, step) in self._stated), None)
        return (path, inverse) if isinstance(path, ox.NamedNode) else (None, False)
