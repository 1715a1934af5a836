"""HTML blocks: the JSON-LD in a web page (JSON-LD 1.1, section 7). Pure, no I/O."""

import re
from html.parser import HTMLParser
from itertools import accumulate

from publisher.formats import JSON_LD


def extract_json_ld(text: str) -> str:
    """Return the JSON-LD blocks of a page as one array, every character where it is in the page.

    All other characters are replaced by spaces, except line ends.
    """
    spans = _Blocks(text).spans
    parts: list[str] = []
    done = 0
    for number, (start, end) in enumerate(spans):
        mark = "," if number else "["
        parts += [_blank(text[done : start - 1]), mark, text[start:end]]
        done = end
    rest = _blank(text[done:])
    return "".join(parts) + f"]{rest[1:]}" if spans else "[]" + rest[2:]


def _blank(text: str) -> str:
    return re.sub(r"[^\r\n]", " ", text)


class _Blocks(HTMLParser):
    """Finds the spans of the contents of `<script type="application/ld+json">`."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=False)
        self._starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
        self._inside = False
        self.spans: list[tuple[int, int]] = []
        self.feed(text)
        self.close()
        if self._inside:  # A block that is not closed reaches to the end, as in browsers.
            self.spans[-1] = (self.spans[-1][0], len(text))

    def _offset(self) -> int:
        line, column = self.getpos()
        return self._starts[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note where a block begins."""
        kind = (dict(attrs).get("type") or "").partition(";")[0].strip().lower()
        if tag == "script" and kind == JSON_LD.media_type:
            start = self._offset() + len(self.get_starttag_text() or "")
            self.spans.append((start, start))
            self._inside = True

    def handle_endtag(self, tag: str) -> None:
        """Note where a block ends."""
        if tag == "script" and self._inside:
            self.spans[-1] = (self.spans[-1][0], self._offset())
            self._inside = False
