"""Clean files: the checks of single files that found nothing, by digest, so that they need not run again."""

import hashlib
from collections.abc import Callable, Iterable, Iterator

from publisher.diagnostic import Diagnostic


class CleanFiles:
    """The digests of checks without findings. known: those of an earlier run. software: what else decides.

    A check belongs here only if its findings follow from the parts that it names; where it finds anything, it runs
    again, since the words and places of findings depend on other files.
    """

    def __init__(self, known: Iterable[str] = (), software: str = "") -> None:
        self._known = frozenset(known)
        self._software = software
        self.clean: set[str] = set()
        """The digests of this run."""

    def check(self, name: str, parts: Iterable[str], find: Callable[[], Iterable[Diagnostic]]) -> Iterator[Diagnostic]:
        """The findings of a check of one file; none if it had none before. parts: all that decides about them."""
        key = digest([self._software, name, *parts])
        if key not in self._known:
            found = list(find())
            yield from found
            if found:
                return
        self.clean.add(key)


def digest(parts: Iterable[str]) -> str:
    """Return the digest of several texts, in order, which no other texts have: SHA-256, in hexadecimal."""
    whole = hashlib.sha256()
    for part in parts:
        data = part.encode(errors="surrogateescape")
        whole.update(b"%d:" % len(data) + data)
    return whole.hexdigest()
