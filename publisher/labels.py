"""Owns what things are called, by what files say of them."""

import functools
from collections.abc import Sequence
from typing import Any, Final

import pyoxigraph as ox

from publisher.names import DCTERMS, RDFS, SKOS
from publisher.results import best
from publisher.sources import File

_LABELS: Final = (SKOS + "prefLabel", DCTERMS + "title", RDFS + "label")
"""What gives a thing its name, the best property first."""


class Labels:
    """Gives the names of things; looked for only when a finding is about one."""

    def __init__(self, files: Sequence[File]) -> None:
        self._files = files

    def __call__(self, term: Any) -> str:
        """The name of a term; empty where it has none."""
        stated = self._stated.get(term, {})
        return next((best(stated[label]) for label in _LABELS if label in stated), "")

    @functools.cached_property
    def _stated(self) -> dict[Any, dict[str, list[ox.Literal]]]:
        found: dict[Any, dict[str, list[ox.Literal]]] = {}
        for triple in (triple for file in self._files for triple in file.triples):
            if triple.predicate.value in _LABELS and isinstance(triple.object, ox.Literal):
                found.setdefault(triple.subject, {}).setdefault(triple.predicate.value, []).append(triple.object)
        return found
