"""Near misses: what an address that names no thing may mean: another spelling, an acronym, a name of another kind."""

import re
from collections import defaultdict
from functools import cached_property
from typing import Final

import pyoxigraph as ox

from publisher.dataset.iris import KINDS, THING_PATH
from publisher.rdf.labels import LABELS
from publisher.rdf.namespaces import SKOS, VOCABULARY
from publisher.rdf.terms import terms
from publisher.release.resources import Resources
from publisher.suggestions import ALIKE, suggest

SUGGESTIONS: Final = 5
"""Things that are suggested for one address at most."""
SHORTEST: Final = 2
"""Letters that an acronym has at least."""
NAMES: Final = (*LABELS, ox.NamedNode(SKOS + "altLabel"), ox.NamedNode(VOCABULARY + "acronym"))
"""The properties whose values name a thing."""


class NearMisses:
    """The live things by what somebody may write in place of their path, `id/<kind>/<slug>`."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
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
        found = [thing for other in KINDS for thing in self._by_slug.get(slug, ()) if thing == self._iri(other, slug)]
        found += sorted(self._by_name.get(_fold(slug), ()))
        near = [thing for thing in self._things if self._slug(thing).startswith(slug + "-")] if slug else []
        known = [name for name, things in self._by_slug.items() if kind not in KINDS or self._iri(kind, name) in things]
        near += [thing for name in suggest(slug, known, SUGGESTIONS, ALIKE) for thing in self._by_slug[name]]
        wanted = self._names.iri(f"{THING_PATH}{kind}/")
        ordered = sorted(dict.fromkeys([*found, *near]), key=lambda thing: not thing.startswith(wanted))
        return ordered[:SUGGESTIONS]

    def _iri(self, kind: str, slug: str) -> str:
        return self._names.iri(f"{THING_PATH}{kind}/{slug}")

    @cached_property
    def _things(self) -> list[str]:
        return self._resources.things()

    @cached_property
    def _by_slug(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for thing in self._things:
            found[self._slug(thing)].append(thing)
        return dict(found)

    @cached_property
    def _by_name(self) -> dict[str, set[str]]:
        """The things by names and acronyms, and by the initials of their slugs."""
        found: dict[str, set[str]] = defaultdict(set)
        things = set(self._things)
        for thing in things:
            initials = "".join(word[0] for word in self._slug(thing).split("-"))
            if len(initials) > SHORTEST:
                found[initials].add(thing)
        for property_ in NAMES:
            for subject, _, name in map(terms, self._resources.store.lookup.find(None, property_, None)):
                if subject.value in things and len(_fold(name.value)) >= SHORTEST:
                    found[_fold(name.value)].add(subject.value)
        return dict(found)

    def _slug(self, thing: str) -> str:
        return thing.rpartition("/")[2]


def _fold(name: str) -> str:
    """A name without case, spaces and punctuation."""
    return re.sub(r"[\W_]", "", name.casefold())
