"""Owns what can go wrong: the diagnostic that every check speaks, and the exception tree.

Each exception class carries the HTTP status, the exit code of the command line and the sentence that the public reads;
nothing else in the code base decides on these.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, ClassVar


class Severity(IntEnum):
    """How bad a finding is, with SHACL's three levels (SHACL, section 2.1.4)."""

    INFO = 1
    WARNING = 2
    VIOLATION = 3


@dataclass(frozen=True)
class Diagnostic:
    """One finding about files.

    rule: the rule's stable name. file: path relative to the root, or as given. line, column, end_line, end_column:
    characters counted from 1, the end exclusive, None where unknown. focus, path, value: terms as people read them
    (prefixed names or literals), empty where none. label: the focus node's name for people. source: the text of the
    line. shape and component: IRIs of the shape and the constraint component that speak. terms: focus node, path and
    value in N-Triples, empty strings where none. details: the findings this one rests on (SHACL, section 3.6.2.7).
    more: how many alike were left out. proposal: the IRI that is probably meant in place of the one at the place.
    """

    rule: str
    severity: Severity
    message: str
    file: str = ""
    line: int | None = None
    column: int | None = None
    focus: str = ""
    path: str = ""
    value: str = ""
    end_line: int | None = None
    end_column: int | None = None
    label: str = ""
    source: str = ""
    shape: str = ""
    component: str = ""
    terms: tuple[str, str, str] = ("", "", "")
    details: tuple["Diagnostic", ...] = ()
    more: int = 0
    proposal: str = ""

    @property
    def order(self) -> tuple[object, ...]:
        """Sorting key: by place, then by rule."""
        place = (self.file, self.line or 0, self.column or 0)
        return (*place, self.rule, self.focus, self.path, self.value, self.message)


@dataclass(frozen=True)
class Rule:
    """What a rule means, for the reports, for its page and for `--explain`.

    name: stable, as diagnostics give it. kind: what sort of rule (`syntax`, `tidiness`, `literal`, `shape`, `check`,
    `reference`, `coverage`). title: a few words. meaning: what it asks. why: why it exists. mend: what to do about a
    finding. link: absolute URL of its page, empty where it has none. wrong and right: examples, as (name, Turtle).
    """

    name: str
    kind: str
    severity: Severity
    title: str
    meaning: str
    why: str = ""
    mend: str = ""
    link: str = ""
    wrong: tuple[tuple[str, str], ...] = ()
    right: tuple[tuple[str, str], ...] = ()


class Problem(Exception):
    """Anything the publisher refuses or cannot do.

    detail: one sentence about this occurrence. members: further fields of the problem document (RFC 9457, section 3.2).
    """

    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 2
    title: ClassVar[str] = "Something went wrong on our side"

    def __init__(self, detail: str = "", **members: object) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.members = members
        self.headers: dict[str, str] = {}

    @property
    def name(self) -> str:
        """The stable name of the kind of problem: the class's name in words."""
        return "".join("-" + c.lower() if c.isupper() else c for c in type(self).__name__).lstrip("-")


class CannotRun(Problem):
    """The command line was asked for something that cannot start."""

    title = "Could not run"


class Findings(Problem):
    """A check found something, and that is what it is for."""

    exit_code = 1
    title = "There are findings"

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__(f"{len(diagnostics)} finding(s)")
        self.diagnostics = list(diagnostics)


class UnreadableFiles(Findings):
    """Files that do not parse: nothing can be served or checked from them."""

    exit_code = 2
    title = "Files that cannot be read"


class BlankNodeProblem(Problem):
    """A blank node that has no one spelling."""

    title = "A blank node that cannot be written canonically"

    def __init__(self, detail: str, node: str) -> None:
        super().__init__(detail, node=node)


class Malformed(Problem):
    """The request is not what the protocol allows."""

    status = 400
    title = "The request is malformed"


class QuerySyntax(Malformed):
    """The query does not parse; `line` and `column` are members where the engine tells them."""

    title = "The query has a syntax error"


class Refused(Problem):
    """Understood, and not allowed here."""

    status = 403
    title = "This is not allowed here"


class NotFound(Problem):
    """Nothing has this address."""

    status = 404
    title = "Nothing is published at this address"


class MethodNotAllowed(Problem):
    """The address exists and does not answer this method."""

    status = 405
    title = "This address does not answer that method"


class NotAcceptable(Problem):
    """None of the formats asked for is available; `alternatives` lists those that are."""

    status = 406
    title = "None of the formats asked for is available"


class Withdrawn(Problem):
    """The thing was published once and has been withdrawn. tombstone: the statements that are left of it."""

    status = 410
    title = "This was withdrawn"

    def __init__(self, detail: str, tombstone: Sequence[Any] = ()) -> None:
        super().__init__(detail)
        self.tombstone = tombstone


class UnsupportedMediaType(Problem):
    """The body of the request is in a media type that is not understood here."""

    status = 415
    title = "This media type is not understood here"


class TooLargeRequest(Problem):
    """The body of the request is longer than the limit."""

    status = 413
    title = "The request is too large"


class Unanswerable(Problem):
    """The engine understood the query and could not evaluate it."""

    status = 422
    title = "The query cannot be evaluated"


class LimitExceeded(Problem):
    """A query needed more of something than one query may have; `limit` and `value` are members."""

    status = 422
    title = "The query needs more than one query may have"


class CpuLimit(LimitExceeded):
    """Processor time ran out."""

    title = "The query used up its processor time"


class MemoryLimit(LimitExceeded):
    """Memory ran out."""

    title = "The query used up its memory"


class ResultLimit(LimitExceeded):
    """The result is larger than one answer may be."""

    title = "The result is larger than one answer may be"


class NestingLimit(LimitExceeded):
    """Brackets are nested deeper than they may be."""

    title = "The query is nested deeper than one query may be"


class EngineCrash(LimitExceeded):
    """The query brought its engine process down, mostly by being nested too deep."""

    title = "The query made its engine process crash"


class ServiceFailed(Problem):
    """An endpoint that the query asks by SERVICE did not answer, or not as it should."""

    status = 502
    title = "An endpoint that the query asks did not answer"


class TooSlow(Problem):
    """Wall clock ran out."""

    status = 503
    title = "The query took longer than one query may take"


class Busy(Problem):
    """Every worker is at work and the queue is full."""

    status = 503
    title = "Too many queries are running; please try again"


class EndpointFailed(Problem):
    """Another endpoint was asked, and gave no answer, or none that can be taken for whole."""

    status = 502
    title = "The other endpoint did not answer"
