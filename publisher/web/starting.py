"""Starting: opens the release while the modules of the server are imported; each takes about half a second."""

import contextlib
import gc
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from publisher.errors import PublisherError
from publisher.platform_support import return_freed_memory
from publisher.release.store import open_store
from publisher.settings import Settings


def start(settings: Settings, place: Path, options: Sequence[str] = ()) -> None:
    """Serve the release in a folder until the process is told to stop. Raises as `server.run` and `open_store` do.

    options: of `publisher compile` for the next release.
    """
    logging.basicConfig(format="%(asctime)s %(name)s %(levelname)s %(message)s")
    return_freed_memory()  # before there are threads
    gc.disable()  # Modules are no garbage: searching them takes a tenth of the time of importing them.
    with ThreadPoolExecutor(1) as threads:
        opening = threads.submit(open_store, settings, place)
        from publisher.web import server
    gc.freeze()
    gc.enable()
    try:
        server.run(settings, opening.result, place, options)
    except PublisherError:
        with contextlib.suppress(PublisherError):
            opening.result().close()
        raise
