"""The addresses below `ask`: questions, the builder and the editor, and results for pages of others."""

import hashlib
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs

from publisher import __version__
from publisher.dataset.iris import ASK_PATH, PICTURE_PATH, SPARQL_PATH, relative, to_uri
from publisher.errors import MalformedError
from publisher.formats import HTML, PICTURE
from publisher.negotiation import choose
from publisher.pages.ask.pages import AskPages
from publisher.release.store import Store
from publisher.sparql import protocol
from publisher.web.cache import key_of_query
from publisher.web.client import Client
from publisher.web.forwarded import fair_share
from publisher.web.planned_pages import Ask, make_page, with_client
from publisher.web.requests import Request
from publisher.web.responses import Complete, Reply, Responses, method_problem
from publisher.web.selection import Selection

METHODS: Final = ("GET", "HEAD", "OPTIONS")
FIELDS: Final = 100
"""Parameters that one address may have."""


class Asking:
    """Answers the addresses below `ask` over one open release."""

    def __init__(
        self, responses: Responses, store: Store, pages: AskPages, selection: Selection, ask: Ask, length: int
    ) -> None:
        """ask: asks the engine. length: bytes that an address may have."""
        self._responses = responses
        self._store = store
        self._pages = pages
        self._selection = selection
        self._ask = ask
        self._length = length

    def owns(self, path: str) -> bool:
        """Whether an address is one of these."""
        return path == f"/{ASK_PATH}" or path.startswith(f"/{ASK_PATH}/")

    async def respond(self, request: Request, client: Client) -> Complete:
        """Answer a request. Raises a PublisherError with the reason if it cannot."""
        key = key_of_query(request)
        kept = self._selection.find(key, request) or await self._selection.find_or_code(key, request, client)
        if kept:
            return kept
        if request.method not in METHODS:
            raise method_problem(METHODS)
        if request.method == "OPTIONS":
            allow = Reply(HTTPStatus.OK, [("Allow", ", ".join(METHODS)), ("Content-Length", "0")], b"")
            return await self._selection.complete(None, allow, request, client)
        reply = await self._reply(request, client)
        return await self._selection.complete(key, reply, request, client)

    async def _reply(self, request: Request, client: Client) -> Reply:
        path = request.path[1:]
        protocol.check_length(len(request.query_string), self._length)
        choose(request.accept, (PICTURE,) if path == PICTURE_PATH else (HTML,))
        root = self._responses.root_url(request.scheme, request.host + request.root)
        if path == f"{ASK_PATH}/":
            return _move(ASK_PATH, path)
        plan = await client.in_page_thread(self._pages.plan, path, _read(request), root + SPARQL_PATH)
        if plan.moved:
            return _move(plan.moved, path)
        plan = with_client(plan, fair_share(request.client))
        return await make_page(plan, self._ask, client, self._tag(request))

    def _tag(self, request: Request) -> str:
        """The weak ETag of a page: all that it depends on."""
        parts = (self._store.index.key, __version__, request.scheme, request.host, request.root, request.path)
        return f'W/"{hashlib.sha256(chr(10).join((*parts, request.query_string)).encode()).hexdigest()[:32]}"'


def _read(request: Request) -> dict[str, list[str]]:
    """The parameters of a request. Raises MalformedError where they are too many or not valid UTF-8."""
    try:
        return parse_qs(
            request.query_string, keep_blank_values=True, errors="strict", max_num_fields=FIELDS, encoding="utf-8"
        )
    except UnicodeDecodeError as error:
        raise MalformedError(f"The query string is not valid UTF-8 at byte {error.start}.") from None
    except ValueError:
        raise MalformedError(f"The address has more than {FIELDS} fields.") from None


def _move(target: str, path: str) -> Reply:
    """The redirect from another spelling of an address."""
    headers = [("Location", to_uri(relative(target, path))), ("Cache-Control", "no-cache"), ("Content-Length", "0")]
    return Reply(HTTPStatus.PERMANENT_REDIRECT, headers, b"")
