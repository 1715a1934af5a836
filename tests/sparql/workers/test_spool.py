"""Spooled results: in memory up to a size, then in a temporary file, bounded in bytes."""

import io

import pytest

from publisher.errors import ResultLimitError
from publisher.sparql.workers.spool import SPOOL_MEMORY, Capped, Result


def add(result: Result, data: bytes) -> None:
    write = result.add(data)
    if write:
        write()


def test_small_result_stays_in_memory() -> None:
    result = Result(SPOOL_MEMORY)
    assert result.add(b"x" * SPOOL_MEMORY) is None
    assert isinstance(result.file, io.BytesIO)


def test_large_result_moves_to_a_file_completely() -> None:
    result = Result(3 * SPOOL_MEMORY)
    for piece in (b"a" * SPOOL_MEMORY, b"b", b"c" * 10):
        add(result, piece)
    assert not isinstance(result.file, io.BytesIO)
    result.file.seek(0)
    assert result.file.read() == b"a" * SPOOL_MEMORY + b"b" + b"c" * 10
    assert result.size == SPOOL_MEMORY + 11
    result.close()


def test_result_over_limit_is_an_error() -> None:
    result = Result(1024)
    add(result, b"x" * 1024)
    with pytest.raises(ResultLimitError, match="exceeds the limit of 1 KiB") as caught:
        result.add(b"x")
    assert caught.value.members == {"limit": "result", "value": 1024}


def test_file_begun_after_close_is_closed() -> None:
    result = Result(3 * SPOOL_MEMORY)
    write = result.add(b"x" * (SPOOL_MEMORY + 1))
    result.close()
    assert write
    with pytest.raises(ValueError, match="closed file"):
        write()
    assert not isinstance(result.file, io.BytesIO)
    assert result.file.closed


def test_capped_file_rejects_data_over_limit() -> None:
    capped = Capped(io.BytesIO(), 4)
    assert capped.write(b"1234") == 4
    with pytest.raises(ResultLimitError):
        capped.write(b"5")
