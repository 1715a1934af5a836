"""The stamp of a build: what its folder was made of, so that a folder that is up to date is not made again.

It is kept in a cache of the user and not in the folder, whose files are the same on every machine.
"""

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from publisher.atomic_write import write
from publisher.build.folder import JOURNAL, MANIFEST, find_damage
from publisher.errors import CannotRunError
from publisher.pages.documents import guides_folder
from publisher.validation.clean_files import digest
from publisher.validation.result_key import describe_software


class Stamp:
    """The stamp of the build in a folder.

    Args:
        stamps: Where stamps are kept; None where none are.
        place: The folder of the build.
        made_of: What decides the bytes of its files beside the software: the release, the settings, the options.
    """

    def __init__(self, stamps: Path | None, place: Path, made_of: Iterable[str]) -> None:
        name = hashlib.sha256(str(place.resolve()).encode(errors="surrogateescape")).hexdigest()
        self._file = stamps / name if stamps else None
        self._place = place
        self._key = digest([*describe_software(), *_describe_guides(), *made_of]) if stamps else ""

    def is_current(self) -> bool:
        """Whether the last build into the folder was of the same, and all of its files are as it wrote them: all are
        read."""
        with suppress(OSError):
            if self._file and self._file.read_text() == self._describe() and not (self._place / JOURNAL).exists():
                return next(find_damage(self._place), None) is None
        return False

    def keep(self) -> None:
        """Remember that the folder is made."""
        if self._file:
            with suppress(OSError, CannotRunError):
                self._file.parent.mkdir(parents=True, exist_ok=True)
                write(self._file, self._describe())

    def _describe(self) -> str:
        """The key and the digest of the manifest. Raises OSError where there is none."""
        with (self._place / MANIFEST).open("rb") as manifest:
            return f"{self._key} {hashlib.file_digest(manifest, 'sha256').hexdigest()}\n"


def _describe_guides() -> list[str]:
    """The guides, which are outside the package in a checkout."""
    found = sorted(guides_folder().glob("*.md"))
    return [f"{guide.name} {guide.stat().st_size} {guide.stat().st_mtime_ns}" for guide in found]
