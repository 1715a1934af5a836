"""Fingerprints: the identity of a finding, which stays the same when lines move."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from publisher.diagnostic import Diagnostic

_LENGTH: Final = 32
"""Hexadecimal digits of a fingerprint: 128 bits, so that two findings never share one by chance."""

_PLACE: Final = re.compile(r"\b(line|column|byte|character|position) \d+")


def fingerprint(finding: Diagnostic) -> str:
    """The identity of a finding, in hexadecimal: its rule, file, terms and words, whatever its line.

    Blank nodes count as one another, since their names hold in one run only.
    """
    terms = finding.terms if any(finding.terms) else (finding.focus, finding.path, finding.value)
    words = _PLACE.sub(r"\1", " ".join(finding.message.split()))
    parts = (finding.rule, finding.file, *("_:" if _is_blank(term) else term for term in terms), words)
    return hashlib.sha256("\x00".join(parts).encode(errors="surrogatepass")).hexdigest()[:_LENGTH]


def numbered(findings: Sequence[Diagnostic]) -> list[str]:
    """A fingerprint for each finding, no two the same: `-2` and so on is added to the second of two alike."""
    met: Counter[str] = Counter()
    found = []
    for print_ in map(fingerprint, findings):
        met[print_] += 1
        found.append(print_ if met[print_] == 1 else f"{print_}-{met[print_]}")
    return found


def steady(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The findings with their blank nodes named in order of appearance: parsers name them anew in each run."""
    names: dict[str, str] = {}

    def term(text: str) -> str:
        return names.setdefault(text, f"_:b{len(names)}") if _is_blank(text) else text

    def named(finding: Diagnostic) -> Diagnostic:
        focus, path, value = map(term, finding.terms)
        return replace(
            finding,
            terms=(focus, path, value),
            focus=term(finding.focus),
            path=term(finding.path),
            value=term(finding.value),
            shape=term(finding.shape),
            details=tuple(map(named, finding.details)),
        )

    return list(map(named, findings))


def _is_blank(term: str) -> bool:
    return term.startswith("_:")
