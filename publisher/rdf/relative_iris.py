"""Relative IRIs: the references that resolve to IRIs (RFC 3986, section 5.2), so that a rewritten text keeps them."""

import re
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from publisher.errors import CannotRunError
from publisher.rdf.lines import blank_mark
from publisher.rdf.turtle_tokens import TOKEN

_SCHEME: Final = "x-relative:"
UNKNOWN: Final = f"{_SCHEME}//host/" + "".join(f"~~{level}/" for level in range(1, 41)) + "~~document"
"""The base of a file whose base is not to be known: every IRI of its scheme was written as a reference. It is deep, so
that references to folders above do not end at the root."""

_DIRECTIVE: Final = re.compile(r"@?base\b[^<]*<(?P<iri>[^>]*)>", re.IGNORECASE)
_PARTS: Final = re.compile(r"(?P<authority>[^:/?#]+://[^/?#]*)(?P<path>[^?#]*)(?P<rest>.*)", re.DOTALL)


@dataclass(frozen=True)
class Base:
    """The base of a text. iri: what references resolve against; empty if all IRIs are written in full. declared: the
    IRI in its directive; empty if there is none."""

    iri: str
    declared: str = ""

    def refer(self, iri: str) -> str:
        """Return the reference that an IRI is written as: relative if it is below the folder of the base, or if only a
        reference can be. Raises CannotRunError if none resolves to it.
        """
        is_unknown = iri.startswith(_SCHEME)
        if not is_unknown and not (self.iri and iri.startswith(_folder(self.iri))):
            return iri
        for reference in _make_references(self.iri, iri) if self.iri else ():
            if resolve(self.iri, reference) == iri:
                return reference
        if is_unknown:
            raise CannotRunError("Relative IRIs cannot be kept: declare one base, at the top of the file.")
        return iri


def read_base(text: str) -> Base:
    """Return the base of a Turtle text that was parsed with the base `UNKNOWN`.

    Of a text with several bases, or with one below its first statement, all IRIs are written in full.
    """
    found: list[str] = []
    stated = False
    next_token = TOKEN.scanner(blank_mark(text)).match  # type: ignore[attr-defined]
    while match := next_token():
        directive = match["directive"]
        if directive is None:
            stated = True
        elif base := _DIRECTIVE.match(directive):
            if stated or found:
                return Base("")
            found.append(base["iri"])
        if not stated and found and "base" not in text[match.end() :].lower():
            break
    if not found:
        return Base(UNKNOWN)
    return Base(resolve(UNKNOWN, found[0]), found[0])


def resolve(base: str, reference: str) -> str:
    """Return the IRI that a reference resolves to; empty if it is not valid."""
    try:
        quads = ox.parse(f"<{reference}> <x:x> <x:x> .", format=ox.RdfFormat.TURTLE, base_iri=base)
        return str(next(quads).subject.value)
    except (SyntaxError, ValueError):
        return ""


def _folder(iri: str) -> str:
    """An IRI up to the last slash of its path; the empty IRI of one without a path is below no folder."""
    match = _PARTS.fullmatch(iri)
    return match["authority"] + match["path"][: match["path"].rfind("/") + 1] if match and "/" in match["path"] else iri


def _make_references(base: str, iri: str) -> list[str]:
    """References that may resolve to an IRI of the same host, the shortest first."""
    known, wanted = _PARTS.fullmatch(base), _PARTS.fullmatch(iri)
    if not known or not wanted:
        return []
    if known["authority"] != wanted["authority"]:
        return [iri.partition(":")[2]]
    steps, target = known["path"].split("/")[:-1], wanted["path"].split("/")
    shared = 0
    while shared < min(len(steps), len(target) - 1) and steps[shared] == target[shared]:
        shared += 1
    below = "../" * (len(steps) - shared) + "/".join(target[shared:]) + wanted["rest"]
    whole = wanted["path"] + wanted["rest"]
    fragment = wanted["rest"] if wanted["path"] == known["path"] else None
    ways = [fragment, below if shared > 1 or not wanted["path"].startswith("//") else None, f"./{below}", whole]
    if shared <= 1 and len(steps) > 1:  # Nothing but the root is shared.
        ways = [fragment, whole]
    return [way for way in ways if way is not None]
