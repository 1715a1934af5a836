"""The routes: which address answers what, negotiated, with which headers."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pyoxigraph as ox
from flask import Blueprint, request
from werkzeug.wrappers import Response

from publisher.dataset import iris
from publisher.dataset.iris import KINDS, PROBLEM_PATH, plural, relative
from publisher.errors import NotFoundError, published
from publisher.formats import DOCUMENTS, GRAPHS, HTML, JSON, JSON_LD, PLAIN, SITEMAP, Format, choose
from publisher.rdf import namespaces as n
from publisher.rdf.serializer import write_graph
from publisher.rdf.terms import values
from publisher.release.resources import LICENSE, TYPE, Description, page_of
from publisher.settings import Settings
from publisher.web.responses import Responses


@dataclass(frozen=True)
class Document:
    """One document in all its forms.

    path: its address below the base, without suffix. triples: what its RDF forms say. root: the IRI that JSON-LD begins
    with. page: makes the HTML form. links: further Link header fields. default: the form for `*/*`.
    """

    path: str
    triples: Callable[[], Sequence[ox.Triple]]
    page: Callable[[], str]
    root: str | None = None
    links: Sequence[str] = ()
    default: Format = GRAPHS[0]


class Routes:
    """The addresses of one open release."""

    def __init__(self, responses: Responses, settings: Settings) -> None:
        self.responses = responses
        self.pages = responses.pages
        self.catalogue = responses.pages.catalogue
        self.resources = responses.resources
        self.settings = settings
        self.names = self.resources.names
        self.blueprint = Blueprint("publisher", __name__)
        self.blueprint.before_app_request(self._spelled_once)
        self._add("/", self.home)
        self._add("/id/<path:path>", self.thing)
        self._add("/doc/<kind>", self.listing)
        self._add("/doc/<kind>/<name>", self.document)
        self._add("/doc/<kind>/<slug>/incoming/<name>", self.document_page)
        for folder in ("ontology", "shapes"):
            self._add(f"/<any({folder}):name>", self.graph)
            self._add(
                f"/<any('{folder}.ttl', '{folder}.jsonld', '{folder}.nt', '{folder}.rdf', '{folder}.html'):name>",
                self.graph,
            )
        self._add("/ontology/<version>", self.version)
        self._add("/graph/<name>", self.data_graph)
        self._add(
            "/<any(dataset, 'dataset.ttl', 'dataset.jsonld', 'dataset.nt', 'dataset.rdf', 'dataset.html'):name>",
            self.dataset,
        )
        self._add("/.well-known/void", self.void)
        self._add("/context.jsonld", self.context)
        self._add(f"/{iris.RULE_PATH}<name>", self.rule)
        self._add(f"/{PROBLEM_PATH.rstrip('/')}", self.problems)
        self._add(f"/{PROBLEM_PATH}<name>", self.problem)
        self._add("/correct", self.correct)
        self._add("/sitemap.xml", self.sitemap)
        self._add("/robots.txt", self.robots)
        self._add("/sparql/completions.json", self.completions)
        self._add(f"/{iris.STATIC_PATH}<path:name>", self.asset)

    def _add(self, rule: str, view: Callable[..., Response]) -> None:
        self.blueprint.add_url_rule(rule, endpoint=rule.replace(".", "_"), view_func=view, methods=("GET",))

    def _spelled_once(self) -> Response | None:
        """No page at a second address: the router would take `//dataset` for `/dataset`, and send whoever comes without
        any path to an absolute address, which need not be the one that visitors know."""
        path = request.environ["PATH_INFO"]
        if path.startswith("//"):
            raise NotFoundError("No address here begins with two slashes.")
        return None if path else self._redirect(308, f"{request.root_path.rpartition('/')[2]}/", "")

    # Things and their documents

    def thing(self, path: str) -> Response:
        """A thing: 303 to its document, 308 to its successor (RFC 9110, section 15.4)."""
        here = f"id/{path}"
        iri = self.names.iri(here)
        thing = self.names.thing(iri)
        if thing is None:
            raise NotFoundError(f"Nothing here has the IRI {iri}.")
        successor = self.resources.successor(iri) or self.resources.successor(thing)
        if successor is not None:
            return self._redirect(308, self.names.path(successor) or successor, here)
        self.resources.require(thing)
        if iri != thing:
            self.resources.require(iri)
        return self._redirect(303, self.names.address(iri) or "", here)

    def document(self, kind: str, name: str) -> Response:
        """The document about a thing, its first page."""
        slug, chosen = _split(name)
        return self._document(kind, slug, 1, chosen)

    def document_page(self, kind: str, slug: str, name: str) -> Response:
        """A further page of the statements that point at a thing."""
        number, chosen = _split(name)
        if not re.fullmatch("[1-9][0-9]{0,8}", number) or number == "1":
            raise NotFoundError(f"{number!r} is the number of no further page.")
        return self._document(kind, slug, int(number), chosen)

    def _document(self, kind: str, slug: str, page: int, chosen: Format | None) -> Response:
        iri = self.names.iri(f"id/{kind}/{slug}")
        path = page_of(f"doc/{kind}/{slug}", page)
        successor = self.resources.successor(iri)
        if successor is not None:
            target = self.names.address(successor)
            suffix = f".{chosen.suffix}" if chosen and target else ""
            return self._redirect(308, (target or successor) + suffix, path)
        if self.names.thing(iri) != iri:
            raise NotFoundError(f"Nothing is published at {path}.")
        found = self.resources.describe(iri, page)
        return self._send(
            Document(
                path,
                lambda: found.triples,
                lambda: self.pages.thing(found, path),
                root=iri,
                links=self._thing_links(found, path),
            ),
            chosen,
        )

    def _thing_links(self, found: Description, path: str) -> list[str]:
        """Signposting: typed links from the document to what it is about and how it may be used."""
        types = values((t for t in found.own if t.subject == ox.NamedNode(found.thing)), TYPE.value)
        links = [_link(found.thing, "cite-as")]
        links += [_link(iri, "license") for iri in values(found.about, LICENSE.value)]
        links += [_link(iri, "type") for iri in types]
        links.append(_link(relative("dataset", path), "collection"))
        following = values(found.about, n.XHV + "next")
        links += [_link(relative(self.names.path(iri) or iri, path), "next") for iri in following]
        return links

    def listing(self, kind: str) -> Response:
        """All things of one kind."""
        kind, chosen = _split(kind)
        if kind not in KINDS:
            raise NotFoundError(f"There is no kind of thing called {kind!r}.")
        path = f"doc/{kind}"
        prefix = self.names.iri(f"id/{kind}/")
        things = [iri for iri in self.resources.things() if iri.startswith(prefix)]
        naming = self.resources.label_statements(map(ox.NamedNode, things))
        document = ox.NamedNode(self.names.iri(path))
        topics = [ox.Triple(document, ox.NamedNode(n.FOAF + "topic"), ox.NamedNode(iri)) for iri in things]
        named = sorted(((iri, self.resources.label(iri)) for iri in things), key=lambda pair: pair[1].casefold())
        return self._send(
            Document(
                path,
                lambda: [*topics, *naming],
                lambda: self.pages.listing(plural(kind), named, path),
                root=document.value,
            ),
            chosen,
        )

    # Whole documents

    def home(self) -> Response:
        """The home page; for RDF clients the description of the data set."""
        page = Document("dataset", lambda: self.catalogue.dataset, self.pages.home, default=HTML)
        return self._send(page, None, home=True)

    def graph(self, name: str) -> Response:
        """The ontology or the shapes, which are a named graph each."""
        path, chosen = _split(name)
        return self._graph(path, chosen)

    def data_graph(self, name: str) -> Response:
        """One of the named graphs of the data."""
        name, chosen = _split(name)
        return self._graph(f"graph/{name}", chosen)

    def _graph(self, path: str, chosen: Format | None) -> Response:
        iri = self.names.iri(path)
        if iri not in dict(self.catalogue.graphs):
            raise NotFoundError(f"There is no graph {iri}.")
        triples = self.resources.store.lookup.graph(iri)
        title = self.resources.label(iri)
        title = title if title != iri else f"Graph {path}"
        if path == "shapes":
            return self._send(Document(path, lambda: triples, lambda: self.pages.rules(title, path)), chosen)
        return self._send(Document(path, lambda: triples, lambda: self.pages.graph(title, triples, path)), chosen)

    def version(self, version: str) -> Response:
        """The version IRI of the ontology, as long as it is the current one."""
        if version != self.catalogue.version:
            raise NotFoundError(f"The ontology published here is version {self.catalogue.version}.")
        return self._redirect(303, "ontology", f"ontology/{version}")

    def dataset(self, name: str) -> Response:
        """The description of the data set (DCAT, VoID)."""
        _, chosen = _split(name)
        triples = self.catalogue.dataset
        page = Document(
            "dataset",
            lambda: triples,
            lambda: self.pages.graph(self.catalogue.title, self.catalogue.overview, "dataset"),
            root=self.names.dataset,
        )
        return self._send(page, chosen)

    def void(self) -> Response:
        """Where VoID clients look first (VoID, section 7.2)."""
        return self._redirect(303, "dataset", ".well-known/void")

    def context(self) -> Response:
        """The JSON-LD context."""
        text = json.dumps({"@context": self.resources.store.repository.context}, ensure_ascii=False, indent=2)
        return self._response(text.encode() + b"\n", JSON_LD)

    def rule(self, name: str) -> Response:
        """What a rule of validation means: a page for people; the shapes document describes shapes for programs."""
        rule, path = self.pages.rule_pages.rule(name), iris.RULE_PATH + name
        choose(request.headers.get("Accept"), (HTML,))
        response = self._response(self.pages.rule(rule, path).encode(), HTML)
        if rule.kind == "shape":
            shapes = relative(f"shapes.{GRAPHS[0].suffix}", path)
            response.headers["Link"] = _link(shapes, "describedby", GRAPHS[0].media_type)
        return response

    def problems(self) -> Response:
        """The kinds of problems that requests meet, for people."""
        choose(request.headers.get("Accept"), (HTML,))
        return self._response(self.pages.problems(PROBLEM_PATH.rstrip("/")).encode(), HTML)

    def problem(self, name: str) -> Response:
        """What a kind of problem means (RFC 9457, section 3.1.1)."""
        kind = published().get(name)
        if kind is None:
            raise NotFoundError(f"There is no problem called {name!r}.")
        choose(request.headers.get("Accept"), (HTML,))
        return self._response(self.pages.problem(kind, PROBLEM_PATH + name).encode(), HTML)

    def correct(self) -> Response:
        """How to correct what is said of the thing named by `about`."""
        iri = self.names.iri(request.args.get("about", ""))
        thing = self.names.thing(iri)
        if thing is None:
            raise NotFoundError("Name one of our things: correct?about=id/<kind>/<slug>.")
        self.resources.require(thing)
        file = self.resources.store.repository.file_of(thing)
        return self._response(self.pages.correct(thing, file.path if file else "", "correct").encode(), HTML)

    def sitemap(self) -> Response:
        """The addresses of all documents, for search engines (Sitemap protocol 0.9)."""
        base = self.responses.root_url(request)
        paths = ["", *(self.names.address(iri) or "" for iri in self.resources.things())]
        paths += [iris.RULE_PATH + name for name in self.pages.rule_pages.names]
        lines = [f"<url><loc>{base}{path}</loc></url>" for path in paths]
        xml = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        return self._response((xml + "\n".join(lines) + "\n</urlset>\n").encode(), SITEMAP)

    def robots(self) -> Response:
        """What robots may fetch: everything but queries."""
        return self._response(b"User-agent: *\nDisallow: /sparql\n", PLAIN)

    def completions(self) -> Response:
        """What the query editor completes."""
        return self._response(self.pages.completions.encode(), JSON)

    def asset(self, name: str) -> Response:
        """A style sheet or a script; one that is asked for by its version never changes (RFC 8246)."""
        found = self.pages.assets.find(name)
        if found is None:
            raise NotFoundError(f"Nothing is published at {iris.STATIC_PATH}{name}.")
        response = self._response(found.body, found.form)
        if request.args.get("v") == found.version:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response

    # Sending

    def _send(self, document: Document, chosen: Format | None, *, home: bool = False) -> Response:
        """A document in the form that its address fixes or the request chooses, with what HTTP says of it."""
        fixed = chosen is not None
        wanted = request.args.get("format")
        best = chosen or choose(request.headers.get("Accept"), DOCUMENTS, wanted, document.default)
        body = self._write(document, best)
        response = self._response(body, best)
        last = document.path.rpartition("/")[2]
        names = {f: f"{last}.{f.suffix}" for f in DOCUMENTS}
        if not fixed:
            response.headers["Content-Location"] = "./" if home and best is HTML else names[best]
        others = [f for f in DOCUMENTS if f is not best and not (home and f is HTML)]
        links = [_link(names[f], "alternate", f.media_type) for f in others]
        described = [_link(names[GRAPHS[0]], "describedby", GRAPHS[0].media_type)] if best is HTML else []
        response.headers["Link"] = ", ".join([*links, *described, *document.links])
        return response

    def _write(self, document: Document, best: Format) -> bytes:
        if best is HTML:
            return document.page().encode()
        context = self.resources.store.repository.context
        return write_graph(document.triples(), best, self.names.prefixes, context, document.root)

    def _response(self, body: bytes, form: Format) -> Response:
        return self.responses.document(body, form, request)

    def _redirect(self, status: int, path: str, depart: str) -> Response:
        """A redirect by relative reference, so that it holds on any host and behind any proxy."""
        target = path if "://" in path else relative(path, depart)
        return Response(status=status, headers={"Location": target, "Cache-Control": "no-cache"})


def _split(name: str) -> tuple[str, Format | None]:
    """The last segment of a document's path without its suffix, and the format that the suffix fixes."""
    stem, dot, suffix = name.rpartition(".")
    form = next((f for f in DOCUMENTS if dot and f.suffix == suffix), None)
    return (stem, form) if form else (name, None)


def _link(target: str, relation: str, media_type: str = "") -> str:
    """One Link header field; relation and type quoted, as rdflib expects them (RFC 8288)."""
    return f'<{target}>; rel="{relation}"' + (f'; type="{media_type}"' if media_type else "")
