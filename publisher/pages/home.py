"""The home page and the lists of things."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

import pyoxigraph as ox

from publisher.dataset.iris import relative
from publisher.formats import GRAPHS
from publisher.pages.layout import Layout
from publisher.pages.terms import COAL, DisplayedTerm, TermFormatter
from publisher.rdf import namespaces as n
from publisher.rdf.labels import labels_of
from publisher.rdf.terms import terms
from publisher.release.lookup import Lookup
from publisher.release.resources import Resources

SHOWN: Final = 200
"""Coalitions that the home page lists under one agenda at most."""


@dataclass(frozen=True)
class Entry:
    """An entry of a list, with the entries below it."""

    link: DisplayedTerm
    below: Sequence["Entry"] = field(default_factory=tuple)


class HomePages:
    """Makes the home page and the list of each kind of thing. text: describes the data set."""

    def __init__(
        self,
        lookup: Lookup,
        resources: Resources,
        text: str,
        kinds: Iterable[str],
        formatter: TermFormatter,
        layout: Layout,
    ) -> None:
        """kinds: those that have things."""
        self._lookup = lookup
        self._resources = resources
        self._text = text
        self._kinds = kinds
        self._base = resources.names.base
        self._formatter = formatter
        self._layout = layout

    def home(self, path: str = "") -> str:
        """The home page: the agendas in the order of their source, each with its coalitions."""
        frame = self._layout.frame("", path, GRAPHS, name="dataset", canonical=self._base)
        lists = [(self._formatter.plural(kind), relative(f"doc/{kind}", path)) for kind in self._kinds]
        return self._layout.render("home.html", frame=frame, agendas=self._agendas(path), text=self._text, lists=lists)

    def _agendas(self, path: str) -> list[Entry]:
        numbers = {iri: self._number(iri) for iri, _ in self._resources.instances(COAL + "Agenda")}
        ordered = sorted(numbers, key=lambda iri: (len(numbers[iri]), numbers[iri], iri))
        return [self._agenda(ox.NamedNode(iri), path) for iri in ordered]

    def _number(self, agenda: str) -> str:
        """The number of an agenda in its source (skos:notation), empty where it has none."""
        found = self._lookup.find(ox.NamedNode(agenda), ox.NamedNode(n.SKOS + "notation"), None)
        return min((t.object.value for t in found if isinstance(t.object, ox.Literal)), default="")

    def _agenda(self, agenda: ox.NamedNode, path: str) -> Entry:
        """An agenda with the coalitions that advance it; without, where they are too many for one page."""
        advancing = self._lookup.find(None, ox.NamedNode(COAL + "advances"), agenda)
        members = [terms(triple)[0] for triple in islice(advancing, SHOWN + 1)]
        if len(members) > SHOWN:
            return Entry(self._formatter.format(agenda, labels_of(self._resources.label_statements([agenda])), path))
        labels = labels_of(self._resources.label_statements([agenda, *members]))
        below = [Entry(self._formatter.format(member, labels, path)) for member in members]
        ordered = sorted(below, key=lambda entry: entry.link.text.casefold())
        return Entry(self._formatter.format(agenda, labels, path), ordered)
