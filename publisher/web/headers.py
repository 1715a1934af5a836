"""Response headers: those that every response carries, and what a page may load (CORS, CSP, the release)."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

from publisher.formats import HTML

Header = tuple[str, str]
Encoded = tuple[bytes, bytes]
"""A header as ASGI takes it: the name in lower case."""

RELEASE: Final = "Dataset-Release"
"""The header that names the release from which a response was made."""
HINTS: Final = "Query-Hints"
"""The header that may explain a result without rows: a JSON array of sentences."""
EXPOSED: Final = f"Allow, Content-Location, Content-Range, {RELEASE}, ETag, Link, Location, {HINTS}, Retry-After, Vary"
"""Response headers that scripts of other sites may read."""
POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
"""For pages: no script, and nothing from elsewhere. `connect-src` lets nothing in where no script runs; without it
browsers refuse their own tools, such as Lighthouse, the fetch of /robots.txt."""
UNDERLINE: Final = "'sha256-EntWS0hFrz2vH7susM+dPUxvHlL6sBswmM8K80E5oUk='"
"""The one style attribute that the query editor writes, `text-decoration:underline`, in the tooltip of a wrong line."""
SCRIPTED_POLICY: Final = f"{POLICY}; script-src 'self'"
"""For pages that a script of ours improves: a list that it filters."""
QUERY_POLICY: Final = f"{SCRIPTED_POLICY}; style-src-attr 'unsafe-hashes' {UNDERLINE}"
"""For the query page: its editor is a script of ours, and queries this endpoint. No inline script or style otherwise:
the editor places what it shows through the style objects of elements, which the policy does not restrict."""
FRAME_POLICY: Final = POLICY.replace("frame-ancestors 'none'", "frame-ancestors *")
"""For what pages of others may show in a frame: no script, no form."""
IMMUTABLE: Final = "public, max-age=31536000, immutable"
"""The value of `Cache-Control` for what never changes (RFC 8246)."""
VARY: Final = "Accept, Accept-Encoding"
"""The request headers that responses depend on."""
SERVER: Final = "publisher"
"""The value of `Server`: neither a library nor a version."""

_PAGE: Final = ("Content-Type", HTML.content_type)


class CommonHeaders:
    """The headers that every response carries, errors too.

    Args:
        release: The identifier of the release.
    """

    def __init__(self, release: str) -> None:
        self._headers = encode(
            [
                ("Access-Control-Allow-Origin", "*"),
                ("Access-Control-Expose-Headers", EXPOSED),
                ("X-Content-Type-Options", "nosniff"),
                ("Vary", VARY),
                (RELEASE, release),
                ("Server", SERVER),
            ]
        )

    def complete(self, method: str, headers: Sequence[Header]) -> tuple[Encoded, ...]:
        """All headers of a response to `method`, from its own, as ASGI takes them."""
        more = _preflight(headers) if method == "OPTIONS" else _policy(headers)
        return (*encode(headers), *self._headers, *more)


def make_tag(body: bytes) -> str:
    """Return the strong ETag of a body (RFC 9110, section 8.8.3)."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def encode(headers: Iterable[Header]) -> list[Encoded]:
    """Headers as ASGI takes them."""
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]


def vary_by_agent(headers: Iterable[Encoded]) -> tuple[Encoded, ...]:
    """The headers of a response that a program which previews links gets in another format.

    `Vary` stays one line: caches such as nginx before 1.23 read only the last one.
    """
    vary = (b"vary", f"{VARY}, User-Agent".encode())
    return tuple(vary if header[0] == vary[0] else header for header in headers)


def _preflight(headers: Sequence[Header]) -> list[Encoded]:
    allowed = next((value for name, value in headers if name == "Allow"), "GET, HEAD, OPTIONS")
    return encode(
        [
            ("Access-Control-Allow-Methods", allowed),
            ("Access-Control-Allow-Headers", "*, Accept, Content-Type, If-None-Match"),  # some lack the wildcard
            ("Access-Control-Max-Age", "86400"),
        ]
    )


def _policy(headers: Sequence[Header]) -> list[Encoded]:
    if _PAGE not in headers or any(name == "Content-Security-Policy" for name, _ in headers):
        return []
    return encode([("Content-Security-Policy", POLICY)])
