"""The SPARQL protocol: parameters are decoded as the standard library does."""

import random
from urllib.parse import parse_qs

import pytest
from support.each import each

from publisher.errors import MalformedError
from publisher.sparql.protocol import read

MADE: random.Random = random.Random(1)
PIECES = (
    "%",
    "%%",
    "%2",
    "%41",
    "%c3%A9",
    "%5C",
    "%5cx41",
    "%zz",
    "%u0041",
    "\\",
    "\\n",
    "\\x41",
    "\\N{DIGIT ONE}",
    "+",
    "=",
    "a",
    "\n",
)


@each("sent", [*PIECES, *("".join(MADE.choices(PIECES, k=6)) for _ in range(20)), "x".join(PIECES), "%\\" * 2000])
def test_percent_escapes_are_decoded_as_by_urllib(sent: str) -> None:
    asked = read("GET", f"query=x{sent}".encode(), "", b"", "*/*").query
    assert asked
    assert asked.text == parse_qs(f"query=x{sent}", errors="strict")["query"][0]


def test_ascii_characters_are_unchanged() -> None:
    characters = bytes(range(128)).replace(b"&", b"").replace(b"+", b"").replace(b"%", b"")
    asked = read("GET", b"query=%41" + characters, "", b"", "*/*").query
    assert asked
    assert asked.text == "A" + characters.decode()


@each("sent", ["%ff", "%C3", "%C3%", "%E9t%E9", "\xe9"])
def test_invalid_utf8_is_malformed(sent: str) -> None:
    with pytest.raises(MalformedError, match="not percent-encoded UTF-8"):
        read("GET", f"query={sent}".encode("latin-1"), "", b"", "*/*")
