"""SVG primitives: elements, labels with links, and a picture that stands in a page or in a file of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from markupsafe import Markup, escape

LINE: Final = 20
"""Pixels from one line of text to the next."""
SHORT: Final = 48
"""Characters of a label that a picture shows; the rest is in its title, and in the table beside the picture."""
FLUID: Final = 640
"""Pixels of width of a file whose picture takes the width of what it stands in."""
SERIES: Final = 6
"""Colors for series; further series repeat them."""
_LIGHT: Final = ("#0b5d51", "#8a3a00", "#0b4f9c", "#6f1d8f", "#7a6200", "#8c1d18")
_DARK: Final = ("#7fd1c1", "#ffb784", "#8fc1ff", "#d9b3ff", "#e3cf7a", "#ffb4ab")


class Label(NamedTuple):
    """A text in a picture. href: where it leads; empty if nowhere."""

    text: str
    href: str = ""


@dataclass(frozen=True)
class Picture:
    """A picture: its title, a sentence that says what it shows, its content, and its size in pixels.

    width: 0 for a picture that takes the width of what it stands in; its content then uses percentages.
    """

    title: str
    description: str
    content: Markup
    height: int
    width: int = 0

    @property
    def inline(self) -> Markup:
        """The picture as an element of a page; the style sheet of the page colors it."""
        return self._element(Markup(""), {"class": "picture", "aria-label": f"{self.title}. {self.description}"})

    @property
    def file(self) -> str:
        """The picture as a file, which has its colors in it."""
        names = {"xmlns": "http://www.w3.org/2000/svg", "class": "picture", "width": str(self.width or FLUID)}
        head = element("title", {}, self.title) + element("desc", {}, self.description)
        background = element("rect", {"class": "paper", "width": "100%", "height": "100%"})
        return str(self._element(head + element("style", {}, STYLE) + background, names)) + "\n"

    def _element(self, head: Markup, attributes: dict[str, str]) -> Markup:
        size = {"height": str(self.height), "width": str(self.width) if self.width else "100%"}
        box = {"viewBox": f"0 0 {self.width} {self.height}"} if self.width else {}
        return element("svg", {"role": "group", **size, **box, **attributes}, head, self.content)


def element(name: str, attributes: dict[str, str], *content: str) -> Markup:
    """An element. name, keys of attributes: of letters and hyphens. content: escaped unless it is markup."""
    written = "".join([f' {key}="{escape(value)}"' for key, value in attributes.items()])
    if not content:
        return Markup(f"<{name}{written}/>")  # noqa: S704
    return Markup(f"<{name}{written}>{''.join([escape(each) for each in content])}</{name}>")  # noqa: S704


def text(label: Label | str, x: str, y: float, **attributes: str) -> Markup:
    """A line of text, shortened if it is long; a link if the label is one. The keyword `kind` is its class."""
    known = label if isinstance(label, Label) else Label(label)
    kind = attributes.pop("kind", "")
    named = {"class": kind} if kind else {}
    shown = shorten(known.text)
    title = element("title", {}, known.text) if shown != known.text else Markup("")
    written = element("text", {"x": x, "y": number(y), **named, **attributes}, title, escape(shown))
    return link(known, written)


def link(label: Label, content: Markup) -> Markup:
    """The content as a link to where the label leads."""
    return element("a", {"href": label.href}, content) if label.href else content


def shorten(name: str, most: int = SHORT) -> str:
    """A text of at most `most` characters, with an ellipsis if it was longer."""
    return name if len(name) <= most else name[: most - 1].rstrip() + "…"


def number(value: float) -> str:
    """A number for an attribute, to a hundredth: `12.5`, `3`."""
    return "0" if abs(value) < 0.005 else f"{value:.2f}".rstrip("0").rstrip(".")


def percent(value: float) -> str:
    """A share of the width, from 0 to 1, for an attribute."""
    return number(100 * value) + "%"


def legend(names: Sequence[str], y: float) -> tuple[Markup, int]:
    """The names of series with their colors, one on each line from `y`; returns it with its height."""
    lines = [
        element(
            "rect", {"class": series(place), "x": "0", "y": number(y + place * LINE), "width": "12", "height": "12"}
        )
        + text(name, "18", y + place * LINE + 11, kind="quiet")
        for place, name in enumerate(names)
    ]
    return Markup("").join(lines), LINE * len(names) + 6


def series(place: int) -> str:
    """The class of the marks of a series."""
    return f"mark s{place % SERIES}"


def _make_style() -> str:
    """The style of a picture in a file: the same as that of pages, in both color schemes."""
    rules = []
    for colors, (ink, paper, line, quiet) in (
        (_LIGHT, ("#1c2126", "#fbfaf7", "#d8d5cd", "#565e66")),
        (_DARK, ("#e7e5df", "#15181b", "#383d42", "#a9b0b7")),
    ):
        fills = "".join(f".s{place}{{fill:{color}}}" for place, color in enumerate(colors))
        rules.append(
            f"text{{fill:{ink}}}.quiet{{fill:{quiet}}}.paper{{fill:{paper}}}.rule{{stroke:{line}}}{fills}"
            f".edge{{stroke:{quiet}}}.halo{{stroke:{paper}}}"
        )
    light, dark = rules
    font = "text{font:14px system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif}.small{font-size:12px}"
    font += ".halo{paint-order:stroke;stroke-width:3px}"
    return f"{font}.edge{{fill:none;stroke-opacity:.5}}{light}@media (prefers-color-scheme:dark){{{dark}}}"


STYLE: Final = _make_style()
"""What a picture in a file looks like."""
