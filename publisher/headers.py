"""Owns the headers that are the same for every response: CORS, and what a page may load (Content Security Policy)."""

from collections.abc import Sequence
from typing import Final

from flask import Response, request

from publisher.formats import HTML
from publisher.problems import MethodNotAllowed

RELEASE: Final = "Dataset-Release"
"""The header that names the release from which a query was answered."""
EXPOSED: Final = f"Allow, Content-Location, {RELEASE}, ETag, Link, Location, Retry-After, Vary"
"""Response headers that scripts of other sites may read."""
POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
UNDERLINE: Final = "'sha256-EntWS0hFrz2vH7susM+dPUxvHlL6sBswmM8K80E5oUk='"
"""The one style attribute that the editor writes, `text-decoration:underline`, in the tooltip of a wrong line."""
QUERY_POLICY: Final = f"{POLICY}; script-src 'self'; connect-src 'self'; style-src-attr 'unsafe-hashes' {UNDERLINE}"
"""For the query page: its editor is a script of ours, and asks this endpoint. No inline script or style otherwise: the
editor places what it shows through the style objects of elements, which the policy does not hinder."""


def add_headers(response: Response) -> Response:
    """What every response carries, errors too: CORS, what it varies with, and what a page may load."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = EXPOSED
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.vary.add("Accept")
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "GET, HEAD, OPTIONS")
        response.headers["Access-Control-Allow-Headers"] = "Accept, Content-Type, If-None-Match"
        response.headers["Access-Control-Max-Age"] = "86400"
    if response.mimetype == HTML.media_type:
        response.headers.setdefault("Content-Security-Policy", POLICY)
    return response


def method_problem(allowed: Sequence[str]) -> MethodNotAllowed:
    """The problem of a method that an address does not answer (RFC 9110, section 15.5.6)."""
    problem = MethodNotAllowed(f"It answers {', '.join(sorted(allowed))}.")
    problem.headers["Allow"] = ", ".join(sorted(allowed))
    return problem
