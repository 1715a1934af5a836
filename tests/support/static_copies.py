"""Static copies behind web servers, beside the application that they are copies of."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
from support.asgi_client import Client
from werkzeug.test import TestResponse

HEADERS = (
    "Content-Type",
    "Content-Location",
    "Content-Encoding",
    "ETag",
    "Link",
    "Last-Modified",
    "Cache-Control",
    "Content-Security-Policy",
    "Content-Disposition",
    "Location",
    "Dataset-Release",
    "Access-Control-Allow-Origin",
    "Access-Control-Expose-Headers",
    "X-Content-Type-Options",
)
REDIRECTS = (301, 303, 307, 308)


@dataclass(frozen=True)
class Copy:
    """A static build, and the application that it is a copy of."""

    place: Path
    port: int
    client: Client


def open_client(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, timeout=30, trust_env=False, headers={"Accept-Encoding": "identity"}) as client:
        del client.headers["Accept"]
        del client.headers["User-Agent"]
        yield client


def send(client: httpx.Client, path: str, accept: str | None, **headers: str) -> httpx.Response:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get(path, headers=sent | ({"Accept": accept} if accept is not None else {}))


def read(client: httpx.Client, path: str, headers: dict[str, str], method: str = "GET") -> tuple[httpx.Response, bytes]:
    """A response with its body as it was sent."""
    with client.stream(method, path, headers=headers) as response:
        return response, b"".join(response.iter_raw())


def expect(copy: Copy, path: str, accept: str | None, **headers: str) -> TestResponse:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return copy.client.get(
        path,
        headers=sent | ({"Accept": accept} if accept is not None else {}),
        base_url=f"http://127.0.0.1:{copy.port}",
    )


def differences(copy: Copy, client: httpx.Client, path: str, accept: str | None, **headers: str) -> list[str]:
    """What differs between a response of a web server and that of the application."""
    wanted = expect(copy, path, accept, **headers)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    found, body = read(client, path, sent | ({"Accept": accept} if accept is not None else {}))
    if found.status_code != wanted.status_code:
        return [f"status {found.status_code}, not {wanted.status_code}"]
    names = [name for name in HEADERS if found.status_code not in REDIRECTS or name != "Content-Type"]
    wrong = [
        f"{name}: {found.headers.get(name)!r}, not {wanted.headers.getlist(name)!r}"
        for name in names
        if found.headers.get(name) != (", ".join(wanted.headers.getlist(name)) or None)
    ]
    vary = (sorted(found.headers.get_list("Vary", split_commas=True)), sorted(wanted.headers["Vary"].split(", ")))
    wrong += [f"Vary: {vary[0]}, not {vary[1]}"] if vary[0] != vary[1] else []
    if found.status_code not in REDIRECTS and body != wanted.data:
        wrong.append(f"another body: {body[:200]!r}, not {wanted.data[:200]!r}")
    return wrong
