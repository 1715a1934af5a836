"""Numbers of bills and dockets: one key for all spellings (`H.1811`, `h 1811`, `HB1811`), and the session."""

import re
from typing import Final, NamedTuple

_LETTERS: Final = {
    "h": "h",
    "hb": "h",
    "house": "h",
    "housebill": "h",
    "s": "s",
    "sb": "s",
    "senate": "s",
    "senatebill": "s",
    "hd": "hd",
    "housedocket": "hd",
    "sd": "sd",
    "senatedocket": "sd",
}
"""Letters before a number, in any spelling -> the letters of the key."""
PREFIXES: Final = tuple(dict.fromkeys(_LETTERS.values()))
"""The letters that the keys of numbers begin with."""
_NAMED: Final = r"(house|senate)\s*(?:bill|docket)?|[hs]\s*\.?\s*[bd]?"
_SESSION: Final = r"(?P<session>[1-9][0-9]{0,2})(?:st|nd|rd|th)?\b"
_YEAR: Final = r"(?P<year>(?:19|20)\d\d)"
_NUMBER: Final = re.compile(
    rf"(?:(?:an?\s+)?bill\s+)?(?P<letters>{_NAMED})\s*[.:#-]?\s*(?:no\.?\s*)?0*(?P<digits>\d{{1,6}})"
    rf"(?:\W*(?:of|in)?\W*(?:the\s+)?(?:{_YEAR}(?:\s*[-–/]\s*\d{{2,4}})?|{_SESSION}(?:\s+(?:general\s+court|session))?))?"
    r"\W*(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_BEFORE: Final = re.compile(rf"{_SESSION}\s*[-:/]\s*(?P<rest>.+)", re.IGNORECASE | re.DOTALL)


_ANYWHERE: Final = re.compile(r"\b(?:house|senate|[hs]\.?[bd]?)\W{0,3}\d", re.IGNORECASE)


class Number(NamedTuple):
    """A number of a bill or docket as a text has it. session: its number, empty if it is not said. year: likewise.
    rest: what follows in the text, such as a title."""

    key: str
    session: str = ""
    year: str = ""
    rest: str = ""


def read_number(text: str) -> Number | None:
    """Return the number with which a text begins; None if it begins with none."""
    before = _BEFORE.fullmatch(text.strip())
    if before:
        found = read_number(before["rest"])
        return found and (found if found.session else found._replace(session=before["session"]))
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        return None
    letters = _LETTERS.get(re.sub(r"[\s.]", "", match["letters"].lower()))
    if letters is None:
        return None
    return Number(f"{letters}{match['digits']}", match["session"] or "", match["year"] or "", match["rest"])


def has_number(text: str) -> bool:
    """Whether a text has a number of a bill or docket anywhere."""
    return bool(_ANYWHERE.search(text))


def number_keys(identifier: str, session: str) -> list[str]:
    """Return the keys of a bill or docket: its number, and its number with its session. Empty if it has no number."""
    found = read_number(identifier)
    if found is None or found.rest:
        return []
    return [found.key, *([f"{found.key} {session}"] if session else [])]
