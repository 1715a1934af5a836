"""Datatypes: whether a lexical form is in the lexical space of its datatype (XML Schema 1.1 Datatypes)."""

import functools
import re
from typing import Final

import pyoxigraph as ox

from publisher.rdf.namespaces import XSD

_ZONE: Final = r"(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
_YEAR: Final = r"(?P<year>-?(?:[1-9][0-9]{3,}|0[0-9]{3}))"
_MONTH: Final = r"-(?P<month>0[1-9]|1[0-2])"
_DAY: Final = r"-(?P<day>0[1-9]|[12][0-9]|3[01])"
_TIME: Final = r"(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?|24:00:00(?:\.0+)?)"
_CLOCK: Final = r"(?:T(?=.)(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+(?:\.[0-9]+)?S)?)?"
_FLOAT: Final = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?INF|NaN"

_BOUNDS: Final[dict[str, tuple[int | None, int | None]]] = {
    "integer": (None, None),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    **{name: (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for name, bits in (("byte", 8), ("short", 16), ("int", 32))},
    "long": (-(2**63), 2**63 - 1),
    **{f"unsigned{name}": (0, 2**bits - 1) for name, bits in (("Byte", 8), ("Short", 16), ("Int", 32), ("Long", 64))},
}
"""The least and the greatest value of each integer type (section 3.4), None if unbounded."""

_FORMS: Final = {
    "boolean": "true|false|1|0",
    "decimal": r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)",
    "double": _FLOAT,
    "float": _FLOAT,
    "date": _YEAR + _MONTH + _DAY + _ZONE,
    "gYear": _YEAR + _ZONE,
    "gYearMonth": _YEAR + _MONTH + _ZONE,
    "gMonth": f"-{_MONTH}{_ZONE}",
    "gMonthDay": f"-{_MONTH}{_DAY}{_ZONE}",
    "gDay": f"--{_DAY}{_ZONE}",
    "dateTime": f"{_YEAR}{_MONTH}{_DAY}T{_TIME}{_ZONE}",
    "dateTimeStamp": f"{_YEAR}{_MONTH}{_DAY}T{_TIME}{_ZONE[:-1]}",
    "time": _TIME + _ZONE,
    "duration": f"-?P(?=.)(?:[0-9]+Y)?(?:[0-9]+M)?(?:[0-9]+D)?{_CLOCK}",
    "yearMonthDuration": "-?P(?=.)(?:[0-9]+Y)?(?:[0-9]+M)?",
    "dayTimeDuration": f"-?P(?=.)(?:[0-9]+D)?{_CLOCK}",
    "hexBinary": "(?:[0-9a-fA-F]{2})*",
    "base64Binary": "(?:(?:[A-Za-z0-9+/] ?){4})*(?:(?:[A-Za-z0-9+/] ?){3}=|(?:[A-Za-z0-9+/] ?){2}= ?=)?",
    "language": "[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*",
    "normalizedString": "[^\t\n\r]*",
    "token": "(?:[^\t\n\r ]+(?: [^\t\n\r ]+)*)?",
}
"""The lexical spaces of the datatypes of RDF other than strings (RDF 1.1 Concepts, section 5.1)."""

_SPACED: Final = re.compile(r"\A([0-9]{4}-[0-9]{1,2}-[0-9]{1,2})[ t]+([0-9])", re.ASCII)
_UNPADDED: Final = re.compile(r"(?<=[0-9])-([0-9])(?=[-TZ+]|\Z)", re.ASCII)
"""A month or day of one digit. What follows may be a time zone, whose offset has two."""

_DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DIGITS: Final = 20
"""Digits that suffice to exceed every bound; Python refuses to parse very long integers."""


def is_ill_typed(literal: ox.Literal) -> bool:
    """Return whether the lexical form of a literal is not in the lexical space of its datatype, if that is known."""
    datatype = literal.datatype.value
    name = datatype[len(XSD) :] if datatype.startswith(XSD) else ""
    if name == "string" or (name not in _FORMS and name not in _BOUNDS):
        return False
    match = _form(name).fullmatch(literal.value)
    if match is None:
        return True
    return not _is_within(literal.value, *_BOUNDS[name]) if name in _BOUNDS else _is_not_a_date(match.groupdict())


def repair(literal: ox.Literal) -> ox.Literal | None:
    """Return the literal that is surely meant by an ill-typed one; None if there is none.

    That is a boolean in other letters, a dateTime with a space for the T, and a date whose month or day lacks a zero.
    """
    text = literal.value.strip()
    name = literal.datatype.value.removeprefix(XSD)
    if name == "boolean":
        text = text.lower()
    elif name in ("dateTime", "dateTimeStamp"):
        text = _SPACED.sub(r"\1T\2", text)
    if name in ("date", "dateTime", "dateTimeStamp", "gYearMonth"):
        text = _UNPADDED.sub(lambda match: f"-{match[1].zfill(2)}", text)
    meant = ox.Literal(text, datatype=literal.datatype)
    return None if meant == literal or is_ill_typed(meant) else meant


@functools.cache
def _form(name: str) -> re.Pattern[str]:
    return re.compile(_FORMS.get(name, "[+-]?[0-9]+"), re.ASCII)


def _is_within(digits: str, least: int | None, most: int | None) -> bool:
    if least is None and most is None:
        return True
    sign, size = ("-" if digits.startswith("-") else ""), digits.lstrip("+-0")
    value = int(f"{sign}{size[:_DIGITS] or 0}")
    return (least is None or value >= least) and (most is None or value <= most)


def _is_not_a_date(named: dict[str, str | None]) -> bool:
    """Return whether day, month and year are not in the calendar; 29 February of an unknown year is."""
    day, month, year = int(named.get("day") or 1), int(named.get("month") or 1), int((named.get("year") or "0")[-4:])
    century = int((named.get("year") or "0")[:-2].lstrip("-") or 0)
    leap = year % 4 == 0 and (year % 100 != 0 or century % 4 == 0)
    return day > _DAYS[month - 1] + (leap and month == 2)
