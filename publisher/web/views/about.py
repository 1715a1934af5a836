"""About: the page about the data set, and the documentation."""

from flask import request
from werkzeug.wrappers import Response

from publisher.dataset.iris import ABOUT_PATH, DOCS_PATH
from publisher.formats import HTML
from publisher.negotiation import choose
from publisher.pages.site import Pages
from publisher.web.responses import respond


class AboutViews:
    """The addresses that explain the data set and the software."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def about_page(self) -> Response:
        """The page about the data set."""
        choose(request.headers.get("Accept"), (HTML,))
        return respond(self._pages.about_page(ABOUT_PATH).encode(), HTML)

    def documents(self) -> Response:
        """The list of the guides."""
        choose(request.headers.get("Accept"), (HTML,))
        return respond(self._pages.documents(DOCS_PATH.rstrip("/")).encode(), HTML)

    def document(self, name: str) -> Response:
        """One guide."""
        choose(request.headers.get("Accept"), (HTML,))
        return respond(self._pages.document(name, DOCS_PATH + name).encode(), HTML)
