"""Markdown: texts of the data set and of the documentation as HTML, without any HTML of their own."""

import re
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token
from markupsafe import Markup

Relink = Callable[[str], str]
"""Makes the reference of a page from that of a text; empty where nothing is published that it could lead to."""
_LEVELS: Final = 6


class Text(NamedTuple):
    """A rendered text. title: its first heading, which the text itself leaves out. summary: its first paragraph."""

    title: str
    summary: str
    html: Markup


def render_markdown(source: str, relink: Relink, level: int = 1) -> Text:
    """Render a text in CommonMark with tables. level: the level of its first heading, by which all are moved.

    HTML in it is shown as text, and only web addresses are linked beside what `relink` returns. Comments that begin a
    line are left out.
    """
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.block.ruler.before("table", "comment", _skip_comment, {"alt": ["paragraph", "reference", "blockquote"]})
    tokens = parser.parse(source)
    title = ""
    if len(tokens) > 1 and tokens[0].type == "heading_open":
        title = _plain(tokens[1])
        tokens = tokens[3:]
    _name_headings(tokens, level - 1)
    for token in tokens:
        if token.type == "table_open":
            token.attrSet("class", "prose")
        if token.attrGet("style") == "text-align:right":  # Pages have no style attributes (Content-Security-Policy).
            token.attrs = {"class": "number"}
        token.attrs.pop("style", None)
        token.children = _relink(token.children or [], relink)
    paragraphs = (tokens[place + 1] for place, token in enumerate(tokens) if token.type == "paragraph_open")
    summary = next((_plain(token) for token in paragraphs), "")
    return Text(title, summary, Markup(parser.renderer.render(tokens, parser.options, {})))  # noqa: S704


def make_anchor(heading: str, taken: set[str]) -> str:
    """Return the fragment of a heading, as code hosts make it. taken: those that the page has; gets this one."""
    slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
    anchor, number = slug, 0
    while anchor in taken:
        number += 1
        anchor = f"{slug}-{number}"
    taken.add(anchor)
    return anchor


def _skip_comment(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A rule of the parser: leaves out a comment, to the end of the line where it ends (CommonMark 0.31.2, 4.6)."""
    lines = (state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]] for line in range(start, end))
    if state.is_code_block(start) or not next(lines).startswith("<!--"):
        return False
    if not silent:
        lines = (state.src[state.bMarks[line] : state.eMarks[line]] for line in range(start, end))
        state.line = next((line + 1 for line, text in enumerate(lines, start) if "-->" in text), end)
    return True


def _plain(token: Token) -> str:
    """The text of an inline token without its marks."""
    return "".join(
        " " if child.type == "softbreak" else child.content
        for child in token.children or []
        if child.type in ("text", "code_inline", "softbreak")
    )


def _name_headings(tokens: Sequence[Token], deeper: int) -> None:
    """Give each heading its fragment, and move it to its level."""
    taken: set[str] = set()
    for place, token in enumerate(tokens):
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(_LEVELS, int(token.tag[1]) + deeper)}"
        if token.type == "heading_open":
            token.attrSet("id", make_anchor(_plain(tokens[place + 1]), taken))


def _relink(children: list[Token], relink: Relink) -> list[Token]:
    """The inline tokens with the references that the page can follow; other links are left out, their text kept."""
    found: list[Token] = []
    lost = False
    for token in children:
        if token.type == "link_open":
            target = relink(str(token.attrGet("href") or ""))
            token.attrSet("href", target)
            lost = not target
        if token.type != "image" and not (lost and token.type in ("link_open", "link_close")):
            found.append(token)
    return found
