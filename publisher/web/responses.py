"""Responses: the headers that all share, the ETag of a document, and errors in the negotiated form."""

import hashlib
import json
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from werkzeug import exceptions
from werkzeug.wrappers import Request, Response

from publisher.dataset.iris import PROBLEM_PATH
from publisher.errors import (
    MalformedError,
    MethodNotAllowedError,
    NotAcceptableError,
    NotFoundError,
    PublisherError,
    WithdrawnError,
)
from publisher.formats import DOCUMENTS, GRAPHS, HTML, PROBLEM_JSON, Format, choose
from publisher.pages.site import Pages
from publisher.rdf.serializer import write_graph
from publisher.release.resources import Resources
from publisher.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


RELEASE: Final = "Dataset-Release"
"""The header that names the release from which a response was made."""
EXPOSED: Final = f"Allow, Content-Location, {RELEASE}, ETag, Link, Location, Retry-After, Vary"
"""Response headers that scripts of other sites may read."""
POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
UNDERLINE: Final = "'sha256-EntWS0hFrz2vH7susM+dPUxvHlL6sBswmM8K80E5oUk='"
"""The one style attribute that the query editor writes, `text-decoration:underline`, in the tooltip of a wrong line."""
QUERY_POLICY: Final = f"{POLICY}; script-src 'self'; connect-src 'self'; style-src-attr 'unsafe-hashes' {UNDERLINE}"
"""For the query page: its editor is a script of ours, and asks this endpoint. No inline script or style otherwise: the
editor places what it shows through the style objects of elements, which the policy does not hinder."""

_PAGE: Final = ("Content-Type", HTML.content_type)


class Responses:
    """Makes responses about one open release."""

    def __init__(self, resources: Resources, pages: Pages, settings: Settings) -> None:
        self.resources = resources
        self.pages = pages
        self._public_url = settings.public_url

    def root_url(self, request: Request) -> str:
        """The address of our home page as visitors know it, with a slash at its end."""
        return self._public_url.rstrip("/") + "/" if self._public_url else request.url_root

    def document(self, body: bytes, form: Format, request: Request) -> Response:
        """A cacheable response: strong ETag of the bytes sent, 304 where the client has them."""
        response = Response(body, content_type=form.content_type)
        response.set_etag(hashlib.sha256(body).hexdigest()[:32])
        response.headers["Cache-Control"] = "no-cache"
        response.make_conditional(request)
        response.headers.pop("Date", None)  # That of the moment when it is sent is the server's to say.
        return response

    def problem(self, error: Exception, request: Request) -> Response:
        """A problem in the form that the client reads: a page for browsers, RFC 9457 for programs.

        What is left of a withdrawn thing is a graph for those who read graphs.
        """
        problem = as_problem(error)
        offers = (*GRAPHS, HTML, PROBLEM_JSON) if isinstance(problem, WithdrawnError) else (PROBLEM_JSON, HTML)
        suffix = request.path.rpartition("/")[2].rpartition(".")[2]
        fixed = next((form for form in DOCUMENTS if form.suffix == suffix and form in offers), None)
        try:
            best = fixed or choose(request.headers.get("Accept"), offers)
        except NotAcceptableError:
            best = PROBLEM_JSON
        if isinstance(problem, WithdrawnError) and best in GRAPHS:
            context = self.resources.store.repository.context
            body = write_graph(problem.tombstone, best, self.resources.names.prefixes, context).decode()
        elif best is HTML:
            body = self.pages.error(problem, request.path[1:])
        else:
            kind = self.resources.names.iri(PROBLEM_PATH + problem.name)
            document = {"type": kind, "title": problem.title, "status": problem.status}
            body = json.dumps(document | {"detail": problem.detail} | problem.members, ensure_ascii=False) + "\n"
        return Response(body, problem.status, problem.headers, content_type=best.content_type)


class Common:
    """What every response carries, errors too: CORS, the release, what it varies with, and what a page may load."""

    def __init__(self, release: str) -> None:
        self._headers = [
            ("Access-Control-Allow-Origin", "*"),
            ("Access-Control-Expose-Headers", EXPOSED),
            ("X-Content-Type-Options", "nosniff"),
            ("Vary", "Accept"),
            (RELEASE, release),
        ]

    def complete(self, method: str, headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """All headers of a response, from its own."""
        return [*headers, *self._headers, *(_preflight(headers) if method == "OPTIONS" else _policy(headers))]

    def around(self, app: "WSGIApplication") -> "WSGIApplication":
        """An application whose responses are complete."""

        def completed(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
            def start(status: str, headers: list[tuple[str, str]], error: Any = None) -> "Callable[[bytes], object]":
                return start_response(status, self.complete(environ["REQUEST_METHOD"], headers), error)

            return app(environ, start)

        return completed


def _preflight(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    allowed = next((value for name, value in headers if name == "Allow"), "GET, HEAD, OPTIONS")
    return [
        ("Access-Control-Allow-Methods", allowed),
        ("Access-Control-Allow-Headers", "*, Accept, Content-Type, If-None-Match"),  # the wildcard is new to some
        ("Access-Control-Max-Age", "86400"),
    ]


def _policy(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    if _PAGE not in headers or any(name == "Content-Security-Policy" for name, _ in headers):
        return []
    return [("Content-Security-Policy", POLICY)]


def as_problem(error: Exception) -> PublisherError:
    """The one translation of everything that can be raised below a request."""
    if isinstance(error, PublisherError):
        return error
    if isinstance(error, exceptions.MethodNotAllowed):
        return method_problem(list(error.valid_methods or ()))
    if isinstance(error, exceptions.NotFound):
        return NotFoundError("No address here looks like this.")
    if isinstance(error, exceptions.HTTPException) and (error.code or 500) < 500:
        return MalformedError(error.description or "")
    logging.getLogger("publisher").error("A request failed", exc_info=error)
    return PublisherError("The request failed for a reason that is ours; it has been logged.")


def method_problem(allowed: Sequence[str]) -> MethodNotAllowedError:
    """The problem of a method that an address does not answer (RFC 9110, section 15.5.6)."""
    problem = MethodNotAllowedError(f"It answers {', '.join(sorted(allowed))}.")
    problem.headers["Allow"] = ", ".join(sorted(allowed))
    return problem
