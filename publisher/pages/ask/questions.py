"""The competency questions: by subject, found by words and synonyms, and with the things that users choose in them."""

import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Final, NamedTuple

import pyoxigraph as ox

from publisher.dataset.iris import THING_PATH
from publisher.dataset.query_files import Parameter, Question
from publisher.errors import MalformedError, NotFoundError
from publisher.rdf.labels import LABELS
from publisher.rdf.namespaces import SKOS, VOCABULARY
from publisher.rdf.terms import terms
from publisher.release.finder import Finder
from publisher.release.index import Thing
from publisher.release.resources import Resources
from publisher.sparql.lexer import tokenize
from publisher.suggestions import ALIKE, Nearest, suggest

SMALL: Final = 2
"""Minimum number of questions that begin with the keyword of a group."""
LAST: Final = "Other"
OPTIONS: Final = 300
"""Things in a list to choose from; where there are more, their name is typed."""
VALUES: Final = 200
"""Statements with a property whose values are looked at for words."""
THINGS: Final = 8
"""Things that are found for a text, at most."""
EACH: Final = 6
"""Questions about one of these things, at most."""
NEAR: Final = 0.6
"""Score that suffices for a thing."""
ENOUGH: Final = 3
"""Questions that have all words of a text; with fewer, those that have some are shown too."""
LONGEST: Final = 100
"""Characters of a text that is searched for."""
STOP_WORDS: Final = frozenset(
    re.findall(
        r"\w+",
        "a an and any are as at by did do does for from has have how in is it its of on or our that the their to was"
        " were what when where which who whom whose why with",
    )
)
_ALTERNATIVE: Final = ox.NamedNode(SKOS + "altLabel")
_RANKED: Final = "SELECT rowid FROM question WHERE question MATCH ? ORDER BY bm25(question, 8, 4, 6, 1), rowid"


class Choice(NamedTuple):
    """A parameter of a question with what is chosen. iri: empty for all. options: what there is to choose from as
    (value, label); empty where there are too many, and the name is typed."""

    parameter: Parameter
    iri: str
    label: str
    options: Sequence[tuple[str, str]]

    @property
    def value(self) -> str:
        """What is chosen, as addresses write it; empty for all."""
        return self.iri.rpartition("/")[2]


class Suggestion(NamedTuple):
    """A thing that a text finds, and the questions that can be asked about it with the parameter that takes it."""

    thing: Thing
    questions: Sequence[tuple[Question, Parameter]]


@dataclass(frozen=True)
class Found:
    """What a text finds. corrected: the text with words that some question has; empty if it needs no correction."""

    questions: Sequence[Question] = ()
    suggestions: Sequence[Suggestion] = ()
    corrected: str = ""


class QuestionBook:
    """The competency questions of one open release."""

    def __init__(self, questions: Sequence[Question], resources: Resources) -> None:
        self._questions = questions
        self._resources = resources
        self._names = resources.names
        self._index = resources.store.index
        self._lookup = resources.store.lookup
        self._by_slug = {question.slug: question for question in questions}
        self._by_query = {question.query: question for question in questions}
        self._finder = Finder(self._index.by_name, self._names)
        self._values: dict[str, list[ox.NamedNode]] = {}

    def __len__(self) -> int:
        return len(self._questions)

    @cached_property
    def groups(self) -> Sequence[tuple[str, Sequence[Question]]]:
        """The questions in groups by subject: the first of their keywords that is the first of several questions; those
        that have none come last."""
        keywords = [[word.strip() for word in question.keywords.split(",")] for question in self._questions]
        numbers = Counter(words[0] for words in keywords)
        groups: dict[str, list[Question]] = defaultdict(list)
        for words, question in zip(keywords, self._questions, strict=True):
            subject = next((word for word in words if numbers[word] >= SMALL), LAST)
            groups[subject[:1].upper() + subject[1:]].append(question)
        return sorted(groups.items(), key=lambda group: (group[0] == LAST, group[0].casefold()))

    @property
    def slugs(self) -> list[str]:
        """The short names of the questions, in the order of their files."""
        return list(self._by_slug)

    def find_by_query(self, text: str) -> Question | None:
        """The question whose query is exactly this text, whatever its line ends: browsers send CR LF."""
        return self._by_query.get(text.replace("\r\n", "\n").strip())

    def find_by_slug(self, slug: str) -> Question:
        """The question with this short name, or the number and name of its file. Raises NotFoundError."""
        named = (question for question in self._questions if question.anchor == f"question-{slug}")
        found = self._by_slug.get(slug) or next(named, None)
        if found is None:
            near = suggest(slug, self._by_slug, alike=ALIKE)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise NotFoundError(f"There is no question {slug[:LONGEST]!r}.{hint}")
        return found

    # Choosing

    def choose(self, question: Question, sent: Mapping[str, str]) -> list[Choice]:
        """What is chosen for the parameters of a question. sent: the parameters of an address.

        Raises MalformedError where one names nothing.
        """
        return [self._choose(parameter, sent.get(parameter.key)) for parameter in question.parameters]

    def _choose(self, parameter: Parameter, value: str | None) -> Choice:
        if value is None:
            iri = parameter.default
        elif not value.strip():
            if parameter.default:
                raise MalformedError(f"Choose a value for `{parameter.key}`.")
            iri = ""
        else:
            iri = self._identify(parameter, value.strip())
        label = self._resources.label(iri) if iri else f"all {parameter.kind}s"
        return Choice(parameter, iri, label, self._list_options(parameter.kind))

    def _identify(self, parameter: Parameter, value: str) -> str:
        """The IRI of the thing that a value names: by the end of its address, or by one of its names."""
        iri = self._names.iri(f"{THING_PATH}{parameter.kind}/{value}")
        if self._index.by_name.find_number(iri) is not None:
            return iri
        found = self._finder.find(value, (parameter.kind,), 1)
        if found and found[0].exact:
            return found[0].iri
        hint = f" Did you mean {found[0].label}?" if found else ""
        raise MalformedError(f"There is no {parameter.kind} named {value[:LONGEST]!r}.{hint}")

    def _list_options(self, kind: str) -> list[tuple[str, str]]:
        if self._index.kinds.get(kind, 0) > OPTIONS:
            return []
        return [(thing.iri.rpartition("/")[2], thing.label) for thing in self._index.things(kind)]

    # Finding

    def find(self, text: str) -> Found:
        """Find questions by words of their title, their text, and the names of what their query uses; and things by
        their names, with the questions that can be asked about them."""
        words = [word for word in re.findall(r"\w+", text[:LONGEST].casefold()) if word not in STOP_WORDS]
        if not words:
            return Found()
        questions = self._match(words, "AND")
        suggestions = self._suggest(text[:LONGEST])
        if len(questions) < ENOUGH and not suggestions:
            questions += [question for question in self._match(words, "OR") if question not in questions]
        corrected = "" if questions or suggestions else " ".join(self._correct(word) for word in words)
        return Found(questions, suggestions, "" if corrected.split() == words else corrected)

    def _match(self, words: Sequence[str], operator: str) -> list[Question]:
        query = f" {operator} ".join(f'"{word}"*' for word in words)
        return [self._questions[row] for (row,) in self._full_text.execute(_RANKED, (query,))]

    def _suggest(self, text: str) -> list[Suggestion]:
        """The things that a text may mean, with their questions."""
        asked: dict[str, list[tuple[Question, Parameter]]] = defaultdict(list)
        for question in self._questions:
            for parameter in question.parameters[:1]:
                asked[parameter.kind].append((question, parameter))
        for questions in asked.values():
            questions.sort(key=lambda pair: not pair[1].default)  # those about one thing before those about all
            del questions[EACH:]
        found = self._finder.find(text, tuple(asked), THINGS, NEAR) if asked else []
        return [Suggestion(Thing(one.iri, one.label), asked[one.kind]) for one in found]

    def _correct(self, word: str) -> str:
        return self._nearest(word) or word

    @cached_property
    def _nearest(self) -> Nearest:
        """Suggests words that some question has."""
        texts = self._full_text.execute("SELECT title || ' ' || keywords || ' ' || text FROM question")
        return Nearest(word for (text,) in texts for word in re.findall(r"\w{4,}", text.casefold()))

    @cached_property
    def _full_text(self) -> sqlite3.Connection:
        """The words of the questions; a stem counts for all forms of a word (FTS5, "Porter Tokenizer")."""
        connection = sqlite3.connect(":memory:", check_same_thread=False)
        tokenizer = "tokenize = 'porter unicode61 remove_diacritics 2'"
        connection.execute(f"CREATE VIRTUAL TABLE question USING fts5 (title, text, keywords, terms, {tokenizer})")
        rows = [
            (row, question.title, question.question, question.keywords, " ".join(self._name_terms(question.query)))
            for row, question in enumerate(self._questions)
        ]
        connection.executemany(
            "INSERT INTO question (rowid, title, text, keywords, terms) VALUES (?, ?, ?, ?, ?)", rows
        )
        return connection

    def _name_terms(self, query: str) -> Iterator[str]:
        """The names of what a query of ours uses: its terms, and the concepts that its properties lead to."""
        prefixes = self._names.prefixes
        for token in tokenize(query):
            prefix, _, local = token.text.partition(":")
            if token.kind == "name" and local and prefix in prefixes:
                iri = prefixes[prefix] + local
                yield from self._find_names(iri)
                if iri.startswith(VOCABULARY):
                    for value in self._find_concepts(iri):
                        yield from self._find_names(value.value)

    def _find_names(self, iri: str) -> Iterator[str]:
        for property_ in (*LABELS, _ALTERNATIVE):
            for triple in self._lookup.find(ox.NamedNode(iri), property_, None):
                yield terms(triple)[2].value

    def _find_concepts(self, property_: str) -> list[ox.NamedNode]:
        """The concepts of schemes that are values of a property, those of its first statements."""
        if property_ not in self._values:
            schemes = self._names.iri(f"{THING_PATH}scheme/")
            triples = islice(self._lookup.find(None, ox.NamedNode(property_), None), VALUES)
            values = {triple.object for triple in triples if isinstance(triple.object, ox.NamedNode)}
            found = [value for value in values if isinstance(value, ox.NamedNode) and value.value.startswith(schemes)]
            self._values[property_] = sorted(found, key=str)
        return self._values[property_]
