"""The model of the vocabulary page: terms with their facts, and which of them a text finds. Pure, no I/O."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from publisher.pages.terms import DisplayedTerm, Part

_PREFIX: Final = re.compile(r"PREFIX\s+([\w-]*):\s*<([^>]*)>", re.IGNORECASE)
_IRI: Final = re.compile(r"<[^<>\s]*>")
_NAME: Final = re.compile(r"(?<![\w?$:-])([\w-]*):([A-Za-z_][\w-]*)")


@dataclass(frozen=True)
class PropertyRow:
    """A property of the records of a class. number: statements. count: how many values a record has, in words.

    rules: the names of those that concern it.
    """

    property: DisplayedTerm
    values: Sequence[DisplayedTerm]
    count: str
    number: int
    rules: Sequence[str]


@dataclass(frozen=True)
class Record:
    """A real record as an example. left_out: the number of its statements that are not shown."""

    link: DisplayedTerm
    turtle: str
    json_ld: str
    left_out: int


@dataclass(frozen=True)
class VocabularyTerm:
    """A class or a property.

    name: prefixed. number: how often it is used; records of a class, statements otherwise. definition and notes: texts.
    facts: further statements as (label, values). rows: the properties of a class. questions: that use the term, as
    (title, path). specification: the address of a foreign term.
    """

    iri: str
    name: str
    label: str
    anchor: str
    number: int
    definition: str = ""
    notes: Sequence[str] = ()
    facts: Sequence[tuple[str, Sequence[DisplayedTerm]]] = ()
    rows: Sequence[PropertyRow] = ()
    questions: Sequence[tuple[str, str]] = ()
    specification: str = ""

    def has_words(self, words: Sequence[str]) -> bool:
        """Whether its name, its label or what is said of it has all words, in lower case."""
        text = " ".join((self.name, self.label, self.definition, *self.notes)).casefold()
        return all(word in text for word in words)


@dataclass(frozen=True)
class Vocabulary:
    """All terms: our own, and the foreign ones that records have.

    others: what else the document describes, itself first.
    """

    classes: Sequence[VocabularyTerm]
    properties: Sequence[VocabularyTerm]
    foreign_classes: Sequence[VocabularyTerm]
    foreign_properties: Sequence[VocabularyTerm]
    others: Sequence[Part] = ()

    def __len__(self) -> int:
        groups = (self.classes, self.properties, self.foreign_classes, self.foreign_properties)
        return sum(map(len, groups))

    def find(self, text: str) -> "Vocabulary":
        """The term whose name is a text, else those that have all words of it; all for a text without words."""
        words = text.casefold().split()
        if not words:
            return self
        groups = (self.classes, self.properties, self.foreign_classes, self.foreign_properties)
        named = [term for group in groups for term in group if [term.name.casefold()] == words]

        def chosen(found: Sequence[VocabularyTerm]) -> list[VocabularyTerm]:
            return [term for term in found if (term in named if named else term.has_words(words))]

        return Vocabulary(
            chosen(self.classes),
            chosen(self.properties),
            chosen(self.foreign_classes),
            chosen(self.foreign_properties),
        )


def find_terms(query: str) -> set[str]:
    """The IRIs that a query in SPARQL writes as prefixed names."""
    declared: Mapping[str, str] = dict(_PREFIX.findall(query))
    names = _NAME.findall(_IRI.sub(" ", query))
    return {declared[prefix] + local for prefix, local in names if prefix in declared}
