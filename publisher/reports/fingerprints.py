"""Fingerprints: the identity of a finding, which stays the same when lines move."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from publisher.diagnostic import Diagnostic

_LENGTH: Final = 32
"""Hexadecimal digits of a fingerprint: 128 bits, so that collisions do not occur by chance."""

_PLACE: Final = re.compile(r"\b(line|column|byte|character|position) \d+")


def fingerprint(finding: Diagnostic) -> str:
    """Return the identity of a finding, in hexadecimal: a hash of its rule, file, terms and message, without its line.

    All blank nodes count as the same, since their labels differ between runs.
    """
    terms = finding.terms if any(finding.terms) else (finding.focus, finding.path, finding.value)
    words = forget_places(finding.message)
    parts = (finding.rule, finding.file, *("_:" if _is_blank(term) else term for term in terms), words)
    return hashlib.sha256("\x00".join(parts).encode(errors="surrogatepass")).hexdigest()[:_LENGTH]


def forget_places(message: str) -> str:
    """Return a message without the numbers of lines and columns that it names."""
    return _PLACE.sub(r"\1", " ".join(message.split()))


def number_fingerprints(findings: Sequence[Diagnostic]) -> list[str]:
    """Return a unique fingerprint for each finding: the second one with the same fingerprint gets `-2`, and so on."""
    met: Counter[str] = Counter()
    found = []
    for print_ in map(fingerprint, findings):
        met[print_] += 1
        found.append(print_ if met[print_] == 1 else f"{print_}-{met[print_]}")
    return found


def relabel_blank_nodes(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return the findings with blank nodes labeled in order of appearance: parsers label them anew in each run."""
    names: dict[str, str] = {}

    def term(text: str) -> str:
        return names.setdefault(text, f"_:b{len(names)}") if _is_blank(text) else text

    def relabel(finding: Diagnostic) -> Diagnostic:
        if not finding.details and not any(map(_is_blank, _list_terms(finding))):
            return finding
        focus, path, value = map(term, finding.terms)
        return replace(
            finding,
            terms=(focus, path, value),
            focus=term(finding.focus),
            path=term(finding.path),
            value=term(finding.value),
            shape=term(finding.shape),
            details=tuple(map(relabel, finding.details)),
        )

    return list(map(relabel, findings))


def _list_terms(finding: Diagnostic) -> Sequence[str]:
    return *finding.terms, finding.focus, finding.path, finding.value, finding.shape


def _is_blank(term: str) -> bool:
    return term.startswith("_:")
