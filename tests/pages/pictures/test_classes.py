"""Class diagrams: boxes in layers, with links, and lines to the classes of values."""

import re

from publisher.pages.pictures.classes import Class, Property, arrange_layers, draw_classes
from publisher.pages.pictures.svg import Label


def make_class(name: str, *targets: int, kind_of: str = "") -> Class:
    rows = [Property(Label(f"{name}-{target}", f"#{name}-{target}"), [target]) for target in targets]
    return Class(Label(name, f"#{name}"), rows, kind_of)


def test_classes_and_properties_are_links_and_values_have_lines() -> None:
    classes = [make_class("Coalition", 1, kind_of="Organization"), make_class("Aim", 2), make_class("Issue")]
    picture = draw_classes("t", classes)
    assert picture == draw_classes("t", classes)
    assert re.findall(r'href="#([^"]+)"', picture.content) == ["Coalition", "Coalition-1", "Aim", "Aim-2", "Issue"]
    assert re.findall(r'<path class="edge"[^>]*><title>([^<]+)<', picture.content) == ["Coalition-1", "Aim-2"]
    assert "kind of Organization" in picture.content
    assert "style=" not in picture.inline


def test_lines_lead_to_later_layers_except_those_that_close_a_circle() -> None:
    assert arrange_layers([make_class("a", 1), make_class("b", 2), make_class("c", 0, 2)]) == [[0], [1], [2]]
    assert arrange_layers([make_class("a"), make_class("b", 0, 2), make_class("c", 0)]) == [[1], [2], [0]]
    assert arrange_layers([]) == []


def test_layers_are_ordered_so_that_lines_do_not_cross() -> None:
    assert arrange_layers([make_class("a", 3), make_class("b", 2), make_class("c"), make_class("d")]) == [
        [1, 0],
        [2, 3],
    ]


def test_boxes_do_not_cover_each_other() -> None:
    classes = [make_class(str(one), *range(one + 1, 8)) for one in range(8)] + [make_class("x", 7), make_class("y", 7)]
    found = re.findall(r'"box" x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)"', draw_classes("t", classes).content)
    boxes = [tuple(map(int, box)) for box in found]
    assert len(boxes) == 10
    for x, y, width, height in boxes:
        assert [b for b in boxes if x <= b[0] < x + width and y <= b[1] < y + height] == [(x, y, width, height)]
