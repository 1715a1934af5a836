"""Owns the place of a finding: the file, line and column of the statement it is about."""

from collections.abc import Iterable
from typing import Any

import pyoxigraph as ox

from publisher import tidiness
from publisher.names import Names, compact
from publisher.problems import Diagnostic, Severity
from publisher.sources import File


class Places:
    """Finds the file and line that a finding is about."""

    def __init__(self, files: Iterable[File], names: Names) -> None:
        self.names = names
        self._stating: dict[Any, list[File]] = {}
        self._mentioning: dict[Any, File] = {}
        for file in files:
            for subject in dict.fromkeys(triple.subject for triple in file.triples):
                self._stating.setdefault(subject, []).append(file)
            for triple in file.triples:
                self._mentioning.setdefault(triple.object, file)

    def finding(
        self, rule: str, severity: Severity, message: str, focus: Any, path: Any = None, value: Any = None
    ) -> Diagnostic | None:
        """The diagnostic, at its place; None where it is about a file that is not reported on.

        focus, path, value: terms of pyoxigraph, None where unknown.
        """
        file = self._file(focus, path, value)
        if file is None:
            return None
        subject = focus.value if isinstance(focus, ox.NamedNode) else ""
        verb = path.value if isinstance(path, ox.NamedNode) else ""
        object_ = value if verb and isinstance(value, ox.NamedNode | ox.Literal) and value != focus else None
        line = tidiness.locate(file, self.names, subject, verb, object_) if subject else None
        spelled = [self._spell(term) for term in (focus, path, value)]
        return Diagnostic(rule, severity, message, file.path, line, None, spelled[0], spelled[1], spelled[2])

    def _file(self, focus: Any, path: Any, value: Any) -> File | None:
        """The file with the very statement, else one that describes the focus node, else one that mentions it."""
        stating = self._stating.get(focus, [])
        exact = (file for file in stating if any(_says(triple, focus, path, value) for triple in file.triples))
        return next(exact, next(iter(stating), self._mentioning.get(focus)))

    def _spell(self, term: Any) -> str:
        if isinstance(term, ox.NamedNode):
            return compact(term.value, self.names.prefixes)
        return str(term) if isinstance(term, ox.Literal) else ""


def _says(triple: ox.Triple, focus: Any, path: Any, value: Any) -> bool:
    return triple.subject == focus and triple.predicate == path and value in (None, triple.object)
