"""Which names "did you mean" suggests."""

import random

import pytest
from support.tiers import WITH_SLOW

from publisher.suggestions import ALIKE, Nearest, suggest

SLUGS = ["raise-up-massachusetts", "mass-care", "clean-slate-ma", "minimum-wage", "rent-control", "name", "a"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("raise-up-masachusetts", "raise-up-massachusetts"),
        ("raise-up-massachusets", "raise-up-massachusetts"),
        ("Raise-Up-Massachusetts", "raise-up-massachusetts"),
        ("minimum-wages", "minimum-wage"),
        ("masscare", "mass-care"),
        ("nmae", "name"),
        ("rent", ""),
        ("housing", ""),
        ("", ""),
        ("A", "a"),
        ("raise-up-massachusetts", "raise-up-massachusetts"),
    ],
)
def test_nearest_name_or_none(asked, found):
    assert Nearest(SLUGS)(asked) == found


@pytest.mark.parametrize(
    ("asked", "found"), [("nodekind", "nodeKind"), ("Nodekind", "NodeKind"), ("nodekid", "nodeKind")]
)
def test_of_names_that_differ_in_case_the_one_of_the_same_kind_is_suggested(asked, found):
    nearest = Nearest(["NodeKind", "nodeKind", "node"])
    assert nearest(asked) == found
    assert nearest.find_slip(asked) == ""


def test_no_names_no_suggestion():
    assert Nearest([])("name") == ""


def _many(number: int) -> list[str]:
    words = (
        "raise",
        "up",
        "massachusetts",
        "coalition",
        "for",
        "water",
        "green",
        "workers",
        "rights",
        "housing",
        "bill",
    )
    chance = random.Random(5)
    return ["-".join(chance.choice(words) for _ in range(5)) + str(i) for i in range(number)]


def _slip(name: str, chance: random.Random) -> str:
    at = chance.randrange(len(name))
    return name[:at] + chance.choice("abcxyz") + name[at + 1 :]


def test_nearest_is_most_similar():
    names, chance = _many(100), random.Random(6)
    nearest = Nearest(names)
    for name in chance.sample(names, 20 if WITH_SLOW else 4):
        asked = _slip(name, chance)
        best = max(_ratio(other, asked) for other in names)
        assert best >= ALIKE
        assert _ratio(nearest(asked), asked) == pytest.approx(best)


def _ratio(first: str, second: str) -> float:
    """Twice the longest common subsequence over the sum of the lengths: what is expected, by the textbook."""
    row = [0] * (len(second) + 1)
    for a in first:
        above = row
        row = [0]
        for i, b in enumerate(second):
            row.append(above[i] + 1 if a == b else max(row[i], above[i + 1]))
    return 2 * row[-1] / (len(first) + len(second))


def test_long_name_is_compared_by_beginning():
    assert Nearest(["x" * 100_000, "y"])("x" * 99_999) == "x" * 100_000


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("dangling-refrence", ["dangling-reference", "document-reference"]),
        ("Stray-Comment", ["stray-comment"]),
        ("zzz", []),
    ],
)
def test_suggestions_are_best_first(asked, found):
    rules = ["dangling-reference", "document-reference", "stray-comment", "tidy"]
    assert suggest(asked, rules, limit=2) == found
