"""Errors: the exception tree.

Each exception class carries the HTTP status, the exit code of the command line and the sentence that the public reads;
nothing else in the code base decides on these.
"""

from collections.abc import Sequence
from typing import Any, ClassVar


class Problem(Exception):
    """Anything the publisher refuses or cannot do.

    detail: one sentence about this occurrence. members: further fields of the problem document (RFC 9457, section 3.2).
    advice: what to do about it; empty for what no request can meet. fields: the members that occurrences have
    where they are known.
    limit: the name of the published limit that was reached, if one was.
    """

    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 2
    title: ClassVar[str] = "Something went wrong on our side"
    advice: ClassVar[str] = (
        "Try again. If it stays, tell whoever runs this server when it was and what you asked for: the cause "
        "is in the log."
    )
    fields: ClassVar[tuple[str, ...]] = ()
    limit: ClassVar[str] = ""

    def __init__(self, detail: str = "", **members: object) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.members = members
        self.headers: dict[str, str] = {}

    @property
    def name(self) -> str:
        """The stable name of the kind of problem."""
        return name_of(type(self))


def name_of(kind: type[Problem]) -> str:
    """The stable name of a kind of problem: the class's name in words."""
    return "".join("-" + c.lower() if c.isupper() else c for c in kind.__name__).lstrip("-")


def published() -> dict[str, type[Problem]]:
    """The kinds of problems that a request can meet, by name, in the order of their statuses."""
    kinds, pending = [], [Problem]
    while pending:
        kind = pending.pop()
        pending += kind.__subclasses__()
        kinds += [kind] * bool(vars(kind).get("advice"))
    return {name_of(kind): kind for kind in sorted(kinds, key=lambda kind: (kind.status, name_of(kind)))}


class CannotRun(Problem):
    """The command line was asked for something that cannot start."""

    title = "Could not run"


class BlankNodeProblem(Problem):
    """A blank node that has no one spelling."""

    title = "A blank node that cannot be written canonically"

    def __init__(self, detail: str, node: str) -> None:
        super().__init__(detail, node=node)


class Malformed(Problem):
    """The request is not what the protocol allows."""

    status = 400
    title = "The request is malformed"
    advice = (
        "Mend what `detail` names. The protocol (SPARQL 1.1 Protocol, section 2.1) has three ways to send a "
        "query: in the address, in a form, or as the body."
    )


class QuerySyntax(Malformed):
    """The query does not parse; `line` and `column` are members where the engine tells them."""

    title = "The query has a syntax error"
    advice = "Mend the query at `line` and `column`; `text` is the line there."
    fields = ("line", "column", "text")


class Refused(Problem):
    """Understood, and not allowed here."""

    status = 403
    title = "This is not allowed here"
    advice = (
        "Ask without what `detail` names. Nobody can change the data here; other endpoints are asked by "
        "SERVICE only where whoever runs the server has named them."
    )


class NotFound(Problem):
    """Nothing has this address."""

    status = 404
    title = "Nothing is published at this address"
    advice = (
        "Look for the thing from the home page on. What was published once keeps its address, leads to its "
        "successor, or is said to be withdrawn."
    )


class MethodNotAllowed(Problem):
    """The address exists and does not answer this method."""

    status = 405
    title = "This address does not answer that method"
    advice = "Use one of the methods in the header `Allow`."


class NotAcceptable(Problem):
    """None of the formats asked for is available; `alternatives` lists those that are."""

    status = 406
    title = "None of the formats asked for is available"
    advice = (
        "Name one of `alternatives` in the header `Accept`, or send no such header. A query that gives a "
        "graph has other formats than one that gives rows."
    )
    fields = ("alternatives",)


class Withdrawn(Problem):
    """The thing was published once and has been withdrawn. tombstone: the statements that are left of it."""

    status = 410
    title = "This was withdrawn"
    advice = "Link to it no longer. Asked for as RDF, the address says what is left of it."

    def __init__(self, detail: str, tombstone: Sequence[Any] = ()) -> None:
        super().__init__(detail)
        self.tombstone = tombstone


class UnsupportedMediaType(Problem):
    """The body of the request is in a media type that is not understood here."""

    status = 415
    title = "This media type is not understood here"
    advice = "Send a form, or the query itself in UTF-8 under its own media type, and say so in `Content-Type`."


class TooLargeRequest(Problem):
    """The body of the request is longer than the limit."""

    status = 413
    title = "The request is too large"
    advice = "Make the request shorter, or ask in several: a long VALUES can be cut in pieces."
    fields = ("limit", "value")
    limit = "length"


class TooLongAddress(Problem):
    """The address of the request is longer than the HTTP server can take apart."""

    status = 414
    title = "The address is too long"
    advice = "Send a long query by POST, as a form or as the body of the request."
    fields = ("limit", "value")
    limit = "address"


class Unanswerable(Problem):
    """The engine understood the query and could not evaluate it."""

    status = 422
    title = "The query cannot be evaluated"
    advice = "Mend what `detail` names, mostly a function that there is not."


class LimitExceeded(Problem):
    """A query needed more of something than one query may have; `limit` and `value` are members."""

    status = 422
    title = "The query needs more than one query may have"


class CpuLimit(LimitExceeded):
    """Processor time ran out."""

    title = "The query used up its processor time"
    advice = (
        "Make the query look at less: begin with what is rare, leave no two patterns without a common "
        "variable, and avoid REGEX where STRSTARTS or the thing's IRI does. LIMIT alone saves nothing where "
        "there is an ORDER BY or a GROUP BY."
    )
    fields = ("limit", "value")
    limit = "cpu"


class MemoryLimit(LimitExceeded):
    """Memory ran out."""

    title = "The query used up its memory"
    advice = "Sort, group and concatenate less: ask for fewer variables, or in parts."
    fields = ("limit", "value")
    limit = "memory"


class ResultLimit(LimitExceeded):
    """The result is larger than one answer may be."""

    title = "The result is larger than one answer may be"
    advice = (
        "Ask for less at once: fewer variables, or pages by ORDER BY with LIMIT and OFFSET. CSV and TSV are "
        "the shortest; on the query page download the result, as the page shows less of it than programs get. "
        "All data at once stands in the named graphs, each of which has an address."
    )
    fields = ("limit", "value")
    limit = "result"


class NestingLimit(LimitExceeded):
    """Brackets are nested deeper than they may be."""

    title = "The query is nested deeper than one query may be"
    advice = "Nest fewer brackets, or write part of the query as a VALUES."
    fields = ("limit", "value")
    limit = "nesting"


class EngineCrash(LimitExceeded):
    """The query brought its engine process down, mostly by being nested too deep."""

    title = "The query made its engine process crash"
    advice = "Write the query flatter. The process that read it is gone, and a fresh one answers the next."
    fields = ("limit", "value")
    limit = "nesting"


class ServiceFailed(Problem):
    """An endpoint that the query asks by SERVICE did not answer, or not as it should."""

    status = 502
    title = "An endpoint that the query asks did not answer"
    advice = "Try again later, or ask that endpoint by itself to see what it says."


class TooSlow(Problem):
    """Wall clock ran out."""

    status = 503
    title = "The query took longer than one query may take"
    advice = "Make the query look at less, as for processor time; the limit counts from its start to its last result."
    fields = ("limit", "value")
    limit = "wall-clock"


class Busy(Problem):
    """Every worker is at work and the queue is full."""

    status = 503
    title = "Too many queries are running; please try again"
    advice = "Try again after as many seconds as the header `Retry-After` says. Short queries are answered meanwhile."
    fields = ("limit", "value")
    limit = "queue"


class EndpointFailed(Problem):
    """Another endpoint was asked, and gave no answer, or none that can be taken for whole."""

    status = 502
    title = "The other endpoint did not answer"
