"""Wait for a condition, however busy the machine is."""

import time
from collections.abc import Callable
from typing import Final

PATIENCE: Final = 60
"""Seconds after which what has not come about is given up: a failure, and never part of what a test asserts."""


def eventually(condition: Callable[[], object]) -> bool:
    """Whether a condition holds, now or as soon as it does."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True
