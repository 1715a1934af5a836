"""Work ahead: slow calls that run in threads while the checks before the one that needs them run.

Only calls into the engines belong here: they release Python's interpreter lock. Checks in Python would only take turns.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Final, TypeVar

Value = TypeVar("Value")

_PREFIX: Final = "publisher-ahead"
"""The beginning of the names of the threads."""


def is_any_at_work() -> bool:
    """Whether there are threads of a run that was interrupted: an engine cannot be stopped, and Python waits for it."""
    return any(thread.name.startswith(_PREFIX) for thread in threading.enumerate())


def call_apart(call: Callable[[], Value]) -> Value:
    """Return the result of a call that may take long without Python: in the main thread, from another thread, because
    Python sees an interrupt only where it waits or runs itself."""
    if threading.current_thread() is not threading.main_thread():
        return call()
    pool = ThreadPoolExecutor(1, _PREFIX)
    try:
        return pool.submit(call).result()
    finally:
        pool.shutdown(wait=False)


class Ahead:
    """Calls by name. jobs: how many threads work at a time, that of the checks included; with one, nothing is begun."""

    def __init__(self, jobs: int = 1) -> None:
        self.jobs = jobs
        self._pool: ThreadPoolExecutor | None = None
        self._begun: dict[str, Future[Any]] = {}

    def begin(self, name: str, call: Callable[[], Any]) -> None:
        """Begin a call, if there is a thread for it. What it reads must not be changed until it is taken."""
        if self.jobs > 1:
            self._pool = self._pool or ThreadPoolExecutor(self.jobs - 1, _PREFIX)
            self._begun[name] = self._pool.submit(call)

    def take(self, name: str, call: Callable[[], Value]) -> Value:
        """Return the result of the call that was begun under a name, or else of this one; raise what it raised."""
        begun = self._begun.pop(name, None)
        result: Value = call_apart(call) if begun is None else begun.result()
        return result

    def __enter__(self) -> "Ahead":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave out what has not been begun yet, and wait for what is at work, unless the user interrupts."""
        if self._pool:
            self._pool.shutdown(wait=kind is not KeyboardInterrupt, cancel_futures=True)
