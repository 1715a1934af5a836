"""Spellings: what may differ between two texts that mean the same, and what may not."""

from support.each import each

from publisher.matching.spellings import brackets, clean, fold, parts, plain, spell, without_brackets


@each(
    ("messy", "cleaned"),
    [
        ("3. Clear Water", "Clear Water"),
        ("(12) Clear Water", "Clear Water"),
        ("- Clear Water", "Clear Water"),
        ("Clear Water* [2]", "Clear Water"),
        ("350 Vermont", "350 Vermont"),
        ("Black &amp; Pink", "Black & Pink"),
        ("Tenantsâ€™ Union", "Tenants’ Union"),
        ("CafÃ© Society", "Café Society"),
        ("Ｃｌｅａｒ\u00a0 Water\u200b\t", "Clear Water"),
        ("", ""),
    ],
)
def test_marks_of_other_programs_are_removed(messy: str, cleaned: str) -> None:
    assert clean(messy) == cleaned


def test_clean_text_is_bounded() -> None:
    assert len(clean("ab " * 10_000)) <= 200


@each(
    ("first", "second"),
    [
        ("The Tenants' Union", "TENANTS UNION"),
        ("Law & Social Action", "Law and Social Action"),
        ("Raise Up Massachusetts", "Raise-Up MA"),
        ("Mass. Alliance", "Massachusetts Alliance"),
        ("Clean Water of N.Y.", "Clean Water New York"),
        ("Álvarez Fund", "alvarez fund"),
        ("League of Voters (MA)", "League of Voters of Massachusetts"),
    ],
)
def test_spellings_of_one_name_are_equal(first: str, second: str) -> None:
    assert spell(clean(first)) == spell(clean(second)) != ""


@each(
    ("first", "second"),
    [
        ("Clean Slate Maine", "Clean Slate Michigan"),
        ("Keep me home", "Keep Maine home"),
        ("In Our Hands", "Indiana Our Hands"),
        ("KEEP ME HOME", "KEEP MAINE HOME"),
        ("MASC", "MA SC"),
    ],
)
def test_other_names_stay_apart(first: str, second: str) -> None:
    assert spell(clean(first)) != spell(clean(second))


def test_text_of_little_words_is_kept() -> None:
    assert spell("The And Of") == "the and of"


def test_words_of_any_script_are_kept() -> None:
    assert plain("東京 Ärzte 🙂") == "東京 arzte"
    assert fold("A-b_c 1!") == "abc1"


def test_brackets_are_separated_from_the_name() -> None:
    assert without_brackets("Right to Buy Act (RTBA) Coalition") == "Right to Buy Act Coalition"
    assert [(part.text, part.acronym) for part in brackets("A (RTBA) B (of Boston)")] == [
        ("RTBA", True),
        ("of Boston", False),
    ]


@each(
    ("name", "expected"),
    [
        ("Clean Slate/Second Chance Coalition", ["Clean Slate", "Second Chance Coalition"]),
        ("Care: the Campaign for Health", ["the Campaign for Health"]),
        ("Anti-Racism Coalition", []),
        ("Clear Water", []),
    ],
)
def test_divided_names_have_parts(name: str, expected: list[str]) -> None:
    assert parts(name) == expected
