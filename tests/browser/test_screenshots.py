"""The screenshots: the script writes them, and those of the README are there, in the right size."""

import struct
import subprocess
import sys
from pathlib import Path

from support.sample_root import CHECKOUT

SCRIPT = CHECKOUT / "scripts" / "screenshots.py"
BYTES = 200_000
"""Most bytes of one screenshot of the README."""


def size(file: Path) -> tuple[int, int]:
    """Width and height of a PNG (its first chunk, IHDR)."""
    head = file.read_bytes()[:24]
    assert head.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", head[16:])
    return width, height


def test_script_writes_the_screenshots_of_the_readme(server: str, tmp_path: Path) -> None:
    import screenshots

    with screenshots.browsing() as browser:
        screenshots.write_readme(browser, server, tmp_path)
    written = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert set(written) == set(screenshots.README_FILES.values())
    assert {size(tmp_path / name) for name in written} == {screenshots.README_SIZE}
    assert len(set(written.values())) == len(written), "light and dark differ"


def test_script_writes_pages_in_both_widths_and_schemes(server: str, tmp_path: Path) -> None:
    words = [sys.executable, str(SCRIPT), "--server", server, str(tmp_path), "about"]
    subprocess.run(words, check=True, timeout=120)
    found = {file.stem: size(file)[0] for file in tmp_path.iterdir()}
    assert found == {f"about-{width}-{scheme}": width for width in (390, 1280) for scheme in ("light", "dark")}


def test_readme_shows_screenshots_of_right_size(server: str) -> None:
    import screenshots

    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    for name in screenshots.README_FILES.values():
        file = CHECKOUT / "docs" / name
        assert f'"docs/{name}"' in readme
        assert size(file) == screenshots.README_SIZE
        assert file.stat().st_size < BYTES
