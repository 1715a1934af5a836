"""Stored literals: how the engine spells a literal that it has stored, which is not always how it was written."""

import re
from functools import lru_cache
from typing import Final

import pyoxigraph as ox

from publisher.rdf.namespaces import XSD

REMEMBERED: Final = 100_000
"""Literals whose stored spelling is remembered."""
_PREFIX: Final = f'"^^<{XSD}'.encode()
_SAME: Final = frozenset(f'"^^<{XSD}{name}>'.encode() for name in ("string", "anyURI"))
_DAY: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_PATTERNS: Final = {
    "boolean": "true|false",
    "date": _DAY,
    "dateTime": _DAY + "T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z?",
    "decimal": r"-?(0|[1-9][0-9]{0,14})\.[0-9]{0,14}[1-9]",
    "gYear": "[0-9]{4}",
    "gYearMonth": "[0-9]{4}-[0-9]{2}",
    "integer": "0|-?[1-9][0-9]{0,17}",
}
_CANONICAL: Final = {
    f'"^^<{XSD}{name}>'.encode(): re.compile(f'"({pattern})"'.encode()) for name, pattern in _PATTERNS.items()
}
"""By what follows the text of a literal: texts that the engine keeps."""


def is_doubtful(kind: bytes) -> bool:
    """Return whether the engine may spell a literal in another way. kind: as `is_kept` takes it; empty for an IRI."""
    return kind.startswith(_PREFIX) and kind not in _SAME


def is_kept(literal: bytes, kind: bytes) -> bool:
    """Return whether the engine surely keeps the spelling of a literal of N-Triples.

    kind: the literal from its last quotation mark on.
    """
    if not is_doubtful(kind):
        return True
    pattern = _CANONICAL.get(kind)
    return pattern is not None and pattern.match(literal) is not None


@lru_cache(REMEMBERED)
def store_literal(literal: bytes) -> bytes:
    """Return a literal of N-Triples as the engine spells it once it is stored."""
    store = ox.Store()
    store.load(b"<urn:s> <urn:p> %s .\n" % literal, ox.RdfFormat.N_TRIPLES)
    return next(str(quad.object).encode() for quad in store)
