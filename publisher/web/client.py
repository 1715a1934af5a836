"""The client of one request: whether it still waits, and the threads that work for it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from publisher.web.budget import Budget
from publisher.web.requests import ClientLeftError, Receive

PAGES: Final = 200
"""Requests that are in a page thread or wait for one."""
FILE_THREADS: Final = 4
"""Threads that read temporary files, compress responses, open and close releases."""

T = TypeVar("T")


class Threads:
    """The threads of the application.

    Args:
        pages: How many make pages.
        percent: Of each total that one client may have.
    """

    def __init__(self, pages: int, percent: int = 100) -> None:
        self.size = pages
        self.pages = ThreadPoolExecutor(pages, "page")
        self.files = ThreadPoolExecutor(FILE_THREADS, "file")
        self.waiting = Budget(PAGES, "requests for pages", percent)

    async def in_file_thread(self, function: Callable[..., T], *arguments: object) -> T:
        """Call a function in one of the threads that read and compress files, open and close releases."""
        return await asyncio.get_running_loop().run_in_executor(self.files, function, *arguments)

    def stop(self) -> None:
        """Start no more work."""
        self.pages.shutdown(wait=False, cancel_futures=True)
        self.files.shutdown(wait=False, cancel_futures=True)


class Client:
    """The client of one request; watching begins with the first call of `is_waiting`.

    address: as trusted proxies report it; empty until the head of the request was read. key: whose part of the totals
    it uses; empty for nobody's.

    Args:
        threads: What works for it.
        receive: Of the request, whose body has been read.
    """

    def __init__(self, threads: Threads, receive: Receive) -> None:
        self.address = self.key = ""
        self._threads = threads
        self._receive = receive
        self._left = False
        self._watching: asyncio.Task[None] | None = None

    def is_waiting(self) -> bool:
        """Whether the client still waits for its response."""
        if not self._watching:
            self._watching = asyncio.get_running_loop().create_task(self._watch())
        return not self._left

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._left = True

    def forget(self) -> None:
        """Stop watching."""
        if self._watching:
            self._watching.cancel()

    async def in_page_thread(self, function: Callable[..., T], *arguments: object) -> T:
        """Call a function in a page thread.

        Raises:
            OverloadedError: Too many requests wait.
            TooManyRequestsError: Too many of this client wait.
            ClientLeftError: The client left.
        """
        threads = self._threads
        with threads.waiting.share(self.key) as share:
            share.take(1)
            if threads.waiting.used > threads.size:
                self.is_waiting()
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(threads.pages, self._unless_left, function, arguments)

    def _unless_left(self, function: Callable[..., T], arguments: tuple[object, ...]) -> T:
        if self._left:
            raise ClientLeftError
        return function(*arguments)

    async def in_file_thread(self, function: Callable[..., T], *arguments: object) -> T:
        """Call a function in one of the threads that read and compress files."""
        return await self._threads.in_file_thread(function, *arguments)
