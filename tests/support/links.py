"""The links of a page."""

from html.parser import HTMLParser


class Links(HTMLParser):
    """The targets of the links of a page. attributes: those that have them."""

    def __init__(self, text: str, attributes: tuple[str, ...] = ("href", "src", "action")) -> None:
        super().__init__()
        self.found: list[str] = []
        self._attributes = attributes
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in self._attributes]
