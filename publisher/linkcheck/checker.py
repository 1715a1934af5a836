"""The checker: asks addresses, politely and within bounds.

One request at a time goes to a host, with a pause between two, and not where its robots.txt asks programs to stay away.
Only the head of a page is read. Addresses that are not public are not asked unless the caller allows it.
"""

import asyncio
import ipaddress
import socket
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urljoin, urlsplit
from urllib.robotparser import RobotFileParser

import httpx

from publisher import __version__
from publisher.linkcheck.results import FAILED, GONE, MOVED, NOT_ASKED, OK, REFUSED, UNREACHABLE, Result
from publisher.sparql.http_client import trusted_certificates

HOSTS: Final = 8
"""Hosts that are asked at the same time."""
REDIRECTS: Final = 5
"""Redirects that are followed from one address."""
WAIT: Final = 60
"""Seconds that a server may ask to wait before it is asked once more (RFC 9110, section 10.2.3)."""
ROBOTS: Final = 1 << 19
"""Bytes of a robots.txt that are read (RFC 9309, section 2.5)."""
_PERMANENT: Final = frozenset((301, 308))
_REDIRECTS: Final = frozenset((301, 302, 303, 307, 308))
_GONE: Final = frozenset((404, 410))
_REFUSED: Final = frozenset((401, 402, 403, 406, 429, 451, 999))
_BUSY: Final = frozenset((429, 503))
_NO_HEAD: Final = frozenset((400, 403, 404, 405, 406, 410, 500, 501, 503))
"""Statuses by which some servers answer HEAD where they answer GET with 200."""


@dataclass(frozen=True)
class Manners:
    """How servers are asked.

    name: of this program, with an address of who runs it if that is known. seconds: for one answer. pause: seconds
    between two requests to one host. local: whether addresses that are not public may be asked.
    """

    name: str = f"publisher-linkcheck/{__version__}"
    seconds: float = 20
    pause: float = 1
    local: bool = False


class Checker:
    """Asks addresses. A context manager for asynchronous code."""

    def __init__(self, manners: Manners) -> None:
        self._manners = manners
        self._client = httpx.AsyncClient(
            headers={"User-Agent": manners.name, "Accept": "text/html, */*;q=0.5"},
            timeout=httpx.Timeout(manners.seconds),
            verify=trusted_certificates(),
            follow_redirects=False,
            trust_env=False,
        )
        self._free = asyncio.Semaphore(HOSTS)
        self._turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._robots: dict[str, RobotFileParser] = {}

    async def __aenter__(self) -> "Checker":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def check_all(self, addresses: Iterable[str]) -> AsyncIterator[Result]:
        """Yield the result of each address, in the order in which they are known."""
        tasks = [asyncio.create_task(self.check(address)) for address in addresses]
        try:
            for task in asyncio.as_completed(tasks):
                yield await task
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def check(self, address: str) -> Result:
        """Return what an address answers. It raises nothing that a server could cause."""
        host = urlsplit(address).netloc
        async with self._turns[host], self._free:
            verdict, status, detail, target = await self._judge(address)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return Result(address, verdict, now, status, detail, target)

    async def _judge(self, address: str) -> tuple[str, int, str, str]:
        """The verdict, the status, the reason, and where an address leads for good."""
        here, permanent, seen = address, True, set[str]()
        while len(seen) <= REDIRECTS:
            seen.add(here)
            try:
                if reason := await self._find_objection(here):
                    return NOT_ASKED, 0, reason, ""
                response = await self._ask(here)
                following = response.headers.get("Location")
                if response.status_code not in _REDIRECTS or not following:
                    break
                here = urljoin(here, following)
            except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
                return UNREACHABLE, 0, _describe(error), ""
            permanent = permanent and response.status_code in _PERMANENT
            if here in seen:
                return FAILED, response.status_code, "Its redirects go round in a circle.", ""
        else:
            return FAILED, response.status_code, f"It redirects more than {REDIRECTS} times.", ""
        return _read_status(response, here if here != address else "", permanent=permanent)

    async def _ask(self, address: str) -> httpx.Response:
        """The head of the answer. HEAD first; GET where a server does not know it; once more where it is busy."""
        response = await self._send("HEAD", address)
        if response.status_code in _NO_HEAD:
            response = await self._send("GET", address)
        if response.status_code in _BUSY and (wait := _read_wait(response)) is not None:
            await asyncio.sleep(wait)
            response = await self._send("GET", address)
        return response

    async def _send(self, method: str, address: str) -> httpx.Response:
        async with asyncio.timeout(self._manners.seconds):
            async with self._client.stream(method, address) as response:
                pass
        await asyncio.sleep(self._manners.pause)
        return response

    async def _find_objection(self, address: str) -> str:
        """Why an address is not asked; empty where it may be."""
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return "It is no address on the web."
        if not self._manners.local and not await _is_public(parts.hostname):
            return "Its host is not public (--local asks it nevertheless)."
        root = f"{parts.scheme}://{parts.netloc}"
        if root not in self._robots:
            self._robots[root] = await self._read_robots(root)
        return (
            "" if self._robots[root].can_fetch(self._manners.name, address) else "Its robots.txt asks programs not to."
        )

    async def _read_robots(self, root: str) -> RobotFileParser:
        """The rules of a host; without any, everything may be asked (RFC 9309, section 2.3.1)."""
        rules, text = RobotFileParser(), b""
        try:
            async with asyncio.timeout(self._manners.seconds):
                async with self._client.stream("GET", f"{root}/robots.txt") as response:
                    if response.status_code == httpx.codes.OK:
                        async for piece in response.aiter_bytes():
                            text += piece
                            if len(text) >= ROBOTS:
                                break
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
            text = b""
        rules.parse(text[:ROBOTS].decode("utf-8", "replace").splitlines())
        return rules


async def _is_public(host: str) -> bool:
    """Whether all addresses of a host are public; a name that nobody knows is, so that the request says so."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return True
    return all(ipaddress.ip_address(str(entry[4][0]).partition("%")[0]).is_global for entry in found)


def _read_wait(response: httpx.Response) -> float | None:
    """The seconds that a server asks to wait; None where it states none, or more than `WAIT`."""
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdecimal() and int(text) <= WAIT else None


def _read_status(response: httpx.Response, target: str, *, permanent: bool) -> tuple[str, int, str, str]:
    """The verdict on the last answer. target: where redirects led, empty if there were none."""
    status = response.status_code
    detail = f"{status} {response.reason_phrase}".strip()
    if httpx.codes.is_success(status):
        return (MOVED, status, "", target) if target and permanent else (OK, status, "", "")
    verdict = GONE if status in _GONE else REFUSED if status in _REFUSED else FAILED
    return verdict, status, f"{detail}, at {target}" if target else detail, ""


_WORDS: Final[tuple[tuple[type[Exception], str], ...]] = (
    (TimeoutError, "It does not answer in time."),
    (httpx.TimeoutException, "It does not answer in time."),
    (httpx.ConnectError, "No connection can be made"),
    (httpx.ProtocolError, "It does not answer in HTTP"),
    (httpx.InvalidURL, "It leads to an address that is none."),
)


def _describe(error: Exception) -> str:
    """An error of the connection in words."""
    said = str(error).strip().rstrip(".")
    for kind, words in _WORDS:
        if isinstance(error, kind):
            return words if words.endswith(".") or not said else f"{words}: {said}."
    return f"{said or type(error).__name__}."
