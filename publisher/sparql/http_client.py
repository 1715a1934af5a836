"""HTTP to SPARQL endpoints: pooled clients with real time limits, and the checks of what an endpoint answers.

No proxy is taken from the environment and no redirect is followed unless a caller does so. A response counts only if it
is complete, uncompressed, within its size, and of a media type that was requested.
"""

import io
import json
import re
import ssl
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any, Final
from urllib.parse import urldefrag, urlsplit

import httpx

from publisher import __version__
from publisher.errors import (
    BusyError,
    CannotRunError,
    EndpointFailedError,
    EndpointTimeoutError,
    MalformedError,
    PublisherError,
    QuerySyntaxError,
)
from publisher.formats import GRAPHS, PLAIN, RESULTS, Format, parsable
from publisher.settings import Settings
from publisher.sparql.engine import always, check_wanted
from publisher.sparql.workers.frames import CHUNK
from publisher.sparql.workers.spool import result_limit

CONNECT_SECONDS: Final = 5.0
"""Time in which a connection has to be made, at most."""
IDLE_SECONDS: Final = 30.0
"""Time after which a pooled connection that nobody uses is closed."""
LONGEST_QUOTE: Final = 500
"""Characters that are quoted from an error that is not a problem document."""
NAME: Final = "The endpoint of this server"
"""How messages for visitors name an endpoint: they need not know its address."""
READ: Final[Mapping[str, Sequence[Format]]] = {
    "results": parsable(RESULTS),
    "graph": parsable(GRAPHS),
}
"""Kind of answer -> the formats requested, the simplest to read first."""
_PARTIAL: Final = ("X-SQL-State", "X-SQL-Message", "X-SPARQL-MaxRows")
"""Headers by which Virtuoso reports, under status 200, that an answer is partial."""
_MEMBERS: Final = ("limit", "value", "line", "column", "text")
"""Fields of a problem document that are passed on."""
_INTERNAL: Final = re.compile(
    r"""(?<![\w:/.<>)?*+^-])/(?:[\w.-]+/)+|\b[A-Za-z]:\\|\bTraceback\b|\bat [\w.$<>]+\(|://[^\s/]*@"""
)
"""What only the operator should read in an error: paths of files, stack traces, addresses with a password."""
PAUSE_SECONDS: Final = 10
"""Seconds after which a client should retry where a busy endpoint does not say."""
LONGEST_PAUSE: Final = 86_400
"""Seconds after which a client should retry, at most, whatever the endpoint says."""
_WEB: Final = ("http", "https")
_FIXES: Final = (
    (re.compile(rb'("type":\s*"bnode"\s*,\s*"value":\s*")nodeID://'), rb"\1"),
    (re.compile(rb'(XMLSchema#boolean"\s*,\s*"value":\s*")0"'), rb'\1false"'),
    (re.compile(rb'(XMLSchema#boolean"\s*,\s*"value":\s*")1"'), rb'\1true"'),
)
"""What Virtuoso writes in JSON, and what replaces it: labels of blank nodes that are none (RDF 1.1 N-Triples,
BLANK_NODE_LABEL), booleans that are not canonical. Quotes inside of strings are escaped, so that this never stands in a
literal."""
_LONGEST: Final = 80
"""Bytes in which such a text stands."""


@dataclass(frozen=True)
class Access:
    """How an endpoint is reached. url: http or https. proxy: URL of a proxy, empty for none. user and password: sent
    where the endpoint asks for them (RFC 9110, section 11). token: sent with every request (RFC 6750)."""

    url: str
    proxy: str = ""
    user: str = ""
    password: str = ""
    token: str = ""


class _ChallengeAuth(httpx.Auth):
    """Answers the challenge of an endpoint, Digest or Basic; nothing secret is sent before it asks."""

    def __init__(self, user: str, password: str) -> None:
        self._given = (user, password)
        self._chosen: httpx.Auth | None = None

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if self._chosen is None:
            response = yield request
            if response.status_code != httpx.codes.UNAUTHORIZED:
                return
            digest = "digest" in response.headers.get("WWW-Authenticate", "").lower()
            self._chosen = (httpx.DigestAuth if digest else httpx.BasicAuth)(*self._given)
        yield from self._chosen.auth_flow(request)


def endpoint_access(settings: Settings) -> Access:
    """Return how the endpoint of the settings is reached. Raises CannotRunError if its address is not valid."""
    url = check_address(settings.endpoint)
    user, password = settings.endpoint_user, settings.endpoint_password
    return Access(url, settings.proxy, user, password, settings.endpoint_token)


def check_address(url: str) -> str:
    """Return the URL of an endpoint without its fragment. Raises CannotRunError if it is not one."""
    parts = urlsplit(url)
    if parts.scheme not in _WEB or not parts.hostname:
        raise CannotRunError(f"{url!r} is not the address of an endpoint: it needs http:// or https://.")
    return urldefrag(url).url


def display_address(url: str) -> str:
    """Return an address for messages: without user, password, query and fragment, which may be secret."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def client_options(access: Access, seconds: float, connections: int) -> dict[str, Any]:
    """Return the options of a client. seconds: between two pieces of an answer. connections: open at the same time."""
    headers = {"User-Agent": f"ma-coalitions-publisher/{__version__}", "Accept-Encoding": "identity"}
    if access.token:
        headers["Authorization"] = f"Bearer {access.token}"
    return {
        "headers": headers,
        "auth": _ChallengeAuth(access.user, access.password) if access.user else None,
        "timeout": httpx.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS)),
        "limits": httpx.Limits(
            max_connections=connections, max_keepalive_connections=connections, keepalive_expiry=IDLE_SECONDS
        ),
        "proxy": access.proxy or None,
        "verify": trusted_certificates(),
        "trust_env": False,
        "follow_redirects": False,
    }


@cache
def trusted_certificates() -> ssl.SSLContext:
    """Return the certificates that clients trust, read once: it takes longer than many requests to a near server."""
    return httpx.create_ssl_context(trust_env=False)


def accept(kinds: Sequence[str]) -> str:
    """Return the header Accept for some kinds of answers."""
    offers = [offer for kind in kinds for offer in READ[kind]]
    return ", ".join(f"{form.media_type};q={1 - place / 10:g}" for place, form in enumerate(offers))


class Body(io.RawIOBase):
    """The body of a response as a file, up to its announced end.

    limit: bytes. deadline: on the monotonic clock. wanted: whether the client still waits.
    Reading raises ResultLimitError, EndpointTimeoutError, EndpointFailedError, or MalformedError where it does not.
    """

    def __init__(
        self, url: str, response: httpx.Response, limit: int, deadline: float, wanted: Callable[[], bool] = always
    ) -> None:
        self.size = 0
        self._url = url
        self._limit = limit
        self._deadline = deadline
        self._wanted = wanted
        self._announced = announced_size(url, response)
        if self._announced is not None and self._announced > limit:
            raise result_limit(limit)
        pieces = response.iter_raw()
        self._pieces = fix_virtuoso(pieces) if is_virtuoso(response) else pieces
        self._rest = b""

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read the next bytes."""
        if not self._rest:
            self._rest = self._next()
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size

    def _next(self) -> bytes:
        try:
            piece = next(self._pieces, b"")
        except httpx.RemoteProtocolError as error:
            if self._announced is None:
                raise connection_error(self._url, error) from error
            missing = self._announced - self.size
            raise endpoint_error(self._url, f"sent {missing} bytes less than announced") from error
        except httpx.HTTPError as error:
            raise connection_error(self._url, error) from error
        self.size += len(piece)
        if self.size > self._limit:
            raise result_limit(self._limit)
        if time.monotonic() > self._deadline:
            raise EndpointTimeoutError(f"{self._url} did not send its whole answer in time.")
        check_wanted(self._wanted)
        return piece


def announced_size(url: str, response: httpx.Response) -> int | None:
    """Return the size that a response announces, None for one in chunks.
    Raises EndpointFailedError where its end cannot be known."""
    headers = response.headers
    if "Transfer-Encoding" in headers or response.status_code == httpx.codes.NO_CONTENT:
        return None
    if "Content-Length" not in headers:
        raise endpoint_error(url, "sent no Content-Length, so a truncated answer could not be detected")
    return int(headers["Content-Length"])


def is_virtuoso(response: httpx.Response) -> bool:
    """Return whether the program that answers is Virtuoso."""
    return str(response.headers.get("Server", "")).startswith("Virtuoso")


def fix_virtuoso(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Replace what Virtuoso writes in another way than the rest of the world."""
    kept = b""
    for piece in pieces:
        kept += piece
        for pattern, replacement in _FIXES:
            kept = pattern.sub(replacement, kept)
        if len(kept) > _LONGEST:
            yield kept[:-_LONGEST]
            kept = kept[-_LONGEST:]
    if kept:
        yield kept


@contextmanager
def receive(client: httpx.Client, request: httpx.Request, url: str, redirects: int = 0) -> Iterator[httpx.Response]:
    """Send a request; its response, not an error, is open until the end of the block. Raises a PublisherError.

    redirects: how many redirects of GET are followed; a redirected form would lose its query.
    """
    try:
        response = _send(client, request, redirects)
    except httpx.HTTPError as error:
        raise connection_error(url, error) from error
    try:
        if not response.is_success:
            raise status_error(url, response, _read_start(response))
        yield response
    finally:
        response.close()


def _send(client: httpx.Client, request: httpx.Request, redirects: int) -> httpx.Response:
    while True:
        response = client.send(request, stream=True)
        following = response.next_request
        if not (redirects and following and request.method == "GET" and following.url.scheme in _WEB):
            return response
        response.close()
        request, redirects = following, redirects - 1


def _read_start(response: httpx.Response) -> bytes:
    """Read the start of an error's body, as far as it arrives."""
    body = b""
    try:
        for piece in response.iter_raw():
            body += piece
            if len(body) >= CHUNK:
                break
    except httpx.HTTPError:
        return b""
    return body[:CHUNK]


def status_error(url: str, response: httpx.Response, body: bytes) -> PublisherError:
    """Return the error for an endpoint's error status, with the endpoint's own message if it sent one (RFC 9457).

    body: its start.
    """
    words, members = _read_message(response, body.decode(errors="replace"))
    if url == NAME:  # The text of the query is not that of the visitor.
        words, members = ("" if _INTERNAL.search(words) else words), {}
    status = f"{response.status_code} {flatten(response.reason_phrase)}"
    detail = f"{url} answers {status}" + (f": {words}" if words else ".")
    if response.has_redirect_location:
        place = "another address" if url == NAME else flatten(response.headers["Location"])
        detail = f"{url} answers {status}: the endpoint is at {place}."
    if response.status_code == httpx.codes.BAD_REQUEST:
        at_line = {"line", "column"} <= members.keys()
        return QuerySyntaxError(words, **members) if at_line else MalformedError(detail, **members)
    if response.status_code in (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE):
        problem = BusyError(detail, **members)
        problem.headers["Retry-After"] = _read_pause(response)
        return problem
    return EndpointFailedError(detail, **members)


def _read_pause(response: httpx.Response) -> str:
    """Return the seconds after which an endpoint wants to be asked again (RFC 9110, section 10.2.3)."""
    text = str(response.headers.get("Retry-After", ""))
    if re.fullmatch(r"[0-9]{1,9}", text, re.ASCII):
        seconds = float(text)
    else:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - time.time()
        except (ValueError, OverflowError):
            seconds = PAUSE_SECONDS
    return str(int(min(max(seconds, 1), LONGEST_PAUSE)))


def _read_message(response: httpx.Response, text: str) -> tuple[str, dict[str, Any]]:
    """Return the text of an error and the members of its problem document; empty if it is a web page."""
    media_type = _media_type(response)
    if media_type.endswith("json"):
        try:
            document = json.loads(text)
        except ValueError:
            document = None
        if isinstance(document, dict) and "detail" in document:
            return flatten(str(document["detail"])), {name: document[name] for name in _MEMBERS if name in document}
    return ("", {}) if "html" in media_type else (flatten(text)[:LONGEST_QUOTE], {})


def find_format(url: str, response: httpx.Response) -> tuple[str, Format]:
    """Return the kind and the format of an answer that may be complete, from its status and headers.
    Raises EndpointFailedError."""
    headers = response.headers
    partial = next((f"{name}: {headers[name]}" for name in _PARTIAL if name in headers), None)
    if response.status_code != httpx.codes.OK or partial:
        raise endpoint_error(url, f"returned a partial answer ({flatten(partial or f'status {response.status_code}')})")
    if headers.get("Content-Encoding", "identity").lower() != "identity":
        raise endpoint_error(url, "returned a compressed answer that was not requested")
    media_type = _media_type(response)
    offers = [(kind, form) for kind, forms in READ.items() for form in forms]
    own = [pair for pair in offers if media_type == pair[1].media_type]
    found = next(iter(own + [pair for pair in offers if media_type in pair[1].aliases]), None)
    if found is None:
        raise endpoint_error(url, f"returned {flatten(media_type)}, which is not a query result")
    return found


def _media_type(response: httpx.Response) -> str:
    return str(response.headers.get("Content-Type", PLAIN.media_type)).partition(";")[0].strip().lower()


def connection_error(url: str, error: httpx.HTTPError) -> PublisherError:
    """Return the error of a connection that failed."""
    if isinstance(error, httpx.ConnectTimeout):
        return EndpointTimeoutError(f"{url} accepts no connection in time.")
    if isinstance(error, httpx.PoolTimeout):
        return BusyError(f"All connections to {url} are in use.")
    if isinstance(error, httpx.TimeoutException):
        return EndpointTimeoutError(f"{url} does not answer in time.")
    words = flatten(str(error)).partition(": bytearray(")[0].rstrip(".") or type(error).__name__
    return endpoint_error(url, f"cannot be reached, or the connection broke: {words}")


def endpoint_error(url: str, words: str) -> EndpointFailedError:
    """Return the error of an endpoint that does not answer as it should."""
    return EndpointFailedError(f"{url} {words}.")


def flatten(words: str) -> str:
    """Return foreign text on one line, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())
