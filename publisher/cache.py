"""Owns the response cache: in front of everything, bounded by bytes; it sends again what a release has answered once.

A release never changes, and the cache lives as long as the application over one release: nothing in it grows stale.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from werkzeug.http import parse_etags, unquote_etag

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

BODY: Final = 1 << 16
"""Bytes of a request's body that the cache looks at; a longer query is answered without it."""
SHARE: Final = 8
"""No entry takes more than this part of the cache."""
OVERHEAD: Final = 1 << 10
"""Bytes that an entry takes beside its body, roughly: its key, headers and place."""


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
        self._entries: OrderedDict[bytes, Entry] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer from the cache, else by the application behind it (PEP 3333)."""
        key = key_of(environ)
        return (self.find(key) or self.keeping(key, self._app))(environ, start_response)

    def find(self, key: bytes | None) -> Entry | None:
        """The response that was kept under a key."""
        if key is None:
            return None
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None:
                self._entries.move_to_end(key)
        return entry

    def keeping(self, key: bytes | None, app: "WSGIApplication") -> "WSGIApplication":
        """An application that answers as `app` does, and whose response is kept under a key if it may be."""

        def kept(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
            if key is None or environ["REQUEST_METHOD"] == "HEAD":
                return app(environ, start_response)
            return self._ask(key, app, environ, start_response)

        return kept

    def _ask(
        self, key: bytes, app: "WSGIApplication", environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        told: list[tuple[str, dict[str, str]]] = []

        def start(status: str, headers: list[tuple[str, str]], error: Any = None) -> "Callable[[bytes], object]":
            told.append((status, dict(headers)))
            return start_response(status, headers, error)

        body = app(environ, start)
        if not told or not self._keeps(*told[0]):
            return body
        try:
            whole = b"".join(body)
        finally:
            getattr(body, "close", lambda: None)()
        headers = told[0][1]
        if len(whole) == int(headers["Content-Length"]):
            self._put(key, Entry(tuple(headers.items()), headers["ETag"], whole))
        return [whole]

    def _keeps(self, status: str, headers: dict[str, str]) -> bool:
        if not status.startswith("200 ") or "ETag" not in headers or "no-store" in headers.get("Cache-Control", ""):
            return False
        return int(headers.get("Content-Length", self._size)) <= self._size // SHARE - OVERHEAD

    def _put(self, key: bytes, entry: Entry) -> None:
        with self._lock:
            if key in self._entries:  # Two asked at the same time, and got the same.
                return
            self._entries[key] = entry
            self._used += len(entry.body) + OVERHEAD
            while self._used > self._size:
                _, oldest = self._entries.popitem(last=False)
                self._used -= len(oldest.body) + OVERHEAD


def key_of(environ: "WSGIEnvironment") -> bytes | None:
    """What a response depends on, hashed; None where no response would be kept."""
    body = b""
    if environ["REQUEST_METHOD"] == "POST":
        length = environ.get("CONTENT_LENGTH") or ""
        if not length.isdecimal() or int(length) > BODY:
            return None
        body = environ["wsgi.input"].read(int(length))
        environ["wsgi.input"] = BytesIO(body)
    elif environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return None
    names = ("wsgi.url_scheme", "HTTP_HOST", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "HTTP_ACCEPT", "CONTENT_TYPE")
    parts = [environ.get(name) for name in names]
    return hashlib.blake2b(repr((environ["REQUEST_METHOD"] == "POST", parts, body)).encode()).digest()
