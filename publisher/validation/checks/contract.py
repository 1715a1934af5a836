"""The contract of permanent URIs: what was published before is still published and means the same, or is retired."""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath
from typing import Any, Final, NamedTuple

import pyoxigraph as ox

from publisher.dataset.files import File, parse_text
from publisher.dataset.history import Identity, Past, ReleasedIris
from publisher.dataset.identifiers import RETIRED_FILE, Published, context_terms, published_in
from publisher.dataset.iris import CONTEXT_PATH, KINDS, THING_PATH, Names
from publisher.dataset.released_iris import SOURCES, published_meanings, read_identities
from publisher.dataset.repository import CONTEXT_FILE, DATASET_FILE, Repository
from publisher.diagnostic import Diagnostic, Severity, UnreadableFilesError
from publisher.rdf.canonical_quads import CanonicalQuads
from publisher.rdf.datatypes import is_ill_typed
from publisher.rdf.labels import LABELS
from publisher.rdf.namespaces import DCTERMS, PROV, SKOS, VOCABULARY, VOID, XSD, compact, make_compact
from publisher.rdf.terms import values
from publisher.validation.context import Context

_LABEL: Final = ox.NamedNode(SKOS + "prefLabel")
_REPLACED: Final = ox.NamedNode(DCTERMS + "isReplacedBy")
_DATES: Final = frozenset(XSD + name for name in ("date", "dateTime", "dateTimeStamp"))


class _Stated(NamedTuple):
    """What is stated of each retired IRI. said: how a message names it. wanted: what its value is. accepts: whether a
    term is that."""

    said: str
    wanted: str
    accepts: Callable[[Any], bool]


def _is_date(term: Any) -> bool:
    return isinstance(term, ox.Literal) and term.datatype.value in _DATES and not is_ill_typed(term)


def _is_reason(term: Any) -> bool:
    return isinstance(term, ox.Literal) and any(map(str.isalnum, term.value))


_STATED: Final = {
    ox.NamedNode(PROV + "invalidatedAtTime"): _Stated(
        "when (prov:invalidatedAtTime)", "a valid xsd:date or xsd:dateTime", _is_date
    ),
    ox.NamedNode(SKOS + "changeNote"): _Stated("why (skos:changeNote)", "a text with words", _is_reason),
}


def check(context: Context) -> Iterator[Diagnostic]:
    """Report what was published at earlier states of a repository and is gone, each once."""
    for file in context.reported:
        if file.path == RETIRED_FILE:
            yield from find_unclear_retirements(file, context.declared)
            others = context.repository.files if context.repository else ()
            yield from find_live_retirements(file, others, context.declared)
            yield from find_incomplete_retirements(file, context.declared)
    if context.repository is None or not context.whole:
        return
    met: set[tuple[str, str]] = set()
    for past in context.history.states:
        for key, finding in find_missing(context.repository, past):
            if key not in met:
                met.add(key)
                yield finding
    reported = {name for _, name in met}
    for released in context.history.released:
        yield from find_unreleased(context.repository, released, reported)


def find_unclear_retirements(file: File, prefixes: Mapping[str, str]) -> Iterator[Diagnostic]:
    """Return the merged IRIs in the list of retired ones that have two successors, or whose successors lead back to
    them."""
    successors: dict[Any, list[ox.Triple]] = {}
    for triple in file.by_predicate.get(_REPLACED, ()):
        successors.setdefault(triple.subject, []).append(triple)
    following = {node: triples[0].object for node, triples in successors.items()}
    for node, triples in successors.items():
        name = compact(node.value, prefixes)
        if not isinstance(following[node], ox.NamedNode):
            message = f"The successor of {name} is no IRI. State the IRI to which its address redirects."
        elif len(triples) > 1:
            message = f"{name} has {len(triples)} successors. State only the one to which its address redirects."
        elif following[node] == node:
            message = f"{name} is its own successor. State another one, or that it was withdrawn."
        elif _leads_back(node, following):
            message = f"The successors of {name} lead back to it. State where the last of them redirects, or remove it."
        else:
            continue
        about: dict[str, Any] = {"focus": name, "terms": (f"<{node.value}>", "", "")}
        place = file.where(triples[-1], 2)
        yield Diagnostic("unclear-retirement", Severity.VIOLATION, message, RETIRED_FILE, **(about | place))


def find_live_retirements(file: File, others: Iterable[File], prefixes: Mapping[str, str]) -> Iterator[Diagnostic]:
    """Return the IRIs in the list of retired ones of which another file still states something."""
    live = {iri: other.path for other in others if other.path != RETIRED_FILE for iri in other.subjects & file.subjects}
    for iri, path in sorted(live.items()):
        name = compact(iri, prefixes)
        message = f"{name} is retired, and {path} still describes it. Remove it from one of the two files."
        about: dict[str, Any] = {"focus": name, "terms": (f"<{iri}>", "", "")}
        place = file.where(file.by_subject[ox.NamedNode(iri)][0], 0)
        yield Diagnostic("unclear-retirement", Severity.VIOLATION, message, RETIRED_FILE, **(about | place))


def find_incomplete_retirements(file: File, prefixes: Mapping[str, str]) -> Iterator[Diagnostic]:
    """Return the IRIs in the list of retired ones without the date or the reason of their retirement: at a value that
    is none, else at the IRI."""
    for node, triples in file.by_subject.items():
        if not isinstance(node, ox.NamedNode):
            continue
        given = {each: [t for t in triples if t.predicate == each] for each in _STATED}
        missing = [stated.said for each, stated in _STATED.items() if not given[each]]
        name = compact(node.value, prefixes)
        about: dict[str, Any] = {"focus": name, "terms": (f"<{node.value}>", "", "")}
        if missing:
            message = f"{name} was merged or withdrawn, but the data does not state {' and '.join(missing)}."
            place = file.where(triples[0], 0)
            yield Diagnostic("incomplete-retirement", Severity.WARNING, message, RETIRED_FILE, **(about | place))
        for each, stated in _STATED.items():
            if given[each] and not any(stated.accepts(triple.object) for triple in given[each]):
                value = given[each][0]
                lacking = f"{stated.said}: the value is not {stated.wanted}"
                message = f"{name} was merged or withdrawn, but the data does not state {lacking}."
                place = file.where(value, 2)
                yield Diagnostic("incomplete-retirement", Severity.WARNING, message, RETIRED_FILE, **(about | place))


def _leads_back(node: Any, following: Mapping[Any, Any]) -> bool:
    """Whether the chain of successors of a node comes back to it."""
    met, here = {node}, following.get(node)
    while here is not None and here not in met:
        met.add(here)
        here = following.get(here)
    return bool(here == node)


def find_unreleased(repository: Repository, released: ReleasedIris, reported: set[str]) -> Iterator[Diagnostic]:
    """What a release published and a repository no longer publishes or retires, or uses for something else, each once.

    reported: the names for which a finding exists; those found are added.
    """
    now, meanings = _Present(repository), published_meanings(repository)
    gone: list[str] = []
    for line, (iri, meaning) in enumerate(released.meanings.items(), 1):
        name = iri.removeprefix(now.context)
        if name in reported or any(iri.startswith(f"{other}/") for other in gone):
            continue
        rule, message = _find_broken_promise(now, released, iri, meaning, meanings.get(iri))
        if message:
            reported.add(name)
            gone += [iri] * (iri not in meanings)
            about: dict[str, Any] = {"focus": now.compact(iri), "terms": (f"<{iri}>", "", "")}
            yield Diagnostic(rule, Severity.VIOLATION, message, released.path, line, 1, **about)


def _find_broken_promise(
    now: "_Present", released: ReleasedIris, iri: str, meaning: str, current: str | None
) -> tuple[str, str]:
    """The rule and the message about an IRI that a release published; an empty message if its promise is kept.

    meaning: its classes in the release, or what a term of the context stood for. current: the same now; None if gone.
    """
    version, name = f"release {released.version}", now.compact(iri)
    if iri.startswith(now.context):
        return _check_context_term(iri.removeprefix(now.context), version, meaning, current)
    if iri.startswith(VOCABULARY):
        if current is not None:
            return "changed-iri", _describe_class_change(now, iri, version, meaning, current)
        said = f"The term {name} was published in {version} and is gone."
        return "missing-iri", f"{said} Restore it, with owl:deprecated and dcterms:isReplacedBy."
    if now.is_retired(iri):
        return "changed-iri", ""
    if current is None:
        return "missing-iri", f"{name} was published in {version} and is gone. Restore it, or {_advise(name)}"
    changed = _describe_class_change(now, iri, version, meaning, current)
    return "changed-iri", changed or _describe_identity_change(now, released, iri)


def _check_context_term(term: str, version: str, meaning: str, current: str | None) -> tuple[str, str]:
    said = f"The term {term} of the JSON-LD context"
    if current is None:
        return "missing-iri", f"{said} was published in {version} and is gone. Restore it."
    if current == meaning:
        return "changed-iri", ""
    advice = "Restore it, and define a new term."
    return "changed-iri", f"{said} stands for {current}, but for {meaning} in {version}. {advice}"


def _describe_class_change(now: "_Present", iri: str, version: str, meaning: str, current: str) -> str:
    """The message where an IRI lost a class that says what it is: one of this vocabulary, the class of its kind of
    address, or all that it had; empty if not."""
    before, after = set(meaning.split()), set(current.split())
    lost = before - after
    telling = {class_ for class_ in lost if class_.startswith(now.own_prefix) or class_ == now.kind_class(iri)}
    if not telling and (not before or before & after):
        return ""
    was, name = " and ".join(sorted(telling or lost)), now.compact(iri)
    said = f"{name} had the class {was} in {version} and has {current or 'none'} now."
    return f"{said} Restore the class; or give what is meant now an IRI of its own, and {_advise(name)}"


def _describe_identity_change(now: "_Present", released: ReleasedIris, iri: str) -> str:
    """The message where neither a name nor a source of an IRI is one of those in a release; empty if one is."""
    before, after = released.identities.get(iri), now.identities.get(iri, Identity(frozenset(), frozenset()))
    if before is None or not before.names or not before.sources:
        return ""
    sources = {now.follow(source) for source in before.sources} | before.sources
    if before.names & after.names or sources & after.sources:
        return ""
    name, was = now.compact(iri), min(before.names)
    said = f"{name} was {was} in release {released.version}; its name and all its sources are others now."
    return f"{said} Keep a source; or, if it is another thing, give that an IRI of its own, and {_advise(name)}"


def _advise(name: str) -> str:
    """What to add to the list of retired IRIs, as a statement in Turtle."""
    subject = f"<{name}>" if "://" in name else name
    return (
        f"add to {RETIRED_FILE}: {subject} dcterms:isReplacedBy <successor> ; "
        'skos:changeNote "<reason>"@en ; prov:invalidatedAtTime "<date>T00:00:00Z"^^xsd:dateTime . '
        "If it was withdrawn, leave out the successor."
    )


def find_missing(repository: Repository, past: Past) -> Iterator[tuple[tuple[str, str], Diagnostic]]:
    """Return what a repository published at an earlier state and no longer does: (rule and name, finding)."""
    now = _Present(repository)
    then = _Before(past, repository.names)
    for file in then.files.values():
        yield from _find_missing_iris(now, then, file)
    yield from _find_missing_terms(repository, past)
    for path in sorted(past.texts.keys() - now.paths):
        if not now.accounts_for(path, then):
            iri = repository.names.iri(path)
            said = f"The file was published ({past.name}) and is gone."
            message = f"{said} Restore it, or state in {RETIRED_FILE} that <{iri}> was withdrawn."
            yield ("missing-file", path), Diagnostic("missing-file", Severity.VIOLATION, message, path)


def _find_missing_terms(repository: Repository, past: Past) -> Iterator[tuple[tuple[str, str], Diagnostic]]:
    """The terms of the JSON-LD context that are gone."""
    if CONTEXT_FILE in past.texts:
        for term in sorted(context_terms(past.texts[CONTEXT_FILE]) - context_terms(repository.context_text)):
            message = f"The term {term} of the JSON-LD context was published ({past.name}) and is gone; restore it."
            yield ("missing-iri", term), Diagnostic("missing-iri", Severity.VIOLATION, message, CONTEXT_FILE)


def _find_missing_iris(now: "_Present", then: "_Before", file: File) -> Iterator[tuple[tuple[str, str], Diagnostic]]:
    """The IRIs that a file published and nothing publishes now.
    Parts of a missing thing are not reported separately."""
    gone = sorted(iri for iri in published_in(file, then.names) if not now.publishes(iri))
    for iri in gone:
        if any(iri.startswith(f"{other}/") for other in gone):
            continue
        more = sum(other.startswith(f"{iri}/") for other in gone)
        name = now.compact(iri)
        said = f"{name} was published ({then.past.name}) and is gone."
        about: dict[str, Any] = {"focus": name, "terms": (f"<{iri}>", "", ""), "more": more}
        successor = now.successor_of(iri, file, then)
        if successor is None:
            message = f"{said} Restore it, or state in {RETIRED_FILE} that it was withdrawn or merged."
            yield ("missing-iri", iri), Diagnostic("missing-iri", Severity.VIOLATION, message, file.path, **about)
        else:
            meant = now.compact(successor.subject.value)
            line = f"{name} dcterms:isReplacedBy {meant}"
            message = f"{said} {meant} has the same name or statements. Keep the IRI, or add to {RETIRED_FILE}: {line}."
            about |= successor.file.where(successor.triple, 0)
            path = successor.file.path
            yield ("changed-iri", iri), Diagnostic("changed-iri", Severity.VIOLATION, message, path, **about)


class _Before:
    """The published content of an earlier state, for files that changed since. names: the current address scheme."""

    def __init__(self, past: Past, names: Names) -> None:
        self.past = past
        self.files = dict(_parse_texts(past.texts))
        dataset = self.files.get(DATASET_FILE)
        spaces = values(dataset.triples, VOID + "uriSpace") if dataset else []
        self.names = Names(spaces[0], names.vocabularies) if spaces else names
        self.iris = frozenset[str]().union(*(published_in(file, self.names) for file in self.files.values()))


def _parse_texts(texts: Mapping[str, str]) -> Iterator[tuple[str, File]]:
    """The Turtle files among texts; one that does not parse published nothing."""
    for path, text in texts.items():
        if path.endswith(".ttl"):
            with contextlib.suppress(UnreadableFilesError):
                yield path, parse_text(text, path)


@dataclass(frozen=True)
class _Described:
    """A subject, the file that states things about it, and its first statement there."""

    subject: ox.NamedNode
    file: File
    triple: ox.Triple


class _Present:
    """The currently published content of a repository."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self.prefixes = repository.names.prefixes
        self.compact = make_compact(self.prefixes)
        self.context = repository.names.iri(CONTEXT_PATH) + "#"
        self.own_prefix = next((f"{p}:" for p, ns in self.prefixes.items() if ns == VOCABULARY), VOCABULARY)
        self._retired = Published.of(repository).retired
        self._iris = frozenset[str]().union(*(published_in(file, repository.names) for file in repository.files))

    @cached_property
    def paths(self) -> frozenset[str]:
        """The paths of the files that are read."""
        found = self._repository
        queries = (path for path, _ in (*found.checks, *found.questions, *found.shortcuts))
        return frozenset((*(file.path for file in found.files), *queries, CONTEXT_FILE))

    def publishes(self, iri: str) -> bool:
        """Whether an IRI is published, or retired, alone or as a part of what is retired."""
        return iri in self._iris or self.is_retired(iri)

    def is_retired(self, iri: str) -> bool:
        """Whether an IRI is retired, alone or as a part of what is retired."""
        return iri in self._retired or self._repository.names.thing(iri) in self._retired

    def kind_class(self, iri: str) -> str:
        """The class of the things of the kind that an address names; empty for parts and what is no thing."""
        names = self._repository.names
        kind = iri.removeprefix(names.iri(THING_PATH)).partition("/")[0] if names.thing(iri) == iri else ""
        return self.compact(KINDS[kind]) if kind else ""

    def follow(self, term: str) -> str:
        """A term in N-Triples; the successor where it is an IRI that was merged."""
        retired = self._retired.get(term[1:-1])
        return f"<{retired.successor}>" if retired and retired.successor else term

    @cached_property
    def identities(self) -> Mapping[str, Identity]:
        """The names and sources of all subjects."""
        wanted = (*LABELS, *map(ox.NamedNode, SOURCES))
        with CanonicalQuads() as quads:
            for file in self._repository.files:
                quads.add(file.graph, [triple for term in wanted for triple in file.by_predicate.get(term, ())])
            return read_identities(line for block in quads.blocks() for line in block)

    def accounts_for(self, path: str, then: _Before) -> bool:
        """Whether a missing file needs no separate finding.

        It is retired; or it is a query that was moved; or each of its subjects is retired, has a finding itself, or
        still has one of its statements.
        """
        if self._repository.names.iri(path) in self._retired:
            return True
        if path not in then.files:  # A query is known by its name: that of its rule or question.
            return path.endswith(".rq") and any(PurePath(other).name == PurePath(path).name for other in self.paths)
        file = then.files[path]
        kept = {triple.subject for triple in file.triples if triple in self._triples}
        others = (s.value for s in {t.subject for t in file.triples} - kept if isinstance(s, ox.NamedNode))
        return all(iri in self._retired or (iri in then.iris and iri not in self._iris) for iri in others)

    def successor_of(self, iri: str, file: File, then: _Before) -> _Described | None:
        """The subject that is new since an earlier state and says the same as one that is gone, or has its name."""
        stated = [triple for triple in file.triples if triple.subject == ox.NamedNode(iri)]
        path = then.names.path(iri)
        for key in _keys(iri if path is None else self._repository.names.iri(path), stated):
            for found in self._described.get(key, ()):
                is_new = found.file.path in then.past.texts or found.file.path not in then.past.paths
                if is_new and found.subject.value not in then.iris:
                    return found
        return None

    @cached_property
    def _triples(self) -> frozenset[ox.Triple]:
        return frozenset(triple for file in self._repository.files for triple in file.triples)

    @cached_property
    def _described(self) -> dict[Any, list[_Described]]:
        """Key -> the subjects that have it."""
        found: dict[Any, list[_Described]] = {}
        for file in self._repository.files:
            by_subject: dict[ox.NamedNode, list[ox.Triple]] = {}
            for triple in file.triples:
                if isinstance(triple.subject, ox.NamedNode):
                    by_subject.setdefault(triple.subject, []).append(triple)
            for subject, stated in by_subject.items():
                for key in _keys(subject.value, stated):
                    found.setdefault(key, []).append(_Described(subject, file, stated[0]))
        return found


def _keys(iri: str, stated: Sequence[ox.Triple]) -> list[Any]:
    """The keys by which one subject can replace another: the path below the base, all that is stated, or
    a name and the kind."""
    kind = iri[: max(iri.rfind("/"), iri.rfind("#"))]
    names = [(kind, triple.object) for triple in stated if triple.predicate == _LABEL]
    return [iri, frozenset((triple.predicate, triple.object) for triple in stated), *names]
