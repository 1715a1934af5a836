"""SVG primitives: escaped, shortened, and the same each time."""

from xml.etree import ElementTree

from publisher.pages.pictures.svg import STYLE, Label, Picture, element, number, percent, shorten, text

NAME = 'Homes & <b>"hearths"</b>'


def test_text_and_attributes_are_escaped() -> None:
    found = ElementTree.fromstring(str(text(Label(NAME, 'x?a="&b'), "0", 1)))
    assert (found.tag, found.attrib["href"]) == ("a", 'x?a="&b')
    assert "".join(found.itertext()) == NAME


def test_long_text_is_shortened_with_title() -> None:
    found = ElementTree.fromstring(str(text("x" * 60, "0", 1)))
    assert [child.text for child in found] == ["x" * 60]
    assert (found[0].tail or "") == "x" * 47 + "…"
    assert shorten("x" * 48) == "x" * 48


def test_numbers_are_short() -> None:
    assert [number(value) for value in (0, -0.001, 1, 12.5, 1 / 3, -2, 100)] == [
        "0",
        "0",
        "1",
        "12.5",
        "0.33",
        "-2",
        "100",
    ]
    assert percent(0.125) == "12.5%"


def test_picture_is_an_element_of_a_page_or_a_file() -> None:
    picture = Picture("A & B", "Two dots.", element("circle", {"r": "3"}), 20)
    inline, file = ElementTree.fromstring(str(picture.inline)), ElementTree.fromstring(picture.file)
    assert (inline.tag, inline.attrib["aria-label"], inline.attrib["width"]) == ("svg", "A & B. Two dots.", "100%")
    assert "style" not in str(picture.inline)
    space = "{http://www.w3.org/2000/svg}"
    assert [child.tag.removeprefix(space) for child in file] == ["title", "desc", "style", "rect", "circle"]
    assert (file.attrib["width"], file.attrib["height"], file[2].text) == ("640", "20", STYLE)


def test_wide_picture_keeps_its_size() -> None:
    assert 'width="900" viewBox="0 0 900 20"' in Picture("A", "B", element("g", {}), 20, 900).inline
