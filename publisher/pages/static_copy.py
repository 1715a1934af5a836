"""Pages of a static copy only: search by a script, and what stands in place of what a server answers."""

from typing import Final

from publisher.pages.layout import Layout

TITLES: Final = {
    "ask": "Ask a question",
    "correct": "Correct a record",
    "lookup": "Look-up by address",
    "reconcile": "Reconciliation service",
    "sparql": "SPARQL endpoint",
}
"""The titles of the addresses that only a server answers."""


class StaticCopyPages:
    """Makes the pages that only a static copy has."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def search(self, path: str, *, searchable: bool) -> str:
        """The search page. searchable: whether there is a file of names; else the page leads to the lists."""
        frame = self._layout.frame("Search", path, indexed=False)
        return self._layout.render("static_search.html", frame=frame, searchable=searchable)

    def service(self, path: str, live: str, words: str) -> str:
        """The page in place of what only a server answers. live: URL of one; empty if there is none. words: why."""
        frame = self._layout.frame(TITLES[path], path, indexed=False)
        return self._layout.render("static_service.html", frame=frame, live=live, words=words)
