"""A real git repository in a folder of a test."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

WHO: Final = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false", "-c", "gc.auto=0")


@dataclass(frozen=True)
class GitRepository:
    """A repository with its working tree in `top`."""

    top: Path

    @classmethod
    def init(cls, top: Path) -> "GitRepository":
        """Make a repository of a folder; nothing is committed."""
        made = cls(top)
        made.run("init", "-q", "-b", "main")
        return made

    def run(self, *words: str, **environment: str) -> str:
        """Run git, and return what it prints."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        return subprocess.run(
            ["git", *WHO, *words],
            cwd=self.top,
            capture_output=True,
            text=True,
            check=True,
            env=clean | {"GIT_CONFIG_NOSYSTEM": "1"} | environment,
        ).stdout.strip()

    def commit(self, message: str = "Change", day: str = "2026-11-23", *paths: str) -> str:
        """Commit all that is in the working tree, or the paths given, at noon of a day; return the commit's name."""
        self.run("add", "-A", *(paths or (".",)))
        noon = f"{day}T12:00:00+00:00"
        self.run("commit", "-q", "--allow-empty", "-m", message, GIT_AUTHOR_DATE=noon, GIT_COMMITTER_DATE=noon)
        return self.run("rev-parse", "HEAD")

    def write(self, path: str, text: str) -> None:
        """Write a file of the working tree."""
        (self.top / path).parent.mkdir(parents=True, exist_ok=True)
        (self.top / path).write_bytes(text.encode())
