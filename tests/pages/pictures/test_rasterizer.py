"""The rasterizer: the same pixels in every process, with the given typefaces and no others."""

import hashlib
import struct
import subprocess
import sys

import pytest
from support.fonts import read_faces

from publisher.pages.pictures.rasterizer import rasterize

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20">'
    '<text y="15" font-family="\'{}\'" font-size="14">Pond</text></svg>'
)
OTHER_PROCESS = f"""
import hashlib, sys
sys.path.insert(0, "tests")
from support.fonts import read_faces
from publisher.pages.pictures.rasterizer import rasterize
print(hashlib.sha256(rasterize({SVG.format("Source Sans 3")!r}, read_faces())).hexdigest())
"""


def test_picture_is_a_png_of_its_size() -> None:
    drawn = rasterize(SVG.format("Source Sans 3"), read_faces())
    assert drawn.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", drawn[16:24]) == (60, 20)


@pytest.mark.slow
def test_another_process_draws_the_same_bytes() -> None:
    own = hashlib.sha256(rasterize(SVG.format("Source Sans 3"), read_faces())).hexdigest()
    done = subprocess.run([sys.executable, "-c", OTHER_PROCESS], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == own


def test_fonts_of_the_system_are_not_used() -> None:
    faces = read_faces()
    empty = rasterize(SVG.format("DejaVu Sans"), ())
    assert rasterize(SVG.format("Source Sans 3"), ()) == empty
    assert rasterize(SVG.format("Source Sans 3"), faces) != empty


def test_text_that_is_no_picture_is_an_error() -> None:
    with pytest.raises(ValueError, match="1:1"):
        rasterize("pond", ())
