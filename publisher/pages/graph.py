"""Graph pages: all statements of a named graph, subject by subject."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import pyoxigraph as ox

from publisher.formats import GRAPHS
from publisher.pages.layout import Layout
from publisher.pages.terms import DisplayedTerm, Part, Row, TermFormatter, pairs
from publisher.rdf import namespaces as n
from publisher.rdf.labels import labels_of
from publisher.rdf.namespaces import compact
from publisher.rdf.turtle import blank_nodes
from publisher.release.resources import Resources

PREFIXES: Final = frozenset({n.SH + "declare"})
"""Properties that pages hide: declarations of prefixes, for programs."""


class GraphPages:
    """Makes the pages of whole graphs."""

    def __init__(self, resources: Resources, formatter: TermFormatter, layout: Layout) -> None:
        self._resources = resources
        self._index = resources.store.index
        self._prefixes = resources.names.prefixes
        self._dataset = resources.names.dataset
        self._formatter = formatter
        self._layout = layout

    def graph(self, title: str, triples: Sequence[ox.Triple], path: str, total: int = 0) -> str:
        """The page of a graph: each IRI subject with its statements. total: of all, where some are left out."""
        frame = self._layout.frame(title, path, GRAPHS)
        parts = self.parts(triples, path)
        return self._layout.render("graph.html", frame=frame, parts=parts, shown=len(triples), total=total)

    def parts(self, triples: Sequence[ox.Triple], path: str) -> list[Part]:
        """The IRI subjects of a graph in reading order, each with its IRI as the first row, then its statements."""
        subjects: dict[str, list[ox.Triple]] = defaultdict(list)
        for triple in triples:
            if isinstance(triple.subject, ox.NamedNode):
                subjects[triple.subject.value].append(triple)
        labels = self._labels(triples)
        ordered = sorted(subjects, key=lambda iri: (iri != self._dataset, *reading_order(iri)))
        anchors = _choose_anchors(ordered)
        return [self._part(iri, subjects[iri], labels, anchors, path) for iri in ordered]

    def _labels(self, triples: Sequence[ox.Triple]) -> dict[str, str]:
        """The names of everything that the triples mention, and the Turtle of their blank nodes."""
        mentioned = [t.object for t in triples if isinstance(t.object, ox.NamedNode)]
        labels = labels_of(triples) | labels_of(self._resources.label_statements(mentioned))
        return labels | {node.value: text for node, text in blank_nodes(triples, self._prefixes).items()}

    def _part(
        self, iri: str, stated: Sequence[ox.Triple], labels: dict[str, str], anchors: Mapping[str, str], path: str
    ) -> Part:
        """One subject. anchors: of the subjects on this page; what has one is linked there."""
        link, retired = self._formatter.format(ox.NamedNode(iri), {iri: iri}, path), self._index.find_retired(iri)
        if retired and not retired.successor:  # Its address answers 410.
            link = replace(link, href="")
        address = Row(DisplayedTerm("IRI"), [link])
        rows = [address, *self._formatter.rows(pairs(_without_repeats(stated), PREFIXES), labels, path)]
        return Part(
            labels.get(iri) or compact(iri, self._prefixes),
            anchors.get(iri, ""),
            [Row(row.name, [_link_here(value, anchors) for value in row.values]) for row in rows],
            iri in labels,
        )


def _choose_anchors(subjects: Iterable[str]) -> dict[str, str]:
    """The fragments of subjects as their anchors; the whole IRI where an earlier subject has the same fragment."""
    found: dict[str, str] = {}
    for iri in subjects:
        fragment = iri.rpartition("#")[2] if "#" in iri else ""
        if fragment:
            anchor = re.sub(r"[^\w.-]+", "-", iri) if fragment in found else fragment
            found.setdefault(anchor, iri)
    return {iri: anchor for anchor, iri in found.items()}


def _link_here(value: DisplayedTerm, anchors: Mapping[str, str]) -> DisplayedTerm:
    """A value that leads to its anchor where it is described on the same page."""
    return replace(value, href=f"#{anchors[value.iri]}") if value.iri in anchors else value


def _without_repeats(stated: Sequence[ox.Triple]) -> list[ox.Triple]:
    """The statements about a subject without a comment that is its definition too."""
    defined = {triple.object for triple in stated if triple.predicate.value == n.SKOS + "definition"}
    return [t for t in stated if t.predicate.value != n.RDFS + "comment" or t.object not in defined]


def reading_order(iri: str) -> tuple[bool, bool, str]:
    """The sort key of a subject: the document first, then classes, which begin with a capital, then properties."""
    fragment = iri.partition("#")[2]
    return "#" in iri, fragment[:1].islower(), iri
