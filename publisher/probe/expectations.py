"""Expectations: what a response has to be like, each with its words and a function that judges an exchange."""

import csv
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import httpx
import pyoxigraph as ox

from publisher.formats import JSON_LD, RESULTS_CSV
from publisher.probe.exchange import ORIGIN, Exchange, Hop

MUST: Final = "must"
SHOULD: Final = "should"
REDIRECTS: Final = frozenset((301, 302, 303, 307, 308))

Judge = Callable[[Exchange, Exchange], str]
"""Judges an exchange, given the one that it is compared with (itself where there is none). It returns what is wrong,
and an empty text where nothing is."""


@dataclass(frozen=True)
class Expectation:
    """level: `MUST` or `SHOULD`. words: what is expected."""

    level: str
    words: str
    judge: Judge


def must(words: str, judge: Judge) -> Expectation:
    """Expect what clients fail without."""
    return Expectation(MUST, words, judge)


def should(words: str, judge: Judge) -> Expectation:
    """Expect what is good practice."""
    return Expectation(SHOULD, words, judge)


def has_status(*accepted: int) -> Judge:
    """The last response has one of these statuses."""
    return lambda found, _: "" if found.last.status in accepted else found.summary


def has_no_status(*refused: int) -> Judge:
    """The last response has none of these statuses."""
    return lambda found, _: found.summary if found.last.status in refused else ""


def is_client_error(found: Exchange, _: Exchange) -> str:
    """The last response is a 4xx."""
    return "" if httpx.codes.is_client_error(found.last.status) else found.summary


def has_type(*accepted: str) -> Judge:
    """The last response is a success, and has one of these media types."""
    return lambda found, _: "" if _is_ok(found) and found.last.media_type in accepted else found.summary


def has_no_type(*refused: str) -> Judge:
    """The last response has none of these media types, unless it is an error."""
    return lambda found, _: found.summary if _is_ok(found) and found.last.media_type in refused else ""


def is_graph(found: Exchange, _: Exchange) -> str:
    """The body is RDF that can be parsed, and states something. Longer bodies and TriX, for which no parser is at
    hand, are believed. JSON-LD is parsed as JSON, as its context may be elsewhere."""
    if not _is_ok(found):
        return found.summary
    if found.cut:
        return ""
    try:
        if found.last.media_type == JSON_LD.media_type:
            return "" if json.loads(found.body) else "an empty graph"
        form = ox.RdfFormat.from_media_type(found.last.media_type)
        if form is None:
            return "" if found.last.media_type.endswith("/trix") else found.summary
        base = found.last.url
        return "" if any(True for _ in ox.parse(found.body, form, base_iri=base)) else "an empty graph"
    except (SyntaxError, ValueError) as error:
        return f"{found.last.media_type} that cannot be parsed: {str(error)[:80]}"


def has_rows(*expected: str) -> Judge:
    """The results have one variable, with these values in this order."""

    def judge(found: Exchange, _: Exchange) -> str:
        if not _is_ok(found):
            return found.summary
        try:
            values = list(_read_values(found))
        except (SyntaxError, ValueError, StopIteration) as error:
            return f"{found.last.media_type or 'a body without a type'} that cannot be read: {str(error)[:80]}"
        return "" if values == list(expected) else f"the values {values[:5]}"

    return judge


def is_true(found: Exchange, _: Exchange) -> str:
    """The result is the boolean true."""
    try:
        form = ox.QueryResultsFormat.from_media_type(found.last.media_type)
        result = ox.parse_query_results(found.body, form) if form and _is_ok(found) else None
    except (SyntaxError, ValueError):
        return f"{found.last.media_type} that cannot be parsed"
    return "" if isinstance(result, ox.QueryBoolean) and result else found.summary


def is_empty(found: Exchange, _: Exchange) -> str:
    """There is no body."""
    return f"{len(found.body)} bytes" if found.body else ""


def agrees_on(*names: str) -> Judge:
    """The last response has the status and these header fields of the other's last response."""

    def judge(found: Exchange, other: Exchange) -> str:
        if found.last.status != other.last.status:
            return f"{found.last.status}, not {other.last.status}"
        differing = [
            f"{name}: {found.last.headers.get(name, 'none')}, not {other.last.headers.get(name, 'none')}"
            for name in names
            if found.last.headers.get(name) != other.last.headers.get(name)
        ]
        return "; ".join(differing)

    return judge


def varies(found: Exchange, other: Exchange) -> str:
    """Where an address answers the two requests differently, it says so in Vary (RFC 9110, section 12.5.5)."""
    for mine, theirs in _pair(found, other):
        said = mine.lists("Vary") & theirs.lists("Vary")
        if _answer(mine) != _answer(theirs) and not said & {"accept", "*"}:
            return f"{urlsplit(mine.url).path} without Vary: Accept"
    return ""


def has_tag_of_its_own(found: Exchange, other: Exchange) -> str:
    """Two forms of one address have different strong ETags (RFC 9110, section 8.8.3)."""
    for mine, theirs in _pair(found, other):
        tag = mine.headers.get("ETag", "")
        if mine.media_type != theirs.media_type and tag.startswith('"') and tag == theirs.headers.get("ETag"):
            return f"ETag {tag} for {mine.media_type} and {theirs.media_type}"
    return ""


def has(name: str, member: str = "") -> Judge:
    """The last response has a header field, and this member of its list."""

    def judge(found: Exchange, _: Exchange) -> str:
        value = found.last.headers.get(name, "")
        return "" if value and (not member or member in found.last.lists(name)) else f"{name}: {value or 'none'}"

    return judge


def allows_origins(found: Exchange, _: Exchange) -> str:
    """Each response may be read by scripts of other sites."""
    for hop in found.hops:
        allowed = hop.headers.get("Access-Control-Allow-Origin", "none")
        if allowed not in ("*", ORIGIN):
            return f"{hop.status} with Access-Control-Allow-Origin: {allowed}"
    return ""


def links_to(*relations: str) -> Judge:
    """Some response has a link with one of these relations (RFC 8288)."""

    def judge(found: Exchange, _: Exchange) -> str:
        seen = {
            relation for hop in found.hops for _, said in read_links(hop) for relation in said.get("rel", "").split()
        }
        return "" if seen & set(relations) else f"links: {', '.join(sorted(seen)) or 'none'}"

    return judge


def is_seen_elsewhere(found: Exchange, _: Exchange) -> str:
    """An address without a fragment answers 303, as that of a thing and not of a document about it."""
    return "" if found.hops[0].status == httpx.codes.SEE_OTHER else found.summary


def locates_absolutely(found: Exchange, _: Exchange) -> str:
    """Each 308 has a Location that is an absolute address on the web: rdflib follows it by itself. Others may have a
    relative one (RFC 9110, section 10.2.2)."""
    for hop in found.hops:
        parts = urlsplit(hop.location)
        if hop.status == httpx.codes.PERMANENT_REDIRECT and not (parts.scheme in ("http", "https") and parts.netloc):
            return f"308 with Location: {hop.location or 'none'}"
    return ""


def read_links(hop: Hop) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the links of a response: targets, and parameters by name in lower case, without quotes."""
    for part in re.split(r",\s*(?=<)", hop.headers.get("Link", "")):
        if found := re.match(r"\s*<([^>]*)>(.*)", part, re.DOTALL):
            pairs = re.findall(r';\s*([\w*-]+)\s*=\s*("[^"]*"|[^\s;,]+)', found[2])
            yield found[1], {name.lower(): value.strip('"') for name, value in pairs}


def find_json_ld(hop: Hop) -> str | None:
    """Return the target of the link that rdflib follows for JSON-LD: it splits the field at commas and looks for these
    literal texts."""
    for part in hop.headers.get("Link", "").split(","):
        if (
            'rel="alternate"' in part
            and f'type="{JSON_LD.media_type}"' in part
            and (found := re.search("<(.*?)>", part))
        ):
            return found[1]
    return None


def links_to_json_ld(found: Exchange, _: Exchange) -> str:
    """The last response has the link that rdflib follows for JSON-LD."""
    return "" if find_json_ld(found.last) is not None else "no such link"


def _is_ok(found: Exchange) -> bool:
    return found.last.status == httpx.codes.OK


def _answer(hop: Hop) -> tuple[int, str, str]:
    return hop.status, hop.location, hop.media_type


def _pair(found: Exchange, other: Exchange) -> Iterator[tuple[Hop, Hop]]:
    """The responses of addresses that occur in both exchanges."""
    theirs = {hop.url: hop for hop in other.hops}
    return ((hop, theirs[hop.url]) for hop in found.hops if hop.url in theirs)


def _read_values(found: Exchange) -> Iterator[str]:
    """The values of the one variable of results in any format."""
    if found.last.media_type == RESULTS_CSV.media_type:
        rows = csv.reader(found.body.decode().splitlines())
        next(rows, None)
        yield from (row[0] for row in rows)
        return
    form = ox.QueryResultsFormat.from_media_type(found.last.media_type)
    result = ox.parse_query_results(found.body, form) if form else None
    if not isinstance(result, ox.QuerySolutions):
        raise ValueError("not results of a SELECT query")
    for row in result:
        yield str(getattr(row[0], "value", ""))
