"""The search index of a static site: the names of things, as JSON that a script of the search page filters."""

import json
from typing import Final

from publisher.release.index import Index

MOST: Final = 20_000
"""Things whose names the search page loads, at most: about 3 MB, a tenth of that compressed."""
_NAMES: Final = """
SELECT thing.iri, thing.label, thing.kind, group_concat(DISTINCT name.text)
FROM thing LEFT JOIN (SELECT thing, text FROM name WHERE type IN
    ('preferred', 'title', 'alternative', 'former', 'acronym', 'number', 'site') ORDER BY number) AS name
    ON name.thing = thing.number
GROUP BY thing.number ORDER BY thing.number
"""


def write_index(index: Index) -> bytes:
    """Return the things as JSON, each as [path of its document, name, kind, other names]; nothing where they are too
    many."""
    if sum(index.kinds.values()) > MOST:
        return b""
    names = index.names
    things = [
        [names.address(iri), label, kind, "" if others in (None, label) else others]
        for iri, label, kind, others in index.select(_NAMES)
    ]
    return json.dumps(things, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
