"""The SPARQL endpoint: a WSGI application of its own beside the pages, since a query is short and Flask is not."""

import hashlib
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from werkzeug.http import parse_etags
from werkzeug.wrappers import Request, Response
from werkzeug.wsgi import ClosingIterator

from publisher import __version__
from publisher.errors import NotFoundError, PublisherError
from publisher.formats import GRAPHS, HTML, RESULTS, choose
from publisher.rdf.serializer import write_graph
from publisher.sparql import protocol
from publisher.sparql.engine import CHUNK, Answer, Query, always
from publisher.web.responses import QUERY_POLICY, Responses, method_problem

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


PATH: Final = "/sparql"
WANTED: Final = "publisher.wanted"
"""The extension of a scope, and the key of an environ, that tells whether the client is still there."""
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
        try:
            response = self._respond(environ)
        except Exception as error:  # Whatever it is, the client gets a problem document and no traceback.
            response = self.refused(error)
        return response(environ, start_response)

    def query_of(self, environ: "WSGIEnvironment") -> Query | None:
        """The query for results or a graph that a request is: its answer is told with `headers`, or by `refused`.

        None for any other request, a mistaken one too, and where the client has the answer; those are for calling.
        """
        path = environ["PATH_INFO"]
        if environ["REQUEST_METHOD"] not in ("GET", "POST") or not self.owns(path):
            return None
        try:
            asked = self._read(environ, _suffix(path))
        except PublisherError:
            return None
        return None if asked.page or (asked.query and self._has(environ, asked.query, page=False)) else asked.query

    def headers(self, query: Query, answer: Answer) -> list[tuple[str, str]]:
        """The headers that the answer to a query for results or a graph is sent with."""
        return [
            ("Content-Type", _BY_MEDIA_TYPE[answer.format].content_type),
            ("Content-Length", str(answer.size)),
            *self._keeping(query, answer, page=False),
        ]

    def refused(self, error: Exception) -> "WSGIApplication":
        """What tells a client why its request is not answered."""

        def tell(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
            return self._responses.problem(error, _request(environ))(environ, start_response)

        return tell

    def _respond(self, environ: "WSGIEnvironment") -> "WSGIApplication":
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        suffix = _suffix(path)
        if method not in METHODS:
            raise method_problem(METHODS)
        if method == "OPTIONS":
            return Response(headers={"Allow": ", ".join(METHODS)})
        asked = self._read(environ, suffix)
        if asked.query is None:
            return self._description(_request(environ), page=asked.page)
        if self._has(environ, asked.query, page=asked.page):
            # Only the answer to a repeatable query was given this tag; the headers are those of that answer (RFC 9110,
            # section 15.4.5).
            response = Response(status=304, headers={"Cache-Control": "no-cache"})
            response.set_etag(self._tag(asked.query, page=asked.page), weak=True)
            return _with_script(response) if asked.page else response
        if asked.page:
            return self._answer_page(_request(environ), asked.query)
        answer = self._store.engine.ask(asked.query, environ.get(WANTED, always))
        return _Sent(self.headers(asked.query, answer), answer)

    def _url(self, request: Request) -> str:
        """The endpoint's absolute URL, as visitors know it."""
        return self._responses.root_url(request).rstrip("/") + PATH

    def _read(self, environ: "WSGIEnvironment", suffix: str) -> protocol.Operation:
        accept, query_string = environ.get("HTTP_ACCEPT"), environ.get("QUERY_STRING", "").encode("latin-1")
        protocol.check_length(len(query_string), self._length)
        if environ["REQUEST_METHOD"] != "POST":
            return protocol.read("GET", query_string, "", b"", accept, suffix)
        request = _request(environ)
        protocol.check_length(request.content_length or 0, self._length)
        body = request.stream.read(self._length + 1)
        protocol.check_length(len(body), self._length)
        content_type = request.headers.get("Content-Type", "")
        return protocol.read("POST", query_string, content_type, body, accept, suffix)

    def _tag(self, query: Query, *, page: bool) -> str:
        """The weak ETag of a query's answer: all that the answer depends on (RFC 9110, section 8.8.3)."""
        data_set = (query.default_graphs, query.named_graphs, query.result_limit)
        parts = (self._store.release, __version__, str(page), query.results or "", query.graph or "", repr(data_set))
        return hashlib.sha256("\n".join((*parts, query.text)).encode()).hexdigest()[:32]

    def _has(self, environ: "WSGIEnvironment", query: Query, *, page: bool) -> bool:
        """Whether the client of a request that may be conditional has the answer. `*` says that there is an answer;
        only asking can tell (RFC 9110, section 13.1.2)."""
        matched = environ.get("HTTP_IF_NONE_MATCH")
        if not matched or environ["REQUEST_METHOD"] == "POST":
            return False
        known = parse_etags(matched)
        return not known.star_tag and known.contains_weak(self._tag(query, page=page))

    def _description(self, request: Request, *, page: bool) -> Response:
        url = self._url(request)
        if page:
            return _with_script(self._responses.document(self._pages.query(url).encode(), HTML, request))
        best = choose(request.headers.get("Accept"), GRAPHS, request.args.get("format"))
        repository = self._store.repository
        described = self._pages.catalogue.service(url)
        body = write_graph(described, best, repository.names.prefixes, repository.context, url)
        return self._responses.document(body, best, request)

    def _answer_page(self, request: Request, query: Query) -> Response:
        url = self._url(request)
        try:
            answer = self._store.engine.ask(query, request.environ.get(WANTED, always))
        except PublisherError as problem:
            page = self._pages.query(url, query, problem=problem)
            return _with_script(Response(page, problem.status, problem.headers, content_type=HTML.content_type))
        with answer.body as body:
            text = body.read().decode()
        shown = text if answer.kind == "graph" else json.loads(text)
        page = self._pages.query(url, query, answer=shown)
        headers = self._keeping(query, answer, page=True)
        return _with_script(Response(page, headers=headers, content_type=HTML.content_type))

    def _keeping(self, query: Query, answer: Answer, *, page: bool) -> list[tuple[str, str]]:
        """Headers of an answer that may be asked for again: revalidated if it is repeatable, not kept if it is not."""
        if not answer.repeatable:
            return [("Cache-Control", "no-store")]
        return [("Cache-Control", "no-cache"), ("ETag", f'W/"{self._tag(query, page=page)}"')]


def _request(environ: "WSGIEnvironment") -> Request:
    """A request that its environ does not refer to: the two would stay until the garbage collector finds them."""
    return Request(environ, populate_request=False)


def _suffix(path: str) -> str:
    """The suffix of a fixed form's address, empty for the endpoint itself. Raises NotFoundError for any other."""
    suffix = path.removeprefix(PATH).removeprefix(".")
    if path != PATH and suffix not in _SUFFIXES:
        raise NotFoundError(f"There is no form .{suffix} of results.")
    return suffix


class _Sent:
    """An answer being sent. It does what `Response` would, which takes half as long as answering a small query."""

    def __init__(self, headers: list[tuple[str, str]], answer: Answer) -> None:
        self._headers = headers
        self._answer = answer

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        start_response("200 OK", self._headers)
        if environ["REQUEST_METHOD"] != "HEAD" and self._answer.size > CHUNK:
            return ClosingIterator(self._answer.pieces(), self._answer.body.close)
        with self._answer.body as body:
            return [] if environ["REQUEST_METHOD"] == "HEAD" else [body.read()]


def _with_script(response: Response) -> Response:
    """A page of the query form, the only one with a script of its own, or the news that it is unchanged: browsers put
    the headers of a 304 in the place of those that they kept."""
    response.headers["Content-Security-Policy"] = QUERY_POLICY
    return response
