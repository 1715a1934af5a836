"""A test client for the ASGI application: werkzeug's client over an event loop in a thread."""

import asyncio
import threading
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from werkzeug.test import Client as WerkzeugClient
from werkzeug.test import TestResponse

from publisher.release.store import Store
from publisher.web.app import create_app
from publisher.web.asgi import Application

LOOP = asyncio.new_event_loop()
"""Where every application of the tests runs, and what waits for its engine."""
threading.Thread(target=LOOP.run_forever, name="test event loop", daemon=True).start()


class Client(WerkzeugClient):
    """A client that reads and closes every answer, as a server does; one that was not read would stay open.

    app: the application that it talks to.
    """

    app: "OpenApp"

    def open(self, *arguments: Any, **options: Any) -> TestResponse:
        return super().open(*arguments, **{"buffered": True} | options)


class OpenApp:
    """An application under test, with a client for it."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.resources = application.release.resources

    def test_client(self) -> Client:
        client = Client(self._wsgi)
        client.app = self
        return client

    def _wsgi(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        status, headers, body = asyncio.run_coroutine_threadsafe(call(self.application, environ), LOOP).result()
        start_response(f"{status} {HTTPStatus(status).phrase}", headers)
        return [body]


def open_app(settings: Any, store: Store) -> OpenApp:
    """The application over a store whose engine waits in the loop of the tests."""
    store.engine.run_in(LOOP)
    return OpenApp(create_app(settings, store))


def close(store: Store) -> None:
    """Close a store whose engine waits in the loop of the tests: there, where its processes are listened to."""

    call_in_loop(store.close)


def call_in_loop(function: Callable[[], None]) -> None:
    """Call a function in the loop of the tests."""

    async def call_here() -> None:
        function()

    asyncio.run_coroutine_threadsafe(call_here(), LOOP).result()


async def call(app: Any, environ: dict[str, Any]) -> tuple[int, list[tuple[str, str]], bytes]:
    """Call an ASGI application with the request of a WSGI environment; its status, headers and body."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    messages = [{"type": "http.request", "body": body}]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return messages.pop() if messages else await asyncio.Event().wait()  # type: ignore[return-value]

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope_of(environ), receive, send)
    start, *rest = sent
    pairs = [
        (name.decode().title().replace("Etag", "ETag"), value.decode("latin-1")) for name, value in start["headers"]
    ]
    return start["status"], pairs, b"".join(message.get("body", b"") for message in rest)


def scope_of(environ: dict[str, Any]) -> dict[str, Any]:
    """The ASGI scope of a WSGI environment."""
    names = {key: key.removeprefix("HTTP_").lower().replace("_", "-") for key in environ if key.startswith("HTTP_")}
    names |= {"CONTENT_TYPE": "content-type", "CONTENT_LENGTH": "content-length"}
    root = quote(environ["SCRIPT_NAME"].encode("latin-1"))
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": environ["REQUEST_METHOD"],
        "scheme": environ["wsgi.url_scheme"],
        "root_path": root,
        "raw_path": (root + quote(environ["PATH_INFO"].encode("latin-1"))).encode(),
        "query_string": environ["QUERY_STRING"].encode("latin-1"),
        "headers": [
            (name.lower().replace("_", "-").encode(), str(environ.get(key)).encode("latin-1"))
            for key, name in names.items()
            if environ.get(key)
        ],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
