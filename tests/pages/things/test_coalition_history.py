"""What happened to a coalition: dated events in their order, as a list and as a picture."""

import re
from collections.abc import Callable

from support.phrases import lines

from publisher.pages.things.coalition_history import describe_history
from publisher.pages.things.model import Fold, Picture
from publisher.pages.things.parts import group_positions
from publisher.pages.things.reader import Reader
from publisher.pages.things.relations import read_positions_of

Read = Callable[[str], tuple[Reader, str]]


def test_events_are_drawn_and_listed_in_their_order(read: Read) -> None:
    reader, iri = read("coalition/fair-wages-coalition")
    (fold,) = describe_history(reader, iri, group_positions(reader, read_positions_of(reader, iri)))
    assert isinstance(fold, Fold)
    assert fold.summary == "Time line: 3 events, 2013 to 2024"
    picture = fold.blocks[0]
    assert isinstance(picture, Picture)
    listed = list(lines(fold.blocks[1:]))
    assert listed[0] == "2013: Founded"
    drawn = re.findall(r"<title>([^<]+)</title>|<text[^>]*>(\d[^<]*: [^<]+)</text>", picture.markup)
    assert [full or short for full, short in drawn] == listed


def test_coalition_with_few_dates_has_none(read: Read) -> None:
    reader, iri = read("coalition/clear-water")
    assert describe_history(reader, iri, []) == []
