"""Chains of terms in JSON-LD contexts: each defined by the next. The parser recurses along them, and would crash."""

import contextlib
import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

MAX_CHAIN: Final = 500
"""Terms that may define one another in a row. pyoxigraph crashes at about 5,000; contexts of people have three."""
_REFERRING: Final = ("@id", "@type", "@reverse", "@index")
"""The members of a definition that may refer to another term (JSON-LD 1.1 API, section 4.2)."""
_CONTEXT: Final = re.compile(r'"@context"\s*:\s*(?=[\[{])')
_VALUE: Final = re.compile(r"(?=[\[{])")
_ESCAPED: Final = re.compile(r"\\u00[46]")
"""A letter or `@` that is written as an escape, and may hide a key."""


def find_long_chain(text: str) -> str:
    """The term that begins a chain longer than `MAX_CHAIN` in a JSON text; empty if none does."""
    return next((term for context in _contexts(text) for term in _long_chains(context)), "")


def _contexts(text: str) -> Iterator[Mapping[str, Any]]:
    """The contexts of a text that are objects. Only they are decoded, unless escapes may hide one."""
    found: list[Any] = []

    def collect(value: dict[str, Any]) -> dict[str, Any]:
        if "@context" in value:
            found.append(value["@context"])
        return value

    decoder = json.JSONDecoder(object_hook=collect, parse_int=len, parse_float=len)
    end = 0
    for match in islice(_VALUE.finditer(text), 1) if _ESCAPED.search(text) else _CONTEXT.finditer(text):
        if match.end() < end:
            continue
        with contextlib.suppress(ValueError):  # The parser says what is wrong.
            value, end = decoder.raw_decode(text, match.end())
            found.append(value)
        yield from (
            one for given in found for one in (given if isinstance(given, list) else [given]) if _is_object(one)
        )
        found.clear()


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _long_chains(context: Mapping[str, Any]) -> Iterator[str]:
    """The terms of a context whose chains are longer than `MAX_CHAIN`."""
    if len(context) <= MAX_CHAIN:
        return
    lengths: dict[str, int] = {}
    for term in context:
        pending = [term]
        while pending:
            needed = [other for other in _references(pending[-1], context) if other not in lengths]
            if needed and pending[-1] not in lengths:
                lengths[pending[-1]] = 0  # under way: a cycle, which the parser reports, ends here
                pending += needed
                continue
            done = pending.pop()
            lengths[done] = 1 + max((lengths[other] for other in _references(done, context)), default=0)
        if lengths[term] > MAX_CHAIN:
            yield term


def _references(term: str, context: Mapping[str, Any]) -> list[str]:
    """The other terms of a context that the definition of one needs."""
    value = context[term]
    stated = [value.get(name) for name in _REFERRING] if isinstance(value, dict) else [value]
    words = [term, *(word for word in stated if isinstance(word, str))]
    named = (name for word in words for name in (word, word.partition(":")[0]))
    return [name for name in named if name != term and name in context]
