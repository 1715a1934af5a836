"""Page layout: the templates and the frame of every page: title, menu, other formats, license."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import jinja2
from markupsafe import Markup, escape

from publisher.dataset.iris import CARD_PATH, is_web, relative
from publisher.dataset.releases import Release
from publisher.formats import Format
from publisher.pages.assets import Assets
from publisher.pages.pictures.card import HEIGHT, WIDTH

TITLE: Final = 69
"""Characters of the title of a page in browser tabs and search results; longer ones are cut off there."""
SUMMARY: Final = 155
"""Characters of the description of a page; search engines show no more."""


@dataclass(frozen=True)
class Site:
    """Facts about the data set that every page shows.

    base: the address that all canonical addresses begin with. here: the one under which visitors reach the pages; empty
    if none is stated. description: of the data set, for pages without one of
    their own. licenses: as (address or empty, name). menu: as (name, path). contact: an e-mail address or a URL; empty
    if none is stated. project: the URL of the project, issues: of its form for new
    issues; empty if none is stated. past: the release that is shown if it is served beside the current state. cards:
    the address that those of the pictures for shared links begin with; empty if there are none. static_copy: whether
    the pages are for a static copy, which answers no queries and forms: they have no links to these.
    """

    title: str
    abstract: str
    licenses: Sequence[tuple[str, str]]
    menu: Sequence[tuple[str, str]]
    base: str = ""
    description: str = ""
    contact: str = ""
    project: str = ""
    issues: str = ""
    past: Release | None = None
    cards: str = ""
    static_copy: bool = False
    past_releases: bool = True
    here: str = ""

    @property
    def contact_link(self) -> str:
        """The reference that the contact leads to; empty if none is stated."""
        return self.contact if is_web(self.contact) or not self.contact else f"mailto:{self.contact}"


@dataclass(frozen=True)
class Frame:
    """The values that every page has.

    path: its address below the base. formats: its other formats as (label, reference, media type). script: JSON-LD.
    summary: what the page says in one or two sentences, for search engines and previews of links. indexed: whether
    search engines may list the page. changed: the date of the last change of what the page shows; empty if unknown.
    searched: the text in the search form. card: the path of the picture for shared links; empty for that of the site.
    """

    title: str
    path: str
    site: Site
    formats: Sequence[tuple[str, str, str]] = ()
    canonical: str = ""
    script: str = ""
    searched: str = ""
    summary: str = ""
    indexed: bool = True
    changed: str = ""
    card: str = ""

    @property
    def head_title(self) -> str:
        """The title for browser tabs and search results: with the name of the site if that fits."""
        whole = f"{self.title} – {self.site.title}"
        return whole if self.title != self.site.title and len(whole) <= TITLE else shorten(self.title, TITLE)

    @property
    def description(self) -> str:
        """The summary, or else what the site is, cut to the length that is shown."""
        return shorten(self.summary or f"{self.title}. {self.site.description}", SUMMARY)

    @property
    def address(self) -> str:
        """The address by which links to this page are shared: where visitors reach it, or else the permanent one.

        Programs that preview links ask there again (Open Graph, `og:url`): it must answer today.
        """
        return self.site.here + self.path if self.site.here else self.canonical or self.site.base + self.path

    @property
    def picture(self) -> str:
        """The absolute address of the picture for shared links; empty if there is none."""
        return self.site.cards + (self.card or CARD_PATH) if self.site.cards else ""

    @property
    def picture_text(self) -> str:
        """What the picture says, for those who do not see it."""
        shown = self.title if self.card else self.site.title
        return shown if shown == self.site.title else f"{shown} – {self.site.title}"

    def link_to(self, path: str) -> str:
        """A reference from this page to another address below the base."""
        return relative(path, self.path)


class Layout:
    """Renders templates."""

    def __init__(self, site: Site, assets: Assets) -> None:
        self._site = site
        self._templates = jinja2.Environment(
            loader=jinja2.PackageLoader("publisher.pages"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
        )
        self._templates.globals["asset"] = assets.address
        self._templates.globals["card_size"] = (WIDTH, HEIGHT)
        self._templates.filters["code"] = mark_code

    @property
    def title(self) -> str:
        """The title of the site."""
        return self._site.title

    @property
    def static_copy(self) -> bool:
        """Whether the pages are for a static copy."""
        return self._site.static_copy

    def render(self, template: str, **values: Any) -> str:
        """A page from its template and the values of the template's variables."""
        return self._templates.get_template(template).render(**values)

    def frame(
        self, title: str, path: str, formats: Sequence[Format] = (), *, name: str = "", query: str = "", **more: Any
    ) -> Frame:
        """The frame of the page at a path.

        title: that of the site if empty. name: of the document whose other formats it offers, unless the path's. query:
        the query string of these. more: further values of the frame.
        """
        last = name or path.rpartition("/")[2]
        links = [(f.label, relative(f"{last}.{f.suffix}", "") + query, f.media_type) for f in formats]
        return Frame(title or self._site.title, path, self._site, links, **more)


def mark_code(text: str) -> Markup:
    """Mark the words between backticks in a sentence as code; a sentence with an unpaired backtick is unchanged."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:
        return escape(text)
    marked = [
        Markup("<code>{}</code>").format(piece) if place % 2 else escape(piece) for place, piece in enumerate(pieces)
    ]
    return Markup("").join(marked)


def shorten(text: str, length: int) -> str:
    """A text on one line, cut at the end of a sentence or else of a word if it has more than `length` characters."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    sentences = list(re.finditer(r"[.!?](?= [A-Z0-9])", line[: length + 2]))
    if sentences and sentences[-1].end() > length // 2:
        return line[: sentences[-1].end()]
    cut = line[: length - 1]
    return (cut.rpartition(" ")[0].rstrip(",;:") or cut) + "…"
