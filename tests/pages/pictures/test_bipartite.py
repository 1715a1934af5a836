"""Bipartite networks: the same for the same names, with few crossings and names that fit a phone."""

import re

from publisher.pages.pictures.bipartite import LETTERS, MOST, Pair, draw_bipartite, order_columns, wrap
from publisher.pages.pictures.svg import Label

MEMBERS = [Label("Bakers' Union", "b"), Label("Clear Water Association of the Two Counties by the River", "c")]
COALITIONS = [Label("Fair Wages", "f"), Label("Open Books", "o")]
HEADINGS = ("Members", "Also in")


def test_names_are_links_with_titles_and_lines_join_them() -> None:
    pairs = [Pair(1, 0), Pair(0, 1), Pair(1, 1)]
    picture = draw_bipartite("t", HEADINGS, MEMBERS, COALITIONS, pairs)
    assert picture == draw_bipartite("t", HEADINGS, MEMBERS, COALITIONS, reversed(pairs))
    found = re.findall(r'<a href="(\w)"><title>([^<]+)</title>', picture.content)
    assert sorted(found) == [(href, name.replace("'", "&#39;")) for name, href in [*MEMBERS, *COALITIONS]]
    assert picture.content.count('<line class="edge"') == 3
    assert "style=" not in picture.inline


def test_lines_end_at_the_points_of_their_names() -> None:
    content = draw_bipartite("t", HEADINGS, MEMBERS, COALITIONS, [Pair(0, 0), Pair(1, 1)]).content
    points = re.findall(r'cx="([\d.]+%)" cy="(\d+)"', content)
    ends = re.findall(r'x1="([\d.]+%)" x2="([\d.]+%)" y1="(\d+)" y2="(\d+)"', content)
    assert {(x, y) for x1, x2, y1, y2 in ends for x, y in ((x1, y1), (x2, y2))} == set(points)


def test_order_of_columns_avoids_crossings() -> None:
    assert order_columns([Pair(0, 2), Pair(1, 1), Pair(2, 0)]) in (([0, 1, 2], [2, 1, 0]), ([2, 1, 0], [0, 1, 2]))
    assert order_columns([]) == ([], [])


def test_names_with_most_lines_are_kept() -> None:
    many = [Label(f"name {place}") for place in range(60)]
    pairs = [Pair(one, other) for one in range(60) for other in (one, 59)]
    picture = draw_bipartite("t", HEADINGS, many, many, pairs)
    assert picture.content.count("<circle") <= 2 * MOST
    assert "name 59" in picture.content


def test_names_are_wrapped_in_three_lines_at_most() -> None:
    assert wrap("Fair Wages") == ["Fair Wages"]
    assert wrap(MEMBERS[1].text) == ["Clear Water", "Association of", "the Two Counties…"]
    assert all(len(line) <= LETTERS for line in wrap("x" * 100))
