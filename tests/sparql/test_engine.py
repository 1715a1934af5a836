"""The query engine interface: sizes in messages, answers in pieces, cancelled queries."""

import io

import pytest
from support.each import each

from publisher.errors import PublisherError
from publisher.sparql.engine import CHUNK, Answer, always, check_wanted, format_bytes


@each(
    ("number", "expected"),
    [(0, "0 bytes"), (1023, "1023 bytes"), (1024, "1 KiB"), (1536, "1536 bytes"), (5 << 20, "5 MiB")],
)
def test_size_has_largest_whole_unit(number: int, expected: str) -> None:
    assert format_bytes(number) == expected


def test_pieces_are_the_whole_body_and_close_it() -> None:
    body = io.BytesIO(b"x" * (CHUNK + 1))
    answer = Answer("results", "text/csv", body, CHUNK + 1, repeatable=True)
    assert [len(piece) for piece in answer.pieces()] == [CHUNK, 1]
    assert body.closed


def test_unwanted_query_is_cancelled() -> None:
    check_wanted(always)
    with pytest.raises(PublisherError, match="Client disconnected"):
        check_wanted(lambda: False)
