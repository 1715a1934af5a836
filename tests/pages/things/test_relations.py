"""Relations: memberships and positions, with what they relate, whatever form they are stated in."""

from collections.abc import Callable

from publisher.pages.things.reader import Reader
from publisher.pages.things.relations import (
    read_members,
    read_memberships,
    read_positions_of,
    read_positions_on,
    split_by_stance,
)


def slug(iri: str) -> str:
    return iri.rpartition("/")[2]


def test_members_are_sorted_by_role_and_ended_ones_are_last(read: Callable[[str], tuple[Reader, str]]) -> None:
    found = read_members(*read("coalition/fair-wages-coalition"))
    assert [(slug(m.member), slug(m.role), m.time, m.ended) for m in found] == [
        ("forum-for-arcadia", "convener", "stated in 2025", False),
        ("bakers-union", "founder", "since 2013", False),
        ("river-watch", "member", "2018 to June 2023", True),
    ]
    assert found[0].held == "through an officer"


def test_memberships_of_organization_name_coalitions(read: Callable[[str], tuple[Reader, str]]) -> None:
    found = read_memberships(*read("organization/river-watch"))
    assert [slug(m.coalition) for m in found] == ["clear-water", "fair-wages-coalition"]


def test_positions_are_read_from_either_side(read: Callable[[str], tuple[Reader, str]]) -> None:
    reader, fair = read("coalition/fair-wages-coalition")
    own = read_positions_of(reader, fair)
    assert [slug(p.item) for p in own] == ["11-h101", "12-h120", "12-s60", "2024-question-1"]
    for position in own:
        assert position in read_positions_on(reader, position.item)
        assert (position.holder, position.stance) == (fair, "supports")
    for_, against, other = split_by_stance(own)
    assert (len(for_), against, other) == (4, [], [])
