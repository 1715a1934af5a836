"""Changes: what each release changed, as a page, RDF and feeds, and the differences of any two releases."""

from werkzeug.wrappers import Response

from publisher.dataset.iris import CHANGES_PATH
from publisher.dataset.releases import ADDED, REMOVED, find_difference
from publisher.errors import NotFoundError
from publisher.formats import ATOM, JSON_FEED, N_QUADS
from publisher.pages.site import Pages
from publisher.release.change_descriptions import describe_changes
from publisher.release.store import Store
from publisher.web.responses import Document, Responses, respond, split_suffix


class ChangeViews:
    """The addresses of changes."""

    def __init__(self, responses: Responses, store: Store, pages: Pages) -> None:
        self._responses = responses
        self._store = store
        self._names = store.index.names
        self._pages = pages

    def changes(self, name: str) -> Response:
        """What each release changed."""
        _, chosen = split_suffix(name)
        document = Document(
            CHANGES_PATH,
            lambda: describe_changes(self._names, self._store.index.changes),
            lambda: self._pages.changes.page(CHANGES_PATH),
        )
        return self._responses.negotiate(document, chosen)

    def atom(self) -> Response:
        """The Atom feed."""
        return respond(self._pages.changes.atom(), ATOM)

    def json_feed(self) -> Response:
        """The JSON feed."""
        return respond(self._pages.changes.json_feed(), JSON_FEED)

    def difference(self, before: str, after: str, sort: str) -> Response:
        """The canonical N-Quads that one release has and another has not."""
        archive = self._store.archive
        for version in (before, after):
            archive.require(version, self._names)
        if sort not in (ADDED, REMOVED):
            raise NotFoundError(f"There is no difference {sort}: there are {ADDED} and {REMOVED}.")
        added, removed = find_difference(archive.releases, before, after)
        return respond(b"".join(added if sort == ADDED else removed), N_QUADS)
