"""Thing pages: one thing with its statements, parts, references and sources, and how to correct it."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyoxigraph as ox

from publisher.dataset.iris import is_web, relative
from publisher.formats import GRAPHS
from publisher.pages.layout import Frame, Layout
from publisher.pages.terms import COAL, HIDDEN, REPEATED, SOURCE, DisplayedTerm, Part, Row, TermFormatter, pairs, words
from publisher.rdf import namespaces as n
from publisher.rdf.labels import best, labels_of
from publisher.rdf.terms import Term, terms
from publisher.release.resources import TYPE, Description, Resources

LEADING: Final = (
    n.ORG + "member",
    *(COAL + name for name in ("backs", "positionOn", "eventKind", "name", "count", "foundedOn")),
)
"""The properties that give a part without a name its title; the first one present is used."""
SCHEMA_TYPES: Final = {
    COAL + "Coalition": "Organization",
    n.FOAF + "Organization": "Organization",
    n.ORG + "Organization": "Organization",
    COAL + "Agenda": "DefinedTerm",
    COAL + "Issue": "DefinedTerm",
    COAL + "Source": "WebPage",
    COAL + "Bill": "Legislation",
    COAL + "Docket": "Legislation",
    COAL + "BallotMeasure": "Legislation",
}
SCHEMA_PROPERTIES: Final = {
    n.SKOS + "altLabel": "alternateName",
    COAL + "acronym": "alternateName",
    COAL + "statedPurpose": "description",
    n.SKOS + "definition": "description",
    n.FOAF + "homepage": "url",
    n.SCHEMA + "url": "url",
}


@dataclass(frozen=True)
class ThingPage:
    """The page of one thing. referring: the statements that point to it; of several pages of them, all."""

    frame: Frame
    iri: str
    kinds: Sequence[DisplayedTerm]
    rows: Sequence[Row]
    parts: Sequence[tuple[str, Sequence[Part]]]
    incoming: Sequence[Row]
    referring: int
    sources: Sequence[DisplayedTerm]
    description: Description
    following: str = ""
    correction: str = ""


class ThingPages:
    """Makes the pages of things."""

    def __init__(self, resources: Resources, formatter: TermFormatter, layout: Layout) -> None:
        self._resources = resources
        self._names = resources.names
        self._formatter = formatter
        self._layout = layout

    def thing(self, description: Description, path: str) -> str:
        """The page of one thing, at the given path."""
        labels = labels_of(description.labels)
        own = [t for t in description.own if t.subject == ox.NamedNode(description.thing)]
        labels |= self._formatter.terms
        title = labels.get(description.thing, description.thing)
        last = path.rpartition("/")[2]
        turned = description.page < description.pages
        next_page = f"incoming/{description.page + 1}" if description.page == 1 else str(description.page + 1)
        page = ThingPage(
            frame=self._layout.frame(
                title if description.page == 1 else f"{title}, page {description.page} of {description.pages}",
                path,
                GRAPHS,
                canonical=description.document,
                script=self._schema_org(own, description),
                summary=_summarize(own),
                indexed=description.page == 1,
            ),
            iri=description.thing,
            kinds=self._kinds(own, labels, path),
            rows=self._formatter.rows(self._own_statements(own, description.thing), labels, path),
            parts=self._parts(description, labels, path),
            incoming=self._formatter.rows(_pointing(description), labels, path),
            referring=len(_pointing(description)) if description.pages == 1 else description.total,
            sources=[self._formatter.format(source, labels, path) for source in _sources(description)],
            description=description,
            following=(f"{last}/{next_page}" if description.page == 1 else next_page) if turned else "",
            correction=relative("correct", path) + "?about=" + (self._names.path(description.thing) or ""),
        )
        return self._layout.render("thing.html", page=page, frame=page.frame)

    def _own_statements(self, own: Sequence[ox.Triple], thing: str) -> list[tuple[str, Term]]:
        """The statements of a thing without those that only link its parts, which the page shows in full."""
        return [
            (predicate, term)
            for predicate, term in pairs(own, HIDDEN | REPEATED)
            if not (isinstance(term, ox.NamedNode) and term.value.startswith(thing + "/"))
        ]

    def _kinds(self, own: Sequence[ox.Triple], labels: dict[str, str], path: str) -> list[DisplayedTerm]:
        """The classes of a thing: those of the vocabulary if it has any, since they say more than foreign ones."""
        classes = [term for predicate, term in pairs(own) if predicate == TYPE.value]
        chosen = [term for term in classes if term.value.startswith(COAL)] or classes
        return [self._formatter.format(term, labels, path) for term in chosen]

    def _parts(self, description: Description, labels: dict[str, str], path: str) -> list[tuple[str, Sequence[Part]]]:
        """The parts of a thing in groups, by the word that their IRIs begin with below the thing's."""
        statements: dict[str, list[ox.Triple]] = defaultdict(list)
        for triple in description.own:
            if isinstance(triple.subject, ox.NamedNode) and triple.subject.value != description.thing:
                statements[triple.subject.value].append(triple)
        numbers = {source: number for number, source in enumerate(_sources(description), 1)}
        groups: dict[str, list[Part]] = defaultdict(list)
        for iri, found in sorted(statements.items()):
            below = iri.removeprefix(description.thing + "/")
            notes = [numbers[term] for predicate, term in pairs(found) if predicate == SOURCE]
            title, said = self._part_title(iri, found, labels, path)
            hidden = (
                HIDDEN
                | REPEATED
                | said
                | {p.value for _, p, o in map(terms, found) if o == ox.NamedNode(description.thing)}
            )
            rows = self._formatter.rows(pairs(found, hidden), labels, path)
            part = Part(title.text or below, below.replace("/", "-"), rows, notes=notes, href=title.href)
            groups[below.partition("/")[0] if "/" in below or not _is_named(found) else "entries"].append(part)
        shown = {name: sorted(parts, key=lambda part: part.title.casefold()) for name, parts in groups.items()}
        return [(_heading(name, len(parts)), parts) for name, parts in shown.items()]

    def _part_title(
        self, iri: str, stated: Sequence[ox.Triple], labels: dict[str, str], path: str
    ) -> tuple[DisplayedTerm, frozenset[str]]:
        """The title of a part, and the property that the title stands for, if any.

        The title is the name of the part, else the value of the first of the LEADING properties that it has.
        """
        found = dict(pairs(stated))
        leading = next((predicate for predicate in LEADING if predicate in found), None)
        if _is_named(stated) or leading is None:
            return DisplayedTerm(labels.get(iri, "")), frozenset()
        return self._formatter.format(found[leading], labels, path), frozenset({leading})

    def _schema_org(self, own: Sequence[ox.Triple], description: Description) -> str:
        """The thing in the schema.org vocabulary, as search engines read it from a script element."""
        types = (t.object.value for t in own if t.predicate == TYPE and isinstance(t.object, ox.NamedNode))
        data: dict[str, Any] = {
            "@context": "https://schema.org",
            "@id": description.thing,
            "@type": next((SCHEMA_TYPES[iri] for iri in types if iri in SCHEMA_TYPES), "Thing"),
            "name": labels_of(description.labels).get(description.thing, description.thing),
        }
        for triple in own:
            key = SCHEMA_PROPERTIES.get(triple.predicate.value)
            value = getattr(triple.object, "value", "")
            if key and (is_web(value) or (key != "url" and isinstance(triple.object, ox.Literal))):
                data.setdefault(key, []).append(value)
        return json.dumps(data, ensure_ascii=False, sort_keys=True).replace("<", "\\u003c")

    def correct(self, thing: str, file: str, path: str) -> str:
        """Return the page that explains how to correct the record of a thing."""
        link = self._formatter.format(ox.NamedNode(thing), {thing: self._resources.label(thing)}, path)
        frame = self._layout.frame(f"Correct {link.text}", path, indexed=False)
        return self._layout.render("correct.html", frame=frame, link=link, iri=thing, file=file)


def _summarize(own: Sequence[ox.Triple]) -> str:
    """What a thing is in the words of its record; empty where it has no such text."""
    texts = (t.object for t in own if SCHEMA_PROPERTIES.get(t.predicate.value) == "description")
    return best(text for text in texts if isinstance(text, ox.Literal))


def _is_named(stated: Sequence[ox.Triple]) -> bool:
    """Whether a part has a name of its own, and not only one that is made of what it relates."""
    return any(predicate == n.SKOS + "prefLabel" for predicate, _ in pairs(stated))


def _pointing(description: Description) -> list[tuple[str, Term]]:
    """The statements that point to a thing, without those that repeat others: (property, subject)."""
    found = [(predicate.value, subject) for subject, predicate, _ in map(terms, description.incoming)]
    backings = {subject for predicate, subject in found if predicate == COAL + "backs"}
    found = [(predicate, term) for predicate, term in found if term not in backings or predicate == COAL + "backs"]
    repeated = (REPEATED | {n.ORG + "memberOf"}) - {COAL + "positionOn", COAL + "worksOnTheme"}
    return [(predicate, subject) for predicate, subject in found if predicate not in repeated]


def _heading(name: str, number: int) -> str:
    """The heading of a group of parts: their name in words, with an `s` where there are several."""
    several = number > 1 and not name.endswith("s")
    return words(name).capitalize() + ("s" if several else "")


def _sources(description: Description) -> list[Term]:
    """The sources of a thing and of its parts, each once, the thing's first: the footnotes of its page."""
    thing = ox.NamedNode(description.thing)
    cited = [(s != thing, str(o), o) for s, p, o in map(terms, description.own) if p.value == SOURCE]
    return list(dict.fromkeys(term for _, _, term in sorted(cited, key=lambda entry: entry[:2])))
