"""The outcome of a validation: what was found in the files, before known findings are subtracted. Plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from publisher.diagnostic import Diagnostic, Rule


@dataclass(frozen=True)
class Outcome:
    """What a run found. files: the names of what was given, none for a whole root. complete: whether all was checked.
    suppressed: the findings that comments suppress.
    failures: why the run could not check everything that it had to. notes: other sentences about it."""

    findings: Sequence[Diagnostic]
    rules: Mapping[str, Rule]
    files: frozenset[str] = field(default_factory=frozenset)
    complete: bool = True
    failures: Sequence[str] = ()
    notes: Sequence[str] = ()
    suppressed: Sequence[Diagnostic] = ()
