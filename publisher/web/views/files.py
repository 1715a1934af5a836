"""Files: the sitemap, robots.txt, the completions of the query editor, style sheets and scripts."""

from collections.abc import Iterable
from typing import Final

from flask import request
from markupsafe import escape
from werkzeug.wrappers import Response

from publisher.dataset.iris import (
    ABOUT_PATH,
    ASK_PATH,
    BUILD_PATH,
    CORRECT_PATH,
    DATASET_PATH,
    DOCS_PATH,
    DOCUMENT_PATH,
    DOWNLOAD_PATH,
    EMBED_PATH,
    ONTOLOGY_PATH,
    PERSISTENCE_PATH,
    PICTURE_PATH,
    RECONCILE_PATH,
    RELEASE_PATH,
    SEARCH_PATH,
    SHAPES_PATH,
    SITEMAP_PATH,
    SITEMAPS_PATH,
    SPARQL_PATH,
    STATIC_PATH,
)
from publisher.errors import NotFoundError
from publisher.formats import JSON, PLAIN, SITEMAP
from publisher.pages.assets import ICON, Assets
from publisher.pages.site import Pages
from publisher.release.resources import Resources
from publisher.web.headers import IMMUTABLE
from publisher.web.responses import Responses, respond

ADDRESSES: Final = 45_000
"""Addresses in one file; 50,000 and 50 MB are allowed."""
DIGITS: Final = 7
"""Digits of the number of a part, fewer."""


PRIVATE: Final = (
    SPARQL_PATH,
    f"{BUILD_PATH}?",
    EMBED_PATH,
    PICTURE_PATH,
    CORRECT_PATH,
    SEARCH_PATH,
    RECONCILE_PATH,
    f"{RELEASE_PATH}/*/",
)
"""What crawlers are asked to leave alone: there is no end to queries, and past releases repeat the current pages."""


class FileViews:
    """The addresses of files that programs and browsers load."""

    def __init__(self, responses: Responses, resources: Resources, pages: Pages, assets: Assets) -> None:
        self._responses = responses
        self._resources = resources
        self._names = resources.names
        self._pages = pages
        self._assets = assets

    def sitemap(self) -> Response:
        """The addresses of all documents, for search engines (Sitemap protocol 0.9); in parts where they are many."""
        total = sum(self._resources.kinds().values())
        if total <= ADDRESSES:
            return _write_sitemap("urlset", "url", self._root(), [*self._overviews(), *self._addresses(0)])
        parts = [f"{SITEMAPS_PATH}{part}.xml" for part in range(-(-total // ADDRESSES) + 1)]
        return _write_sitemap("sitemapindex", "sitemap", self._root(), parts)

    def sitemap_part(self, name: str) -> Response:
        """A part of the sitemap: 0 has the pages about the data set, the others have things."""
        number = name.removesuffix(".xml")
        known = name.endswith(".xml") and number.isascii() and number.isdecimal() and len(number) < DIGITS
        paths = self._addresses(int(number) - 1) if known and int(number) else self._overviews() if known else []
        if not paths:
            raise NotFoundError(f"The sitemap has no part {name}.")
        return _write_sitemap("urlset", "url", self._root(), paths)

    def _overviews(self) -> list[str]:
        """The paths of the pages about the data set, and of the lists."""
        lists = [DOCUMENT_PATH + kind for kind in self._resources.kinds()]
        guides = [DOCS_PATH.rstrip("/"), *(DOCS_PATH + name for name in self._pages.document_names)]
        questions = [ASK_PATH, *(f"{ASK_PATH}/{slug}" for slug in self._pages.ask.questions.slugs)]
        about = [ABOUT_PATH, DATASET_PATH, DOWNLOAD_PATH, ONTOLOGY_PATH, PERSISTENCE_PATH, RELEASE_PATH, SHAPES_PATH]
        return ["", *questions, *about, *guides, *lists]

    def _addresses(self, part: int) -> list[str]:
        """The paths of the documents of some things. part: which, from 0."""
        start = len(self._names.base)
        things = self._resources.things(part * ADDRESSES, ADDRESSES)
        return [self._names.document(iri)[start:] for iri in things]

    def _root(self) -> str:
        """The address of the home page, as visitors know it."""
        return self._responses.root_url(request.scheme, request.environ["HTTP_HOST"] + request.root_path)

    def robots(self) -> Response:
        """Return robots.txt: everything but what is listed in `PRIVATE` may be fetched (RFC 9309)."""
        disallowed = "".join(f"Disallow: {request.root_path}/{path}\n" for path in PRIVATE)
        return respond(f"User-agent: *\n{disallowed}\nSitemap: {self._root()}{SITEMAP_PATH}\n".encode(), PLAIN)

    def completions(self) -> Response:
        """What the query editor completes."""
        return respond(self._pages.completions.encode(), JSON)

    def icon(self) -> Response:
        """The icon of the site, for browsers that look for it where pages do not link one."""
        return self.asset(ICON)

    def asset(self, name: str) -> Response:
        """A style sheet or a script; one that is asked for by its version never changes (RFC 8246)."""
        found = self._assets.find(name)
        if found is None:
            raise NotFoundError(f"Nothing is published at {STATIC_PATH}{name}.")
        response = respond(found.body, found.form)
        if request.args.get("v") == found.version:
            response.headers["Cache-Control"] = IMMUTABLE
        return response


def _write_sitemap(whole: str, item: str, root: str, paths: Iterable[str]) -> Response:
    """A sitemap, or an index of sitemaps. root: what the paths are below."""
    before, after = f"<{item}><loc>{escape(root)}", f"</loc></{item}>\n"
    lines = str(escape("\n".join(paths))).replace("\n", after + before)  # All at once, in a tenth of the time.
    start = f'<?xml version="1.0" encoding="UTF-8"?>\n<{whole} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    return respond(f"{start}{before}{lines}{after}</{whole}>\n".encode(), SITEMAP)
