"""Dates: dates of reading, issue or change that lie after the reference date."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

import pyoxigraph as ox

from publisher.dataset.repository import FOLDERS, home_of
from publisher.diagnostic import Diagnostic, Severity
from publisher.rdf.namespaces import DCTERMS, PROV, VOCABULARY
from publisher.validation.context import Context
from publisher.validation.locator import OBJECT

PAST: Final = frozenset(
    ox.NamedNode(iri)
    for iri in (
        *(VOCABULARY + name for name in ("asOf", "readOn")),
        *(DCTERMS + name for name in ("created", "issued", "modified")),
        PROV + "invalidatedAtTime",
    )
)
"""Properties that date past events; elections, hearings and the ends of sessions may be in the future."""

_PERIOD: Final = re.compile(r"\d{4}(-\d\d(-\d\d)?)?(?=[TZ+-]|\Z)")
"""The year, month or day in which a value of xsd:gYear, gYearMonth, date or dateTime begins."""


def check(context: Context) -> Iterator[Diagnostic]:
    """Report the values of these properties after the reference date.

    An ontology or shapes that come with the software are left out: they may be newer than the root's last commit.
    """
    if context.repository is None or context.as_of is None:
        return
    root = context.repository.root
    supplied = tuple(f"{folder}/" for folder in FOLDERS if home_of(root, folder) != root)
    for file in (file for file in context.judged if not file.path.startswith(supplied)):
        for triple in file.triples:
            value = triple.object.value if isinstance(triple.object, ox.Literal) else ""
            if triple.predicate in PAST and is_after(value, context.as_of):
                message = f"{value} is after the reference date {context.as_of}."
                yield context.locator.locate_term("future-date", Severity.VIOLATION, message, file, triple, OBJECT)


def is_after(value: str, day: date) -> bool:
    """Whether a year, month, day or time begins after a day; False for other text."""
    found = _PERIOD.match(value)
    return found is not None and found[0] > day.isoformat()[: len(found[0])]
