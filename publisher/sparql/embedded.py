"""The embedded engine: an Oxigraph store on disk, opened read-only by this process and by each query process."""

import asyncio
import json
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from publisher import errors
from publisher.errors import PublisherError
from publisher.platform_support import missing_containment
from publisher.sparql.engine import Answer, Limits, Query, always
from publisher.sparql.workers.in_process import InProcess
from publisher.sparql.workers.pool import Pool
from publisher.sparql.workers.process import memory_limit

_OPENER = "publisher.sparql.evaluation:open_store"
DESCRIPTORS = 256
"""Files and connections that a process for queries with SERVICE may have open; all others may open none."""


class Embedded:
    """The engine over one compiled release.

    path: the store's folder. prefixes: prefix -> namespace, for graphs in Turtle and RDF/XML. size: query processes.
    services: the endpoints that queries may ask by SERVICE; such queries run in processes of their own. uncontained:
    whether queries are answered where the platform cannot contain query processes; else they are refused there.
    """

    def __init__(
        self,
        path: Path,
        prefixes: Mapping[str, str],
        limits: Limits,
        size: int,
        services: Sequence[str] = (),
        *,
        uncontained: bool = False,
    ) -> None:
        self._limits = limits
        opening = {"path": str(path), "prefixes": dict(prefixes), "nesting": limits.nesting}

        def pool(services: Sequence[str] | None, descriptors: int) -> Pool | InProcess:
            argument = json.dumps(opening | {"services": services})
            if missing_containment():
                return InProcess(_OPENER, argument, size, allowed=uncontained)
            return Pool(_OPENER, argument, limits, size, descriptors)

        self._pool = pool(None if services else [], 0)
        self._federated = pool(list(services), DESCRIPTORS) if services else None
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._background: Background | None = None

    def run_in(self, loop: asyncio.AbstractEventLoop) -> None:
        """Have all waiting be done in a loop that runs already, before anything is asked; else a thread is kept."""
        assert self._loop in (None, loop), "processes are waited for in one loop only"
        self._loop = loop

    def ask(self, query: Query, wanted: Callable[[], bool] = always) -> Answer:
        """As `answer`, for threads without an event loop."""
        with self._lock:
            if self._loop is None:
                self._background = Background()
                self._loop = self._background.loop
        return wait(self.answer(query, wanted), self._loop)

    async def answer(self, query: Query, wanted: Callable[[], bool] = always) -> Answer:
        """Answer a query in a process of its own. Raises a PublisherError that says why not."""
        limit = min(query.result_limit or self._limits.result, self._limits.result)
        head = _head(query.results, query.graph, query.default_graphs, query.named_graphs)
        request = b"%s\n%s" % (head, query.text.encode())
        closing, body, size = await self._pool.call(request, limit, wanted)
        message = _message(closing)
        if "federated" in message and self._federated:
            body.close()
            closing, body, size = await self._federated.call(request, limit, wanted)
            message = _message(closing)
        if "problem" in message:
            body.close()
            raise self._problem(**message)
        return Answer(body=body, size=size, **message)

    def _problem(self, problem: str, **members: Any) -> PublisherError:
        kind: type[PublisherError] = getattr(errors, problem)
        return memory_limit(self._limits) if kind is errors.MemoryLimitError else kind(**members)

    def close(self) -> None:
        """End the query processes."""
        if self._background:
            self._background.close()
        for pool in (self._pool, self._federated):
            if pool:
                pool.close()


@lru_cache(maxsize=16)
def _head(
    results: str | None, graph: str | None, default: tuple[str, ...] | None, named: tuple[str, ...] | None
) -> bytes:
    """What stands before the text of a query in a request, on a line; there are few, and making one takes a while."""
    return json.dumps({"results": results, "graph": graph, "default": default, "named": named}).encode()


@lru_cache(maxsize=16)
def _message(closing: bytes) -> dict[str, Any]:
    """What a closing message says; it is the same for most queries."""
    return dict(json.loads(closing))


T = TypeVar("T")


class Background:
    """An event loop that runs in a thread until it is closed."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="event loop", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the loop; what still waits in it gets no answer."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


def wait(coroutine: Coroutine[Any, Any, T], loop: asyncio.AbstractEventLoop) -> T:
    """What a coroutine returns or raises that runs in a loop of another thread."""
    return asyncio.run_coroutine_threadsafe(coroutine, loop).result()
