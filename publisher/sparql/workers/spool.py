"""Spooled results: the output of a query, bounded in bytes, in memory or in a temporary file."""

import io
import tempfile
from collections.abc import Callable
from functools import partial
from typing import BinaryIO, Final, cast

from publisher.errors import ResultLimitError
from publisher.sparql.engine import format_bytes

SPOOL_MEMORY: Final = 1 << 20
"""Bytes of a result that stay in memory; the rest goes to an unlinked temporary file."""


class Result:
    """The bytes of a result, in `file`: up to `SPOOL_MEMORY` in memory, more in an unlinked temporary file.

    limit: bytes.
    """

    def __init__(self, limit: int) -> None:
        self.size = 0
        self.file: BinaryIO = io.BytesIO()
        self._limit = limit
        self._closed = False

    def add(self, data: bytes) -> Callable[[], object] | None:
        """Add the next bytes. Returns a function that writes to a file, if any: call it, in any thread, before the next
        `add`. Raises ResultLimitError."""
        before, self.size = self.size, self.size + len(data)
        if self.size > self._limit:
            raise result_limit(self._limit)
        if self.size <= SPOOL_MEMORY:
            self.file.write(data)
            return None
        return partial(self._begin_file if before <= SPOOL_MEMORY else self.file.write, data)

    def _begin_file(self, data: bytes) -> None:
        small, self.file = self.file, cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 - closed by `close`
        try:
            self.file.write(cast(io.BytesIO, small).getvalue())
            self.file.write(data)
        finally:
            if self._closed:  # Meanwhile: the client left.
                self.file.close()

    def close(self) -> None:
        """Close the file."""
        self._closed = True
        self.file.close()


class Capped:
    """A binary file with a size limit: the same answer may be far longer in another format."""

    def __init__(self, file: BinaryIO, limit: int) -> None:
        self._file = file
        self._limit = limit

    def write(self, data: bytes) -> int:
        """Write all of the data. Raises ResultLimitError beyond the limit."""
        if self._file.tell() + len(data) > self._limit:
            raise result_limit(self._limit)
        return self._file.write(data)

    def flush(self) -> None:
        """Flush the file."""
        self._file.flush()


def result_limit(limit: int) -> ResultLimitError:
    """Return the error of a result that exceeds a limit of bytes."""
    return ResultLimitError(f"Result exceeds the limit of {format_bytes(limit)}.", limit="result", value=limit)
