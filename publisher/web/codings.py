"""Content codings: which one a request accepts, and compressed bodies (RFC 9110, sections 8.4 and 12.5.3)."""

import gzip
import io
import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import BinaryIO, Final, Protocol

from werkzeug.http import parse_accept_header

from publisher.formats import is_textual
from publisher.web.headers import Encoded, make_tag
from publisher.zstandard import zstd

GZIP: Final = "gzip"
ZSTD: Final = "zstd"
IDENTITY: Final = "identity"
CODINGS: Final = (ZSTD, GZIP)
"""The codings, the preferred one first: zstd makes text as small as gzip does in half of the time."""
ALIASES: Final = {GZIP: "x-gzip"}
SMALL: Final = 1 << 10
"""Bytes below which a body is sent as it is: with its headers it fits in one packet anyway."""
LEVELS: Final = {GZIP: 6, ZSTD: 6}
"""For whole bodies, which are compressed once and mostly kept: 20 to 80 MB of text per second."""
STREAM_LEVELS: Final = {GZIP: 1, ZSTD: 1}
"""For large bodies that are compressed while they are sent: 120 MB of text per second or more."""
PIECE: Final = 1 << 18
"""Bytes of a file that are compressed at once."""

_REPLACED: Final = (b"content-length", b"etag")


@lru_cache(maxsize=256)
def choose_coding(header: str | None) -> str:
    """The coding for the header Accept-Encoding; `identity` where the header is missing or accepts none that we have.

    Of the codings with the highest quality the first of `CODINGS`; one that only `*` accepts must be gzip, which all
    clients that send `*` can read. Nothing is refused: a client that accepts no coding at all gets the plain body.
    """
    if not header:
        return IDENTITY
    accepted = _read_qualities(header)

    def rate(coding: str) -> tuple[float, bool, bool]:
        named = accepted.get(coding, accepted.get(ALIASES.get(coding, coding)))
        quality = accepted.get("*", 0) if named is None else named
        return quality, named is not None, (coding == CODINGS[0]) == (named is not None)

    best = max(CODINGS, key=rate)
    quality = rate(best)[0]
    return best if quality > 0 and quality >= accepted.get(IDENTITY, 0) else IDENTITY


@lru_cache(maxsize=256)
def excludes_identity(header: str | None) -> bool:
    """Whether a client does not accept a plain body, which makes small bodies be compressed too."""
    accepted = _read_qualities(header or "")
    return accepted.get(IDENTITY, accepted.get("*", 1)) <= 0


def _read_qualities(header: str) -> dict[str, float]:
    """The codings of a header with their qualities; the highest where one is named twice."""
    return {name.lower(): quality for name, quality in reversed(list(parse_accept_header(header)))}


def is_compressible(headers: Sequence[Encoded], size: int, smallest: int = SMALL) -> bool:
    """Whether a response of a size should be compressed, by its headers: it is text, and not compressed already."""
    if size < max(smallest, 1):
        return False
    named = dict(headers)
    if b"no-transform" in named.get(b"cache-control", b""):
        return False
    return b"content-encoding" not in named and is_textual(named.get(b"content-type", b"").decode("latin-1"))


def compress(body: bytes, coding: str) -> bytes:
    """A whole body in a coding; the same bytes each time."""
    if coding == GZIP:
        return gzip.compress(body, LEVELS[GZIP], mtime=0)
    return zstd.compress(body, LEVELS[ZSTD])


def describe_coded(headers: Sequence[Encoded], coding: str, body: bytes | None) -> tuple[Encoded, ...]:
    """The headers of a response in a coding, from those of the plain one.

    body: the compressed one; None if it is compressed while it is sent, so that its length is not known. A strong ETag
    is that of the bytes sent; a weak one holds for all codings (RFC 9110, section 8.8.3.3).
    """
    tag = dict(headers).get(b"etag")
    others = [header for header in headers if header[0] not in _REPLACED]
    coded = [(b"content-encoding", coding.encode())]
    if body is not None:
        coded.append((b"content-length", str(len(body)).encode()))
    if tag is not None and not tag.startswith(b"W/"):
        tag = make_tag(body).encode() if body is not None else b"W/" + tag
    return (*others, *coded, *([(b"etag", tag)] if tag is not None else []))


class _Compressor(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self) -> bytes: ...


class CompressedFile(io.RawIOBase):
    """A file that is compressed while it is read; it is read from where it stands, in one thread at a time.

    plain: the file. size: bytes that it holds until it is closed.
    """

    def __init__(self, file: BinaryIO, size: int, coding: str) -> None:
        self.size = size
        self.plain = file
        self._compressor: _Compressor | None = _make_compressor(coding)

    def read(self, _size: int = -1) -> bytes:
        """The next compressed bytes, as many as some plain ones give; none at the end."""
        while self._compressor is not None:
            plain = self.plain.read(PIECE)
            coded = self._compressor.compress(plain) if plain else self._compressor.flush()
            if not plain:
                self._compressor = None
            if coded:
                return coded
        return b""

    def close(self) -> None:
        """Close the plain file too."""
        self.plain.close()
        super().close()


def _make_compressor(coding: str) -> _Compressor:
    if coding == GZIP:
        return zlib.compressobj(STREAM_LEVELS[GZIP], zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return zstd.ZstdCompressor(STREAM_LEVELS[ZSTD])
