"""Descriptions of changes: what each release added, changed and ended, as PROV activities."""

from collections.abc import Iterator, Mapping
from typing import Final

import pyoxigraph as ox

from publisher.dataset.iris import CHANGES_PATH, RELEASE_PATH, Names
from publisher.dataset.releases import ADDED as ADDED_FILE
from publisher.dataset.releases import REMOVED as REMOVED_FILE
from publisher.rdf.namespaces import DCTERMS, PROV, RDF, RDFS, XSD
from publisher.release.change_log import ADDED, CHANGED, REMOVED, ChangeLog, EditionChanges

LISTED: Final = 1000
"""Things of one edition and sort that are named; of an edition with more, only the differences are linked."""
_RELATIONS: Final = {ADDED: PROV + "generated", CHANGED: PROV + "influenced", REMOVED: PROV + "invalidated"}
_Statement = tuple[str, str, ox.NamedNode | ox.Literal]


def describe_changes(names: Names, log: ChangeLog) -> list[ox.Triple]:
    """Return the statements about the changes of all editions."""
    found = (statement for edition in log.editions for statement in _describe(names, log, edition))
    return [ox.Triple(ox.NamedNode(s), ox.NamedNode(p), o) for s, p, o in found]


def entry_of(names: Names, edition: EditionChanges) -> str:
    """Return the IRI of the changes of an edition."""
    return names.iri(f"{CHANGES_PATH}#{edition.anchor}")


def difference_paths(edition: EditionChanges) -> Mapping[str, str]:
    """Return the paths of the N-Quads that an edition added and removed, by sort; none for unreleased changes."""
    version, before = edition.version, edition.previous
    if not version:
        return {}
    stem = f"{CHANGES_PATH}/{before}/{version}" if before else f"{RELEASE_PATH}/{version}"
    return {ADDED: f"{stem}/{ADDED_FILE}", REMOVED: f"{stem}/{REMOVED_FILE}"}


def _describe(names: Names, log: ChangeLog, edition: EditionChanges) -> Iterator[_Statement]:
    entry, version = entry_of(names, edition), edition.version
    title = f"Changes of release {version}" if version else "Changes that no release has yet"
    yield entry, RDF + "type", ox.NamedNode(PROV + "Activity")
    yield entry, RDFS + "label", ox.Literal(title, language="en")
    if version:
        yield entry, PROV + "generated", ox.NamedNode(names.iri(f"{RELEASE_PATH}/{version}"))
        yield entry, DCTERMS + "date", ox.Literal(edition.date, datatype=ox.NamedNode(XSD + "date"))
    if edition.previous:
        yield entry, PROV + "used", ox.NamedNode(names.iri(f"{RELEASE_PATH}/{edition.previous}"))
    for path in difference_paths(edition).values():
        yield entry, RDFS + "seeAlso", ox.NamedNode(names.iri(path))
    for sort, relation in _RELATIONS.items():
        if edition.numbers.get(sort, 0) <= LISTED:
            for change in log.changes(edition.number, sort, LISTED):
                yield entry, relation, ox.NamedNode(change.thing)
                yield change.thing, RDFS + "label", ox.Literal(change.label)
