"""The static site: writes every address of a release, as its server answers it, into a folder."""

import asyncio
import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final, NamedTuple
from urllib.parse import urljoin

from publisher.build import apache, nginx
from publisher.build.addresses import SERVICES, Address, Addresses, Sort
from publisher.build.folder import PRIVATE, Folder, count_files
from publisher.build.search_index import write_index
from publisher.build.stamp import Stamp
from publisher.build.tables import Tables
from publisher.dataset.iris import (
    ASK_PATH,
    OPENSEARCH_PATH,
    RELEASE_PATH,
    ROBOTS_PATH,
    SEARCH_PATH,
    SITEMAP_PATH,
    SITEMAPS_PATH,
)
from publisher.errors import CannotRunError, MethodNotAllowedError, NotFoundError, PublisherError
from publisher.formats import DOCUMENTS, GRAPHS, HTML, JSON, LINKSET, PROBLEM_JSON, Format
from publisher.pages.assets import Assets
from publisher.pages.site import Pages
from publisher.release.index import Index
from publisher.release.store import Store
from publisher.settings import Settings
from publisher.web.codings import CODINGS
from publisher.web.headers import SCRIPTED_POLICY, make_tag
from publisher.web.in_process import InProcess, Received

Report = Callable[[str, int, int], None]
"""Is told the phase, the number of steps that are done, and their total."""

DEPTHS: Final = 8
"""Depths of paths for which there is a page of each error: its links are relative."""
ERRORS: Final = f"{PRIVATE}/errors"
HOME_NAME: Final = "index"
"""The name of the files of the home page."""
TOMBSTONES: Final = (*GRAPHS, HTML, PROBLEM_JSON)
"""The forms of the response about a withdrawn thing."""
QUERY: Final = "static-build"
"""A query string that no address reads: it shows whether a redirect keeps that of its request."""
_LOCATION: Final = re.compile(rb"<loc>([^<]*)</loc>")
"""An address in a sitemap; the first is that of the home page, where pages about the data set are listed."""
_NEXT: Final = re.compile(r'<([^>]*)>; rel="next"')


class Built(NamedTuple):
    """What a build did. release: the identifier of its release. files: how many there are now."""

    release: str
    files: int
    written: int
    removed: int


def build(
    settings: Settings,
    store: Store,
    place: Path,
    live: str,
    report: Report,
    *,
    past_releases: bool = False,
    stamps: Path | None = None,
) -> Built:
    """Write the static copy of an open release into a folder that is empty, or holds an earlier copy.

    Args:
        settings: With the public URL of the copy.
        store: The release; its engine is used in a loop of its own.
        place: The folder.
        live: URL of a server that answers what the copy cannot; empty if there is none.
        report: Is told the progress.
        past_releases: Whether all that is served below a frozen release is written too.
        stamps: A folder that remembers what builds were made of: one that is up to date is only checked. None makes
            every file again, to compare it.

    Raises:
        CannotRunError: The folder has files of others, or cannot be written; or an address has no valid file name.
    """
    try:
        settings = settings.having(static_copy=0 if live else 2 if past_releases else 1)
        made_of = (repr(settings), store.index.folder.name, store.release, live, str(past_releases))
        stamp = Stamp(stamps, place, made_of)
        if stamp.is_current():
            return Built(store.release, count_files(place), 0, 0)
        built = _build(settings, store, place, live, report, past_releases)
        stamp.keep()
        return built
    except (OSError, sqlite3.OperationalError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise CannotRunError(f"{place}, or a temporary file, cannot be written: {reason}.") from error


def _build(settings: Settings, store: Store, place: Path, live: str, report: Report, past_releases: bool) -> Built:
    with (
        closing(Folder(place)) as folder,
        closing(Tables()) as tables,
        closing(InProcess(settings, store)) as served,
    ):
        site = StaticSite(store, served, folder, tables, live)
        asyncio.run(site.write(report, past_releases))
        folder.finish()
        return Built(store.release, folder.count(), folder.written, folder.removed)


class StaticSite:
    """Writes one static site. folder: its files. tables: what web servers need to know of them."""

    def __init__(self, store: Store, served: InProcess, folder: Folder, tables: Tables, live: str) -> None:
        self._served = served
        self._folder = folder
        self._tables = tables
        self._live = live
        self._store = store
        self._done = 0

    async def write(self, report: Report, past_releases: bool) -> None:
        """Write everything. report: is told the progress. past_releases: whether to write these too."""
        await self._add_all(Addresses(self._store, self._served.pages, Assets()), report)
        await self._add_sitemaps()
        await self._add_search("", self._store.index, self._served.pages)
        for release in self._store.archive.releases if past_releases else ():
            await self._add_past(release.version, report)
        await self._add_errors()
        await self._add_services()
        for write_rules in (nginx.write_rules, apache.write_rules):
            for path, pieces in write_rules(self._tables, self._live):
                self._add_rules(path, pieces)
        self._folder.add(".nojekyll", b"")

    async def _add_all(self, addresses: Addresses, report: Report) -> None:
        total = self._done + addresses.count()
        for address in addresses.walk():
            report("writing", self._done, max(total, self._done))
            await self._add(address)
            self._done += 1

    async def _add_past(self, version: str, report: Report) -> None:
        """All that is served below a frozen release."""
        opened, below = await self._served.open_past(version), f"{RELEASE_PATH}/{version}/"
        self._tables.add_release(below, opened.store.release)
        await self._add_all(Addresses(opened.store, opened.site, Assets(), below), report)
        await self._add_search(below, opened.store.index, opened.site)

    async def _add(self, address: Address) -> None:
        path, sort = address.path, address.sort
        if sort is Sort.DOCUMENT:
            await self._add_document(path)
        elif sort is Sort.FILE:
            received = await self._add_response(path, path)
            if "User-Agent" not in received.headers["vary"]:
                self._tables.add_kind(path, sort.value)
        elif sort is Sort.MOVED:
            await self._add_moved(path)
        elif sort is Sort.RETIRED:
            await self._add_retired(path)
        else:
            await self._add_response(path, f"{path}.{HTML.suffix}", HTML.media_type)
            self._tables.add_kind(path, sort.value)

    async def _add_document(self, path: str) -> None:
        """A document in all its forms, with its further pages and its link set."""
        following: str | None = path
        while following is not None:
            path, following = following, None
            last = path.rpartition("/")[2]
            stem = path if last else path + HOME_NAME
            for form in DOCUMENTS:
                received = await self._add_response(path, f"{stem}.{form.suffix}", form.media_type, last)
                if found := _NEXT.search(received.headers.get("link", "")):
                    following = urljoin(path, found[1])
            address = f"{path}.{LINKSET.suffix}"
            linkset = await self._served.get(address) if last else None
            if linkset and linkset.status == HTTPStatus.OK:
                await self._add_received(linkset, address, last)

    async def _add_response(self, path: str, file: str, accept: str = "", last: str = "") -> Received:
        """A response as a file, as `_add_received` does. Raises CannotRunError where it is an error."""
        received = await self._served.get(path, accept)
        if received.status != HTTPStatus.OK:
            raise CannotRunError(f"The address /{path} is answered with {received.status}.")
        return await self._add_received(received, file, last)

    async def _add_received(self, received: Received, file: str, last: str = "") -> Received:
        """A response as a file, and in every coding in which the server sends it. Returns it without its body."""
        self._folder.add(file, received.body)
        coded_headers: dict[str, Mapping[str, str]] = {}
        for coding in CODINGS:
            body = received.body if isinstance(received.body, bytes) else self._folder.open(file)
            coded = await self._served.code(received._replace(body=body), coding)
            if coded.headers.get("content-encoding") == coding:
                self._folder.add(f"{PRIVATE}/{coding}/{file}", coded.body)
                coded_headers[coding] = coded.headers
            else:
                coded.close()
        self._tables.add_file(file, received.headers, coded_headers, last)
        return received._replace(body=b"")

    async def _add_moved(self, path: str) -> None:
        received = await self._served.get(path, query=QUERY)
        received.close()
        if "location" in received.headers:
            self._record_redirect(path, received)

    def _record_redirect(self, path: str, received: Received) -> None:
        """Record the redirect of a request that had the query string `QUERY`."""
        target = received.headers["location"]
        kept = f"?{QUERY}" in target
        self._tables.add_moved(path, received.status, target.replace(f"?{QUERY}", "", 1), keeps_query=kept)

    async def _add_retired(self, path: str) -> None:
        """The redirect from a merged thing, or the tombstone of a withdrawn one in every form."""
        received = await self._served.get(path, query=QUERY)
        if "location" in received.headers:
            self._record_redirect(path, received)
        elif received.status == HTTPStatus.GONE:
            fixed = next((form for form in DOCUMENTS if path.endswith(f".{form.suffix}")), None)
            for form in () if fixed else TOMBSTONES:  # An address with a suffix has a file of the one without.
                await self._add_tombstone(path, form)
            self._tables.add_gone(path, path, fixed.suffix if fixed else "")

    async def _add_tombstone(self, path: str, form: Format) -> None:
        received = await self._served.get(path, form.media_type)
        if received.status != HTTPStatus.GONE:
            raise CannotRunError(f"The address /{path} is answered with {received.status}.")
        self._folder.add(f"{ERRORS}/410/{path}.{form.suffix}", received.body)

    async def _add_sitemap(self, path: str) -> bytes:
        """A file of the sitemap, without the pages that only a server answers. Returns it; nothing if there is none."""
        received = await self._served.get(path)
        assert isinstance(received.body, bytes)
        if received.status != HTTPStatus.OK:
            return b""
        lines = received.body.splitlines(keepends=True)
        home = _LOCATION.search(received.body)
        asked = re.compile(rb"<loc>%s%s[/<]" % (re.escape(home[1] if home else b""), ASK_PATH.encode()))
        kept = b"".join(line for line in lines if self._live or not asked.search(line))
        if kept == received.body:
            await self._add_received(received, path)
        else:
            self._add_own(path, kept, received, received.headers["content-type"], {})
        return kept

    async def _add_sitemaps(self) -> None:
        """The sitemap, and its parts where it is in parts."""
        number, found = 0, await self._add_sitemap(SITEMAP_PATH)
        self._tables.add_kind(SITEMAP_PATH, Sort.FILE.value)
        while b"<sitemapindex" in found or (found and number):
            found = await self._add_sitemap(f"{SITEMAPS_PATH}{number}.xml")
            number += 1

    async def _add_search(self, below: str, index: Index, pages: Pages) -> None:
        """The search page, the names that it searches, and its description for browsers. below: of which release."""
        robots, names = await self._served.get(f"{below}{ROBOTS_PATH}"), write_index(index)
        described = await self._served.get(f"{below}{OPENSEARCH_PATH}")
        assert isinstance(described.body, bytes)
        lines = described.body.splitlines(keepends=True)
        kept = b"".join(line for line in lines if not line.startswith(b"<Url") or b'"text/html"' in line)
        page = pages.static_copy.search(SEARCH_PATH, searchable=bool(names)).encode()
        policy = {"content-security-policy": SCRIPTED_POLICY}
        self._add_own(f"{below}{SEARCH_PATH}.{HTML.suffix}", page, robots, HTML.content_type, policy)
        self._add_own(below + OPENSEARCH_PATH, kept, robots, described.headers["content-type"], {})
        if names:
            self._add_own(f"{below}{SEARCH_PATH}/names.json", names, robots, JSON.media_type, {})
        self._tables.add_kind(below + SEARCH_PATH, Sort.ALWAYS.value)

    def _add_own(self, file: str, body: bytes, like: Received, type_: str, more: dict[str, str]) -> None:
        """A file that no server sends, with the headers of another response. more: further headers."""
        headers = {**like.headers, "content-type": type_, "etag": make_tag(body), **more}
        self._folder.add(file, body)
        self._tables.add_file(file, headers, {})

    def _add_rules(self, path: str, pieces: Iterable[str]) -> None:
        """Rules for a web server, which grow with the number of files and are never in memory as a whole."""
        with TemporaryFile() as file:
            file.writelines(piece.encode() for piece in pieces)
            file.seek(0)
            self._folder.add(path, file)

    async def _add_errors(self) -> None:
        """The pages and problem documents of errors."""
        missing = NotFoundError("There is no resource at this address.")
        refused = MethodNotAllowedError("Allowed methods: GET, HEAD, OPTIONS.")
        await self._add_problem(missing, "404")
        await self._add_problem(NotFoundError(self._apology), "static")
        problems = [("405", await self._served.report(refused, "", PROBLEM_JSON.media_type))]
        problems += [(f"406-{kind}", await self._served.get(path, "image/png")) for kind, path in _UNACCEPTABLE]
        for name, received in problems:
            self._folder.add(f"{ERRORS}/{name}.json", received.body)
        page = await self._served.report(missing, "-", HTML.media_type)
        self._folder.add("404.html", self._rebase(page))

    @property
    def _apology(self) -> str:
        words = "This is a static copy, which answers no queries and fills in no forms."
        return f"{words} {self._live} does." if self._live else words

    async def _add_problem(self, problem: PublisherError, name: str) -> None:
        """A problem as a problem document, and as a page for each depth of the path."""
        received = await self._served.report(problem, "-", PROBLEM_JSON.media_type)
        self._folder.add(f"{ERRORS}/{name}/json.json", received.body)
        for depth in range(DEPTHS):
            received = await self._served.report(problem, "-/" * depth + "-", HTML.media_type)
            self._folder.add(f"{ERRORS}/{name}/{depth}.html", received.body)

    def _rebase(self, page: Received) -> bytes:
        """The page of an error at any depth, for hosts that have one such page only: its links are absolute."""
        assert isinstance(page.body, bytes)
        return page.body.replace(b"<head>\n", f'<head>\n<base href="{self._served.root}/">\n'.encode(), 1)

    async def _add_services(self) -> None:
        """For hosts without rules: a page in place of each address that only a server answers."""
        for path in SERVICES:
            page = self._served.pages.static_copy.service(path, self._live, self._apology)
            self._folder.add(f"{path}.{HTML.suffix}", page.encode())


_UNACCEPTABLE: Final[Sequence[tuple[str, str]]] = (("document", "dataset"), ("home", ""), ("page", "about"))
"""The kinds of addresses that can refuse a header Accept, with one address of each."""
