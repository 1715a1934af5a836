"""The routes: the view of each address, and what its response depends on besides its path."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import urlencode

from flask import Blueprint, current_app, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from publisher.dataset.iris import (
    ABOUT_PATH,
    CARD_PATH,
    CARDS_PATH,
    CHANGES_PATH,
    COMPLETIONS_PATH,
    CONTEXT_PATH,
    CORRECT_PATH,
    DATASET_PATH,
    DOCS_PATH,
    DOCUMENT_PATH,
    DOWNLOAD_PATH,
    GRAPH_PATH,
    ICON_PATH,
    KINDS,
    LOOKUP_PATH,
    ONTOLOGY_PATH,
    OPENSEARCH_PATH,
    PERSISTENCE_PATH,
    PRIVACY_PATH,
    PROBLEM_PATH,
    RECONCILE_PATH,
    RELEASE_PATH,
    ROBOTS_PATH,
    RULE_PATH,
    SEARCH_PATH,
    SHAPES_PATH,
    SITEMAP_PATH,
    SITEMAPS_PATH,
    SPARQL_PATH,
    STATIC_PATH,
    SUGGESTIONS_PATH,
    THING_PATH,
    VOID_PATH,
)
from publisher.dataset.releases import FILES
from publisher.errors import NotFoundError, TooLongAddressError
from publisher.formats import ADDRESSED, ATOM, DOCUMENTS, GRAPHS, HTML, JSON_FEED, LOOKUPS, PAGES, PNG, Format
from publisher.negotiation import find
from publisher.pages.assets import Assets
from publisher.pages.site import Pages
from publisher.release.catalogue import Catalogue
from publisher.release.finder import Finder
from publisher.release.lists import parameter_names
from publisher.release.resources import Resources
from publisher.release.store import Store
from publisher.web.cache import Key
from publisher.web.previews import makes_previews, states_no_format
from publisher.web.requests import FIELD, Request, parameters
from publisher.web.responses import Responses, method_problem, redirect
from publisher.web.views.about import AboutViews
from publisher.web.views.cards import CardViews
from publisher.web.views.changes import ChangeViews
from publisher.web.views.downloads import DownloadViews
from publisher.web.views.files import FileViews
from publisher.web.views.graphs import GraphViews
from publisher.web.views.help import HelpViews
from publisher.web.views.lists import ListViews
from publisher.web.views.lookup import LookupViews
from publisher.web.views.privacy import PrivacyViews
from publisher.web.views.reconciliation import ReconciliationViews
from publisher.web.views.releases import ReleaseViews
from publisher.web.views.search import SearchViews
from publisher.web.views.things import ThingViews

_FORMS: Final = ", ".join(f"'{{0}}.{form.suffix}'" for form in ADDRESSED)


@dataclass(frozen=True)
class Variation:
    """What the responses of an address depend on besides its path.

    offers: the formats that it chooses from. default: the one where the client states no preference. parameters: those
    that it reads of the query string, `format` aside. host: whether it names the host of the request. ranges: whether
    it is sent in part where a request asks for a part. strict: whether a query string that is too long for the cache
    (`FIELD`) is an error, and not left out. everything: whether it reads the whole query string.
    """

    offers: tuple[Format, ...] = ()
    default: Format | None = None
    parameters: tuple[str, ...] = ()
    host: bool = False
    ranges: bool = False
    strict: bool = False
    everything: bool = False


_ALONE: Final = Variation()
_DOCUMENT: Final = Variation(DOCUMENTS, GRAPHS[0])
_PAGE: Final = Variation((HTML,))
VARIATIONS: Final = {
    "": Variation(DOCUMENTS, HTML),
    "about": _PAGE,
    "correct": Variation(parameters=("about", "statement", "right", "source")),
    "dataset": _DOCUMENT,
    "doc": _DOCUMENT,
    "changes": _DOCUMENT,
    "changes/": _ALONE,
    "download": _DOCUMENT,
    "download/": Variation(ranges=True),
    "docs": _PAGE,
    "graph": _DOCUMENT,
    "lookup": Variation(LOOKUPS, HTML, parameters=("uri",), strict=True),
    "ontology": replace(_DOCUMENT, parameters=("q",)),
    "persistence": _PAGE,
    "privacy": _PAGE,
    "release": _DOCUMENT,
    "problem": _PAGE,
    "reconcile": Variation(host=True, everything=True),
    "robots": Variation(host=True),
    "rule": _PAGE,
    "opensearch": Variation(host=True),
    "search": Variation(PAGES, HTML, parameters=("q", "kind", "page"), strict=True),
    "shapes": replace(_DOCUMENT, parameters=("q",)),
    "sitemap": Variation(host=True),
    "static": Variation(parameters=("v",)),
}
"""By the first segment of a path, its suffix left out; with a slash, of paths with more segments. An address that is
not here has one response. What a request says beyond this makes neither another response nor another entry of the
cache."""
LISTS: Final = {kind: replace(_DOCUMENT, parameters=(*parameter_names(kind), "page")) for kind in KINDS}
"""The variations of lists, by kind."""


class Reduced(NamedTuple):
    """What a response depends on.

    request: what is left of the request. key: of the response in the cache; None where none is kept. reads_agent:
    whether it depends on the header User-Agent (`previews`).
    """

    request: Request
    key: Key | None
    reads_agent: bool


class Routes:
    """The addresses of one open release."""

    def __init__(
        self,
        responses: Responses,
        store: Store,
        resources: Resources,
        catalogue: Catalogue,
        pages: Pages,
        assets: Assets,
    ) -> None:
        self._assets = assets
        self.blueprint = Blueprint("publisher", __name__)
        self.blueprint.before_app_request(_refuse_second_spelling)
        things = ThingViews(responses, resources, pages)
        self._add_things(things, ListViews(responses, resources, pages, things.miss_document))
        self._add_graphs(GraphViews(responses, store, resources, catalogue, pages))
        self._add_help(HelpViews(store.index, resources, pages))
        self._add_files(FileViews(responses, resources, pages, assets))
        self._add_cards(CardViews(resources, pages))
        self._add_releases(ReleaseViews(responses, store, catalogue, pages))
        self._add_changes(ChangeViews(responses, store, pages))
        self._add_downloads(DownloadViews(responses, store.index, catalogue, pages))
        self._add_texts(AboutViews(pages))
        self._add(f"/{PRIVACY_PATH}", PrivacyViews(pages).privacy)
        finder = Finder(store.index.by_name, resources.names)
        self._add_search(SearchViews(responses, resources, catalogue, pages, finder))
        self._add(f"/{LOOKUP_PATH}", LookupViews(resources, pages, finder).look_up)
        self._add_reconciliation(ReconciliationViews(responses, resources, catalogue, pages, finder))

    def _add_things(self, things: ThingViews, lists: ListViews) -> None:
        self._add(f"/{THING_PATH}<path:path>", things.thing)
        self._add(f"/{DOCUMENT_PATH}<name>", lists.listing)
        self._add(f"/{DOCUMENT_PATH}<kind>/page/<name>", lists.listing_page)
        self._add(f"/{DOCUMENT_PATH}<kind>/<name>", things.document)
        self._add(f"/{DOCUMENT_PATH}<kind>/<slug>/incoming/<name>", things.document_page)
        self._add(f"/{DOCUMENT_PATH}<path:path>", things.other_document)

    def _add_graphs(self, graphs: GraphViews) -> None:
        self._add("/", graphs.home)
        for name in (ONTOLOGY_PATH, SHAPES_PATH):
            self._add(f"/<any({name}, {_FORMS.format(name)}):name>", graphs.graph)
        self._add(f"/{ONTOLOGY_PATH}/<version>", graphs.version)
        self._add(f"/{GRAPH_PATH.rstrip('/')}", graphs.graphs)
        self._add(f"/{GRAPH_PATH}<name>", graphs.data_graph)
        self._add(f"/<any({DATASET_PATH}, {_FORMS.format(DATASET_PATH)}):name>", graphs.dataset)
        self._add(f"/{VOID_PATH}", graphs.void)
        self._add(f"/{CONTEXT_PATH}", graphs.context)

    def _add_help(self, about: HelpViews) -> None:
        self._add(f"/{RULE_PATH.rstrip('/')}", about.rules)
        self._add(f"/{RULE_PATH}", about.rules)
        self._add(f"/{RULE_PATH}<name>", about.rule)
        self._add(f"/{PROBLEM_PATH.rstrip('/')}", about.problems)
        self._add(f"/{PROBLEM_PATH}<name>", about.problem)
        self._add(f"/{CORRECT_PATH}", about.correct)

    def _add_search(self, search: SearchViews) -> None:
        self._add(f"/{SEARCH_PATH}", search.search)
        self._add(f"/{SUGGESTIONS_PATH}", search.suggest)
        self._add(f"/{OPENSEARCH_PATH}", search.describe)

    def _add_reconciliation(self, service: ReconciliationViews) -> None:
        self._add(f"/{RECONCILE_PATH}", service.service, ("GET", "POST"))
        self._add(f"/{RECONCILE_PATH}/suggest/<any(entity, type, property):kind>", service.suggest)
        self._add(f"/{RECONCILE_PATH}/flyout", service.flyout)
        self._add(f"/{RECONCILE_PATH}/properties", service.properties)
        self._add(f"/{RECONCILE_PATH}/preview", service.preview)

    def _add_texts(self, texts: AboutViews) -> None:
        self._add(f"/{ABOUT_PATH}", texts.about_page)
        self._add(f"/{DOCS_PATH.rstrip('/')}", texts.documents)
        self._add(f"/{DOCS_PATH}<name>", texts.document)

    def _add_files(self, files: FileViews) -> None:
        self._add(f"/{SITEMAP_PATH}", files.sitemap)
        self._add(f"/{SITEMAPS_PATH}<name>", files.sitemap_part)
        self._add(f"/{ROBOTS_PATH}", files.robots)
        self._add(f"/{COMPLETIONS_PATH}", files.completions)
        self._add(f"/{ICON_PATH}", files.icon)
        self._add(f"/{STATIC_PATH}<path:name>", files.asset)

    def _add_cards(self, cards: CardViews) -> None:
        self._add(f"/{CARD_PATH}", cards.site)
        self._add(f"/{CARDS_PATH}<kind>/<slug>.{PNG.suffix}", cards.thing)

    def _add_releases(self, releases: ReleaseViews) -> None:
        self._add(f"/<any({RELEASE_PATH}, {_FORMS.format(RELEASE_PATH)}):name>", releases.listing)
        self._add(f"/{RELEASE_PATH}/<name>", releases.release)
        self._add(f"/{RELEASE_PATH}/<version>/<any({', '.join(map(repr, FILES))}):name>", releases.file)
        self._add(f"/{PERSISTENCE_PATH}", releases.persistence)

    def _add_changes(self, changes: ChangeViews) -> None:
        self._add(f"/<any({CHANGES_PATH}, {_FORMS.format(CHANGES_PATH)}):name>", changes.changes)
        self._add(f"/{CHANGES_PATH}.{ATOM.suffix}", changes.atom)
        self._add(f"/{CHANGES_PATH}.{JSON_FEED.suffix}", changes.json_feed)
        self._add(f"/{CHANGES_PATH}/<before>/<after>/<sort>", changes.difference)

    def _add_downloads(self, downloads: DownloadViews) -> None:
        self._add(f"/<any({DOWNLOAD_PATH}, {_FORMS.format(DOWNLOAD_PATH)}):name>", downloads.listing)
        self._add(f"/{DOWNLOAD_PATH}/<name>", downloads.file)

    def _add(self, rule: str, view: Callable[..., Response], methods: tuple[str, ...] = ("GET",)) -> None:
        self.blueprint.add_url_rule(rule, endpoint=rule.replace(".", "_"), view_func=view, methods=methods)

    def reduce(self, request: Request) -> Reduced:
        """Leave out of a request what its response does not depend on: other parameters, other formats."""
        first, vary = _variation(request)
        if vary.everything:
            return Reduced(request, _key_of_all(request), reads_agent=False)
        if vary.strict and len(request.query_string) > FIELD:
            raise TooLongAddressError(
                f"The query string exceeds the limit of {FIELD} bytes.", limit="address", value=FIELD
            )
        sent = parameters(request)
        wanted, accept = sent.get("format"), request.accept
        reads_agent = HTML in vary.offers and states_no_format(request, wanted)
        if vary.offers:
            asked = HTML.media_type if reads_agent and makes_previews(request) else accept
            accept = _choose(first, asked, wanted)
        read = {name: sent[name] for name in vary.parameters if name in sent}
        if "v" in read and read["v"] != self._version(request.path):
            read = {}
        query = urlencode(read, errors="surrogateescape")
        reduced = request
        if query != request.query_string or accept != request.accept:
            headers = request.headers | {"accept": accept} if accept is not None else request.headers
            reduced = request._replace(query_string=query, headers=headers)
        if request.method not in ("GET", "HEAD"):
            return Reduced(reduced, None, reads_agent=False)
        if vary.ranges and "range" in request.headers:
            return Reduced(reduced, None, reads_agent)
        host = f"{request.scheme}://{request.host}{request.root}" if vary.host else request.root
        return Reduced(reduced, (request.path, (accept or "") if vary.offers else "", query, host), reads_agent)

    def _version(self, path: str) -> str | None:
        """The version of the asset at a path; any other that a request names makes no difference."""
        asset = self._assets.find(path.removeprefix(f"/{STATIC_PATH}"))
        return asset.version if asset else None


def _key_of_all(request: Request) -> Key | None:
    """The key of a response that depends on the whole query string; None where it is long, or sent by POST."""
    if request.method not in ("GET", "HEAD") or len(request.query_string) > FIELD:
        return None
    return request.path, "", request.query_string, f"{request.scheme}://{request.host}{request.root}"


def _variation(request: Request) -> tuple[str, Variation]:
    """The first segment of a request's path, and what the response depends on beside the path."""
    first, slash, rest = request.path[1:].partition("/")
    if first + slash in VARIATIONS:
        return first + slash, VARIATIONS[first + slash]
    first = first.partition(".")[0]
    kind, _, page = rest.partition("/")
    is_list = f"{first}/" == DOCUMENT_PATH and (not page or page.startswith("page/"))
    known = VARIATIONS.get(first, _ALONE)
    return first, LISTS.get(kind.partition(".")[0], known) if is_list else known


@lru_cache(maxsize=1024)
def _choose(first: str, accept: str | None, wanted: str | None) -> str | None:
    """The header Accept that chooses as the client's does: the one type chosen, the header itself where nothing that it
    accepts is offered."""
    vary = VARIATIONS[first]
    found = find(accept, vary.offers, wanted, vary.default)
    return found.media_type if found else accept


def _refuse_second_spelling() -> Response | None:
    """Refuse a second spelling of an address, or redirect it: the router would treat `//dataset` as `/dataset`, and
    redirect a request without a path to an absolute URL, which may not be the public one."""
    path = request.environ["PATH_INFO"]
    if path.startswith("//"):
        raise NotFoundError("There is no resource at this address: it begins with two slashes.")
    if not path and request.method not in ("GET", "HEAD"):  # as of CONNECT
        raise method_problem(("GET", "HEAD", "OPTIONS"))
    if isinstance(request.routing_exception, NotFound) and path.endswith("/"):
        return _leave_out_slash(path.strip("/"))
    last = request.root_path.rpartition("/")[2]
    return None if path else redirect(308, f"{last}/" if last else "", "")


def _leave_out_slash(path: str) -> Response | None:
    """The redirect to an address of one segment from its spelling with a slash at its end; None if there is none."""
    if "/" in path or not (path == SPARQL_PATH or current_app.url_map.bind("").test(f"/{path}", "GET")):
        return None
    return redirect(301 if request.method in ("GET", "HEAD") else 308, path, f"{path}/")
