"""Sending: replies go out at the client's pace, large ones under a total and a minimum rate."""

import asyncio
from collections.abc import Sequence
from typing import BinaryIO, Final

from publisher.errors import PublisherError
from publisher.sparql.engine import CHUNK, Limits
from publisher.web.budget import Budget
from publisher.web.cache import Kept
from publisher.web.client import Client
from publisher.web.headers import CommonHeaders, Encoded
from publisher.web.requests import ClientLeftError, Send
from publisher.web.responses import Reply, Responses, close

LARGE: Final = 200
"""Responses of more than `CHUNK` bytes that are sent at the same time: the HTTP server holds half a MiB of each."""
SPOOLED: Final = 16
"""How many times the limit of one result all results that are being sent may have in temporary files."""
SEND_SECONDS: Final = 60
"""Time in which a client has to take `CHUNK` bytes of a response; a slower one is cut off."""
PIECE: Final = 4 * CHUNK
"""Bytes of a temporary file that are read at once."""


class Sender:
    """Sends replies.

    Args:
        common: Completes the headers.
        responses: Makes the reply that is sent in place of one that exceeds a total.
        limits: Of one query; a multiple of its result limits all that is in temporary files.
    """

    def __init__(self, common: CommonHeaders, responses: Responses, limits: Limits) -> None:
        self._common = common
        self._responses = responses
        self.large = Budget(LARGE, "large responses")
        self.spooled = Budget(SPOOLED * limits.result, "bytes of results")

    async def send(self, method: str, reply: Reply | Kept, client: Client, send: Send) -> None:
        """Send a reply. Raises TimeoutError where the client takes it too slowly, ClientLeftError where it left."""
        headers = reply.headers if isinstance(reply, Kept) else self._common.complete(method, reply.headers)
        body = reply.body
        if method == "HEAD":
            close(body)
            body = b""
        if isinstance(body, bytes) and len(body) <= CHUNK:
            await send({"type": "http.response.start", "status": reply.status, "headers": headers})
            await send({"type": "http.response.body", "body": body})
            return
        try:
            await self._send_large(reply.status, headers, body, client, send)
        finally:
            close(body)

    async def _send_large(
        self, status: int, headers: Sequence[Encoded], body: bytes | BinaryIO, client: Client, send: Send
    ) -> None:
        with self.large.share() as large, self.spooled.share() as spooled:
            try:
                large.take(1)
                spooled.take(0 if isinstance(body, bytes) else int(dict(headers)[b"content-length"]))
            except PublisherError as problem:
                await self.send("GET", self._responses.plain_problem(problem), client, send)
                return
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
