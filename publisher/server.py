"""Owns putting the application together, and running it until it is told to stop."""

import ctypes
import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Iterable
from multiprocessing import parent_process
from typing import TYPE_CHECKING, Any

from flask import Flask, request

from publisher.assets import Assets
from publisher.cache import Cache
from publisher.catalogue import Catalogue
from publisher.endpoint import Endpoint
from publisher.pages import Pages
from publisher.problems import CannotRun
from publisher.resources import Resources
from publisher.responses import Responses, complete
from publisher.routes import Routes
from publisher.settings import Settings
from publisher.sources import Repository
from publisher.store import Store, limits, open_store

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

POLL_SECONDS = 0.005
"""Between two looks whether the server answers yet."""
KILL_SECONDS = 0.5
"""A web process that has not ended by then is killed: pages are done long before, and queries can be asked again."""

M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8
"""Names of mallopt(3), from malloc.h."""
ARENAS = 2
"""Heaps of the web process: more would serve threads that allocate at once, and the interpreter lets few do that."""
LARGE = 1 << 17
"""Bytes from which on a block has pages of its own, which go back when it is freed: where glibc begins."""


def create_app(settings: Settings, store: Store | None = None) -> Flask:
    """The WSGI application over a release. store: one that is open already; else the settings' root is opened.

    Raises UnreadableFiles or CannotRun where the release cannot be opened.
    """
    resources = Resources(store or open_store(settings), settings.incoming)
    allowed = limits(settings)
    catalogue = Catalogue(resources, allowed.published, settings.query_services.split())
    responses = Responses(resources, Pages(resources, catalogue, Assets()), settings)
    endpoint = Endpoint(responses, allowed.length)
    app = Flask("publisher", static_folder=None)
    app.url_map.merge_slashes = False
    app.register_blueprint(Routes(responses, settings).blueprint)
    app.register_error_handler(Exception, lambda error: responses.problem(error, request))
    app.extensions["publisher"] = resources
    pages = app.wsgi_app

    def beside(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        chosen = endpoint if endpoint.owns(environ["PATH_INFO"]) else pages
        return chosen(environ, start_response)

    whole = complete(beside, resources.store.release)
    app.wsgi_app = Cache(whole, settings.cache_mb << 20)  # type: ignore[method-assign] # as Flask says to wrap it
    return app


def free_port(host: str, port: int) -> int:
    """The port itself if it is free, or a free one for 0.

    Raises CannotRun where it is in use or the host is not ours.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((host, port))
            return int(trial.getsockname()[1])
    except OSError as error:
        raise CannotRun(f"Port {port} on {host} cannot be used: {error.strerror}.") from error


def run(settings: Settings, repository: Repository) -> None:
    """Serve what was read until SIGINT or SIGTERM. Raises CannotRun where the port is not to be had."""
    from granian.constants import Interfaces
    from granian.server import Server

    settings = settings.having(port=free_port(settings.host, settings.port))
    server = Server(
        "publisher",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        blocking_threads=2 * (settings.query_workers + settings.query_waiting) + settings.page_threads,
        workers_kill_timeout=KILL_SECONDS,  # type: ignore[arg-type] # it is only handed to Process.join
        websockets=False,
        log_enabled=False,
    )
    server.serve(target_loader=_Loader(settings, repository), wrap_loader=False)


class _Loader:
    """Makes the application inside the web process; carries there what the main process has read."""

    def __init__(self, settings: Settings, repository: Repository) -> None:
        self.settings = settings
        self.repository = repository

    def __call__(self, *_arguments: Any) -> Flask:
        _end_with_parent()
        _give_memory_back()
        logging.basicConfig(format="%(asctime)s %(name)s %(levelname)s %(message)s")
        app = create_app(self.settings, open_store(self.settings, self.repository))
        threading.Thread(target=_announce, args=(self.settings,), daemon=True).start()
        return app


def _give_memory_back() -> None:
    """Have memory that was freed go back to the system, with glibc: other C libraries do so by themselves.

    By itself it has a heap for each thread, and once a large block was freed takes large blocks from these heaps too:
    whole answers, made by many threads and kept in the cache for a while, leave holes in all of them.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:
        mallopt(M_ARENA_MAX, ARENAS)
        mallopt(M_MMAP_THRESHOLD, LARGE)


def _announce(settings: Settings) -> None:
    """Say the address as soon as it answers: the socket is opened after the application was made."""
    while True:
        try:
            socket.create_connection((settings.host, settings.port), timeout=1).close()
        except OSError:
            time.sleep(POLL_SECONDS)
        else:
            break
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    print(f"Serving at http://{host}:{settings.port}/ (Ctrl-C ends it)", file=sys.stderr, flush=True)


def _end_with_parent() -> None:
    """End the web process when its main process is gone, even killed; query processes then end with it."""
    parent = parent_process()
    if parent is not None:

        def wait() -> None:
            parent.join()
            os._exit(0)

        threading.Thread(target=wait, daemon=True).start()
