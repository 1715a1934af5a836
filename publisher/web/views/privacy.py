"""Privacy: the page that says what the server records."""

from flask import request
from werkzeug.wrappers import Response

from publisher.dataset.iris import PRIVACY_PATH
from publisher.formats import HTML
from publisher.negotiation import choose
from publisher.pages.site import Pages
from publisher.web.responses import respond


class PrivacyViews:
    """The address of the page about privacy."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def privacy(self) -> Response:
        """What the server records about visitors."""
        choose(request.headers.get("Accept"), (HTML,))
        return respond(self._pages.privacy(PRIVACY_PATH).encode(), HTML)
