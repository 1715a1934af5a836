"""Titles of results whose query has none: made from the query's form, its variables, and what it is about."""

from collections.abc import Callable, Sequence
from typing import Final

NAMED: Final = 4
"""Columns that a title names."""


def make_title(outline: Sequence[str], columns: Sequence[str], kind: str, name: Callable[[str], str]) -> str:
    """Return the title of a result.

    outline: the form of the query, then IRIs that it is about. columns: in words. kind: `rows`, `boolean` or `graph`.
    name: the name of an IRI.
    """
    form, *iris = outline or [""]
    if form == "DESCRIBE" and iris:
        return f"Description of {_join([name(iri) for iri in iris])}"
    about = _join([_plural(name(iri)) for iri in iris])
    if kind == "boolean":
        return f"Yes or no: {about}" if about else "Yes or no"
    if kind == "graph":
        return f"Statements about {about}" if about else "Statements"
    listed = ", ".join(columns[:NAMED]) + (" …" if len(columns) > NAMED else "")
    title = f"{about or 'Rows'}: {listed}" if listed else about or "Rows"
    return title[:1].upper() + title[1:]


def _join(names: Sequence[str]) -> str:
    return ", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + "".join(names[-1:])


def _plural(name: str) -> str:
    return name if name.endswith("s") else f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"
