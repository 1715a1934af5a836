"""Queries with a mistake that is marked, and what is said of them."""

from collections.abc import Mapping
from typing import Final

import pyoxigraph as ox

from publisher.sparql import syntax_errors
from publisher.sparql.syntax_errors import Mistake

MARK: Final = "»"
"""Stands before the wrong word."""


def explain(text: str, prefixes: Mapping[str, str] | None = None) -> Mistake:
    """The mistake of a query that the engine refuses. prefixes: prefix -> namespace, known but not declared."""
    store = ox.Store()

    def parse(other: str) -> str:
        try:
            store.query(other)
        except SyntaxError as error:
            return str(error)
        return ""

    found = syntax_errors.explain(text, parse(text), parse, prefixes or {})
    assert found is not None
    return found


def explain_marked(marked: str, prefixes: Mapping[str, str] | None = None) -> Mistake:
    """The mistake of a query whose wrong word has the mark before it; checks that it is found there."""
    before, _, after = marked.partition(MARK)
    found = explain(before + after, prefixes)
    assert (found.line, found.column) == (before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1)
    return found
