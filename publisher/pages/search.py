"""The search page: what was found for a text, by kind, with one line about each result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

import pyoxigraph as ox

from publisher.dataset.iris import RECONCILE_PATH, SEARCH_PATH
from publisher.pages.layout import Layout
from publisher.pages.terms import DisplayedTerm, TermFormatter
from publisher.release import name_index as types
from publisher.release.finder import Found
from publisher.release.search import RETIRED, Group, Result, Results

REASONS: Final[Mapping[str, str]] = {
    types.ALTERNATIVE: "Also called “{}”",
    types.FORMER: "Formerly “{}”",
    types.PART: "Also called “{}”",
    types.ACRONYM: "Acronym {}",
    types.ACCOUNT: "Account {}",
    types.SITE: "Website {}",
    types.ADDRESS: "Address {}",
    types.SAME: "The same as {}",
    types.CLOSE: "Nearly the same as {}",
    types.BROADER: "Part of {}",
    types.NARROWER: "Includes {}",
    types.RELATED: "Related to {}",
    types.CODE: "Comparative Agendas Project: {}",
}
"""What a result says of what matched, by its type; the others need no explanation."""


@dataclass(frozen=True)
class Line:
    """A result as the page shows it. reason: why it was found, where its name does not say so. end: of a retired one:
    what it was merged into."""

    link: DisplayedTerm
    reason: str
    about: str
    end: DisplayedTerm | None = None


@dataclass(frozen=True)
class Section:
    """The results of one kind. more: the reference to the page of all of them; empty if all are shown."""

    title: str
    lines: list[Line]
    total: int
    more: str = ""


class SearchPages:
    """Makes the page of search results."""

    def __init__(self, formatter: TermFormatter, layout: Layout) -> None:
        self._formatter = formatter
        self._layout = layout

    def page(self, results: Results, path: str) -> str:
        """The page of what was found for a text; the empty form if there is no text."""
        sections = [self._section(group, results, path) for group in results.groups]
        title = f"Search results for “{results.text}”" if results.text else "Search"
        frame = self._layout.frame(title, path, searched=results.text, indexed=False)
        around = {
            "previous": _address(results, results.page - 1) if 1 < results.page <= results.pages else "",
            "next": _address(results, results.page + 1) if results.page < results.pages else "",
            "everything": f"{SEARCH_PATH}?{urlencode({'q': results.text})}" if results.kind else "",
        }
        partial = bool(results.groups) and results.groups[0].results[0].partial
        return self._layout.render(
            "search.html", frame=frame, results=results, sections=sections, partial=partial, **around
        )

    def lookup(self, address: str, found: Sequence[Found], path: str) -> str:
        """The page of the things that an address has to do with, where it identifies none or several."""
        lines = [Line(self._link(one.iri, one.label, path), self._explain(one.by, one.text), "") for one in found]
        frame = self._layout.frame("Look-up by address", path, searched=address, indexed=False)
        return self._layout.render("lookup.html", frame=frame, address=address, lines=lines)

    def preview(self, iri: str, label: str, about: str, kind: str) -> str:
        """A page about one thing that other sites can frame. Its links open outside of the frame."""
        path = f"{RECONCILE_PATH}/preview"
        link = self._link(iri, label, path)
        frame = self._layout.frame(label, path, indexed=False)
        kind = self._formatter.singular(kind)
        return self._layout.render("preview.html", frame=frame, link=link, about=about, kind=kind)

    def _explain(self, by: str, text: str) -> str:
        return REASONS[by].format(text) if by in REASONS else ""

    def _section(self, group: Group, results: Results, path: str) -> Section:
        title = "Merged and withdrawn" if group.kind == RETIRED else self._formatter.plural(group.kind)
        more = ""
        if not results.kind and group.total > len(group.results):
            more = f"{SEARCH_PATH}?{urlencode({'q': results.text, 'kind': group.kind})}"
        return Section(title, [self._line(result, path) for result in group.results], group.total, more)

    def _line(self, result: Result, path: str) -> Line:
        link = self._link(result.iri, result.label, path)
        reason = self._explain(result.by, result.text) if result.text != result.label else ""
        end = self._link(*result.successor, path) if result.successor else None
        return Line(link, reason, result.about, end)

    def _link(self, iri: str, label: str, path: str) -> DisplayedTerm:
        return self._formatter.format(ox.NamedNode(iri), {iri: label}, path)


def _address(results: Results, page: int) -> str:
    """The reference to another page of the results of one kind."""
    return f"{SEARCH_PATH}?{urlencode({'q': results.text, 'kind': results.kind, 'page': page})}"
