"""The values that a thing's page shows: phrases, blocks, sections. Pure, no I/O."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup


@dataclass(frozen=True)
class Link:
    """A link. href: a relative reference, an address, or empty where nothing is linked. iri: of the thing it leads to.

    title: what the text leaves out, such as the title of a bill. foreign: whether it leads to another site.
    """

    text: str
    href: str = ""
    iri: str = ""
    title: str = ""
    foreign: bool = False


@dataclass(frozen=True)
class Cites:
    """The footnote marks of a statement. sources: IRIs, in order."""

    sources: tuple[str, ...]


@dataclass(frozen=True)
class Aside:
    """A quieter remark within a phrase, on a line of its own."""

    pieces: tuple["Piece", ...]


@dataclass(frozen=True)
class Line:
    """A phrase on a line of its own."""

    pieces: tuple["Piece", ...]
    alone: bool = field(default=True, init=False)


Piece = str | Link | Cites | Aside | Line
Phrase = Sequence[Piece]
"""Text, links and footnote marks in the order in which they are read."""


@dataclass(frozen=True)
class Fact:
    """A line of facts. folded: further values, shown on demand."""

    name: str
    values: Sequence[Phrase]
    folded: Sequence[Phrase] = ()
    folded_name: str = ""


@dataclass(frozen=True)
class Item:
    """An item of a list, with the items below it."""

    phrase: Phrase
    below: Sequence["Item"] = ()


@dataclass(frozen=True)
class Items:
    """A list. ordered: whether the order matters, as in a history."""

    items: Sequence[Item]
    ordered: bool = False
    style: str = ""
    shape: str = field(default="items", init=False)


@dataclass(frozen=True)
class Table:
    """A table. caption: for those who do not see it. rows: cells, the first of which names the row."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Phrase]]
    shape: str = field(default="table", init=False)


@dataclass(frozen=True)
class Paragraph:
    """A paragraph. quiet: whether it is a remark."""

    phrase: Phrase
    quiet: bool = False
    shape: str = field(default="paragraph", init=False)


@dataclass(frozen=True)
class Group:
    """Blocks under a heading of their own within a section."""

    heading: str
    blocks: Sequence["Block"]
    shape: str = field(default="group", init=False)


@dataclass(frozen=True)
class Fold:
    """Blocks that are shown on demand."""

    summary: str
    blocks: Sequence["Block"]
    shape: str = field(default="fold", init=False)


@dataclass(frozen=True)
class Picture:
    """A place for a picture. name: of the kind of picture. markup: the picture; empty until it is drawn."""

    name: str
    markup: Markup = field(default_factory=Markup)
    shape: str = field(default="picture", init=False)


Block = Items | Table | Paragraph | Group | Fold | Picture


@dataclass(frozen=True)
class Section:
    """A section of a page. anchor: its fragment."""

    anchor: str
    heading: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Model:
    """What the page of a thing says to a reader.

    breadcrumb: from the widest on; the thing itself is left out. heading: the name, with what tells it apart. summary:
    a sentence or two for search engines. lead: what the thing is. remark: who says so. actions: links to where the
    thing itself is. gaps: what is not known. schema: what the schema.org description adds.
    """

    heading: str
    kind: str
    breadcrumb: Sequence[Link] = ()
    acronym: str = ""
    summary: str = ""
    lead: Sequence[Phrase] = ()
    remark: str = ""
    actions: Sequence[Link] = ()
    facts: Sequence[Fact] = ()
    sections: Sequence[Section] = ()
    gaps: Sequence[str] = ()
