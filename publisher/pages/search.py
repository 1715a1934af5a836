"""The search page: what was found for a text, as links."""

from collections.abc import Sequence

import pyoxigraph as ox

from publisher.pages.layout import Layout
from publisher.pages.terms import TermFormatter
from publisher.release.index import Thing


class SearchPages:
    """Makes the page of search results."""

    def __init__(self, formatter: TermFormatter, layout: Layout) -> None:
        self._formatter = formatter
        self._layout = layout

    def page(self, text: str, things: Sequence[Thing], path: str) -> str:
        """The page of what was found for a text; the empty form if there is no text."""
        labels = {thing.iri: thing.label for thing in things}
        found = [self._formatter.format(ox.NamedNode(thing.iri), labels, path) for thing in things]
        frame = self._layout.frame("Search", path, searched=text, indexed=False)
        return self._layout.render("search.html", frame=frame, text=text, found=found)
