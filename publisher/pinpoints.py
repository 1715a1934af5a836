"""Owns findings about one term of one statement, at that very place."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import pyoxigraph as ox

from publisher.names import DCTERMS, RDFS, SKOS, compact
from publisher.problems import Diagnostic, Severity
from publisher.sources import File

SUBJECT, PREDICATE, OBJECT = range(3)
"""Which term of a statement a finding is about."""

_LABELS: Final = (SKOS + "prefLabel", DCTERMS + "title", RDFS + "label")
"""What gives a thing its name, the best property first."""


def finding_at(
    rule: str,
    severity: Severity,
    message: str,
    file: File,
    triple: ox.Triple,
    part: int,
    prefixes: Mapping[str, str],
    *,
    proposal: str = "",
    more: int = 0,
) -> Diagnostic:
    """The diagnostic about one term of one statement of a file.

    part: SUBJECT, PREDICATE or OBJECT; the terms before it are told with it. prefixes: prefix -> namespace, for
    spelling. proposal and more: as in Diagnostic.
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
        terms=(str(focus or ""), str(path or ""), str(value or "")),
        proposal=proposal,
        more=more,
        **file.where(triple, part),
    )


def _spelled(term: Any, prefixes: Mapping[str, str]) -> str:
    if isinstance(term, ox.NamedNode):
        return compact(term.value, prefixes)
    return str(term) if isinstance(term, ox.Literal) else ""


def labelled(findings: Sequence[Diagnostic], files: Iterable[File]) -> list[Diagnostic]:
    """The findings with the names that the files give to what they are about."""
    wanted = {finding.terms[0] for finding in findings}
    names: dict[tuple[str, str], str] = {}
    for triple in (triple for file in files if wanted for triple in file.triples):
        if triple.predicate.value in _LABELS and (subject := str(triple.subject)) in wanted:
            names.setdefault((subject, triple.predicate.value), getattr(triple.object, "value", ""))
    found = {focus: next((names[focus, label] for label in _LABELS if (focus, label) in names), "") for focus in wanted}
    return [replace(finding, label=found[finding.terms[0]]) for finding in findings]
