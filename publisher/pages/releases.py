"""Pages about releases: their list, one of them, and what links can rely on."""

from collections.abc import Sequence

import pyoxigraph as ox

from publisher.dataset.iris import RELEASE_PATH
from publisher.dataset.releases import Release
from publisher.formats import GRAPHS
from publisher.pages.layout import Layout
from publisher.rdf.namespaces import DCTERMS
from publisher.release.catalogue import Catalogue
from publisher.release.resources import Resources
from publisher.release.store import Store
from publisher.settings import Settings


class ReleasePages:
    """Makes the pages about releases."""

    def __init__(
        self, store: Store, resources: Resources, catalogue: Catalogue, layout: Layout, settings: Settings
    ) -> None:
        self._store = store
        self._resources = resources
        self._catalogue = catalogue
        self._layout = layout
        self._settings = settings
        self._names = resources.names

    def listing(self, path: str) -> str:
        """The list of all releases, the last one first."""
        summary = "The releases of the data set: fixed states of the data that never change, to cite and to query."
        frame = self._layout.frame("Releases", path, GRAPHS, summary=summary)
        return self._layout.render(
            "releases.html", frame=frame, releases=self._releases[::-1], edition=self._store.edition
        )

    def release(self, release: Release, path: str) -> str:
        """What one release is: its date, its size, its files, and how to query and cite it."""
        title = f"Release {release.version}"
        summary = f"{title} of {self._catalogue.title}, {release.date}: what it contains, how to query and cite it."
        return self._layout.render(
            "release.html",
            frame=self._layout.frame(title, path, GRAPHS, summary=summary),
            release=release,
            title=self._catalogue.title,
            iri=self._names.iri(f"{RELEASE_PATH}/{release.version}"),
            creators=self._label_all("creator"),
            is_last=release is self._releases[-1],
            is_current=self._store.edition.exact and self._store.edition.release == release,
        )

    def persistence(self, path: str) -> str:
        """What others who link to records can rely on."""
        summary = "What you can rely on when you link to records here: what never changes, and what happens if it must."
        return self._layout.render(
            "persistence.html",
            frame=self._layout.frame("Links that last", path, summary=summary),
            base=self._names.base,
            here=self._settings.public_url.rstrip("/") + "/" if self._settings.public_url else "",
            example=next(iter(self._resources.things(0, 1)), self._names.dataset),
            publishers=self._label_all("publisher"),
            release=self._releases[-1] if self._releases else None,
        )

    @property
    def _releases(self) -> Sequence[Release]:
        return self._store.archive.releases

    def _label_all(self, property_: str) -> str:
        """The names of the values of a property of the data set, with commas."""
        node = ox.NamedNode(self._names.dataset)
        found = self._store.lookup.find(node, ox.NamedNode(DCTERMS + property_), None)
        return ", ".join(
            sorted(self._resources.label(t.object.value) for t in found if isinstance(t.object, ox.NamedNode))
        )
