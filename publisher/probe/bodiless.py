"""Responses that may have no body: reads them from the connection, as HTTP libraries drop a body that should not be."""

import asyncio
from contextlib import suppress
from http.client import HTTPException, parse_headers
from io import BytesIO
from typing import Final

import httpx

LEFT: Final = 1.0
"""Seconds to wait for a body, or for the end of the connection."""
BODY: Final = 1 << 16
"""Bytes of a body that are read."""


async def fetch(request: httpx.Request) -> tuple[int, httpx.Headers, bytes]:
    """Send a request without a body; return the status, the header fields, and what follows them.

    Raises OSError, EOFError, and ValueError for what is not HTTP/1.1.
    """
    url = request.url
    secure = url.scheme == "https"
    reader, writer = await asyncio.open_connection(url.host, url.port or (443 if secure else 80), ssl=secure or None)
    try:
        fields = [(b"Host", url.netloc), (b"Connection", b"close"), *_own_fields(request)]
        lines = (name + b": " + value + b"\r\n" for name, value in fields)
        writer.write(b"%b %b HTTP/1.1\r\n%b\r\n" % (request.method.encode(), url.raw_path, b"".join(lines)))
        await writer.drain()
        head, body = await _read_head(reader), b""
        with suppress(TimeoutError):
            async with asyncio.timeout(LEFT):
                body = await reader.read(BODY)
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
    status, headers = _parse_head(head)
    return status, headers, body


def _own_fields(request: httpx.Request) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in request.headers.raw if name.lower() not in (b"host", b"connection")]


async def _read_head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError as error:
        raise ValueError("its header is too long") from error


def _parse_head(head: bytes) -> tuple[int, httpx.Headers]:
    line, _, rest = head.partition(b"\r\n")
    version, _, status = line.partition(b" ")
    if not version.startswith(b"HTTP/1.") or not status[:3].isdigit():
        raise ValueError("its first line is not a status line")
    try:
        return int(status[:3]), httpx.Headers(list(parse_headers(BytesIO(rest)).items()))
    except HTTPException as error:
        raise ValueError("its header cannot be parsed") from error
