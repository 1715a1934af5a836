"""Typefaces: which characters a font file has and how wide they are, and texts in the characters that it has."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fontTools.ttLib import TTFont


@dataclass(frozen=True)
class Typeface:
    """One style of a font.

    path: its file. family: its name, as pictures state it. weight: from 100 to 900. widths: of each character, in ems.
    """

    path: Path
    family: str
    weight: int
    widths: Mapping[str, float]

    def measure(self, text: str, size: float) -> float:
        """The width of a text in pixels at a size in pixels, without kerning. Characters it lacks count one em."""
        return size * sum(self.widths.get(char, 1.0) for char in text)

    def spell(self, text: str) -> str:
        """A text on one line in characters of this typeface: of others their plain form, else none.

        Ligatures, full-width forms and accents that it lacks have a plain form (Unicode NFKD); other scripts and
        pictographs have none.
        """
        line = " ".join(unicodedata.normalize("NFC", text).split())
        spelled = "".join(char if char in self.widths else self._simplify(char) for char in line)
        return " ".join(spelled.split())

    def is_legible(self, text: str) -> bool:
        """Whether it has most of the letters and digits of a text."""
        letters = [char for char in text if char.isalnum()]
        lost = sum(not self.spell(char) for char in letters)
        return len(letters) > 2 * lost

    def _simplify(self, char: str) -> str:
        return "".join(part for part in unicodedata.normalize("NFKD", char) if part in self.widths)


@dataclass(frozen=True)
class Line:
    """A line of text. left, baseline: where it begins, in pixels. ink: the number of its color."""

    text: str
    face: Typeface
    size: int
    left: int
    baseline: int
    ink: int


def read_typeface(path: Path) -> Typeface:
    """Read a TrueType or OpenType file. Raises OSError, or fontTools.ttLib.TTLibError where it is none."""
    with TTFont(path, lazy=True) as font:
        units = font["head"].unitsPerEm
        advances = font["hmtx"].metrics
        widths = {chr(code): advances[glyph][0] / units for code, glyph in font.getBestCmap().items()}
        printable = {char: width for char, width in widths.items() if char.isprintable()}
        family = font["name"].getBestFamilyName()
        return Typeface(path, family, font["OS/2"].usWeightClass, printable)
