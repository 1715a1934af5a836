"""Class diagrams: a box for each class with its properties, and lines to the classes of their values, in layers."""

from collections.abc import Iterator, Mapping, Sequence
from graphlib import TopologicalSorter
from typing import Final, NamedTuple

from markupsafe import Markup

from publisher.pages.pictures.svg import Label, Picture, element, number, shorten, text

WIDTH: Final = 156
"""Width of a box in pixels."""
LETTERS: Final = 21
"""Characters of 12 pixels that fit in a box."""
SPACE: Final = 44
"""Between the boxes of two layers, for lines."""
GAP: Final = 18
"""Between the boxes of one layer."""
HEAD: Final = 28
ROW: Final = 24
"""Height of a property: as large as a target of a finger has to be (WCAG 2.2, 2.5.8)."""
SWEEPS: Final = 4
"""Times that the order of the layers is improved; more change nothing for some dozens of classes."""


class Property(NamedTuple):
    """A property of a class. targets: the classes of its values, by their places."""

    label: Label
    targets: Sequence[int]


class Class(NamedTuple):
    """A class. kind_of: what it is a kind of, if that is said."""

    label: Label
    properties: Sequence[Property]
    kind_of: str = ""


class Place(NamedTuple):
    """Where a box is: its layer, its left and upper edge in pixels."""

    layer: int
    x: int
    y: int


def draw_classes(title: str, classes: Sequence[Class]) -> Picture:
    """Draw a class diagram. The place of each box depends on the order and properties of the classes only."""
    layers = arrange_layers(classes)
    heights = [sum(_measure(classes[one]) + GAP for one in layer) for layer in layers]
    height = max(heights, default=0)
    places: dict[int, Place] = {}
    for at, layer in enumerate(layers):
        y = 1 + (height - heights[at]) // 2
        for one in layer:
            places[one] = Place(at, 1 + at * (WIDTH + SPACE), y)
            y += _measure(classes[one]) + GAP
    lines = [line for one, found in enumerate(classes) for line in _draw_lines(found, places[one], places)]
    boxes = [_draw_class(found, places[one]) for one, found in enumerate(classes)]
    width = len(layers) * (WIDTH + SPACE)
    description = f"Class diagram of {len(classes)} classes with {len(lines)} lines; the text below describes each."
    return Picture(title, description, Markup("").join([*lines, *boxes]), height, width)


# The layers


def arrange_layers(classes: Sequence[Class]) -> list[list[int]]:
    """Return the classes in layers, so that most lines lead to a later layer and few cross."""
    edges = _find_forward_edges(classes)
    depth = dict.fromkeys(range(len(classes)), 0)
    for start in _sort_topologically(len(classes), edges):
        for end in edges[start]:
            depth[end] = max(depth[end], depth[start] + 1)
    layers: list[list[int]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for one, at in depth.items():
        layers[at].append(one)
    return _order_layers(layers, edges)


def _find_forward_edges(classes: Sequence[Class]) -> list[list[int]]:
    """The lines without those that close a circle: to a class from which the line was reached (depth-first search)."""
    targets = [sorted({end for p in found.properties for end in p.targets}) for found in classes]
    reached = {end for start, ends in enumerate(targets) for end in ends if end != start}
    edges: list[list[int]] = [[] for _ in classes]
    done: set[int] = set()

    def visit(one: int, above: tuple[int, ...]) -> None:
        for end in targets[one]:
            if end != one and end not in above:
                edges[one].append(end)
                if end not in done:
                    visit(end, (*above, end))
        done.add(one)

    for one in sorted(range(len(classes)), key=lambda place: (place in reached, place)):
        if one not in done:
            visit(one, (one,))
    return edges


def _sort_topologically(count: int, edges: Sequence[Sequence[int]]) -> list[int]:
    sorter = TopologicalSorter(dict.fromkeys(range(count), ()))
    for start, ends in enumerate(edges):
        for end in ends:
            sorter.add(end, start)
    return list(sorter.static_order())


def _order_layers(layers: Sequence[Sequence[int]], edges: Sequence[Sequence[int]]) -> list[list[int]]:
    """The layers, each class near the middle of those that it is joined to (barycenter method)."""
    joined: dict[int, set[int]] = {one: set(ends) for one, ends in enumerate(edges)}
    for start, ends in enumerate(edges):
        for end in ends:
            joined[end].add(start)
    found = [list(layer) for layer in layers]
    for _ in range(SWEEPS):
        for layer in found:
            heights = {one: (at + 0.5) / len(other) for other in found for at, one in enumerate(other)}
            layer.sort(key=lambda one: (_average(heights, joined[one]), one))
    return found


def _average(heights: Mapping[int, float], joined: set[int]) -> float:
    return sum(heights[one] for one in sorted(joined)) / len(joined) if joined else 1.0


# The boxes and lines


def _measure(found: Class) -> int:
    return HEAD + (ROW if found.kind_of else 0) + ROW * len(found.properties)


def _draw_class(found: Class, place: Place) -> Markup:
    x, top = place.x, place.y + HEAD + (ROW if found.kind_of else 0)
    edges = {"x": str(x), "y": str(place.y), "width": str(WIDTH), "height": str(_measure(found)), "rx": "4"}
    name = text(_fit(found.label), str(x + 8), place.y + 19, kind="small strong")
    kind = text(shorten(f"kind of {found.kind_of}", LETTERS), str(x + 8), place.y + HEAD + 14, kind="small quiet")
    rows = [_draw_property(p, x, top + ROW * at) for at, p in enumerate(found.properties)]
    return element("rect", {"class": "box", **edges}) + Markup("").join(
        [name, *([kind] if found.kind_of else []), *rows]
    )


def _draw_property(found: Property, x: int, y: int) -> Markup:
    rule = {"class": "rule", "x1": str(x), "x2": str(x + WIDTH), "y1": str(y), "y2": str(y)}
    return element("line", rule) + text(_fit(found.label), str(x + 8), y + 16, kind="small")


def _fit(label: Label) -> Label:
    return Label(shorten(label.text, LETTERS), label.href)


def _draw_lines(found: Class, place: Place, places: Mapping[int, Place]) -> Iterator[Markup]:
    """The lines from the properties of a class to the heads of the classes of their values."""
    top = place.y + HEAD + (ROW if found.kind_of else 0) + ROW // 2
    for at, property_ in enumerate(found.properties):
        for target in property_.targets:
            yield _draw_line(property_.label.text, place, top + ROW * at, places[target])


def _draw_line(name: str, start: Place, y: int, end: Place) -> Markup:
    """A curve with an arrow: to the left edge of a later layer, else to the right edge."""
    forward, back = end.layer > start.layer, end.layer < start.layer
    x1, x2 = start.x + (0 if back else WIDTH), end.x + (0 if forward else WIDTH)
    turn1, turn2 = x1 + (-SPACE if back else SPACE) * 0.8, x2 + (-SPACE if forward else SPACE) * 0.8
    y2, tip = end.y + HEAD // 2, -6 if forward else 6
    curve = f"M{x1} {y}C{number(turn1)} {y} {number(turn2)} {y2} {x2} {y2}m{tip} -4l{-tip} 4l{tip} 4"
    return element("path", {"class": "edge", "d": curve}, element("title", {}, name))
