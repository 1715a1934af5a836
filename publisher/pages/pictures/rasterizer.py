"""The rasterizer: draws texts and plain shapes as a PNG of few colors, with the given typefaces only."""

import io
import re
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Final, Self

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFont

from publisher.pages.pictures.typeface import Line

SHADES: Final = 5
"""Steps from the background to an ink at the edges of what is drawn. Three inks and the background are 16 colors then,
so that a pixel is half a byte, and compressing, which takes most of the time, has half as much to do."""
SCALE: Final = 4
"""Everything is drawn so many times as large and made smaller, which leaves letters where they belong to a quarter of a
pixel."""
LEVEL: Final = 4
"""Of compression: 6 takes nearly twice the time and saves a fifteenth."""
UNITS: Final = 1000
"""The size in which distances between letters are measured."""
_CLUSTER: Final = re.compile("(?s:.)[\u0300-\u036f]*")
"""A character with the accents that are written after it."""

Point = tuple[float, float]


class Canvas:
    """A picture of one background and at most three inks, which stand in one place only by turns.

    A pixel has the number of its color: 0 is the background, `SHADES` numbers belong to each ink.
    """

    def __init__(self, size: tuple[int, int], background: str, inks: Sequence[str]) -> None:
        """size: width and height in pixels. background, inks: colors as in CSS."""
        self._pixels = Image.new("L", size)
        self._palette = [*ImageColor.getrgb(background)]
        for ink in inks:
            pairs = list(zip(ImageColor.getrgb(background), ImageColor.getrgb(ink), strict=True))
            for shade in range(1, SHADES + 1):
                self._palette += [round(back + (front - back) * shade / SHADES) for back, front in pairs]

    def copy(self) -> Self:
        """A canvas with the same picture, which can be drawn on alone."""
        other = object.__new__(type(self))
        other._pixels, other._palette = self._pixels.copy(), self._palette
        return other

    def draw_rectangle(self, top_left: Point, bottom_right: Point, ink: int) -> None:
        """Fill a rectangle."""
        self._draw_shape(lambda draw: draw.rectangle([_enlarge(top_left), _enlarge(bottom_right, -1)], 255), ink)

    def draw_disc(self, middle: Point, radius: float, ink: int) -> None:
        """Fill a circle."""
        self._draw_shape(lambda draw: draw.circle(_enlarge(middle), radius * SCALE, 255), ink)

    def draw_path(self, points: Sequence[Point], width: float, ink: int) -> None:
        """Draw straight lines from each point to the next."""
        enlarged = [_enlarge(point) for point in points]
        self._draw_shape(lambda draw: draw.line(enlarged, 255, round(width * SCALE)), ink)

    def draw_line(self, line: Line) -> None:
        """Draw a line of text, without what stands beyond the edges."""
        strip = Image.new("L", (self._pixels.width, 2 * line.size))
        path, left, before = str(line.face.path), line.left * SCALE, ""
        for cluster in _CLUSTER.findall(line.text):
            left += round(_kern(path, before + cluster) * line.size * SCALE) if before else 0
            glyph, (x, y) = _draw_glyph(path, line.size, cluster, left % SCALE)
            strip.paste(255, (left // SCALE + x, round(1.5 * line.size) + y), glyph)
            left += round(line.face.measure(cluster, line.size * SCALE))
            before = cluster
        self._blot(strip, line.baseline - round(1.5 * line.size), line.ink)

    def write_png(self) -> bytes:
        """The picture as PNG; the same bytes for the same picture."""
        picture, out = self._pixels.copy(), io.BytesIO()
        picture.putpalette(self._palette)
        picture.save(out, "PNG", bits=4, compress_level=LEVEL)
        return out.getvalue()

    def _draw_shape(self, draw: Callable[[ImageDraw.ImageDraw], None], ink: int) -> None:
        """Draw one shape on a mask as large as the canvas: for what many pictures share."""
        mask = Image.new("L", (self._pixels.width * SCALE, self._pixels.height * SCALE))
        draw(ImageDraw.Draw(mask))
        self._blot(mask.reduce(SCALE), 0, ink)

    def _blot(self, mask: Image.Image, top: int, ink: int) -> None:
        """Put ink where a mask, as wide as the canvas, is not 0; where there is more of it already, that stays."""
        band = (0, top, mask.width, top + mask.height)
        numbers = mask.point(_number_shades(ink))
        self._pixels.paste(ImageChops.lighter(self._pixels.crop(band), numbers), band)


@cache
def _number_shades(ink: int) -> list[int]:
    """The color for each share of ink, from 0 to 255."""
    shades = (round(value * SHADES / 255) for value in range(256))
    return [ink * SHADES + shade if shade else 0 for shade in shades]


def _enlarge(point: Point, more: int = 0) -> Point:
    return point[0] * SCALE + more, point[1] * SCALE + more


@lru_cache(maxsize=16)
def _open_font(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size)


@lru_cache(maxsize=2048)
def _draw_glyph(path: str, size: int, cluster: str, shift: int) -> tuple[Image.Image, tuple[int, int]]:
    """The mask of a character, and its place from the place of its line. shift: to the right, in parts of a pixel.

    Some hundreds of 1 to 4 KB are all that the pictures of a language need.
    """
    font = _open_font(path, size * SCALE)
    left, top, right, bottom = (round(edge) for edge in font.getbbox(cluster, anchor="ls"))
    x, y = (left + shift) // SCALE, top // SCALE
    size_ = (-(-(right + shift) // SCALE) - x, -(-bottom // SCALE) - y)
    mask = Image.new("L", (max(size_[0], 1) * SCALE, max(size_[1], 1) * SCALE))
    ImageDraw.Draw(mask).text((shift - x * SCALE, -y * SCALE), cluster, 255, font, "ls")
    return mask.reduce(SCALE), (x, y)


@lru_cache(maxsize=8192)
def _kern(path: str, pair: str) -> float:
    """How much closer than their widths two characters stand, in ems; negative where they do."""
    font = _open_font(path, UNITS)
    return (font.getlength(pair) - sum(font.getlength(cluster) for cluster in _CLUSTER.findall(pair))) / UNITS
