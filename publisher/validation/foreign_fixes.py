"""Fixes in JSON-LD and RDF/XML: candidates for a corrected text, which counts only if it states what is wanted.

What the tokens of these formats mean depends on contexts and declarations, so each candidate replaces more kinds of
tokens than the next, and whoever uses them parses it to see whether it is exact.
"""

import json
import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

Pair = tuple[str, str]
"""A wrong text, an IRI or a lexical form, and the right one."""

_JSON_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"(?P<colon>\s*:)?', re.DOTALL)
_XML_TAG: Final = re.compile(r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<(?![!?])[^<>]*>", re.DOTALL)
_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", '"': "&quot;"}
_IRIS, _COMPACT, _NAMES = range(3)
"""What is replaced in strings: IRIs; compact IRIs too; names without a prefix too."""


def correct_json(text: str, pairs: Sequence[Pair]) -> Iterator[str]:
    """Correct the strings of a JSON text, keys and values, more of them or fewer."""
    for in_keys, in_values in (
        (_NAMES, _NAMES),
        (_NAMES, _IRIS),
        (_COMPACT, _COMPACT),
        (_COMPACT, _IRIS),
        (_IRIS, _IRIS),
    ):
        yield _JSON_STRING.sub(partial(_correct_string, pairs, in_keys, in_values), text)


def _correct_string(pairs: Sequence[Pair], in_keys: int, in_values: int, match: re.Match[str]) -> str:
    colon = match["colon"] or ""
    content = json.loads(match[0].removesuffix(colon), strict=False)
    meant = _correct(content, pairs, in_keys if colon else in_values)
    return match[0] if meant == content else json.dumps(meant, ensure_ascii=False) + colon


def _correct(content: str, pairs: Sequence[Pair], kinds: int) -> str:
    for wrong, right in pairs:
        if content == wrong:
            return right
        (start, name), (start_of_right, meant) = _split(wrong), _split(right)
        if not name or start != start_of_right:
            continue
        prefix, colon, local = content.partition(":")
        if kinds >= _COMPACT and colon and local == name:
            return f"{prefix}:{meant}"
        if kinds >= _NAMES and content == name:
            return meant
    return content


def _split(iri: str) -> tuple[str, str]:
    """The namespace and the local name of an IRI."""
    cut = max(iri.rfind("#"), iri.rfind("/")) + 1
    return iri[:cut], iri[cut:]


def correct_xml(text: str, pairs: Sequence[Pair]) -> Iterator[str]:
    """Correct the tags of an XML text: names with prefixes, namespaces and IRIs; then IRIs only."""
    for with_names in (True, False):
        yield _XML_TAG.sub(partial(_correct_tag, pairs, with_names), text)


def _correct_tag(pairs: Sequence[Pair], with_names: bool, match: re.Match[str]) -> str:
    tag = match[0]
    if tag.startswith("<!"):
        return tag
    for wrong, right in pairs:
        tag = _replace_value(tag, wrong, right)
        (start, name), (start_of_right, meant) = _split(wrong), _split(right)
        if with_names and name and start == start_of_right:
            tag = re.sub(rf"(?<=[</\s])([\w.-]+:){re.escape(name)}(?=[\s=/>])", partial(_join, meant), tag)
        elif with_names and name == meant:
            tag = _replace_value(tag, start, start_of_right)
    return tag


def _join(name: str, match: re.Match[str]) -> str:
    return f"{match[1]}{name}"


def _replace_value(tag: str, old: str, new: str) -> str:
    """Replace the value of attributes."""
    for quote in "\"'":
        tag = tag.replace(f"{quote}{_escape(old)}{quote}", f"{quote}{_escape(new)}{quote}")
    return tag


def _escape(text: str) -> str:
    return "".join(_ENTITIES.get(c, c) for c in text)
