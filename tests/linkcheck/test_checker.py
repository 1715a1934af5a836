"""The link checker against a server on this machine that misbehaves in many ways."""

import asyncio
import contextlib
import socket
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from support.each import each

from publisher.linkcheck.checker import Checker, Manners
from publisher.linkcheck.results import FAILED, GONE, MOVED, NOT_ASKED, OK, REFUSED, UNREACHABLE, Result

MANNERS = Manners(seconds=0.5, pause=0, local=True)
ANSWERS = {
    "/ok": "200 OK\r\n",
    "/gone": "410 Gone\r\n",
    "/missing": "404 Not Found\r\n",
    "/private": "200 OK\r\n",
    "/login": "403 Forbidden\r\n",
    "/broken": "500 Internal Server Error\r\n",
    "/moved": "301 Moved Permanently\r\nLocation: /ok\r\n",
    "/away": "302 Found\r\nLocation: /ok\r\n",
    "/moved-to-nothing": "301 Moved Permanently\r\nLocation: /gone\r\n",
    "/circle": "301 Moved Permanently\r\nLocation: /circle-2\r\n",
    "/circle-2": "302 Found\r\nLocation: /circle\r\n",
    "/to-no-web": "302 Found\r\nLocation: ftp://localhost/x\r\n",
    "/to-nonsense": "302 Found\r\nLocation: http://[\r\n",
    "/without-location": "302 Found\r\n",
}


class Server:
    """Answers as its paths say, and counts what it is asked: (method, path)."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.asked: Counter[tuple[str, str]] = Counter()
        self.open = 0
        self.most = 0

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        self.most = max(self.most, self.open)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            method, path, _ = (await reader.readline()).decode().split()
            await reader.readuntil(b"\r\n\r\n")
            self.asked[method, path] += 1
            await self.answer(method, path, reader, writer)
        self.open -= 1
        writer.close()

    async def answer(self, method: str, path: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if path == "/robots.txt":
            writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nUser-agent: *\nDisallow: /private\n")
        elif path == "/closes":
            return
        elif path == "/garbage":
            writer.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
        elif path == "/silent":
            await reader.read()
        elif path == "/drips":
            while not reader.at_eof():
                writer.write(b"H")
                await writer.drain()
                await asyncio.sleep(0.05)
        elif path == "/endless" and method == "GET":
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            for _ in range(10_000):
                writer.write(b"x" * 10_000)
                await writer.drain()
        elif path in ("/no-head", "/endless") and method == "HEAD":
            writer.write(b"HTTP/1.1 405 Method Not Allowed\r\nConnection: close\r\n\r\n")
        elif path == "/busy" and self.asked["GET", path] < 2:
            writer.write(b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 0\r\nConnection: close\r\n\r\n")
        elif path.startswith("/chain"):
            writer.write(f"HTTP/1.1 301 X\r\nLocation: {path}x\r\nConnection: close\r\n\r\n".encode())
        else:
            status = ANSWERS.get(path, "200 OK\r\n")
            writer.write(f"HTTP/1.1 {status}Connection: close\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()


@asynccontextmanager
async def misbehaving() -> AsyncIterator[Server]:
    found = Server("")
    server = await asyncio.start_server(found.handle, "127.0.0.1", 0)
    found.root = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield found
    finally:
        server.close()
        while found.open:
            await asyncio.sleep(0.01)


def check(path: str, manners: Manners = MANNERS) -> tuple[Result, Server]:
    async def run() -> tuple[Result, Server]:
        async with misbehaving() as server, Checker(manners) as checker:
            return await checker.check(server.root + path), server

    return asyncio.run(run())


@each(
    ("path", "verdict", "detail"),
    [
        ("/ok", OK, ""),
        ("/away", OK, ""),
        ("/no-head", OK, ""),
        ("/endless", OK, ""),
        ("/busy", OK, ""),
        ("/gone", GONE, "410 Gone"),
        ("/missing", GONE, "404 Not Found"),
        ("/moved-to-nothing", GONE, "410 Gone, at {root}/gone"),
        ("/login", REFUSED, "403 Forbidden"),
        ("/broken", FAILED, "500 Internal Server Error"),
        ("/without-location", FAILED, "302 Found"),
        ("/circle", FAILED, "Its redirects go round in a circle."),
        ("/chain", FAILED, "It redirects more than 5 times."),
        ("/closes", UNREACHABLE, "It does not answer in HTTP: Server disconnected without sending a response."),
        ("/garbage", UNREACHABLE, "It does not answer in HTTP: illegal status line"),
        ("/silent", UNREACHABLE, "It does not answer in time."),
        ("/drips", UNREACHABLE, "It does not answer in time."),
        ("/private", NOT_ASKED, "Its robots.txt asks programs not to."),
        ("/to-no-web", NOT_ASKED, "It is no address on the web."),
    ],
)
def test_verdict(path: str, verdict: str, detail: str) -> None:
    result, server = check(path)
    assert result.verdict == verdict, result
    assert result.detail.startswith(detail.format(root=server.root))
    assert bool(result.detail) == bool(detail)
    assert result.target == ""


def test_new_address_of_a_moved_page_is_stated() -> None:
    result, server = check("/moved")
    assert (result.verdict, result.target, result.status) == (MOVED, f"{server.root}/ok", 200)


def test_redirect_to_nonsense_is_no_crash() -> None:
    assert check("/to-nonsense")[0].verdict in (UNREACHABLE, NOT_ASKED)


def test_busy_server_is_asked_once_more() -> None:
    _, server = check("/busy")
    assert server.asked == Counter({("GET", "/robots.txt"): 1, ("HEAD", "/busy"): 1, ("GET", "/busy"): 2})


def test_private_page_is_never_asked() -> None:
    _, server = check("/private")
    assert server.asked == Counter({("GET", "/robots.txt"): 1})


def test_host_that_is_not_public_is_not_asked() -> None:
    result, server = check("/ok", Manners(seconds=0.5, pause=0))
    assert (result.verdict, server.asked) == (NOT_ASKED, Counter())
    assert "not public" in result.detail


def test_closed_port_and_unknown_host_are_unreachable() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{free.getsockname()[1]}/"

        async def run() -> list[Result]:
            async with Checker(MANNERS) as checker:
                addresses = [closed, "http://no-such-host.invalid/", closed.replace("http:", "https:")]
                return [await checker.check(address) for address in addresses]

        found = asyncio.run(run())
    assert {result.verdict for result in found} == {UNREACHABLE}
    assert all(result.detail for result in found)


def test_one_request_at_a_time_goes_to_a_host() -> None:
    async def run() -> tuple[list[Result], Server]:
        async with misbehaving() as server, Checker(MANNERS) as checker:
            paths = [f"{server.root}/page-{number}" for number in range(6)]
            return [result async for result in checker.check_all(paths)], server

    results, server = asyncio.run(run())
    assert [result.verdict for result in results] == [OK] * 6
    assert server.most == 1
    assert server.asked["GET", "/robots.txt"] == 1
