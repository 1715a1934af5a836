"""Page layout: the templates and the frame of every page: title, menu, other formats, license."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jinja2
from markupsafe import Markup, escape

from publisher.dataset.iris import relative
from publisher.formats import Format
from publisher.pages.assets import Assets


@dataclass(frozen=True)
class Site:
    """Facts about the data set that every page shows.

    licenses: as (address or empty, name). menu: lists of things as (name, path).
    """

    title: str
    abstract: str
    licenses: Sequence[tuple[str, str]]
    menu: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Frame:
    """The values that every page has. path: its address below the base. formats: its other formats as (label,
    reference, media type). searched: the text in the search form.
    """

    title: str
    path: str
    site: Site
    formats: Sequence[tuple[str, str, str]] = ()
    canonical: str = ""
    script: str = ""
    searched: str = ""

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
        self._templates.filters["code"] = mark_code

    def render(self, template: str, **values: Any) -> str:
        """A page from its template and the values of the template's variables."""
        return self._templates.get_template(template).render(**values)

    def frame(self, title: str, path: str, formats: Sequence[Format] = (), *, name: str = "", **more: str) -> Frame:
        """The frame of the page at a path.

        title: that of the site if empty. name: of the document whose other formats it offers, unless the path's.
        """
        last = name or path.rpartition("/")[2]
        links = [(f.label, relative(f"{last}.{f.suffix}", ""), f.media_type) for f in formats]
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
