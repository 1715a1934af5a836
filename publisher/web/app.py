"""Assembly: the ASGI application and the release that it serves, from the settings."""

from functools import partial

from flask import Flask

from publisher.dataset.iris import RELEASE_PATH, SPARQL_PATH
from publisher.pages.assets import Assets
from publisher.pages.site import Pages
from publisher.release.archive import Archive
from publisher.release.catalogue import Catalogue
from publisher.release.resources import Resources
from publisher.release.store import Store, limits, open_store
from publisher.settings import Settings
from publisher.web.asgi import Application
from publisher.web.ask import Asking
from publisher.web.cache import Cache
from publisher.web.endpoint import Endpoint
from publisher.web.exchanges import Tally
from publisher.web.forwarded import TrustedProxies
from publisher.web.headers import CommonHeaders
from publisher.web.past_releases import PastReleases
from publisher.web.responses import Responses
from publisher.web.routes import Routes
from publisher.web.selection import Selection
from publisher.web.served_release import ServedRelease


def create_app(settings: Settings, store: Store | None = None) -> Application:
    """The ASGI application over a release.

    Args:
        settings: All settings.
        store: A release that is open already; else the settings' root is opened.

    Raises:
        UnreadableFilesError: A file of the root does not parse.
        CannotRunError: The release cannot be compiled or opened.
    """
    tally = Tally()
    release = make_release(settings, store or open_store(settings), tally)
    past = PastReleases(partial(open_past_release, settings, tally), settings.open_releases)
    proxies, percent = TrustedProxies.of(settings), settings.client_percent
    return Application(release, past, limits(settings), proxies, settings.page_threads, tally, percent)


def open_past_release(settings: Settings, tally: Tally, archive: Archive, version: str) -> ServedRelease:
    """Open a frozen release beside the current one, with few processes and little memory of its own."""
    url = f"{settings.public_url.rstrip('/')}/{RELEASE_PATH}/{version}" if settings.public_url else ""
    own = settings.having(public_url=url, query_workers=1, cache_mb=settings.cache_mb // 8)
    return make_release(own, open_store(own, archive.compile(version), past=True), tally)


def make_release(settings: Settings, store: Store, tally: Tally) -> ServedRelease:
    """What answers requests from an open release."""
    resources = Resources(store, settings.incoming)
    allowed = limits(settings)
    own = f"{settings.public_url.rstrip('/')}/{SPARQL_PATH}" if settings.public_url else ""
    endpoint_url = None if settings.static_copy else own
    catalogue = Catalogue(resources, allowed.published, settings.query_services.split(), endpoint_url)
    assets = Assets()
    pages = Pages(store, resources, catalogue, assets, settings)
    responses = Responses(resources, store.index.context, pages, settings)
    routes = Routes(responses, store, resources, catalogue, pages, assets)
    common = CommonHeaders(store.release)
    cache = Cache(settings.cache_mb << 20)
    selection = Selection(cache, common, tally)
    endpoint = Endpoint(responses, store, catalogue, pages, selection, tally, allowed.length)
    asking = Asking(responses, store, pages.ask, selection, endpoint.ask, allowed.length)
    return ServedRelease(store, _flask(routes), routes, responses, endpoint, asking, cache, common, selection)


def _flask(routes: Routes) -> Flask:
    """The Flask application of the pages. Errors leave it as exceptions, for the ASGI application to report."""
    flask = Flask("publisher", static_folder=None)
    flask.url_map.merge_slashes = False
    flask.config |= {"PROPAGATE_EXCEPTIONS": True, "TRAP_HTTP_EXCEPTIONS": True}
    flask.register_blueprint(routes.blueprint)
    return flask
