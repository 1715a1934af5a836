"""The text of what pages say, without links and marks."""

from collections.abc import Iterable, Iterator
from typing import Any

from publisher.pages.things.model import Aside, Cites, Line, Link, Model, Phrase


def plain(phrase: Phrase) -> str:
    """The text of a phrase; asides are in brackets, marks are left out."""
    return "".join(_plain(piece) for piece in phrase).strip()


def _plain(piece: Any) -> str:
    if isinstance(piece, Link):
        return piece.text
    if isinstance(piece, Aside):
        return f" [{plain(piece.pieces)}]"
    if isinstance(piece, Line):
        return f"{plain(piece.pieces)}; "
    return "" if isinstance(piece, Cites) else str(piece)


def section(model: Model, anchor: str) -> list[str]:
    """The rows and items of a section of a page, in order; folded ones begin with `+`."""
    return [line for found in model.sections if found.anchor == anchor for line in lines(found.blocks)]


def lines(blocks: Iterable[Any], mark: str = "") -> Iterator[str]:
    """The rows and items of blocks, in order."""
    for block in blocks:
        if block.shape == "table":
            yield from (mark + " | ".join(map(plain, row)) for row in block.rows)
        elif block.shape == "items":
            yield from _items(block.items, mark)
        elif block.shape == "paragraph":
            yield mark + plain(block.phrase)
        elif block.shape in ("group", "fold"):
            yield from lines(block.blocks, mark + ("+" if block.shape == "fold" else ""))


def _items(items: Iterable[Any], mark: str) -> Iterator[str]:
    for item in items:
        yield mark + plain(item.phrase)
        yield from _items(item.below, mark + "- ")


def facts(model: Model) -> dict[str, list[str]]:
    """The facts of a page by name; folded ones begin with `+`."""
    return {
        fact.name: [*map(plain, fact.values), *("+" + plain(phrase) for phrase in fact.folded)] for fact in model.facts
    }
