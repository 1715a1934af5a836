"""Labels: the name of a thing, from the statements about it."""

import functools
from collections.abc import Iterable, Sequence
from typing import Any, Final, Protocol

import pyoxigraph as ox

from publisher.rdf.namespaces import DCTERMS, FOAF, RDFS, SKOS
from publisher.rdf.terms import Subject, Term, terms

_LABELS: Final = (SKOS + "prefLabel", DCTERMS + "title", RDFS + "label")
"""What gives a thing its name, the best property first."""


class Statements(Protocol):
    """Anything that holds triples, such as a file."""

    @property
    def triples(self) -> Iterable[ox.Triple]:
        """The statements."""


class Labels:
    """Gives the names of things; looked for only when a finding is about one."""

    def __init__(self, files: Sequence[Statements]) -> None:
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


LABELS: Final = tuple(map(ox.NamedNode, (SKOS + "prefLabel", DCTERMS + "title", RDFS + "label", FOAF + "name")))
"""The properties that name a thing, the best first."""


def labels_of(triples: Iterable[ox.Triple]) -> dict[str, str]:
    """IRI -> name, from those of the triples that name something: the best property first, English before others."""
    found: dict[str, str] = {}
    naming = [triple for triple in triples if triple.predicate in LABELS and isinstance(triple.object, ox.Literal)]
    for subject, _, object_ in sorted(map(terms, naming), key=_preference):
        found.setdefault(subject.value, object_.value)
    return found


def _preference(naming: tuple[Subject, ox.NamedNode, Term]) -> tuple[int, bool, str]:
    _, predicate, name = naming
    return LABELS.index(predicate), getattr(name, "language", None) != "en", str(name)


ENGLISH: Final = "en"


def best(texts: Iterable[ox.Literal]) -> str:
    """The text to show of several: an English one, or one without a language, else the first; empty where none."""
    found = list(texts)
    key = lambda text: (not (text.language or ENGLISH).startswith(ENGLISH), text.value)  # noqa: E731
    return min(found, key=key).value if found else ""
