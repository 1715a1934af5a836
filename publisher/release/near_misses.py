"""Near misses: what an address that names no thing may mean: another spelling, an acronym, a name of another kind."""

from typing import Final

from publisher.dataset.iris import KINDS, THING_PATH
from publisher.release.finder import Finder
from publisher.release.resources import Resources
from publisher.suggestions import suggest

SUGGESTIONS: Final = 5
"""Things that are suggested for one address at most."""
CONSIDERED: Final = 20
"""Things of which those of the kind in the address are suggested first."""
ALIKE_KIND: Final = 0.7
"""Least similarity of the name of a kind that is suggested."""
ALIKE: Final = 0.6
"""Least score of a suggestion."""


class NearMisses:
    """The live things by what somebody may write in place of their path, `id/<kind>/<slug>`."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._names = resources.names
        self._finder = Finder(resources.store.index.by_name, resources.names)

    def correct(self, path: str) -> str:
        """The published path that differs from `path` by capitals and slashes at its end only; empty if none does."""
        corrected = path.rstrip("/").lower()
        return corrected if self._resources.is_published(self._names.iri(corrected)) else ""

    def suggest_kind(self, path: str) -> str:
        """The kind of things that a path of one segment may mean: `coalitions` is `coalition`; empty if none."""
        segment = path.rstrip("/")
        return "" if "/" in segment else next(iter(suggest(segment, KINDS, alike=ALIKE_KIND)), "")

    def suggest(self, path: str) -> list[str]:
        """The IRIs of things that a path may mean, the likeliest first.

        Things of the kind that the path names go before others. A path without a kind is the name of a thing.
        """
        kind, mark, rest = path.lower().removeprefix(THING_PATH).partition("/")
        slug = rest.partition("/")[0] if mark else kind
        found = self._finder.find(slug.replace("-", " "), limit=CONSIDERED, least=ALIKE)
        ordered = sorted(found, key=lambda one: one.kind != kind)
        return [one.iri for one in ordered][:SUGGESTIONS]
