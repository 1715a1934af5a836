"""The bridge to Flask, which is a WSGI application: one checked request in, one reply out."""

import sys
from collections.abc import Callable
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, Any

from publisher.web.headers import Header
from publisher.web.requests import Request
from publisher.web.responses import FileBody, Reply

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment


def call_wsgi(app: "WSGIApplication", request: Request) -> Reply:
    """Call a WSGI application (PEP 3333), and read all of its response, unless it is a file."""
    started: list[tuple[str, list[Header]]] = []

    def start(status: str, headers: list[Header], _error: Any = None) -> "Callable[[bytes], object]":
        started[:] = [(status, headers)]
        return _refuse_writing

    pieces = app(_environment(request), start)
    if isinstance(pieces, FileBody):
        status, headers = started[0]
        return Reply(HTTPStatus(int(status[:3])), headers, pieces.file)
    try:
        body = b"".join(pieces)
    finally:
        getattr(pieces, "close", lambda: None)()
    status, headers = started[0]
    return Reply(HTTPStatus(int(status[:3])), headers, body)


def _refuse_writing(_data: bytes) -> object:
    raise NotImplementedError("The `write` callable of WSGI is not supported.")


def _environment(request: Request) -> "WSGIEnvironment":
    """The environment of a request; HEAD is GET, whose body is not sent."""
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": _name_method(request.method),
        "SCRIPT_NAME": request.root,
        "PATH_INFO": request.path,
        "QUERY_STRING": request.query_string,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_NAME": request.host,  # `HTTP_HOST` below takes precedence, with its port.
        "SERVER_PORT": "80",
        "REMOTE_ADDR": request.client,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": request.scheme,
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.input": BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        if name not in ("content-type", "content-length", "transfer-encoding"):
            environ["HTTP_" + name.upper().replace("-", "_")] = value
    environ["HTTP_HOST"] = request.host
    return environ


def _name_method(method: str) -> str:
    """The method as the application has to see it: HEAD is GET, and one in small letters is none that it knows (RFC
    9110, section 9.1); it would take it for the same in capitals."""
    return "GET" if method == "HEAD" else method if method == method.upper() else "UNKNOWN"


def forget_frames(error: BaseException | None) -> None:
    """Release the frames that an error went through: one of them refers to the error (in Flask),
    and the garbage collector would have to find the cycle."""
    while error:
        error.__traceback__ = None
        error = error.__context__
