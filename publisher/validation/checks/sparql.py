"""SPARQL checks: the queries in `shapes/checks`, each row of a result a finding."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox

from publisher.dataset.files import File
from publisher.dataset.query_files import read_header
from publisher.dataset.repository import Repository
from publisher.diagnostic import Diagnostic, Severity
from publisher.errors import CannotRunError
from publisher.rdf.labels import Labels
from publisher.sparql.lexer import read_words
from publisher.validation.locator import Places


@dataclass(frozen=True)
class Check:
    """One SPARQL check, read from `shapes/checks/<rule>.rq`: its header says what it means.

    Its rows bind ?focus and may bind ?path and ?value; the message may name {focus} and {value}.
    """

    rule: str
    title: str
    severity: Severity
    message: str
    why: str
    query: str


def read_check(path: str, text: str) -> Check:
    """One check from its file. Raises CannotRunError where its header is incomplete."""
    header = read_header(path, text, ("title", "severity", "message", "why"))
    try:
        severity = Severity[header["severity"].upper()]
    except KeyError as error:
        raise CannotRunError(f"{path}: its header must state a valid severity.") from error
    title, message, why = header["title"], header["message"], header["why"]
    return Check(name_of_check(path), title, severity, message, why, text)


def name_of_check(path: str) -> str:
    """The name of the rule that the check in this file makes."""
    return path.rpartition("/")[2].removesuffix(".rq")


# Checks


def checks(repository: Repository) -> list[Check]:
    """The SPARQL checks of a repository. Raises CannotRunError where a header is incomplete."""
    return [read_check(path, text) for path, text in repository.checks]


def check_findings(found: Sequence[Check], files: Sequence[File], place: Places, label: Labels) -> list[Diagnostic]:
    """What the checks find in the files taken together. Raises CannotRunError where a check's query is broken."""
    store = ox.Store()
    store.extend(ox.Quad(t.subject, t.predicate, t.object) for file in files for t in file.triples)
    rows = ((check, row) for check in found for row in check_rows(check, store))
    diagnostics = [_check_finding(check, row, label, place) for check, row in rows]
    return [finding for finding in diagnostics if finding]


def check_rows(check: Check, store: ox.Store) -> list[dict[str, Any]]:
    """The rows of a check as {focus, path, value}. Raises CannotRunError where its query is broken."""
    if read_words(check.query).services:
        raise CannotRunError(f"The check {check.rule} is broken: it calls a SERVICE, and checks make no connections.")
    try:
        rows = store.query(check.query)
    except SyntaxError as error:
        raise CannotRunError(f"The check {check.rule} is broken: {error}") from error
    if not isinstance(rows, ox.QuerySolutions) or "focus" not in {variable.value for variable in rows.variables}:
        raise CannotRunError(f"The check {check.rule} is broken: it must be a SELECT with ?focus.")
    bound = {variable.value for variable in rows.variables} & {"focus", "path", "value"}
    return [{name: row[name] for name in bound} for row in rows]


def _check_finding(check: Check, row: dict[str, Any], label: Labels, place: Places) -> Diagnostic | None:
    focus, path, value = row["focus"], row.get("path"), row.get("value")
    message = check.message.replace("{focus}", _called(focus, label)).replace("{value}", _called(value, label))
    return place.finding(check.rule, check.severity, message, focus, path, value, label=label(focus))


def _called(term: Any, label: Labels) -> str:
    """The name of a term, else its IRI or text."""
    return label(term) or getattr(term, "value", "")
