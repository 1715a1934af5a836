"""Error pages: the page of a failed request, and the documentation of each type of problem."""

import re
from collections.abc import Sequence
from typing import Any, Final

from publisher.dataset.iris import DOCUMENT_PATH, GRAPH_PATH, KINDS, PROBLEM_PATH, THING_PATH, plural
from publisher.errors import NotFoundError, PublisherError, ResultLimitError, name_of, published
from publisher.pages.layout import Layout
from publisher.release.resources import Resources
from publisher.sparql.engine import Limit

_GUESS: Final = 100
"""Characters of a path that the search form shows."""


class ErrorPages:
    """Makes the pages about errors. limits: of queries, as published."""

    def __init__(self, resources: Resources, limits: Sequence[Limit], layout: Layout) -> None:
        self._resources = resources
        self._names = resources.names
        self._limits = limits
        self._layout = layout

    def error(self, problem: PublisherError, path: str) -> str:
        """Return the page of an error of the request for a path."""
        alternatives = problem.members.get("alternatives", ())
        about = PROBLEM_PATH + problem.name if problem.name in published() else ""
        suggestions: Any = problem.members.get("suggestions", ())
        meant = [(self._names.path(iri) or "", self._name(iri)) for iri in suggestions]
        searched = _guess_name(path) if isinstance(problem, NotFoundError) else ""
        frame = self._layout.frame(problem.title, path, summary=problem.detail, indexed=False, searched=searched)
        return self._layout.render(
            "error.html", frame=frame, problem=problem, alternatives=alternatives, meant=meant, about=about
        )

    def _name(self, iri: str) -> str:
        """The name of a suggested thing, of the thing that a suggested document is about, of a list or of a graph."""
        path = self._names.path(iri) or ""
        if path.startswith(GRAPH_PATH):
            return f"Graph {path.removeprefix(GRAPH_PATH)}"
        name = path.removeprefix(DOCUMENT_PATH).removeprefix(THING_PATH)
        return plural(name) if name in KINDS else self._resources.label(self._names.iri(THING_PATH + name))

    def problems(self, path: str) -> str:
        """The list of all types of problems."""
        return self._layout.render("problems.html", frame=self._layout.frame("Problem types", path), kinds=published())

    def problem(self, kind: type[PublisherError], path: str) -> str:
        """The documentation of a type of problem: what it means and what the client can do."""
        frame = self._layout.frame(kind.title, path, canonical=self._names.iri(PROBLEM_PATH + name_of(kind)))
        limit = next((limit for limit in self._limits if limit.name == kind.limit), None)
        return self._layout.render("problem.html", frame=frame, kind=kind, limit=limit, whole=kind is ResultLimitError)


def _guess_name(path: str) -> str:
    """What a visitor may search for who found nothing at a path: the words of its last segment."""
    return " ".join(re.findall(r"[^\W_]+", path.rstrip("/").rpartition("/")[2]))[:_GUESS]
