"""The progress: a bar on a terminal, lines elsewhere for runs of minutes."""

import threading
from types import TracebackType
from typing import Any, Final, TextIO

DELAY: Final = 2.0
"""Time in seconds after which the bar appears."""


class Bar:
    """A context manager that shows the phase and the progress of a run on a terminal after a delay.

    stream: the terminal; the bar is removed from it at the end. delay: in seconds. every: where the stream is no
    terminal, a line is written for each phase and each so many steps; 0 for none.
    """

    def __init__(self, stream: TextIO, delay: float = DELAY, every: int = 0) -> None:
        self._stream = stream
        self._every = 0 if stream.isatty() else every
        self._told = ("", 0)
        self._state = ("reading", 0, 0)
        self._shown: Any = None
        self._ended = False
        self._lock = threading.Lock()
        self._timer = threading.Timer(delay, self._show)
        self._timer.daemon = True

    def __call__(self, phase: str, done: int, total: int) -> None:
        """Report the progress: the phase, the number of completed steps, and their total (0 if unknown)."""
        with self._lock:
            self._state = (phase, done, total)
            self._update()
            if self._every and self._told != (phase, done // self._every):
                self._told = (phase, done // self._every)
                self._stream.write(f"{phase}: {done:,} of {total:,}\n" if total else f"{phase}\n")
                self._stream.flush()

    def __enter__(self) -> "Bar":
        if self._stream.isatty():
            self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            self._ended = True
            if self._shown:
                self._shown.stop()

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with self._lock:
            if self._ended:
                return
            self._shown = Progress(*columns, console=Console(file=self._stream), transient=True)
            self._shown.add_task("")
            self._update()
            self._shown.start()

    def _update(self) -> None:
        if self._shown:
            phase, done, total = self._state
            self._shown.update(0, description=phase, completed=done, total=total or None)
