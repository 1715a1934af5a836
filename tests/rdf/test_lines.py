"""Lines and columns of offsets."""

from support.each import each

from publisher.rdf.lines import MAX_SOURCE, Lines

TEXT = "one\ntwo\r\nthr\u00e9e\rfour"


@each(("at", "place"), [("one", (1, 1)), ("wo", (2, 2)), ("\u00e9e", (3, 4)), ("four", (4, 1))])
def test_offset_to_line_and_column_and_back(at: str, place: tuple[int, int]) -> None:
    offset = TEXT.index(at)
    assert Lines(TEXT).locate(offset) == place
    assert Lines(TEXT).offset(*place) == offset


def test_end_of_text() -> None:
    assert Lines("a\n").locate(2) == (2, 1)


def test_source_of_line() -> None:
    assert [Lines(TEXT).source(line) for line in (1, 2, 3, 4)] == ["one", "two", "thr\u00e9e", "four"]
    assert Lines("x" * 2 * MAX_SOURCE).source(1) == "x" * MAX_SOURCE
