"""Networks: points joined by lines, placed by a force-directed layout whose seed is fixed; no label covers another."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from markupsafe import Markup

from publisher.pages.pictures.bipartite import LOWER, wrap
from publisher.pages.pictures.svg import Label, Picture, element, legend, link, number, series

WIDTH: Final = 900
LEAST: Final = 300
"""Least height, in pixels."""
EDGE: Final = 8
"""Pixels between what is drawn and the border, and half of those between two points with their labels."""
ROOM: Final = 2.8
"""How much more area a picture has than its points and labels take."""
SEED: Final = 7
PULL: Final = 0.15
"""How strongly every point is drawn to the middle, beside 1 for a line: else parts without a line between them drift
apart, and the picture is empty but for its corners."""
NAMED: Final = 45
"""Points whose label is shown at most: those with the most lines, where there is room. The others have a title."""
LETTER: Final = 7.0
"""Pixels of a letter in the widest of the usual fonts."""
LETTERS: Final = 20
"""Characters of a line of a label."""
PUSH: Final = 1.0
"""By how much of what they cover, on average, points move apart at once: more than half finds room sooner."""
ROUNDS: Final = 150
"""How often points that cover each other are moved apart, before some lose their label."""


class Node(NamedTuple):
    """A point. group: the place of its series."""

    label: Label
    group: int = 0


class Edge(NamedTuple):
    """A line between two points, by their places among the points. weight: how strong it is."""

    start: int
    end: int
    weight: float = 1


class _Box(NamedTuple):
    """What a point takes with its label above it. half: of its width. radius: of the point. lines: of the label."""

    half: float
    radius: float
    lines: Sequence[str]

    @property
    def height(self) -> float:
        return 2 * self.radius + LOWER * len(self.lines)


def draw_network(title: str, nodes: Sequence[Node], edges: Sequence[Edge], groups: Sequence[str] = ()) -> Picture:
    """Draw a network. groups: the names of the series of points."""
    head, top = legend(groups, 0) if len(groups) > 1 else (Markup(""), 0)
    degrees = _count_edges(len(nodes), edges)
    named = set(sorted(range(len(nodes)), key=lambda one: (-degrees[one], one))[:NAMED])
    boxes = [_measure(node, degrees[place], named=place in named) for place, node in enumerate(nodes)]
    height = _choose_height(boxes)
    corners = _arrange(nodes, edges, boxes, height)
    middles = [(x, y + top + box.height / 2 - box.radius) for (x, y), box in zip(corners, boxes, strict=True)]
    weights = [edge.weight for edge in edges] or [1]
    lines = [_draw_edge(edge, middles, min(weights), max(weights)) for edge in edges]
    points = [_draw_node(node, middle, box) for node, middle, box in zip(nodes, middles, boxes, strict=True)]
    description = f"Network of {len(nodes)} points and {len(edges)} lines."
    return Picture(title, description, Markup("").join([head, *lines, *points]), height + top, WIDTH)


def _count_edges(count: int, edges: Sequence[Edge]) -> list[int]:
    degrees = [0] * count
    for edge in edges:
        degrees[edge.start] += 1
        degrees[edge.end] += 1
    return degrees


def _measure(node: Node, degree: int, *, named: bool) -> _Box:
    lines = wrap(node.label.text, LETTERS) if named else []
    radius = min(12.0, 5 + degree**0.5)
    return _Box(max([radius, *(LETTER * len(line) / 2 for line in lines)]), radius, lines)


def _choose_height(boxes: Sequence[_Box]) -> int:
    area = sum(2 * (box.half + EDGE) * (box.height + 2 * EDGE) for box in boxes)
    return max(LEAST, round(ROOM * area / WIDTH))


def _arrange(nodes: Sequence[Node], edges: Sequence[Edge], boxes: list[_Box], height: int) -> list[tuple[float, float]]:
    """The middles of the boxes, in whole pixels, so that none covers another; the same for the same network.

    Where the boxes find no room, points with few lines lose their label in `boxes`.
    """
    degrees = _count_edges(len(nodes), edges)
    labelled = list(boxes)
    middles, covered = _separate(_place(len(nodes), edges, height), boxes, height)
    lost: list[int] = []
    while covered:
        worse = {max(pair, key=lambda one: (bool(boxes[one].lines), -degrees[one], one)) for pair in covered}
        losers = [one for one in worse if boxes[one].lines]
        if not losers:
            break
        lost += losers
        for one in losers:
            boxes[one] = _measure(nodes[one], degrees[one], named=False)
        middles, covered = _separate(middles, boxes, height)
    for one in sorted(lost, key=lambda one: (-degrees[one], one)) if len(nodes) <= NAMED else ():
        tried = [*boxes[:one], labelled[one], *boxes[one + 1 :]]
        moved, covered = _separate(middles, tried, height)
        if not covered:
            middles, boxes[one] = moved, labelled[one]
    return [(float(x), float(y)) for x, y in middles]


def _place(count: int, edges: Sequence[Edge], height: int) -> list[tuple[float, float]]:
    """The places of the points where lines pull them together."""
    import networkx  # as above

    graph: Any = networkx.Graph()
    graph.add_edges_from(((place, count) for place in range(count)), weight=PULL)
    graph.add_edges_from(((edge.start, edge.end) for edge in edges), weight=1)
    found = networkx.spring_layout(graph, iterations=120, seed=SEED)
    xs, ys = ([float(found[place][axis]) for place in range(count)] for axis in (0, 1))
    return list(zip(_spread(xs, WIDTH), _spread(ys, height), strict=True))


def _spread(values: Sequence[float], size: float) -> list[float]:
    """Values stretched to a range from 0; half by value and half by order, so that no place is crowded."""
    least, most, last = min(values), max(values), max(1, len(values) - 1)
    span = most - least or 1
    order = sorted(range(len(values)), key=lambda place: (values[place], place))
    ranks = {place: rank / last for rank, place in enumerate(order)}
    return [size * ((value - least) / span + ranks[place]) / 2 for place, value in enumerate(values)]


def _separate(middles: Any, boxes: Sequence[_Box], height: int) -> tuple[Any, list[tuple[int, int]]]:
    """Move boxes apart that cover each other, each pair along the shorter way; returns also the pairs that still do.

    middles: of the boxes, as (x, y).
    """
    import numpy  # with networkx half a second and 30 MB, and few pages draw networks

    halves = numpy.array([(box.half, box.height / 2) for box in boxes])
    middles = numpy.array(middles)
    low, high = halves + EDGE, numpy.array([WIDTH, height]) - halves - EDGE
    needed = halves[:, None] + halves[None] + EDGE
    order = numpy.sign(numpy.arange(len(middles))[:, None] - numpy.arange(len(middles))[None])[..., None]
    for left in range(ROUNDS, -1, -1):
        middles = numpy.clip(middles if left else numpy.round(middles), low, numpy.maximum(low, high))
        apart = middles[:, None] - middles[None]
        depth = needed - numpy.abs(apart)
        covers = (depth > 0).all(-1) & (order[..., 0] != 0)
        if not left or not covers.any():
            break
        shorter = depth == depth.min(-1, keepdims=True)
        away = numpy.where(apart == 0, order, numpy.sign(apart))
        moved = shorter & covers[..., None]
        middles = middles + (away * depth * moved).sum(1) / numpy.maximum(moved.sum(1), 1) * PUSH
    pairs = [(int(one), int(other)) for one, other in zip(*numpy.nonzero(covers), strict=True) if one < other]
    return middles, pairs


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


def _draw_node(node: Node, place: tuple[float, float], box: _Box) -> Markup:
    x, y = place
    mark = {"class": series(node.group), "cx": number(x), "cy": number(y), "r": number(box.radius)}
    first = y - box.radius - 4 - LOWER * (len(box.lines) - 1)
    written = [
        element(
            "text",
            {"x": number(x), "y": number(first + LOWER * below), "class": "small halo", "text-anchor": "middle"},
            line,
        )
        for below, line in enumerate(box.lines)
    ]
    title = element("title", {}, node.label.text)
    return link(node.label, element("circle", mark, title) + Markup("").join(written))
