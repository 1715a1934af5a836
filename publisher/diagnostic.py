"""Diagnostics: the value that every check reports, the rules behind it, and the errors that carry findings."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from publisher.errors import PublisherError


class Severity(IntEnum):
    """How bad a finding is, with SHACL's three levels (SHACL, section 2.1.4)."""

    INFO = 1
    WARNING = 2
    VIOLATION = 3


@dataclass(frozen=True)
class Diagnostic:
    """One finding about files.

    rule: the rule's stable name. file: path relative to the root, or as given. line, column, end_line, end_column:
    characters counted from 1, the end exclusive, None where unknown. focus, path, value: terms as people read them
    (prefixed names or literals), empty where none. label: the focus node's name for people. source: the text of the
    line. shape and component: IRIs of the shape and the constraint component that speak. terms: focus node, path and
    value in N-Triples, empty strings where none. details: the findings this one rests on (SHACL, section 3.6.2.7).
    more: how many alike were left out. proposal: the IRI that is probably meant in place of the one at the place.
    """

    rule: str
    severity: Severity
    message: str
    file: str = ""
    line: int | None = None
    column: int | None = None
    focus: str = ""
    path: str = ""
    value: str = ""
    end_line: int | None = None
    end_column: int | None = None
    label: str = ""
    source: str = ""
    shape: str = ""
    component: str = ""
    terms: tuple[str, str, str] = ("", "", "")
    details: tuple["Diagnostic", ...] = ()
    more: int = 0
    proposal: str = ""

    @property
    def order(self) -> tuple[object, ...]:
        """Sorting key: by place, then by rule."""
        place = (self.file, self.line or 0, self.column or 0)
        return (*place, self.rule, self.focus, self.path, self.value, self.message)


@dataclass(frozen=True)
class Rule:
    """What a rule means, for the reports, for its page and for `--explain`.

    name: stable, as diagnostics give it. kind: what sort of rule (`syntax`, `tidiness`, `literal`, `shape`, `check`,
    `reference`, `coverage`). title: a few words. meaning: what it asks. why: why it exists. mend: what to do about a
    finding. link: absolute URL of its page, empty where it has none. wrong and right: examples, as (name, Turtle).
    """

    name: str
    kind: str
    severity: Severity
    title: str
    meaning: str
    why: str = ""
    mend: str = ""
    link: str = ""
    wrong: tuple[tuple[str, str], ...] = ()
    right: tuple[tuple[str, str], ...] = ()


class FindingsError(PublisherError):
    """A check found something, and that is what it is for."""

    exit_code = 1
    title = "There are findings"

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__(f"{len(diagnostics)} finding(s)")
        self.diagnostics = list(diagnostics)


class UnreadableFilesError(FindingsError):
    """Files that do not parse: nothing can be served or checked from them."""

    exit_code = 2
    title = "Files that cannot be read"
