"""Fixes: replaces tokens in files by the certain proposals of findings, and nothing else."""

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from publisher import atomic_write
from publisher.dataset.files import COMPRESSED, PAGES, File, parse_text
from publisher.dataset.identifiers import Published
from publisher.dataset.repository import find_root
from publisher.diagnostic import Diagnostic, UnreadableFilesError
from publisher.errors import CannotRunError
from publisher.rdf.namespaces import XSD
from publisher.rdf.source_map import FORMATS
from publisher.rdf.turtle_tokens import COMMENT, DIRECTIVE, IRI, STRING
from publisher.validation.checks.terms import find_uses
from publisher.validation.foreign_fixes import correct_json, correct_xml
from publisher.validation.inputs import Request, choose_format, find_contexts, find_reported, read_reported
from publisher.validation.suppressions import Use, read_suppressions

_PASSES: Final = 20
"""Times that a file is read to replace a token: a statement that is repeated is found once in each."""
_PREFIX: Final = re.compile(r"@?prefix\s+([^\s:]*):\s*<([^>]*)>", re.IGNORECASE)
_TOKEN_OR_PREFIX: Final = re.compile(rf"{STRING}|{COMMENT}|(?P<directive>(?<![^\s.]){DIRECTIVE})|{IRI}", re.DOTALL)
"""Directives, and what may contain their words."""
_LOCAL: Final = re.compile(r"[A-Za-z_](?:[\w-]*\w)?", re.ASCII)
"""Local names that need no escapes in any syntax."""
_BARE: Final = {
    XSD + "integer": re.compile(r"[+-]?[0-9]+", re.ASCII),
    XSD + "decimal": re.compile(r"[+-]?[0-9]*\.[0-9]+", re.ASCII),
    XSD + "double": re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[eE][+-]?[0-9]+", re.ASCII),
    XSD + "boolean": re.compile("true|false"),
}
"""The literals that Turtle writes without quotes (Turtle 1.1, section 2.5)."""
_TERM_RULES: Final = ("unknown-term", "undefined-term")


@dataclass(frozen=True)
class FixedFile:
    """A file with fixes. fixed: the findings that the new text does not have."""

    name: str
    old: str
    new: str
    fixed: Sequence[Diagnostic]


@dataclass(frozen=True)
class _Correction:
    """One term to replace. wrong: the term, or the datatype of literals. part: where it stands in the statements."""

    rule: str
    wrong: Any
    right: Any
    part: int


def is_fixable(finding: Diagnostic) -> bool:
    """Whether a finding has a proposal that is certain."""
    return finding.certain and bool(finding.proposal)


@dataclass(frozen=True)
class Fixes:
    """What can be fixed. files: path -> the file with its new text. left: the findings with a certain proposal that
    cannot be fixed: in other formats, compressed, or on standard input."""

    files: Mapping[Path, FixedFile]
    left: Sequence[Diagnostic]

    @property
    def fixed(self) -> int:
        """The number of findings that are fixed."""
        return sum(1 + finding.more for file in self.files.values() for finding in file.fixed)


def find_fixes(request: Request, findings: Iterable[Diagnostic]) -> Fixes:
    """Find what can be fixed in the files of findings. Reads these files again."""
    by_name: dict[str, list[Diagnostic]] = {}
    for finding in filter(is_fixable, findings):
        by_name.setdefault(finding.file, []).append(finding)
    if not by_name:
        return Fixes({}, ())
    here = Path.cwd()
    root = None if request.shapes else find_root(request.root, here)
    context = find_contexts(request, Published.nearby(request.root, here))
    files: dict[Path, FixedFile] = {}
    left: list[Diagnostic] = []
    for name, several in by_name.items():
        path = find_reported(name, root, here)
        readable = path if path and _is_text(path, request) else None
        found = fix_file(read_reported(readable, root, here, request, context), several) if readable else None
        if readable and found:
            files[readable] = replace(found, name=name)
        else:
            left += several
    return Fixes(files, left)


def _is_text(path: Path, request: Request) -> bool:
    """Whether a file is neither compressed nor a web page."""
    suffix = path.suffix.lower()
    return suffix != COMPRESSED and bool(choose_format(path, request.format_of) or suffix not in PAGES)


def write_fixes(fixes: Fixes) -> None:
    """Write the new texts. Raises CannotRunError, before any is written, if a file changed since it was read."""
    for path, file in fixes.files.items():
        if path.read_bytes() != file.old.encode():
            raise CannotRunError(f"{file.name} changed in the meantime. Nothing was written; run it again.")

    for path, file in fixes.files.items():
        atomic_write.write(path, file.new)


def fix_file(file: File, findings: Sequence[Diagnostic]) -> FixedFile | None:
    """Apply the certain proposals of findings to a file.

    The new text states the same, with the proposed terms instead of the wrong ones, or None is returned. Lines on which
    a comment suppresses the rule stay as they are.
    """
    fixed = [finding for finding in findings if is_fixable(finding)]
    corrections = list(dict.fromkeys(map(_read_correction, fixed)))
    if not corrections:
        return None
    wanted = _replace_uses(file, corrections)
    for new in _try_corrections(file, corrections):
        if new is not None and new.text != file.text and set(new.triples) == wanted:
            return FixedFile(file.path, file.text, new.text, fixed)
    return None


def _try_corrections(file: File, corrections: Sequence[_Correction]) -> Iterator[File | None]:
    """Files that may be what is wanted."""
    if file.format in FORMATS:
        for text in (_correct_prefixes(file, corrections), file.text):
            yield _correct_tokens(file, text, corrections)
        return
    correct = correct_json if file.format == ox.RdfFormat.JSON_LD else correct_xml
    for text in correct(file.text, [(each.wrong.value, each.right.value) for each in corrections]):
        with contextlib.suppress(UnreadableFilesError):
            yield parse_text(text, file.path, file.format, file.context, file.base)


def _correct_tokens(file: File, text: str, corrections: Sequence[_Correction]) -> File | None:
    """The file with the text after all corrections; None if it cannot be read."""
    for _ in range(_PASSES):
        try:
            file = parse_text(text, file.path, file.format, file.context, file.base)
        except UnreadableFilesError:
            return None
        edits = _find_edits(file, corrections)
        if not edits:
            break
        text = "".join(_apply(text, edits))
    return file


def _apply(text: str, edits: Mapping[tuple[int, int], str]) -> Iterator[str]:
    """The pieces of a text with other tokens in spans, which do not overlap."""
    end = 0
    for (start, stop), token in sorted(edits.items()):
        yield text[end:start]
        yield token
        end = stop
    yield text[end:]


def _correct_prefixes(file: File, corrections: Sequence[_Correction]) -> str:
    """The text with other namespaces of prefixes where corrections change nothing but the namespace."""
    meant = {}
    for wrong, right in ((each.wrong, each.right) for each in corrections):
        if isinstance(wrong, ox.NamedNode) and isinstance(right, ox.NamedNode):
            ends = [re.split("(?<=[#/])", iri.value)[-1] for iri in (wrong, right)]
            if ends[0] == ends[1]:
                meant[wrong.value.removesuffix(ends[0])] = right.value.removesuffix(ends[1])

    def correct(token: re.Match[str]) -> str:
        match = _PREFIX.match(token[0]) if token["directive"] else None
        namespace = match[2] if match else ""
        return token[0].replace(f"<{namespace}>", f"<{meant[namespace]}>") if namespace in meant else token[0]

    return _TOKEN_OR_PREFIX.sub(correct, file.text) if meant else file.text


def _read_correction(finding: Diagnostic) -> _Correction:
    part = max(number for number, term in enumerate(finding.terms) if term)
    wrong, right = _parse_term(finding.terms[part]), _parse_term(finding.proposal)
    if isinstance(wrong, ox.Literal) and isinstance(right, ox.NamedNode):
        wrong = wrong.datatype
    return _Correction(finding.rule, wrong, right, part)


def _parse_term(text: str) -> Any:
    text = text if text.startswith(("<", '"', "_:")) else f"<{text}>"
    return next(iter(ox.parse(f"<x:x> <x:x> {text} .", format=ox.RdfFormat.N_TRIPLES))).object


class _Uses:
    """Finds the uses of wrong terms in a file."""

    def __init__(self, file: File) -> None:
        self._file, self._suppressions = file, list(read_suppressions(file))

    def find(self, correction: _Correction) -> Iterator[Use]:
        """The uses of a wrong term that its rule reports, but for those on lines with a comment that suppresses it."""
        lines = {each.line for each in self._suppressions if each.rule == correction.rule}
        if correction.rule in _TERM_RULES:
            uses = find_uses(self._file, correction.wrong.value)
        else:
            uses = [(triple, correction.part) for triple in self._index.get((correction.part, correction.wrong), ())]
        for use in dict.fromkeys(uses):
            if not lines or self._file.where(*use).get("line") not in lines:
                yield use

    @cached_property
    def _index(self) -> dict[tuple[int, Any], list[ox.Triple]]:
        found: dict[tuple[int, Any], list[ox.Triple]] = {}
        for triple in self._file.triples:
            for part, term in enumerate(_terms(triple)):
                found.setdefault((part, term), []).append(triple)
        return found


def _replace_uses(file: File, corrections: Sequence[_Correction]) -> set[ox.Triple]:
    """The statements of a file with the terms that are meant."""
    changed: dict[ox.Triple, ox.Triple] = {}
    uses = _Uses(file)
    for correction in corrections:
        for triple, part in uses.find(correction):
            terms = [*_terms(changed.get(triple, triple))]
            terms[part] = _correct(terms[part], correction)
            changed[triple] = ox.Triple(*terms)
    return {changed.get(triple, triple) for triple in file.triples}


def _terms(triple: ox.Triple) -> tuple[Any, Any, Any]:
    return triple.subject, triple.predicate, triple.object


def _correct(term: Any, correction: _Correction) -> Any:
    if isinstance(term, ox.Literal) and isinstance(correction.right, ox.NamedNode):
        return ox.Literal(term.value, datatype=correction.right)
    return correction.right


def _find_edits(file: File, corrections: Sequence[_Correction]) -> dict[tuple[int, int], str]:
    """Span in the text -> new token."""
    prefixes = file.prefixes
    edits: dict[tuple[int, int], str] = {}
    uses = _Uses(file)
    for correction in corrections:
        for triple, part in uses.find(correction):
            spans = file.positions.find(triple)
            if spans:
                span = spans[part]
                edits.setdefault(span, _write(file.text[slice(*span)], _terms(triple)[part], correction, prefixes))
    return {span: token for span, token in edits.items() if token and token != file.text[slice(*span)]}


def _write(token: str, term: Any, correction: _Correction, prefixes: Mapping[str, str]) -> str:
    """The token for the right term, written as the wrong one is; the empty string if it cannot be."""
    right = correction.right
    if not isinstance(term, ox.Literal):
        return _write_iri(token, right, prefixes)
    string = re.match(STRING, token, re.DOTALL)
    if isinstance(right, ox.NamedNode):  # Its datatype.
        start = token.find("^^", string.end()) if string else -1
        datatype = token[start + 2 :].strip()
        return token[:start] + "^^" + _write_iri(datatype, right, prefixes) if start >= 0 else ""
    bare = _BARE.get(right.datatype.value)
    if string is None and bare and bare.fullmatch(right.value):
        return str(right.value)
    quoted = str(ox.Literal(right.value)) if string is None or '"' in token[:1] else _single_quote(right.value)
    if string and right.datatype == term.datatype:
        return quoted + token[string.end() :]
    return f"{quoted}^^{_write_iri('' if prefixes else '<', right.datatype, prefixes)}"


def _single_quote(text: str) -> str:
    return "'" + str(ox.Literal(text))[1:-1].replace('\\"', '"').replace("'", "\\'") + "'"


def _write_iri(token: str, iri: ox.NamedNode, prefixes: Mapping[str, str]) -> str:
    """An IRI, with a prefix if the token has one: the same, if it can be."""
    if token.startswith("<"):
        return f"<{iri.value}>"
    own = token.partition(":")[0]
    fitting = [prefix for prefix, namespace in prefixes.items() if namespace and iri.value.startswith(namespace)]
    for prefix in sorted(fitting, key=lambda prefix: (prefix != own, -len(prefixes[prefix]), prefix)):
        local = iri.value[len(prefixes[prefix]) :]
        if _LOCAL.fullmatch(local):
            return f"{prefix}:{local}"
    return f"<{iri.value}>"
