"""Names of the states of the US: one word stands for all spellings of a state."""

import re
from collections.abc import Iterable
from typing import Final

_SPELLINGS: Final = """
AL Alabama Ala.
AK Alaska
AZ Arizona Ariz.
AR Arkansas Ark.
CA California Calif.
CO Colorado Colo.
CT Connecticut Conn.
DE Delaware Del.
FL Florida Fla.
GA Georgia Ga.
HI Hawaii
ID Idaho
IL Illinois Ill.
IN Indiana Ind.
IA Iowa
KS Kansas Kan.
KY Kentucky Ky.
LA Louisiana La.
ME Maine
MD Maryland Md.
MA Massachusetts Mass Mass.
MI Michigan Mich.
MN Minnesota Minn.
MS Mississippi Miss.
MO Missouri Mo.
MT Montana Mont.
NE Nebraska Neb.
NV Nevada Nev.
NH New_Hampshire N.H.
NJ New_Jersey N.J.
NM New_Mexico N.M.
NY New_York N.Y.
NC North_Carolina N.C.
ND North_Dakota N.D.
OH Ohio
OK Oklahoma Okla.
OR Oregon Ore.
PA Pennsylvania Penn. Pa.
RI Rhode_Island R.I.
SC South_Carolina S.C.
SD South_Dakota S.D.
TN Tennessee Tenn.
TX Texas Tex.
UT Utah
VT Vermont Vt.
VA Virginia Va.
WA Washington Wash.
WV West_Virginia W.Va.
WI Wisconsin Wis.
WY Wyoming Wyo.
"""
"""A state in a line: its postal code, its name, and traditional abbreviations."""
_WORDS: Final = frozenset({"al", "co", "de", "hi", "id", "in", "la", "me", "mo", "oh", "ok", "or"})
"""Postal codes that are words too: they name a state only in capitals, in a text that has small letters."""


def _read_spellings() -> dict[str, str]:
    """Spelling in small letters -> the word of the state."""
    found: dict[str, str] = {}
    for line in _SPELLINGS.split("\n"):
        code, *names = line.split() or [""]
        for name in [code, *names] if names else []:
            found[name.replace("_", " ").lower()] = f"us{code.lower()}"
    return found


_STATES: Final = _read_spellings()
_ANY: Final = re.compile(
    r"(?<![\w@/.])(" + "|".join(re.escape(name) for name in sorted(_STATES, key=len, reverse=True)) + r")(?![\w@])",
    re.IGNORECASE,
)
NAMES: Final = {
    f"us{line[:2].lower()}": line.split()[1].replace("_", "").lower() for line in _SPELLINGS.split("\n") if line
}
"""The words that stand for states, and the names of these in small letters, without spaces."""
_FIRST: Final = frozenset(re.split(r"[ .]", name)[0] for name in _STATES)


def may_name_state(words: Iterable[str]) -> bool:
    """Whether one of some words in small letters may begin the name of a state."""
    return not _FIRST.isdisjoint(words)


def unify_states(text: str) -> str:
    """Replace each name of a state by the word that stands for it (`usma`)."""
    capitals = text.isupper()

    def replace(found: re.Match[str]) -> str:
        name = found[0]
        is_word = name.lower() in _WORDS and (capitals or not name.isupper())
        return name if is_word else f" {_STATES[name.lower()]} "

    return _ANY.sub(replace, text)
