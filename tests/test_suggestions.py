"""What "did you mean" proposes: the same as comparing with every name, in far less time."""

import difflib
import random
import time

import pytest

from publisher.suggestions import ALIKE, Nearest

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
def test_the_name_that_is_spelled_most_like_it_is_found_or_none(asked, found):
    assert Nearest(SLUGS)(asked) == found


def test_among_no_names_none_is_found():
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


def test_it_is_as_alike_as_the_best_of_all_names_that_look_much_the_same():
    names, chance = _many(400), random.Random(6)
    nearest = Nearest(names)
    for name in chance.sample(names, 40):
        asked = _slip(name, chance)
        best = max(_ratio(other, asked) for other in names)
        assert best >= ALIKE
        assert _ratio(nearest(asked), asked) == pytest.approx(best)


def _ratio(first: str, second: str) -> float:
    return difflib.SequenceMatcher(None, first, second, autojunk=False).ratio()


def test_thousands_of_questions_to_thousands_of_names_take_seconds():
    names, chance = _many(3_000), random.Random(7)
    nearest = Nearest(names)
    begin = time.process_time()
    assert all(nearest(_slip(chance.choice(names), chance)) for _ in range(1_000))
    assert time.process_time() - begin < 5


def test_a_very_long_name_is_not_compared_to_its_end():
    begin = time.process_time()
    assert Nearest(["x" * 100_000, "y"])("x" * 99_999)
    assert time.process_time() - begin < 1
