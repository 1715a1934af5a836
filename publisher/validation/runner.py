"""The validation run: reads the files, selects the shapes, validates, and selects the findings to report."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from publisher.dataset.files import STDIN_NAME, File
from publisher.dataset.identifiers import Published
from publisher.dataset.repository import Repository, find_root, read_repository
from publisher.diagnostic import Diagnostic, Rule, UnreadableFilesError
from publisher.errors import CannotRunError
from publisher.reports import baseline
from publisher.reports.fingerprints import steady
from publisher.reports.report import Report
from publisher.suggestions import suggest
from publisher.validation.inputs import (
    _OUTSIDE,
    STDIN,
    Progress,
    Request,
    _declared,
    _leads_somewhere,
    _read,
    _readable,
    _shown_name,
)
from publisher.validation.rules import illustrated, read_rules, rules_of

if TYPE_CHECKING:
    from publisher.dataset.revisions import Earlier


FLOOD: Final = 50
"""Findings of one rule in one file that a report lists."""


_UNCHECKED: Final = "The shapes were not checked, since not all files could be read."
_UNCOMPARED: Final = "What refers to {} was not compared with what is published there: {}"
_BROKEN: Final = "Nothing was checked, since the shapes are broken or cannot be read."


@dataclass(frozen=True)
class _Judgement:
    """What was found. files: the names of what was given, none for a whole root. whole: whether all was checked.
    notes: sentences about the run."""

    findings: Sequence[Diagnostic]
    rules: Mapping[str, Rule]
    files: frozenset[str] = field(default_factory=frozenset)
    whole: bool = True
    notes: Sequence[str] = ()


def run(request: Request, progress: Progress) -> Report:
    """Do what is asked.

    Where files of data cannot be read, the report is about them alone, whatever is selected or known: what was not
    checked never passes. Raises CannotRunError where nothing can be checked.
    """
    here = Path.cwd()
    known = baseline.read(Path(request.baseline)) if request.baseline else []
    with _at(request.since) if request.since else nullcontext() as earlier:
        try:
            found = _judge(request, here, progress)
        except UnreadableFilesError as problem:
            root = None if request.shapes else find_root(request.root, here)
            broken = _shown(problem.diagnostics, root, here)
            return Report(broken, rules_of(()), request.fail_on, notes=[_BROKEN], broken=True)
        if not found.whole:
            return _unchecked(request, found)
        wanted = [finding for finding in found.findings if request.reports_on(finding.rule)]
        new, notes = _since(request, here, earlier, wanted, progress) if earlier else (wanted, [])
        notes = [*found.notes, *notes]
    if request.write_baseline:
        baseline.write(Path(request.write_baseline), new)
        known = baseline.entries(new)
    new, left = baseline.unknown(new, known)
    stale = [entry for entry in left if request.reports_on(entry.rule) and entry.file in (found.files or {entry.file})]
    messages = [f"{entry.file}: {entry.message} [{entry.rule}]" for entry in stale]
    return Report(_capped(new), found.rules, request.fail_on, len(wanted) - len(new), messages, notes)


def _at(revision: str) -> AbstractContextManager["Earlier"]:
    from publisher.dataset import revisions

    return revisions.at(revision)


def _unchecked(request: Request, found: _Judgement) -> Report:
    """The report about files that cannot be read. Raises CannotRunError where it was to be a baseline."""
    if request.write_baseline:
        raise CannotRunError(f"No baseline was written: {found.findings[0].file} cannot be read.")
    return Report(found.findings, found.rules, request.fail_on, notes=[_UNCHECKED])


def explained(name: str, request: Request) -> Rule:
    """One rule of those that can speak in a run, with its examples. Raises CannotRunError where there is none."""
    if request.shapes:
        published = Published.nearby(request.root, Path.cwd())
        files = _readable(request.shapes, Path.cwd(), published)
        files += published.imported(files)
        return rule_named(name, rules_of(files, _declared(files)))
    repository = read_repository(find_root(request.root))
    return illustrated(rule_named(name, read_rules(repository)), repository)


def _known(request: Request, found: Mapping[str, Rule]) -> Mapping[str, Rule]:
    """The rules, once those that are selected or ignored are known to be among them."""
    for name in (*request.select, *request.ignore):
        rule_named(name, found)
    return found


def rule_named(name: str, known: Mapping[str, Rule]) -> Rule:
    """The rule of a name. Raises CannotRunError, with the nearest names, where there is none."""
    if name in known:
        return known[name]
    nearest = suggest(name, known, limit=3)
    hint = f" Did you mean {' or '.join(nearest)}?" if nearest else ""
    raise CannotRunError(f"There is no rule {name!r}.{hint}")


# What is found


def _judge(request: Request, here: Path, progress: Progress) -> _Judgement:
    """The findings in what is given, named from a folder. Raises UnreadableFilesError where shapes cannot be read."""
    if request.shapes:
        return _by_shapes(request, here, progress)
    root = find_root(request.root, here)
    try:
        repository = read_repository(root)
    except UnreadableFilesError as problem:
        if any(finding.file.startswith("shapes/") for finding in problem.diagnostics):
            raise
        return _Judgement(_shown(problem.diagnostics, root, here), rules_of(()), whole=False)
    known = _known(request, read_rules(repository))
    given, unreadable = _read(request, root, here, progress, Published.of(repository))
    if unreadable:
        return _Judgement(_shown(unreadable, root, here), known, whole=False)
    findings = _by_repository(request, repository, given, progress)
    files = frozenset(_shown_name(file.path, root, here) for file in given)
    return _Judgement(_shown(findings, root, here), known, files)


def _by_repository(
    request: Request, repository: Repository, given: Sequence[File], progress: Progress
) -> list[Diagnostic]:
    from publisher.validation import validator

    outside = given and all(file.path.startswith((_OUTSIDE, "../", STDIN_NAME)) for file in given)
    if outside and not any(file.triples for file in given):
        raise CannotRunError("What was given holds no statement, so nothing would be checked.")
    return validator.validate(repository, given, strict=request.strict, progress=progress, engine=request.engine)


def _by_shapes(request: Request, here: Path, progress: Progress) -> _Judgement:
    from publisher.validation import validator

    if not request.paths:
        raise CannotRunError("--shapes says by what to judge; name the files to check too.")
    published = Published.nearby(request.root, here)
    shapes = _readable(request.shapes, here, published)
    judging = [*shapes, *published.imported(shapes)]
    prefixes = _declared(judging)
    known = _known(request, rules_of(judging, prefixes))
    given, unreadable = _read(request, None, here, progress, published)
    if unreadable:
        return _Judgement(_shown(unreadable, None, here), known, whole=False)
    if not any(file.triples for file in given):
        raise CannotRunError("What was given holds no statement, so nothing would be checked.")
    findings = validator.validate_against(
        shapes,
        given,
        prefixes=_declared(given) | prefixes,
        strict=request.strict,
        progress=progress,
        engine=request.engine,
        published=published,
    )
    files = frozenset(_shown_name(file.path, None, here) for file in given)
    base, problem = published.names.base, published.problem
    notes = [_UNCOMPARED.format(base, problem)] if base and problem else []
    return _Judgement(_shown(findings, None, here), known, files, notes=notes)


def _shown(findings: Iterable[Diagnostic], root: Path | None, here: Path) -> list[Diagnostic]:
    """The findings as they are reported, in order: files named from the working folder, blank nodes steady."""
    placed = sorted((_placed(finding, root, here) for finding in findings), key=lambda finding: finding.order)
    return steady(placed)


def _placed(finding: Diagnostic, root: Path | None, here: Path) -> Diagnostic:
    details = tuple(_placed(detail, root, here) for detail in finding.details)
    return replace(finding, file=_shown_name(finding.file, root, here), details=details)


def _capped(findings: Sequence[Diagnostic]) -> list[Diagnostic]:
    """The findings without those beyond the first of each rule in each file; the last that stays counts them.

    Only reports are cut short: a baseline that knew some of a flood would take the next ones for new.
    """
    met = Counter((finding.rule, finding.file) for finding in findings)
    left = Counter(dict.fromkeys(met, FLOOD))
    kept = []
    for finding in findings:
        key = finding.rule, finding.file
        left[key] -= 1
        if left[key] >= 0:
            more = met[key] - FLOOD if left[key] == 0 else 0
            kept.append(replace(finding, more=finding.more + more) if more > 0 else finding)
    return kept


# What is new


def _since(
    request: Request, here: Path, earlier: "Earlier", findings: Sequence[Diagnostic], progress: Progress
) -> tuple[list[Diagnostic], list[str]]:
    """The findings that were not there earlier, and a sentence where nothing could be checked then."""
    try:
        before = _judge(_moved(request, here, earlier), earlier.path(here), progress)
    except (CannotRunError, UnreadableFilesError) as problem:
        return list(findings), [f"Nothing could be checked at {request.since}, so all counts as new: {problem}"]
    if not before.whole:
        return list(findings), [f"Files could not be read at {request.since}, so all counts as new."]
    return baseline.unknown(findings, baseline.entries(before.findings))[0], []


def _moved(request: Request, here: Path, earlier: "Earlier") -> Request:
    """The same request over the files of an earlier state; a path that was not there then is left out."""

    def then(patterns: Sequence[str]) -> list[str]:
        moved = [p if p == STDIN else str(earlier.path(here / p)) for p in patterns]
        return [p for p in moved if p == STDIN or _leads_somewhere(p)]

    root = "" if request.shapes else str(earlier.path(find_root(request.root, here)))
    moved = replace(request, paths=then(request.paths), shapes=then(request.shapes), root=root, select=(), ignore=())
    if (request.paths and not moved.paths) or (request.shapes and not moved.shapes):
        raise CannotRunError("nothing of what was given was there.")
    return moved
