"""The pages of sessions, roles and lists of terms."""

from collections.abc import Callable

from support.phrases import facts, section

from publisher.pages.things.reader import Reader
from publisher.pages.things.terms import describe_role, describe_scheme, describe_session

Read = Callable[[str], tuple[Reader, str]]


def test_session_lists_proposals_with_outcome(read: Read) -> None:
    session = describe_session(*read("session/12"))
    assert section(session, "proposals") == [
        "Ending sewage in rivers: H.70, H.77"
        " [H.70: replaced by a new draft (House), January 2026; H.77: enacted, 14 March 2026]",
        "Raising the minimum wage: H.120, S.60 [No outcome known yet]",
    ]
    assert facts(session) == {"Began": ["2025"], "Ends": ["2026"]}
    assert facts(describe_session(*read("session/11"))) == {"Began": ["2023"], "Ended": ["2024"]}


def test_role_names_member_and_coalition(read: Read) -> None:
    role = describe_role(*read("role/member"))
    assert section(role, "holders") == [
        "Fair Wages Coalition in Homes for All Coalition",
        "Forum for Arcadia in Clear Water",
        "River Watch in Fair Wages Coalition, 2018 to June 2023",
    ]


def test_scheme_lists_broadest_terms_first(read: Read) -> None:
    issues = describe_scheme(*read("scheme/issues"))
    assert [found.heading for found in issues.sections] == ["Broadest terms (4)", "Terms below them (6)"]
    assert section(issues, "top")[0] == "Environment [Water, air and land.]"
    outcomes = describe_scheme(*read("scheme/outcomes"))
    assert "Enacted [Became law.]" in section(outcomes, "terms")
