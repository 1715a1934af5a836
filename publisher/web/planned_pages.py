"""Planned pages: runs the query of a plan on the event loop, then makes the page of its outcome in a page thread."""

import json
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

from publisher.errors import PublisherError
from publisher.formats import HTML
from publisher.pages.ask.pages import Plan
from publisher.pages.ask.results import Outcome
from publisher.sparql.engine import Answer, Query
from publisher.web.client import Client
from publisher.web.headers import FRAME_POLICY, HINTS, QUERY_POLICY, Header
from publisher.web.responses import Reply, as_problem

Ask = Callable[[Query, Client], Awaitable[Answer]]
PICTURE_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors *"
"""For a picture as a file: it has its style in it."""


async def make_page(plan: Plan, ask: Ask, client: Client, tag: str) -> Reply:
    """The reply to the request for a planned page.

    ask: asks the engine. tag: the ETag of a page that the same request gives again.
    """
    if plan.query is None:
        body = await client.in_page_thread(_render, plan, Outcome())
        return Reply(HTTPStatus.OK, [*_describe(plan, body), ("Cache-Control", "no-cache"), ("ETag", tag)], body)
    started = time.monotonic()
    try:
        answer = await ask(plan.query, client)
    except PublisherError as error:
        problem = as_problem(error)
        body = await client.in_page_thread(_render, plan, Outcome(problem=problem))
        return Reply(problem.status, [*problem.headers.items(), *_describe(plan, body)], body)
    milliseconds = round((time.monotonic() - started) * 1000)
    with answer.body:
        body = await client.in_page_thread(_render_answer, plan, answer, milliseconds)
    return Reply(HTTPStatus.OK, [*_describe(plan, body), *_validate(answer, tag)], body)


def with_client(plan: Plan, key: str) -> Plan:
    """The plan whose query is that of a client. key: of the client."""
    query: Query | None = plan.query._replace(client=key) if plan.query else None
    return Plan(plan.render, query, plan.form, plan.framed, plan.moved)


def _render(plan: Plan, outcome: Outcome) -> bytes:
    return plan.render(outcome).encode()


def _render_answer(plan: Plan, answer: Answer, milliseconds: int) -> bytes:
    text = answer.body.read().decode()
    found = text if answer.kind == "graph" else json.loads(text)
    more = (answer.found, answer.more, answer.outline, answer.hints)
    return _render(plan, Outcome(found, None, *more, milliseconds, answer.repeatable))


def _describe(plan: Plan, body: bytes) -> list[Header]:
    """The headers of a page, with what it may load and who may show it."""
    policy = QUERY_POLICY if not plan.framed else FRAME_POLICY if plan.form is HTML else PICTURE_POLICY
    length = ("Content-Length", str(len(body)))
    return [("Content-Type", plan.form.content_type), length, ("Content-Security-Policy", policy)]


def _validate(answer: Answer, tag: str) -> list[Header]:
    """Headers of an answer: its hints; revalidated if it is repeatable, not stored if it is not."""
    hints = [(HINTS, json.dumps(list(answer.hints)))] if answer.hints else []
    if not answer.repeatable:
        return [*hints, ("Cache-Control", "no-store")]
    return [*hints, ("Cache-Control", "no-cache"), ("ETag", tag)]
