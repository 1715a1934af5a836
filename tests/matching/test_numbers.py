"""Numbers of bills: every spelling has the key of the number, and what looks like one has none."""

from support.each import each

from publisher.matching.numbers import number_keys, read_number


@each(
    ("text", "key", "session", "year"),
    [
        ("H 1811", "h1811", "", ""),
        ("h.1811", "h1811", "", ""),
        ("HB1811", "h1811", "", ""),
        ("H.B. 1811", "h1811", "", ""),
        ("House Bill No. 1811", "h1811", "", ""),
        ("Bill H.1811", "h1811", "", ""),
        ("H.0086", "h86", "", ""),
        ("S. 1114 194", "s1114", "194", ""),
        ("s1114 (194th)", "s1114", "194", ""),
        ("S.1114 of the 194th General Court", "s1114", "194", ""),
        ("194/S1114", "s1114", "194", ""),
        ("194-s1114", "s1114", "194", ""),
        ("S.1114 (2025-2026)", "s1114", "", "2025"),
        ("SB 7 of 2023", "s7", "", "2023"),
        ("HD.4328", "hd4328", "", ""),
        ("Senate Docket 15, 193rd session", "sd15", "193", ""),
    ],
)
def test_number_is_read_in_any_spelling(text: str, key: str, session: str, year: str) -> None:
    found = read_number(text)
    assert found is not None
    assert (found.key, found.session, found.year, found.rest) == (key, session, year, "")


def test_title_behind_a_number_is_the_rest() -> None:
    found = read_number("H.1811 (194th), An Act requiring sealing")
    assert found is not None
    assert (found.key, found.session, found.rest) == ("h1811", "194", "An Act requiring sealing")


@each("text", ["Housing", "H.R. 5", "350 Mass", "Health 4 all", "1811", "", "H", "SEIU Local 509"])
def test_other_texts_have_no_number(text: str) -> None:
    assert read_number(text) is None


def test_bill_has_keys_with_and_without_session() -> None:
    assert number_keys("H.1811", "194") == ["h1811", "h1811 194"]
    assert number_keys("H.1811", "") == ["h1811"]
    assert number_keys("Question 1", "194") == []
