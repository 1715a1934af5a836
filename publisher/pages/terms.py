"""Term display: labels of things and terms, and the order of properties on a page."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import pyoxigraph as ox

from publisher.dataset.iris import KINDS, Names, is_web, relative
from publisher.rdf import namespaces as n
from publisher.rdf.labels import labels_of
from publisher.rdf.namespaces import compact
from publisher.rdf.terms import Term, terms
from publisher.release.lookup import Lookup

COAL: Final = n.VOCABULARY
FIRST: Final = (
    COAL + "statedPurpose",
    n.SKOS + "definition",
    n.DCTERMS + "description",
    n.SKOS + "altLabel",
    COAL + "acronym",
    COAL + "advances",
    COAL + "seeks",
    COAL + "worksOn",
    COAL + "concerns",
    n.FOAF + "homepage",
)
"""Properties that pages show first, in this order; the others follow by name."""
SOURCE: Final = n.DCTERMS + "source"
HIDDEN: Final = frozenset({n.RDF + "type", SOURCE, n.SKOS + "prefLabel"})
"""Properties that a page shows elsewhere: in the type, the sources or the heading."""
REPEATED: Final = frozenset(
    {
        *(COAL + name for name in ("supports", "opposes", "positionOn", "takesPosition", "worksOnTheme")),
        *(n.SKOS + name for name in ("narrower", "hasTopConcept")),
        *(n.SCHEMA + name for name in ("member", "memberOf")),
        n.ORG + "hasMember",
        n.RDFS + "label",
    }
)
"""Derived properties that repeat on a page what its parts, its heading or the statements that point to it say."""
WORDS: Final = {
    n.SKOS + "altLabel": "also called",
    n.SKOS + "broader": "broader",
    n.SKOS + "inScheme": "in scheme",
    n.SKOS + "notation": "number",
    n.SKOS + "topConceptOf": "top concept of",
    n.FOAF + "accountServiceHomepage": "service",
    n.FOAF + "homepage": "website",
    n.SCHEMA + "url": "URL",
    n.PROV + "wasAttributedTo": "attributed to",
    n.VS + "term_status": "term status",
}
"""Labels of foreign properties whose local names are not clear enough."""


@dataclass(frozen=True)
class DisplayedTerm:
    """One term as a page shows it.

    href: a relative reference for our own things, an address for web pages, or empty. code: whether the text is Turtle.
    """

    text: str
    href: str = ""
    language: str = ""
    iri: str = ""
    foreign: bool = False
    code: bool = False


@dataclass(frozen=True)
class Row:
    """One property of a thing with its values."""

    name: DisplayedTerm
    values: Sequence[DisplayedTerm]


@dataclass(frozen=True)
class Part:
    """A part of a thing, such as an account.

    anchor: its fragment on the page. named: whether the title is a name rather than a short IRI. notes: the numbers of
    its sources among those of the page. href: where the title leads, if anywhere.
    """

    title: str
    anchor: str
    rows: Sequence[Row]
    named: bool = True
    notes: Sequence[int] = ()
    href: str = ""


class TermFormatter:
    """Makes the displayed form of terms."""

    def __init__(self, names: Names, lookup: Lookup) -> None:
        self._names = names
        self._lookup = lookup

    @cached_property
    def terms(self) -> dict[str, str]:
        """IRI -> name, of the terms of the vocabulary and of the foreign properties in WORDS."""
        return labels_of(self._lookup.graph(self._names.iri("ontology"))) | WORDS

    def plural(self, kind: str) -> str:
        """The name of all things of a kind: the label of their class in the vocabulary, with an `s`."""
        return f"{self.singular(kind)}s"

    def singular(self, kind: str) -> str:
        """The name of a thing of a kind: the label of its class in the vocabulary, capitalized."""
        iri = KINDS[kind]
        name = self.terms.get(iri) or words(re.split("[#/]", iri)[-1])
        return f"{name[:1].upper()}{name[1:]}"

    def format(self, term: Term, labels: Mapping[str, str], path: str) -> DisplayedTerm:
        """A term as the page at `path` shows it. labels: IRI -> name, and blank node -> its Turtle."""
        if isinstance(term, ox.Literal):
            return DisplayedTerm(term.value, language=term.language or "")
        if isinstance(term, ox.BlankNode):
            return DisplayedTerm(labels.get(term.value, "[]"), code=True)
        iri = term.value
        text = labels.get(iri) or self._name_term(iri, labels)
        own = self._names.address(iri)
        if own is not None:
            return DisplayedTerm(text, relative(own, path), iri=iri)
        return DisplayedTerm(text, iri if is_web(iri) else "", iri=iri, foreign=True)

    def is_linked(self, iri: str) -> bool:
        """Whether lists link a value: a thing with a page of its own, or an address on the web; no part of a thing."""
        thing = self._names.thing(iri)
        return is_web(iri) if thing is None else thing == iri

    def _name_term(self, iri: str, labels: Mapping[str, str]) -> str:
        """An IRI without a name: parts by what they belong to, vocabulary terms in words, others short."""
        thing = self._names.thing(iri)
        if thing in labels and thing is not None:
            return f"{labels[thing]} ({words(iri[len(thing) + 1 :].partition('/')[0])})"
        short = compact(iri, self._names.prefixes)
        prefix, _, local = short.partition(":")
        return words(local) if prefix in self._names.vocabularies and local.isalpha() and short != iri else short

    def _property(self, iri: str, path: str) -> DisplayedTerm:
        return self.format(ox.NamedNode(iri), self.terms, path)

    def rows(self, pairs: Iterable[tuple[str, Term]], labels: Mapping[str, str], path: str) -> list[Row]:
        """(predicate IRI, object) pairs as the page at `path` shows them, in reading order."""
        grouped: dict[str, list[DisplayedTerm]] = defaultdict(list)
        for predicate, term in pairs:
            grouped[predicate].append(self.format(term, labels, path))
        rows = [
            Row(self._property(iri, path), sorted(shown, key=lambda value: value.text.casefold()))
            for iri, shown in grouped.items()
        ]
        rank = {iri: position for position, iri in enumerate(FIRST)}
        return sorted(rows, key=lambda row: (rank.get(row.name.iri, len(FIRST)), row.name.text))


def pairs(triples: Iterable[ox.Triple], hidden: frozenset[str] = frozenset()) -> list[tuple[str, Term]]:
    """(predicate, object) of the statements that are not hidden."""
    return [
        (predicate.value, object_) for _, predicate, object_ in map(terms, triples) if predicate.value not in hidden
    ]


def words(local: str) -> str:
    """The local name of a term in words: `prefLabel` becomes `pref label`."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", local).split(" ")
    return " ".join(word if word.isupper() and len(word) > 1 else word.lower() for word in words)
