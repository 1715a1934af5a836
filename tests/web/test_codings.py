"""Content codings: the choice by Accept-Encoding, and bodies that decompress to the plain ones."""

import gzip
import io

import pytest
from support.each import each

from publisher.web.codings import (
    GZIP,
    PIECE,
    SMALL,
    ZSTD,
    CompressedFile,
    choose_coding,
    compress,
    describe_coded,
    excludes_identity,
    is_compressible,
)
from publisher.zstandard import zstd

DECODERS = {GZIP: gzip.decompress, ZSTD: zstd.decompress}
TEXT = b"The same line again and again.\n" * 20_000


@each(
    ("header", "coding"),
    [
        (None, "identity"),
        ("", "identity"),
        ("identity", "identity"),
        ("br", "identity"),
        ("gzip", GZIP),
        ("GZIP", GZIP),
        ("x-gzip", GZIP),
        ("gzip;q=0", "identity"),
        ("gzip; q=0.000", "identity"),
        ("gzip, deflate, br, zstd", ZSTD),
        ("gzip, zstd;q=0.9", GZIP),
        ("zstd;q=0.5, gzip;q=0.5", ZSTD),
        ("gzip;q=0.5, identity", "identity"),
        ("gzip, identity", GZIP),
        ("gzip;q=0.2, identity;q=0.1, br", GZIP),
        ("*", GZIP),
        ("*;q=0", "identity"),
        ("*;q=0, gzip", GZIP),
        ("gzip;q=0, *", ZSTD),
        ("gzip;q=0, zstd;q=0, *", "identity"),
        ("identity;q=0, gzip", GZIP),
        ("identity;q=0", "identity"),
        ("br, *;q=0.1", GZIP),
        ("gzip;q=0, gzip", GZIP),
        (",,;q=1, \x7f", "identity"),
        ("gzip;q=nonsense", "identity"),
    ],
)
def test_coding_follows_accept_encoding(header: str | None, coding: str) -> None:
    assert choose_coding(header) == coding


@each(
    ("header", "excludes"),
    [(None, False), ("gzip", False), ("identity;q=0, gzip", True), ("*;q=0, gzip", True), ("*;q=0, identity", False)],
)
def test_zero_quality_excludes_identity(header: str | None, excludes: bool) -> None:
    assert excludes_identity(header) is excludes


@pytest.mark.parametrize("coding", [GZIP, ZSTD])
def test_compressed_body_decompresses_to_plain_one(coding: str) -> None:
    coded = compress(TEXT, coding)
    assert DECODERS[coding](coded) == TEXT
    assert len(coded) < len(TEXT) // 20
    assert compress(TEXT, coding) == coded, "a strong ETag needs the same bytes"


@each("coding", [GZIP, ZSTD])
@each("size", [0, 1, PIECE, 2 * PIECE + 1])
def test_file_is_compressed_while_read(coding: str, size: int) -> None:
    plain = io.BytesIO(TEXT[:size])
    file = CompressedFile(plain, size, coding)
    pieces = []
    while piece := file.read(1):
        pieces.append(piece)
    assert DECODERS[coding](b"".join(pieces)) == TEXT[:size]
    assert file.read() == b""
    file.close()
    assert plain.closed


def test_coded_headers_have_own_strong_etag_and_same_weak_one() -> None:
    plain = ((b"content-length", b"9"), (b"etag", b'"a"'), (b"vary", b"Accept"))
    coded = dict(describe_coded(plain, GZIP, b"xyz"))
    assert coded[b"etag"] not in (b'"a"', dict(describe_coded(plain, ZSTD, b"xy"))[b"etag"])
    assert (coded[b"content-length"], coded[b"content-encoding"], coded[b"vary"]) == (b"3", b"gzip", b"Accept")
    streamed = dict(describe_coded(plain, GZIP, None))
    assert (streamed[b"etag"], b"content-length" in streamed) == (b'W/"a"', False)
    assert dict(describe_coded([(b"etag", b'W/"a"')], GZIP, b""))[b"etag"] == b'W/"a"'


@each(
    ("content_type", "size", "compressible"),
    [
        ("text/html; charset=utf-8", SMALL, True),
        ("text/html; charset=utf-8", SMALL - 1, False),
        ("application/sparql-results+json", SMALL, True),
        ("application/n-triples", SMALL, True),
        ("image/svg+xml", SMALL, True),
        ("application/gzip", SMALL, False),
        ("image/png", SMALL, False),
    ],
)
def test_only_text_of_some_size_is_compressed(content_type: str, size: int, compressible: bool) -> None:
    headers = [(b"content-type", content_type.encode())]
    assert is_compressible(headers, size) is compressible
    assert not is_compressible([*headers, (b"content-encoding", b"gzip")], size)
