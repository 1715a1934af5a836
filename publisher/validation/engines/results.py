"""SHACL results: read from the validation report graph that an engine returns (SHACL, section 3.6)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox

from publisher.rdf.labels import best
from publisher.rdf.namespaces import SH

_CONFORMS, _RESULT, _MESSAGE, _DETAIL = (SH + name for name in ("conforms", "result", "resultMessage", "detail"))
_FOCUS, _PATH, _VALUE, _SEVERITY = (SH + name for name in ("focusNode", "resultPath", "value", "resultSeverity"))
_SHAPE, _COMPONENT = SH + "sourceShape", SH + "sourceConstraintComponent"


@dataclass(frozen=True, slots=True)
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
    """A report by subject."""

    def __init__(self, report: Iterable[ox.Triple]) -> None:
        self._stated: dict[Any, list[tuple[str, Any]]] = defaultdict(list)
        for triple in report:
            self._stated[triple.subject].append((triple.predicate.value, triple.object))

    def results(self) -> list[Result]:
        roots = [stated for stated in self._stated.values() if any(name == _CONFORMS for name, _ in stated)]
        return [self._result(node) for stated in roots for name, node in stated if name == _RESULT]

    def _result(self, node: Any) -> Result:
        one: dict[str, Any] = {}
        messages, details = [], []
        for name, term in self._stated.get(node, ()):
            if name == _MESSAGE:
                messages.append(term)
            elif name == _DETAIL:
                details.append(term)
            else:
                one.setdefault(name, term)
        return Result(
            one.get(_FOCUS),
            one.get(_PATH),
            one.get(_VALUE),
            _spell_iri(one.get(_SEVERITY)),
            best(text for text in messages if isinstance(text, ox.Literal)),
            one.get(_SHAPE),
            _spell_iri(one.get(_COMPONENT)),
            tuple(map(self._result, details)),
        )


def _spell_iri(term: Any) -> str:
    return term.value if isinstance(term, ox.NamedNode) else ""
