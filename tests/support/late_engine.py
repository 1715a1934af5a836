"""The engine of an application under test: its query processes start with the first query; most tests send none."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

from publisher.release import store
from publisher.release.index import Index
from publisher.release.store import Store
from publisher.settings import Settings
from publisher.sparql.embedded import Embedded
from publisher.sparql.engine import Answer, Load, Query, always

_open_embedded = store._open_embedded


class LateEngine:
    """The embedded engine, opened when it is used."""

    def __init__(self, settings: Settings, path: Path, index: Index) -> None:
        self._opening = (settings, path, index)
        self._engine: Embedded | None = None
        self._loop: Any = None
        self._lock = threading.Lock()

    def run_in(self, loop: Any) -> None:
        self._loop = loop

    def ask(self, query: Query, wanted: Callable[[], bool] = always) -> Answer:
        return self._open().ask(query, wanted)

    async def answer(self, query: Query, wanted: Callable[[], bool] = always) -> Answer:
        return await self._open().answer(query, wanted)

    def load(self) -> Load:
        return self._open().load()

    def close(self) -> None:
        if self._engine:
            self._engine.close()

    def _open(self) -> Embedded:
        with self._lock:
            if self._engine is None:
                self._engine = _open_embedded(*self._opening)
                if self._loop:
                    self._engine.run_in(self._loop)
        return self._engine


def open_store(settings: Settings) -> Store:
    """Open a store as `publisher.release.store.open_store` does, with an engine that starts late."""
    with mock.patch.object(store, "_open_embedded", LateEngine):
        return store.open_store(settings)
