"""In process: asks a release what a server would send, without a server or a connection."""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import BinaryIO, NamedTuple, TypeVar
from urllib.parse import urlsplit

from publisher.errors import PublisherError
from publisher.pages.site import Pages
from publisher.release.store import Store
from publisher.settings import Settings
from publisher.web.app import make_release, open_past_release
from publisher.web.client import Client, Threads
from publisher.web.exchanges import Tally
from publisher.web.headers import encode
from publisher.web.past_releases import PastReleases
from publisher.web.requests import Request
from publisher.web.responses import Complete, close
from publisher.web.served_release import ServedRelease

T = TypeVar("T")


class Received(NamedTuple):
    """A response. headers: by lower-case name. body: a file where it is sent piece by piece; it must be closed."""

    status: int
    headers: Mapping[str, str]
    body: bytes | BinaryIO

    def close(self) -> None:
        """Close the body where it is a file."""
        close(self.body)


class _Caller(Client):
    """A client that is the only one, for whom everything is done at once: handing work to a thread and waiting for it
    takes as long as making a small document."""

    async def in_page_thread(self, function: Callable[..., T], *arguments: object) -> T:
        return function(*arguments)

    async def in_file_thread(self, function: Callable[..., T], *arguments: object) -> T:
        return function(*arguments)


class InProcess:
    """Answers requests over an open release exactly as its server does. It is used in one event loop."""

    def __init__(self, settings: Settings, store: Store) -> None:
        """settings: with the public URL, which is that of every request."""
        url = urlsplit(settings.public_url)
        self._scheme, self._host, self.root = url.scheme, url.netloc, url.path.rstrip("/")
        settings = settings.having(cache_mb=0)  # Nothing is asked twice.
        self._release = make_release(settings, store, Tally())
        self._past = PastReleases(partial(open_past_release, settings, Tally()), 1)
        self._threads = Threads(1)

    @property
    def pages(self) -> Pages:
        """The pages of the release."""
        return self._release.site

    def close(self) -> None:
        """Stop the threads, and close the past release that is open."""
        self._past.close()
        self._threads.stop()

    async def open_past(self, version: str) -> ServedRelease:
        """Open a past release, which is open until another one is opened. It is compiled first where it is not."""
        archive = self._release.store.archive
        archive.compile(version)
        return await self._past.open(version, archive)

    async def get(self, path: str, accept: str = "", query: str = "") -> Received:
        """The response to GET for a path below the root, without its first slash; errors are responses too.

        accept: the header Accept; left out if empty. A body that is a file must be closed.
        """
        request, client = self._request(path, accept, query), _Caller(self._threads, _wait_for_ever)
        try:
            if self._past.owns(request.path):
                return _read(await self._past.respond(request, client, self._release))
            return _read(await self._release.respond(request, client))
        except Exception as error:
            return _read(await self._release.report(error, request, client))
        finally:
            client.forget()

    async def code(self, plain: Received, coding: str) -> Received:
        """The same response to a request that accepts a content coding. plain: a response that has none."""
        headers = encode(plain.headers.items())
        request = self._request("", "", "")._replace(headers={"accept-encoding": coding})
        client = _Caller(self._threads, _wait_for_ever)
        return _read(await self._release.code(Complete(plain.status, headers, plain.body), request, client))

    async def report(self, problem: PublisherError, path: str, accept: str) -> Received:
        """The response that reports a problem of a request for a path."""
        client = _Caller(self._threads, _wait_for_ever)
        try:
            return _read(await self._release.report(problem, self._request(path, accept, ""), client))
        finally:
            client.forget()

    def _request(self, path: str, accept: str, query: str) -> Request:
        sent = {"accept": accept} if accept else {}
        return Request("GET", self.root, f"/{path}", query, sent, self._scheme, self._host, "")


def _read(response: Complete) -> Received:
    """A response with its headers by name; several lines of one are joined."""
    headers: dict[str, str] = {}
    for name, value in response.headers:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return Received(response.status, headers, response.body)


async def _wait_for_ever() -> dict[str, object]:
    await asyncio.Event().wait()
    raise AssertionError
