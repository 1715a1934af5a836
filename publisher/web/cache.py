"""The response cache: bounded by bytes; it sends again what a release has answered once.

A release never changes, and the cache lives as long as the application over one release: nothing in it grows stale.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from sys import intern
from typing import Final, NamedTuple

from werkzeug.http import parse_etags, unquote_etag

from publisher.web.headers import CommonHeaders, Encoded, Header
from publisher.web.requests import Request
from publisher.web.responses import Reply, close

BODY: Final = 1 << 16
"""Bytes of a request's body that the cache looks at; a longer query is answered without it."""
SHARE: Final = 8
"""No entry takes more than this part of the cache."""
OVERHEAD: Final = 1 << 10
"""Bytes that an entry takes beside its body and what it depends on, roughly: its headers and place."""

Key = tuple[str | bytes, ...]
"""What a response depends on. A hash would be shorter, but takes longer to compute than the look-up."""
Entry = tuple[bytes, tuple[Encoded, ...]]
"""One response that was sent with 200: its body and its headers.
The garbage collector soon tracks no tuples that hold only bytes and such tuples; other objects would be so many that
collections would delay all requests."""


class Kept(NamedTuple):
    """A response from the cache. headers: all of them, ready to be sent."""

    status: int
    headers: Sequence[Encoded]
    body: bytes


class Cache:
    """Keeps repeatable responses. It is used in one event loop.

    Kept are complete responses with 200 that have an ETag and may be stored (RFC 9111, section 3).

    Args:
        size: Bytes that all entries may have together.
        common: Completes the headers.
    """

    def __init__(self, size: int, common: CommonHeaders) -> None:
        self._size = size
        self._common = common
        self._used = 0
        self._entries: OrderedDict[Key, Entry] = OrderedDict()

    def find(self, key: Key | None, request: Request) -> Kept | None:
        """The response that was kept under a key, 304 where the client's copy is current; None if there is none."""
        entry = self._entries.get(key) if key else None
        if entry is None or key is None:
            return None
        self._entries.move_to_end(key)
        body, headers = entry
        if "if-none-match" in request.headers and _is_current(dict(headers)[b"etag"].decode("latin-1"), request):
            kept = [header for header in headers if header[0] not in (b"content-type", b"content-length")]
            return Kept(HTTPStatus.NOT_MODIFIED, kept, b"")
        return Kept(HTTPStatus.OK, headers, body)

    def keeps(self, status: int, headers: Iterable[Header]) -> bool:
        """Whether a response is one to be kept."""
        named = dict(headers)
        if status != HTTPStatus.OK or "ETag" not in named or "no-store" in named.get("Cache-Control", ""):
            return False
        return int(named.get("Content-Length", self._size)) <= self._size // SHARE - OVERHEAD

    def keep(self, key: Key, headers: Sequence[Header], body: bytes) -> None:
        """Keep a whole response that is one to be kept."""
        if key in self._entries:  # Two requests at the same time made the same response.
            return
        entry = (body, self._common.complete("GET", headers))
        self._entries[key] = entry
        self._used += _size(key, entry)
        while self._used > self._size:
            self._used -= _size(*self._entries.popitem(last=False))


def revalidate(reply: Reply, request: Request) -> Reply:
    """The reply, or 304 in its place where the client's copy is current (RFC 9110, section 13.1.2)."""
    if reply.status != HTTPStatus.OK or not _is_current(dict(reply.headers).get("ETag", ""), request):
        return reply
    kept = [header for header in reply.headers if header[0] not in ("Content-Type", "Content-Length")]
    close(reply.body)
    return Reply(HTTPStatus.NOT_MODIFIED, kept, b"")


def _is_current(tag: str, request: Request) -> bool:
    matched = request.headers.get("if-none-match")
    if not matched or not tag or request.method == "POST":
        return False
    return parse_etags(matched).contains_weak(unquote_etag(tag)[0])


def _size(key: Key, entry: Entry) -> int:
    return OVERHEAD + sum(map(len, key)) + len(entry[0])


def key_of_query(request: Request) -> Key | None:
    """What the answer to a query depends on; None where no answer is kept."""
    if len(request.body) > BODY or request.method not in ("GET", "HEAD", "POST"):
        return None
    headers: Mapping[str, str] = request.headers
    return (
        "POST" if request.method == "POST" else "GET",
        request.scheme,
        intern(request.host),  # the same for many: kept once
        request.root,
        intern(request.path),
        request.query_string,
        intern(headers.get("accept", "\n")),  # a missing header differs from an empty one
        headers.get("content-type", "") if request.method == "POST" else "",
        request.body,
    )
