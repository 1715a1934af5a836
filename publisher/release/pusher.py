"""The push: loads a compiled release into an endpoint, beside the releases that it has.

Readers never see half of a release: its graphs have names of their own, and it is complete only when its statements
were counted at the endpoint, with their digests. An interrupted push goes on where it was.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from publisher.errors import CannotRunError
from publisher.rdf.terms import has_blank_nodes
from publisher.release.compiler import VERSION
from publisher.release.endpoint_monitor import count_at
from publisher.release.index import Index
from publisher.release.placement import (
    CURRENT,
    RELEASE,
    STATEMENTS,
    Record,
    Register,
    combine,
    count_statements,
    place_release,
)
from publisher.release.push_targets import Placed, Stated, Target
from publisher.sparql.translation import NAME, Placement
from publisher.sparql.trusted import TrustedEndpoint

BATCH: Final = 1000
"""Statements of one batch; Virtuoso takes no more than about 10,000 lines of an update."""
CHARACTERS: Final = 1 << 20
"""Characters of the values in one batch: engines bound the size of a request."""

Report = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Pushed:
    """What a push did. loaded: batches that were sent now; -1 where the release was complete. removed: other releases
    that were removed."""

    release: str
    statements: int
    loaded: int
    removed: int


class Pusher:
    """Pushes one compiled release.

    folder: of the release. query: the endpoint's address for queries. target: where it is written to. report: called
    with the phase, the number of batches that are done, and how many there are.
    """

    def __init__(self, folder: Path, query: TrustedEndpoint, target: Target, report: Report) -> None:
        with closing(Index(folder)) as index:
            self.release = index.release
            self._placement: Placement = place_release(index, VERSION)
        self._register = Register(self._placement.base)
        self._store = ox.Store.read_only(str(folder))
        self._query = query
        self._target = target
        self._report = report

    def push(self, *, restart: bool = False, remove_old: bool = False) -> Pushed:
        """Load the release, verify it, and make it the current one.

        restart: whether what is loaded is removed first. remove_old: whether all other releases are removed at the end.
        Raises CannotRunError where the endpoint then has other statements, and the errors of `TrustedEndpoint`.
        """
        self._report("reading", 0, 0)
        total, digest = combine(count_statements(self._quads()))
        record = Record() if restart else self._read_record()
        loaded = -1
        if not record.complete or record.digest != digest:
            loaded = self._load(record, total, digest)
        self._verify(total, digest)
        if loaded >= 0:
            self._target.state(self._state_of_release(self._register.complete, "true"))
        self._switch()
        return Pushed(self.release, total, loaded, self._remove_others() if remove_old else 0)

    def _read_record(self) -> Record:
        return self._register.read_record(self._query.select(self._register.select_record(self._placement.place)))

    # Loading

    def _load(self, record: Record, total: int, digest: str) -> int:
        """Send the batches that are not yet loaded; return how many there were."""
        connected = list(self._connected_batches())
        start = record.loaded if record.digest == digest and record.loaded >= len(connected) else 0
        if not start:  # A batch with blank nodes that was sent twice would add them twice.
            self._remove(self._placement.place)
            self._begin(total, digest)
        batches, number = -(-total // BATCH), 0  # There are more where values are long.
        for number, batch in enumerate(chain(connected, self._batches()), start=1):
            if number > start:
                self._report("loading", number, max(batches, number))
                self._target.load(batch, self._state_of_release(self._register.loaded, str(number)))
        return number - start

    def _begin(self, total: int, digest: str) -> None:
        """Write the published names of the graphs, and the record of the release."""
        labels = self._placement.labels
        named = [(ox.NamedNode(self._placement.locate(iri)), ox.NamedNode(iri)) for iri in self._placement.graphs]
        names = [(labels, ox.Triple(graph, ox.NamedNode(NAME), name)) for graph, name in named]
        self._target.load(names, self._state_of_release(STATEMENTS, str(total)))
        self._target.state(self._state_of_release(self._register.digest, digest))
        self._target.state(self._state_of_release(RELEASE, self.release))

    def _state_of_release(self, property_: str, value: str) -> Stated:
        """What the register states of the release."""
        return Stated(self._register.iri, self._placement.place, property_, str(ox.Literal(value)))

    def _quads(self) -> Iterator[Placed]:
        """The statements of the release with their graphs at the endpoint, always in the same order."""
        placement = self._placement
        for quad in self._store:
            named = isinstance(quad.graph_name, ox.NamedNode)
            yield placement.locate(quad.graph_name.value) if named else placement.default, quad.triple

    def _connected_batches(self) -> Iterator[list[Placed]]:
        """The statements with blank nodes. What is connected is sent at once: a label means another node in the next
        request."""
        return _join(_connect(quad for quad in self._quads() if has_blank_nodes([quad[1]])))

    def _batches(self) -> Iterator[list[Placed]]:
        """All other statements."""
        yield from _split(quad for quad in self._quads() if not has_blank_nodes([quad[1]]))

    def _verify(self, total: int, digest: str) -> None:
        """Raise CannotRunError if the endpoint has other statements than were sent, now or before."""
        self._report("verifying", 0, 0)
        found, seen = combine(count_at(self._query, self._placement))
        if (found, seen) != (total, digest):
            difference = f"{found} statements, not {total}," if found != total else "other statements than were sent"
            raise CannotRunError(
                f"The endpoint has {difference} after the push; what is its current release was not changed. Push again"
                " with --restart."
            )

    # The register

    def _switch(self) -> None:
        """Make the release the current one. Raises CannotRunError where the endpoint does not state so afterwards."""
        place = str(ox.NamedNode(self._placement.place))
        self._target.state(Stated(self._register.iri, self._register.iri, CURRENT, place))
        current = [row[0] for row in self._query.select(self._register.select_current())]
        if current != [self.release] or not self._read_record().complete:
            raise CannotRunError("The endpoint accepted the register of releases, but did not keep it. Push again.")

    def _remove_others(self) -> int:
        places = [row[0] for row in self._query.select(self._register.select_places())]
        others = [place for place in places if place != self._placement.place]
        for number, place in enumerate(others):
            self._report("removing", number, len(others))
            self._remove(place)
        return len(others)

    def _remove(self, place: str) -> None:
        """Remove a release: first its record, so that nobody relies on it, then its graphs."""
        other = Placement(ox.NamedNode(place).value, self._placement.base, ())
        self._target.forget(self._register.iri, other.place)
        named = self._query.select(f"SELECT ?g {{ GRAPH <{other.labels}> {{ ?g <{NAME}> ?n }} }}")
        for graph in (*(row[0] for row in named), other.default, other.labels):
            self._target.drop(graph)


def _split(quads: Iterable[Placed]) -> Iterator[list[Placed]]:
    """Statements without blank nodes, up to the size of a batch in number and in characters."""
    batch: list[Placed] = []
    characters = 0
    for quad in quads:
        length = len(quad[1].object.value) if isinstance(quad[1].object, ox.Literal | ox.NamedNode) else 0
        if batch and (len(batch) == BATCH or characters + length > CHARACTERS):
            yield batch
            batch, characters = [], 0
        batch.append(quad)
        characters += length
    if batch:
        yield batch


def _connect(quads: Iterable[Placed]) -> Iterator[list[Placed]]:
    """Statements with blank nodes, in groups that have none in common."""
    root: dict[str, str] = {}
    groups: dict[str, list[Placed]] = {}
    for graph, triple in quads:
        labels = [term.value for term in (triple.subject, triple.object) if isinstance(term, ox.BlankNode)]
        tops = list(dict.fromkeys(_top(root, label) for label in labels))
        first, *others = tops
        for other in others:
            root[other] = first
            groups.setdefault(first, []).extend(groups.pop(other, []))
        groups.setdefault(first, []).append((graph, triple))
    yield from groups.values()


def _top(root: dict[str, str], label: str) -> str:
    while root.setdefault(label, label) != label:
        root[label] = root[root[label]]
        label = root[label]
    return label


def _join(groups: Iterable[list[Placed]]) -> Iterator[list[Placed]]:
    """Groups of statements together, up to the size of a batch; a larger one alone."""
    joined: list[Placed] = []
    for group in groups:
        if joined and len(joined) + len(group) > BATCH:
            yield joined
            joined = []
        joined = joined + group if joined else group
    if joined:
        yield joined
