"""Typefaces: widths, and texts in the characters that a font has."""

from pathlib import Path

from support.each import each
from support.fonts import read_faces

from publisher.pages.pictures.typeface import Typeface

FACE = Typeface(Path("x.ttf"), "X", 400, dict.fromkeys("abefi ", 0.5) | {"é": 0.5, "W": 1.0})


def test_width_is_the_sum_of_its_characters() -> None:
    assert FACE.measure("aWb", 10) == 20
    assert FACE.measure("a?", 10) == 15


@each(
    ("text", "spelled"),
    [
        ("  a \n\tb ", "a b"),
        ("e\u0301", "é"),
        ("á", "a"),
        ("ﬁ", "fi"),
        ("a\u200bb\x00", "ab"),
        ("a 🎉 b", "a b"),
        ("日本", ""),
    ],
)
def test_text_is_spelled_in_characters_of_the_font(text: str, spelled: str) -> None:
    assert FACE.spell(text) == spelled


@each(("text", "legible"), [("ab", True), ("ab日", True), ("a日", False), ("日本", False), ("?", False)])
def test_text_is_legible_with_most_of_its_letters(text: str, legible: bool) -> None:
    assert FACE.is_legible(text) is legible


def test_font_is_read_from_its_file() -> None:
    regular, bold = read_faces()
    assert (regular.family, bold.family) == ("Source Sans 3", "Source Sans 3")
    assert (regular.weight, bold.weight) == (400, 700)
    assert regular.measure("Clean Slate", 20) < bold.measure("Clean Slate", 20)
    assert regular.spell("Łódź, Ελλάδα, Москва: “½” – …") == "Łódź, Ελλάδα, Москва: “½” – …"
    assert not any(char in regular.widths for char in "\x00\n日🎉")
