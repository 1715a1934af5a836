"""Owns findings about one term of one statement, at that very place."""

from collections.abc import Mapping
from typing import Any

import pyoxigraph as ox

from publisher.labels import Labels
from publisher.names import compact
from publisher.problems import Diagnostic, Severity
from publisher.sources import File

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
