"""Hidden characters: those that nobody sees in a query, as word processors and web pages insert them. No I/O."""

import re
import unicodedata
from typing import Final

_IGNORED: Final = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Those that are drawn as nothing (Unicode, property Default_Ignorable_Code_Point)."""
_SPACES: Final = "\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u2800\u3000"
"""Those that look like a space and are none in SPARQL (section 19.8, WS)."""
_CONTROLS: Final = "\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f"
_HIDDEN: Final = re.compile(f"[{_IGNORED}{_SPACES}{_CONTROLS}]")
_SPACE: Final = re.compile(f"[{_SPACES}]")


def find_hidden(text: str) -> str:
    """Return the first hidden character of a text, empty if there is none."""
    found = None if text.isascii() and text.isprintable() else _HIDDEN.search(text)
    return found[0] if found else ""


def name_hidden(character: str) -> str:
    """Return the code and the name of a character, in lower case: `U+200D (zero width joiner)`."""
    return f"U+{ord(character):04X} ({unicodedata.name(character, 'CONTROL CHARACTER').lower()})"


def is_space(character: str) -> bool:
    """Whether a hidden character looks like a space."""
    return bool(_SPACE.match(character))
