"""Sending: replies go out at the client's pace, large ones under a total and a minimum rate."""

import asyncio
from collections.abc import Callable
from typing import Final

from publisher.errors import PublisherError
from publisher.sparql.engine import CHUNK, Limits
from publisher.web.budget import Budget
from publisher.web.client import Client
from publisher.web.codings import CompressedFile
from publisher.web.requests import ClientLeftError, Send
from publisher.web.responses import Complete, close
from publisher.web.streams import STREAMS, reads_release

LARGE: Final = 200
"""Responses of more than `CHUNK` bytes that are sent at the same time: the HTTP server holds half a MiB of each."""
SPOOLED: Final = 16
"""How many times the limit of one result all results that are being sent may have in temporary files."""
SEND_SECONDS: Final = 60
"""Time in which a client has to take `CHUNK` bytes of a response; a slower one is cut off."""
PIECE: Final = 4 * CHUNK
"""Bytes of a temporary file that are read at once."""


class Sender:
    """Sends responses.

    Args:
        limits: Of one query; a multiple of its result limits all that is in temporary files.
        percent: Of each total that one client may have.
    """

    def __init__(self, limits: Limits, percent: int = 100) -> None:
        self.large = Budget(LARGE, "large responses", percent)
        self.spooled = Budget(SPOOLED * limits.result, "bytes of results", percent)
        self.streams = Budget(STREAMS, "streams", percent)

    async def send(
        self, method: str, response: Complete, client: Client, send: Send, report: Callable[[PublisherError], Complete]
    ) -> Complete:
        """Send a response and return it, or the one that is sent in its place where it exceeds a total.

        report: makes that one. Raises TimeoutError where the client takes it too slowly, ClientLeftError where it left.
        """
        status, headers, body = response
        if method == "HEAD":
            close(body)
            body = b""
        if isinstance(body, bytes) and len(body) <= CHUNK:
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": body})
            return response
        try:
            with (
                self.large.share(client.key) as large,
                self.spooled.share(client.key) as spooled,
                self.streams.share(client.key) as streams,
            ):
                try:
                    large.take(1)
                    streams.take(int(reads_release(body)))
                    spooled.take(_count_spooled(response))
                except PublisherError as problem:
                    return await self.send("GET", report(problem), client, send, report)
                await _send_large(response, client, send)
                return response
        finally:
            close(body)


def _count_spooled(response: Complete) -> int:
    """Bytes that a response holds in a temporary file."""
    if isinstance(response.body, bytes):
        return 0
    if isinstance(response.body, CompressedFile):
        return response.body.size
    return int(dict(response.headers).get(b"content-length", 0))


async def _send_large(response: Complete, client: Client, send: Send) -> None:
    status, headers, body = response
    await send({"type": "http.response.start", "status": status, "headers": headers})
    if isinstance(body, bytes):
        await _send_pieces(body, client, send)
    else:
        while piece := await client.in_file_thread(body.read, PIECE):
            await _send_pieces(piece, client, send)
    await send({"type": "http.response.body", "body": b""})


async def _send_pieces(body: bytes, client: Client, send: Send) -> None:
    """Send bytes in pieces that the HTTP server passes on one after the other. Raises as `Sender.send` does."""
    for start in range(0, len(body), CHUNK):
        if not client.is_waiting():
            raise ClientLeftError
        async with asyncio.timeout(SEND_SECONDS):
            await send({"type": "http.response.body", "body": body[start : start + CHUNK], "more_body": True})
