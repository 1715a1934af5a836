"""Reload: one step from one release to the next, nothing mixed, and whatever fails leaves the present one."""

import asyncio
import gzip
import shutil
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest
from support import tiny_root
from support.asgi_client import LOOP, OpenApp, close, open_app
from support.waiting import PATIENCE, eventually

from publisher.errors import CannotRunError, CompilationError, UnavailableError
from publisher.release.compiler import compile_release
from publisher.release.index import Index
from publisher.release.store import Store, open_store
from publisher.settings import Settings
from publisher.sparql.engine import Answer, Query
from publisher.web import reload
from publisher.web.client import Client
from publisher.web.control import Control, Outcome, find_servers
from publisher.web.reload import Reloader
from publisher.web.requests import Request
from publisher.web.responses import Complete, Reply
from publisher.web.streams import Streams

THING = "/doc/coalition/thing"
LABEL = 'SELECT ?l { <https://example.org/id/coalition/thing> ?p ?l FILTER (LANG(?l) = "en") }'
NAMES = ("First", "Second")


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two compiled releases of one root, in which a thing has another name."""
    folder = tmp_path_factory.mktemp("reload")
    root, found = folder / "root", []
    for name in NAMES:
        text = tiny_root.FILES["data/things.ttl"].replace('"Thing"', f'"{name}"')
        found.append(compile_release(tiny_root.build(root, {"data/things.ttl": text}), folder / "store"))
    return found


@pytest.fixture(scope="module")
def releases(places: list[Path]) -> dict[str, str]:
    """The name of the thing in each release."""
    found = {}
    for place, name in zip(places, NAMES, strict=True):
        index = Index(place)
        found[index.release] = name
        index.close()
    return found


class Site:
    """An application that reloads what `compile_next` returns."""

    def __init__(self, places: list[Path]) -> None:
        self.settings = Settings(store_dir=str(places[0].parent), query_workers=1, releases_kept=9)
        self.app = open_app(self.settings, open_store(self.settings, places[0]))
        self.control = Control(places[0].parent, "/root", "http://localhost/", "abc")
        self.said: list[str] = []
        self.compile_next: Callable[[], Awaitable[Path]] = self._never
        self.reloader = Reloader(
            self.settings, self.app.application, places[0], self._compile, self.control, self.said.append
        )

    async def _never(self) -> Path:
        raise AssertionError

    async def _compile(self) -> Path:
        return await self.compile_next()

    def reload(self, place: Path) -> Outcome:
        """Reload a compiled release."""

        async def compile_next() -> Path:
            return place

        self.compile_next = compile_next
        return asyncio.run_coroutine_threadsafe(self.reloader.reload(), LOOP).result(PATIENCE)

    @property
    def store(self) -> Store:
        return self.app.application.release.store

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self.reloader.stop(), LOOP).result(PATIENCE)
        self.control.close()
        close(self.store)


@pytest.fixture
def site(places: list[Path]) -> Iterator[Site]:
    found = Site(places)
    yield found
    found.close()


def read(app: OpenApp, path: str, **headers: str) -> tuple[str, int, str, str]:
    """The release, the status, the ETag and the text of a response."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    response = app.test_client().get(path, headers=named)
    coded = response.headers.get("Content-Encoding") == "gzip"
    text = (gzip.decompress(response.data) if coded else response.data).decode()
    return response.headers["Dataset-Release"], response.status_code, response.headers.get("ETag", ""), text


def test_requests_during_switches_see_one_release_each(
    site: Site, places: list[Path], releases: dict[str, str]
) -> None:
    """The header, the ETag and the text of each response are those of the same release; no request fails."""
    stop, tags = threading.Event(), {}
    ways = [
        (THING, {"Accept": "text/turtle"}),
        (THING, {"Accept": "text/html", "Accept_Encoding": "gzip"}),
        (f"/sparql?query={LABEL}", {"Accept": "text/csv"}),
        (f"/sparql?query={LABEL}", {"Accept": "text/html", "Accept_Encoding": "gzip"}),
    ]

    def ask(number: int) -> list[str]:
        path, headers = ways[number]
        seen, tag = [], ""
        while not stop.is_set():
            release, status, new, text = read(site.app, path, **headers, If_None_Match=tag)
            assert status == (304 if new == tag else 200)
            tag = new
            assert tags.setdefault((number, tag), release) == release
            if status == 200:
                assert [name for name in NAMES if f"{name}" in text] == [releases[release]]
            seen.append(release)
        return seen

    with ThreadPoolExecutor(len(ways)) as threads:
        asking = [threads.submit(ask, number) for number in range(len(ways))]
        try:
            outcomes = [site.reload(places[(turn + 1) % 2]).name for turn in range(5)]
        finally:
            stop.set()
        seen = [one.result(PATIENCE) for one in asking]
    assert outcomes == ["switched"] * 5
    assert all(set(one) == set(releases) for one in seen)


def test_running_query_ends_on_its_release(
    site: Site, places: list[Path], releases: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    former, began = site.store, threading.Event()
    go_on, closed = asyncio.Event(), threading.Event()
    answer, end = former.engine.answer, former.engine.close

    async def wait(query: Query, *more: Any) -> Answer:
        began.set()
        await go_on.wait()
        return await answer(query, *more)

    def note() -> None:
        closed.set()
        end()

    monkeypatch.setattr(former.engine, "answer", wait)
    monkeypatch.setattr(former.engine, "close", note)
    path = f"/sparql?query={LABEL}%23slow"
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(read, site.app, path, Accept="text/csv")
        assert began.wait(PATIENCE)
        assert site.reload(places[1]).name == "switched"
        now = read(site.app, path, Accept="text/csv")
        assert (releases[now[0]], "Second" in now[3], closed.is_set()) == ("Second", True, False)
        LOOP.call_soon_threadsafe(go_on.set)
        then = running.result(PATIENCE)
    assert (releases[then[0]], "First" in then[3]) == ("First", True)
    assert closed.wait(PATIENCE), "closed when the last request has its response"
    assert eventually(lambda: site.app.application._tenures == {site.app.application._tenure})


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_stream_ends_on_its_release(
    site: Site, places: list[Path], monkeypatch: pytest.MonkeyPatch, coding: str
) -> None:
    """A stream reads the store while it is sent; the body of any other response is there before."""
    former, began, go_on = site.store, threading.Event(), threading.Event()
    closed = threading.Event()
    end = former.engine.close

    def pieces() -> Iterator[bytes]:
        yield b"x" * 3000
        began.set()
        assert go_on.wait(PATIENCE)
        assert not closed.is_set()
        yield b"end"

    def note() -> None:
        closed.set()
        end()

    async def respond(request: Request, client: Client) -> Complete:
        reply = Reply(200, [("Content-Type", "text/plain")], cast(BinaryIO, Streams().open(pieces)))
        return await released._selection.complete(None, reply, request, client)

    released = site.app.application.release
    monkeypatch.setattr(released, "respond", respond)
    monkeypatch.setattr(former.engine, "close", note)
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(read, site.app, "/stream", Accept_Encoding=coding)
        assert began.wait(PATIENCE)
        assert site.reload(places[1]).name == "switched"
        go_on.set()
        assert running.result(PATIENCE)[3].endswith("end")
    assert closed.wait(PATIENCE)


def test_same_files_are_not_opened_again(site: Site, places: list[Path]) -> None:
    before = site.store
    assert (site.reload(places[0]).name, site.store) == ("unchanged", before)


def test_new_frozen_release_is_served(site: Site, places: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    class Grown:
        releases = ("one more",)

        def __init__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(reload, "Archive", Grown)
    before = site.store
    assert (site.reload(places[0]).name, site.store == before) == ("switched", False)


@pytest.mark.parametrize(
    ("error", "code"),
    [(CompilationError("data/x.ttl:1:1: violation", 1), 1), (CannotRunError("no disk"), 2), (OSError("/secret"), 2)],
)
def test_failed_compilation_keeps_release(site: Site, error: Exception, code: int) -> None:
    async def fail() -> Path:
        raise error

    before = site.store
    site.compile_next = fail
    outcome = asyncio.run_coroutine_threadsafe(site.reloader.reload(), LOOP).result(PATIENCE)
    assert (outcome.name, outcome.code, site.store) == ("failed", code, before)
    assert "secret" not in outcome.detail
    assert read(site.app, THING, Accept="text/turtle")[1] == 200


def test_release_that_cannot_be_opened_is_not_served(site: Site, places: list[Path], tmp_path: Path) -> None:
    before, broken = site.store, tmp_path / places[1].name
    shutil.copytree(places[1], broken)
    next(broken.glob("*.sqlite*")).unlink()
    outcome = site.reload(broken)
    assert (outcome.name, outcome.code, site.store) == ("failed", 2, before)
    other = site.reload(tmp_path / f"{'0' * 64}-1-0.1")
    assert (other.name, "restart the server" in other.detail) == ("failed", True)


def test_releases_that_cannot_be_opened_do_not_pile_up(
    site: Site, places: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    removed: list[tuple[Path, int]] = []

    async def compile_other_version() -> Path:
        return places[0].parent / f"{'0' * 64}-1-0.1"

    monkeypatch.setattr(reload, "remove_older", lambda place, keep: removed.append((place, keep)))
    site.compile_next = compile_other_version
    LOOP.call_soon_threadsafe(site.reloader.request)
    assert eventually(lambda: removed == [(places[0], site.settings.releases_kept)])
    assert site.said[0].startswith("Reload failed")


def test_release_that_does_not_answer_is_not_served(
    site: Site, places: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Store] = []

    def open_silent(settings: Settings, place: Path) -> Store:
        store = open_store(settings, place)

        async def fail(*_: Any) -> Answer:
            raise UnavailableError("The query processes cannot be started.")

        monkeypatch.setattr(store.engine, "answer", fail)
        opened.append(store)
        return store

    monkeypatch.setattr(reload, "open_store", open_silent)
    before = site.store
    outcome = site.reload(places[1])
    assert (outcome.name, "does not answer" in outcome.detail, site.store) == ("failed", True, before)
    assert opened[0].engine.load().processes == 0, "it is closed"


def test_request_during_reload_makes_another_follow(site: Site, places: list[Path]) -> None:
    begun, go_on = threading.Semaphore(0), asyncio.Event()
    compiled: list[Path] = []

    async def compile_next() -> Path:
        begun.release()
        await go_on.wait()
        compiled.append(places[len(compiled) % 2])
        return compiled[-1]

    site.compile_next = compile_next
    LOOP.call_soon_threadsafe(site.reloader.request)
    assert begun.acquire(timeout=PATIENCE)
    for _ in range(3):
        LOOP.call_soon_threadsafe(site.reloader.request)
    before = time.monotonic()
    LOOP.call_soon_threadsafe(go_on.set)
    assert eventually(lambda: len(site.said) == 2)
    assert [line.partition(":")[0] for line in site.said] == ["Reload unchanged", "Reload switched"]
    assert site.app.application.tally.reloads == {"unchanged": 1, "switched": 1}
    [state] = find_servers(places[0].parent)
    assert (state.outcome, state.release) == (Outcome("switched", site.said[1].partition(": ")[2]), site.store.release)
    assert before < state.began < time.monotonic(), "of the last"


def test_stop_gives_up_reload(site: Site) -> None:
    begun, given_up = threading.Event(), threading.Event()

    async def compile_next() -> Path:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            given_up.set()
        raise AssertionError

    site.compile_next = compile_next
    LOOP.call_soon_threadsafe(site.reloader.request)
    assert begun.wait(PATIENCE)
    asyncio.run_coroutine_threadsafe(site.reloader.stop(), LOOP).result(PATIENCE)
    assert given_up.is_set()
