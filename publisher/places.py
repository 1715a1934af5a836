"""Owns the place of a finding: the file, line and columns of the term that it is about."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, Final, NamedTuple

import pyoxigraph as ox

from publisher.names import RDF, SH, Names, compact
from publisher.problems import Diagnostic, Severity
from publisher.sources import File

MAX_STEPS: Final = 100
"""Steps into a property path before it is given up: a path can refer back to itself."""

_SUBJECT, _PREDICATE, _OBJECT = range(3)
_INVERSE: Final = ox.NamedNode(SH + "inversePath")
_FIRST: Final = ox.NamedNode(RDF + "first")
_KINDS: Final = ("alternativePath", "zeroOrMorePath", "oneOrMorePath", "zeroOrOnePath")
_STEPS: Final = (_INVERSE, _FIRST, *(ox.NamedNode(SH + kind) for kind in _KINDS))
"""What leads into a property path that is a blank node (SHACL, section 2.3.1); a sequence is a list."""


class _Stated(NamedTuple):
    """One statement of a file."""

    file: File
    triple: ox.Triple


class _Thing:
    """The statements about one subject, in the order of the files."""

    def __init__(self) -> None:
        self.stated: list[_Stated] = []

    @cached_property
    def found(self) -> dict[tuple[Any, Any], _Stated]:
        """(predicate, object) -> the first statement; None stands for any."""
        found: dict[tuple[Any, Any], _Stated] = {}
        for one in self.stated:
            predicate, object_ = one.triple.predicate, one.triple.object
            for key in ((predicate, object_), (predicate, None), (None, object_), (None, None)):
                found.setdefault(key, one)
        return found


class Places:
    """Finds the file, line and columns that a finding is about.

    files: those that are reported on. paths: triples that describe property paths (SHACL, section 2.3.1), where a
    finding's path is a blank node.
    """

    def __init__(self, files: Iterable[File], names: Names, paths: Iterable[ox.Triple] = ()) -> None:
        self.files, self.names = list(files), names
        self._paths = {(triple.subject, triple.predicate): triple.object for triple in paths}

    def finding(
        self,
        rule: str,
        severity: Severity,
        message: str,
        focus: Any,
        path: Any = None,
        value: Any = None,
        *,
        label: str = "",
        shape: str = "",
        component: str = "",
    ) -> Diagnostic | None:
        """The diagnostic, at its place; None where it is about a thing that is in none of the files.

        The place is the value of a finding about a value; the predicate where it is about the values of a path that
        the focus node has; else the focus node, where something is stated about it or where it is mentioned first.
        focus, path, value: terms of pyoxigraph, None where unknown. label, shape, component: as in Diagnostic.
        """
        chosen = self._chosen(focus, path, value)
        if chosen is None:
            return None
        (file, triple), part = chosen
        return Diagnostic(
            rule,
            severity,
            message,
            file.path,
            focus=self._spell(focus),
            path=self._spell(path),
            value=self._spell(value),
            label=label,
            shape=shape,
            component=component,
            terms=(str(focus or ""), str(path or ""), str(value or "")),
            **file.where(triple, part),
        )

    def _spell(self, term: Any) -> str:
        if isinstance(term, ox.NamedNode):
            return compact(term.value, self.names.prefixes)
        return str(term) if isinstance(term, ox.Literal) else ""

    def _chosen(self, focus: Any, path: Any, value: Any) -> tuple[_Stated, int] | None:
        """The statement that a finding is about, and which of its terms."""
        return next(((found, part) for found, part in self._ways(focus, path, value) if found), None)

    def _ways(self, focus: Any, path: Any, value: Any) -> Iterator[tuple[_Stated | None, int]]:
        """Where to look, the best place first; what is mentioned is only indexed where nothing else is found."""
        predicate, inverse = self._first_step(path)
        if inverse:
            yield self._stating(value, predicate, focus), _SUBJECT
            yield self._mentions.get((predicate, focus)), _PREDICATE
        else:
            if value is not None and value != focus:
                yield self._stating(focus, predicate, value), _OBJECT
            if predicate is not None:
                yield self._stating(focus, predicate), _PREDICATE
            elif path is not None:
                yield self._stating(value, None, focus), _SUBJECT
        yield self._stating(focus), _SUBJECT
        yield self._mentions.get((None, focus)), _OBJECT

    def _first_step(self, path: Any) -> tuple[Any, bool]:
        """The predicate that a path begins with, None where that is unknown, and whether it leads backwards."""
        inverse = False
        for _ in range(MAX_STEPS):
            if not isinstance(path, ox.BlankNode):
                break
            if (path, _INVERSE) in self._paths:
                inverse = not inverse
            path = next((self._paths[path, step] for step in _STEPS if (path, step) in self._paths), None)
        return (path, inverse) if isinstance(path, ox.NamedNode) else (None, False)

    def _stating(self, subject: Any, predicate: Any = None, object_: Any = None) -> _Stated | None:
        """The first statement with these terms; None stands for any predicate and object."""
        thing = self._things.get(subject)
        return thing.found.get((predicate, object_)) if thing else None

    @cached_property
    def _things(self) -> dict[Any, _Thing]:
        found: dict[Any, _Thing] = {}
        for file in self.files:
            for triple in file.triples:
                subject = triple.subject
                if subject not in found:
                    found[subject] = _Thing()
                found[subject].stated.append(_Stated(file, triple))
        return found

    @cached_property
    def _mentions(self) -> dict[tuple[Any, Any], _Stated]:
        """(predicate, object) -> the first statement; None stands for any predicate."""
        found: dict[tuple[Any, Any], _Stated] = {}
        for file in self.files:
            for triple in file.triples:
                for key in ((triple.predicate, triple.object), (None, triple.object)):
                    found.setdefault(key, _Stated(file, triple))
        return found
