"""The locator: the file, line and columns of the term that a finding is about."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

import pyoxigraph as ox

from publisher.dataset.files import File
from publisher.dataset.iris import Names
from publisher.diagnostic import Diagnostic, Severity
from publisher.rdf.labels import Labels
from publisher.rdf.namespaces import compact
from publisher.validation.shapes.property_paths import Paths

_SUBJECT, _PREDICATE, _OBJECT = range(3)


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
        self._paths = Paths(paths)

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
            path=self._paths.spelled(path, self._spell),
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
        predicate, inverse = self._paths.first_step(path)
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


SUBJECT, PREDICATE, OBJECT = range(3)
"""Which term of a statement a finding is about."""


def finding_at(
    rule: str,
    severity: Severity,
    message: str,
    file: File,
    triple: ox.Triple,
    part: int,
    prefixes: Mapping[str, str],
    label: Labels,
    *,
    proposal: str = "",
    more: int = 0,
) -> Diagnostic:
    """The diagnostic about one term of one statement of a file.

    part: SUBJECT, PREDICATE or OBJECT; the terms before it are told with it. prefixes: prefix -> namespace, for
    spelling. label: names the subject. proposal and more: as in Diagnostic.
    """
    terms = (triple.subject, triple.predicate, triple.object)[: part + 1]
    focus, path, value = (*terms, None, None)[:3]
    return Diagnostic(
        rule,
        severity,
        message,
        file.path,
        focus=_spelled(focus, prefixes),
        path=_spelled(path, prefixes),
        value=_spelled(value, prefixes),
        label=label(focus),
        terms=(str(focus or ""), str(path or ""), str(value or "")),
        proposal=proposal,
        more=more,
        **file.where(triple, part),
    )


def _spelled(term: Any, prefixes: Mapping[str, str]) -> str:
    if isinstance(term, ox.NamedNode):
        return compact(term.value, prefixes)
    return str(term) if isinstance(term, ox.Literal) else ""
