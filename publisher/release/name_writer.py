"""Writing the index of names: fills the tables of `name_index` from the files and the store of a release."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from heapq import merge
from operator import itemgetter
from typing import Final, NamedTuple

import pyoxigraph as ox

from publisher.dataset.iris import Names, is_web
from publisher.matching.addresses import address_key
from publisher.matching.numbers import number_keys
from publisher.matching.spellings import brackets, clean, fold, parts, plain, spell, stems, without_brackets
from publisher.rdf.labels import LABELS, rank_text
from publisher.rdf.namespaces import DCTERMS, FOAF, OWL, SCHEMA, SKOS, VOCABULARY
from publisher.release import name_index as types

_LABELED: Final = dict(zip(LABELS, range(10), strict=False))
"""The properties whose values label a thing, the best first; these have ranks under 10."""
_TYPES: Final = {
    LABELS[0]: types.PREFERRED,
    LABELS[1]: types.TITLE,
    LABELS[2]: types.PREFERRED,
    LABELS[3]: types.PREFERRED,
    ox.NamedNode(SKOS + "altLabel"): types.ALTERNATIVE,
    ox.NamedNode(SKOS + "hiddenLabel"): types.ALTERNATIVE,
    ox.NamedNode(VOCABULARY + "acronym"): types.ACRONYM,
}
_NAME: Final = ox.NamedNode(VOCABULARY + "name")
_NAMING_KIND: Final = ox.NamedNode(VOCABULARY + "namingKind")
_TELLING: Final = {
    ox.NamedNode(SCHEMA + "text"): 0,
    ox.NamedNode(SKOS + "definition"): 1,
    ox.NamedNode(VOCABULARY + "statedPurpose"): 1,
    ox.NamedNode(DCTERMS + "abstract"): 2,
    ox.NamedNode(DCTERMS + "description"): 2,
    ox.NamedNode(SKOS + "scopeNote"): 3,
}
"""The properties whose values tell about a thing or a part of it, those that tell most first."""
READ: Final = (*_TYPES, *_TELLING, _NAME, _NAMING_KIND)
"""The properties that `read_names` and `read_passages` look at."""
_LINKS: Final = {
    FOAF + "homepage": types.SITE,
    SCHEMA + "url": types.ADDRESS,
    SCHEMA + "sameAs": types.SAME,
    OWL + "sameAs": types.SAME,
    SKOS + "exactMatch": types.SAME,
    VOCABULARY + "apiAddress": types.ADDRESS,
    SKOS + "closeMatch": types.CLOSE,
    SKOS + "broadMatch": types.BROADER,
    SKOS + "narrowMatch": types.NARROWER,
    SKOS + "relatedMatch": types.RELATED,
}
"""The properties whose values are addresses that identify a thing, or what it has to do with."""
_IDENTIFIER: Final = ox.NamedNode(SCHEMA + "legislationIdentifier")
_SESSION: Final = ox.NamedNode(VOCABULARY + "session")
_ACCOUNT_NAME: Final = ox.NamedNode(FOAF + "accountName")
_SERVICE: Final = ox.NamedNode(FOAF + "accountServiceHomepage")
_CODES: Final = {VOCABULARY + "primaryCapCode": "primary", VOCABULARY + "secondaryCapCode": "secondary"}
_OTHER_IDENTIFIERS: Final = (SCHEMA + "identifier",)

WORKING: Final = """
CREATE TEMP TABLE naming (
    iri TEXT NOT NULL, rank INTEGER NOT NULL, language INTEGER NOT NULL, type TEXT NOT NULL, text TEXT NOT NULL);
CREATE TEMP TABLE telling (iri TEXT NOT NULL, rank INTEGER NOT NULL, language INTEGER NOT NULL, text TEXT NOT NULL);
"""
"""What the files state, until the things have numbers."""
_FINISH: Final = """
-- Fewer parts to merge: the terms of so many bytes are held in memory.
INSERT INTO letters (letters, rank) VALUES ('hashsize', 16777216);
INSERT INTO spellings (spellings, rank) VALUES ('hashsize', 16777216);
INSERT INTO passages (passages, rank) VALUES ('hashsize', 16777216);
INSERT INTO letters (letters) VALUES ('rebuild');
INSERT INTO spellings (spellings) VALUES ('rebuild');
INSERT INTO passages (passages) VALUES ('rebuild');
CREATE VIRTUAL TABLE temp.letter USING fts5vocab (main, letters, row);
CREATE VIRTUAL TABLE temp.spelling USING fts5vocab (main, spellings, row);
CREATE VIRTUAL TABLE temp.passage_word USING fts5vocab (main, passages, row);
INSERT INTO frequency SELECT 'letters', term, doc FROM temp.letter;
INSERT INTO frequency SELECT 'spellings', term, doc FROM temp.spelling;
INSERT INTO frequency SELECT 'passages', term, doc FROM temp.passage_word;
"""


class Naming(NamedTuple):
    """A name that a file states of a thing."""

    iri: str
    rank: int
    language: int
    type: str
    text: str


def read_names(triples: Iterable[ox.Triple], own: Mapping[str, str]) -> Iterator[Naming]:
    """The names that triples give to things. own: IRI -> the thing that it is, or is a part of."""
    parts_: dict[str, tuple[list[ox.Literal], list[str]]] = {}
    for triple in triples:
        subject, text = triple.subject, triple.object
        if not isinstance(subject, ox.NamedNode) or subject.value not in own:
            continue
        if triple.predicate == _NAME and isinstance(text, ox.Literal):
            parts_.setdefault(subject.value, ([], []))[0].append(text)
        elif triple.predicate == _NAMING_KIND and isinstance(text, ox.NamedNode):
            parts_.setdefault(subject.value, ([], []))[1].append(text.value)
        elif triple.predicate in _TYPES and isinstance(text, ox.Literal) and own[subject.value] == subject.value:
            rank = _LABELED.get(triple.predicate, 10)
            yield Naming(subject.value, rank, rank_text(text)[0], _TYPES[triple.predicate], text.value)
    for part, (texts, kinds) in parts_.items():
        type_ = types.FORMER if any("/former-" in kind for kind in kinds) else types.ALTERNATIVE
        yield from (Naming(own[part], 10, rank_text(text)[0], type_, text.value) for text in texts)


def read_passages(triples: Iterable[ox.Triple], own: Mapping[str, str]) -> Iterator[tuple[str, int, int, str]]:
    """The texts that tell about things, as (thing, rank, language, text)."""
    for triple in triples:
        rank, text = _TELLING.get(triple.predicate), triple.object
        if rank is not None and isinstance(text, ox.Literal) and isinstance(triple.subject, ox.NamedNode):
            thing = own.get(triple.subject.value)
            if thing is not None:
                yield thing, rank, *rank_text(text)


def write_names(connection: sqlite3.Connection, names: Names) -> None:
    """Write the names of all things and retired things, when the things have numbers."""
    _write_former(connection, names)
    rows = (row for row in _all_names(connection) if row[2] or row[4])
    query = "INSERT INTO name (thing, type, folded, plain, spelled, text) VALUES (?, ?, ?, ?, ?, ?)"
    connection.executemany(query, rows)
    told = (
        "SELECT number, text FROM telling JOIN thing USING (iri)"
        " GROUP BY number, text ORDER BY number, min(rank), min(language), text"
    )
    passages = ((number, text, " ".join(stems(text))) for number, text in connection.execute(told))
    connection.executemany("INSERT INTO passage (thing, text, stems) VALUES (?, ?, ?)", passages)
    connection.executescript(_FINISH + types.INDEXES)  # With the indexes, rows would be read in their order.


def _write_former(connection: sqlite3.Connection, names: Names) -> None:
    """Number the retired things."""
    retired = [iri for (iri,) in connection.execute("SELECT iri FROM retired ORDER BY iri") if names.thing(iri) == iri]
    connection.executemany("INSERT INTO former (iri) VALUES (?)", ((iri,) for iri in retired))


_Name = tuple[int, str, str, str, str, str]


def _all_names(connection: sqlite3.Connection) -> Iterator[_Name]:
    """The names of all things, those of a thing together and in the order of things; then those of retired ones."""
    named = (_stated_names(connection), _slugs(connection), _slugs_of_merged(connection))
    yield from merge(*named, key=itemgetter(0))
    for number, iri in connection.execute("SELECT -number, iri FROM former ORDER BY number"):
        yield _row(number, types.FORMER, _words_of(iri))


def _stated_names(connection: sqlite3.Connection) -> Iterator[_Name]:
    stated = (
        "SELECT number, type, text FROM naming JOIN thing USING (iri) WHERE text <> ''"
        " GROUP BY number, type, text ORDER BY number, min(rank), text"
    )
    for number, type_, text in connection.execute(stated):
        for kind, form in _forms(type_, text):
            yield _row(number, kind, form)


def _slugs(connection: sqlite3.Connection) -> Iterator[_Name]:
    for number, kind, slug in connection.execute("SELECT number, kind, slug FROM thing ORDER BY number"):
        yield _row(number, types.SLUG, slug.replace("-", " "))
        initials = "".join(word[0] for word in slug.split("-"))
        if len(initials) > 2 and kind != "source":
            yield _row(number, types.INITIALS, initials)


def _slugs_of_merged(connection: sqlite3.Connection) -> Iterator[_Name]:
    """The slugs of things that were merged, as names of what they were merged into."""
    merged = (
        "SELECT thing.number, former.iri FROM former JOIN retired USING (iri) JOIN thing ON thing.iri = successor"
        " ORDER BY thing.number, former.number"
    )
    for number, iri in connection.execute(merged):
        yield _row(number, types.SLUG, _words_of(iri))


def _words_of(iri: str) -> str:
    return iri.rpartition("/")[2].replace("-", " ")


def _forms(type_: str, text: str) -> Iterator[tuple[str, str]]:
    """A name, as (type, text), and what is a name in it: without brackets, what the brackets have, and its parts."""
    yield type_, text
    inside = brackets(text)
    shorter = without_brackets(text) if inside else ""
    if shorter and fold(shorter):
        yield type_, shorter
    for part in inside:
        yield (types.ACRONYM if part.acronym and type_ != types.TITLE else types.PART), part.text
    for piece in parts(text):
        yield types.PART, piece


def _row(number: int, type_: str, text: str) -> _Name:
    cleaned = clean(text)
    return number, type_, fold(cleaned), plain(cleaned), spell(cleaned), text


def write_identifiers(connection: sqlite3.Connection, store: ox.Store, names: Names) -> None:
    """Write the addresses, numbers, accounts and codes of things, stated and derived. store: of the release."""
    found = (row for read in (_links, _bills, _accounts, _codes) for row in read(store, names))
    query = "INSERT OR IGNORE INTO identifier SELECT ?, number, ?, ? FROM thing WHERE iri = ?"
    connection.executemany(query, found)


_Row = tuple[str, str, str, str]
"""Key, type and value of an identifier, and the IRI of the thing."""


def _values(store: ox.Store, names: Names, property_: str) -> Iterator[tuple[ox.NamedNode, str, str]]:
    """The values of a property, as (subject, the thing that it is or is a part of, value)."""
    for quad in store.quads_for_pattern(None, ox.NamedNode(property_), None, ox.DefaultGraph()):
        subject, value = quad.subject, quad.object
        if isinstance(subject, ox.NamedNode) and isinstance(value, ox.NamedNode | ox.Literal):
            thing = names.thing(subject.value)
            if thing is not None:
                yield subject, thing, value.value


def _links(store: ox.Store, names: Names) -> Iterator[_Row]:
    for property_, type_ in _LINKS.items():
        for subject, thing, address in _values(store, names, property_):
            key = address_key(address)
            if key:
                yield key, type_ if subject.value == thing else types.ACCOUNT, address, thing


def _bills(store: ox.Store, names: Names) -> Iterator[_Row]:
    for subject, thing, identifier in _values(store, names, _IDENTIFIER.value):
        sessions = (quad.object for quad in store.quads_for_pattern(subject, _SESSION, None, ox.DefaultGraph()))
        first = min((str(node.value) for node in sessions if isinstance(node, ox.NamedNode)), default="")
        keys = number_keys(identifier, first.rpartition("/")[2])
        yield from ((key, types.NUMBER, identifier, thing) for key in keys)
    for property_ in _OTHER_IDENTIFIERS:
        for _, thing, value in _values(store, names, property_):
            yield fold(value), types.NUMBER, value, thing


def _accounts(store: ox.Store, names: Names) -> Iterator[_Row]:
    for subject, thing, name in _values(store, names, _ACCOUNT_NAME.value):
        yield f"@{name.casefold()}", types.ACCOUNT, name, thing
        for quad in store.quads_for_pattern(subject, _SERVICE, None, ox.DefaultGraph()):
            service = quad.object.value.rstrip("/") if isinstance(quad.object, ox.NamedNode) else ""
            if is_web(service):
                address = f"{service}/{name}"
                yield address_key(f"{service}/{name.casefold()}"), types.ACCOUNT, address, thing


def _codes(store: ox.Store, names: Names) -> Iterator[_Row]:
    for property_, rank in _CODES.items():
        for _, thing, code in _values(store, names, property_):
            yield f"cap {code}", types.CODE, f"{rank} topic {code}", thing
