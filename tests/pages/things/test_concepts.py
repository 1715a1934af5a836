"""The pages of issues and agendas, rolled up through sub-issues."""

from collections.abc import Callable

from support.phrases import facts, section

from publisher.pages.things.concepts import describe_agenda, describe_issue, find_below, name_concept
from publisher.pages.things.reader import Reader

Read = Callable[[str], tuple[Reader, str]]


def test_theme_lists_coalitions_of_its_sub_issues(read: Read) -> None:
    work = describe_issue(*read("issue/work"))
    [heading] = [found.heading for found in work.sections if found.anchor == "coalitions"]
    assert heading == "Coalitions working on this, through its sub-issues (2)"
    assert section(work, "coalitions") == [
        "Fair Wages Coalition [Seeks wages that people can live on.] [On Minimum wage, Paid sick leave]",
        "Night Bus Coalition [Seeks buses after midnight and a higher minimum wage.] [On Minimum wage, Night buses]",
    ]
    assert section(work, "aims") == [
        "A higher minimum wage [Sought by Fair Wages Coalition, Night Bus Coalition]",
        "Buses after midnight [Sought by Night Bus Coalition]",
        "Paid sick leave for all [Sought by Fair Wages Coalition]",
    ]
    assert section(work, "bills") == [
        "Raising the minimum wage: H.120, S.60 [No outcome known yet]",
        "+Question 1 of 2024 (paid sick leave) [Approved by voters, 5 November 2024]",
    ]
    assert len(section(work, "sub-issues")) == 3


def test_issue_has_broader_ones_before_it(read: Read) -> None:
    wage = describe_issue(*read("issue/minimum-wage"))
    assert [link.text for link in wage.breadcrumb] == ["Issues", "Work"]
    assert facts(wage)["Also called"] == ["Wage floor"]
    assert facts(wage)["See also"] == ["Paid sick leave"]
    [heading] = [found.heading for found in wage.sections if found.anchor == "coalitions"]
    assert heading == "Coalitions working on this (2)"
    assert section(wage, "coalitions")[0] == "Fair Wages Coalition [Seeks wages that people can live on.]"


def test_sub_issues_are_found_at_any_depth(read: Read) -> None:
    reader, work = read("issue/work")
    assert [reader.near.label(iri) for iri in find_below(reader, work)] == [
        "Minimum wage",
        "Night buses",
        "Paid sick leave",
    ]


def test_concepts_elsewhere_are_in_words(read: Read) -> None:
    assert section(describe_issue(*read("issue/minimum-wage")), "elsewhere")[0] == "EuroVoc concept 3784 (the same)"
    assert section(describe_issue(*read("issue/clean-rivers")), "elsewhere") == [
        "UN Sustainable Development Goal target 6.3 (broader)",
        "Comparative Agendas Project topic 711 (main topic)",
        "Comparative Agendas Project topic 701 (further topic)",
    ]
    assert name_concept("http://metadata.un.org/sdg/16.3") == "UN Sustainable Development Goal target 16.3"
    assert name_concept("https://example.org/x") == "https://example.org/x"


def test_issue_without_coalition_says_so(read: Read) -> None:
    for name in ("government", "public-records"):
        model = describe_issue(*read(f"issue/{name}"))
        found = section(model, "coalitions")
        assert bool(found) != ("No coalition is recorded as working on it." in model.gaps)


def test_agenda_has_coalitions_issues_and_current_proposals(read: Read) -> None:
    agenda = describe_agenda(*read("agenda/fair-work-agenda"))
    assert [found.heading for found in agenda.sections] == [
        "Coalitions under this agenda (3)",
        "Issues they work on (4)",
        "Proposals they back in the latest session (1)",
    ]
    assert section(agenda, "coalitions")[0] == "Fair Wages Coalition [Seeks wages that people can live on.]"
    assert section(agenda, "issues")[0] == "Minimum wage (2 coalitions)"
    assert section(agenda, "bills") == ["Raising the minimum wage: H.120, S.60 [No outcome known yet]"]
