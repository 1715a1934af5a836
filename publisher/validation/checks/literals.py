"""Literals: values that are not in the lexical space of their datatype."""

from collections.abc import Iterable

import pyoxigraph as ox

from publisher.dataset.files import File
from publisher.dataset.iris import Names
from publisher.diagnostic import Diagnostic, Severity
from publisher.rdf.datatypes import is_ill_typed
from publisher.rdf.namespaces import compact


def findings(files: Iterable[File], names: Names) -> list[Diagnostic]:
    """Literals outside the lexical space of their datatype, such as "29/08/2017"^^xsd:date.

    (RDF 1.1 Concepts, section 3.3.)
    """
    found = []
    for file in files:
        stating = {t.object: t for t in reversed(file.triples) if isinstance(t.object, ox.Literal)}
        for literal in sorted(filter(is_ill_typed, stating), key=str):
            message = f"{literal.value!r} is no {compact(literal.datatype.value, names.prefixes)}."
            where = file.where(stating[literal], 2)
            found.append(Diagnostic("ill-typed", Severity.VIOLATION, message, file.path, value=str(literal), **where))
    return found
