"""The drawer of cards: makes PNG pictures of them with the two styles of one typeface."""

from collections.abc import Sequence
from pathlib import Path

from publisher.pages.pictures.card import ACCENT, HEIGHT, INKS, PAPER, WIDTH, Card, place_lines
from publisher.pages.pictures.rasterizer import Canvas
from publisher.pages.pictures.typeface import read_typeface


class CardDrawer:
    """Draws cards. What all of them share is drawn once: it takes ten times as long as what differs."""

    def __init__(self, fonts: Sequence[Path]) -> None:
        """fonts: the files of the regular and the bold style. Raises what `read_typeface` does."""
        self._faces = [read_typeface(file) for file in fonts]
        self._frame = _draw_frame()

    def draw(self, card: Card) -> bytes:
        """A card as PNG; the same bytes for the same card."""
        canvas = self._frame.copy()
        for line in place_lines(card, *self._faces):
            canvas.draw_line(line)
        return canvas.write_png()


def _draw_frame() -> Canvas:
    """The background, a bar, and the sign of linked things that the site has as its icon."""
    canvas = Canvas((WIDTH, HEIGHT), PAPER, INKS)
    canvas.draw_rectangle((0, 0), (28, HEIGHT), ACCENT)
    ends = ((1082, 60), (1052, 112), (1112, 112))
    canvas.draw_path([*ends, ends[0]], 6, ACCENT)
    for end in ends:
        canvas.draw_disc(end, 15, ACCENT)
    return canvas
