"""SPARQL checks: the queries in `shapes/checks` and `data/checks`, each row of a result a finding."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyoxigraph as ox

from publisher.dataset.query_files import query_of, read_header
from publisher.dataset.shortcuts import check_shortcut
from publisher.diagnostic import Diagnostic, Severity
from publisher.errors import CannotRunError
from publisher.rdf.namespaces import XSD
from publisher.sparql.lexer import read_words
from publisher.validation.context import Context


@dataclass(frozen=True)
class Check:
    """One SPARQL check, read from a file `checks/<rule>.rq`: its header documents it.

    Its rows bind ?focus and may bind ?path and ?value; the message may name {focus} and {value}. dated: whether the
    query asks what is past: it reads the reference date from ?today, and runs only where the user gave one.
    """

    rule: str
    title: str
    severity: Severity
    message: str
    why: str
    query: str
    dated: bool = False


def read_check(path: str, text: str) -> Check:
    """One check from its file. Raises CannotRunError where its header is incomplete."""
    header = read_header(path, text, ("title", "severity", "message", "why"))
    try:
        severity = Severity[header["severity"].upper()]
    except KeyError as error:
        raise CannotRunError(f"{path}: its header must state a valid severity.") from error
    title, message, why = header["title"], header["message"], header["why"]
    dated = "?today" in query_of(text)
    return Check(name_of_check(path), title, severity, message, why, text, dated)


def name_of_check(path: str) -> str:
    """The name of the rule that the check in this file makes."""
    return path.rpartition("/")[2].removesuffix(".rq")


def begin(context: Context) -> None:
    """Begin to answer the queries, if there is a thread for it."""
    if _has_checks(context):
        triples = context.triples
        context.ahead.begin("checks", lambda: _find_rows(context, triples))


def check(context: Context) -> Iterator[Diagnostic]:
    """Report the rows of the repository's checks over its data. Raises CannotRunError if a check or query is broken."""
    if context.repository is None or not _has_checks(context):
        return
    found = context.ahead.take("checks", lambda: _find_rows(context, context.triples))
    for name, text in context.repository.shortcuts:
        check_shortcut(name, text)
    for each, rows in found:
        for row in rows:
            focus, path, value = row["focus"], row.get("path"), row.get("value")
            message = _fill_in(each.message, context, focus, value)
            finding = context.locator.locate_node(each.rule, each.severity, message, focus, path, value)
            yield from [finding] if finding else []


def _has_checks(context: Context) -> bool:
    return context.repository is not None and bool(context.repository.checks) and context.uses_shapes


def _find_rows(context: Context, triples: Sequence[ox.Triple]) -> list[tuple[Check, list[dict[str, Any]]]]:
    """The checks of the repository, each with its rows."""
    checks = [read_check(path, text) for path, text in context.repository.checks] if context.repository else []
    store = ox.Store()
    store.extend(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
    with ThreadPoolExecutor(context.ahead.jobs) as pool:  # Queries release the interpreter lock.
        rows = pool.map(lambda each: check_rows(each, store, context.given_date), checks)
        return list(zip(checks, rows, strict=True))


def check_rows(check: Check, store: ox.Store, today: date | None = None) -> list[dict[str, Any]]:
    """The rows of a check as {focus, path, value}. Raises CannotRunError where its query is broken.

    today: the reference date; without one, a check that needs it has no rows.
    """
    if check.dated and today is None:
        return []
    known: dict[ox.Variable, Any] = {}
    if check.dated and today is not None:
        known[ox.Variable("today")] = ox.Literal(today.isoformat(), datatype=ox.NamedNode(XSD + "date"))
    if read_words(check.query).services:
        raise CannotRunError(f"The check {check.rule} is broken: it calls a SERVICE, and checks make no connections.")
    try:
        rows = _read_rows(store.query(check.query, substitutions=known))
    except SyntaxError as error:
        raise CannotRunError(f"The check {check.rule} is broken: {error}") from error
    if rows is None:
        raise CannotRunError(f"The check {check.rule} is broken: it must be a SELECT with ?focus.")
    return rows


def _read_rows(found: Any) -> list[dict[str, Any]] | None:
    """The rows of a result; None if it is not that of a SELECT with ?focus.

    The result must end in its own thread, and the traceback of an error would keep it.
    """
    bound = {variable.value for variable in found.variables} if isinstance(found, ox.QuerySolutions) else set()
    if "focus" not in bound:
        return None
    return [{name: row[name] for name in bound & {"focus", "path", "value"}} for row in found]


def _fill_in(message: str, context: Context, focus: Any, value: Any) -> str:
    """The message with the names of the focus node and the value, else their IRIs or texts."""
    for field, term in (("{focus}", focus), ("{value}", value)):
        message = message.replace(field, context.labels(term) or getattr(term, "value", ""))
    return message
