"""Health probes: whether the server lives, and whether it is ready to answer pages and queries."""

import asyncio
import json
from http import HTTPStatus
from typing import Final

from publisher.dataset.iris import LIVE_PATH, READY_PATH
from publisher.errors import PublisherError, QueriesDisabledError
from publisher.formats import JSON, PLAIN, RESULTS_JSON
from publisher.negotiation import find
from publisher.sparql.engine import Query
from publisher.web.client import Client
from publisher.web.requests import Scope
from publisher.web.responses import Complete, Reply, as_problem, method_problem
from publisher.web.served_release import ServedRelease

PATHS: Final = (f"/{LIVE_PATH}", f"/{READY_PATH}")
READY_SECONDS: Final = 5
"""Time in which a query process has to answer `ASK {}`; less than probes usually wait (10 s)."""
_ASK: Final = Query("ASK {}", RESULTS_JSON.media_type, None)
_LENGTH: Final = 200
"""Characters of Accept that are looked at: probes send short ones, and their head is not checked."""


def find_probe(scope: Scope) -> str:
    """The path of a probe that a request asks for, without the path that the application is mounted at; else empty."""
    path = scope["raw_path"].decode("latin-1").removeprefix(scope.get("root_path", ""))
    return path if path in PATHS else ""


async def answer_probe(path: str, scope: Scope, release: ServedRelease, client: Client, *, stopping: bool) -> Complete:
    """Answer a probe, whatever host it names: balancers send their own.

    Status 200 says yes, 503 no. A server that stops lives, but is not ready.
    """
    if scope["method"] not in ("GET", "HEAD"):
        return release.plain_problem(method_problem(("GET", "HEAD")), scope["method"])
    fault = ""
    if path == PATHS[1]:
        fault = "The server is stopping." if stopping else await find_fault(release, client)
    state = "fault" if fault else "live" if path == PATHS[0] else "ready"
    status = HTTPStatus.SERVICE_UNAVAILABLE if fault else HTTPStatus.OK
    accept = dict(scope["headers"]).get(b"accept", b"").decode("latin-1")
    if find(accept, (PLAIN, JSON)) is JSON if len(accept) <= _LENGTH else False:
        document = {"status": state, "release": release.store.release} | ({"detail": fault} if fault else {})
        return _complete(release, status, JSON.content_type, json.dumps(document) + "\n")
    return _complete(release, status, PLAIN.content_type, (fault or state) + "\n")


async def find_fault(release: ServedRelease, client: Client) -> str:
    """Why a release cannot answer requests, in words without names of files; empty where they can."""
    try:
        async with asyncio.timeout(READY_SECONDS):
            await client.in_file_thread(release.resources.kinds)
            (await release.engine.answer(_ASK, client.is_waiting)).body.close()
    except QueriesDisabledError:  # The operator was told at the start.
        return ""
    except TimeoutError:
        return f"No query process answered within {READY_SECONDS} s."
    except PublisherError as error:
        return as_problem(error).detail
    except Exception as error:  # A damaged index; the cause is logged.
        as_problem(error)
        return "The release cannot be read."
    return ""


def _complete(release: ServedRelease, status: int, content_type: str, text: str) -> Complete:
    headers = [
        ("Content-Type", content_type),
        ("Content-Length", str(len(text.encode()))),
        ("Cache-Control", "no-store"),
    ]
    return release.complete(Reply(status, headers, text.encode()))
