"""Networks: points joined by lines, placed by a force-directed layout whose seed is fixed."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from markupsafe import Markup

from publisher.pages.pictures.svg import Label, Picture, element, legend, link, number, series, shorten, text

WIDTH: Final = 900
EDGE: Final = 110
"""Pixels between the outermost points and the border, for labels."""
SEED: Final = 7
NAMED: Final = 45
"""Points whose label is shown at most: those with the most lines, where there is room. The others have a title."""
LETTER: Final = 6.6
SHOWN: Final = 30
"""Characters of a label."""


class Node(NamedTuple):
    """A point. group: the place of its series."""

    label: Label
    group: int = 0


class Edge(NamedTuple):
    """A line between two points, by their places among the points. weight: how strong it is."""

    start: int
    end: int
    weight: float = 1


def draw_network(title: str, nodes: Sequence[Node], edges: Sequence[Edge], groups: Sequence[str] = ()) -> Picture:
    """Draw a network. groups: the names of the series of points."""
    head, top = legend(groups, 0) if len(groups) > 1 else (Markup(""), 0)
    height = round(WIDTH * (0.5 if len(nodes) < 25 else 0.65)) + top
    places = _place(nodes, edges, height - top - EDGE)
    places = [(x, y + top + EDGE / 2) for x, y in places]
    weights = [edge.weight for edge in edges] or [1]
    lines = [_draw_edge(edge, places, min(weights), max(weights)) for edge in edges]
    degrees = _count_edges(len(nodes), edges)
    named = _choose_named(nodes, places, degrees)
    points = [_draw_node(node, places[place], degrees[place], place in named) for place, node in enumerate(nodes)]
    description = f"Network of {len(nodes)} points and {len(edges)} lines."
    return Picture(title, description, Markup("").join([head, *lines, *points]), height, WIDTH)


def _place(nodes: Sequence[Node], edges: Sequence[Edge], height: int) -> list[tuple[float, float]]:
    """The places of the points; the same for the same network."""
    import networkx  # takes half a second and 30 MB, and few pages draw networks

    graph: Any = networkx.Graph()
    graph.add_nodes_from(range(len(nodes)))
    graph.add_edges_from((edge.start, edge.end) for edge in edges)
    found = networkx.spring_layout(graph, iterations=120, seed=SEED)
    xs, ys = ([float(found[place][axis]) for place in range(len(nodes))] for axis in (0, 1))
    return list(zip(_spread(xs, EDGE, WIDTH - EDGE), _spread(ys, 0, height), strict=True))


def _spread(values: Sequence[float], low: float, high: float) -> list[float]:
    """Values stretched to a range, to whole pixels; half by value and half by order, so that no place is crowded."""
    least, most, last = min(values), max(values), max(1, len(values) - 1)
    span = most - least or 1
    order = sorted(range(len(values)), key=lambda place: (values[place], place))
    ranks = {place: rank / last for rank, place in enumerate(order)}
    shares = [((value - least) / span + ranks[place]) / 2 for place, value in enumerate(values)]
    return [float(round(low + share * (high - low))) for share in shares]


def _count_edges(count: int, edges: Sequence[Edge]) -> list[int]:
    degrees = [0] * count
    for edge in edges:
        degrees[edge.start] += 1
        degrees[edge.end] += 1
    return degrees


def _choose_named(nodes: Sequence[Node], places: Sequence[tuple[float, float]], degrees: Sequence[int]) -> set[int]:
    """The points whose label is shown: those with the most lines first, if it covers no other label."""
    taken: list[tuple[float, float, float]] = []
    named: set[int] = set()
    for place in sorted(range(len(nodes)), key=lambda one: (-degrees[one], one)):
        x, y = places[place]
        half = LETTER * min(len(nodes[place].label.text), SHOWN) / 2
        free = all(abs(y - other) >= 18 or abs(x - middle) >= half + width + 4 for middle, other, width in taken)
        if free and len(named) < NAMED:
            named.add(place)
            taken.append((x, y, half))
    return named


def _draw_edge(edge: Edge, places: Sequence[tuple[float, float]], lightest: float, heaviest: float) -> Markup:
    (x1, y1), (x2, y2) = places[edge.start], places[edge.end]
    ends = {"x1": number(x1), "y1": number(y1), "x2": number(x2), "y2": number(y2)}
    return element(
        "line",
        {
            "class": "edge",
            **ends,
            "stroke-width": number(1 + 4 * (edge.weight - lightest) / (heaviest - lightest or 1)),
        },
    )


def _draw_node(node: Node, place: tuple[float, float], degree: int, named: bool) -> Markup:
    x, y = place
    radius = min(12.0, 5 + degree**0.5)
    mark = {"class": series(node.group), "cx": number(x), "cy": number(y), "r": number(radius)}
    point = element("circle", mark, element("title", {}, node.label.text))
    if not named:
        return link(node.label, point)
    anchor = {"text-anchor": "middle"}
    written = text(shorten(node.label.text, SHOWN), number(x), y - radius - 4, kind="small halo", **anchor)
    return link(node.label, point + written)
