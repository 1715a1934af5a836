"""Byte streams: pieces are read as one file."""

import io

from support.each import each

from publisher.byte_streams import JoinedPieces


@each("pieces", [[], [b""], [b"a"], [b"ab", b"", b"cde"], [b"x" * 5000]])
@each("size", [1, 3, 8192])
def test_pieces_are_read_as_one_file(pieces: list[bytes], size: int) -> None:
    file = io.BufferedReader(JoinedPieces(pieces), 16)
    assert b"".join(iter(lambda: file.read(size), b"")) == b"".join(pieces)


def test_one_read_takes_one_piece() -> None:
    file = JoinedPieces([b"ab", b"c"])
    assert [file.read(10), file.read(10), file.read(10)] == [b"ab", b"c", b""]
