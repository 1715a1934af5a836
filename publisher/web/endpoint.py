"""The SPARQL endpoint: answers queries, describes itself, and has a page for people."""

import hashlib
import json
import unicodedata
from http import HTTPStatus
from typing import Any, BinaryIO, Final
from urllib.parse import quote

from werkzeug.http import parse_etags

from publisher import __version__
from publisher.dataset.iris import SPARQL_PATH
from publisher.dataset.query_files import slug_of
from publisher.errors import NotFoundError
from publisher.formats import GRAPHS, HTML, JSON_LD, RESULTS
from publisher.negotiation import choose
from publisher.pages.site import Pages
from publisher.rdf.serializer import compact_jsonld, write_graph
from publisher.release.archive import file_suffix
from publisher.release.catalogue import Catalogue
from publisher.release.store import Store
from publisher.sparql import protocol
from publisher.sparql.engine import Answer, Query
from publisher.web.cache import key_of_query
from publisher.web.client import Client
from publisher.web.exchanges import Tally
from publisher.web.forwarded import fair_share
from publisher.web.headers import HINTS, QUERY_POLICY, Header
from publisher.web.planned_pages import make_page
from publisher.web.requests import Request, parameters
from publisher.web.responses import (
    Complete,
    Reply,
    Responses,
    cacheable,
    list_methods,
    make_coding_error,
    method_problem,
)
from publisher.web.selection import Selection

PATH: Final = f"/{SPARQL_PATH}"
METHODS: Final = ("GET", "HEAD", "OPTIONS", "POST")
NAME: Final = 100
"""Characters of the name of a file."""
COMPACTED: Final = 1 << 18
"""Bytes of a graph in JSON-LD, as the engine writes it, that are compacted with the published context. It takes a page
thread about a third of a second; a larger graph stays expanded."""
_SUFFIXES: Final = {form.suffix for form in (*RESULTS, *GRAPHS)}
_BY_MEDIA_TYPE: Final = {form.media_type: form for form in (*RESULTS, *GRAPHS)}
_POLICY: Final = ("Content-Security-Policy", QUERY_POLICY)


class Endpoint:
    """Answers the addresses of the endpoint over one open release."""

    def __init__(
        self,
        responses: Responses,
        store: Store,
        catalogue: Catalogue,
        pages: Pages,
        selection: Selection,
        tally: Tally,
        length: int,
    ) -> None:
        """tally: counts queries. length: bytes that a request may have."""
        self._responses = responses
        self._pages = pages
        self._store = store
        self._catalogue = catalogue
        self._selection = selection
        self._tally = tally
        self._length = length

    def owns(self, path: str) -> bool:
        """Whether an address is that of the endpoint, or of a fixed format of its results."""
        return path == PATH or path.startswith(PATH + ".")

    async def respond(self, request: Request, client: Client) -> Complete:
        """Answer a request. Raises a PublisherError with the reason if it cannot."""
        key = key_of_query(request)
        kept = self._selection.find(key, request) or await self._selection.find_or_code(key, request, client)
        if kept:
            return kept
        suffix = _suffix(request.path)
        if request.method not in METHODS:
            raise method_problem(METHODS)
        if request.method == "OPTIONS":
            return await self._selection.complete(None, list_methods(METHODS), request, client)
        asked = self._read(request, suffix)
        if asked.query is None:
            return await self._describe(request, client, page=asked.page)
        reply = await self._reply(request, asked.query, client, page=asked.page)
        if suffix and reply.status == HTTPStatus.OK:
            reply = reply._replace(headers=[*reply.headers, *self._name_file(request, asked.query, suffix)])
        return await self._selection.complete(key, reply, request, client)

    async def _reply(self, request: Request, query: Query, client: Client, *, page: bool) -> Reply:
        """The answer to a query, or 304 without asking it."""
        tag = self._tag(query, page=page, view=parameters(request).get("view", "") if page else "")
        if _is_current(request, tag):
            # Only the answer to a repeatable query was given this tag; the headers are those of that answer (RFC 9110,
            # section 15.4.5).
            headers = [("Cache-Control", "no-cache"), ("ETag", tag), *[_POLICY] * page]
            return Reply(HTTPStatus.NOT_MODIFIED, headers, b"")
        query = query._replace(client=fair_share(request.client))
        if page:
            return await self._answer_page(request, query, client, tag)
        return await self._answer(query, client, tag)

    def _read(self, request: Request, suffix: str) -> protocol.Operation:
        query_string = request.query_string.encode("latin-1")
        protocol.check_length(len(query_string), self._length)
        coding = request.headers.get("content-encoding", "identity").strip().lower()
        if request.method == "POST" and coding != "identity":
            raise make_coding_error(coding)
        if request.method != "POST":
            return protocol.read("GET", query_string, "", b"", request.accept, suffix)
        content_type = request.headers.get("content-type", "")
        return protocol.read("POST", query_string, content_type, request.body, request.accept, suffix)

    # Answers

    async def _answer(self, query: Query, client: Client, tag: str) -> Reply:
        """The answer to a query. tag: its ETag, if it is repeatable."""
        answer = await self.ask(query, client)
        body: bytes | BinaryIO = answer.body
        size = answer.size
        if answer.format == JSON_LD.media_type and size <= COMPACTED:
            with answer.body as flat:
                body = await client.in_page_thread(self._compact, flat.read())
            size = len(body)
        headers = [
            ("Content-Type", _BY_MEDIA_TYPE[answer.format].content_type),
            ("Content-Length", str(size)),
            *_validators(answer, tag),
        ]
        return Reply(HTTPStatus.OK, headers, body)

    async def ask(self, query: Query, client: Client) -> Answer:
        """Ask the engine, and count the outcome."""
        try:
            answer = await self._store.engine.answer(query, client.is_waiting)
        except Exception as error:
            self._tally.count_query(error)
            raise
        self._tally.count_query()
        return answer

    def _compact(self, flat: bytes) -> bytes:
        return compact_jsonld(flat, self._store.index.context)

    def _tag(self, query: Query, *, page: bool, view: str = "") -> str:
        """The weak ETag of a query's answer: all that the answer depends on (RFC 9110, section 8.8.3)."""
        data_set = (query.default_graphs, query.named_graphs, query.result_limit, view)
        parts = (self._store.index.key, __version__, str(page), query.results or "", query.graph or "", repr(data_set))
        return f'W/"{hashlib.sha256(chr(10).join((*parts, query.text)).encode()).hexdigest()[:32]}"'

    def _name_file(self, request: Request, query: Query, suffix: str) -> list[Header]:
        """The header that names the file of a download and its release (RFC 6266, section 4): after the question with
        this query, or else the parameter `name`; none where there is neither."""
        known = self._pages.ask.questions.find_by_query(query.text)
        name = known.slug if known else slug_of(parameters(request).get("name", "")[:NAME])
        if not name:
            return []
        file = f"{name}{file_suffix(self._store.edition)}.{suffix}"
        plain = unicodedata.normalize("NFKD", file).encode("ascii", "ignore").decode().strip("-")
        encoded = "" if plain == file else f"; filename*=UTF-8''{quote(file)}"
        return [("Content-Disposition", f'attachment; filename="{plain}"{encoded}')]

    # Pages

    async def _answer_page(self, request: Request, query: Query, client: Client, tag: str) -> Reply:
        view = parameters(request).get("view", "")
        plan = self._pages.ask.plan_query(query, view, self._url(request), _ignored_format(request))
        return await make_page(plan, self.ask, client, tag)

    async def _describe(self, request: Request, client: Client, *, page: bool) -> Complete:
        """The empty query page, or the service description. Other parameters of the address make no difference."""
        best = HTML if page else choose(request.accept, GRAPHS, parameters(request).get("format"))
        url = self._url(request)
        key = (PATH, best.name, url)
        kept = await self._selection.find_or_code(key, request, client)
        if kept:
            return kept
        reply = await client.in_page_thread(self._description, best, url)
        return await self._selection.complete(key, reply, request, client)

    def _description(self, best: Any, url: str) -> Reply:
        if best is HTML:
            reply = cacheable(self._pages.ask.list_questions(SPARQL_PATH).encode(), HTML)
            return reply._replace(headers=[*reply.headers, _POLICY])
        index = self._store.index
        described = self._catalogue.service(url)
        return cacheable(write_graph(described, best, index.names.prefixes, index.context, url), best)

    def _url(self, request: Request) -> str:
        """The absolute URL of the endpoint, as visitors reach it."""
        return self._responses.root_url(request.scheme, request.host + request.root).rstrip("/") + PATH


def _validators(answer: Answer, tag: str) -> list[Header]:
    """Headers of an answer: its hints; revalidated if it is repeatable, not stored if it is not."""
    hints = [(HINTS, json.dumps(list(answer.hints)))] if answer.hints else []
    if not answer.repeatable:
        return [*hints, ("Cache-Control", "no-store")]
    return [*hints, ("Cache-Control", "no-cache"), ("ETag", tag)]


def _is_current(request: Request, tag: str) -> bool:
    """Whether the client's copy is current. `*` requires that an answer exists, which only the query can tell (RFC
    9110, section 13.1.2)."""
    matched = request.headers.get("if-none-match")
    if not matched or request.method == "POST":
        return False
    known = parse_etags(matched)
    return not known.star_tag and known.contains_weak(tag[3:-1])


def _ignored_format(request: Request) -> list[str]:
    """What the page says of a parameter that names another format: it counts only where no Accept header does."""
    wanted = parameters(request).get("format", "")
    if not wanted or wanted == HTML.name:
        return []
    form = next((form for form in _BY_MEDIA_TYPE.values() if wanted in (form.name, form.suffix, form.media_type)), None)
    advice = f"use the address `{SPARQL_PATH}.{form.suffix}`" if form else "it names no format"
    return [f"The parameter `format` has no effect where a browser asks for a page; {advice}."]


def _suffix(path: str) -> str:
    """Return the suffix of a fixed format, empty for the endpoint itself. Raises NotFoundError for any other."""
    suffix = path.removeprefix(PATH).removeprefix(".")
    if path != PATH and suffix not in _SUFFIXES:
        raise NotFoundError(f"Results have no format .{suffix}.")
    return suffix
