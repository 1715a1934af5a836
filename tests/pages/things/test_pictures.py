"""Pictures of things: filings over the sessions, and shared members, in the sample."""

import re
from collections.abc import Callable

from support.each import each

from publisher.pages.things.coalition import describe_coalition
from publisher.pages.things.legislation import describe_filing
from publisher.pages.things.model import Link, Model, Picture
from publisher.pages.things.pictures import EVENTS, choose_sessions, picture_events
from publisher.pages.things.proposals import Session
from publisher.pages.things.reader import Reader

Read = Callable[[str], tuple[Reader, str]]


def find_pictures(model: Model) -> list[Picture]:
    return [block for section in model.sections for block in section.blocks if isinstance(block, Picture)]


def test_bill_has_a_strip_of_its_proposal(read: Read) -> None:
    (picture,) = find_pictures(describe_filing(*read("bill/12-h120")))
    assert re.findall(r'class="small strong"[^>]*>([^<]+)<', picture.markup) == ["11th", "12th"]
    links = re.findall(r'<a href="../../doc/([^"]+)"><title>([^<]+)</title>', picture.markup)
    assert links == [
        ("bill/11-h101", "H.101 (11th). An Act raising the minimum wage. No enactment known"),
        ("bill/12-h120", "H.120 (12th). An Act raising the minimum wage. No outcome known yet"),
        ("docket/12-hd402", "HD.402 (12th). An Act raising the minimum wage"),
        ("bill/11-s55", "S.55 (11th). An Act raising the minimum wage. Sent to study (Senate), February 2024"),
        ("bill/12-s60", "S.60 (12th). An Act raising the minimum wage. No outcome known yet"),
    ]


@each(
    ("filed", "shown"),
    [
        (["9", "12"], ["9", "10", "11", "12"]),
        (["11"], ["11", "12"]),
        (["5", "12"], ["5", "12"]),
        (["1", "2", "4", "6", "8", "10"], ["2", "4", "6", "8", "10"]),
        ([], []),
    ],
)
def test_strip_runs_from_first_filing_to_latest_session(filed: list[str], shown: list[str]) -> None:
    known = [Session(f"s{number}", number=str(number)) for number in range(1, 13)]
    found = choose_sessions([Session(f"s{number}", number=number) for number in filed], known)
    assert [session.number for session in found] == shown


def test_coalition_has_a_picture_of_shared_members(read: Read) -> None:
    (picture,) = find_pictures(describe_coalition(*read("coalition/fair-wages-coalition")))
    assert re.findall(r'<a href="../../doc/([^"]+)"><title>([^<]+)</title>', picture.markup) == [
        ("organization/forum-for-arcadia", "Forum for Arcadia"),
        ("organization/river-watch", "River Watch"),
        ("coalition/clear-water", "Clear Water"),
    ]
    assert "Members that Fair Wages Coalition shares with other coalitions" in picture.markup
    assert picture.markup.count('"edge"') == 2


def test_coalition_without_shared_members_has_no_picture(read: Read) -> None:
    assert find_pictures(describe_coalition(*read("coalition/homes-for-all-coalition"))) == []


def test_bill_with_several_events_has_a_time_line(read: Read) -> None:
    pictures = [p for p in find_pictures(describe_filing(*read("bill/12-h120"))) if p.name == "events"]
    assert pictures == []
    (picture,) = picture_events(
        "Events",
        [
            ("2026-01", Link("Heard", "b")),
            ("", Link("Undated")),
            ("2025-01-16", Link("Filed")),
            ("soon", Link("Past")),
        ],
    )
    assert re.findall(r">([^<]*: \w+)<", picture.markup) == ["16 January 2025: Filed", "January 2026: Heard"]


@each("days", [[], ["2025"], ["2025", "2025-01-01"], [str(2000 + n) for n in range(EVENTS + 1)]])
def test_few_or_very_many_events_are_not_drawn(days: list[str]) -> None:
    assert picture_events("Events", [(day, Link("Filed")) for day in days]) == []
