"""Cards: the pictures beside shared links, of the site and of each thing."""

from werkzeug.wrappers import Response

from publisher.dataset.iris import CARDS_PATH, THING_PATH
from publisher.errors import NotFoundError
from publisher.formats import PNG
from publisher.pages.cards import card_path
from publisher.pages.site import Pages
from publisher.release.resources import Resources
from publisher.web.responses import redirect, respond


class CardViews:
    """The addresses of cards of one open release."""

    def __init__(self, resources: Resources, pages: Pages) -> None:
        self._resources = resources
        self._names = resources.names
        self._pages = pages

    def site(self) -> Response:
        """The card of the site."""
        self._check()
        return respond(self._pages.site_card(), PNG)

    def thing(self, kind: str, slug: str) -> Response:
        """The card of a thing; that of its successor where it was merged."""
        self._check()
        iri = self._names.iri(f"{THING_PATH}{kind}/{slug}")
        successor = self._resources.successor(iri)
        address = self._names.address(successor) if successor else None
        if address is not None:
            return redirect(308, card_path(address), f"{CARDS_PATH}{kind}/{slug}.{PNG.suffix}")
        self._resources.require(iri)
        return respond(self._pages.card(iri), PNG)

    def _check(self) -> None:
        """Raise NotFoundError where cards cannot be drawn."""
        if not self._pages.has_cards:
            raise NotFoundError("There are no cards here: the program was installed without their font.")
