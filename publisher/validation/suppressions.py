"""Suppressions: comments in files of the Turtle family that ignore a rule on one line."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Final

import pyoxigraph as ox

from publisher.dataset.files import File
from publisher.diagnostic import Diagnostic, Rule, Severity
from publisher.rdf.lines import LINE_END, Lines
from publisher.rdf.source_map import FORMATS
from publisher.rdf.turtle_tokens import find_comments
from publisher.suggestions import suggest

Use = tuple[ox.Triple, int]
"""A statement that uses a term, and which of its terms that is: 0, 1 or 2."""

_WORD: Final = "ignore"
_COMMENT: Final = re.compile(r"#[ \t]*publisher:[ \t]*(?P<word>[\w-]+)(?P<names>.*)")
_REASON: Final = re.compile(r"\s--(\s|$).*")
"""A reason for people, after the names of rules."""
_BRACKETED: Final = re.compile(r"\[(.*)\]\s*\Z")
"""The names as other linters have them: `ignore[RULE]`. Offsets stay the same without the brackets."""
_CONTINUED: Final = re.compile(r"[\s#.;,\])]|\Z")
"""What a line begins with that continues the block before it."""
_NAME: Final = re.compile(r"[^\s,][^,]*")


@dataclass(frozen=True)
class Suppression:
    """One name of a rule in a comment. line: the line whose findings it suppresses. place: of the name, as fields of a
    Diagnostic. word: the comment's verb; other than `ignore` if it is misspelled. block: the line on which the block of
    statements begins."""

    rule: str
    line: int
    place: Mapping[str, Any]
    word: str = _WORD
    block: int = 0


def apply_suppressions(
    findings: Sequence[Diagnostic],
    found: Mapping[str, Sequence[Suppression]],
    rules: Mapping[str, Rule],
    is_reported: Callable[[str, str], bool],
) -> tuple[list[Diagnostic], list[Diagnostic]]:
    """Return the findings that no comment suppresses, with those about comments that suppress nothing, in order; and
    those suppressed.

    found: name of a file in findings -> its suppressions. rules: every rule that may be reported. is_reported: whether
    the findings of a rule in a file are reported; a comment about another rule is not unused. Of the comments about one
    rule in one block, it is enough that one is used: `publisher tidy` repeats them where it splits a line.
    """
    index = {(name, each.line, each.rule): each for name, several in found.items() for each in several}
    used: set[tuple[str, int, str]] = set()
    kept: list[Diagnostic] = []
    suppressed: list[Diagnostic] = []
    for finding in findings:
        lines = {line for line in (finding.line, finding.end_line) if line}
        keys = {(finding.file, line, finding.rule) for line in lines} & index.keys()
        used |= keys
        (suppressed if keys else kept).append(finding)
    blocks = {(key[0], index[key].block, key[2]) for key in used}
    for name, several in found.items():
        for each in several:
            if (name, each.block, each.rule) not in blocks and (each.rule not in rules or is_reported(each.rule, name)):
                kept.append(_report(each, name, rules))
    return sorted(kept, key=lambda finding: finding.order), suppressed


def _report(suppression: Suppression, file: str, rules: Mapping[str, Rule]) -> Diagnostic:
    if suppression.word != _WORD:
        message = f"Unknown comment 'publisher: {suppression.word}'. Did you mean 'publisher: {_WORD}'?"
    elif not suppression.rule:
        message = f"The comment names no rule. Write `# publisher: {_WORD} RULE`."
    elif suppression.rule not in rules:
        nearest = suggest(suppression.rule, rules, limit=3)
        hint = f" Did you mean {' or '.join(nearest)}?" if nearest else ""
        message = f"There is no rule {suppression.rule!r}.{hint}"
    else:
        message = f"Line {suppression.line} has no finding of {suppression.rule}. Remove it from the comment."
    return Diagnostic("unused-suppression", Severity.WARNING, message, file, **suppression.place)


def split_uses(file: File, lines: Set[int], uses: Sequence[Use]) -> list[tuple[ox.Triple, int, int]]:
    """Return the uses of a term to report, (statement, part, number of further uses): the first, which stands for the
    others, and each on a line where a comment suppresses the finding: it stands for itself.

    lines: those of the file with such comments.
    """
    if not lines:
        return [(*uses[0], len(uses) - 1)]
    suppressed: list[Use] = []
    others: list[Use] = []
    for use in uses:
        (suppressed if file.where(*use).get("line") in lines else others).append(use)
    return [*((*use, 0) for use in suppressed), *((*use, len(others) - 1) for use in others[:1])]


def read_suppressions(file: File) -> Iterator[Suppression]:
    """Read the suppressions in the comments of a file."""
    if file.format not in FORMATS or not _COMMENT.search(file.text):
        return
    lines = Lines(file.text)
    for comment in find_comments(file.text):
        match = _COMMENT.match(comment[0])
        if match and (match["word"] == _WORD or suggest(match["word"], [_WORD])):
            yield from _read_comment(match, comment.start(), lines)


def find_insertion(text: str, format_: ox.RdfFormat, finding: Diagnostic) -> tuple[int, str] | None:
    """Return the offset at which a comment that suppresses a finding goes, and the comment: at the end of its line,
    else on a line above. None if there is no such place, as in other formats or within a string."""
    if format_ not in FORMATS or not finding.line:
        return None
    comment, start = f"# publisher: {_WORD} {finding.rule}", Lines(text).offset(finding.line, 1)
    source = LINE_END.split(text[start:], maxsplit=1)[0]
    indent = source[: len(source) - len(source.lstrip())]
    line_end = "\r\n" if "\r\n" in text else "\n"
    places = (start + len(source), f"  {comment}", 0), (start, f"{indent}{comment}{line_end}", 1)
    for offset, added, below in places:
        changed = File("", text[:offset] + added + text[offset:], (), format=format_)
        if any((s.rule, s.line) == (finding.rule, finding.line + below) for s in read_suppressions(changed)):
            return offset, added
    return None


def _read_comment(match: re.Match[str], offset: int, lines: Lines) -> Iterator[Suppression]:
    line, column = lines.locate(offset)
    target = line
    if not lines.source(line)[: column - 1].strip():  # It stands alone: other comments may stand between.
        target += 1
        while target < len(lines.starts) and lines.source(target).lstrip().startswith("#"):
            target += 1
    block = _find_block(lines, min(target, len(lines.starts)))
    names = _BRACKETED.sub(r" \1 ", _REASON.sub("", match["names"]))
    spans = [(each[0].rstrip(), each.start()) for each in _NAME.finditer(names)] if match["word"] == _WORD else []
    for rule, start in spans or [("", match.start("word") - match.start("names"))]:
        begin = column + match.start("names") + start
        end = begin + len(rule or match["word"])
        place = {"line": line, "column": begin, "end_line": line, "end_column": end, "source": lines.source(line)}
        yield Suppression(rule, target, place, match["word"], block)


def _find_block(lines: Lines, line: int) -> int:
    """Return the line on which the block of statements of a line begins: the last one with a subject at its start."""
    while line > 1 and _CONTINUED.match(lines.source(line)):
        line -= 1
    return line
