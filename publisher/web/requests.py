"""HTTP requests: an ASGI scope becomes one checked value, and a body is read under limits of size and time."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs, unquote_to_bytes

from publisher.errors import (
    MalformedError,
    RequestTimeoutError,
    TooLargeHeadError,
    TooLargeRequestError,
    TooLongAddressError,
)
from publisher.sparql.engine import ADDRESS
from publisher.web.budget import Share

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

HEAD: Final = 32 << 10
"""Bytes that the header fields of a request may have together."""
FIELDS: Final = 100
"""Header fields that a request may have."""
FIELD: Final = 4 << 10
"""Bytes that each header field in `PARSED` may have, all its lines together: clients send a tenth of that."""
PARSED: Final = frozenset(
    {
        "accept",
        "accept-encoding",
        "content-length",
        "content-type",
        "forwarded",
        "host",
        "if-match",
        "if-none-match",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-prefix",
        "x-forwarded-proto",
    }
)
"""The header fields that are parsed here or by a library."""
BODY_SECONDS: Final = 60
"""Time in which the body of a request has to arrive after its head."""
DISCARD: Final = 32
"""How many times the limit of a body is read and discarded before the connection is closed: most client libraries send
the whole body before they read a response, and report a broken connection where it is closed before."""
HOST: Final = re.compile(r"([\w-]+(\.[\w-]+)*\.?|\[[0-9A-Fa-f:.]{2,45}\])(:(?P<port>[0-9]{0,5}))?", re.ASCII)
"""A host with an optional port (RFC 9110, section 7.2); names of containers may have an underscore."""
_SLASH: Final = re.compile(b"%2[Ff]")
LAST_PORT: Final = 65_535
HOST_LENGTH: Final = 259
"""A name has at most 253 characters (RFC 1035), a port five."""


class ClientLeftError(Exception):
    """The client closed the connection; a response would not be read."""


class Request(NamedTuple):
    """A request whose head was checked.

    root: the path that the application is mounted at, empty for the whole host. path: what follows it,
    percent-decoded except for slashes, which would separate segments then; its bytes as Latin-1 (PEP 3333).
    query_string: as it was sent. headers: by lower-case name, values of equal names joined by commas. host: with its
    port. client: the address of the peer, empty if unknown.
    """

    method: str
    root: str
    path: str
    query_string: str
    headers: dict[str, str]
    scheme: str
    host: str
    client: str
    body: bytes = b""

    @property
    def accept(self) -> str | None:
        """The header Accept, None if there is none."""
        return self.headers.get("accept")


def read_head(scope: Scope) -> Request:
    """Check the head of a request and make a value of it.

    Raises:
        TooLongAddressError: The address is longer than the HTTP server takes.
        TooLargeHeadError: The header fields are too many or too long.
        MalformedError: The host is missing, not valid, or given twice; or the body has another coding than `chunked`.
    """
    if len(scope["raw_path"]) + len(scope["query_string"]) >= ADDRESS:
        words = f"The address exceeds the limit of {ADDRESS} bytes. Send a long query by POST."
        raise TooLongAddressError(words, limit="address", value=ADDRESS)
    headers = _read_fields(scope["headers"])
    _check_coding(headers.get("transfer-encoding", ""))
    client = scope.get("client") or ("", 0)
    root = scope.get("root_path", "")
    return Request(
        scope["method"],
        root,
        unquote_to_bytes(_SLASH.sub(b"%252F", scope["raw_path"])).decode("latin-1").removeprefix(root),
        scope["query_string"].decode("latin-1"),
        headers,
        scope["scheme"],
        _host(headers.get("host", ""), scope),
        client[0],
    )


def read_parameters(query_string: bytes) -> dict[str, str]:
    """The first value of each parameter of a query string, or of a form in the body of a request.

    Raises:
        MalformedError: A name or value is not valid UTF-8.
    """
    found: dict[str, str] = {}
    for pair in query_string.replace(b"+", b" ").split(b"&"):
        name, _, value = (unquote_to_bytes(part) for part in pair.partition(b"="))
        try:
            found.setdefault(name.decode(), value.decode())
        except UnicodeDecodeError as error:
            shown = name.decode(errors="replace")[:40]
            words = f"The parameter {shown!r} is not valid UTF-8: invalid byte at {error.start}."
            raise MalformedError(words) from None
    return found


def parameters(request: Request) -> dict[str, str]:
    """The first value of each parameter of the query string; none where it exceeds what any page takes (`FIELD`).

    Bytes that are not UTF-8 are lone surrogates in it, so that they can be written again.
    """
    if not request.query_string or len(request.query_string) > FIELD:
        return {}
    return {name: values[0] for name, values in parse_qs(request.query_string, errors="surrogateescape").items()}


def _read_fields(fields: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """The header fields by name. Raises TooLargeHeadError before any is parsed, MalformedError where Host is double."""
    if len(fields) > FIELDS:
        raise TooLargeHeadError(f"At most {FIELDS} header fields are accepted.")
    found: dict[str, str] = {}
    size = 0
    for key, value in fields:
        size += len(key) + len(value)
        name, text = key.decode("latin-1"), value.decode("latin-1")
        if name in found:
            if name == "host":
                raise MalformedError("The request has more than one header `Host`.")
            text = f"{found[name]}, {text}"
        if len(text) > FIELD and name in PARSED:
            raise TooLargeHeadError(f"The header `{name}` exceeds the limit of {FIELD} bytes.")
        found[name] = text
    if size > HEAD:
        raise TooLargeHeadError(f"The header fields exceed the limit of {HEAD >> 10} KiB.")
    return found


def _check_coding(codings: str) -> None:
    """Raise MalformedError where a body has a coding beside `chunked`, which the HTTP server decodes (RFC 9112, section
    6.1), or is chunked twice."""
    if codings.strip().lower() not in ("", "chunked"):
        problem = MalformedError(f"The Transfer-Encoding {codings[:40]!r} is not supported: send `chunked` alone.")
        problem.headers["Connection"] = "close"
        raise problem


def _host(host: str, scope: Scope) -> str:
    """The host of a request (RFC 9112, section 3.2), whose port may be empty; only HTTP/1.0 can do without it.

    Raises MalformedError.
    """
    if not host and scope["http_version"] in ("1", "1.0"):
        name, port = scope.get("server") or ("localhost", 80)
        return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
    if not host:
        raise MalformedError("The request has no header `Host`.")
    if not is_host(host):
        raise MalformedError("The header `Host` is not a valid host name.")
    return host.removesuffix(":")


@lru_cache(maxsize=256)
def is_host(host: str) -> bool:
    """Whether a text is a host with an optional port."""
    found = HOST.fullmatch(host) if len(host) <= HOST_LENGTH else None
    return found is not None and int(found["port"] or 0) <= LAST_PORT


async def read_body(request: Request, receive: Receive, limit: int, held: Share) -> bytes:
    """Read the body of a request.

    Args:
        request: The request, whose head is known.
        receive: As ASGI passes it.
        limit: Bytes that the body may have.
        held: Where the bytes are counted.

    Raises:
        TooLargeRequestError: The body exceeds the limit.
        RequestTimeoutError: It was not complete in time.
        OverloadedError: Too many bytes of bodies are held at once.
        MalformedError: The connection ended before, or the chunks of the body are malformed.
    """
    declared = _read_content_length(request)
    if declared > limit and (declared > DISCARD * limit or "expect" in request.headers):
        raise _too_large(limit, close=True)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await _receive_all(receive, limit, held)
    except TimeoutError:
        raise RequestTimeoutError(f"The body was not complete after {BODY_SECONDS} seconds.") from None


async def _receive_all(receive: Receive, limit: int, held: Share) -> bytes:
    body, size, more = bytearray(), 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":  # Also where the HTTP server cannot read a chunk.
            raise _incomplete()
        piece, more = message.get("body", b""), message.get("more_body", False)
        size += len(piece)
        if size <= limit:
            held.take(len(piece))
            body += piece
        elif size > DISCARD * limit:
            raise _too_large(limit, close=True)
    if size > limit:
        raise _too_large(limit)
    return bytes(body)


def _read_content_length(request: Request) -> int:
    text = request.headers.get("content-length", "")
    return int(text) if text.isdecimal() else 0


def _incomplete() -> MalformedError:
    problem = MalformedError("The body is incomplete, or its chunks are malformed.")
    problem.headers["Connection"] = "close"
    return problem


def _too_large(limit: int, *, close: bool = False) -> TooLargeRequestError:
    problem = TooLargeRequestError(
        f"The request body exceeds the limit of {limit >> 10} KiB.", limit="length", value=limit
    )
    if close:
        problem.headers["Connection"] = "close"
    return problem
