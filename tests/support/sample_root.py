"""The sample root: the made-up coalitions of `tests/sample/` with the vocabulary and the shapes of this checkout.

The data is frozen: only a change of the model changes it. Vocabulary and shapes are the live ones, so that a better
label or a new shape needs no second edit here.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

CHECKOUT: Final = Path(__file__).resolve().parents[2]
SAMPLE: Final = CHECKOUT / "tests" / "sample"
"""A root itself: its vocabulary and shapes are those that come with the software."""


def build(folder: Path, files: Mapping[str, str] | None = None, *, examples: bool = False) -> Path:
    """Copy the sample root into a folder and return it, with its links resolved.

    files: path -> text, added or in place of the copies. examples: whether to copy the examples of the shapes too.
    """
    unwanted = shutil.ignore_patterns() if examples else shutil.ignore_patterns("examples")
    for source in (SAMPLE / "data", CHECKOUT / "ontology", CHECKOUT / "shapes"):
        shutil.copytree(source, folder / source.name, ignore=unwanted, dirs_exist_ok=True)
    for path, text in (files or {}).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder.resolve()
