"""Errors: the exception tree.

Each exception class carries the HTTP status, the exit code of the command line and the words for the public; no other
module decides on these. The exit code is 2 unless noted; a command that the user interrupts has another.

    PublisherError                    500
    |-- CannotRunError                      the command cannot start or finish
    |   `-- CompilationError                the next release was not compiled
    |-- BlankNodeError                      a blank node has no canonical form
    |-- FindingsError                       exit 1: files were checked and have findings (module `diagnostic`)
    |   `-- UnreadableFilesError            exit 2: files that do not parse
    |-- MalformedError                400
    |   `-- QuerySyntaxError          400
    |-- RefusedError                  403
    |-- NotFoundError                 404
    |-- MethodNotAllowedError         405
    |-- NotAcceptableError            406
    |-- RequestTimeoutError           408
    |-- WithdrawnError                410
    |-- TooLargeRequestError          413
    |-- TooLongAddressError           414
    |-- UnsupportedMediaTypeError     415
    |-- RangeNotSatisfiableError      416
    |-- TooLargeHeadError             431
    |-- UnanswerableError             422
    |-- LimitExceededError            422
    |   |-- CpuLimitError             422
    |   |-- EngineCrashError          422
    |   |-- MemoryLimitError          422
    |   |-- NestingLimitError         422
    |   |-- ResultLimitError          422
    |   `-- TooSlowError              422
    |-- QueriesDisabledError          501
    |-- EndpointFailedError           502
    |-- ServiceFailedError            502
    |-- BusyError                     503
    |-- OverloadedError               503
    |-- TooManyRequestsError          429
    |-- UnavailableError              503
    `-- EndpointTimeoutError          504
"""

from collections.abc import Sequence
from typing import Any, ClassVar, Final

INTERRUPTED: Final = 130
"""The exit code of a command that the user interrupts, as shells have it: 128 and the number of the signal."""


class PublisherError(Exception):
    """The base class of all expected errors.

    detail: one sentence about this occurrence. members: further fields of the problem document (RFC 9457, section 3.2).
    advice: what the client can do; empty for errors that no request can cause. fields: the members that occurrences
    have where they are known. limit: the name of the published limit that was reached, if any. published_as: the name
    in the URL of the problem type where it is not the name of the class.
    """

    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 2
    title: ClassVar[str] = "Internal server error"
    advice: ClassVar[str] = (
        "Try again. If the error persists, report the time and the address to the operator of this server: the log "
        "has the cause."
    )
    fields: ClassVar[tuple[str, ...]] = ()
    limit: ClassVar[str] = ""
    published_as: ClassVar[str] = "problem"

    def __init__(self, detail: str = "", **members: object) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.members = members
        self.headers: dict[str, str] = {}

    @property
    def name(self) -> str:
        """The published name of this type of problem."""
        return name_of(type(self))


def name_of(kind: type[PublisherError]) -> str:
    """Return the published name of a type of problem: `too-slow` for TooSlowError. It is part of URLs: keep it."""
    words = kind.__name__.removesuffix("Error")
    derived = "".join("-" + c.lower() if c.isupper() else c for c in words).lstrip("-")
    return str(vars(kind).get("published_as", derived))


def published() -> dict[str, type[PublisherError]]:
    """Return the types of problems that a request can cause, by name, ordered by status."""
    kinds, pending = [], [PublisherError]
    while pending:
        kind = pending.pop()
        pending += kind.__subclasses__()
        kinds += [kind] * bool(vars(kind).get("advice"))
    return {name_of(kind): kind for kind in sorted(kinds, key=lambda kind: (kind.status, name_of(kind)))}


class CannotRunError(PublisherError):
    """The command cannot start or finish."""

    title = "Cannot run"


class CompilationError(CannotRunError):
    """The next release was not compiled. code: the exit code of the command."""

    def __init__(self, detail: str, code: int) -> None:
        super().__init__(detail)
        self.code = code


class BlankNodeError(PublisherError):
    """A blank node has no canonical form."""

    title = "Blank node without a canonical form"

    def __init__(self, detail: str, node: str) -> None:
        super().__init__(detail, node=node)


class MalformedError(PublisherError):
    """The request violates the protocol."""

    status = 400
    title = "Malformed request"
    advice = (
        "Fix the part that `detail` names. There are three ways to send a query: in the query string, in a form, or as "
        "the body (SPARQL 1.1 Protocol, section 2.1)."
    )


class QuerySyntaxError(MalformedError):
    """The query does not parse; `line` and `column` are members where the engine reports them."""

    title = "Syntax error in the query"
    advice = "Fix the query at `line` and `column`; `text` is that line."
    fields = ("line", "column", "text")


class RefusedError(PublisherError):
    """The request was understood and is not allowed."""

    status = 403
    title = "Not allowed"
    advice = (
        "Remove the part that `detail` names. The data is read-only, and SERVICE can call only endpoints that the "
        "operator allows."
    )


class NotFoundError(PublisherError):
    """Nothing is published at this address."""

    status = 404
    title = "Not found"
    advice = (
        "Start from the home page. A published address stays valid: it serves its document, redirects to its "
        "successor, or answers 410 if it was withdrawn. `suggestions` lists similar addresses."
    )
    fields = ("suggestions",)


class MethodNotAllowedError(PublisherError):
    """The address does not support this method."""

    status = 405
    title = "Method not allowed"
    advice = "Use one of the methods in the header `Allow`."


class NotAcceptableError(PublisherError):
    """None of the requested formats is available; `alternatives` lists those that are."""

    status = 406
    title = "None of the requested formats is available"
    advice = (
        "Send one of `alternatives` in the header `Accept`, or omit the header. Queries that return a graph have "
        "other formats than queries that return rows."
    )
    fields = ("alternatives",)


class RequestTimeoutError(PublisherError):
    """The request did not arrive in time."""

    status = 408
    title = "The request did not arrive in time"
    advice = "Send the whole request at once, on a new connection."


class WithdrawnError(PublisherError):
    """The thing was published and has been withdrawn. tombstone: the statements that remain of it."""

    status = 410
    title = "Withdrawn"
    advice = "Remove links to it. Request an RDF format to get the statements that remain."
    fields = ("withdrawn", "reason")

    def __init__(self, detail: str, tombstone: Sequence[Any] = (), **members: object) -> None:
        super().__init__(detail, **members)
        self.tombstone = tombstone


class RangeNotSatisfiableError(PublisherError):
    """The request asks for a part that the file does not have."""

    status = 416
    title = "The file has no such part"
    advice = "Ask for bytes below the size that the header `Content-Range` states, or for the whole file."


class TooLargeRequestError(PublisherError):
    """The body of the request exceeds the limit."""

    status = 413
    title = "Request body too large"
    advice = "Shorten the request or split it: for example, divide a long VALUES."
    fields = ("limit", "value")
    limit = "length"


class TooLongAddressError(PublisherError):
    """The address of the request exceeds the limit."""

    status = 414
    title = "Address too long"
    advice = "Send a long query by POST, as a form or as the body of the request."
    fields = ("limit", "value")
    limit = "address"


class UnsupportedMediaTypeError(PublisherError):
    """The media type of the request body is not supported."""

    status = 415
    title = "Unsupported media type"
    advice = (
        "Send a form, or the query itself in UTF-8 as `application/sparql-query`, and set `Content-Type` accordingly."
    )


class TooLargeHeadError(PublisherError):
    """The header fields of the request are too many or too long."""

    status = 431
    title = "Header fields too large"
    advice = "Send fewer or shorter header fields; `detail` names the limit."


class UnanswerableError(PublisherError):
    """The engine parsed the query and could not evaluate it."""

    status = 422
    title = "The query cannot be evaluated"
    advice = "Fix the part that `detail` names; usually it is an unknown function."


class LimitExceededError(PublisherError):
    """A query exceeded a limit; `limit` and `value` are members."""

    status = 422
    title = "Query exceeded a limit"


class CpuLimitError(LimitExceededError):
    """The query exceeded the limit of processor time."""

    title = "Query exceeded the CPU time limit"
    advice = (
        "Make the query read less data: start with the most selective pattern, join all patterns by shared variables, "
        "and replace REGEX with STRSTARTS or an IRI. LIMIT does not help with ORDER BY or GROUP BY."
    )
    fields = ("limit", "value")
    limit = "cpu"


class MemoryLimitError(LimitExceededError):
    """The query exceeded the memory limit."""

    title = "Query exceeded the memory limit"
    advice = "Sort, group and concatenate less data: select fewer variables, or split the query."
    fields = ("limit", "value")
    limit = "memory"


class ResultLimitError(LimitExceededError):
    """The result exceeds the size limit."""

    title = "Result exceeds the size limit"
    advice = (
        "Request less at once: select fewer variables, or page with ORDER BY, LIMIT and OFFSET. CSV and TSV are the "
        "most compact formats. The query page displays less than programs can fetch: download the result instead. The "
        "named graphs have all data; each has an address."
    )
    fields = ("limit", "value")
    limit = "result"


class NestingLimitError(LimitExceededError):
    """Brackets are nested too deep."""

    title = "Query nested too deep"
    advice = "Nest fewer brackets, or replace part of the query with VALUES."
    fields = ("limit", "value")
    limit = "nesting"


class EngineCrashError(LimitExceededError):
    """The query crashed its engine process; the usual cause is deep nesting."""

    title = "Query crashed its engine process"
    advice = "Nest the query less. The process has been replaced; other queries are not affected."
    fields = ("limit", "value")
    limit = "nesting"


class TooSlowError(LimitExceededError):
    """The query exceeded the wall-clock limit."""

    title = "Query exceeded the wall-clock limit"
    advice = "Make the query read less data, as for CPU time. The limit runs from the query's start to its last result."
    fields = ("limit", "value")
    limit = "wall-clock"


class ServiceFailedError(PublisherError):
    """An endpoint that the query names in SERVICE did not answer, or answered with an error."""

    status = 502
    title = "Federated endpoint did not answer"
    advice = "Try again later, or query that endpoint directly to see its error."


class BusyError(PublisherError):
    """All query processes are busy and the queue is full."""

    status = 503
    title = "Too many queries are running; please try again"
    advice = "Try again after the number of seconds in the header `Retry-After`. Short queries are still answered."
    fields = ("limit", "value")
    limit = "queue"


class QueriesDisabledError(PublisherError):
    """This server answers no queries."""

    status = 501
    title = "This server answers no queries"
    advice = (
        "The pages and the data files are available. To run queries, load the data into your own store, or ask the "
        "operator to run this server on a platform that can limit queries."
    )


class OverloadedError(PublisherError):
    """The server is at its limit of requests or bytes, or it is stopping."""

    status = 503
    title = "The server is overloaded or restarting"
    advice = "Try again after the number of seconds in the header `Retry-After`."


class TooManyRequestsError(PublisherError):
    """One client holds as much of the server as one client may."""

    status = 429
    title = "Too many requests of one client at the same time"
    advice = "Send fewer requests at the same time. Try again after the number of seconds in the header `Retry-After`."


class UnavailableError(PublisherError):
    """The server cannot answer queries at present; the query is not the cause."""

    status = 503
    title = "Queries cannot be answered at present"
    advice = (
        "Try again after the number of seconds in the header `Retry-After`. If the error persists, report it to the "
        "operator."
    )

    def __init__(self, detail: str = "", **members: object) -> None:
        super().__init__(detail, **members)
        self.headers["Retry-After"] = "10"


class EndpointFailedError(PublisherError):
    """The endpoint did not answer, or its answer is not complete."""

    status = 502
    title = "The endpoint did not answer"
    advice = (
        "Try again later. The pages and the endpoint of this server rely on another SPARQL endpoint, which is down, or "
        "whose answer is not valid; `detail` says which."
    )


class EndpointTimeoutError(PublisherError):
    """The endpoint that has the statements did not answer in time."""

    status = 504
    title = "The endpoint did not answer in time"
    advice = (
        "Try again later. This server relies on another SPARQL endpoint, which is too slow at present, or too slow for "
        "this query: make it read less data."
    )
