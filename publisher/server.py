"""Owns putting the application together, and running it until it is told to stop."""

import logging
import os
import socket
import sys
import threading
import time
from multiprocessing import parent_process
from typing import Any

from flask import Flask
from werkzeug import exceptions

from publisher.problems import CannotRun, Malformed, NotFound, Problem
from publisher.resources import Resources
from publisher.routes import Routes, add_headers, method_problem
from publisher.settings import Settings
from publisher.sources import Repository
from publisher.store import Store, open_store

POLL_SECONDS = 0.005
"""Between two looks whether the server answers yet."""
KILL_SECONDS = 0.5
"""A web process that has not ended by then is killed: pages are done long before, and queries can be asked again."""


def create_app(settings: Settings, store: Store | None = None) -> Flask:
    """The WSGI application over a release. store: one that is open already; else the settings' root is opened.

    Raises UnreadableFiles or CannotRun where the release cannot be opened.
    """
    resources = Resources(store or open_store(settings), settings.incoming)
    routes = Routes(resources, settings)
    app = Flask("publisher")
    app.url_map.merge_slashes = False
    app.register_blueprint(routes.blueprint)
    app.after_request(add_headers)
    app.register_error_handler(Exception, lambda error: routes.problem(as_problem(error)))
    app.extensions["publisher"] = resources
    return app


def as_problem(error: Exception) -> Problem:
    """The one translation of everything that can be raised below a request."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, exceptions.MethodNotAllowed):
        return method_problem(list(error.valid_methods or ()))
    if isinstance(error, exceptions.NotFound):
        return NotFound("No address here looks like this.")
    if isinstance(error, exceptions.HTTPException) and (error.code or 500) < 500:
        return Malformed(error.description or "")
    logging.getLogger("publisher").error("A request failed", exc_info=error)
    return Problem("The request failed for a reason that is ours; it has been logged.")


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
        logging.basicConfig(format="%(asctime)s %(name)s %(levelname)s %(message)s")
        app = create_app(self.settings, open_store(self.settings, self.repository))
        threading.Thread(target=_announce, args=(self.settings,), daemon=True).start()
        return app


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
