"""Collects what attacks did to the program: how many were tried, and which it did not survive."""

from dataclasses import dataclass, field
from typing import Final

SHOWN: Final = 200
"""Characters of a fault that are printed."""
LEAKS: Final = (
    b"Traceback (most recent",
    b'File "/',
    b"site-packages",
    b"/tests/sample/",
    b"pyoxigraph",
    b"RuntimeError",
)
"""What no client may see of the inside of the server."""


@dataclass
class Section:
    """One kind of attack. tried: how many. faults: what went wrong, one line each. notes: figures."""

    name: str
    tried: int = 0
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def check(self, what: str, fault: str) -> None:
        """Count one attack. fault: what went wrong, empty if nothing."""
        self.tried += 1
        if fault:
            self.faults.append(f"{what}: {fault}".replace("\n", " ")[:SHOWN])


def leak(text: bytes) -> str:
    """The part of a response that shows the inside of the server; empty if none does."""
    found = next((mark for mark in LEAKS if mark in text), b"")
    return f"a client sees {found.decode()!r}" if found else ""


def table(sections: list[Section]) -> str:
    """The table of all sections, with their faults and figures below it."""
    lines = ["| attack | tried | survived |", "|---|---|---|"]
    lines += [f"| {part.name} | {part.tried} | {part.tried - len(part.faults)} |" for part in sections]
    for part in sections:
        lines += ["", *[f"{part.name}: {note}" for note in part.notes]]
        lines += [f"{part.name}: FAULT {fault}" for fault in part.faults]
    return "\n".join(lines)
