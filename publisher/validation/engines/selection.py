"""Engine selection: chooses and loads the SHACL engine of a run."""

import importlib
import importlib.util
from collections.abc import Sequence
from types import ModuleType
from typing import Final, Protocol

import pyoxigraph as ox

from publisher.errors import CannotRunError

FAST: Final = "fast"
"""The engine that is not written in Python."""
ENGINES: Final = {"pyshacl": "pyshacl_engine", FAST: "shacl_engine"}
"""Engine -> its module, which has a function `report` from shapes and data to the validation report."""
AUTO: Final = "auto"
CHOICES: Final = (AUTO, *ENGINES)


class ManyResultsError(Exception):
    """A run ended early, because it found as many results as it was given as the most."""


class Engine(Protocol):
    """The validation report about data, from shapes and data."""

    def __call__(
        self, shapes: Sequence[ox.Triple], data: Sequence[ox.Triple], most: int | None = None
    ) -> list[ox.Triple]:
        """Validate. most: results at which an engine may raise ManyResultsError, None for any number."""


def choose_engine(name: str) -> str:
    """The engine that a name stands for: `auto` is the fast one where it is installed, else pySHACL."""
    if name != AUTO:
        return name
    return FAST if importlib.util.find_spec("shacl") else "pyshacl"


def load_engine(name: str) -> Engine:
    """The function that validates. Raises CannotRunError where the engine is not installed."""
    report: Engine = _load_module(name).report
    return report


def describe_engine(name: str) -> str:
    """The engine that a name stands for, with its version. Raises CannotRunError where it is not installed."""
    return f"{choose_engine(name)} ({_load_module(name).NAME})"


def _load_module(name: str) -> ModuleType:
    chosen = choose_engine(name)
    try:
        return importlib.import_module(f"publisher.validation.engines.{ENGINES[chosen]}")
    except ModuleNotFoundError as error:
        words = f"The engine {chosen} needs {error.name}. Install it with: pip install '.[{chosen}]'."
        raise CannotRunError(words) from error
