"""Owns shapes that refer back to themselves: what such shapes mean is left open, and engines differ."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import pyoxigraph as ox

from publisher.names import RDF, SH, compact
from publisher.pinpoints import OBJECT, finding_at
from publisher.problems import Diagnostic, Severity
from publisher.sources import File

_REFERRING: Final = frozenset(
    ox.NamedNode(SH + name) for name in ("and", "node", "not", "or", "property", "qualifiedValueShape", "xone")
)
_FIRST: Final = ox.NamedNode(RDF + "first")
_LINKS: Final = frozenset({_FIRST, ox.NamedNode(RDF + "rest")})
"""What leads from a shape to others, and through the lists of them (SHACL, section 3.4.3)."""

Stated = tuple[File, ox.Triple]


def findings(shapes: Sequence[File], prefixes: Mapping[str, str]) -> list[Diagnostic]:
    """The references that close a circle of shapes, one for each; prefixes: prefix -> namespace, for spelling."""
    leading: dict[Any, list[Stated]] = {}
    for file in shapes:
        for triple in file.triples:
            if triple.predicate in _REFERRING or triple.predicate in _LINKS:
                leading.setdefault(triple.subject, []).append((file, triple))
    return [_finding(file, triple, prefixes) for file, triple in _closing(leading)]


def _finding(file: File, triple: ox.Triple, prefixes: Mapping[str, str]) -> Diagnostic:
    shape = compact(triple.object.value, prefixes) if isinstance(triple.object, ox.NamedNode) else "This shape"
    message = f"{shape} refers back to itself by way of this; what that means is left open, and engines differ."
    return finding_at("recursive-shape", Severity.WARNING, message, file, triple, OBJECT, prefixes)


def _closing(leading: Mapping[Any, Sequence[Stated]]) -> Iterator[Stated]:
    """The references that lead back to where a walk through them came from.

    The walk keeps its own stack, since shapes can be nested deeper than Python recurses. It begins at shapes that have
    a name, so that those are what it leads back to.
    """
    done: set[Any] = set()
    for start in sorted(leading, key=lambda node: isinstance(node, ox.BlankNode)):
        if start in done or _is_list(leading[start]):
            continue
        above = {start}
        stack = [(start, iter(leading[start]))]
        while stack:
            node, rest = stack[-1]
            stated = next(rest, None)
            if stated is None:
                stack.pop()
                above.discard(node)
                done.add(node)
            elif (following := stated[1].object) in above:
                yield stated
            elif following in leading and following not in done:
                above.add(following)
                stack.append((following, iter(leading[following])))


def _is_list(stated: Sequence[Stated]) -> bool:
    """Whether a node is a list, which is only walked through from a shape: lists of other things may be circular."""
    return all(triple.predicate in _LINKS for _, triple in stated)
