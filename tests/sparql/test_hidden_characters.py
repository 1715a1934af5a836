"""Hidden characters: which ones are found, and how they are named."""

import unicodedata

import pytest
from support.each import each

from publisher.sparql.hidden_characters import find_hidden, is_space, name_hidden


@each("code", [0x00, 0x0B, 0x85, 0xAD, 0x34F, 0x115F, 0x200D, 0x202E, 0x3164, 0xFE0F, 0xFEFF, 0xE0020])
def test_ignored_character_is_found(code: int) -> None:
    assert find_hidden(f"a \t\r\n{chr(code)}{chr(code)}b") == chr(code)
    assert not is_space(chr(code))


@pytest.mark.slow
def test_every_space_that_is_not_one_of_sparql_is_found() -> None:
    spaces = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) in ("Zs", "Zl", "Zp")]
    assert [c for c in spaces if find_hidden(c) != c] == [" "]
    assert all(map(is_space, spaces[1:]))


def test_visible_text_has_none() -> None:
    assert find_hidden("SELECT ?größe {\n\t?s ?p '多 “x” 😀' } # –") == ""


def test_character_is_named_by_code_and_name() -> None:
    assert name_hidden("\u200d") == "U+200D (zero width joiner)"
    assert name_hidden("\x0b") == "U+000B (control character)"
