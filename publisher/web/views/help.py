"""Help: the pages of rules and problems, and how to correct a record."""

from flask import request
from werkzeug.wrappers import Response

from publisher.dataset.iris import CORRECT_PATH, PROBLEM_PATH, RULE_PATH, SHAPES_PATH, relative
from publisher.errors import MalformedError, NotFoundError, published
from publisher.formats import GRAPHS, HTML
from publisher.negotiation import choose
from publisher.pages.correct import LONGEST, Correction
from publisher.pages.site import Pages
from publisher.release.index import Index
from publisher.release.resources import Resources
from publisher.web.responses import link, redirect, respond


class HelpViews:
    """The addresses that explain: rules, problems, corrections."""

    def __init__(self, index: Index, resources: Resources, pages: Pages) -> None:
        self._index = index
        self._resources = resources
        self._names = resources.names
        self._pages = pages

    def rules(self) -> Response:
        """The list of all rules, which is the page of the shapes."""
        return redirect(303, SHAPES_PATH, request.path[1:])

    def rule(self, name: str) -> Response:
        """Return the page of a validation rule; the shapes document describes shapes for programs."""
        rule, path = self._pages.find_rule(name), RULE_PATH + name
        choose(request.headers.get("Accept"), (HTML,))
        response = respond(self._pages.rule(rule, path).encode(), HTML)
        if rule.kind == "shape":
            shapes = relative(f"{SHAPES_PATH}.{GRAPHS[0].suffix}", path)
            response.headers["Link"] = link(shapes, "describedby", GRAPHS[0].media_type)
        return response

    def problems(self) -> Response:
        """The kinds of problems that requests meet, for people."""
        choose(request.headers.get("Accept"), (HTML,))
        return respond(self._pages.problems(PROBLEM_PATH.rstrip("/")).encode(), HTML)

    def problem(self, name: str) -> Response:
        """What a kind of problem means (RFC 9457, section 3.1.1)."""
        kind = published().get(name)
        if kind is None:
            raise NotFoundError(f"No problem type is named {name!r}.")
        choose(request.headers.get("Accept"), (HTML,))
        return respond(self._pages.problem(kind, PROBLEM_PATH + name).encode(), HTML)

    def correct(self) -> Response:
        """The form for corrections of the thing named by `about`; with what is entered, its text to be sent.

        What is entered is kept in no cache. Raises MalformedError where it is too long.
        """
        about = request.args.get("about", "")
        if not about:
            return respond(self._pages.choose_record(CORRECT_PATH).encode(), HTML)
        thing = self._names.thing(self._names.iri(about))
        if thing is None:
            raise NotFoundError("Name a thing of this data set: correct?about=id/<kind>/<slug>.")
        self._resources.require(thing)
        file = self._index.file_of(thing)
        correction = _read_correction()
        response = respond(self._pages.correct(thing, file, correction, CORRECT_PATH).encode(), HTML)
        if correction.stated:
            response.headers["Cache-Control"] = "no-store"
            response.headers.pop("ETag")
        return response


def _read_correction() -> Correction:
    """What the current request states as right."""
    entered = {name: request.args.get(name, "").strip() for name in ("statement", *LONGEST)}
    for name, limit in LONGEST.items():
        if len(entered[name]) > limit:
            raise MalformedError(f"The field {name!r} exceeds the limit of {limit} characters.")
    return Correction(**entered)
