"""The page about the data set: how it was compiled, by what rules, what is missing in it, and who keeps it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from publisher.dataset.iris import ABOUT_PATH, DOCUMENT_PATH, is_web, plural, relative
from publisher.pages.layout import Layout
from publisher.pages.markdown import render_markdown
from publisher.pages.terms import DisplayedTerm, TermFormatter
from publisher.release.archive import describe_edition
from publisher.release.catalogue import Catalogue
from publisher.release.resources import Resources

GAPS: Final = (
    ("coalition", "purpose", "without a known purpose"),
    ("coalition", "members", "without a known member"),
    ("coalition", "website", "without a known website"),
    ("bill", "title", "without a title"),
    ("bill", "theme", "without an issue"),
    ("bill", "backers", "without a known backer"),
    ("measure", "outcome", "without a known outcome"),
    ("organization", "website", "without a known website"),
    ("source", "date", "without a date"),
)
"""What is counted as missing: the kind of things, the column of their list that is empty, and in words."""


@dataclass(frozen=True)
class Gap:
    """How many things of a kind lack something. href: the list of all of them."""

    number: int
    total: int
    kind: str
    words: str
    href: str


class AboutPages:
    """Makes the page about the data set. text: what the data set says of itself, in Markdown."""

    def __init__(
        self, resources: Resources, catalogue: Catalogue, text: str, formatter: TermFormatter, layout: Layout
    ) -> None:
        self._resources = resources
        self._catalogue = catalogue
        self._text = text
        self._formatter = formatter
        self._layout = layout

    def page(self, path: str = ABOUT_PATH) -> str:
        """The page."""
        catalogue = self._catalogue
        text = render_markdown(self._text, _keep_web, level=2) if self._text else None
        frame = self._layout.frame(
            f"About {catalogue.title}",
            path,
            summary=catalogue.provenance or catalogue.description,
        )
        return self._layout.render(
            "about.html",
            frame=frame,
            catalogue=catalogue,
            text=text,
            gaps=self._gaps(path),
            keepers=[self._link(iri, name, path) for iri, name in catalogue.keepers],
            example=self._resources.names.dataset,
            state=describe_edition(self._resources.store.edition),
        )

    def _link(self, iri: str, name: str, path: str) -> DisplayedTerm:
        return self._formatter.format(ox.NamedNode(iri), {iri: name}, path)

    def _gaps(self, path: str) -> Sequence[Gap]:
        """What is missing, where anything is."""
        kinds, lists = self._resources.kinds(), self._resources.lists
        found = [
            Gap(lists.count_empty(kind, column), kinds[kind], plural(kind).lower(), words, DOCUMENT_PATH + kind)
            for kind, column, words in GAPS
            if kind in kinds
        ]
        return [Gap(g.number, g.total, g.kind, g.words, relative(g.href, path)) for g in found if g.number]


def _keep_web(target: str) -> str:
    """The references of a text about the data: web addresses, and what is on the same page."""
    return target if is_web(target) or target.startswith("#") else ""
