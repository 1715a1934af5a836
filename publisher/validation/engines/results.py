"""SHACL results: read from the validation report graph that an engine returns (SHACL, section 3.6)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox

from publisher.rdf.labels import best
from publisher.rdf.namespaces import SH


@dataclass(frozen=True)
class Result:
    """One validation result.

    focus, path, value and shape: terms, None where the report names none. severity, component: IRIs. message: what the
    author of the shape says, in English if there is a choice; empty where the author leaves that to the engine.
    details: the results that this one rests on.
    """

    focus: Any
    path: Any
    value: Any
    severity: str
    message: str
    shape: Any
    component: str
    details: tuple["Result", ...] = ()

    @property
    def leaves(self) -> Iterator["Result"]:
        """The results below this one that rest on no others: what is wrong in the end."""
        if not self.details:
            yield self
        for detail in self.details:
            yield from detail.leaves


def read_results(report: Iterable[ox.Triple]) -> list[Result]:
    """The top-level results of a report."""
    return _Report(report).results()


class _Report:
    """A report by subject and predicate."""

    def __init__(self, report: Iterable[ox.Triple]) -> None:
        self._stated: dict[Any, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
        for triple in report:
            self._stated[triple.subject][triple.predicate.value].append(triple.object)

    def results(self) -> list[Result]:
        roots = [node for node, stated in self._stated.items() if SH + "conforms" in stated]
        return [self._result(node) for root in roots for node in self._values(root, "result")]

    def _result(self, node: Any) -> Result:
        return Result(
            self._one(node, "focusNode"),
            self._one(node, "resultPath"),
            self._one(node, "value"),
            self._iri(node, "resultSeverity"),
            best(text for text in self._values(node, "resultMessage") if isinstance(text, ox.Literal)),
            self._one(node, "sourceShape"),
            self._iri(node, "sourceConstraintComponent"),
            tuple(self._result(detail) for detail in self._values(node, "detail")),
        )

    def _values(self, node: Any, name: str) -> list[Any]:
        return self._stated.get(node, {}).get(SH + name, [])

    def _one(self, node: Any, name: str) -> Any:
        return next(iter(self._values(node, name)), None)

    def _iri(self, node: Any, name: str) -> str:
        term = self._one(node, name)
        return term.value if isinstance(term, ox.NamedNode) else ""
