"""Documentation pages: the guides that come with the software, rendered from Markdown."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Final

from publisher.dataset.iris import DOCS_PATH, is_web, relative
from publisher.errors import NotFoundError
from publisher.pages.layout import Layout
from publisher.pages.markdown import Text, render_markdown
from publisher.suggestions import suggest

PACKAGED: Final = Path(__file__).parents[1] / "docs"
CHECKOUT: Final = Path(__file__).parents[2] / "docs"
"""The folder of the guides, in an installed package and in a checkout."""
LOCAL: Final = "http://localhost:8000/"
"""The server of the examples: a link to it leads to this one."""
FIRST: Final = (
    "research",
    "querying",
    "linking",
    "own-data-set",
    "validation",
    "ci",
    "editors",
    "serving",
    "configuration",
)
"""The guides that are listed first; the others follow by name."""


def guides_folder() -> Path:
    """Return the folder of the guides: in the package, else in the checkout."""
    return PACKAGED if PACKAGED.is_dir() else CHECKOUT


class DocumentPages:
    """Makes the pages of the documentation. folder: of the guides."""

    def __init__(self, layout: Layout, folder: Path | None = None) -> None:
        self._layout = layout
        self._folder = folder or guides_folder()

    @cached_property
    def _guides(self) -> dict[str, Text]:
        """The guides by name, in the order of their list."""
        paths = {path.stem: path for path in sorted(self._folder.glob("*.md"))}
        order = [*(name for name in FIRST if name in paths), *(name for name in paths if name not in FIRST)]
        return {name: render_markdown(paths[name].read_text("utf-8"), _Relink(set(paths))) for name in order}

    @property
    def names(self) -> Sequence[str]:
        """The names of the guides, in the order of their list."""
        return list(self._guides)

    def listing(self, path: str) -> str:
        """The list of the guides."""
        frame = self._layout.frame(
            "Documentation", path, summary="Guides for those who use, check and publish the data."
        )
        return self._layout.render("documents.html", frame=frame, guides=self._guides)

    def page(self, name: str, path: str) -> str:
        """The page of a guide. Raises NotFoundError, with the most similar name."""
        guide = self._guides.get(name)
        if guide is None:
            near = suggest(name, self._guides)
            raise NotFoundError(f"No guide is named {name!r}." + (f" Did you mean {near[0]!r}?" if near else ""))
        frame = self._layout.frame(guide.title or name, path, summary=guide.summary)
        return self._layout.render("document.html", frame=frame, guide=guide)


class _Relink:
    """Makes the references of a guide's page from those of its file. names: of the guides."""

    def __init__(self, names: set[str]) -> None:
        self._names = names

    def __call__(self, target: str) -> str:
        if target.startswith(LOCAL):
            return relative(target.removeprefix(LOCAL), DOCS_PATH)
        if is_web(target) or target.startswith("#"):
            return target
        file, mark, fragment = target.partition("#")
        name = file.removesuffix(".md")
        return f"{name}{mark}{fragment}" if file.endswith(".md") and name in self._names else ""
