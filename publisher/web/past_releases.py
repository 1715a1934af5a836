"""Past releases: opens frozen releases on demand, few at a time, and answers requests for addresses below them."""

import asyncio
import re
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from publisher.dataset.iris import CHANGES_PATH, CORRECT_PATH, DOCUMENT_PATH, RELEASE_PATH, SPARQL_PATH, relative
from publisher.dataset.releases import FILES, LATEST
from publisher.formats import ATOM, HTML, JSON_FEED
from publisher.release.archive import Archive
from publisher.release.store import Store
from publisher.web.budget import make_overload_error
from publisher.web.client import Client
from publisher.web.headers import IMMUTABLE, encode
from publisher.web.requests import ClientLeftError, Request
from publisher.web.responses import Complete, Reply, split_suffix
from publisher.web.served_release import ServedRelease

PATIENCE: Final = 20
"""Seconds that a request waits for a release that is compiled; then it gets 503."""
ALWAYS_CURRENT: Final = (f"{CHANGES_PATH}.{ATOM.suffix}", f"{CHANGES_PATH}.{JSON_FEED.suffix}", CORRECT_PATH)
"""What concerns the data set as it goes on, and not one of its states: below a release it redirects to the current one,
as the list of releases does."""
_PATH: Final = re.compile(rf"/{RELEASE_PATH}/([^/]+)(/(?!(?:{'|'.join(map(re.escape, FILES))})\Z).*)")
_PAGE: Final = HTML.content_type.encode()


@dataclass
class _Opened:
    """A past release that is open. uses: requests that it is answering."""

    served: ServedRelease
    uses: int = 0


class PastReleases:
    """Answers for the frozen releases of the release that is served now. It is used in one event loop.

    open_release: opens the frozen release of a version; it may take long. limit: releases that are open at a time.
    """

    def __init__(self, open_release: Callable[[Archive, str], ServedRelease], limit: int) -> None:
        self._open_release = open_release
        self._limit = limit
        self._opened: OrderedDict[str, _Opened] = OrderedDict()
        self._opening: dict[str, asyncio.Task[_Opened]] = {}
        self._thread = ThreadPoolExecutor(1, "release")

    def owns(self, path: str) -> bool:
        """Whether a path is below a release."""
        return _PATH.fullmatch(path) is not None

    async def respond(self, request: Request, client: Client, current: ServedRelease) -> Complete:
        """The response to a request for an address below a release. current: the release that is served now.

        Raises NotFoundError, with the releases that there are, and OverloadedError where it cannot be opened now.
        """
        found = _PATH.fullmatch(request.path)
        assert found is not None
        version, path = found[1], found[2]
        archive = current.store.archive
        if version == LATEST and archive.releases:
            target = f"{RELEASE_PATH}/{archive.releases[-1].version}{path}"
            return current.complete(_redirect(HTTPStatus.TEMPORARY_REDIRECT, target, request), request.method)
        archive.require(version, current.resources.names)
        if path[1:] in ALWAYS_CURRENT or path.startswith(f"/{RELEASE_PATH}"):
            return current.complete(_redirect(HTTPStatus.PERMANENT_REDIRECT, path[1:], request), request.method)
        opened = await self._find(version, archive)
        opened.uses += 1
        inner = request._replace(root=f"{request.root}/{RELEASE_PATH}/{version}", path=path)
        try:
            return _make_immutable(await opened.served.respond(inner, client), inner)
        except ClientLeftError:
            raise
        except Exception as error:  # In the form of the release itself: its tombstones, its pages.
            return await opened.served.report(error, inner, client)
        finally:
            opened.uses -= 1

    async def open(self, version: str, archive: Archive) -> ServedRelease:
        """The release of a version, which is open until others are opened. Raises OverloadedError."""
        return (await self._find(version, archive)).served

    async def _find(self, version: str, archive: Archive) -> _Opened:
        """The release of a version, opened before or now. Raises OverloadedError where that takes too long."""
        key = archive.find(version).id
        if key in self._opened:
            self._opened.move_to_end(key)
            return self._opened[key]
        if key not in self._opening:
            self._opening[key] = asyncio.create_task(self._open(key, version, archive))
            self._opening[key].add_done_callback(lambda _: self._opening.pop(key, None))
        done, _ = await asyncio.wait({self._opening[key]}, timeout=PATIENCE)
        if not done:
            raise make_overload_error(f"Release {version} is being prepared.")
        return done.pop().result()

    async def _open(self, key: str, version: str, archive: Archive) -> _Opened:
        self._close_unused()
        loop = asyncio.get_running_loop()
        served = await loop.run_in_executor(self._thread, self._open_release, archive, version)
        served.engine.run_in(loop)
        self._opened[key] = _Opened(served)
        return self._opened[key]

    def _close_unused(self) -> None:
        """Make room for another release. Raises OverloadedError where all that are open answer requests."""
        while len(self._opened) + len(self._opening) > self._limit:
            unused = next((key for key, opened in self._opened.items() if not opened.uses), None)
            if unused is None:
                raise make_overload_error(f"All {self._limit} past releases that may be open at a time are in use.")
            self._opened.pop(unused).served.store.close()

    def close(self) -> None:
        """Close what is open."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        stores: list[Store] = [opened.served.store for opened in self._opened.values()]
        self._opened.clear()
        for store in stores:
            store.close()


def _redirect(status: HTTPStatus, path: str, request: Request) -> Reply:
    query = f"?{request.query_string}" if request.query_string else ""
    target = relative(path, request.path[1:]) + query
    return Reply(status, [("Location", target), ("Content-Length", "0"), ("Cache-Control", "no-cache")], b"")


def _make_immutable(response: Complete, request: Request) -> Complete:
    """A response about a release that never changes, with the header that says so (RFC 8246).

    Pages have a look that may change, and the service description names limits that may: both are left as they are.
    """
    headers = dict(response.headers)
    is_data = headers.get(b"content-type", _PAGE) != _PAGE
    is_described = request.path.startswith(f"/{SPARQL_PATH}") and not headers.get(b"etag", b"").startswith(b"W/")
    if response.status != HTTPStatus.OK or b"etag" not in headers or not is_data or is_described:
        return response
    kept = [header for header in response.headers if header[0] != b"cache-control"]
    untransformed = b"no-transform" in headers.get(b"cache-control", b"")
    more = [("Cache-Control", f"{IMMUTABLE}, no-transform" if untransformed else IMMUTABLE)]
    if request.path.startswith(f"/{DOCUMENT_PATH}"):
        document, _ = split_suffix(
            request.path[1:]
        )  # Which has all forms, as the file of a static copy is in two places.
        more.append(("Link", f'<{"../" * (request.path.count("/") + 1)}{document}>; rel="latest-version"'))
    return response._replace(headers=[*kept, *encode(more)])
