"""In-process queries: replaces the worker pool on platforms that cannot contain a query process.

Nothing limits the time or the memory of a query here.
It is for the user's own queries at the command line; a server refuses queries unless a setting allows them.
"""

import asyncio
import importlib
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from publisher.errors import QueriesDisabledError
from publisher.platform_support import missing_containment
from publisher.sparql.engine import Load
from publisher.sparql.workers.child import Output, split
from publisher.sparql.workers.pool import Outcome
from publisher.sparql.workers.process import Job
from publisher.sparql.workers.spool import Result


class _Spooled(Output):
    """Writes to a result in this process instead of the channel to the parent process."""

    def __init__(self, result: Result) -> None:
        self._result = result

    def write(self, data: bytes, /) -> int:
        """Add the next bytes. Raises ResultLimitError."""
        if to_file := self._result.add(data):
            to_file()
        return len(data)

    def read_short(self, most: int) -> bytes | None:
        """Return the result so far; None if it is longer than `most` bytes."""
        self._result.file.seek(0)
        return self._result.file.read() if self._result.size <= most else None


class InProcess:
    """Runs requests in threads of this process, with the interface of `Pool`.

    opener: `module:function`, called once with `argument`. size: requests that run at the same time. allowed: whether
    requests run at all; else each is refused.
    """

    def __init__(self, opener: str, argument: str, size: int, *, allowed: bool) -> None:
        self._threads = ThreadPoolExecutor(size)
        module, _, name = opener.partition(":")
        self._handle = split(getattr(importlib.import_module(module), name)(argument))[0] if allowed else None

    async def call(self, job: Job) -> Outcome:
        """Run one request. Raises QueriesDisabledError where requests are not allowed, and ResultLimitError."""
        if self._handle is None:
            raise QueriesDisabledError(f"This platform cannot contain queries: it lacks {missing_containment()}.")
        result = Result(job.result_limit)
        try:
            run = partial(self._handle, job.request, _Spooled(result))
            message = await asyncio.get_running_loop().run_in_executor(self._threads, run)
        except BaseException:
            result.close()
            raise
        result.file.seek(0)
        return message, result.file, result.size

    def load(self) -> Load:
        """There are no processes."""
        return Load()

    def close(self) -> None:
        """Wait for the requests that run, and end the threads."""
        self._threads.shutdown()
