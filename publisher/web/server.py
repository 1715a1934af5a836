"""The server: runs the application on granian, in this process, until a stop signal."""

import asyncio
import contextlib
import gc
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from publisher.errors import CannotRunError
from publisher.platform_support import (
    allow_descriptors,
    call_on_hangup,
    call_on_stop,
    close_unread,
    has_lost_terminal,
)
from publisher.release.compiler import remove_older
from publisher.release.store import Store
from publisher.settings import Settings
from publisher.sparql.engine import ADDRESS
from publisher.web.access_log import AccessLog
from publisher.web.app import create_app
from publisher.web.asgi import Application
from publisher.web.connections import Connections
from publisher.web.control import Control
from publisher.web.metrics import Metrics
from publisher.web.reload import Reloader, compile_in_process
from publisher.web.requests import HEAD
from publisher.web.sending import SEND_SECONDS

try:
    from uvloop import new_event_loop
except ImportError:  # Not available on every system; asyncio's own loop is slower.
    from asyncio import new_event_loop  # type: ignore[assignment]

BACKLOG: Final = 1024
"""Connections that may wait until they are accepted."""
CONNECTIONS: Final = 1024
"""Connections that are open at the same time; more wait in the backlog."""
HEAD_SECONDS: Final = 75
"""Time in which the head of a request has to arrive, also the first byte of the next one on a kept connection:
longer than proxies keep theirs, so that the proxy closes first."""
OTHER_DESCRIPTORS: Final = 512
"""Open files that the process needs beside connections: query processes, temporary files, and the store, which streams
open a second time; during a reload those of two releases."""
STANDARD_ERROR: Final = 2
START_SECONDS: Final = 10
"""Time in which the server has to answer on its port."""
END_SECONDS: Final = 1
"""A response that is not sent by then when the server stops is cut off: pages and queries can be requested again."""


def run(settings: Settings, opening: Callable[[], Store], place: Path, options: Sequence[str] = ()) -> None:
    """Serve the release in a folder until SIGINT or SIGTERM; SIGHUP compiles the next one and switches to it.

    opening: returns the open release. options: of `publisher compile` for the next one. Raises CannotRunError where the
    port cannot be used, and what `opening` raises.
    """
    host, port = reserve(settings.host, settings.port)
    connections()  # before anything takes long
    store = opening()
    application = create_app(settings, store)
    remove_older(place, settings.releases_kept)
    gc.freeze()  # A full collection took 76 ms over 60,000 objects that stay anyway; it takes none after this.
    url = f"http://{f'[{settings.host}]' if ':' in settings.host else settings.host}:{port}/"

    async def serve_and_close() -> None:
        control = Control(settings.store_folder(), settings.root, url, store.release)
        compile_next = partial(compile_in_process, settings.root, options)
        reloader = Reloader(settings, application, place, compile_next, control, _say)
        try:
            with record_exchanges(settings, application):
                announce = partial(_say, f"Serving at {url} (Ctrl-C ends it)")
                await serve(application, host, port, announce, reloader.request, settings.client_percent)
        finally:
            await reloader.stop()
            control.close()
            application.close()

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(serve_and_close())
        if threading.active_count() > 1:
            # A page is being made, or a client does not read: shutdown does not wait for that.
            sys.stderr.flush()
            os._exit(0)


def _say(message: str) -> None:
    """Print a message to standard error, unless nobody can read that any more: the server goes on."""
    with contextlib.suppress(OSError):
        print(message, file=sys.stderr, flush=True)


@contextlib.contextmanager
def record_exchanges(settings: Settings, application: Application) -> Iterator[None]:
    """Serve metrics and write the access log, where the settings ask for them. Raises CannotRunError if they cannot."""
    with contextlib.ExitStack() as stack:
        if settings.metrics:
            host, port = settings.metrics_address()
            metrics = Metrics(lambda: application.release, application.tally, lambda: application.in_progress)
            port, end = metrics.serve(host, port)
            stack.callback(end)
            application.recorders.append(metrics)
            name = f"[{host}]" if ":" in host else host
            _say(f"Metrics at http://{name}:{port}/metrics")
        if settings.access_log:
            log = AccessLog(settings.access_log, full=bool(settings.access_log_full))
            stack.callback(log.close)
            application.recorders.append(log)
        yield


def reserve(host: str, port: int) -> tuple[str, int]:
    """The numeric address and the port to serve at, checked to be free. port: 0 for a free one. Raises CannotRunError.

    The HTTP server binds the port itself, and shares it with other servers of the same user; here that is refused.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
            return trial.getsockname()[:2]  # type: ignore[no-any-return]
    except OSError as error:
        raise CannotRunError(
            f"Port {port} on {host} cannot be used: {error.strerror}. --port or PUBLISHER_PORT chooses another."
        ) from error


def connections() -> int:
    """How many connections may be open at the same time. Raises CannotRunError where that is none."""
    descriptors = allow_descriptors(CONNECTIONS + OTHER_DESCRIPTORS)
    if descriptors <= OTHER_DESCRIPTORS:
        raise CannotRunError(
            f"The server needs more than {OTHER_DESCRIPTORS} open files, and this process may have {descriptors}"
            " (`ulimit -n`)."
        )
    return min(CONNECTIONS, descriptors - OTHER_DESCRIPTORS)


async def serve(
    application: Application,
    host: str,
    port: int,
    ready: Callable[[], None],
    reload: Callable[[], None],
    percent: int = 100,
) -> None:
    """Answer requests until SIGINT or SIGTERM, or the end of the terminal that the server writes to.

    ready: called when requests are answered. reload: called on SIGHUP. percent: of all connections that one client may
    have.
    """
    server = Server(
        application,
        host,
        port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        websockets=False,
        backlog=BACKLOG,
        backpressure=connections(),
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_SECONDS * 1000, max_buffer_size=ADDRESS + HEAD),
        log_enabled=False,
    )
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    call_on_stop(loop, stopping.set)
    call_on_hangup(loop, lambda: stopping.set() if has_lost_terminal(STANDARD_ERROR) else reload())
    serving = loop.create_task(server.serve())
    await _answers(host, port, serving)
    close_unread(port, SEND_SECONDS)
    watching = loop.create_task(_connections_to(application, port, percent).watch())
    ready()
    await asyncio.wait({serving, loop.create_task(stopping.wait())}, return_when=asyncio.FIRST_COMPLETED)
    watching.cancel()
    application.stop()
    loop.call_soon(server.stop)
    await asyncio.wait({serving}, timeout=END_SECONDS)


def _connections_to(application: Application, port: int, percent: int) -> Connections:
    return Connections(port, connections(), percent, application.proxies.part_of, application.busy)


async def _answers(host: str, port: int, serving: "asyncio.Task[None]") -> None:
    """Wait until connections are accepted. Raises CannotRunError where the server ends before."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(START_SECONDS):
            while not serving.done():
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection(host, port)
                    writer.close()
                    return
                await asyncio.sleep(0.01)
    raise CannotRunError(f"The HTTP server does not answer on port {port} of {host}.")
