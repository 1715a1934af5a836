"""Owns the SPARQL endpoint: a WSGI application of its own beside the pages, since a query is short and Flask is not."""

import hashlib
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from werkzeug.wrappers import Request, Response

from publisher import __version__, protocol
from publisher.formats import GRAPHS, HTML, RESULTS, choose, write_graph
from publisher.problems import NotFound, Problem
from publisher.promise import Answer, Query
from publisher.responses import QUERY_POLICY, Responses, method_problem

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PATH: Final = "/sparql"
METHODS: Final = ("GET", "HEAD", "OPTIONS", "POST")
_SUFFIXES: Final = {form.suffix for form in (*RESULTS, *GRAPHS)}
_BY_MEDIA_TYPE: Final = {form.media_type: form for form in (*RESULTS, *GRAPHS)}


class Endpoint:
    """Answers queries over one open release, describes itself, and has a page for people.

    length: bytes that a request may have.
    """

    def __init__(self, responses: Responses, length: int) -> None:
        self._responses = responses
        self._pages = responses.pages
        self._store = responses.resources.store
        self._length = length

    def owns(self, path: str) -> bool:
        """Whether an address is the endpoint's, or that of a fixed form of its answers."""
        return path == PATH or path.startswith(PATH + ".")

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request (PEP 3333)."""
        request = Request(environ)
        try:
            response = self._respond(request)
        except Exception as error:  # Whatever it is, the client gets a problem document and no traceback.
            response = self._responses.problem(error, request)
        return response(environ, start_response)

    def _respond(self, request: Request) -> Response:
        suffix = request.path.removeprefix(PATH).removeprefix(".")
        if request.path != PATH and suffix not in _SUFFIXES:
            raise NotFound(f"There is no form .{suffix} of results.")
        if request.method not in METHODS:
            raise method_problem(METHODS)
        if request.method == "OPTIONS":
            return Response(headers={"Allow": ", ".join(METHODS)})
        asked = self._read(request, suffix)
        if asked.query is None:
            return self._description(request, page=asked.page)
        tag = self._tag(asked.query, page=asked.page)
        known = request.if_none_match
        # `*` says that there is an answer (RFC 9110, section 13.1.2); only asking can tell.
        if request.method != "POST" and not known.star_tag and known.contains_weak(tag):
            # Only the answer to a repeatable query was given this tag; the headers are those of that answer (RFC 9110,
            # section 15.4.5).
            response = Response(status=304, headers={"Cache-Control": "no-cache"})
            response.set_etag(tag, weak=True)
            return _with_script(response) if asked.page else response
        return self._answer_page(request, asked.query, tag) if asked.page else self._answer(asked.query, tag)

    def _url(self, request: Request) -> str:
        """The endpoint's absolute URL, as visitors know it."""
        return self._responses.root_url(request).rstrip("/") + PATH

    def _read(self, request: Request, suffix: str) -> protocol.Operation:
        protocol.check_length(max(request.content_length or 0, len(request.query_string)), self._length)
        body = request.stream.read(self._length + 1) if request.method == "POST" else b""
        protocol.check_length(len(body), self._length)
        content_type = request.headers.get("Content-Type", "")
        accept = request.headers.get("Accept")
        return protocol.read(request.method, request.query_string, content_type, body, accept, suffix)

    def _tag(self, query: Query, *, page: bool) -> str:
        """The weak ETag of a query's answer: all that the answer depends on (RFC 9110, section 8.8.3)."""
        parts = (self._store.release, __version__, repr(query), str(page))
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]

    def _description(self, request: Request, *, page: bool) -> Response:
        url = self._url(request)
        if page:
            return _with_script(self._responses.document(self._pages.query(url).encode(), HTML, request))
        best = choose(request.headers.get("Accept"), GRAPHS, request.args.get("format"))
        repository = self._store.repository
        described = self._pages.catalogue.service(url)
        body = write_graph(described, best, repository.names.prefixes, repository.context, url)
        return self._responses.document(body, best, request)

    def _answer(self, query: Query, tag: str) -> Response:
        answer = self._store.engine.ask(query)
        response = Response(answer.pieces(), content_type=_BY_MEDIA_TYPE[answer.format].content_type)
        response.call_on_close(answer.body.close)
        response.content_length = answer.size
        return _tagged(response, tag, answer)

    def _answer_page(self, request: Request, query: Query, tag: str) -> Response:
        url = self._url(request)
        try:
            answer = self._store.engine.ask(query)
        except Problem as problem:
            page = self._pages.query(url, query, problem=problem)
            return _with_script(Response(page, problem.status, problem.headers, content_type=HTML.content_type))
        with answer.body as body:
            text = body.read().decode()
        shown = text if answer.kind == "graph" else json.loads(text)
        response = Response(self._pages.query(url, query, answer=shown), content_type=HTML.content_type)
        return _with_script(_tagged(response, tag, answer))


def _with_script(response: Response) -> Response:
    """A page of the query form, the only one with a script of its own, or the news that it is unchanged: browsers put
    the headers of a 304 in the place of those that they kept."""
    response.headers["Content-Security-Policy"] = QUERY_POLICY
    return response


def _tagged(response: Response, tag: str, answer: Answer) -> Response:
    """An answer that may be asked for again: revalidated if it is repeatable, not kept if it is not."""
    response.headers["Cache-Control"] = "no-cache" if answer.repeatable else "no-store"
    if answer.repeatable:
        response.set_etag(tag, weak=True)
    return response
