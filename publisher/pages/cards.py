"""Cards of the site, for Open Graph: the picture beside a shared link, drawn when it is asked for.

A card takes 5 to 8 ms of processor time: those of a million triples would add minutes to a compilation, and most of
them nobody asks for.
"""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from publisher.dataset.iris import CARD_PATH, CARDS_PATH, DOCUMENT_PATH
from publisher.pages.pictures.card import Card

if TYPE_CHECKING:
    from publisher.pages.pictures.card_drawer import CardDrawer

FOLDER: Final = Path(__file__).with_name("fonts")
FONTS: Final = ("SourceSans3_400Regular.ttf", "SourceSans3_700Bold.ttf")
"""Regular and bold. The build fetches them, with their license; they are absent if it was offline."""


class Cards:
    """Draws cards with the typefaces of a folder. Without these there are no cards, and pages name none."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._files = [folder / name for name in FONTS]
        self._present = all(file.is_file() for file in self._files)

    def __bool__(self) -> bool:
        return self._present

    @cached_property
    def _drawer(self) -> "CardDrawer":
        """Made for the first card, not at the start: it takes about 150 ms."""
        from publisher.pages.pictures.card_drawer import CardDrawer

        return CardDrawer(self._files)

    def draw(self, card: Card) -> bytes:
        """A card as PNG; the same bytes for the same card."""
        return self._drawer.draw(card)


def card_path(path: str) -> str:
    """The path of the card of the page at a path: that of the thing whose document it is, else that of the site."""
    return f"{CARDS_PATH}{path.removeprefix(DOCUMENT_PATH)}.png" if path.startswith(DOCUMENT_PATH) else CARD_PATH
