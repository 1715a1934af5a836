"""The pages of bills, dockets, proposals and ballot measures, as values."""

from collections.abc import Callable

from support.phrases import facts, plain, section

from publisher.pages.things.legislation import describe_filing, describe_measure, describe_proposal
from publisher.pages.things.reader import Reader

Read = Callable[[str], tuple[Reader, str]]


def test_bill_begins_with_legislature_outcome_and_companion(read: Read) -> None:
    bill = describe_filing(*read("bill/12-h120"))
    assert bill.heading == "H.120 (12th), An Act raising the minimum wage"
    assert [link.text for link in bill.breadcrumb] == ["Bills", "12th session (2025-2026)"]
    assert list(map(plain, bill.lead)) == [
        "A bill of the House, filed in the 12th session (2025-2026). It is a filing of the proposal"
        " Raising the minimum wage."
    ]
    assert [link.text for link in bill.actions] == ["On legislature.arcadia.example"]
    assert facts(bill) == {
        "Outcome": ["No outcome known yet"],
        "Issue": ["Minimum wage"],
        "Same bill in the Senate": ["S.60 (12th)"],
        "Filed as docket": ["HD.402 (12th)"],
        "Takes up": ["H.101 (11th)"],
    }
    assert bill.gaps == ["No page that we read states what came of it."]


def test_backers_say_which_filing_and_when(read: Read) -> None:
    assert section(describe_filing(*read("bill/12-h120")), "backers") == [
        "Fair Wages Coalition | H.120, in February 2025; H.101 (11th), in 2023; S.60;",
        "Forum for Arcadia | H.120;",
    ]
    assert section(describe_filing(*read("bill/12-h70")), "backers") == [
        "Clear Water | H.77;",
        "Filings of the same proposal are counted too.",
    ]


def test_filings_stand_in_order_of_sessions(read: Read) -> None:
    expected = [
        "12th session (2025-2026): H.120, S.60, from HD.402 [No outcome known yet] [An Act raising the minimum wage]",
        "11th session (2023-2024): H.101 (11th), S.55 (11th)"
        " [S.55: sent to study (Senate), February 2024; H.101: no enactment known]"
        " [An Act raising the minimum wage]",
    ]
    for model in (
        describe_filing(*read("bill/11-s55")),
        describe_filing(*read("docket/12-hd402")),
        describe_proposal(*read("proposal/raising-the-minimum-wage")),
    ):
        assert section(model, "sessions") == expected


def test_history_has_events_in_order(read: Read) -> None:
    assert section(describe_filing(*read("bill/12-h70")), "history") == [
        "16 January 2025: Filed (House)",
        "January 2026: Replaced by a new draft (House) → H.77 (12th)",
    ]
    assert section(describe_proposal(*read("proposal/raising-the-minimum-wage")), "history") == [
        "February 2024: Sent to study (Senate): S.55 (11th) [Together with the other bills on wages.]"
    ]


def test_docket_names_the_bill_it_became_and_misses_no_outcome(read: Read) -> None:
    docket = describe_filing(*read("docket/12-hd402"))
    assert docket.kind == "docket"
    assert facts(docket) == {"Became": ["H.120 (12th)"]}
    assert docket.gaps == []


def test_proposal_has_issue_and_titles(read: Read) -> None:
    proposal = describe_proposal(*read("proposal/raising-the-minimum-wage"))
    assert facts(proposal) == {"Issue": ["Minimum wage"], "Titles": ["An Act raising the minimum wage"]}
    assert proposal.remark.startswith("The name and the grouping are ours")


def test_measure_states_outcome_and_election_once(read: Read) -> None:
    measure = describe_measure(*read("measure/2024-question-1"))
    assert list(map(plain, measure.lead)) == ["Asked whether employees should earn paid sick leave."]
    assert facts(measure) == {
        "Outcome": ["Approved by voters, 5 November 2024"],
        "Issue": ["Paid sick leave"],
        "Brought about": ["Paid sick leave for all"],
    }
    assert section(measure, "backers") == ["Fair Wages Coalition | no date;"]
