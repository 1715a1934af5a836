"""Owns the response cache: in front of everything, bounded by bytes; it sends again what a release has answered once.

A release never changes, and the cache lives as long as the application over one release: nothing in it grows stale.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import BytesIO
from sys import intern
from typing import TYPE_CHECKING, Any, Final

from werkzeug.http import parse_etags, unquote_etag

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

BODY: Final = 1 << 16
"""Bytes of a request's body that the cache looks at; a longer query is answered without it."""
SHARE: Final = 8
"""No entry takes more than this part of the cache."""
OVERHEAD: Final = 1 << 10
"""Bytes that an entry takes beside its body and what it depends on, roughly: its headers and place."""


Key = tuple[str | bytes, ...]
"""What a response depends on. A hash of it would be shorter, and take longer to make than a response to be found."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One response that was sent with 200; a WSGI application that sends it again.

    Its parts are such as the garbage collector does not look at: there are many, and they stay.
    """

    headers: tuple[tuple[str, str], ...]
    etag: str
    body: bytes

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Send it, or the news that the client has it (PEP 3333)."""
        method, matched = environ["REQUEST_METHOD"], environ.get("HTTP_IF_NONE_MATCH")
        if method != "POST" and matched and parse_etags(matched).contains_weak(unquote_etag(self.etag)[0]):
            kept = [(name, value) for name, value in self.headers if name not in ("Content-Type", "Content-Length")]
            start_response("304 Not Modified", kept)
            return []
        start_response("200 OK", list(self.headers))
        return [] if method == "HEAD" else [self.body]


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
        return (self.find(key) or self.keeping(key, self._app))(environ, start_response)

    def find(self, key: Key | None) -> Entry | None:
        """The response that was kept under a key."""
        if key is None:
            return None
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None:
                self._entries.move_to_end(key)
        return entry

    def keeping(self, key: Key | None, app: "WSGIApplication") -> "WSGIApplication":
        """An application that answers as `app` does, and whose response is kept under a key if it may be."""

        def kept(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
            if key is None or environ["REQUEST_METHOD"] == "HEAD":
                return app(environ, start_response)
            return self._ask(key, app, environ, start_response)

        return kept

    def _ask(
        self, key: Key, app: "WSGIApplication", environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        told: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], error: Any = None) -> "Callable[[bytes], object]":
            told.append((status, headers))
            return start_response(status, headers, error)

        body = app(environ, start)
        headers = dict(told[0][1]) if told and told[0][0].startswith("200 ") else {}
        if not self._keeps(headers):
            return body
        try:
            whole = b"".join(body)
        finally:
            getattr(body, "close", lambda: None)()
        if len(whole) == int(headers["Content-Length"]):
            self._put(key, Entry(tuple(told[0][1]), headers["ETag"], whole))
        return [whole]

    def _keeps(self, headers: dict[str, str]) -> bool:
        if "ETag" not in headers or "no-store" in headers.get("Cache-Control", ""):
            return False
        return int(headers.get("Content-Length", self._size)) <= self._size // SHARE - OVERHEAD

    def _put(self, key: Key, entry: Entry) -> None:
        with self._lock:
            if key in self._entries:  # Two asked at the same time, and got the same.
                return
            self._entries[key] = entry
            self._used += _size(key, entry)
            while self._used > self._size:
                self._used -= _size(*self._entries.popitem(last=False))


def _size(key: Key, entry: Entry) -> int:
    return OVERHEAD + sum(map(len, key)) + len(entry.body)


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
