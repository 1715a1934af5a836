"""Networks: the same places for the same network, and labels that cover no other."""

import re
from itertools import combinations

import pytest
from support.tiers import few

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


def boxes(content: str) -> list[tuple[float, float, float, float]]:
    """Where the lines of labels and the points are, as (left, top, right, bottom)."""
    lines = re.findall(r'<text x="([\d.]+)" y="([\d.]+)" class="small halo"[^>]*>([^<]+)<', content)
    points = re.findall(r'cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)"', content)
    found = [(float(x) - 3.5 * len(t), float(y) - 10, float(x) + 3.5 * len(t), float(y) + 3) for x, y, t in lines]
    return found + [tuple(float(at) + sign * float(r) for sign in (-1, 1) for at in (x, y)) for x, y, r in points]  # type: ignore[misc]


@pytest.mark.parametrize("count", few([2, 12, 45, 150], every=2))
@pytest.mark.parametrize("shape", ["apart", "star", "pairs", "ring of rings"])
def test_labels_and_points_do_not_cover_each_other(count: int, shape: str) -> None:
    nodes = [
        Node(Label(f"A coalition with a rather long name {'of towns ' * (place % 4)}{place}")) for place in range(count)
    ]
    edges = {
        "apart": [],
        "star": [Edge(0, place) for place in range(1, count)],
        "pairs": [Edge(place, place + 1) for place in range(0, count - 1, 2)],
        "ring of rings": [Edge(place, (place * step + 1) % count) for place in range(count) for step in (1, 7)],
    }[shape]
    drawn = draw_network("t", nodes, edges)
    found = boxes(drawn.content)
    assert len(found) > count, "some points have labels"
    covering = [(one, other) for one, other in combinations(found, 2) if _cover(one, other)]
    assert covering == []
    assert all(box[0] >= 0 and box[1] >= 0 and box[2] <= drawn.width and box[3] <= drawn.height for box in found)


def _cover(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def test_single_point_is_drawn() -> None:
    assert draw_network("t", NODES[:1], []).content.count("<circle") == 1
