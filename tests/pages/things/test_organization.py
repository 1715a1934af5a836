"""The page of an organization."""

from collections.abc import Callable

from support.phrases import facts, section

from publisher.pages.things.organization import describe_organization
from publisher.pages.things.reader import Reader


def test_coalitions_come_first_with_role_and_time(read: Callable[[str], tuple[Reader, str]]) -> None:
    watch = describe_organization(*read("organization/river-watch"))
    assert watch.sections[0].heading == "Coalitions it belongs to (2)"
    assert section(watch, "coalitions") == [
        "Clear Water | Convener;",
        "Fair Wages Coalition | Member, 2018 to June 2023;",
    ]
    assert facts(watch) == {"Part of": ["Forum for Arcadia"], "Linked to": ["Bakers' Union"]}
    assert watch.summary == "River Watch: in Clear Water."


def test_positions_are_grouped_by_side(read: Callable[[str], tuple[Reader, str]]) -> None:
    forum = describe_organization(*read("organization/forum-for-arcadia"))
    assert section(forum, "positions")[0].startswith("Raising the minimum wage: H.120 [No outcome known yet")


def test_organization_without_coalition_says_so(read: Callable[[str], tuple[Reader, str]]) -> None:
    state = describe_organization(*read("organization/state-of-arcadia"))
    assert state.gaps == [
        "No page that we read names a coalition that it belongs to.",
        "No website of it is recorded.",
    ]
