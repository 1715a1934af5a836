"""Selection: of each response the copy to send, in the content coding that the client accepts, or 304 in its place.

The plain response and each coding of it are entries of their own in the cache, so each is compressed once.
"""

import sys
from http import HTTPStatus
from typing import BinaryIO, Final, cast

from werkzeug.http import parse_etags, unquote_etag

from publisher.sparql.engine import CHUNK
from publisher.web.cache import Cache, Key
from publisher.web.client import Client
from publisher.web.codings import (
    IDENTITY,
    SMALL,
    CompressedFile,
    choose_coding,
    compress,
    describe_coded,
    excludes_identity,
    is_compressible,
)
from publisher.web.exchanges import Tally
from publisher.web.headers import CommonHeaders
from publisher.web.requests import Request
from publisher.web.responses import Complete, Reply, close

INLINE: Final = 4 << 10
"""Bytes up to which a body is compressed at once: handing it to a thread takes as long."""
_CONDITIONAL: Final = (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT)
_OF_BODIES: Final = (b"content-type", b"content-length", b"content-encoding", b"content-range")


class Selection:
    """Selects what is sent. It is used in one event loop.

    Args:
        cache: Where complete responses are kept.
        common: Completes the headers.
        tally: Counts what is found in the cache.
    """

    def __init__(self, cache: Cache, common: CommonHeaders, tally: Tally) -> None:
        self._cache = cache
        self._tally = tally
        self._common = common

    def find(self, key: Key | None, request: Request) -> Complete | None:
        """The kept copy for a request, or 304; None if there is none, or none in the coding that it accepts."""
        if key is None:
            return None
        header = request.headers.get("accept-encoding")
        coding = choose_coding(header)
        kept = None if coding == IDENTITY else self._cache.find((*key, coding))
        if kept is None:
            kept = self._cache.find(key)
            if kept is None or (coding != IDENTITY and _is_to_be_coded(kept, header)):
                return None
        self._tally.hits += 1
        return revalidate(kept, request)

    async def find_or_code(self, key: Key | None, request: Request, client: Client) -> Complete | None:
        """As `find`; a copy that is kept in another coding only is compressed now."""
        found = self.find(key, request)
        plain = self._cache.find(key) if key is not None and found is None else None
        return found if plain is None else await self.code(key, plain, request, client)

    async def complete(self, key: Key | None, reply: Reply, request: Request, client: Client) -> Complete:
        """What is sent of a reply. It is kept under a key where it may be; a large one that may not stays a file."""
        plain = Complete(reply.status, self._common.complete(request.method, reply.headers), reply.body)
        key = key if key is not None and self._cache.keeps(plain) else None
        if not isinstance(plain.body, bytes):
            plain = await _read(plain, client, whole=key is not None)
        if key is not None:
            self._tally.misses += 1
            self._cache.keep(key, plain)
        return await self.code(key, plain, request, client)

    async def code(self, key: Key | None, plain: Complete, request: Request, client: Client) -> Complete:
        """A plain response in the coding that a request accepts, or 304. key: under which it is kept."""
        header = request.headers.get("accept-encoding")
        coding = choose_coding(header)
        if coding == IDENTITY or not _is_to_be_coded(plain, header):
            return revalidate(plain, request)
        body = plain.body
        if not isinstance(body, bytes):
            size = _length(plain)
            file = cast(BinaryIO, CompressedFile(body, size if size < sys.maxsize else 0, coding))
            return revalidate(Complete(plain.status, describe_coded(plain.headers, coding, None), file), request)
        if len(body) <= INLINE:
            coded_body = compress(body, coding)
        else:
            coded_body = await client.in_file_thread(compress, body, coding)
        coded = Complete(plain.status, describe_coded(plain.headers, coding, coded_body), coded_body)
        if key is not None:
            self._cache.keep((*key, coding), coded)
        return revalidate(coded, request)


def revalidate(response: Complete, request: Request) -> Complete:
    """The response; 304 in its place where the client's copy is current, and 412 where it requires another one (RFC
    9110, sections 13.1.1 and 13.1.2)."""
    matched, required = request.headers.get("if-none-match"), request.headers.get("if-match")
    if not (matched or required) or response.status not in _CONDITIONAL or request.method == "POST":
        return response
    tag = dict(response.headers).get(b"etag", b"").decode("latin-1")
    opaque, is_weak = unquote_etag(tag)
    if required and not parse_etags(required).star_tag and (is_weak or opaque not in parse_etags(required)):
        return _without_body(response, HTTPStatus.PRECONDITION_FAILED)
    if matched and tag and parse_etags(matched).contains_weak(opaque) and response.status == HTTPStatus.OK:
        return _without_body(response, HTTPStatus.NOT_MODIFIED)
    return response


def _without_body(response: Complete, status: HTTPStatus) -> Complete:
    """What tells in place of a response that a condition decided about it."""
    close(response.body)
    headers = [header for header in response.headers if header[0] not in _OF_BODIES]
    length = [(b"content-length", b"0")] if status == HTTPStatus.PRECONDITION_FAILED else []
    return Complete(status, [*headers, *length], b"")


async def _read(response: Complete, client: Client, *, whole: bool) -> Complete:
    """A response whose file is read where it is small. whole: also where it is large."""
    assert not isinstance(response.body, bytes)
    size = _length(response)
    if size > CHUNK and not whole:
        return response
    with response.body as file:
        return response._replace(body=file.read() if size <= CHUNK else await client.in_file_thread(file.read))


def _is_to_be_coded(response: Complete, header: str | None) -> bool:
    smallest = 1 if excludes_identity(header) else SMALL
    return is_compressible(response.headers, _length(response), smallest)


def _length(response: Complete) -> int:
    """The length of a body; of a file whose length is not known more than any."""
    unknown = 0 if isinstance(response.body, bytes) else sys.maxsize
    return int(dict(response.headers).get(b"content-length", unknown))
