"""The locator: makes findings, each at the file, line and columns of the term that it is about."""

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import Any, Final, NamedTuple

import pyoxigraph as ox

from publisher.dataset.files import File
from publisher.diagnostic import Diagnostic, Related, Severity
from publisher.rdf.labels import Labels
from publisher.rdf.namespaces import make_compact
from publisher.rdf.subject_index import SubjectIndex
from publisher.validation.shapes.property_paths import Paths

SUBJECT, PREDICATE, OBJECT = range(3)
"""Which term of a statement a finding is about."""

_NAMES: Final = 1_000
"""IRIs whose short forms are kept: most terms of findings are the same few properties, classes and datatypes."""
_FEW: Final = 8
"""Statements about a subject that are searched without an index."""

NO_LABELS: Final = Labels(())


class Statement(NamedTuple):
    """One statement of a file."""

    file: File
    triple: ox.Triple


class Locator:
    """Finds the file, line and columns that a finding is about.

    groups: the files to look in; a term is looked for in the second group only if the first does not name it. prefixes:
    prefix -> namespace, for spelling terms. labels: names things. paths: the property paths (SHACL, section 2.3.1) that
    findings may name as blank nodes.
    """

    def __init__(
        self,
        groups: Sequence[Sequence[File]],
        prefixes: Mapping[str, str],
        labels: Labels = NO_LABELS,
        paths: Paths | None = None,
    ) -> None:
        self.prefixes, self.labels = prefixes, labels
        self._compact = functools.lru_cache(_NAMES)(make_compact(prefixes))
        self._indexes = [_Index(files) for files in groups]
        self._paths = paths or Paths()

    def expect(self, nodes: Set[Any]) -> None:
        """Look for many nodes at once, which findings will be about."""
        for index in self._indexes:
            for file in index.files:
                file.by_subject.expect(nodes)

    def locate_term(
        self,
        rule: str,
        severity: Severity,
        message: str,
        file: File,
        triple: ox.Triple,
        part: int,
        *,
        label: str = "",
        proposal: str = "",
        certain: bool = False,
        more: int = 0,
    ) -> Diagnostic:
        """The finding about one term of one statement of a file.

        part: SUBJECT, PREDICATE or OBJECT; the finding names that term and those before it. label: the name of the
        subject, where it is not among the labels. proposal, certain and more: as in Diagnostic.
        """
        terms = (triple.subject, triple.predicate, triple.object)[: part + 1]
        focus, path, value = (*terms, None, None)[:3]
        finding = self._make(rule, severity, message, Statement(file, triple), part, focus, path, value)
        return replace(finding, label=label or finding.label, proposal=proposal, certain=certain, more=more)

    def locate_node(
        self,
        rule: str,
        severity: Severity,
        message: str,
        focus: Any,
        path: Any = None,
        value: Any = None,
        *,
        shape: str = "",
        component: str = "",
    ) -> Diagnostic | None:
        """The finding about a node, a path or a value; None where it is about a node that none of the files names.

        The place is the value of a finding about a value; the predicate where it is about the values of a path that
        the focus node has; else the focus node, where something is stated about it or where it is mentioned first.
        focus, path, value: terms, None where unknown. shape, component: as in Diagnostic.
        """
        chosen = self.choose(focus, path, value)
        if chosen is None:
            return None
        return self._make(rule, severity, message, *chosen, focus, path, value, shape, component)

    def add_use(self, finding: Diagnostic, node: Any, properties: Sequence[Any]) -> Diagnostic:
        """The finding about a node with the place where the node is first a value of one of the properties."""
        found = (self._indexes[0].find_mention(property_, node) for property_ in properties)
        statement = next((each for each in found if each), None)
        where = statement.file.where(statement.triple, OBJECT) if statement else {}
        place = statement.file.path if statement else "", where.get("line"), where.get("column")
        if statement is None or place == (finding.file, finding.line, finding.column):
            return finding
        message = f"value of {self.spell(statement.triple.predicate)} of {self.spell(statement.triple.subject) or '[]'}"
        where.pop("source", None)
        return replace(finding, related=(Related(message, statement.file.path, **where),))

    def choose(self, focus: Any, path: Any, value: Any) -> tuple[Statement, int] | None:
        """Return the statement that a finding is about, and which of its terms."""
        predicate, inverse = self._paths.first_step(path)
        chosen = (index.choose(focus, path, value, predicate, inverse) for index in self._indexes)
        return next((each for each in chosen if each), None)

    def _make(
        self,
        rule: str,
        severity: Severity,
        message: str,
        statement: Statement,
        part: int,
        focus: Any,
        path: Any,
        value: Any,
        shape: str = "",
        component: str = "",
    ) -> Diagnostic:
        return Diagnostic(
            rule,
            severity,
            message,
            statement.file.path,
            focus=self.spell(focus),
            path=self._paths.spell_path(path, self.spell),
            value=self.spell(value),
            label=self.labels(focus),
            shape=shape,
            component=component,
            terms=(str(focus or ""), self._paths.write(path), str(value or "")),
            **statement.file.where(statement.triple, part),
        )

    def spell(self, term: Any) -> str:
        """Return a term for people: a prefixed name or a literal; empty for a blank node."""
        if isinstance(term, ox.NamedNode):
            return self._compact(term.value)
        if not isinstance(term, ox.Literal):
            return ""
        text, suffix = str(term), f"^^{term.datatype}"
        datatype = self._compact(term.datatype.value)
        if not text.endswith(suffix) or datatype == term.datatype.value:
            return text
        return f"{text.removesuffix(suffix)}^^{datatype}"


class _About:
    """The statements about one subject, in the order of the files."""

    def __init__(self, statements: Sequence[Statement]) -> None:
        self._statements = statements
        self._first: dict[tuple[bool, bool], dict[tuple[Any, Any], Statement]] = {}

    def first(self, predicate: Any, object_: Any) -> Statement | None:
        """The first statement with these terms; None stands for any."""
        if len(self._statements) <= _FEW:
            return next(
                (
                    each
                    for each in self._statements
                    if (predicate is None or each.triple.predicate == predicate)
                    and (object_ is None or each.triple.object == object_)
                ),
                None,
            )
        wanted = predicate is not None, object_ is not None
        if wanted not in self._first:
            self._first[wanted] = {
                (each.triple.predicate if wanted[0] else None, each.triple.object if wanted[1] else None): each
                for each in reversed(self._statements)
            }
        return self._first[wanted].get((predicate, object_))


class _Index:
    """The statements of some files by subject, and by object where nothing else is found; indexed as far as needed."""

    def __init__(self, files: Iterable[File]) -> None:
        self.files = list(files)
        self._subjects = SubjectIndex(self.files)
        self._about: dict[Any, _About] = {}
        self._mentions: dict[ox.NamedNode | None, list[dict[Any, ox.Triple]]] = {}

    def choose(
        self, focus: Any, path: Any, value: Any, predicate: ox.NamedNode | None, inverse: bool
    ) -> tuple[Statement, int] | None:
        """Return the statement that a finding is about, and which of its terms. predicate, inverse: the path's first
        step."""
        candidates = self._candidates(focus, path, value, predicate, inverse)
        return next(((found, part) for found, part in candidates if found), None)

    def _candidates(
        self, focus: Any, path: Any, value: Any, predicate: ox.NamedNode | None, inverse: bool
    ) -> Iterator[tuple[Statement | None, int]]:
        """Where to look, the best place first; mentions are only indexed where nothing else is found."""
        if inverse:
            yield self._stating(value, predicate, focus), SUBJECT
            yield self.find_mention(predicate, focus), PREDICATE
        else:
            if value is not None and value != focus:
                yield self._stating(focus, predicate, value), OBJECT
            if predicate is not None:
                yield self._stating(focus, predicate), PREDICATE
                if value is not None and value != focus:  # By a property below it, where an ontology says so.
                    yield self._stating(focus, None, value), OBJECT
            elif path is not None:
                yield self._stating(value, None, focus), SUBJECT
        yield self._stating(focus), SUBJECT
        yield self.find_mention(None, focus), OBJECT

    def _stating(self, subject: Any, predicate: Any = None, object_: Any = None) -> Statement | None:
        """The first statement with these terms; None stands for any predicate and object."""
        if subject not in self._about:
            self._about[subject] = _About(
                [
                    Statement(file, triple)
                    for file in self._subjects.find(subject)
                    for triple in file.by_subject.get(subject, ())
                ]
            )
        return self._about[subject].first(predicate, object_)

    def find_mention(self, predicate: Any, node: Any) -> Statement | None:
        """The first statement with a predicate, None for any, whose object is a node."""
        if predicate not in self._mentions:
            self._mentions[predicate] = [
                {triple.object: triple for triple in reversed(_find_by_predicate(file, predicate))}
                for file in self.files
            ]
        found = zip(self.files, self._mentions[predicate], strict=True)
        return next((Statement(file, first[node]) for file, first in found if node in first), None)


def _find_by_predicate(file: File, predicate: ox.NamedNode | None) -> Sequence[ox.Triple]:
    """The statements of a file with a predicate; None stands for any."""
    return file.triples if predicate is None else file.by_predicate.get(predicate, ())
