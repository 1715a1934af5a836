"""The validator: runs every check over a context, in order, and returns the findings sorted by place."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from publisher.dataset.files import quote_lines
from publisher.diagnostic import Diagnostic
from publisher.errors import CannotRunError
from publisher.validation.checks import (
    contract,
    dates,
    duplicates,
    formatting,
    imports,
    jsonld,
    literals,
    questions,
    references,
    shape_syntax,
    shapes,
    sparql,
    terms,
)
from publisher.validation.context import Context
from publisher.validation.inputs import Progress
from publisher.validation.shapes import coverage

Check = Callable[[Context], Iterator[Diagnostic]]

CHECKS: Final[Sequence[tuple[str, Check]]] = (
    ("literals", literals.check),
    ("imports", imports.check),
    ("jsonld", jsonld.check),
    ("references", references.check),
    ("terms", terms.check),
    ("contract", contract.check),
    ("dates", dates.check),
    ("duplicates", duplicates.check),
    ("formatting", literals.check_form),
    ("formatting", formatting.check),
    ("shapes", shape_syntax.check),
    ("shapes", shapes.check),
    ("coverage", coverage.check),
    ("checks", sparql.check),
    ("checks", questions.check),
)
"""Every check in the order in which it runs, with the phase that progress is reported under. Those that use an engine
come last: it works ahead of them."""


def validate(context: Context, progress: Progress | None = None) -> list[Diagnostic]:
    """Every finding about a context, sorted by place.

    Raises CannotRunError if there are no shapes, if SPARQL checks are broken, or if the engine cannot use the shapes.
    """
    if (
        context.uses_shapes
        and all(mistake.harmless for mistake in context.mistakes)
        and not any(context.graph.is_active(shape) for shape, *_ in context.graph.targets())
    ):
        raise CannotRunError("The shapes have no targets, so nothing would be checked.")
    found: list[Diagnostic] = []
    with context.ahead:
        shapes.begin(context)
        sparql.begin(context)
        for number, (phase, check) in enumerate(CHECKS):
            if progress:
                progress(phase, number, len(CHECKS))
            found += check(context)
    listed = sorted(set(found), key=lambda finding: (*finding.order, finding.terms, finding.component))
    pages = {file.path: file.page for file in context.given if file.page}
    return [quote_lines([each], pages[each.file])[0] if each.file in pages else each for each in listed]
