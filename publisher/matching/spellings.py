"""Spellings: a name without what differs between two texts that mean the same: case, accents, punctuation, marks."""

import contextlib
import html
import re
import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

from publisher.matching.states import may_name_state, unify_states

REMEMBERED: Final = 1000
"""Texts whose words are remembered: a name is compared in several forms."""
LONGEST: Final = 200
"""Characters of a name that are compared: comparing takes time in the square of the length."""
_WRONG: Final = re.compile("[ÂÃâ][\x80-\xbf€‚„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œžŸ]")
"""Matches UTF-8 that was read as Windows-1252."""
_MARKS: Final = re.compile(r"\A\s*(?:\(?\d{1,3}[.)]|[-*•·])\s+(?=\w)|(?:\s*\[\d{1,3}\]|[*†‡§¹²³])+\s*\Z")
"""Matches the number or sign of a list before a name, and the marks of footnotes behind it."""
_MAY_BEGIN: Final = tuple("(-*•·")
_MAY_END: Final = tuple("]*†‡§¹²³")
"""The first signs of what `_MARKS` matches before a name, beside digits, and the last signs of what it matches behind.
The search for it takes longer than all else."""
_APOSTROPHES: Final = re.compile(r"(?<=\w)['’ʼ](?=\w|\s|\Z)")
_WORDS: Final = re.compile(r"[^\W_]+")
_BETWEEN: Final = re.compile(r"[\W_]+")
_LITTLE: Final = frozenset({"a", "an", "and", "of", "the"})
"""Words that one text has and another of the same meaning leaves out."""
_UNTELLING: Final = _LITTLE | frozenset(
    "are as at be by for from has have in is it its on or that this to was which who whose with".split()  # noqa: SIM905
)
"""Words that nearly every sentence has."""
_BRACKETS: Final = re.compile(r"\s*\(([^()]*)\)")
_DIVIDERS: Final = re.compile(r"\s*[/:|]\s+|\s+[/|–—-]\s+|(?<=\w)/(?=\w)")
_STROKES: Final = frozenset("/:|–—-")
"""What divides a name."""
_SHORT_NAME: Final = re.compile(r"[A-Z0-9][A-Za-z0-9&.-]*[A-Z0-9]")


class Part(NamedTuple):
    """A part of a name. acronym: whether it looks like one."""

    text: str
    acronym: bool = False


def clean(text: str) -> str:
    """Remove from a text what its way through other programs left: wrong encodings, entities, marks of lists."""
    text = text[: 2 * LONGEST]
    if _WRONG.search(text):
        with contextlib.suppress(UnicodeError):
            text = text.encode("cp1252").decode("utf-8")
    stripped = text.strip()
    if stripped[:1].isdecimal() or stripped.startswith(_MAY_BEGIN) or stripped.endswith(_MAY_END):
        text = _MARKS.sub("", text)
    text = unicodedata.normalize("NFKC", html.unescape(text))
    if not text.isprintable():
        text = "".join(c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    return " ".join(text.split())[:LONGEST]


@lru_cache(REMEMBERED)
def plain(text: str) -> str:
    """Return the words of a clean text in small letters, without accents and punctuation."""
    if not text.isascii() or "'" in text:
        text = _APOSTROPHES.sub("", text)
    letters = unicodedata.normalize("NFKD", text.replace("&", " and ").casefold())
    if not letters.isascii():
        letters = "".join(c for c in letters if not unicodedata.combining(c))
    return " ".join(_WORDS.findall(letters))


def spell(text: str) -> str:
    """Return the words of a clean text by which it is compared: as `plain`, states by one word, little words left out.

    A text of little words only keeps them.
    """
    words = plain(text).split()
    if may_name_state(words):
        words = plain(unify_states(text)).split()
    return " ".join([word for word in words if word not in _LITTLE] or words)


def stems(text: str) -> list[str]:
    """Return the words of a text in the singular, little words left out, for the search in sentences."""
    return [_singular(word) for word in plain(text).split() if word not in _UNTELLING]


def _singular(word: str) -> str:
    """A word without the end of an English plural (the S-stemmer of Harman, 1991)."""
    if word.endswith("ies") and not word.endswith(("aies", "eies")):
        return f"{word[:-3]}y"
    if word.endswith("es") and not word.endswith(("aes", "ees", "oes")):
        return word[:-1]
    return word[:-1] if word.endswith("s") and not word.endswith(("us", "ss")) else word


def fold(name: str) -> str:
    """Return a name without case, spaces and punctuation."""
    return _BETWEEN.sub("", name.casefold())


def without_brackets(text: str) -> str:
    """Return a name without what stands in brackets."""
    return " ".join((_BRACKETS.sub(" ", text) if "(" in text else text).split())


def brackets(text: str) -> list[Part]:
    """Return what stands in brackets in a name."""
    if "(" not in text:
        return []
    return [Part(found.strip(), bool(_SHORT_NAME.fullmatch(found.strip()))) for found in _BRACKETS.findall(text)]


def parts(text: str) -> list[str]:
    """Return the parts of a name that strokes or colons divide; those of one word say too little."""
    if _STROKES.isdisjoint(text):
        return []
    found = [part.strip() for part in _DIVIDERS.split(without_brackets(text))]
    return [part for part in found if len(part.split()) > 1] if len(found) > 1 else []
