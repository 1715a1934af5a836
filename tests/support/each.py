"""Many small cases in one test: all of them are tried, and all that fail are reported.

For cases that take less time than pytest takes for a test of its own.
"""

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any, Final

import pytest

CHANGING: Final = {"tmp_path", "monkeypatch", "capsys", "caplog", "capfd", "asked"}
"""Fixtures that one case would hand on to the next as it leaves them."""


def each(names: str | tuple[str, ...], cases: Iterable[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Call a test with every case, as one test. names, cases: as of `pytest.mark.parametrize`.

    The test raises what a case raised if no other failed, else a group of what all raised. Each says in a note which
    case it was. A test is skipped if all its cases are.
    """
    wanted = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    given = [dict(zip(wanted, [case] if isinstance(names, str) else case, strict=True)) for case in cases]

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        parameters = [one for name, one in inspect.signature(test).parameters.items() if name not in wanted]
        assert not CHANGING & {parameter.name for parameter in parameters}, "use pytest.mark.parametrize"
        assert given, "no case"

        @functools.wraps(test)
        def try_all(**fixtures: Any) -> None:
            problems = [error for case in given if (error := _problem(test, fixtures, case))]
            failures = [error for error in problems if isinstance(error, Exception)]
            if len(failures) > 1:
                raise ExceptionGroup(f"{len(failures)} of {len(given)} cases", failures)
            if failures or len(problems) == len(given):
                raise (failures or problems)[0]

        try_all.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        return try_all

    return decorate


def _problem(test: Callable[..., None], fixtures: dict[str, Any], case: dict[str, Any]) -> BaseException | None:
    """What a case raised: an exception, or that it is skipped."""
    try:
        test(**fixtures, **case)
    except pytest.skip.Exception as skipped:
        return skipped
    except pytest.fail.Exception as error:
        found: Exception = AssertionError(str(error))
    except Exception as error:
        found = error
    else:
        return None
    found.add_note(f"case: {case!r}")
    return found
