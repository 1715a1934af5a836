"""The rasterizer: makes a PNG of an SVG with the given typefaces only, so that it is the same on every machine."""

import threading
from collections.abc import Sequence
from typing import Final

import resvg_py

from publisher.pages.pictures.typeface import Typeface

_ALONE: Final = threading.Lock()
"""While it draws, 30 to 60 ms for a card, the library keeps the interpreter from running anything else. One at a time,
so that the event loop gets its turn between two."""


def rasterize(svg: str, faces: Sequence[Typeface]) -> bytes:
    """Return an SVG as PNG. It may not refer to files. Raises ValueError where it is no SVG."""
    files = [str(face.path) for face in faces]
    with _ALONE:
        drawn: bytes = resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=True, font_files=files)
    return drawn
