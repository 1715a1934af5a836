"""The page of a coalition, as a value: what it wants, who is in it, what is near it, what is not known."""

from collections.abc import Callable

import pytest
from support.phrases import facts, plain, section

from publisher.pages.things.coalition import describe_coalition
from publisher.pages.things.model import Model
from publisher.pages.things.reader import Reader


@pytest.fixture
def fair(read: Callable[[str], tuple[Reader, str]]) -> Model:
    return describe_coalition(*read("coalition/fair-wages-coalition"))


def test_page_begins_with_names_and_purpose(fair: Model) -> None:
    assert (fair.heading, fair.acronym, fair.kind) == ("Fair Wages Coalition", "FWC", "coalition")
    assert [(link.text, link.href) for link in fair.breadcrumb] == [
        ("Coalitions", "../../doc/coalition"),
        ("Fair Work Agenda", "../../doc/agenda/fair-work-agenda"),
    ]
    assert list(map(plain, fair.lead)) == ["Seeks wages that people can live on."]
    assert fair.summary == "Seeks wages that people can live on."
    assert fair.remark == "Our summary of the cited page."


def test_accounts_are_links_built_from_service_and_name(fair: Model, read: Callable[[str], tuple[Reader, str]]) -> None:
    assert [(link.text, link.href) for link in fair.actions] == [
        ("fairwages.example", "https://www.fairwages.example/"),
        ("fairwages on Action Network", "https://actionnetwork.org/groups/fairwages"),
        ("FairWages on Facebook", "https://www.facebook.com/FairWages"),
        ("FairWages on Twitter", "https://twitter.com/FairWages"),
    ]
    homes = describe_coalition(*read("coalition/homes-for-all-coalition"))
    assert [(link.text, link.href) for link in homes.actions][1:] == [("Homes for All on Facebook", "")]


def test_facts_show_latest_size_first(fair: Model) -> None:
    found = facts(fair)
    assert found["Size"] == ["“120 member organizations” (2025)", "+“more than 80 member organizations” (2023)"]
    assert found["Founded"] == ["2013 [Formed when two campaigns joined forces.]"]
    assert found["Also called"] == ["Fair Wages", "Fair Wage Campaign (former name, stated in 2013)"]
    assert found["Listed under"] == ["Fair Work Agenda"]
    assert found["Not to be confused with"] == ["Fair Wages Network"]


def test_aims_have_issue_and_bills_of_latest_session(fair: Model) -> None:
    assert section(fair, "wants") == [
        "A higher minimum wage [Issue: Minimum wage]",
        "- Raising the minimum wage: H.120, S.60 [No outcome known yet · backing stated in February 2025]",
        "+Raising the minimum wage: H.101 (11th) [No enactment known · backing stated in 2023]",
        "+Question 1 of 2024 (paid sick leave) [Approved by voters, 5 November 2024]",
        "+Paid sick leave for all – reached on 5 November 2024 by Question 1 of 2024 (paid sick leave)",
        "+2013: Founded",
        "+5 November 2024: Aim reached: Paid sick leave for all",
        "+5 November 2024: Approved by voters: Question 1 of 2024 (paid sick leave)",
        "Bills of the 12th session (2025-2026), below an aim on the same issue.",
    ]


def test_members_are_in_order_of_role_with_other_coalitions(fair: Model) -> None:
    assert section(fair, "members") == [
        "Forum for Arcadia [Also in Clear Water] | Convener, through an officer, in 2025;",
        "Bakers' Union | Founder, since 2013;",
        "River Watch [Also in Clear Water] | Member, 2018 to June 2023;",
    ]
    assert section(fair, "memberships") == ["Homes for All Coalition | Member;"]


def test_near_coalitions_say_what_is_shared(fair: Model) -> None:
    assert section(fair, "near") == [
        "Clear Water [Shares 2 members (Forum for Arcadia, River Watch)]",
        "Night Bus Coalition [Shares 1 issue (Minimum wage)]",
    ]


def test_gaps_name_absent_facts(read: Callable[[str], tuple[Reader, str]], fair: Model) -> None:
    assert fair.gaps == []
    bus = describe_coalition(*read("coalition/night-bus-coalition"))
    assert bus.gaps == [
        "No page that we read states who belongs to it, when it was founded, how large it is, which bills it backs"
        " or a website of its own."
    ]
    assert list(map(plain, bus.lead)) == ["Seeks buses after midnight and a higher minimum wage."]


def test_page_says_that_no_current_bill_is_known(read: Callable[[str], tuple[Reader, str]]) -> None:
    homes = describe_coalition(*read("coalition/homes-for-all-coalition"))
    assert section(homes, "wants")[-1] == (
        "No page that we read names a bill of the 12th session (2025-2026) that it backs."
    )
