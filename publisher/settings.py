"""Settings: one frozen value, from the environment and the options of the command."""

import os
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from publisher.errors import CannotRunError

ENVIRONMENT_PREFIX = "PUBLISHER_"


def _row(default: Any, sentence: str) -> Any:
    return field(default=default, metadata={"sentence": sentence})


@dataclass(frozen=True)
class Settings:
    """Every setting. Each can be set in the environment as PUBLISHER_<NAME>; some are options of the command too."""

    root: str = _row(
        "", "Folder with ontology/, data/ and shapes/; empty: the nearest one upward, else the packaged copy."
    )
    host: str = _row("127.0.0.1", "Address that the server listens on.")
    port: int = _row(8000, "Port that the server listens on; 0 picks a free one.")
    public_url: str = _row(
        "", "Address under which visitors reach the server, if it differs from the one they request."
    )
    store_dir: str = _row("", "Folder for compiled releases; empty: the user's cache folder.")
    query_workers: int = _row(
        2, "Number of long queries that run at the same time; as many processes again run short ones."
    )
    query_waiting: int = _row(24, "Number of long queries that may queue; further ones get status 503 at once.")
    query_seconds: int = _row(10, "Wall-clock limit of one query, in seconds.")
    query_cpu_seconds: int = _row(10, "Limit of the processor time of one query, in seconds.")
    query_memory_mb: int = _row(512, "Memory limit of one query, in MiB, beyond what its process starts with.")
    query_result_mb: int = _row(128, "Size limit of one result, in MiB.")
    query_length_kb: int = _row(512, "Size limit of one request to the endpoint, in KiB.")
    query_nesting: int = _row(64, "Maximum nesting depth of the brackets in a query.")
    query_services: str = _row("", "Endpoints that queries may call with SERVICE, separated by spaces; empty: none.")
    query_repeats: int = _row(100_000, "Number of queries after which a query process is replaced.")
    uncontained_queries: int = _row(0, "1 allows queries where the platform cannot limit them; 0 refuses them there.")
    cache_mb: int = _row(64, "Memory for cached responses, in MiB; 0 disables the cache.")
    page_threads: int = _row(4, "Number of threads that answer requests other than queries.")
    incoming: int = _row(100, "Number of incoming statements that one page of a description lists.")

    @classmethod
    def read(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read the environment (os.environ unless given). Raises CannotRunError on a value of the wrong type."""
        found = os.environ if environment is None else environment
        values = {
            row.name: _value(row, found[ENVIRONMENT_PREFIX + row.name.upper()])
            for row in fields(cls)
            if ENVIRONMENT_PREFIX + row.name.upper() in found
        }
        return cls(**values)

    def having(self, **options: Any) -> "Settings":
        """A copy with the options given; those that are None are left as they are."""
        return replace(self, **{name: value for name, value in options.items() if value is not None})

    def store_folder(self) -> Path:
        """The folder in which compiled releases are kept (XDG Base Directory Specification)."""
        if self.store_dir:
            return Path(self.store_dir)
        cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
        return Path(cache) / "ma-coalitions" / "releases"


@dataclass(frozen=True)
class Surroundings:
    """What the environment says of where a command runs.

    github_actions: whether in a job of GitHub Actions. step_summary: the file for the summary of its step, empty for
    none. no_color: whether colours are unwanted (no-color.org).
    """

    github_actions: bool = False
    step_summary: str = ""
    no_color: bool = False

    @classmethod
    def read(cls) -> "Surroundings":
        """The surroundings, from os.environ."""
        found = os.environ
        on_github = found.get("GITHUB_ACTIONS") == "true"
        summary = found.get("GITHUB_STEP_SUMMARY", "") if on_github else ""
        return cls(on_github, summary, bool(found.get("NO_COLOR")) or found.get("TERM") == "dumb")


def _value(row: Field[Any], text: str) -> Any:
    if isinstance(row.default, str):
        return text
    try:
        number = int(text)
    except ValueError:
        number = -1
    if number < 0:
        name = ENVIRONMENT_PREFIX + row.name.upper()
        raise CannotRunError(f"{name} is {text!r}; it must be a whole number. {row.metadata['sentence']}")
    return number


def rows() -> list[tuple[str, Any, str]]:
    """Every setting as (name, default, sentence), for help and documentation."""
    return [(row.name, row.default, row.metadata["sentence"]) for row in fields(Settings)]
