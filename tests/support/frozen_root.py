"""A tiny root with two releases and changes since, for tests of what answers for releases."""

from datetime import date
from pathlib import Path
from typing import Final

from support import tiny_root

from publisher.release.freezing import freeze

THING: Final = "id/coalition/thing"
GONE: Final = "id/coalition/gone"
SIZES: Final = ("7", "8", "9")
"""The size of the thing in the first release, in the second and now."""
_GONE: Final = f"<{tiny_root.BASE}{GONE}> a <{tiny_root.BASE}ns#Thing> .\n"
_RETIRED: Final = (
    f"<{tiny_root.BASE}{GONE}> <http://www.w3.org/ns/prov#invalidatedAtTime>"
    ' "2026-11-30T00:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime> .\n'
)


def build(folder: Path, store: Path) -> Path:
    """Write the root into a folder and return it. store: the folder of compiled releases."""
    root = tiny_root.build(folder, {"data/more.ttl": _GONE})
    things = root / "data" / "things.ttl"
    freeze(root, "0.1.0", date(2026, 11, 28), store)
    (root / "data" / "more.ttl").unlink()
    (root / "data" / "retired.ttl").write_text(_RETIRED)
    things.write_text(things.read_text().replace(*SIZES[:2]))
    freeze(root, "0.2.0", date(2026, 11, 29), store)
    things.write_text(things.read_text().replace(*SIZES[1:]))
    return root
