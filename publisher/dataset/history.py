"""The history of a root: the earlier states that its published URIs are compared with. Values only; no I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final


@dataclass(frozen=True)
class Past:
    """The published files of a root at an earlier commit.

    name: of the commit, in messages. paths: of all the files, below the root. texts: path -> text, of the files that
    have changed or are gone since.
    """

    name: str
    paths: frozenset[str] = frozenset()
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Identity:
    """What says which thing an IRI means: its names, and where its record is from. Terms as N-Triples spells them."""

    names: frozenset[str]
    sources: frozenset[str]


@dataclass(frozen=True)
class ReleasedIris:
    """What one release published. path: of the list, below the root. version: of the release. meanings: IRI -> its
    classes, or what a term of the JSON-LD context stands for, in the order of the lines of the list. digests: IRI ->
    the digest of its own statements. identities: IRI -> names and sources; empty except of the last release.
    """

    path: str
    version: str
    meanings: Mapping[str, str]
    digests: Mapping[str, str] = field(default_factory=dict)
    identities: Mapping[str, Identity] = field(default_factory=dict)


@dataclass(frozen=True)
class History:
    """The history of a root. states: the earlier states to compare with. missing: why there are none; empty where
    nothing was committed before. day: the date of the last commit; None without one, or where there are uncommitted
    changes. released: the lists of what each release published.
    """

    states: Sequence[Past] = ()
    missing: str = ""
    day: date | None = None
    released: Sequence[ReleasedIris] = ()


NO_HISTORY: Final = History()
"""The history of a root that was never published before."""
