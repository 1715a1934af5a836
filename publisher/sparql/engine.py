"""The query engine interface: `Query` in, `Answer` out, complete or not at all."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple, Protocol

from publisher.errors import MalformedError
from publisher.sparql.workers.frames import CHUNK as CHUNK

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop  # Slow to import; the command line does without.

ADDRESS: Final = (1 << 16) - 2
"""Bytes that an address may have: the HTTP server's parser counts them in 16 bits."""


@dataclass(frozen=True)
class Limits:
    """The limits of one query. wall and cpu: seconds. memory: bytes beyond the start of its process. result and length:
    bytes. nesting: brackets inside brackets. repeats: queries after which a process is replaced. waiting: queries that
    may wait."""

    wall: float
    cpu: int
    memory: int
    result: int
    length: int
    nesting: int
    repeats: int
    waiting: int

    @property
    def published(self) -> list["Limit"]:
        """The limits that clients can reach, under the names that errors use."""
        return [
            Limit("wall-clock", self.wall, "seconds", "Time that a query may take from its start to its last result."),
            Limit("cpu", self.cpu, "seconds", "Processor time that a query may use."),
            Limit("memory", self.memory, "bytes", "Memory that a query may use."),
            Limit("result", self.result, "bytes", "Size of a result."),
            Limit("length", self.length, "bytes", "Length of a request with its query."),
            Limit("nesting", self.nesting, "levels", "Depth to which brackets of a query may be nested."),
            Limit("address", ADDRESS, "bytes", "Length of an address; a longer query is sent by POST."),
            Limit("queue", self.waiting, "queries", "Long queries that may wait for their turn."),
        ]


@dataclass(frozen=True)
class Limit:
    """One published limit: its name, its value in its unit, and what it bounds."""

    name: str
    value: float
    unit: str
    sentence: str


class Query(NamedTuple):
    """One query as the protocol received it; its text is not parsed.

    default_graphs and named_graphs: IRIs of the protocol's data set (SPARQL 1.1 Protocol, section 2.1.4), both None if
    the request names none. results and graph: media types wanted for either kind of answer, None if the client accepts
    none of that kind. result_limit: bytes, where lower than the engine's.
    client: opaque key of the sender; the queue serves clients in turn. excerpt: rows or triples of the result that are
    enough, the others only counted; None for the whole result. An engine may give more than an excerpt.
    """

    text: str
    results: str | None
    graph: str | None
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    result_limit: int | None = None
    client: str = ""
    excerpt: int | None = None


class Answer(NamedTuple):
    """A complete answer.

    kind: `results` or `graph`. format: its media type. body: readable from its start. size: bytes. repeatable: whether
    the same query over the same release gives the same answer: it uses no randomness, time or new blank nodes. hints:
    sentences that may explain an answer without rows or triples. Of an excerpt, found: the rows or triples that were
    counted, and more: whether the result has more; outline: the form of the query, and IRIs that it is about.
    """

    kind: str
    format: str
    body: BinaryIO
    size: int
    repeatable: bool
    hints: Sequence[str] = ()
    found: int | None = None
    more: bool = False
    outline: Sequence[str] = ()

    def pieces(self) -> Iterator[bytes]:
        """Read the body in pieces; it is closed at the end, or with the iterator."""
        with self.body as body:
            while piece := body.read(CHUNK):
                yield piece


def format_bytes(number: int) -> str:
    """Format a size for messages: `512 KiB`; bytes where it is no multiple of a binary unit."""
    for unit, power in (("MiB", 20), ("KiB", 10)):
        if number and number % (1 << power) == 0:
            return f"{number >> power} {unit}"
    return f"{number} bytes"


def always() -> bool:
    """Return True: the default for `wanted`."""
    return True


def check_wanted(wanted: Callable[[], bool]) -> None:
    """Raise MalformedError where the client no longer waits, or sends chunks that the HTTP server cannot read."""
    if not wanted():
        raise MalformedError("Client disconnected, or its request is malformed; query cancelled.")


class Load(NamedTuple):
    """How busy an engine is. processes: query processes that run; idle: those without a query. long: queries that hold
    a slot for long ones. waiting: queries that wait for a process or a slot."""

    processes: int = 0
    idle: int = 0
    long: int = 0
    waiting: int = 0


class QueryEngine(Protocol):
    """Answers untrusted queries, read-only: the embedded engine, or another endpoint."""

    def run_in(self, loop: "AbstractEventLoop") -> None:
        """Use a running event loop for `answer`. Call before the first query."""

    async def answer(self, query: Query, wanted: Callable[[], bool] = always) -> Answer:
        """Answer a query. Raises a PublisherError that says why not.

        wanted: whether the client still waits; a query that takes long is cancelled when it does not.
        """

    def ask(self, query: Query, wanted: Callable[[], bool] = always) -> Answer:
        """Answer a query, for threads without an event loop. Raises as `answer` does."""

    def load(self) -> Load:
        """How busy the engine is; from any thread."""

    def close(self) -> None:
        """End processes and close files."""
