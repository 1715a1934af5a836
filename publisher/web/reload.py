"""Reload: compiles the next release beside the one that is served, opens it, and switches in one step."""

import asyncio
import gc
import logging
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

from publisher.dataset.repository import find_root
from publisher.errors import CannotRunError, CompilationError, PublisherError
from publisher.release.archive import Archive
from publisher.release.compiler import LAYOUT, remove_older
from publisher.release.store import open_store
from publisher.settings import Settings
from publisher.web.app import make_release
from publisher.web.asgi import Application
from publisher.web.client import Client
from publisher.web.control import Control, Outcome
from publisher.web.health import find_fault
from publisher.web.served_release import ServedRelease

SWITCHED: Final = "switched"
UNCHANGED: Final = "unchanged"
FAILED: Final = "failed"
DETAIL: Final = 4000
"""Characters of a failed compilation's output that are reported."""

Compile = Callable[[], Awaitable[Path]]


class Reloader:
    """Reloads when it is asked; a request during a reload makes another follow. It is used in one event loop.

    Args:
        settings: As at the start of the server; they are not read again.
        application: What serves.
        place: The folder of the release that is served.
        compile_next: Returns the folder of the compiled release of the root. Raises CannotRunError.
        control: Where outcomes are written.
        say: Prints what happens.
    """

    def __init__(
        self,
        settings: Settings,
        application: Application,
        place: Path,
        compile_next: Compile,
        control: Control,
        say: Callable[[str], None],
    ) -> None:
        self._settings = settings
        self._application = application
        self._place = place
        self._compile = compile_next
        self._control = control
        self._say = say
        self._again = False
        self._task: asyncio.Task[None] | None = None
        self._cleaning: set[asyncio.Task[None]] = set()

    def request(self) -> None:
        """Reload, or do it again when the reload that is under way has ended."""
        if self._task and not self._task.done():
            self._again = True
        else:
            self._task = asyncio.get_running_loop().create_task(self._reload_as_requested())

    async def stop(self) -> None:
        """Give up the reload that is under way."""
        tasks = {*self._cleaning, *([self._task] if self._task else [])}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _reload_as_requested(self) -> None:
        self._again = True
        while self._again:
            self._again, began = False, time.monotonic()
            outcome = await self.reload()
            self._application.tally.reloads[outcome.name] += 1
            self._control.report(outcome, self._application.release.store.release, began)
            self._say(f"Reload {outcome.name}: {outcome.detail}")
            if outcome.name == FAILED:  # It may have compiled a release, which is not served.
                await self._remove_older()

    async def reload(self) -> Outcome:
        """Compile, open and switch. Whatever fails, the present release is still served."""
        try:
            place = await self._compile()
            if place == self._place and await self._application.threads.in_file_thread(self._has_same_archive):
                return Outcome(UNCHANGED, "the files are those of the release that is served.")
            release = await self._open(place)
        except CompilationError as error:
            return Outcome(FAILED, error.detail, error.code)
        except PublisherError as error:
            return Outcome(FAILED, error.detail, error.exit_code)
        except Exception as error:
            logging.getLogger("publisher").error("A reload failed", exc_info=error)
            return Outcome(FAILED, "internal error; it has been logged.", PublisherError.exit_code)
        closed = self._application.switch(release)
        self._place = place
        cleaning = asyncio.get_running_loop().create_task(self._clean_up(closed))
        self._cleaning.add(cleaning)
        cleaning.add_done_callback(self._cleaning.discard)
        return Outcome(SWITCHED, f"now serving release {release.store.release}.")

    def _has_same_archive(self) -> bool:
        """Whether the frozen releases are those that the present release was opened with."""
        archive = Archive(find_root(self._settings.root), self._settings.store_folder())
        return archive.releases == self._application.release.store.archive.releases

    async def _open(self, place: Path) -> ServedRelease:
        """Open a compiled release, and see that it answers. Raises CannotRunError."""
        if not place.name.endswith(f"-{LAYOUT}"):
            raise CannotRunError(
                "The installed software is another version than the one that runs: restart the server."
            )
        release = await self._application.threads.in_file_thread(self._make, place)
        release.engine.run_in(asyncio.get_running_loop())
        client = Client(self._application.threads, _wait_for_ever)
        try:
            fault = await find_fault(release, client)
        finally:
            client.forget()
        if fault:
            await self._application.threads.in_file_thread(release.store.close)
            raise CannotRunError(f"The new release does not answer: {fault}")
        return release

    async def _clean_up(self, closed: "asyncio.Future[None]") -> None:
        """Free what a former release left behind, once it is closed: in memory, and on disk what is not to be kept."""
        await asyncio.shield(closed)
        gc.unfreeze()  # At the start all objects were frozen (`server.run`).
        gc.collect()
        gc.freeze()
        await self._remove_older()

    async def _remove_older(self) -> None:
        await self._application.threads.in_file_thread(remove_older, self._place, self._settings.releases_kept)

    def _make(self, place: Path) -> ServedRelease:
        store = open_store(self._settings, place)
        try:
            return make_release(self._settings, store, self._application.tally)
        except BaseException:
            store.close()
            raise


async def compile_in_process(root: str, options: Sequence[str]) -> Path:
    """Compile a root in a process of its own: neither its memory nor its time are those of the web process.

    options: further ones of `publisher compile`. The process ends when its standard input does, so it does not outlive
    the server. Raises CompilationError.
    """
    words = [sys.executable, "-P", "-m", "publisher", "compile", "--root", root, "--beside-server"]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*words, *options, stdin=pipe, stdout=pipe, stderr=pipe)
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        output, errors = await asyncio.gather(process.stdout.read(), process.stderr.read())
        code = await process.wait()
    except BaseException:
        process.kill()
        await process.wait()
        raise
    finally:
        process.stdin.close()
    lines = output.decode(errors="replace").strip().splitlines()
    if code or not lines:
        words_of_both = "\n".join([*lines, errors.decode(errors="replace").strip()]).strip()
        raise CompilationError(words_of_both[-DETAIL:] or "the compilation was ended from outside.", abs(code) or 2)
    return Path(lines[-1])


async def _wait_for_ever() -> dict[str, object]:
    await asyncio.Event().wait()
    raise AssertionError
