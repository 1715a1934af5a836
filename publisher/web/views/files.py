"""Files: the sitemap, robots.txt, the completions of the query editor, style sheets and scripts."""

from flask import request
from werkzeug.wrappers import Response

from publisher.dataset.iris import RULE_PATH, STATIC_PATH
from publisher.errors import NotFoundError
from publisher.formats import JSON, PLAIN, SITEMAP
from publisher.pages.assets import Assets
from publisher.pages.site import Pages
from publisher.release.resources import Resources
from publisher.web.responses import Responses, respond


class FileViews:
    """The addresses of files that programs and browsers load."""

    def __init__(self, responses: Responses, resources: Resources, pages: Pages, assets: Assets) -> None:
        self._responses = responses
        self._resources = resources
        self._names = resources.names
        self._pages = pages
        self._assets = assets

    def sitemap(self) -> Response:
        """The addresses of all documents, for search engines (Sitemap protocol 0.9)."""
        base = self._responses.root_url(request.scheme, request.environ["HTTP_HOST"] + request.root_path)
        paths = ["", *(self._names.address(iri) or "" for iri in self._resources.things())]
        paths += [RULE_PATH + name for name in self._pages.rule_names]
        lines = [f"<url><loc>{base}{path}</loc></url>" for path in paths]
        xml = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        return respond((xml + "\n".join(lines) + "\n</urlset>\n").encode(), SITEMAP)

    def robots(self) -> Response:
        """Return robots.txt: everything but queries may be fetched."""
        return respond(b"User-agent: *\nDisallow: /sparql\n", PLAIN)

    def completions(self) -> Response:
        """What the query editor completes."""
        return respond(self._pages.completions.encode(), JSON)

    def asset(self, name: str) -> Response:
        """A style sheet or a script; one that is asked for by its version never changes (RFC 8246)."""
        found = self._assets.find(name)
        if found is None:
            raise NotFoundError(f"Nothing is published at {STATIC_PATH}{name}.")
        response = respond(found.body, found.form)
        if request.args.get("v") == found.version:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response
