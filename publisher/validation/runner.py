"""The validation run: reads the files, runs the checks, and selects the findings to report."""

import functools
import glob
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from publisher.dataset.files import STDIN_NAME, File
from publisher.dataset.history import NO_HISTORY, History
from publisher.dataset.identifiers import Published
from publisher.dataset.repository import find_root, read_examples, read_repository
from publisher.diagnostic import Diagnostic, Rule, Severity, UnreadableFilesError
from publisher.errors import CannotRunError
from publisher.rdf.namespaces import RDFS, SH
from publisher.reports import baseline
from publisher.reports.fingerprints import relabel_blank_nodes
from publisher.reports.report import Report
from publisher.suggestions import suggest
from publisher.validation.ahead import Ahead
from publisher.validation.builtin_rules import BUILT_IN
from publisher.validation.checks.literals import merge_results
from publisher.validation.checks.shape_syntax import BROKEN_SHAPE
from publisher.validation.clean_files import CleanFiles
from publisher.validation.context import Context, of_repository, of_shapes
from publisher.validation.engines.selection import describe_engine
from publisher.validation.inputs import (
    OUTSIDE,
    STDIN,
    Progress,
    Request,
    declared_prefixes,
    display_name,
    find_contexts,
    folder_iri,
    matches_any,
    read_given,
    read_ontologies,
    read_shapes,
)
from publisher.validation.locator import PREDICATE
from publisher.validation.outcome import Outcome
from publisher.validation.result_cache import ResultCache
from publisher.validation.result_key import make_key
from publisher.validation.rules import add_examples, read_rules
from publisher.validation.shapes.coverage import count_targets, find_unmatched
from publisher.validation.suppressions import apply_suppressions
from publisher.validation.upkeep_rules import STALE

if TYPE_CHECKING:
    from publisher.dataset.revisions import Earlier


_UNCHECKED: Final = "The shapes were not checked, because not all files could be read."
_UNCOMPARED: Final = "References to {} were not compared with what is published there: {}"
_UNCOMPARED_PAST: Final = "Not checked whether published URIs are gone or changed: {}"
_UNREADABLE: Final = "Nothing was checked, because shapes or ontologies cannot be read."
_BROKEN: Final = "What is broken in the shapes was left out; the rest was checked. --allow-broken-shapes accepts that."
_RELYING: Final = "Left out too, because they rely on what is broken or not supported in the shapes: {}."
_RELYING_LISTED: Final = 5
_UNMATCHED: Final = "The targets of {} of {} shapes match no node in the data; --strict lists them."
_CLASS: Final = SH + "ClassConstraintComponent"
_SUBCLASSES: Final = (
    "The shapes state rdfs:subClassOf, but only that of data and ontologies counts for sh:class and sh:targetClass."
    " --ontology {} adds it."
)
_NOTHING: Final = "No target of the shapes matches a node in the data, so nothing was validated; --strict lists them."
_FOREIGN: Final = (
    "Files not checked by shapes, because they use neither the vocabulary nor the base of the root: {}."
    " --shapes coalitions checks them."
)
_NO_PATH: Final = "--shapes needs at least one PATH to validate, or `data` in a configuration file."
_NO_STATEMENTS: Final = "The files given hold no statement, so nothing would be checked."


def run(request: Request, progress: Progress, cache: ResultCache | None = None) -> Report:
    """Validate as requested.

    cache: of earlier results; one of the same files, options and software answers instead of a validation.

    Where files of data cannot be read, the report is about them alone, whatever is selected or known:
    unchecked files never pass. Raises CannotRunError if nothing can be checked.
    """
    here = Path.cwd()
    known = baseline.read(Path(request.baseline)) if request.baseline else []
    with _open_revision(request.since) if request.since else nullcontext() as earlier:
        try:
            found = _find_outcome(request, here, progress, cache)
        except UnreadableFilesError as problem:
            root = None if request.shapes else find_root(request.root, here)
            broken = _prepare(problem.diagnostics, root, here)
            return Report(broken, _builtin_rules(), request.fail_on, failures=[_UNREADABLE])
        if not found.complete:
            return _report_unreadable(request, found)
        wanted = merge_results([each for each in found.findings if request.reports_on(each.rule, each.file)])
        new, notes = _leave_out_earlier(request, here, earlier, wanted, progress) if earlier else (wanted, [])
        notes = [*found.notes, *notes]
    if request.write_baseline:
        baseline.write(Path(request.write_baseline), new)
        known = baseline.list_entries(new)
    exists = _make_exists(request, here)
    new, left = baseline.subtract(new, known, exists)
    stale = [
        entry
        for entry in left
        if request.reports_on(entry.rule, entry.file)
        and (not found.files or entry.file in found.files or not exists(entry.file))
    ]
    return Report(
        [*new, *(_report_stale(request, stale) if request.fail_on_stale else ())],
        found.rules,
        request.fail_on,
        len(wanted) - len(new),
        [f"{entry.file}: {entry.message} [{entry.rule}]" for entry in stale],
        notes,
        found.failures,
        suppressed=[finding for finding in found.suppressed if request.reports_on(finding.rule, finding.file)],
        fold_infos=request.fail_on > Severity.INFO and not request.select,
    )


def _find_outcome(request: Request, here: Path, progress: Progress, cache: ResultCache | None) -> Outcome:
    """The outcome of a request, from the cache if it is there. Raises as `_check` does."""
    key = make_key(request, here) if cache else ""
    if not cache or not key:
        return _check(request, here, progress)
    known = cache.find(key)
    if known is not None:
        return known
    clean = cache.find_clean(here, request)
    found = _check(replace(request, clean=clean), here, progress)
    if make_key(request, here) == key:  # No file changed while it was read.
        cache.keep(key, found)
    cache.keep_clean(here, request, clean)
    return found


def _make_exists(request: Request, here: Path) -> Callable[[str], bool]:
    """What tells whether there is a file of a name in a baseline: below the working folder, or below the root."""
    folders = [here] if request.shapes else [here, find_root(request.root, here)]
    return lambda name: any((folder / name).exists() for folder in folders)


def _report_stale(request: Request, entries: Sequence[baseline.Entry]) -> Iterator[Diagnostic]:
    """The findings about entries of the baseline that no longer occur."""
    path = Path(request.baseline)
    lines = baseline.find_lines(path) if entries else {}
    for entry in entries:
        message = f"{entry.file}: {entry.message} [{entry.rule}] no longer occurs. Remove it from the baseline."
        focus = entry.focus if entry.focus.startswith("<") else ""
        place = (path.as_posix(), lines.get(entry.fingerprint))
        yield Diagnostic(STALE, Severity.VIOLATION, message, *place, focus=focus, terms=(focus, "", ""))


def _open_revision(revision: str) -> AbstractContextManager["Earlier"]:
    from publisher.dataset import revisions

    return revisions.check_out(revision)


def _read_history(root: Path, request: Request) -> History:
    """The history of a root: of single files, which are not compared with it, only the day."""
    from publisher.dataset import released_iris, revisions

    if not request.with_history:
        return NO_HISTORY
    if request.paths:
        return History(day=None if request.as_of else revisions.read_day(root))
    return replace(revisions.read_history(root, request.since), released=released_iris.read_lists(root))


def _builtin_rules() -> Mapping[str, Rule]:
    return {rule.name: rule for rule in BUILT_IN}


def _report_unreadable(request: Request, found: Outcome) -> Report:
    """The report about files that cannot be read. Raises CannotRunError if a baseline was requested."""
    if request.write_baseline:
        raise CannotRunError(f"No baseline was written, because {found.findings[0].file} cannot be read.")
    return Report(found.findings, found.rules, request.fail_on, notes=[_UNCHECKED])


def explain(name: str, request: Request) -> Rule:
    """One rule of those that a run may report, with its examples. Raises CannotRunError where there is none."""
    rule = find_rule(name, _read_rules(request))
    return rule if request.shapes else add_examples(rule, read_examples(find_root(request.root)))


def list_rules(request: Request) -> list[Rule]:
    """Every rule that a run may report, by name."""
    rules = _read_rules(request)
    return [rules[name] for name in sorted(rules)]


def _read_rules(request: Request) -> Mapping[str, Rule]:
    """Every rule that a run may report. Raises UnreadableFilesError where shapes cannot be read."""
    if not request.shapes:
        return read_rules(of_repository(read_repository(find_root(request.root))))
    here = Path.cwd()
    published = Published.nearby(request.root, here)
    try:
        files = read_shapes(request, here, find_contexts(request, published))
    except UnreadableFilesError as problem:
        raise UnreadableFilesError(_prepare(problem.diagnostics, None, here)) from problem
    return read_rules(of_shapes(files, [], prefixes=declared_prefixes(files), published=published))


def find_rule(name: str, known: Mapping[str, Rule]) -> Rule:
    """The rule of a name. Raises CannotRunError, with the most similar names, where there is none."""
    if name in known:
        return known[name]
    nearest = suggest(name, known, limit=3)
    hint = f" Did you mean {' or '.join(nearest)}?" if nearest else ""
    raise CannotRunError(f"There is no rule {name!r}.{hint}", rule=name)


# The checks


def _check(request: Request, here: Path, progress: Progress) -> Outcome:
    """What is found in what is given, named from a folder. Raises UnreadableFilesError where shapes cannot be read."""
    if request.shapes:
        return _check_against_shapes(request, here, progress)
    if request.our_shapes and not request.paths:
        raise CannotRunError(_NO_PATH)
    root = find_root(request.root, here)
    try:
        repository = read_repository(root, request.unsaved, request.parsed)
    except UnreadableFilesError as problem:
        if any(finding.file.startswith("shapes/") for finding in problem.diagnostics):
            raise
        return Outcome(_prepare(problem.diagnostics, root, here), _builtin_rules(), complete=False)
    contexts = find_contexts(request, Published.of(repository))
    background = read_ontologies(request, here, contexts)
    given, unreadable = read_given(request, root, here, progress, contexts)
    outside = given and all(file.path.startswith((OUTSIDE, "../", STDIN_NAME)) for file in given)
    if outside and not unreadable and not any(file.triples for file in given):
        raise CannotRunError(_NO_STATEMENTS)
    history = _read_history(root, request)
    as_of, source = _reference_date(request, history)
    context = of_repository(
        repository,
        given,
        strict=request.strict,
        allow_broken=request.allow_broken_shapes,
        engine=request.engine,
        history=history,
        as_of=as_of,
        given_date=request.as_of,
        our_shapes=request.our_shapes,
        background=background,
    )
    found = _validate(request, context, given, unreadable, root, here, progress)
    notes = [*found.notes, *([f"Reference date: {as_of} ({source})."] if context.uses_shapes else [])]
    past = [_UNCOMPARED_PAST.format(history.missing)] if history.missing and context.whole else []
    if request.strict:
        return replace(found, notes=notes, failures=[*found.failures, *past])
    return replace(found, notes=[*notes, *past])


def _reference_date(request: Request, history: History) -> tuple[date, str]:
    """The date after which nothing can have been read or issued, and where it is from."""
    if request.as_of:
        return request.as_of, "--as-of"
    if history.day:
        return history.day, "last commit"
    return date.today(), "today"


def _check_against_shapes(request: Request, here: Path, progress: Progress) -> Outcome:
    if not request.paths:
        raise CannotRunError(_NO_PATH)
    published = Published.nearby(request.root, here)
    contexts = find_contexts(request, published)
    shapes, background = read_shapes(request, here, contexts), read_ontologies(request, here, contexts)
    given, unreadable = read_given(request, None, here, progress, contexts)
    if not unreadable and not any(file.triples for file in given):
        raise CannotRunError(_NO_STATEMENTS)
    prefixes = declared_prefixes(given) | declared_prefixes(
        [*shapes, *published.find_imported_files(shapes), *background]
    )
    context = of_shapes(
        shapes,
        given,
        prefixes=prefixes,
        strict=request.strict,
        allow_broken=request.allow_broken_shapes,
        engine=request.engine,
        published=published,
        background=background,
    )
    return _validate(request, context, given, unreadable, None, here, progress)


def _validate(
    request: Request,
    context: Context,
    given: Sequence[File],
    unreadable: Sequence[Diagnostic],
    root: Path | None,
    here: Path,
    progress: Progress,
) -> Outcome:
    """The outcome for a context. unreadable: the findings about files that cannot be read: then nothing is checked."""
    from publisher.validation import validator

    context = replace(context, ahead=Ahead(request.jobs), clean=request.clean or CleanFiles())
    rules = read_rules(context)
    for name in request.named_rules:
        find_rule(name, rules)
    if unreadable:
        return Outcome(_prepare(unreadable, root, here), rules, complete=False)
    findings = _prepare(validator.validate(context, progress), root, here)
    broken = any((each.rule, each.severity) == (BROKEN_SHAPE, Severity.VIOLATION) for each in findings)
    comments = {display_name(path, root, here): found for path, found in context.suppressions.items()}
    findings, suppressed = apply_suppressions(findings, comments, rules, request.reports_on)
    files = frozenset(display_name(file.path, root, here) for file in given)
    base, problem = context.published.names.base, context.published.problem
    notes = [f"SHACL engine: {describe_engine(context.engine)}."] if context.uses_shapes else []
    notes += [_FOREIGN.format(len(context.foreign))] if context.foreign else []
    notes += [_UNCOMPARED.format(base, problem)] if base and problem and request.shapes else []
    notes += _note_subclasses(context, findings)
    notes += _note_relying(context, functools.partial(display_name, root=root, here=here))
    failures = [_BROKEN] if broken else []
    if not context.repository and not context.strict:
        shapes, unmatched = count_targets(context)
        notes += [_UNMATCHED.format(unmatched, shapes)] if 0 < unmatched < shapes else []
        failures += [_NOTHING] if unmatched == shapes else []
    return Outcome(findings, rules, files, failures=failures, notes=notes, suppressed=suppressed)


def _note_relying(context: Context, name: Callable[[str], str]) -> list[str]:
    """A sentence about the constraints that have no mistake, but rely on what is left out. name: names files."""
    relying = context.broken.relying if context.uses_shapes else ()
    listed = []
    for triple in relying[:_RELYING_LISTED]:
        file, locator = context.written.file_of[triple], context.shape_locator
        place = locator.locate_term("", Severity.INFO, "", file, triple, PREDICATE)
        listed.append(f"{place.path} ({name(place.file)}:{place.line}:{place.column})")
    more = len(relying) - len(listed)
    return [_RELYING.format(", ".join(listed) + (f" and {more} more" if more else ""))] if listed else []


def _note_subclasses(context: Context, findings: Iterable[Diagnostic]) -> list[str]:
    """A sentence where values lack a class, or target classes have no instance, and the shapes state subclasses that
    nothing else does."""
    axioms = [triple for triple in context.graph.file_of if triple.predicate.value == RDFS + "subClassOf"]
    if not axioms:
        return []
    unmatched = find_unmatched(context.graph, context.target_statements)
    targets = {term for stated in unmatched for term, _ in stated}
    lacking = any(finding.component == _CLASS for finding in findings)
    stated = set(context.by_predicate.get(axioms[0].predicate, ()))
    missing = (triple for triple in axioms if triple not in stated and (lacking or triple.object in targets))
    file = next((context.graph.file_of[triple].path for triple in missing), "")
    return [_SUBCLASSES.format(file.removeprefix(OUTSIDE))] if file else []


# The findings


def _prepare(findings: Iterable[Diagnostic], root: Path | None, here: Path) -> list[Diagnostic]:
    """The findings as they are reported, in order: files and IRIs relative to the working folder, blank nodes named
    anew."""
    base = folder_iri(here)
    name = functools.cache(functools.partial(display_name, root=root, here=here))
    renamed = sorted((_rename(finding, name, base) for finding in findings), key=lambda finding: finding.order)
    return relabel_blank_nodes(renamed)


def _rename(finding: Diagnostic, name: Callable[[str], str], base: str) -> Diagnostic:
    """The finding with files and IRIs below the working folder relative to it: the same in every checkout."""
    named = (finding.focus, finding.path, finding.value, finding.shape, finding.component, finding.custom_severity)
    texts = (finding.rule, finding.message, *finding.terms, *named)
    if not (finding.details or finding.related or finding.merged) and base not in "\0".join(texts):
        file = name(finding.file)
        return finding if file == finding.file else replace(finding, file=file)
    focus, path, value = (term.replace(base, "") for term in finding.terms)
    return replace(
        finding,
        rule=finding.rule.replace(base, ""),
        message=finding.message.replace(base, ""),
        file=name(finding.file),
        focus=finding.focus.replace(base, ""),
        path=finding.path.replace(base, ""),
        value=finding.value.replace(base, ""),
        shape=finding.shape.replace(base, ""),
        component=finding.component.replace(base, ""),
        terms=(focus, path, value),
        custom_severity=finding.custom_severity.replace(base, ""),
        merged=tuple((shape.replace(base, ""), component.replace(base, "")) for shape, component in finding.merged),
        details=tuple(_rename(detail, name, base) for detail in finding.details),
        related=tuple(
            replace(each, file=name(each.file), message=each.message.replace(base, "")) for each in finding.related
        ),
    )


def _leave_out_earlier(
    request: Request, here: Path, earlier: "Earlier", findings: Sequence[Diagnostic], progress: Progress
) -> tuple[list[Diagnostic], list[str]]:
    """The findings that were not there earlier, and a sentence where nothing could be checked then."""
    try:
        before = _check(_move_request(request, here, earlier), earlier.path(here), progress)
    except (CannotRunError, UnreadableFilesError) as problem:
        return list(findings), [
            f"All findings count as new, because nothing could be checked at {request.since}: {problem}"
        ]
    if not before.complete:
        return list(findings), [f"All findings count as new, because files could not be read at {request.since}."]
    return baseline.subtract(findings, baseline.list_entries(before.findings), _make_exists(request, here))[0], []


def _move_request(request: Request, here: Path, earlier: "Earlier") -> Request:
    """The same request over the files of an earlier state; a path that was not there then is left out."""

    def move(patterns: Sequence[str]) -> list[str]:
        moved = [p if p == STDIN else str(earlier.path(here / p)) for p in patterns]
        return [p for p in moved if p == STDIN or matches_any(p)]

    way = glob.escape(os.path.relpath(earlier.path(here)))

    def move_file(name: str) -> str:
        moved = earlier.path(here / name)
        return str(moved) if moved.is_file() else str(here / name)

    root = "" if request.shapes else str(earlier.path(find_root(request.root, here)))
    moved = replace(
        request,
        paths=move(request.paths),
        shapes=move(request.shapes),
        ontologies=move(request.ontologies),
        contexts=[(address, move_file(file)) for address, file in request.contexts],
        root=root,
        exclude=[os.path.join(way, pattern) if "/" in pattern.strip("/") else pattern for pattern in request.exclude],
        select=(),
        ignore=(),
        per_file_ignores=(),
        with_history=False,
    )
    if (request.paths and not moved.paths) or (request.shapes and not moved.shapes):
        raise CannotRunError(f"None of the given paths exist at revision {request.since}.")
    return moved
