"""The ASGI application: queries on the event loop, pages in a bounded thread pool, responses at the client's pace.

ASGI 3.0 with HTTP connection scope 2.3 and lifespan 2.0. Everything that a client makes the application hold has a
total (`budget`) and a time limit.
"""

import asyncio
import contextlib
import time
from dataclasses import dataclass
from typing import Any, Final

from publisher.errors import PublisherError
from publisher.sparql.engine import Limits
from publisher.web.budget import Budget, Share, make_overload_error
from publisher.web.client import Client, Threads
from publisher.web.connections import Peer
from publisher.web.exchanges import Recorder, Tally, make_exchange
from publisher.web.forwarded import TrustedProxies
from publisher.web.health import answer_probe, find_probe
from publisher.web.past_releases import PastReleases
from publisher.web.requests import ClientLeftError, Receive, Request, Scope, Send, read_body, read_head
from publisher.web.responses import Complete
from publisher.web.sending import Sender
from publisher.web.served_release import ServedRelease
from publisher.web.streams import reads_release

REQUESTS: Final = 1000
"""Requests that are read, answered and sent at the same time."""
BODIES: Final = 64 << 20
"""Bytes of request bodies that are held at the same time."""


@dataclass(eq=False)
class Tenure:
    """The time in which a release is served. users: requests whose responses are not made of it yet. over: whether
    another release is served; closed: done when this one is closed."""

    release: ServedRelease
    users: int = 0
    over: bool = False
    closed: "asyncio.Future[None] | None" = None


class Application:
    """Answers requests over the release that is served now; each request from first to last over the same one."""

    def __init__(
        self,
        release: ServedRelease,
        past: PastReleases,
        limits: Limits,
        proxies: TrustedProxies,
        threads: int,
        tally: Tally,
        percent: int,
    ) -> None:
        """past: answers for the frozen releases. threads: number of threads that make pages. tally: counts that metrics
        show. percent: of each total that one client may have.

        busy: the peers whose requests are read, answered or sent."""
        self.past = past
        self._tenure = Tenure(release)
        self._tenures = {self._tenure}
        self.tally = tally
        self.recorders: list[Recorder] = []
        self.busy: set[Peer] = set()
        self.proxies = proxies
        self._limits = limits
        self.threads = Threads(threads, percent)
        self.sender = Sender(limits, percent)
        self._requests = Budget(REQUESTS, "requests", percent)
        self._bodies = Budget(BODIES, "bytes of requests", percent)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or take part in the start and the end of a server (ASGI, "Lifespan Protocol")."""
        self._run_here()
        if scope["type"] == "lifespan":
            await self._handle_lifespan(receive, send)
            return
        if scope["type"] != "http":
            raise NotImplementedError(f"There is no answer to the scope {scope['type']!r}.")
        with contextlib.suppress(ClientLeftError, TimeoutError):
            # The client does not read the response, or too slowly.
            await self._serve(scope, receive, send)

    def _run_here(self) -> None:
        """Make the engine use this event loop."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            self.release.engine.run_in(self._loop)

    @property
    def release(self) -> ServedRelease:
        """The release that is served now."""
        return self._tenure.release

    def switch(self, release: ServedRelease) -> "asyncio.Future[None]":
        """Answer all further requests from another release, whose engine uses this event loop.

        The former one is closed when the last response is made of it; then the returned future is done.
        """
        former, self._tenure = self._tenure, Tenure(release)
        self._tenures.add(self._tenure)
        former.over = True
        former.closed = asyncio.get_running_loop().create_future()
        if not former.users:
            self._close(former)
        return former.closed

    def _leave(self, tenure: Tenure) -> None:
        tenure.users -= 1
        if tenure.over and not tenure.users:
            self._close(tenure)

    def _close(self, tenure: Tenure) -> None:
        """Close a release that is served no more, in a thread: its processes take a moment to end."""
        self._tenures.discard(tenure)
        closing = asyncio.get_running_loop().run_in_executor(self.threads.files, tenure.release.store.close)
        assert tenure.closed is not None
        closing.add_done_callback(lambda _: tenure.closed.set_result(None))  # type: ignore[union-attr]

    def close(self) -> None:
        """Close what is open, in the event loop, where its processes are listened to."""
        for tenure in self._tenures:
            tenure.release.store.close()
        self.past.close()

    @property
    def in_progress(self) -> int:
        """Requests that are read, answered or sent."""
        return self._requests.used

    async def _handle_lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return

    def stop(self) -> None:
        """Stop answering: waiting requests get 503 with Retry-After. The engine ends, before it could put new
        processes in the place of those whose queries are cancelled."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        for tenure in self._tenures:
            tenure.release.engine.close()
        self.past.close()
        self.threads.stop()

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        tenure, client, method = self._tenure, Client(self.threads, receive), scope["method"]
        release, peer = tenure.release, tuple(scope.get("client") or ("", 0))
        started = ready = time.monotonic()
        response, complete = None, False
        try:
            with self._requests.share() as held, contextlib.ExitStack() as stay:
                self.busy.add(peer)
                tenure.users += 1
                stay.callback(self._leave, tenure)
                response = await self._respond(release, scope, receive, client, held)
                ready = time.monotonic()
                if not reads_release(response.body):
                    stay.close()  # A slow client does not keep a former release open.
                response = await self.sender.send(method, response, client, send, release.plain_problem)
                complete = True
        finally:
            client.forget()
            self.busy.discard(peer)
            if self.recorders:
                times = (ready - started, time.monotonic() - started)
                exchange = make_exchange(scope, client.address, response, release.store.release, times, complete)
                for recorder in self.recorders:
                    recorder.record(exchange)

    async def _respond(
        self, release: ServedRelease, scope: Scope, receive: Receive, client: Client, held: Share
    ) -> Complete:
        """The response to a request. held: its share of the total of requests; probes need none."""
        probe = find_probe(scope)
        if probe:
            return await answer_probe(probe, scope, release, client, stopping=self._stopping)
        try:
            held.take(1)
        except PublisherError as problem:
            return release.plain_problem(problem, scope["method"])
        return await self._respond_unless_stopped(release, scope, receive, client, held)

    async def _respond_unless_stopped(
        self, release: ServedRelease, scope: Scope, receive: Receive, client: Client, held: Share
    ) -> Complete:
        """The response; 503 where the server stops before it is there."""
        if self._stopping:
            return _reject_when_stopped(release)
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            return await self._respond_now(release, scope, receive, client, held)
        except asyncio.CancelledError:
            if not self._stopping:
                raise
            task.uncancel()
            return _reject_when_stopped(release)
        finally:
            self._tasks.discard(task)

    async def _respond_now(
        self, release: ServedRelease, scope: Scope, receive: Receive, client: Client, held: Share
    ) -> Complete:
        """The response to a request, an error of any kind included."""
        try:
            request = self.proxies.resolve(read_head(scope))
            client.address, client.key = request.client, self.proxies.part_of(request.client)
            held.assign(client.key)
        except PublisherError as problem:
            return release.plain_problem(problem, scope["method"])
        try:
            if request.method != "POST":
                return await self._answer(release, request, client)
            with self._bodies.share(client.key) as held_bytes:
                body = await read_body(request, receive, self._limits.length, held_bytes)
                return await self._answer(release, request._replace(body=body), client)
        except ClientLeftError:
            raise
        except Exception as error:  # The client gets a problem document for any error.
            return await release.report(error, request, client)

    async def _answer(self, release: ServedRelease, request: Request, client: Client) -> Complete:
        """The response of the release that is served now, or of a past one."""
        if self.past.owns(request.path):
            return await self.past.respond(request, client, release)
        return await release.respond(request, client)


def _reject_when_stopped(release: ServedRelease) -> Complete:
    problem = make_overload_error("The server is stopping.")
    problem.headers["Connection"] = "close"
    return release.plain_problem(problem)
