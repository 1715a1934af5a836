"""Responses: replies with their ETag, documents in the negotiated form, and errors as pages or problem documents."""

import hashlib
import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any, BinaryIO, Final, NamedTuple, cast

import pyoxigraph as ox
from flask import request
from werkzeug import exceptions
from werkzeug.wrappers import Response

from publisher.dataset.iris import LOOKUP_PATH, PROBLEM_PATH, RECONCILE_PATH, is_web, relative, to_uri
from publisher.errors import (
    CannotRunError,
    MalformedError,
    MethodNotAllowedError,
    NotAcceptableError,
    NotFoundError,
    PublisherError,
    UnsupportedMediaTypeError,
    WithdrawnError,
)
from publisher.formats import ADDRESSED, DOCUMENTS, GRAPHS, HTML, LINKSET, PROBLEM_JSON, Format
from publisher.negotiation import choose
from publisher.pages.site import Pages
from publisher.rdf.serializer import write_graph
from publisher.release.resources import Resources
from publisher.settings import Settings
from publisher.web.budget import make_overload_error
from publisher.web.headers import Encoded, Header, encode, make_tag
from publisher.web.requests import FIELD, Request
from publisher.web.signposting import Signposts, list_links, write_linkset
from publisher.web.streams import Streams

_PAGE_NUMBER: Final = re.compile(r"(?:\A|&)page=[^&]*")
"""The parameter of a query string that lists have an address for."""
PIECE: Final = 1 << 18
"""Bytes of a file that are read at once."""


class Reply(NamedTuple):
    """What a view or the endpoint answers. headers: its own. body: a file where it is sent piece by piece."""

    status: int
    headers: Sequence[Header]
    body: bytes | BinaryIO


class Complete(NamedTuple):
    """A response that is ready to be sent. headers: all of them. body: a file where it is sent piece by piece."""

    status: int
    headers: Sequence[Encoded]
    body: bytes | BinaryIO


def close(body: bytes | BinaryIO) -> None:
    """Close a body where it is a file."""
    if not isinstance(body, bytes):
        body.close()


@dataclass(frozen=True)
class Document:
    """One document in all its forms.

    path: its address below the base, without suffix. triples: what its RDF forms say. root: the IRI that JSON-LD begins
    with. page: makes the HTML form. posts: what its typed links say; None for a document that has none. links: further
    Link header fields. default: the form for `*/*`. query: the query string of its forms, with the question mark.
    stream: makes an RDF form in pieces, in place of `triples`.
    """

    path: str
    triples: Callable[[], Sequence[ox.Triple]]
    page: Callable[[], str]
    root: str | None = None
    posts: Signposts | None = None
    links: Sequence[str] = ()
    default: Format = GRAPHS[0]
    query: str = ""
    stream: Callable[[Format], Iterable[bytes]] | None = None


class Responses:
    """Makes responses about one open release."""

    def __init__(self, resources: Resources, context: Any, pages: Pages, settings: Settings) -> None:
        """context: the value of the JSON-LD context."""
        self.resources = resources
        self._context = context
        self.pages = pages
        self._public_url = settings.public_url
        self._streams = Streams()

    def root_url(self, scheme: str, host: str) -> str:
        """The address of our home page as visitors know it, with a slash at its end. host: as a request names it."""
        return self._public_url.rstrip("/") + "/" if self._public_url else f"{scheme}://{host}/"

    def redirect_merged(self, successor: str, path: str | None) -> Response:
        """The redirect from a merged thing to its successor, by its path below the root or by its foreign IRI.

        It is absolute, because some clients follow no relative reference (Java's, OWL API): below the public URL, or
        else on the checked host of the request, never on one that an untrusted peer forwards. Raises WithdrawnError
        where a foreign IRI is not an address on the web.
        """
        root = self.root_url(request.scheme, request.environ["HTTP_HOST"] + request.root_path)
        if path is None and not is_web(successor):
            raise WithdrawnError(f"The successor has no address on the web: {successor}.", ())
        target = to_uri(successor if path is None else root + path)
        return Response(status=308, headers={"Location": target, "Cache-Control": "no-cache"})

    def keep_query_string(self, response: Complete, sent: Request) -> Complete:
        """A redirect with the query string of its request, unless that is long (`FIELD`) or leads to another site.

        What a look-up was asked for is not a parameter of the document that it leads to, nor is the number of a page,
        which the address of that page has.
        """
        if sent.path == f"/{LOOKUP_PATH}":
            return response
        target = dict(response.headers).get(b"location", b"").decode("latin-1")
        root = self.root_url(sent.scheme, sent.host + sent.root)
        query = _PAGE_NUMBER.sub("", sent.query_string).strip("&")
        if not target or not 0 < len(query) <= FIELD or ("://" in target and not target.startswith(root)):
            return response
        path, mark, fragment = target.partition("#")
        others = [header for header in response.headers if header[0] != b"location"]
        return response._replace(headers=[*others, *encode([("Location", f"{path}?{query}{mark}{fragment}")])])

    def negotiate(self, document: Document, chosen: Format | None, *, home: bool = False) -> Response:
        """A document in the form that the address fixes or the current request chooses, with its HTTP metadata."""
        posts = document.posts
        if chosen is LINKSET:
            if posts is None:
                raise NotFoundError("This document has no link set.")
            return respond(write_linkset(posts, document.path, self.resources.names), LINKSET)
        best = chosen or choose(request.headers.get("Accept"), DOCUMENTS, request.args.get("format"), document.default)
        response = self._respond(document, best)
        last = document.path.rpartition("/")[2]
        names = {form: to_uri(relative(f"{last}.{form.suffix}", "")) + document.query for form in DOCUMENTS}
        if chosen is None:
            response.headers["Content-Location"] = "./" if home and best is HTML else names[best]
        others = [form for form in DOCUMENTS if form is not best and not (home and form is HTML)]
        links = [link(names[form], "alternate", form.media_type) for form in others]
        typed = (
            [link(target, rel, type_) for rel, target, type_ in list_links(posts, document.path, best)] if posts else []
        )
        response.headers["Link"] = ", ".join([*links, *typed, *document.links])
        return response

    def _respond(self, document: Document, best: Format) -> Response:
        """A form of a document."""
        if document.stream is None or best is HTML:
            return respond(self._write(document, best), best)
        return self.stream(partial(document.stream, best), best)

    def stream(self, make: Callable[[], Iterable[bytes]], form: Format, query: str = "") -> Response:
        """A response that is made while it is sent. It is never whole, so its weak ETag is of the compiled release.

        make: yields its pieces. query: what decides on them beside path and form. Raises OverloadedError where too many
        streams are open.
        """
        compiled = self.resources.store.index.folder.name
        tag = hashlib.sha256(f"{compiled} {form.suffix}{query}".encode()).hexdigest()[:32]
        file = cast(BinaryIO, self._streams.open(make))
        return respond_with_file(file, form, {"ETag": f'W/"{tag}"', "Cache-Control": "no-cache"})

    def _write(self, document: Document, best: Format) -> bytes:
        if best is HTML:
            return document.page().encode()
        context = self._context
        return write_graph(document.triples(), best, self.resources.names.prefixes, context, document.root)

    def problem(self, error: Exception, path: str, accept: str | None) -> Reply:
        """An error in the form that the client reads: a page for browsers, RFC 9457 for programs.

        A withdrawn thing is answered with its tombstone where the client accepts RDF.

        Args:
            error: What was raised.
            path: Of the request, without its first slash.
            accept: The header of the request, None if there is none.
        """
        problem = as_problem(error)
        problem.detail = _show_controls(problem.detail)
        if path.partition("/")[0] == RECONCILE_PATH:  # Clients of the service read JSON only, whatever they accept.
            return self.plain_problem(problem)
        offers = (*GRAPHS, HTML, PROBLEM_JSON) if isinstance(problem, WithdrawnError) else (PROBLEM_JSON, HTML)
        suffix = path.rpartition("/")[2].rpartition(".")[2]
        fixed = next((form for form in DOCUMENTS if form.suffix == suffix and form in offers), None)
        try:
            best = fixed or choose(accept, offers)
        except NotAcceptableError:
            best = PROBLEM_JSON
        if isinstance(problem, WithdrawnError) and best in GRAPHS:
            context = self._context
            body = write_graph(problem.tombstone, best, self.resources.names.prefixes, context)
        elif best is HTML:
            body = self.pages.error(problem, path).encode()
        else:
            body = self._problem_document(problem)
        return Reply(problem.status, [*problem.headers.items(), *_make_content_headers(best, body)], body)

    def plain_problem(self, problem: PublisherError) -> Reply:
        """An error as a problem document, whatever the client accepts."""
        body = self._problem_document(problem)
        return Reply(problem.status, [*problem.headers.items(), *_make_content_headers(PROBLEM_JSON, body)], body)

    def _problem_document(self, problem: PublisherError) -> bytes:
        kind = self.resources.names.iri(PROBLEM_PATH + problem.name)
        document = {"type": kind, "title": problem.title, "status": problem.status, "detail": problem.detail}
        return (json.dumps(document | problem.members, ensure_ascii=False) + "\n").encode()


def cacheable(body: bytes, form: Format) -> Reply:
    """A cacheable reply: strong ETag of the bytes sent."""
    headers = [*_make_content_headers(form, body), ("ETag", make_tag(body)), ("Cache-Control", "no-cache")]
    return Reply(HTTPStatus.OK, headers, body)


def _make_content_headers(form: Format, body: bytes) -> list[Header]:
    return [("Content-Type", form.content_type), ("Content-Length", str(len(body)))]


def respond(body: bytes, form: Format, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """What a view returns for a cacheable reply."""
    return to_response(cacheable(body, form)._replace(status=status))


def to_response(reply: Reply) -> Response:
    """A reply whose body is bytes as a view returns it."""
    assert isinstance(reply.body, bytes)
    return Response(reply.body, reply.status, list(reply.headers))


class FileBody:
    """The body of a response that is sent piece by piece from a file, which is closed then."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self.file.read(PIECE), b"")

    def close(self) -> None:
        """Close the file (PEP 3333)."""
        self.file.close()


def respond_with_file(file: BinaryIO, form: Format, headers: Mapping[str, str]) -> Response:
    """What a view returns for a file, or for a part of one where the headers state which."""
    status = HTTPStatus.PARTIAL_CONTENT if "Content-Range" in headers else HTTPStatus.OK
    named = {"Content-Type": form.content_type, **headers}
    return Response(FileBody(file), status, named, direct_passthrough=True)


def redirect(status: int, path: str, depart: str) -> Response:
    """A redirect by relative reference, so that it holds on any host and behind any proxy."""
    target = to_uri(relative(path, depart))
    return Response(status=status, headers={"Location": target, "Cache-Control": "no-cache"})


def split_suffix(name: str) -> tuple[str, Format | None]:
    """The last segment of a document's path without its suffix, and the format that the suffix fixes."""
    stem, dot, suffix = name.rpartition(".")
    form = next((f for f in ADDRESSED if dot and f.suffix == suffix), None)
    return (stem, form) if form else (name, None)


def link(target: str, relation: str, media_type: str = "") -> str:
    """One Link header field; relation and type quoted, as rdflib expects them (RFC 8288)."""
    return f'<{to_uri(target)}>; rel="{relation}"' + (f'; type="{media_type}"' if media_type else "")


def as_problem(error: Exception) -> PublisherError:
    """Translate any exception of a request into a PublisherError. Causes on our side go only to the log, because they
    may name files.
    """
    if isinstance(error, CannotRunError | OSError):  # A file was removed, the disk or the table of open files is full.
        words = error.detail if isinstance(error, CannotRunError) else error
        logging.getLogger("publisher").error("A request cannot be answered: %s", words)
        return make_overload_error("The server cannot answer this request now; the reason is in its log.")
    if isinstance(error, PublisherError):
        return error
    if isinstance(error, exceptions.MethodNotAllowed):
        return method_problem(list(error.valid_methods or ()))
    if isinstance(error, exceptions.NotFound):
        return NotFoundError("There is no resource at this address.")
    if isinstance(error, exceptions.HTTPException) and (error.code or 500) < 500:
        return MalformedError(error.description or "")
    logging.getLogger("publisher").error("A request failed", exc_info=error)
    return PublisherError("Internal server error; it has been logged.")


def _show_controls(text: str) -> str:
    """A text in which control characters of an address are visible."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)


def list_methods(allowed: Sequence[str]) -> Reply:
    """The response to OPTIONS (RFC 9110, section 9.3.7)."""
    return Reply(HTTPStatus.OK, [("Allow", ", ".join(sorted(allowed))), ("Content-Length", "0")], b"")


def make_coding_error(coding: str) -> UnsupportedMediaTypeError:
    """The error of a compressed body, with the header that names what is supported (RFC 9110, section 15.5.16)."""
    problem = UnsupportedMediaTypeError(
        f"The Content-Encoding {coding[:40]!r} is not supported: send the body as it is."
    )
    problem.headers["Accept-Encoding"] = "identity"
    return problem


def method_problem(allowed: Sequence[str]) -> MethodNotAllowedError:
    """The problem of a method that an address does not answer (RFC 9110, section 15.5.6)."""
    problem = MethodNotAllowedError(f"Allowed methods: {', '.join(sorted(allowed))}.")
    problem.headers["Allow"] = ", ".join(sorted(allowed))
    return problem
