"""Write the list of what this checkout publishes, for a release: `python scripts/list_released_iris.py 0.1.0`."""

import sys
from pathlib import Path

from publisher.dataset.released_iris import FILE, FOLDER, write_list
from publisher.dataset.repository import read_repository

ROOT = Path(__file__).resolve().parents[1]


def main(version: str) -> None:
    """Write `data/releases/<version>/iris.tsv`; a released list is never written again."""
    path = ROOT / FOLDER / version / FILE
    path.parent.mkdir(parents=True)
    path.write_text(write_list(read_repository(ROOT)), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1])
