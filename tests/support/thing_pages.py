"""What a page of a thing shows its readers: its text and links, without the closed section for developers."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

FOR_DEVELOPERS = re.compile(r'<details class="all".*?</main>', re.DOTALL)
WORDS = (
    "What names this",
    "Referenced by",
    "(membership)",
    "(backing)",
    "with “",
    "stated purpose",
    "legislation identifier",
    "legislation jurisdiction",
    "companion of",
    "different from",
    "example resource",
    "subjects target",
    "link predicate",
    "printed as",
    "count qualifier",
    "listed in",
    "top of",
    "top concept",
    "CAP code",
    "broad match",
    "classified from",
    "naming kind",
    "org:",
    "coal:",
    "skos:",
)
"""Words of the model that say nothing to most readers."""
ALSO_PROSE = ("coal:", "org:", "skos:", "stated purpose", "different from", "listed in", "companion of", "top of")
"""Those of them that caveats in the data use in sentences."""


@dataclass
class Shown:
    """A link of a page. title: its tooltip. around: the text of the list item, cell or paragraph that it is in."""

    text: str
    target: str
    title: str
    around: str = ""


@dataclass
class ReaderPart(HTMLParser):
    """The part of a page that readers see at once or on demand."""

    address: str
    source: str
    links: list[Shown] = field(default_factory=list)
    text: str = ""
    names: str = ""
    """The headings, and the names of facts and columns."""
    linked_names: int = 0
    """Names of properties that are links."""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[str] = []
        self._pending: list[Shown] = []
        main = self.source.partition("<main")[2]
        self.feed("<main" + FOR_DEVELOPERS.sub("</main>", main).partition("</main>")[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag in ("li", "tr", "dd", "p"):
            self._settle()
        if tag == "a" and found.get("href"):
            self.linked_names += "dt" in self._open
            link = Shown("", urljoin(self.address, found["href"] or ""), found.get("title") or "")
            self.links.append(link)
            self._pending.append(link)
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass
        if tag in ("li", "tr", "dd", "p"):
            self._settle()

    def _settle(self) -> None:
        self._pending = []

    def handle_data(self, data: str) -> None:
        self.text += data
        if {"dt", "th", "h1", "h2", "h3", "summary"} & set(self._open):
            self.names += data
        for link in self._pending:
            link.around += data
        if "a" in self._open and self.links:
            self.links[-1].text += data

    @property
    def words(self) -> list[str]:
        """The words of the model that the page shows."""
        return [word for word in WORDS if word in (self.names if word in ALSO_PROSE else self.text)]

    @property
    def ambiguous(self) -> dict[str, set[str]]:
        """The texts of links that lead to several places, and these."""
        targets: dict[str, set[str]] = {}
        for link in self.links:
            targets.setdefault(" ".join(link.text.split()).casefold(), set()).add(link.target)
        return {text: found for text, found in targets.items() if len(found) > 1}
