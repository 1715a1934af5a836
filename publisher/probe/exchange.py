"""Exchanges: what is sent to a site, and what came back."""

from dataclasses import dataclass, field
from typing import Final

import httpx

THING: Final = "thing"
MISSING: Final = "missing"
ALTERNATE: Final = "alternate"
ROBOTS: Final = "robots"
SITEMAP: Final = "sitemap"
VOID: Final = "void"
ENDPOINT: Final = "endpoint"
ORIGIN: Final = "https://example.org"
"""The site of which a script is said to send a request, where one is (Origin)."""


@dataclass(frozen=True)
class Call:
    """A request.

    target: which address it goes to, one of those above. headers: its header fields beside User-Agent and Host; one
    may occur twice. parameters: of the query string. form: parameters of the body. body: in place of a form.
    revalidate: whether to send the ETag of the exchange that it is compared with as If-None-Match.
    """

    target: str
    headers: tuple[tuple[str, str], ...] = ()
    method: str = "GET"
    parameters: tuple[tuple[str, str], ...] = ()
    form: tuple[tuple[str, str], ...] = ()
    body: str = ""
    revalidate: bool = False


@dataclass(frozen=True)
class Hop:
    """The head of one response. url: where it came from."""

    url: str
    status: int
    headers: httpx.Headers

    @property
    def media_type(self) -> str:
        """The media type without parameters, in lower case; empty if there is none."""
        return str(self.headers.get("Content-Type", "")).partition(";")[0].strip().lower()

    @property
    def location(self) -> str:
        """The field Location; empty if there is none."""
        return str(self.headers.get("Location", ""))

    def lists(self, name: str) -> set[str]:
        """The members of a header field that is a comma-separated list, in lower case."""
        return {part.strip().lower() for part in self.headers.get(name, "").split(",") if part.strip()}


@dataclass(frozen=True)
class Exchange:
    """A request and its responses: redirects, and the one that they lead to.

    body: of the last one, up to a limit. cut: whether it is longer. error: why there is no last response, in words.
    """

    hops: tuple[Hop, ...] = ()
    body: bytes = field(default=b"", repr=False)
    cut: bool = False
    error: str = ""

    @property
    def last(self) -> Hop:
        """The last response. There is one unless there is an error."""
        return self.hops[-1]

    @property
    def summary(self) -> str:
        """The statuses, and the media type of the last response."""
        statuses = " > ".join(str(hop.status) for hop in self.hops)
        return f"{statuses} {self.last.media_type}".strip() if self.hops else ""
