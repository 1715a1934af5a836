"""Near misses: what an address that names no thing may mean: another spelling, an acronym, a name of another kind."""

from typing import Final

from publisher.dataset.iris import KINDS, THING_PATH
from publisher.release.index import fold
from publisher.release.resources import Resources
from publisher.suggestions import ALIKE, suggest

SUGGESTIONS: Final = 5
"""Things that are suggested for one address at most."""


class NearMisses:
    """The live things by what somebody may write in place of their path, `id/<kind>/<slug>`."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._index = resources.store.index
        self._names = resources.names

    def correct(self, path: str) -> str:
        """The published path that differs from `path` by capitals and slashes at its end only; empty if none does."""
        corrected = path.rstrip("/").lower()
        return corrected if self._resources.is_published(self._names.iri(corrected)) else ""

    def suggest(self, path: str) -> list[str]:
        """The IRIs of things that a path may mean, the likeliest first.

        Certain names go before similar ones, and things of the kind that the path names before others.
        """
        kind, _, rest = path.lower().removeprefix(THING_PATH).partition("/")
        slug = rest.partition("/")[0]
        if not slug:
            return []
        found = [*self._index.find_by_slug(slug), *self._index.find_by_name(fold(slug))]
        found += self._index.find_by_beginning(slug + "-", SUGGESTIONS)
        known = self._index.near_slugs(slug, kind if kind in KINDS else "")
        for name in suggest(slug, known, SUGGESTIONS, ALIKE):
            found += self._index.find_by_slug(name)
        wanted = self._names.iri(f"{THING_PATH}{kind}/")
        ordered = sorted(dict.fromkeys(found), key=lambda thing: not thing.startswith(wanted))
        return ordered[:SUGGESTIONS]
