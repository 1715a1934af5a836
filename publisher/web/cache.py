"""The response cache: bounded in bytes, it answers again what a release has answered once.

A release never changes, and the cache lives as long as the application over one release: nothing in it grows stale.
"""

import itertools
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus
from io import BytesIO
from sys import intern
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple, cast

from werkzeug.http import parse_etags, unquote_etag

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


BODY: Final = 1 << 16
"""Bytes of a request's body that the cache looks at; a longer query is answered without it."""
SHARE: Final = 8
"""No entry takes more than this part of the cache."""
OVERHEAD: Final = 1 << 10
"""Bytes that an entry takes beside its body and what it depends on, roughly: its headers and place."""

Header = tuple[str, str]
Key = tuple[str | bytes, ...]
"""What a response depends on. A hash of it would be shorter, and take longer to make than a response to be found."""
Entry = tuple[bytes, *tuple[str, ...]]
"""One response that was sent with 200: its body, then names and values of its headers. The garbage collector does not
look at tuples of texts; of anything else there would be so many that its looking would hold everybody up."""


class Reply(NamedTuple):
    """What an application answered. body: a file where it is sent piece by piece."""

    status: int
    headers: Sequence[Header]
    body: bytes | BinaryIO


class Cache:
    """A WSGI application that keeps the repeatable responses of another.

    Kept are complete answers to GET and POST that have an ETag and may be stored (RFC 9111, section 3). size: bytes.
    """

    def __init__(self, app: "WSGIApplication", size: int) -> None:
        self._app = app
        self._size = size
        self._used = 0
        self._entries: OrderedDict[Key, Entry] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer from the cache, else by the application behind it (PEP 3333)."""
        key = key_of(environ)
        found = self.find(key, environ)
        if found:
            start_response(f"{found.status} {HTTPStatus(found.status).phrase}", list(found.headers))
            return [] if environ["REQUEST_METHOD"] == "HEAD" else [cast(bytes, found.body)]
        if key is None or environ["REQUEST_METHOD"] == "HEAD":
            return self._app(environ, start_response)
        return self._ask(key, environ, start_response)

    def find(self, key: Key | None, environ: "WSGIEnvironment") -> Reply | None:
        """The response that was kept under a key, or the news that the client has it."""
        if key is None:
            return None
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            self._entries.move_to_end(key)
        body, *texts = entry
        headers = list(zip(texts[::2], texts[1::2], strict=True))
        if _has(environ, headers):
            kept = [header for header in headers if header[0] not in ("Content-Type", "Content-Length")]
            return Reply(HTTPStatus.NOT_MODIFIED, kept, b"")
        return Reply(HTTPStatus.OK, headers, body)

    def _ask(self, key: Key, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        told: list[tuple[str, list[Header]]] = []

        def start(status: str, headers: list[Header], error: Any = None) -> "Callable[[bytes], object]":
            told.append((status, headers))
            return start_response(status, headers, error)

        body = self._app(environ, start)
        if not told or not told[0][0].startswith("200 ") or not self.keeps(told[0][1]):
            return body
        try:
            whole = b"".join(body)
        finally:
            getattr(body, "close", lambda: None)()
        if len(whole) == int(dict(told[0][1])["Content-Length"]):
            self.keep(key, told[0][1], whole)
        return [whole]

    def keeps(self, headers: Iterable[Header]) -> bool:
        """Whether a response with 200 is one to be kept."""
        named = dict(headers)
        if "ETag" not in named or "no-store" in named.get("Cache-Control", ""):
            return False
        return int(named.get("Content-Length", self._size)) <= self._size // SHARE - OVERHEAD

    def keep(self, key: Key, headers: Iterable[Header], body: bytes) -> None:
        """Keep a whole response that is one to be kept."""
        entry: Entry = (body, *itertools.chain.from_iterable(headers))
        with self._lock:
            if key in self._entries:  # Two asked at the same time, and got the same.
                return
            self._entries[key] = entry
            self._used += _size(key, entry)
            while self._used > self._size:
                self._used -= _size(*self._entries.popitem(last=False))


def _has(environ: "WSGIEnvironment", headers: Iterable[Header]) -> bool:
    """Whether the client of a request has the response already (RFC 9110, section 13.1.2)."""
    matched = environ.get("HTTP_IF_NONE_MATCH")
    if not matched or environ["REQUEST_METHOD"] == "POST":
        return False
    return parse_etags(matched).contains_weak(unquote_etag(dict(headers)["ETag"])[0])


def _size(key: Key, entry: Entry) -> int:
    return OVERHEAD + sum(map(len, key)) + len(entry[0])


def key_of(environ: "WSGIEnvironment") -> Key | None:
    """What a response depends on; None where no response would be kept."""
    method, body = environ["REQUEST_METHOD"], b""
    if method == "POST":
        length = environ.get("CONTENT_LENGTH") or ""
        if not length.isdecimal() or int(length) > BODY:
            return None
        body = environ["wsgi.input"].read(int(length))
        environ["wsgi.input"] = BytesIO(body)
    elif method not in ("GET", "HEAD"):
        return None
    return (
        "POST" if method == "POST" else "GET",
        environ["wsgi.url_scheme"],
        intern(environ.get("HTTP_HOST", "")),  # the same for many: kept once
        environ.get("SCRIPT_NAME", ""),
        intern(environ.get("PATH_INFO", "")),
        environ.get("QUERY_STRING", ""),
        intern(environ.get("HTTP_ACCEPT", "\n")),  # as no header is: none is not an empty one
        environ.get("CONTENT_TYPE", ""),
        body,
    )
