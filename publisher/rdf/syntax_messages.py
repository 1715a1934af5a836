"""Syntax messages: explains a text that pyoxigraph rejects: the error, its location and how to fix it. Pure.

pyoxigraph's own message is the fallback. A message that is not recognized, after an update, is shown as it is.
"""

import re
from collections.abc import Callable
from typing import Final

from publisher.rdf import vocabularies
from publisher.rdf.lines import Lines
from publisher.rdf.turtle_tokens import COMMENT, IRI, STRING, find_comments

Mistake = tuple[str, int | None, int | None]
"""A message, and the begin and end offset of what it is about, None if unknown."""

CONFLICT: Final = (
    "Unresolved merge conflict: keep one version, and delete the lines that begin with `<<<<<<<`, "
    "`=======` and `>>>>>>>`."
)

_CONFLICT: Final = re.compile(r"^(?:<{7}|={7}|>{7}|\|{7})(?=[ \r\n]|\Z)[^\r\n]*", re.MULTILINE)
_PREFIX: Final = re.compile(r"The prefix (\S*): has not been declared")
_XML_PREFIX: Final = re.compile(r"Unknown prefix (\S+):")
_UNCLOSED: Final = "This string is not closed on its line: add {0}, or use {0}{0}{0} for several lines."
_CODE_POINT: Final = re.compile(r"Invalid IRI code point '(.+)'\Z", re.DOTALL)
_LAST_TOKEN: Final = re.compile(rf"(?:{STRING}[^\s\"']*|{IRI}|\S+)\Z", re.DOTALL)
_QUOTES: Final = re.compile(
    rf"{IRI}|\\.|{COMMENT}|(?P<open>\"(?:[^\"\\\r\n]|\\.)*|'(?:[^'\\\r\n]|\\.)*)(?P<close>[\"']?)"
)
_PARSING: Final = re.compile(r"error while parsing (IRI|language tag) '(.*)': (.*)\Z", re.DOTALL)
_ROLES: Final = {"subject or graph name": "subject", "predicate": "predicate", "RDF object": "object"}
_EXPECTED: Final = {
    "subject": "an IRI, a prefixed name or a blank node",
    "predicate": "an IRI, a prefixed name or `a`",
    "object": "an IRI, a prefixed name, a blank node or a literal",
}
_ESCAPABLE: Final = frozenset("_~.-!$&'()*+,;=/?#@%")
"""The characters that a prefixed name may have after a backslash."""
_LANGUAGE: Final = re.compile(r"@[A-Za-z0-9-]*_[\w-]*")


def find_conflict(text: str) -> tuple[int, int] | None:
    """Return the span of the first merge-conflict marker; None if there is none."""
    found = list(_CONFLICT.finditer(text))
    return found[0].span() if any(match[0][0] in "<>" for match in found) else None


def explain(text: str, message: str, start: int, end: int) -> Mistake:
    """Explain a syntax error of Turtle, TriG, N-Triples or N-Quads.

    message, start, end: pyoxigraph's message and the span that it gives. Returns the message and span to report.
    """
    for pattern, explain_one in _EXPLANATIONS:
        if match := pattern.search(message):
            return explain_one(text, match, start, end)
    return tidy(message), start, end


def tidy(message: str) -> str:
    """Write a message of pyoxigraph as a sentence."""
    if parsing := _PARSING.match(message):
        return f"{parsing[2]!r} is not a valid {parsing[1]}: {parsing[3][:1].lower()}{parsing[3][1:]}."
    if prefix := _XML_PREFIX.match(message):
        known = vocabularies.PREFIXES.get(prefix[1], "...")
        return f'The prefix {prefix[1]}: is not declared. Add xmlns:{prefix[1]}="{known}" to the first element.'
    sentence = message[:1].upper() + message[1:] if message.partition(" ")[0].isalpha() else message
    return sentence if sentence.endswith(".") else f"{sentence}."


def _explain_prefix(text: str, match: re.Match[str], start: int, end: int) -> Mistake:
    prefix = match[1]
    known = vocabularies.PREFIXES.get(prefix, "")
    line = f"@prefix {prefix}: <{known}> ." if known else f"@prefix {prefix}: <...> ."
    hint = f"Add this line on top: {line}" if known else f"Declare it on top: {line}"
    at = text.find(f"{prefix}:", start)
    begin = at if 0 <= at < end else start
    return f"The prefix {prefix}: is not declared. {hint}", begin, end


def _explain_missing_end(text: str, match: re.Match[str], start: int, end: int) -> Mistake:
    """Point to the token before the unexpected one, because something is missing after it."""
    before = text[: _skip_back(text, start)]
    line = before[max(before.rfind("\n"), before.rfind("\r")) + 1 :]
    last = _LAST_TOKEN.search(line)
    if last is None:
        return "A `.` is missing before this.", start, end
    directive = line.lstrip().startswith("@")
    wanted = "`.`" if directive else "`;`, `,` or `.`"
    return f"{wanted} is missing after this.", len(before) - len(last[0]), len(before)


def _skip_back(text: str, offset: int) -> int:
    """Return the offset after the last character before `offset` that is neither white space nor comment."""
    comments = {match.end(): match.start() for match in find_comments(text[:offset])}
    while True:
        offset = len(text[:offset].rstrip())
        if offset not in comments:
            return offset
        offset = comments[offset]


def _explain_open_string(text: str, match: re.Match[str], start: int, end: int) -> Mistake:
    lines = Lines(text)
    first = lines.starts[lines.locate(start)[0] - 1]
    for quoted in _QUOTES.finditer(text, first, end):
        if quoted["open"] and (not quoted["close"] or quoted.end() >= end):
            return _UNCLOSED.format(quoted["open"][0]), quoted.start(), min(start, end)
    return "A string may not contain a line end: write \\n, or use triple quotes.", start, end


def _explain_end_of_file(text: str, match: re.Match[str], start: int, end: int) -> Mistake:
    opened = text[start : start + 1]
    if opened and text.startswith(opened * 3, start) and opened in "'\"":
        return "This string is not closed before the end of the file.", start, start + 1
    if opened in ("'", '"', "<"):
        ends = (text.find(mark, start) for mark in "\r\n")
        end = min((found for found in ends if found >= 0), default=len(text))
        return "This IRI is not closed: add >." if opened == "<" else _UNCLOSED.format(opened), start, end
    closed = len(text.rstrip())
    return "The file ends inside a statement: a `.` or a closing bracket is missing.", max(closed - 1, 0), closed


def _explain_term(text: str, match: re.Match[str], start: int, end: int) -> Mistake:
    role = _ROLES[match[2]]
    if match[1][0] in _ESCAPABLE and match[1][0] not in ".,;" and text[start - 1 : start].isalnum():
        return _explain_name(text, re.match(r"(.)", match[1]) or match, start, end)
    if match[1] in {".", ",", ";", "]", ")", "}"}:
        article = "An" if role == "object" else "A"
        return f"{article} {role} is missing before this `{match[1]}`.", start, end
    return f"`{match[1]}` is not a valid {role}: {_EXPECTED[role]} is expected here.", start, end


def _explain_bracket(text: str, match: re.Match[str], start: int, end: int) -> Mistake:
    return f"A `{match[1]}` is missing before this.", start, end


def _explain_relative(text: str, match: re.Match[str], start: int, end: int) -> Mistake:
    return (
        "This relative IRI has no base: write the whole IRI; Turtle and TriG may have an @base line on top.",
        start,
        end,
    )


def _explain_code_point(text: str, match: re.Match[str], start: int, end: int) -> Mistake:
    character = match[1].encode().decode("unicode_escape") if match[1].startswith("\\") else match[1]
    named = {" ": "A space", "\n": "A line end", "\t": "A tab"}.get(character, f"The character {character!r}")
    escaped = "".join(f"%{byte:02X}" for byte in character.encode(errors="replace"))
    begin = text.rfind("<", 0, start + 1)
    at = text.find(character, max(begin, start))
    place = (at, at + 1) if 0 <= at <= end else (start, end)
    return f"{named} is not allowed in an IRI; write {escaped} if it belongs there.", *place


def _explain_name(text: str, match: re.Match[str], start: int, end: int) -> Mistake:
    """Explain a character behind a prefixed name (RDF 1.1 Turtle, section 6.5, rule PN_LOCAL_ESC)."""
    character = match[1].strip("'") or "'"
    escape = f"write \\{character} or " if character in _ESCAPABLE else "write "
    return f"{character} is not allowed in a prefixed name; {escape}the whole IRI in < and >.", start, start + 1


def _explain_character(text: str, match: re.Match[str], start: int, end: int) -> Mistake:
    lines = Lines(text)
    first = lines.starts[lines.locate(start)[0] - 1]
    for tag in _LANGUAGE.finditer(text, first):
        if tag.start() <= start <= tag.end():
            right = tag[0].replace("_", "-")
            return f"{tag[0]} is not a language tag; write {right} (BCP 47).", tag.start(), tag.end()
    return f"{match.string}.", start, end


_EXPLANATIONS: Final[tuple[tuple[re.Pattern[str], Callable[[str, re.Match[str], int, int], Mistake]], ...]] = (
    (_PREFIX, _explain_prefix),
    (re.compile(r"A dot is expected at the end of statements"), _explain_missing_end),
    (re.compile(r"^([\"'\d+-].*) is not a valid subject or graph name", re.DOTALL), _explain_missing_end),
    (re.compile(r"^(\S+) is not a valid (subject or graph name|predicate|RDF object)"), _explain_term),
    (re.compile(r"should end with a '(.)'"), _explain_bracket),
    (re.compile(r"No scheme found in an absolute IRI"), _explain_relative),
    (re.compile(r"Line jumps are not allowed in string literals"), _explain_open_string),
    (re.compile(r"Unexpected end( of file)?\Z"), _explain_end_of_file),
    (_CODE_POINT, _explain_code_point),
    (re.compile(r"^('.'|\S) is not allowed at the beginning of a prefix name"), _explain_name),
    (re.compile(r"Unexpected character"), _explain_character),
)
"""Messages of pyoxigraph, and the functions that explain them."""
