"""The processor clock: how much processor time another process has used."""

import ctypes
import time
from collections.abc import Callable
from functools import partial


def processor_clock(pid: int) -> Callable[[], float]:
    """Return a clock of the processor seconds that a process has used; of wall seconds where the system has none.

    It is that of clock_getcpuclockid(3), which is exact and reads no file.
    """
    number = ctypes.c_int()
    try:
        missing = ctypes.CDLL(None).clock_getcpuclockid(pid, ctypes.byref(number))
    except (AttributeError, OSError, TypeError):  # No such function, or no C library under that name.
        missing = True
    return time.monotonic if missing else partial(_read_clock, number.value)


def _read_clock(number: int) -> float:
    try:
        return time.clock_gettime(number)
    except OSError:  # The process has ended.
        return 0.0
