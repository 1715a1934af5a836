"""Error pages: the page of a failed request, and the documentation of each type of problem."""

from collections.abc import Sequence
from typing import Any

from publisher.dataset.iris import PROBLEM_PATH, Names
from publisher.errors import PublisherError, name_of, published
from publisher.pages.layout import Layout
from publisher.sparql.engine import Limit


class ErrorPages:
    """Makes the pages about errors. limits: of queries, as published."""

    def __init__(self, names: Names, limits: Sequence[Limit], layout: Layout) -> None:
        self._names = names
        self._limits = limits
        self._layout = layout

    def error(self, problem: PublisherError, path: str) -> str:
        """Return the page of an error of the request for a path."""
        alternatives = problem.members.get("alternatives", ())
        about = PROBLEM_PATH + problem.name if problem.name in published() else ""
        suggestions: Any = problem.members.get("suggestions", ())
        meant = [self._names.path(iri) or "" for iri in suggestions]
        frame = self._layout.frame(problem.title, path, summary=problem.detail, indexed=False)
        return self._layout.render(
            "error.html", frame=frame, problem=problem, alternatives=alternatives, meant=meant, about=about
        )

    def problems(self, path: str) -> str:
        """The list of all types of problems."""
        return self._layout.render("problems.html", frame=self._layout.frame("Problem types", path), kinds=published())

    def problem(self, kind: type[PublisherError], path: str) -> str:
        """The documentation of a type of problem: what it means and what the client can do."""
        frame = self._layout.frame(kind.title, path, canonical=self._names.iri(PROBLEM_PATH + name_of(kind)))
        limit = next((limit for limit in self._limits if limit.name == kind.limit), None)
        return self._layout.render("problem.html", frame=frame, kind=kind, limit=limit)
