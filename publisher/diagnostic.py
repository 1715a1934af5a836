"""Diagnostics: the value that every check reports, the rules behind it, and the errors that carry findings."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from publisher.errors import PublisherError


class Severity(IntEnum):
    """The severity of a finding: the three levels of SHACL (section 2.1.4)."""

    INFO = 1
    WARNING = 2
    VIOLATION = 3


@dataclass(frozen=True)
class Related:
    """Another place that a finding is about, and what is there. The fields are as in Diagnostic."""

    message: str
    file: str
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None


@dataclass(frozen=True)
class Diagnostic:
    """One finding about files.

    rule: the stable name of the rule. file: path relative to the root, or as given. line, column, end_line, end_column:
    in characters from 1, the end exclusive, None if unknown. focus, path, value: terms for people (prefixed names or
    literals), empty if none. label: the name of the focus node. source: the text of the line. shape and component: IRIs
    of the shape and of the constraint component. custom_severity: IRI of a severity that SHACL does not define, empty
    if none. terms: focus node, path and value in N-Triples, empty strings if none; a path that is no IRI is in Turtle.
    details: the nested findings (`sh:detail`; SHACL, section 3.6.2.7). more: how many similar findings are not listed.
    proposal: the IRI or literal that is probably meant instead of the one at the location. certain: whether it surely
    is. related: other places that it is about.
    merged: shape and component of the results that are the same for people, and reported as this one.
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
    certain: bool = False
    related: tuple[Related, ...] = ()
    custom_severity: str = ""
    merged: tuple[tuple[str, str], ...] = ()

    @property
    def order(self) -> tuple[object, ...]:
        """The sorting key: by location, then by rule."""
        place = (self.file, self.line or 0, self.column or 0)
        return (*place, self.rule, self.focus, self.path, self.value, self.message)


@dataclass(frozen=True)
class Rule:
    """The documentation of a rule, for reports, its page and `--explain`.

    name: stable, as in diagnostics. kind: one of `syntax`, `tidiness`, `literal`, `shape`, `check`, `reference`,
    `coverage`, `contract`. title: a few words. meaning: what it requires. why: its reason. fix: what to do about a
    finding. link: absolute URL of its page, empty if none. wrong and right: invalid and valid examples, as (name,
    Turtle).
    """

    name: str
    kind: str
    severity: Severity
    title: str
    meaning: str
    why: str = ""
    fix: str = ""
    link: str = ""
    wrong: tuple[tuple[str, str], ...] = ()
    right: tuple[tuple[str, str], ...] = ()


class FindingsError(PublisherError):
    """Files were checked and have findings."""

    exit_code = 1
    title = "Findings"

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__(f"{len(diagnostics)} finding(s)")
        self.diagnostics = list(diagnostics)


class UnreadableFilesError(FindingsError):
    """Files that do not parse: nothing can be served or checked from them."""

    exit_code = 2
    title = "Unreadable files"
