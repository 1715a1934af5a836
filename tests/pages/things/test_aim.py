"""The page of an aim."""

from collections.abc import Callable

from support.phrases import facts, plain, section

from publisher.pages.things.aim import describe_aim
from publisher.pages.things.parts import ballot_section
from publisher.pages.things.reader import COAL, Reader


def test_aim_has_coalitions_and_the_bills_they_back(read: Callable[[str], tuple[Reader, str]]) -> None:
    aim = describe_aim(*read("aim/a-higher-minimum-wage"))
    assert [link.text for link in aim.breadcrumb] == ["Aims", "Minimum wage"]
    assert section(aim, "coalitions") == [
        "Fair Wages Coalition [Seeks wages that people can live on.]",
        "Night Bus Coalition [Seeks buses after midnight and a higher minimum wage.]",
    ]
    assert section(aim, "bills") == [
        "Raising the minimum wage: H.120, S.60 [No outcome known yet]",
        "These are on the same issue and backed by a coalition that seeks the aim; no page joins bill and aim.",
    ]


def test_reached_aim_says_when_and_by_what(read: Callable[[str], tuple[Reader, str]]) -> None:
    aim = describe_aim(*read("aim/paid-sick-leave-for-all"))
    found = facts(aim)
    assert found["Reached"] == ["5 November 2024 by Question 1 of 2024 (paid sick leave)"]
    assert found["Kind of change"] == ["Enact [Something new is to be put into law or brought into being.]"]


def test_reached_aim_was_sought_and_leaves_out_what_brought_it_about(
    read: Callable[[str], tuple[Reader, str]],
) -> None:
    reader, iri = read("aim/paid-sick-leave-for-all")
    means = reader.near.iris(iri, COAL + "achievedBy")
    backed = reader.near.subjects(COAL + "seeks", iri).iris
    assert set(means) & {bill for one in backed for bill in reader.near.iris(one, COAL + "supports")}
    headings = [section.heading for section in describe_aim(reader, iri).sections]
    assert headings == [f"Coalitions that sought this ({len(backed)})"]
    reader, iri = read("aim/a-higher-minimum-wage")
    assert [section.heading for section in describe_aim(reader, iri).sections] == [
        "Coalitions that seek this (2)",
        "Bills that may bring it about",
    ]


def test_ballot_measures_on_an_issue_are_listed_unless_they_are_named_already(
    read: Callable[[str], tuple[Reader, str]],
) -> None:
    reader, measure = read("measure/2024-question-1")
    issues = reader.near.iris(measure, COAL + "concerns")
    (found,) = ballot_section(reader, issues)
    assert found.heading == "Ballot measures on the same issue (1)"
    assert [plain(item.phrase) for item in found.blocks[0].items] == [  # type: ignore[union-attr]
        "Question 1 of 2024 (paid sick leave) [Approved by voters, 5 November 2024]"
    ]
    assert ballot_section(reader, issues, [measure]) == ballot_section(reader, []) == []
