"""The rasterizer: the same pixels in every process, letters where they belong, and colors that do not mix."""

import hashlib
import io
import struct
import subprocess
import sys
from dataclasses import replace

import pytest
from PIL import Image
from support.fonts import read_faces

from publisher.pages.pictures.rasterizer import SHADES, Canvas
from publisher.pages.pictures.typeface import Line

PAPER, INKS = "#ffffff", ("#000000", "#ff0000", "#00ff00")
OTHER_PROCESS = """
import hashlib, sys
sys.path[:0] = ["tests", "tests/pages/pictures"]
import test_rasterizer
print(hashlib.sha256(test_rasterizer.draw("Pond").write_png()).hexdigest())
"""

Pixels = list[list[tuple[int, ...]]]


def draw(text: str, ink: int = 0, left: int = 4, baseline: int = 30) -> Canvas:
    canvas = Canvas((120, 40), PAPER, INKS)
    canvas.draw_line(Line(text, read_faces()[0], 24, left, baseline, ink))
    return canvas


def read(canvas: Canvas) -> Pixels:
    """The pixels by row."""
    with Image.open(io.BytesIO(canvas.write_png())) as picture:
        drawn = picture.convert("RGB")
        return [[drawn.getpixel((x, y)) for x in range(drawn.width)] for y in range(drawn.height)]  # type: ignore


def box(canvas: Canvas) -> tuple[int, int, int, int]:
    """The edges of what is drawn: left, top, right, bottom."""
    rows = read(canvas)
    drawn = [(x, y) for y, row in enumerate(rows) for x, pixel in enumerate(row) if pixel != (255, 255, 255)]
    return min(drawn)[0], min(y for _, y in drawn), max(drawn)[0], max(y for _, y in drawn)


def test_picture_is_a_png_of_its_size_with_half_a_byte_for_each_pixel() -> None:
    drawn = draw("Pond").write_png()
    assert drawn.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">IIBB", drawn[16:26]) == (120, 40, 4, 3)


@pytest.mark.slow
def test_another_process_draws_the_same_bytes() -> None:
    own = hashlib.sha256(draw("Pond").write_png()).hexdigest()
    done = subprocess.run([sys.executable, "-c", OTHER_PROCESS], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == own


def test_shapes_have_their_place_and_color() -> None:
    canvas = Canvas((20, 10), PAPER, INKS)
    canvas.draw_rectangle((0, 0), (3, 10), 1)
    canvas.draw_disc((10, 5), 2, 2)
    canvas.draw_path([(16, 0), (16, 10)], 4, 0)
    row = read(canvas)[5]
    assert [row[x] for x in (0, 2, 3, 7, 10, 13, 16, 19)] == [
        (255, 0, 0),
        (255, 0, 0),
        (255, 255, 255),
        (255, 255, 255),
        (0, 255, 0),
        (255, 255, 255),
        (0, 0, 0),
        (255, 255, 255),
    ]


def test_shapes_that_touch_leave_no_gap() -> None:
    canvas = Canvas((20, 20), PAPER, INKS)
    canvas.draw_path([(2, 10), (18, 10)], 4, 0)
    canvas.draw_disc((10, 10), 5, 0)
    assert set(read(canvas)[10][3:17]) == {(0, 0, 0)}


def test_every_color_is_a_shade_of_one_ink() -> None:
    canvas = draw("Pond", 1)
    canvas.draw_line(Line("Mill", read_faces()[1], 24, 60, 30, 2))
    colors = {pixel for row in read(canvas) for pixel in row}
    assert all(blue in (red, green) for red, green, blue in colors)
    assert {(255, 255, 255), (255, 0, 0), (0, 255, 0)} < colors
    assert len(colors) == 1 + 2 * SHADES


def test_letters_stand_on_the_baseline_at_their_left() -> None:
    left, top, right, bottom = box(draw("HH"))
    assert (left, bottom) == (6, 29)
    assert 10 < bottom - top < 18
    assert box(draw("HH", left=14)) == (16, top, right + 10, bottom)


def test_letters_are_kerned() -> None:
    regular, _ = read_faces()
    left, _, right, _ = box(draw("ToToTo"))
    assert right - left < regular.measure("ToToTo", 24) - 4


def test_accent_stands_over_its_letter() -> None:
    plain, accented = box(draw("x")), box(draw("x\u0301"))
    assert accented[0] == plain[0]
    assert accented[1] < plain[1] - 2
    assert accented[2] - accented[0] < 16


def test_text_beyond_the_edges_is_left_out() -> None:
    assert box(draw("W" * 20))[2] == 119
    assert box(draw("Pond", baseline=2))[1] == 0
    assert box(draw("Pond", baseline=45))[3] == 39


def test_copy_is_drawn_on_alone() -> None:
    canvas = draw("Pond")
    before = canvas.write_png()
    canvas.copy().draw_rectangle((0, 0), (9, 9), 0)
    assert canvas.write_png() == before


def test_size_and_face_matter() -> None:
    regular, bold = read_faces()
    line, drawn = Line("Pond", regular, 20, 0, 30, 0), []
    for each in (line, replace(line, face=bold), replace(line, size=22)):
        canvas = Canvas((90, 40), PAPER, INKS)
        canvas.draw_line(each)
        drawn.append(canvas.write_png())
    assert len(set(drawn)) == 3
