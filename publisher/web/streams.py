"""Streams: responses that are made while they are sent, each in a thread of its own, a few at the same time.

The engine's results stay in the thread that asked for them, while the pieces of a response are sent by any thread.
"""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from publisher.byte_streams import JoinedPieces
from publisher.web.budget import make_overload_error
from publisher.web.codings import CompressedFile

STREAMS: Final = 16
"""Streams that are open at the same time; each takes a thread and a few pieces."""
AHEAD: Final = 2
"""Pieces that are made before they are sent."""
PATIENCE: Final = 1.0
"""Seconds after which a thread that waits looks whether its stream is closed."""


class Streams:
    """The streams of one application."""

    def __init__(self, most: int = STREAMS) -> None:
        self._free = threading.BoundedSemaphore(most)

    def open(self, make: Callable[[], Iterable[bytes]]) -> "Stream":
        """Return the pieces that `make` yields as a file. Nothing is made before it is read.

        Raises OverloadedError where too many streams are open.
        """
        if not self._free.acquire(blocking=False):
            raise make_overload_error("Too many large responses are sent at the same time.")
        return Stream(make, self._free.release)


class Stream(JoinedPieces):
    """Pieces that a thread makes, as a file. It must be closed. closed: called once then."""

    def __init__(self, make: Callable[[], Iterable[bytes]], closed: Callable[[], None]) -> None:
        super().__init__(self._receive())
        self._make = make
        self._closed = closed
        self._stopped = threading.Event()
        self._made: queue.Queue[bytes | BaseException | None] = queue.Queue(AHEAD)

    def _receive(self) -> Iterator[bytes]:
        """Yield the pieces in the thread that reads. Raises what making them raises."""
        threading.Thread(target=self._run, name="stream", daemon=True).start()
        while (piece := self._made.get()) is not None:
            if isinstance(piece, BaseException):
                raise piece
            yield piece

    def _run(self) -> None:
        try:
            for piece in self._make():
                if not self._put(piece):
                    return
            self._put(None)
        except BaseException as error:
            self._put(error)

    def _put(self, piece: bytes | BaseException | None) -> bool:
        """Hand a piece over; returns whether it is still wanted."""
        while not self._stopped.is_set():
            try:
                self._made.put(piece, timeout=PATIENCE)
            except queue.Full:
                continue
            return True
        return False

    def close(self) -> None:
        """End the thread, at its next piece."""
        if not self._stopped.is_set():
            self._stopped.set()
            self._closed()
        super().close()


def reads_release(body: object) -> bool:
    """Whether a body is made of its release while it is sent."""
    return isinstance(body.plain if isinstance(body, CompressedFile) else body, Stream)
