"""The context of a validation run: files, prefixes, identifiers, shapes, places and labels, each read once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Final

import pyoxigraph as ox

from publisher.dataset.files import File
from publisher.dataset.history import NO_HISTORY, History
from publisher.dataset.identifiers import NOTHING, Published
from publisher.dataset.repository import Repository
from publisher.diagnostic import Severity
from publisher.rdf.labels import Labels
from publisher.rdf.namespaces import OWL, VOCABULARY
from publisher.rdf.terms import group_by_predicate
from publisher.rdf.vocabularies import PREFIXES
from publisher.validation import ontologies
from publisher.validation.ahead import Ahead
from publisher.validation.clean_files import CleanFiles
from publisher.validation.inputs import declared_prefixes
from publisher.validation.locator import Locator
from publisher.validation.shapes.broken import Broken, find_broken
from publisher.validation.shapes.graph import ShapesGraph
from publisher.validation.shapes.nodes import Nodes
from publisher.validation.shapes.shape_rules import ShapeRules
from publisher.validation.shapes.syntax import Mistake, find_mistakes
from publisher.validation.suppressions import Suppression, read_suppressions

_IMPORTS: Final = ox.NamedNode(OWL + "imports")


@dataclass(frozen=True)
class Context:
    """The input of the checks of one run. data: the files that the shapes check. shapes: the files with the shapes.
    reported: the files whose findings are reported. given: the files that the user gave, shapes included. additions:
    files from outside the repository; what has a type there counts as a new record or term. background: the ontologies,
    which shapes may rely on and which are not validated. foreign: those of them that
    do not concern the repository, so that neither its shapes nor its other rules for records apply. declared: prefix ->
    namespace, for spelling terms. published: the identifiers that references are compared with. repository: the root
    that is validated; None for a run with shapes of its own. whole: whether the shapes apply to a whole data set rather
    than to single files of it. tidy: whether the layout of the repository's own files is checked. strict: whether a
    shape whose targets match no node is a violation. history: the earlier states that a whole repository is compared
    with. as_of: the reference date, after which nothing can have been read or issued; None where dates are not checked.
    given_date: the reference date where the user gave it; None otherwise.
    allow_broken: whether a broken shape is a warning only. engine: one of `engines.selection.CHOICES`. ahead: calls of
    engines that have begun. clean: the checks of files that found nothing.
    """

    data: Sequence[File]
    shapes: Sequence[File]
    reported: Sequence[File]
    given: Sequence[File]
    additions: Sequence[File] = ()
    background: Sequence[File] = ()
    foreign: Sequence[File] = ()
    declared: Mapping[str, str] = field(default_factory=dict)
    published: Published = NOTHING
    repository: Repository | None = None
    whole: bool = True
    tidy: bool = True
    strict: bool = False
    allow_broken: bool = False
    engine: str = "auto"
    history: History = NO_HISTORY
    as_of: date | None = None
    given_date: date | None = None
    ahead: Ahead = field(default_factory=Ahead)
    clean: CleanFiles = field(default_factory=CleanFiles)

    @cached_property
    def written(self) -> ShapesGraph:
        """The shapes as written."""
        return ShapesGraph(self.shapes)

    @cached_property
    def mistakes(self) -> list[Mistake]:
        """The violations of SHACL's syntax rules in the shapes."""
        return find_mistakes(self.written)

    @cached_property
    def broken(self) -> Broken:
        """What is left out of the shapes because of mistakes."""
        return find_broken(self.written, self.mistakes)

    @cached_property
    def graph(self) -> ShapesGraph:
        """The shapes that can be used: all but what is broken."""
        left_out = self.broken.statements
        return ShapesGraph(self.shapes, left_out) if left_out else self.written

    @cached_property
    def rules(self) -> ShapeRules:
        """The rules that the shapes state."""
        return ShapeRules(self.written, self.shape_prefixes, None if self.repository else self._own_prefixes)

    @cached_property
    def prefixes(self) -> Mapping[str, str]:
        """prefix -> namespace for spelling terms: those declared, then our own and those of known vocabularies."""
        return self._add_known(self.declared)

    @cached_property
    def shape_prefixes(self) -> Mapping[str, str]:
        """prefix -> namespace for spelling terms of the shapes: those of a root, which a fork shares with the home of
        the vocabulary, or those that the shapes declare before all others."""
        if self.repository:
            return self.repository.names.file_prefixes("shapes/")
        declared = declared_prefixes(self.shapes)
        taken = set(declared.values())
        return {prefix: iri for prefix, iri in self.prefixes.items() if iri not in taken} | declared

    @cached_property
    def _own_prefixes(self) -> Mapping[str, str]:
        """prefix -> namespace for names of rules, which are the same with any data."""
        return self._add_known(declared_prefixes(self.shapes))

    def _add_known(self, declared: Mapping[str, str]) -> Mapping[str, str]:
        taken = set(declared.values())
        known = PREFIXES | {"coal": VOCABULARY} | self.published.names.prefixes
        return {prefix: iri for prefix, iri in known.items() if iri not in taken} | dict(declared)

    @cached_property
    def labels(self) -> Labels:
        """The names of the things in the data."""
        return Labels([*self.data, *self.background])

    @cached_property
    def locator(self) -> Locator:
        """Locates findings. Terms that are not in the data are located in the shapes."""
        shapes = [] if self.repository else [self.shapes]
        return Locator([self.reported, *shapes], self.prefixes, self.labels, self.graph.paths)

    @cached_property
    def shape_locator(self) -> Locator:
        """Makes findings about the shapes."""
        return Locator([self.shapes], self.shape_prefixes, Labels(self.shapes), self.written.paths)

    @cached_property
    def stated(self) -> list[ox.Triple]:
        """The statements that the shapes check."""
        return [triple for file in self.data for triple in file.triples]

    @cached_property
    def known(self) -> list[ox.Triple]:
        """The statements of the ontologies."""
        return [triple for file in self.background for triple in file.triples]

    @cached_property
    def triples(self) -> list[ox.Triple]:
        """The statements that the shapes check, those of the ontologies, and what follows from them."""
        return ontologies.extend_data(self.stated, self.known) if self.background else self.stated

    @cached_property
    def by_predicate(self) -> Mapping[ox.NamedNode, Sequence[ox.Triple]]:
        """Predicate -> the statements with it among `triples`."""
        if self.background:
            return group_by_predicate(self.triples)
        found: defaultdict[ox.NamedNode, list[ox.Triple]] = defaultdict(list)
        for file in self.data:
            for predicate, stated in file.by_predicate.items():
                found[predicate] += stated
        return dict(found)

    @cached_property
    def target_statements(self) -> Mapping[ox.NamedNode, Sequence[ox.Triple]]:
        """Predicate -> the statements with it that targets are matched with: ontologies add only what follows from the
        data."""
        if not self.background:
            return self.by_predicate
        return group_by_predicate(ontologies.extend_targets(self.stated, self.known))

    @cached_property
    def nodes(self) -> Nodes:
        """The nodes of the data as the shapes select them."""
        targets = Nodes(self.graph, self.target_statements) if self.background else None
        return Nodes(self.graph, self.by_predicate, targets)

    @cached_property
    def suppressions(self) -> Mapping[str, Sequence[Suppression]]:
        """Path of a file given -> its suppressions, if it has any."""
        read = {file.path: list(read_suppressions(file)) for file in self.given}
        return {path: found for path, found in read.items() if found}

    def suppressed_lines(self, file: File, rule: str) -> frozenset[int]:
        """The lines of a file on which a comment suppresses a rule."""
        return frozenset(each.line for each in self.suppressions.get(file.path, ()) if each.rule == rule)

    @property
    def own(self) -> Iterable[File]:
        """The repository's own files among those reported."""
        own = {file.path for file in self.repository.files} if self.repository else ()
        return [file for file in self.reported if file.path in own]

    @cached_property
    def judged(self) -> Sequence[File]:
        """The files among those reported that the shapes apply to."""
        foreign = {file.path for file in self.foreign}
        return [file for file in self.reported if file.path not in foreign]

    @property
    def uses_shapes(self) -> bool:
        """Whether the run uses the shapes: not where all files reported are foreign."""
        return not self.foreign or bool(self.judged)

    @property
    def reference_severity(self) -> Severity:
        """The severity of a broken reference; a warning for other data, whose copy of the root may be outdated."""
        return Severity.VIOLATION if self.repository else Severity.WARNING


def of_repository(
    repository: Repository,
    given: Sequence[File] = (),
    *,
    tidy: bool = True,
    strict: bool = False,
    allow_broken: bool = False,
    engine: str = "auto",
    history: History = NO_HISTORY,
    as_of: date | None = None,
    given_date: date | None = None,
    our_shapes: bool = False,
    background: Sequence[File] = (),
) -> Context:
    """The context for a repository, or for the files given, which are read as data beside the repository's.

    given: files to report on, the repository's own or others; empty for the whole repository. our_shapes: whether the
    shapes also apply to files that do not concern the repository. background: the ontologies.
    """
    own = {file.path: file for file in repository.files}
    others = [file for file in given if file.path not in own]
    reported = [own.get(file.path, file) for file in given] or list(repository.files)
    foreign = [file for file in others if not our_shapes and not concerns(file, repository.names.base)]
    files = [*repository.files, *(file for file in others if file not in foreign)]
    return Context(
        data=[file for file in files if not file.path.startswith("shapes/")],
        shapes=[file for file in repository.files if file.path.startswith("shapes/")],
        reported=reported,
        given=reported,
        additions=[*others, *background],
        background=_leave_out(background, files),
        foreign=foreign,
        declared=declared_prefixes(others) | repository.names.prefixes,
        published=Published.of(repository),
        repository=repository,
        whole=not given,
        tidy=tidy,
        strict=strict,
        allow_broken=allow_broken,
        engine=engine,
        history=history,
        as_of=as_of,
        given_date=given_date,
    )


def concerns(file: File, base: str) -> bool:
    """Whether a file uses our vocabulary, describes something below the base, or imports something below it.

    A file that only refers to things below the base does not.
    """
    return any(
        triple.predicate.value.startswith(VOCABULARY)
        or (isinstance(triple.subject, ox.NamedNode) and triple.subject.value.startswith(base))
        or (
            isinstance(triple.object, ox.NamedNode)
            and triple.object.value.startswith(base if triple.predicate == _IMPORTS else VOCABULARY)
        )
        for triple in file.triples
    )


def of_shapes(
    shapes: Sequence[File],
    data: Sequence[File],
    *,
    prefixes: Mapping[str, str] | None = None,
    strict: bool = False,
    allow_broken: bool = False,
    engine: str = "auto",
    published: Published = NOTHING,
    background: Sequence[File] = (),
) -> Context:
    """The context for data and shapes that need not be this repository's.

    prefixes: prefix -> namespace, for spelling terms. published: what references are compared with, and what imports of
    ours stand for. background: the ontologies.
    """
    return Context(
        data=[*data, *published.find_imported_files(data)],
        shapes=[*shapes, *published.find_imported_files(shapes)],
        reported=data,
        given=[*data, *shapes],
        additions=[*data, *shapes, *background],
        background=_leave_out([*background, *published.find_imported_files(background)], data),
        declared=prefixes or {},
        published=published,
        strict=strict,
        allow_broken=allow_broken,
        engine=engine,
    )


def _leave_out(background: Sequence[File], data: Sequence[File]) -> list[File]:
    """The ontologies that are not data too: those are validated."""
    paths = {file.path for file in data}
    return [file for file in background if file.path not in paths]
