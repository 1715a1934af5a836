"""The server: assembles the application and runs it until it is stopped."""

import ctypes
import gc
import logging
import socket
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask, request

from publisher.dataset.repository import Repository
from publisher.errors import CannotRunError
from publisher.pages.assets import Assets
from publisher.pages.site import Pages
from publisher.release.catalogue import Catalogue
from publisher.release.resources import Resources
from publisher.release.store import Store, limits, open_store
from publisher.settings import Settings
from publisher.web.asgi import Front
from publisher.web.cache import Cache
from publisher.web.endpoint import Endpoint
from publisher.web.responses import Common, Responses
from publisher.web.routes import Routes

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


BACKLOG = 1024
"""Connections that may wait until they are accepted."""

M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8
"""Names of mallopt(3), from malloc.h."""
ARENAS = 2
"""Heaps of the web process: more would serve threads that allocate at once, and the interpreter lets few do that."""
LARGE = 1 << 17
"""Bytes from which on a block has pages of its own, which go back when it is freed: where glibc begins."""


def create_app(settings: Settings, store: Store | None = None) -> Flask:
    """The WSGI application over a release. store: one that is open already; else the settings' root is opened.

    Raises UnreadableFilesError or CannotRunError where the release cannot be opened.
    """
    return _assemble(settings, store or open_store(settings))[0]


def _assemble(settings: Settings, store: Store) -> tuple[Flask, Front]:
    """The WSGI application, and what answers the HTTP server with it."""
    resources = Resources(store, settings.incoming)
    allowed = limits(settings)
    catalogue = Catalogue(resources, allowed.published, settings.query_services.split())
    responses = Responses(resources, Pages(store, resources, catalogue, Assets()), settings)
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

    common = Common(store.release)
    cache = Cache(common.around(beside), settings.cache_mb << 20)
    app.wsgi_app = cache  # type: ignore[method-assign] # as Flask says to wrap it
    threads = 2 * (settings.query_workers + settings.query_waiting) + settings.page_threads
    return app, Front(app, cache, endpoint, store.engine, common, allowed.length, threads)


def listen(host: str, port: int) -> socket.socket:
    """Open a listening socket. port: 0 for a free one. Raises CannotRunError if it is taken or the host is not ours."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.socket(family, socket.SOCK_STREAM)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((host, port))
            listening.listen(BACKLOG)
        except BaseException:
            listening.close()
            raise
    except OSError as error:
        raise CannotRunError(f"Port {port} on {host} cannot be used: {error.strerror}.") from error
    return listening


def run(settings: Settings, repository: Repository) -> None:
    """Serve what was read until SIGINT or SIGTERM. Raises CannotRunError where the port is not to be had."""
    from publisher.web import connections

    with listen(settings.host, settings.port) as listening:
        logging.basicConfig(format="%(asctime)s %(name)s %(levelname)s %(message)s")
        _give_memory_back()
        store = open_store(settings, repository)
        _, front = _assemble(settings, store)
        gc.freeze()  # What is here now stays: the collector need not look at it again and again.
        port = listening.getsockname()[1]
        name = f"[{settings.host}]" if ":" in settings.host else settings.host

        def ready() -> None:
            print(f"Serving at http://{name}:{port}/ (Ctrl-C ends it)", file=sys.stderr, flush=True)

        connections.serve(front, listening, limits(settings).length, ready)
        store.close()


def _give_memory_back() -> None:
    """Have memory that was freed go back to the system, with glibc: other C libraries do so by themselves.

    By itself it has a heap for each thread, and once a large block was freed takes large blocks from these heaps too:
    whole answers, made by many threads and kept in the cache for a while, leave holes in all of them.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:
        mallopt(M_ARENA_MAX, ARENAS)
        mallopt(M_MMAP_THRESHOLD, LARGE)
