"""The page of a source."""

from collections.abc import Callable

from support.phrases import facts, section

from publisher.pages.things.reader import Reader
from publisher.pages.things.source import describe_source


def test_source_says_what_it_supports_in_words(read: Callable[[str], tuple[Reader, str]]) -> None:
    about = describe_source(*read("source/fair-wages-about"))
    assert [(link.text, link.foreign) for link in about.actions] == [("fairwages.example/about", True)]
    assert facts(about)["Publisher"] == ["Fair Wages Coalition"]
    assert facts(about)["Published"] == ["2025"]
    assert about.sections[0].heading == "What it supports (11)"
    assert section(about, "supports") == [
        "Bakers' Union in Fair Wages Coalition: founder, since 2013",
        "Forum for Arcadia in Fair Wages Coalition: convener, stated in 2025",
        "Fair Wages Coalition supports Question 1 of 2024 (paid sick leave)",
        "Fair Wages Coalition: Seeks wages that people can live on.",
        "Fair Wages Coalition: more than 80 member organizations",
        "Fair Wages Coalition: 120 member organizations",
        "Fair Wages Coalition: founded, 2013",
        "Paid sick leave for all",
        "Fair Wages Coalition",
        "Question 1 of 2024 (paid sick leave)",
        "Bakers' Union",
    ]


def test_positions_of_one_holder_and_time_are_one_line(read: Callable[[str], tuple[Reader, str]]) -> None:
    bills = section(describe_source(*read("source/fair-wages-bills")), "supports")
    assert "Fair Wages Coalition supports H.101 (11th) (stated in 2023)" in bills
    assert "H.120 (12th), An Act raising the minimum wage" in bills
