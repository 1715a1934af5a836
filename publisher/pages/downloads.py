"""The page of the downloads."""

from collections.abc import Sequence
from dataclasses import dataclass

from publisher.formats import GRAPHS
from publisher.pages.layout import Layout
from publisher.release.archive import Edition, describe_edition
from publisher.release.downloads import Download, title_of


@dataclass(frozen=True)
class Group:
    """Files of one kind. files: as (file, what it is, size in words)."""

    title: str
    text: str
    files: Sequence[tuple[Download, str, str]]


_GROUPS = (
    (
        ("tables", "database"),
        "For spreadsheets and databases",
        "Every kind of record is a table, every property a column. The ZIP file has each table as CSV, with metadata.",
    ),
    (
        ("data",),
        "For linked data tools",
        "All statements about coalitions, issues, bills and the rest, with those that follow from them.",
    ),
    (
        ("graphs",),
        "With named graphs, vocabulary and shapes",
        "What the release states, without what follows from it. Its N-Quads are in canonical form: their SHA-256 is "
        "the identifier of the release.",
    ),
    (
        ("links",),
        "Mappings",
        "What issues and places are called by others, such as EuroVoc and Wikidata: one mapping a line.",
    ),
    (("table",), "One table each", "The tables of the ZIP file, and their description (CSV on the Web)."),
)


class DownloadPages:
    """Makes the page of the downloads. edition: which release it is."""

    def __init__(self, edition: Edition, layout: Layout) -> None:
        self._edition = edition
        self._layout = layout

    def page(self, downloads: Sequence[Download], path: str) -> str:
        """The list of downloads, at a path."""
        groups = [
            Group(title, text, [(d, title_of(d), write_size(d.size)) for d in downloads if d.content in contents])
            for contents, title, text in _GROUPS
        ]
        summary = (
            "All data in one file: CSV tables, SQLite, Turtle, JSON-LD, RDF/XML, N-Quads, with sizes and checksums."
        )
        frame = self._layout.frame("Download everything", path, GRAPHS, summary=summary)
        shown = [group for group in groups if group.files]
        words = describe_edition(self._edition)
        return self._layout.render(
            "downloads.html", frame=frame, groups=shown, release=self._edition.id, words=words[:1].upper() + words[1:]
        )


def write_size(size: int) -> str:
    """A number of bytes for people: `1.4 MB`. Units are those of the SI."""
    for unit, power in (("GB", 9), ("MB", 6), ("kB", 3)):
        if size >= 10**power:
            return f"{size / 10**power:.1f} {unit}"
    return f"{size} bytes"
