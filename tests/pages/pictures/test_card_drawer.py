"""The drawer of cards: what all share, what differs, and the size of their files."""

import io
import struct
from dataclasses import replace
from functools import cache

from PIL import Image
from support.fonts import read_faces

from publisher.pages.pictures.card import FOOT, HEIGHT, INKS, WIDTH, Card
from publisher.pages.pictures.card_drawer import CardDrawer

CARD = Card("Mill Pond", "Pond", "A pond with a mill, which ground corn for the whole valley.", "Vermont Ponds", "mill")


@cache
def drawer() -> CardDrawer:
    return CardDrawer([face.path for face in read_faces()])


def colors(card: Card, left: int, top: int, right: int, bottom: int) -> set[str]:
    """The inks in a part of a card."""
    with Image.open(io.BytesIO(drawer().draw(card))) as picture:
        part = picture.convert("RGB").crop((left, top, right, bottom))
    found = {f"#{red:02x}{green:02x}{blue:02x}" for _, (red, green, blue) in part.getcolors(1 << 20) or ()}  # type: ignore
    return found & set(INKS)


def test_card_has_its_size_and_few_bytes() -> None:
    drawn = drawer().draw(CARD)
    assert struct.unpack(">II", drawn[16:24]) == (WIDTH, HEIGHT)
    assert 5_000 < len(drawn) < 20_000


def test_same_card_has_the_same_bytes() -> None:
    before = drawer().draw(CARD)
    assert drawer().draw(replace(CARD, title="Other")) != before
    assert drawer().draw(CARD) == before == CardDrawer([face.path for face in read_faces()]).draw(CARD)


def test_every_part_has_its_color() -> None:
    ink, quiet, accent = INKS
    assert colors(CARD, 0, 0, 28, HEIGHT) == {accent}
    assert colors(CARD, 28, 0, 90, HEIGHT) == set()
    assert colors(CARD, 1000, 30, WIDTH, 140) == {accent}
    assert colors(CARD, 90, 60, 1000, 115) == {accent}
    assert colors(CARD, 90, 140, 1000, 230) == {ink}
    assert colors(CARD, 90, 250, WIDTH, 320) == {quiet}
    assert colors(CARD, 90, FOOT - 30, WIDTH, FOOT + 10) == {accent}


def test_scripts_that_the_font_has_are_drawn() -> None:
    drawn = {drawer().draw(replace(CARD, title=title)) for title in ("Москва", "Ελλάδα", "Łódź", "Việt Nam", "mill")}
    assert len(drawn) == 5
    assert drawer().draw(replace(CARD, title="日本の池")) == drawer().draw(replace(CARD, title="mill"))
