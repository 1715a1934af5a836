"""Networks: the same places for the same network, and labels that cover no other."""

import re

from publisher.pages.pictures.network import Edge, Node, draw_network
from publisher.pages.pictures.svg import Label

NODES = [Node(Label("Hub", "doc/hub")), *(Node(Label(f"Member {place}"), 1) for place in range(5))]
EDGES = [Edge(0, place, place) for place in range(1, 6)]


def test_network_is_drawn_the_same_each_time() -> None:
    first, again = (draw_network("t", NODES, EDGES, ["coalition", "member"]) for _ in range(2))
    assert first == again
    assert first.content.count('<line class="edge"') == 5
    assert first.content.count("<circle") == 6
    assert '<a href="doc/hub">' in first.content
    assert re.findall(r'"mark (s\d)" cx', first.content) == ["s0", *["s1"] * 5]


def test_stronger_lines_are_thicker() -> None:
    widths = re.findall(r'stroke-width="([\d.]+)"', draw_network("t", NODES, EDGES).content)
    assert widths == ["1", "2", "3", "4", "5"]


def test_labels_do_not_cover_each_other() -> None:
    many = [Node(Label(f"A rather long name {place}")) for place in range(80)]
    content = draw_network("t", many, [Edge(0, place) for place in range(1, 80)]).content
    boxes = [(float(x), float(y)) for x, y in re.findall(r'<text x="([\d.]+)" y="([\d.]+)" class="small', content)]
    assert 5 < len(boxes) < 80
    assert all(abs(y - v) > 8 or abs(x - u) > 100 for x, y in boxes for u, v in boxes if (x, y) != (u, v))


def test_single_point_is_drawn() -> None:
    assert draw_network("t", NODES[:1], []).content.count("<circle") == 1
