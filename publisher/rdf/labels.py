"""Labels: the name of a thing, from the statements about it: which properties name it, and which text to show."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import pyoxigraph as ox

from publisher.rdf.namespaces import DCTERMS, FOAF, RDFS, SKOS
from publisher.rdf.subject_index import Statements, SubjectIndex

LABELS: Final = tuple(map(ox.NamedNode, (SKOS + "prefLabel", DCTERMS + "title", RDFS + "label", FOAF + "name")))
"""The properties that name a thing, the best first."""
_RANKS: Final = {property_: rank for rank, property_ in enumerate(LABELS)}

ENGLISH: Final = "en"


def best(texts: Iterable[ox.Literal]) -> str:
    """Return the text to show: an English one, else one without a language, else any; empty if there is none.

    Of several equally good ones, the first in code point order.
    """
    return min(texts, key=rank_text).value if (texts := list(texts)) else ""


def choose_labels(triples: Iterable[ox.Triple]) -> dict[Any, str]:
    """Return the label of every term that has one: of the best property, the best text."""
    found: dict[Any, tuple[tuple[int, int, str], str]] = {}
    for triple in triples:
        rank, text = _RANKS.get(triple.predicate), triple.object
        if rank is not None and isinstance(text, ox.Literal):
            key = (rank, *rank_text(text))
            if triple.subject not in found or key < found[triple.subject][0]:
                found[triple.subject] = key, text.value
    return {term: label for term, (_, label) in found.items()}


def labels_of(triples: Iterable[ox.Triple]) -> dict[str, str]:
    """Return the labels of IRIs, as `choose_labels` does."""
    return {term.value: label for term, label in choose_labels(triples).items() if isinstance(term, ox.NamedNode)}


class Labels:
    """The labels that files state; each is read on first use."""

    def __init__(self, files: Sequence[Statements]) -> None:
        self._files = SubjectIndex(files)
        self._found: dict[Any, str] = {}

    def __call__(self, term: Any) -> str:
        """Return the label of a term; empty if it has none."""
        if term not in self._found:
            stated = (triple for file in self._files.find(term) for triple in file.by_subject.get(term, ()))
            self._found[term] = choose_labels(stated).get(term, "")
        return self._found[term]


def rank_text(text: ox.Literal) -> tuple[int, str]:
    """Return the sort key of a text among those that name the same thing: its language's rank, then the text."""
    language = text.language
    return (1 if not language else 0 if language.split("-")[0] == ENGLISH else 2), text.value
