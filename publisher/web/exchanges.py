"""Exchanges: what metrics and the access log record of one request and its response, and counts beside them."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

from publisher.errors import PublisherError
from publisher.web.requests import Scope
from publisher.web.responses import Complete
from publisher.web.routes import VARIATIONS

OTHER: Final = "other"
HOME: Final = "home"
ROUTES: Final = frozenset(
    {*VARIATIONS, ".well-known", "ask", "card", "context", "favicon", "health", "id", "sparql"} - {""}
)
"""The first segments of our addresses, suffixes left out: few, whatever is requested."""
ANSWERED: Final = "answered"
CLIENT_LEFT: Final = 499
"""The status that stands for none, because the client left before there was one; nginx logs the same."""


class Exchange(NamedTuple):
    """One request and its response.

    address: of the client, as trusted proxies report it; empty where the head was refused. path: as it was sent, with
    its query string. size: bytes of the body by Content-Length, None where that was not known. seconds: until the
    response was ready to be sent, and until it was sent. complete: whether all of it was.
    """

    method: str
    path: str
    query: str
    address: str
    agent: str
    status: int
    size: int | None
    coding: str
    release: str
    ready_seconds: float
    seconds: float
    complete: bool

    @property
    def route(self) -> str:
        """The class of the address, one of `ROUTES`, `home` or `other`."""
        return classify_route(self.path)


def make_exchange(
    scope: Scope, address: str, response: Complete | None, release: str, times: tuple[float, float], complete: bool
) -> Exchange:
    """The record of a request. response: None where the client left before there was one. times: as in `Exchange`."""
    headers = dict(response.headers) if response else {}
    size = headers.get(b"content-length")
    return Exchange(
        scope["method"],
        scope["raw_path"].decode("latin-1").removeprefix(scope.get("root_path", "")),
        scope["query_string"].decode("latin-1"),
        address,
        dict(scope["headers"]).get(b"user-agent", b"").decode("latin-1"),
        response.status if response else CLIENT_LEFT,
        int(size) if size is not None else None,
        headers.get(b"content-encoding", b"").decode(),
        release,
        *times,
        complete,
    )


class Recorder(Protocol):
    """Records exchanges; it must not block."""

    def record(self, exchange: Exchange) -> None:
        """Record one exchange."""


@dataclass
class Tally:
    """Counts that outlive a release. It is changed in one event loop.

    queries: by outcome and limit: `answered`, or the name of the problem. hits, misses: responses from the cache, and
    those that it might have had. reloads: by outcome.
    """

    queries: Counter[tuple[str, str]] = field(default_factory=Counter)
    reloads: Counter[str] = field(default_factory=Counter)
    hits: int = 0
    misses: int = 0

    def count_query(self, error: Exception | None = None) -> None:
        """Count a query that an engine was asked."""
        if error is None:
            self.queries[ANSWERED, ""] += 1
        elif isinstance(error, PublisherError):
            self.queries[error.name, str(error.members.get("limit", ""))] += 1
        else:
            self.queries["internal-error", ""] += 1


def classify_route(path: str) -> str:
    """The class of a path: its first segment without suffix, where it is one of ours."""
    first = path[1:].partition("/")[0]
    name = first if first.startswith(".") else first.partition(".")[0]
    return name if name in ROUTES else OTHER if name else HOME
