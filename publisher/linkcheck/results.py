"""Results of a link check: verdicts, the file that keeps them so that a check can be resumed, and reports."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from publisher.errors import CannotRunError
from publisher.linkcheck.addresses import Citation
from publisher.rdf.namespaces import DCTERMS, RDF, XSD

OK: Final = "ok"
MOVED: Final = "moved"
GONE: Final = "gone"
REFUSED: Final = "refused"
FAILED: Final = "failed"
UNREACHABLE: Final = "unreachable"
NOT_ASKED: Final = "not asked"
VERDICTS: Final = {
    GONE: "The page is not there any more",
    UNREACHABLE: "The server cannot be reached",
    FAILED: "The server fails",
    MOVED: "The page moved for good; cite its new address",
    REFUSED: "The server refuses programs; look at the page yourself",
    NOT_ASKED: "Not asked",
    OK: "The page answers",
}
"""Verdict -> what it means, the worst first."""
BROKEN: Final = (GONE, UNREACHABLE, FAILED)
EARL: Final = "http://www.w3.org/ns/earl#"
_OUTCOMES: Final = {OK: "passed", MOVED: "passed", REFUSED: "cantTell", NOT_ASKED: "untested"}


@dataclass(frozen=True)
class Result:
    """What is known of one address.

    time: of the check, as an ISO 8601 instant. status: of HTTP, 0 without an answer. detail: the reason in words.
    target: where it leads in the end, if elsewhere.
    """

    address: str
    verdict: str
    time: str
    status: int = 0
    detail: str = ""
    target: str = ""


def read_state(path: Path) -> dict[str, Result]:
    """Return the results in a file, by address, the last one of each. A last line that was cut off is left out.

    Raises CannotRunError where the file is no such file.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise CannotRunError(f"{path}: {getattr(error, 'strerror', None) or 'Not a file of results'}.") from error
    found: dict[str, Result] = {}
    for number, line in enumerate(lines, 1):
        try:
            result = Result(**json.loads(line))
        except (ValueError, TypeError) as error:
            if number == len(lines):
                break
            raise CannotRunError(f"{path}:{number}: Not a result of a link check.") from error
        found[result.address] = result
    return found


def write_line(result: Result) -> str:
    """Return a result as a line of the file."""
    return json.dumps(asdict(result), ensure_ascii=False) + "\n"


def write_text(results: Iterable[Result], citations: Mapping[str, Citation], *, verbose: bool) -> str:
    """Return a report for people: what is broken first. verbose: also what is not."""
    groups: dict[str, list[Result]] = {verdict: [] for verdict in VERDICTS}
    for result in sorted(results, key=lambda result: result.address):
        groups[result.verdict].append(result)
    parts = [
        f"{VERDICTS[verdict]}: {len(found)}\n" + "".join(_write_entry(result, citations) for result in found)
        for verdict, found in groups.items()
        if found and (verbose or verdict != OK)
    ]
    counts = ", ".join(f"{len(found)} {verdict}" for verdict, found in groups.items() if found)
    number = sum(map(len, groups.values()))
    return "\n".join([*parts, f"{number} address{'es' if number != 1 else ''}: {counts or 'none'}.\n"])


def _write_entry(result: Result, citations: Mapping[str, Citation]) -> str:
    cited = citations[result.address]
    place = f"{cited.file}:{cited.line}" if cited.line else cited.file
    more = f", and {cited.more} more" if cited.more else ""
    target = f"\n      now: {result.target}" if result.target else ""
    detail = f"\n      {result.detail}" if result.detail else ""
    return f"  {result.address}\n      cited in {place} by {cited.subject}{more}{detail}{target}\n"


def describe(results: Iterable[Result], citations: Mapping[str, Citation]) -> Iterator[ox.Triple]:
    """Yield the results as assertions (Evaluation and Report Language 1.0)."""
    for number, result in enumerate(sorted(results, key=lambda result: result.address), 1):
        assertion, outcome = ox.BlankNode(f"assertion{number}"), ox.BlankNode(f"result{number}")
        stated: list[tuple[ox.BlankNode, str, Any]] = [
            (assertion, RDF + "type", ox.NamedNode(EARL + "Assertion")),
            (assertion, EARL + "mode", ox.NamedNode(EARL + "automatic")),
            (assertion, EARL + "subject", ox.NamedNode(result.address)),
            (assertion, EARL + "result", outcome),
            (outcome, RDF + "type", ox.NamedNode(EARL + "TestResult")),
            (outcome, EARL + "outcome", ox.NamedNode(EARL + _OUTCOMES.get(result.verdict, "failed"))),
            (outcome, DCTERMS + "date", ox.Literal(result.time, datatype=ox.NamedNode(XSD + "dateTime"))),
            (outcome, DCTERMS + "description", ox.Literal(f"{VERDICTS[result.verdict]}. {result.detail}".strip())),
        ]
        if result.target:
            stated.append((outcome, DCTERMS + "isReplacedBy", ox.NamedNode(result.target)))
        subject = citations[result.address].subject
        if subject.partition(":")[0] in ("http", "https"):
            stated.append((assertion, EARL + "pointer", ox.NamedNode(subject)))
        yield from (ox.Triple(s, ox.NamedNode(p), o) for s, p, o in stated)
