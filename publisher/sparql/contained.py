"""Contained engines: each query runs in a query process, under all limits, whatever answers it there."""

import asyncio
import json
import threading
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

from publisher import errors
from publisher.errors import MemoryLimitError, PublisherError
from publisher.platform_support import missing_containment
from publisher.sparql.engine import Answer, Limits, Load, Query, always
from publisher.sparql.workers.in_process import InProcess
from publisher.sparql.workers.pool import Pool
from publisher.sparql.workers.process import Job, memory_limit

DESCRIPTORS: Final = 256
"""Files and connections that a process that may connect may have open; other processes may open none."""

NO_HEADERS: Final[Mapping[str, str]] = {}


class Contained:
    """A query engine whose queries run in query processes.

    limits: of one query. pool: processes for queries. federated: those for queries that the first ones pass on.
    """

    def __init__(self, limits: Limits, pool: Pool | InProcess, federated: Pool | InProcess | None = None) -> None:
        self._limits = limits
        self._pool = pool
        self._federated = federated
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def run_in(self, loop: asyncio.AbstractEventLoop) -> None:
        """Use a running event loop. Call before the first query; otherwise a background loop is started."""
        assert self._loop in (None, loop), "an engine uses one event loop only"
        self._loop = loop

    def ask(self, query: Query, wanted: Callable[[], bool] = always) -> Answer:
        """Answer a query, for threads without an event loop. Raises as `answer` does."""
        with self._lock:
            if self._loop is None:
                self._loop, self._thread = start_loop()
        return asyncio.run_coroutine_threadsafe(self.answer(query, wanted), self._loop).result()

    async def answer(self, query: Query, wanted: Callable[[], bool] = always) -> Answer:
        """Answer a query in a query process. Raises a PublisherError that says why not."""
        limit = min(query.result_limit or self._limits.result, self._limits.result)
        head = _head(query.results, query.graph, query.default_graphs, query.named_graphs, query.excerpt)
        job = Job(b"%s\n%s" % (head, query.text.encode()), limit, wanted, query.client)
        closing, body, size = await self._pool.call(job)
        message = _message(closing)
        if "federated" in message and self._federated:
            body.close()
            closing, body, size = await self._federated.call(job)
            message = _message(closing)
        if "problem" in message:
            body.close()
            raise self._error(**message)
        return Answer(body=body, size=size, **message)

    def _error(self, problem: str, headers: Mapping[str, str] = NO_HEADERS, **members: Any) -> PublisherError:
        kind: type[PublisherError] = getattr(errors, problem)
        error = memory_limit(self._limits) if kind is MemoryLimitError else kind(**members)
        error.headers |= headers
        return error

    def load(self) -> Load:
        """How busy the query processes are; from any thread."""
        pools = [pool for pool in (self._pool, self._federated) if pool]
        return Load(*map(sum, zip(*(pool.load() for pool in pools), strict=True)))

    def close(self) -> None:
        """End the background loop and the query processes."""
        if self._loop and self._thread:
            stop_loop(self._loop, self._thread)
        self._pool.close()
        if self._federated:
            self._federated.close()


def start_processes(
    opener: str, argument: Mapping[str, Any], limits: Limits, size: int, descriptors: int, *, uncontained: bool
) -> Pool | InProcess:
    """Start query processes. Raises CannotRunError where they do not start.

    opener: `module:function`. argument: what it is called with, as JSON. size: long queries that run at the same time.
    descriptors: files and connections that a process may have open. uncontained: whether queries are answered where the
    platform cannot contain query processes; else they are refused there.
    """
    if missing_containment():
        return InProcess(opener, json.dumps(argument), size, allowed=uncontained)
    return Pool(opener, json.dumps(argument), limits, size, descriptors)


@lru_cache(maxsize=16)
def _head(
    results: str | None,
    graph: str | None,
    default: tuple[str, ...] | None,
    named: tuple[str, ...] | None,
    excerpt: int | None,
) -> bytes:
    """Return the line before the text of a query in a request; cached, because few differ."""
    asked = {"results": results, "graph": graph, "default": default, "named": named}
    return json.dumps(asked | ({"excerpt": excerpt} if excerpt else {})).encode()


@lru_cache(maxsize=16)
def _message(closing: bytes) -> dict[str, Any]:
    """Parse a closing message; it is the same for most queries."""
    return dict(json.loads(closing))


def start_loop() -> tuple[asyncio.AbstractEventLoop, threading.Thread]:
    """Start an event loop in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="event loop", daemon=True)
    thread.start()
    return loop, thread


def stop_loop(loop: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
    """Stop an event loop and its thread; calls that still wait in it get no answer."""
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()
