"""Assets: style sheets and scripts, with names that change with their content so that browsers may keep them."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from publisher.dataset.iris import STATIC_PATH
from publisher.formats import ASSETS, Format

FOLDER: Final = Path(__file__).with_name("static")
EDITOR: Final = ("yasqe/yasqe.min.js", "yasqe/yasqe.min.css", "yasqe/licenses.txt")
"""Files that the build fetches for the query page; absent if the build was offline."""
ICON: Final = "icon.ico"
STYLE: Final = "style"
"""The folder whose files make up the style sheet of every page, in alphabetical order; so one request gets all."""

_SOURCE_MAP: Final = b"//# sourceMappingURL="
"""What the last line of a script begins with that names a source map: none is published."""


@dataclass(frozen=True)
class Asset:
    """One file. version: of its content; an address that names it always means the same bytes."""

    body: bytes
    form: Format
    version: str


class Assets:
    """The files as they are when the application starts."""

    def __init__(self, folder: Path = FOLDER) -> None:
        forms = {f".{form.suffix}": form for form in ASSETS}
        paths = [path for path in sorted(folder.rglob("*")) if path.suffix in forms]
        self._found = {
            path.relative_to(folder).as_posix(): _make_asset(path.read_bytes(), forms[path.suffix])
            for path in paths
            if path.parent != folder / STYLE
        }
        style = b"".join(path.read_bytes() for path in paths if path.parent == folder / STYLE)
        self._found[f"{STYLE}.css"] = _make_asset(style, forms[".css"])

    def find(self, name: str) -> Asset | None:
        """The file of a name (`style.css`), None if there is none."""
        return self._found.get(name)

    @property
    def names(self) -> list[str]:
        """The names of all files, in order."""
        return sorted(self._found)

    def address(self, name: str) -> str:
        """The address of a file below the base, with its version. Raises KeyError if there is none."""
        return f"{STATIC_PATH}{name}?v={self._found[name].version}"

    @property
    def editor(self) -> bool:
        """Whether the build fetched the query editor."""
        return all(name in self._found for name in EDITOR)


def has_editor(folder: Path = FOLDER) -> bool:
    """Whether the build fetched the query editor."""
    return all((folder / name).is_file() for name in EDITOR)


def _make_asset(body: bytes, form: Format) -> Asset:
    script, mark, rest = body.rpartition(_SOURCE_MAP)
    if mark and len(rest.split()) == 1:
        body = script.rstrip() + b"\n"
    return Asset(body, form, hashlib.sha256(body).hexdigest()[:16])
