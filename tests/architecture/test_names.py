"""Names: those of tests are subject, condition and result in plain words; those of functions are verbs or nouns."""

import ast
import re
from pathlib import Path

from architecture.code import MODULES, TREES, functions

TESTS = Path(__file__).resolve().parents[1]
ODD = re.compile(
    r"(^|_)(told|tells|mends?|mended|judged?|judges|smiles?|whoever|whom|nobody|anybody|ours|refused?|refuses"
    r"|bears|hands_over|left_alone|leads_nowhere|of_ones_own|is_asked_for|however|whatever)(_|$)"
)
"""Idioms; the standard words are: reported, fixed, validated, rejected, violates, own, unchanged."""
LONGEST = 75


def test_names_are_short_and_plain() -> None:
    names = {
        f"{path.relative_to(TESTS)}:{name}"
        for path in sorted(TESTS.rglob("test_*.py"))
        for name in re.findall(r"^\s*(?:async )?def (test_\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert len(names) > 1000
    assert {name for name in names if ODD.search(name.partition(":test_")[2])} == set()
    assert {name for name in names if len(name.partition(":")[2]) > LONGEST} == set()


LONE = re.compile(r"_?(about|around|at|before|below|beside|from|in|live|to|with|within|without|(un)?[a-z]+ed)")
"""A participle or preposition that says neither what a function does nor what it returns."""
LONE_BUT_CLEAR = {"errors.published"}
"""Functions called as `errors.published()`, which lists the published errors."""


def test_functions_are_not_lone_participles_or_prepositions() -> None:
    found = {
        f"{module}.{function.name}"
        for module in MODULES
        for function in functions(TREES[module])
        if LONE.fullmatch(function.name) and not any("property" in ast.unparse(d) for d in function.decorator_list)
    }
    assert found == LONE_BUT_CLEAR
