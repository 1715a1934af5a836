"""How much the tests look at: some of the many things that are alike, or all (PUBLISHER_TESTS_EVERYTHING=1)."""

import os
from collections.abc import Iterable
from typing import Final

EVERYTHING: Final = bool(os.environ.get("PUBLISHER_TESTS_EVERYTHING"))
"""Set in `.ci/run`."""


def some(iris: Iterable[str], every: int = 12) -> list[str]:
    """The IRIs or addresses to look at: the first of each kind and every so many of the rest, unless all are wanted."""
    found = list(iris)
    kinds: dict[str, str] = {}
    for iri in found:
        kinds.setdefault("/".join(iri.split("/")[:-1]), iri)
    chosen = {*kinds.values(), *found[::every]}
    return found if EVERYTHING else [iri for iri in found if iri in chosen]
