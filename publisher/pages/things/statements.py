"""All statements about a thing, as developers read them: its rows, its parts, and what points to it."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from publisher.pages.terms import COAL, HIDDEN, REPEATED, SOURCE, DisplayedTerm, Part, Row, TermFormatter, pairs, words
from publisher.rdf import namespaces as n
from publisher.rdf.labels import labels_of
from publisher.rdf.terms import Term, terms
from publisher.release.resources import TYPE, Description

MANY: Final = 300
"""Values of one property, and parts of one thing, that a page shows at most; the other formats have all."""
LEADING: Final = (
    n.ORG + "member",
    *(COAL + name for name in ("backs", "positionOn", "eventKind", "name", "count", "foundedOn")),
)
"""The properties that give a part without a name its title; the first one present is used."""


@dataclass(frozen=True)
class Statements:
    """The statements of one description.

    referring: those that point to the thing; of several pages of them, all. left_out: parts and values that are too
    many for a page.
    """

    kinds: Sequence[DisplayedTerm]
    rows: Sequence[Row]
    parts: Sequence[tuple[str, Sequence[Part]]]
    incoming: Sequence[Row]
    referring: int
    left_out: int = 0
    page: int = 1
    pages: int = 1
    following: str = ""


class StatementsReader:
    """Reads the statements of descriptions."""

    def __init__(self, formatter: TermFormatter) -> None:
        self._formatter = formatter

    def read(self, description: Description, path: str) -> Statements:
        """The statements of a description, for the page at a path."""
        labels = labels_of(description.labels)
        own = [t for t in description.own if t.subject == ox.NamedNode(description.thing)]
        labels |= self._formatter.terms
        last = path.rpartition("/")[2]
        turned = description.page < description.pages
        next_page = f"incoming/{description.page + 1}" if description.page == 1 else str(description.page + 1)
        pointing = _pointing(description)
        stated = _own_statements(own, description.thing)
        shown = _limit_values(stated)
        parts, more = self._parts(description, labels, path)
        return Statements(
            kinds=self._kinds(own, labels, path),
            rows=self._formatter.rows(shown, labels, path),
            parts=parts,
            left_out=len(stated) - len(shown) + more,
            incoming=self._formatter.rows(pointing, labels, path),
            referring=len(pointing) if description.pages == 1 else description.total,
            page=description.page,
            pages=description.pages,
            following=(f"{last}/{next_page}" if description.page == 1 else next_page) if turned else "",
        )

    def _kinds(self, own: Sequence[ox.Triple], labels: dict[str, str], path: str) -> list[DisplayedTerm]:
        """The classes of a thing: those of the vocabulary if it has any, since they say more than foreign ones."""
        classes = [term for predicate, term in pairs(own) if predicate == TYPE.value]
        chosen = [term for term in classes if term.value.startswith(COAL)] or classes
        return [self._formatter.format(term, labels, path) for term in chosen]

    def _parts(
        self, description: Description, labels: dict[str, str], path: str
    ) -> tuple[list[tuple[str, Sequence[Part]]], int]:
        """The parts of a thing in groups, by the word that their IRIs begin with below the thing's; how many more."""
        statements: dict[str, list[ox.Triple]] = defaultdict(list)
        for triple in description.own:
            if isinstance(triple.subject, ox.NamedNode) and triple.subject.value != description.thing:
                statements[triple.subject.value].append(triple)
        groups: dict[str, list[Part]] = defaultdict(list)
        for iri, found in sorted(statements.items())[:MANY]:
            below = iri.removeprefix(description.thing + "/")
            title, said = self._part_title(iri, found, labels, path)
            hidden = (
                (HIDDEN - {SOURCE})
                | REPEATED
                | said
                | {p.value for _, p, o in map(terms, found) if o == ox.NamedNode(description.thing)}
            )
            rows = self._formatter.rows(pairs(found, hidden), labels, path)
            part = Part(title.text or below, below.replace("/", "-"), rows, href=title.href)
            groups[below.partition("/")[0] if "/" in below or not _is_named(found) else "entries"].append(part)
        shown = {name: sorted(parts, key=lambda part: part.title.casefold()) for name, parts in groups.items()}
        return [(_heading(name, len(parts)), parts) for name, parts in shown.items()], max(0, len(statements) - MANY)

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


def _own_statements(own: Sequence[ox.Triple], thing: str) -> list[tuple[str, Term]]:
    """The statements of a thing without those that only link its parts, which the page shows in full."""
    return [
        (predicate, term)
        for predicate, term in pairs(own, (HIDDEN - {SOURCE}) | REPEATED)
        if not (isinstance(term, ox.NamedNode) and term.value.startswith(thing + "/"))
    ]


def _limit_values(stated: Sequence[tuple[str, Term]]) -> list[tuple[str, Term]]:
    """The statements, at most MANY of each property."""
    seen: Counter[str] = Counter()
    found = []
    for predicate, term in stated:
        seen[predicate] += 1
        if seen[predicate] <= MANY:
            found.append((predicate, term))
    return found


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
