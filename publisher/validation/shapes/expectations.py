"""Expectations: the rules that concern the properties of each class, and how many values they ask for."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyoxigraph as ox

from publisher.diagnostic import Severity
from publisher.validation.shapes.shape_rules import ShapeRules

_NAME: Final = re.compile(r"([\w-]*):([\w.-]+)")


@dataclass(frozen=True)
class Expectation:
    """What one rule asks of a property of the instances of a class.

    class_, property: IRIs. low, high: the number of values; None where the rule does not limit it.
    """

    class_: str
    property: str
    rule: str
    severity: Severity
    low: int | None = None
    high: int | None = None


def list_expectations(rules: ShapeRules, prefixes: Mapping[str, str]) -> list[Expectation]:
    """What named shapes ask of the properties of the classes that they target.

    A path of several properties concerns each of them, but limits the number of values of none. prefixes: with which
    the rules spell terms.
    """
    return [
        Expectation(class_, property_, name, rules.severity(shape), low, high)
        for name, shape in rules.iris.items()
        for class_ in rules.classes(shape)
        for property_, low, high in _read_path(rules, shape, prefixes)
    ]


def _read_path(
    rules: ShapeRules, shape: ox.NamedNode, prefixes: Mapping[str, str]
) -> Iterator[tuple[str, int | None, int | None]]:
    """The properties in the path of a shape, with the least and the most values."""
    path, values = rules.path(shape), rules.graph.values
    if isinstance(path, ox.NamedNode):
        yield path.value, _read_number(values(shape, "minCount")), _read_number(values(shape, "maxCount"))
    elif path is not None:
        for spelled in rules.properties(shape):
            found = _NAME.fullmatch(spelled)
            if found and found[1] in prefixes:
                yield prefixes[found[1]] + found[2], None, None


def _read_number(values: Sequence[Any]) -> int | None:
    return next((int(value.value) for value in values if value.value.isdecimal()), None)


def describe_count(found: Sequence[Expectation]) -> str:
    """How many values a property has, by all that is expected of it: those that are wrong otherwise, and those whose
    lack is reported as a gap."""
    strict = [one for one in found if one.severity is Severity.VIOLATION]
    low = max((one.low for one in strict if one.low is not None), default=0)
    high = min((one.high for one in strict if one.high is not None), default=None)
    gap = any(one.low for one in found if one.severity is not Severity.VIOLATION)
    if high is None:
        said = f"{low} or more" if low else "any number"
    elif low == high:
        said = f"exactly {low}"
    else:
        said = f"{low} or {high}" if high == low + 1 else f"{low} to {high}"
    return f"{said}, expected" if gap and not low else said
