"""The page of changes, and the same as feeds (Atom, JSON Feed): what each release added, changed and ended."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final
from xml.etree import ElementTree

import pyoxigraph as ox
from markupsafe import Markup

from publisher.dataset.iris import CHANGES_PATH, RELEASE_PATH, THING_PATH
from publisher.formats import ATOM, GRAPHS, HTML, JSON_FEED, TURTLE
from publisher.pages.layout import Layout
from publisher.pages.terms import DisplayedTerm, TermFormatter
from publisher.release.change_descriptions import LISTED, difference_paths, entry_of
from publisher.release.change_log import ADDED, CHANGED, REMOVED, SORTS, Change, ChangeLog, EditionChanges
from publisher.release.resources import Resources

SHOWN: Final = 200
"""Things of one edition and sort that the page names."""
_WORDS: Final = {ADDED: "Added", CHANGED: "Changed", REMOVED: "Merged or withdrawn"}
_ATOM: Final = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True)
class Row:
    """A thing that changed. end: what became of one that is gone, in words. successor: where it went."""

    link: DisplayedTerm
    end: str = ""
    successor: DisplayedTerm | None = None


@dataclass(frozen=True)
class Group:
    """The things of one edition that changed in the same way, by kind. rest: how many more there are. complete:
    the path of a file that names all; empty where only the differences have them."""

    title: str
    number: int
    kinds: Sequence[tuple[str, Sequence[Row]]]
    rest: int
    complete: str = ""


@dataclass(frozen=True)
class Edition:
    """One edition on the page. paths: of its differences, by sort."""

    changes: EditionChanges
    summary: str
    groups: Sequence[Group]
    paths: Mapping[str, str]


class ChangePages:
    """Makes the page of changes and its feeds.

    title: of the data set. log: of the open release. here: the address that those of this server begin with; the feeds
    link to it, and name editions and records by their permanent IRIs.
    """

    def __init__(
        self, title: str, resources: Resources, log: ChangeLog, formatter: TermFormatter, layout: Layout, here: str
    ) -> None:
        self._here = here
        self._title = title
        self._names = resources.names
        self._label = resources.label
        self._log = log
        self._formatter = formatter
        self._layout = layout

    def page(self, path: str) -> str:
        """The changes of all editions, the newest first."""
        summary = "What each release of the data added, changed, merged and withdrew, with links and feeds."
        frame = self._layout.frame("Changes", path, GRAPHS, summary=summary)
        return self._layout.render("changes.html", frame=frame, editions=self._editions(path))

    def atom(self) -> bytes:
        """The changes of all releases as an Atom feed (RFC 4287)."""
        ElementTree.register_namespace("", _ATOM)
        editions = self._list_released()
        feed = ElementTree.Element(f"{{{_ATOM}}}feed")
        address = self._here + CHANGES_PATH
        _add(feed, "id", self._names.iri(CHANGES_PATH))
        _add(feed, "title", f"Changes of {self._title}")
        _add(feed, "updated", _time(editions[0].changes.date if editions else "1970-01-01"))
        _add(_add(feed, "author"), "name", self._title)
        _add(feed, "link", rel="alternate", href=address, type=HTML.media_type)
        _add(feed, "link", rel="self", href=f"{address}.{ATOM.suffix}", type=ATOM.media_type)
        for edition in editions:
            entry = _add(feed, "entry")
            _add(entry, "id", entry_of(self._names, edition.changes))
            _add(entry, "title", edition.changes.title)
            _add(entry, "updated", _time(edition.changes.date))
            _add(entry, "link", rel="alternate", href=self._address(edition), type=HTML.media_type)
            _add(entry, "summary", edition.summary)
            _add(entry, "content", self._content(edition), type="html")
        text: bytes = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
        return text + b"\n"

    def json_feed(self) -> bytes:
        """The changes of all releases as a JSON Feed (version 1.1)."""
        address = self._here + CHANGES_PATH
        items = [
            {
                "id": entry_of(self._names, edition.changes),
                "url": self._address(edition),
                "title": edition.changes.title,
                "summary": edition.summary,
                "content_html": self._content(edition),
                "date_published": _time(edition.changes.date),
            }
            for edition in self._list_released()
        ]
        feed: dict[str, Any] = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": f"Changes of {self._title}",
            "home_page_url": address,
            "feed_url": f"{address}.{JSON_FEED.suffix}",
            "items": items,
        }
        return json.dumps(feed, ensure_ascii=False, indent=1).encode() + b"\n"

    def _list_released(self) -> list[Edition]:
        return [edition for edition in self._editions("") if edition.changes.version]

    def _address(self, edition: Edition) -> str:
        return f"{self._here}{RELEASE_PATH}/{edition.changes.version}"

    def _content(self, edition: Edition) -> str:
        """The changes of an edition as HTML without classes and relative references."""
        parts = [Markup("<p>{}</p>").format(edition.summary)]
        for group in edition.groups:
            items = [
                Markup('<li><a href="{}">{}</a>{}</li>').format(
                    row.link.iri, row.link.text, f": {row.end}" * bool(row.end)
                )
                for _, rows in group.kinds
                for row in rows
            ]
            items += [self._rest(group)] if group.rest else []
            parts.append(Markup("<h2>{}</h2><ul>{}</ul>").format(group.title, Markup("").join(items)))
        return str(Markup("").join(parts))

    def _rest(self, group: Group) -> Markup:
        address = self._here + (group.complete or CHANGES_PATH)
        return Markup('<li><a href="{}">and {:,} more</a></li>').format(address, group.rest)

    def _editions(self, path: str) -> list[Edition]:
        return [self._edition(edition, path) for edition in self._log.editions]

    def _edition(self, edition: EditionChanges, path: str) -> Edition:
        numbers = [f"{edition.numbers[sort]:,} {_WORDS[sort].lower()}" for sort in SORTS if edition.numbers.get(sort)]
        summary = f"Records: {', '.join(numbers) or 'none'}."
        summary += f" Statements: {edition.added:,} added, {edition.removed:,} removed."
        # All records of the first release are new: its page lists none.
        listed = [sort for sort in SORTS if edition.number > 1 and edition.numbers.get(sort)]
        groups = [self._group(edition, sort, path) for sort in listed]
        return Edition(edition, summary, groups, difference_paths(edition))

    def _group(self, edition: EditionChanges, sort: str, path: str) -> Group:
        changes = self._log.changes(edition.number, sort, SHOWN)
        kinds = [(kind, list(found)) for kind, found in groupby(changes, key=self._kind)]
        rows = [(self._formatter.plural(kind), [self._row(change, path) for change in found]) for kind, found in kinds]
        number = edition.numbers[sort]
        complete = f"{CHANGES_PATH}.{TURTLE.suffix}" if number <= LISTED else difference_paths(edition).get(sort, "")
        return Group(_WORDS[sort], number, rows, number - len(changes), complete)

    def _kind(self, change: Change) -> str:
        return change.thing.removeprefix(self._names.iri(THING_PATH)).partition("/")[0]

    def _row(self, change: Change, path: str) -> Row:
        link, end = self._link(change.thing, change.label, path), change.end
        if end is None:
            return Row(link)
        if not end.successor:
            return Row(link, f"withdrawn {end.withdrawn}. {end.why}".strip())
        successor = self._link(end.successor, self._label(end.successor), path)
        return Row(link, f"merged. {end.why}".strip(), successor)

    def _link(self, thing: str, label: str, path: str) -> DisplayedTerm:
        return self._formatter.format(ox.NamedNode(thing), {thing: label}, path)


def _add(parent: ElementTree.Element, name: str, text: str = "", **attributes: str) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, f"{{{_ATOM}}}{name}", attributes)
    element.text = text or None
    return element


def _time(date: str) -> str:
    """A date as the time at which it began (RFC 3339)."""
    return f"{date}T00:00:00Z"
