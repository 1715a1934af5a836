"""The vocabulary page: documents each class with its properties, how often they are used and which rules ask them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Final

import pyoxigraph as ox

from publisher.dataset.iris import ASK_PATH, ONTOLOGY_PATH, relative
from publisher.dataset.query_files import Question
from publisher.formats import GRAPHS
from publisher.pages.class_diagram import draw_vocabulary
from publisher.pages.graph import GraphPages
from publisher.pages.layout import Layout
from publisher.pages.terms import WORDS, DisplayedTerm, Part, Row, TermFormatter, words
from publisher.pages.vocabulary.model import PropertyRow, Record, Vocabulary, VocabularyTerm, find_terms
from publisher.pages.vocabulary.records import find_record
from publisher.rdf import namespaces as n
from publisher.rdf.namespaces import compact
from publisher.rdf.terms import terms
from publisher.release.catalogue import Catalogue
from publisher.release.resources import Resources
from publisher.release.usage import PropertyUse, Usage, Use, read_usage
from publisher.validation.context import of_repository
from publisher.validation.shapes.expectations import Expectation, describe_count, list_expectations

QUESTIONS: Final = 3
"""Questions that are shown for a term."""
VALUES: Final = 4
"""Kinds of values that are shown for a property."""
OPEN: Final = 3
"""Terms of which a page shows everything: the rules of each property and an example record too."""
CLASSES: Final = frozenset({n.OWL + "Class", n.RDFS + "Class"})
PROPERTIES: Final = frozenset(
    {n.OWL + name for name in ("ObjectProperty", "DatatypeProperty", "AnnotationProperty")} | {n.RDF + "Property"}
)
NOTES: Final = n.SKOS + "scopeNote"
DEFINITION: Final = n.SKOS + "definition"
HIDDEN: Final = frozenset(
    {DEFINITION, NOTES, *(n.RDFS + name for name in ("comment", "label", "isDefinedBy")), n.RDF + "type"}
)
"""What a section shows elsewhere, or says by where it is."""
RELATIONS: Final = frozenset({n.RDFS + "subClassOf", n.SCHEMA + "domainIncludes", n.SCHEMA + "rangeIncludes"})
"""What relates a class or a property to other classes."""
MACHINERY: Final = (n.OWL, n.RDF, n.RDFS, n.SH)
"""Namespaces whose classes describe vocabularies and shapes, and no records."""
LABELS: Final = {
    n.SCHEMA + "domainIncludes": "Used on",
    n.SCHEMA + "rangeIncludes": "Value",
    n.RDFS + "subClassOf": "Kind of",
    n.RDFS + "subPropertyOf": "Special case of",
    n.VS + "term_status": "Status",
}
"""The facts that a section shows without a click."""


class VocabularyPages:
    """Makes the page of the vocabulary of one open release."""

    def __init__(
        self,
        resources: Resources,
        catalogue: Catalogue,
        formatter: TermFormatter,
        graphs: GraphPages,
        layout: Layout,
    ) -> None:
        self._resources = resources
        self._names = resources.names
        self._catalogue = catalogue
        self._formatter = formatter
        self._graphs = graphs
        self._layout = layout

    def page(self, title: str, path: str, text: str = "") -> str:
        """The page of the vocabulary, or of those of its terms that have all words of a text."""
        found = self.vocabulary.find(text)
        reduced = bool(text.split())
        is_open = reduced and len(found) <= OPEN
        frame = self._layout.frame(
            title,
            path,
            GRAPHS,
            summary=f"{len(self.vocabulary)} classes and properties of the data: definitions, counts and rules.",
            indexed=not reduced,
        )
        return self._layout.render(
            "vocabulary.html",
            frame=frame,
            whole=self.vocabulary,
            found=found,
            text=text,
            reduced=reduced,
            brief=frozenset(LABELS.values()),
            open=is_open,
            records={term.iri: self._record(term.iri) for term in found.classes} if is_open else {},
            diagram="" if reduced else self._diagram,
            lead=_Leader(found, path) if reduced else lambda term: term,
        )

    @cached_property
    def _diagram(self) -> str:
        """The class diagram, with links to the sections; empty where no property joins two classes."""
        groups = (self.vocabulary.classes, self.vocabulary.properties, self.vocabulary.foreign_classes)
        anchors = {term.iri: term.anchor for group in groups for term in group}
        drawn = draw_vocabulary(self._stated, anchors, self._names.prefixes)
        return drawn.inline if drawn else ""

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """All terms; the same for every request to a release."""
        parts = {part.rows[0].values[0].iri: part for part in self._parts}
        own = {iri: part for iri, part in parts.items() if self._kinds.get(iri, set()) & (CLASSES | PROPERTIES)}
        classes = [iri for iri in own if self._kinds[iri] & CLASSES]
        properties = [iri for iri in own if iri not in classes]
        return Vocabulary(
            [self._term(iri, own[iri], self._rows(iri)) for iri in classes],
            [self._term(iri, own[iri], questions=1) for iri in properties],
            [self._term(iri, None, () if self._is_covered(iri) else self._rows(iri)) for iri in self._foreign_classes],
            [self._term(iri, None) for iri in self._foreign_properties],
            [part for iri, part in parts.items() if iri not in own],
        )

    @cached_property
    def _foreign_classes(self) -> Sequence[str]:
        """The foreign classes that records have: what a class is a kind of, what is used on one, and what a property of
        one leads to; the most used first."""
        own = {iri for iri in self._links if self._kinds[iri] & CLASSES}
        reached = {iri for (_, predicate), found in self._objects.items() if predicate in RELATIONS for iri in found}
        for class_ in own:
            for use in self._usage.properties_of.get(class_, ()):
                reached |= {value.iri for value in use.classes}
        used = (use.iri for use in self._usage.classes)
        return [iri for iri in used if iri in reached - own and not iri.startswith(MACHINERY)]

    def _is_covered(self, iri: str) -> bool:
        """Whether the tables of our own classes have all records of a foreign class."""
        below = [own for own in self._links if iri in self._objects[own, n.RDFS + "subClassOf"]]
        return self._numbers[iri] <= sum(self._numbers.get(own, 0) for own in below)

    @cached_property
    def _foreign_properties(self) -> Sequence[str]:
        """The foreign properties that records have, the most used first."""
        classes = [*(iri for iri in self._links if self._kinds[iri] & CLASSES), *self._foreign_classes]
        named = {row.property.iri for class_ in classes for row in self._rows(class_)}
        return sorted(named - self._links.keys(), key=lambda iri: (-self._numbers.get(iri, 0), iri))

    # What is known of all terms

    @cached_property
    def _stated(self) -> Sequence[ox.Triple]:
        return self._resources.store.lookup.graph(self._names.iri(ONTOLOGY_PATH))

    @cached_property
    def _parts(self) -> Sequence[Part]:
        return self._graphs.parts(self._stated, ONTOLOGY_PATH)

    @cached_property
    def _links(self) -> Mapping[str, DisplayedTerm]:
        """The terms that the page describes as links to their sections, by IRI."""
        found = {}
        for part in self._parts:
            iri = part.rows[0].values[0].iri
            if part.anchor and self._kinds.get(iri, set()) & (CLASSES | PROPERTIES):
                found[iri] = DisplayedTerm(self._name(iri, part.title), f"#{part.anchor}", iri=iri)
        return found

    def _name(self, iri: str, label: str) -> str:
        """A label; that of a class begins with a capital, so that it differs from a property of the same name."""
        return label[:1].upper() + label[1:] if self._kinds.get(iri, set()) & CLASSES else label

    @cached_property
    def _kinds(self) -> Mapping[str, set[str]]:
        """The types of each term."""
        found: dict[str, set[str]] = defaultdict(set)
        for subject, predicate, object_ in map(terms, self._stated):
            if predicate.value == n.RDF + "type":
                found[subject.value].add(object_.value)
        return found

    @cached_property
    def _objects(self) -> Mapping[tuple[str, str], list[str]]:
        """(subject, predicate) -> IRIs and texts."""
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for subject, predicate, object_ in map(terms, self._stated):
            found[subject.value, predicate.value].append(object_.value)
        return found

    @cached_property
    def _usage(self) -> Usage:
        return read_usage(self._names.dataset, self._catalogue.dataset)

    @cached_property
    def _used_classes(self) -> frozenset[str]:
        return frozenset(use.iri for use in self._usage.classes)

    @cached_property
    def _numbers(self) -> Mapping[str, int]:
        uses: Iterable[Use] = (*self._usage.classes, *self._usage.properties)
        return {use.iri: use.number for use in uses}

    @cached_property
    def _expected(self) -> Mapping[str, list[Expectation]]:
        """What the shapes expect, by class."""
        context = of_repository(self._resources.store.index.definitions)
        found: dict[str, list[Expectation]] = defaultdict(list)
        for one in list_expectations(context.rules, context.shape_prefixes):
            found[one.class_].append(one)
        return found

    @cached_property
    def _questions(self) -> Mapping[str, list[tuple[str, str]]]:
        """The questions that use a term as (title, path), the shortest queries first."""
        found: dict[str, list[tuple[str, str]]] = defaultdict(list)
        ordered: list[Question] = sorted(self._catalogue.questions, key=lambda question: len(question.query))
        for question in ordered:
            for iri in find_terms(question.query):
                found[iri].append((question.title, f"{ASK_PATH}/{question.slug}"))
        return found

    # One term

    def _record(self, iri: str) -> Record | None:
        return find_record(iri, self._resources, self._formatter, ONTOLOGY_PATH)

    def _term(
        self,
        iri: str,
        part: Part | None,
        rows: Sequence[PropertyRow] = (),
        questions: int = QUESTIONS,
    ) -> VocabularyTerm:
        """A term. part: what the document says of it; None for a foreign one. questions: that are shown."""
        name = compact(iri, self._names.prefixes)
        label = part.title if part else WORDS.get(iri) or words(name.partition(":")[2] or name)
        return VocabularyTerm(
            iri,
            name,
            self._name(iri, label),
            part.anchor if part else name.replace(":", "-"),
            self._numbers.get(iri, 0),
            next(iter(self._objects[iri, DEFINITION] or self._objects[iri, n.RDFS + "comment"]), ""),
            self._objects[iri, NOTES],
            [self._fact(row) for row in part.rows[1:] if row.name.iri not in HIDDEN] if part else (),
            rows,
            self._questions[iri][:questions] if part else (),
            "" if part else iri,
        )

    def _fact(self, row: Row) -> tuple[str, Sequence[DisplayedTerm]]:
        label = LABELS.get(row.name.iri) or row.name.text[:1].upper() + row.name.text[1:]
        return label, [self._link(value.iri, self._shorten(value)) if value.iri else value for value in row.values]

    def _shorten(self, value: DisplayedTerm) -> DisplayedTerm:
        """A foreign term by its short name, which no other has; anything else as it is."""
        name = compact(value.iri, self._names.prefixes)
        return replace(value, text=name) if value.foreign and name != value.iri else value

    def _supers(self, iri: str) -> list[str]:
        """A class and all that it is a kind of."""
        found = [iri]
        for class_ in found:
            found += [above for above in self._objects[class_, n.RDFS + "subClassOf"] if above not in found]
        return found

    def _rows(self, class_: str) -> list[PropertyRow]:
        """The properties of the records of a class: those in use, and those that rules or the vocabulary name."""
        supers = self._supers(class_)
        expected: dict[str, list[Expectation]] = defaultdict(list)
        for one in (one for above in supers for one in self._expected[above]):
            expected[one.property].append(one)
        uses = {use.iri: use for use in self._usage.properties_of.get(class_, ())}
        offered = [iri for iri, classes in self._domains.items() if set(supers) & classes]
        found = [
            self._row(iri, uses.get(iri), expected[iri]) for iri in dict.fromkeys([*uses, *list(expected), *offered])
        ]
        return sorted(found, key=lambda row: (-row.number, row.property.text))

    @cached_property
    def _domains(self) -> Mapping[str, set[str]]:
        """Property -> the classes that it is used on."""
        key = n.SCHEMA + "domainIncludes"
        return {iri: set(found) for (iri, predicate), found in self._objects.items() if predicate == key}

    def _row(self, iri: str, use: PropertyUse | None, expected: Sequence[Expectation]) -> PropertyRow:
        ranges = self._objects[iri, n.SCHEMA + "rangeIncludes"]
        seen = [one.iri for one in (*use.classes, *use.datatypes)] if use else []
        values = [self._link(value) for value in (ranges or seen)[:VALUES] if not value.startswith(n.OWL)]
        names = sorted({one.rule for one in expected})
        return PropertyRow(self._link(iri), values, describe_count(expected), use.number if use else 0, names)

    def _link(self, iri: str, otherwise: DisplayedTerm | None = None) -> DisplayedTerm:
        """A term as a link to its section. otherwise: what is shown for a term without one, unless its short name."""
        found = self._links.get(iri)
        if found:
            return found
        name = compact(iri, self._names.prefixes)
        is_listed = iri in self._foreign_classes if iri in self._used_classes else iri in self._numbers
        if is_listed:
            return DisplayedTerm(name, f"#{name.replace(':', '-')}", iri=iri)
        return otherwise or DisplayedTerm(name, iri=iri)


class _Leader:
    """Makes links to sections that a page of some terms has not lead to the page of all. path: of both."""

    def __init__(self, found: Vocabulary, path: str) -> None:
        groups = (found.classes, found.properties, found.foreign_classes, found.foreign_properties)
        self._here = {f"#{term.anchor}" for group in groups for term in group}
        self._whole = relative(path, path)

    def __call__(self, term: DisplayedTerm) -> DisplayedTerm:
        """The term as the page shows it."""
        is_elsewhere = term.href.startswith("#") and term.href not in self._here
        return replace(term, href=self._whole + term.href) if is_elsewhere else term
