"""The processes of a server: which there are, and what they use, as the kernel reports it (proc(5))."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """One process. rss and peak: resident memory in KiB, now and at most so far. descriptors: open ones."""

    pid: int
    parent: int
    rss: int
    peak: int
    descriptors: int


def tree(pid: int) -> list[Process]:
    """A process and all below it, those first that started first."""
    everyone = {process.pid: process for process in _everyone()}
    found = [pid]
    for ancestor in found:
        found += sorted(process.pid for process in everyone.values() if process.parent == ancestor)
    return [everyone[one] for one in found if one in everyone]


def _everyone() -> Iterator[Process]:
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, KeyError, IndexError):
            lines = (folder / "status").read_text().splitlines()
            fields = {name: value.split() for name, _, value in (line.partition(":") for line in lines)}
            if fields["State"][0] == "Z":
                continue
            yield Process(
                int(folder.name),
                int(fields["PPid"][0]),
                int(fields["VmRSS"][0]),
                int(fields["VmHWM"][0]),
                len(list((folder / "fd").iterdir())),
            )
