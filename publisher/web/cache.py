"""The response cache: bounded by bytes; it sends again what a release has answered once.

A release never changes, and the cache lives as long as the application over one release: nothing in it grows stale.
"""

from collections import OrderedDict
from collections.abc import Mapping
from http import HTTPStatus
from sys import intern
from typing import Final

from publisher.web.headers import Encoded
from publisher.web.requests import Request
from publisher.web.responses import Complete

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


class Cache:
    """Keeps repeatable responses. It is used in one event loop.

    Kept are complete responses with 200 that have an ETag and may be stored (RFC 9111, section 3).

    Args:
        size: Bytes that all entries may have together.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self.used = 0
        self._entries: OrderedDict[Key, Entry] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, key: Key) -> Complete | None:
        """The response that was kept under a key; None if there is none."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        self._entries.move_to_end(key)
        return Complete(HTTPStatus.OK, entry[1], entry[0])

    def keeps(self, response: Complete) -> bool:
        """Whether a response is one to be kept."""
        named = dict(response.headers)
        if response.status != HTTPStatus.OK or b"etag" not in named or b"no-store" in named.get(b"cache-control", b""):
            return False
        return int(named.get(b"content-length", self._size)) <= self._size // SHARE - OVERHEAD

    def keep(self, key: Key, response: Complete) -> None:
        """Keep a whole response that is one to be kept."""
        if key in self._entries:  # Two requests at the same time made the same response.
            return
        assert isinstance(response.body, bytes)
        entry = (response.body, tuple(response.headers))
        self._entries[key] = entry
        self.used += _size(key, entry)
        while self.used > self._size:
            self.used -= _size(*self._entries.popitem(last=False))


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
