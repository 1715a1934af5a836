"""Thing pages: assembles the page of one thing from its model, footnotes, snippets and statements."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from publisher.dataset.iris import CHANGES_PATH, relative
from publisher.formats import GRAPHS
from publisher.pages.cards import card_path
from publisher.pages.layout import SUMMARY, Frame, Layout, shorten
from publisher.pages.pictures.card import Card
from publisher.pages.terms import TermFormatter
from publisher.pages.things.aim import describe_aim
from publisher.pages.things.coalition import describe_coalition
from publisher.pages.things.concepts import describe_agenda, describe_issue
from publisher.pages.things.footnotes import Footnotes, menu_texts
from publisher.pages.things.generic import describe_any
from publisher.pages.things.legislation import describe_filing, describe_measure, describe_proposal
from publisher.pages.things.model import Cites, Model
from publisher.pages.things.organization import describe_organization
from publisher.pages.things.reader import Reader
from publisher.pages.things.schema_org import describe_for_search_engines
from publisher.pages.things.snippets import DatasetFacts, Snippet, make_snippets
from publisher.pages.things.source import describe_source
from publisher.pages.things.statements import Statements, StatementsReader
from publisher.pages.things.terms import describe_role, describe_scheme, describe_session
from publisher.rdf import namespaces as n
from publisher.release.archive import date_of, name_with_release
from publisher.release.change_log import ADDED
from publisher.release.neighbors import Neighbors
from publisher.release.resources import Description, Resources

KEPT: Final = 64
"""Cards whose texts are kept from the page that names them until they are asked for."""
MODELS: Final[dict[str, Callable[[Reader, str], Model]]] = {
    "agenda": describe_agenda,
    "aim": describe_aim,
    "bill": describe_filing,
    "coalition": describe_coalition,
    "docket": describe_filing,
    "issue": describe_issue,
    "measure": describe_measure,
    "organization": describe_organization,
    "proposal": describe_proposal,
    "role": describe_role,
    "scheme": describe_scheme,
    "session": describe_session,
    "source": describe_source,
}
"""Kind of thing -> what makes the model of its page; any other has that of `generic`."""


@dataclass(frozen=True)
class ThingPage:
    """The page of one thing.

    sources: of the thing itself. history: what each release changed of it, as (path, title, date, what). notes: on the
    record, by those who keep it. first: whether it is not a further page of statements.
    """

    frame: Frame
    iri: str
    model: Model
    statements: Statements
    sources: Sequence[str]
    snippets: Sequence[Snippet]
    correction: str
    history: Sequence[tuple[str, str, str, str]] = ()
    notes: Sequence[str] = ()
    first: bool = True


class ThingPages:
    """Makes the pages of things."""

    def __init__(self, resources: Resources, formatter: TermFormatter, layout: Layout) -> None:
        self._resources = resources
        self._names = resources.names
        self._formatter = formatter
        self._statements = StatementsReader(formatter)
        self._layout = layout
        self._cards: dict[str, Card] = {}

    def thing(self, description: Description, path: str) -> str:
        """The page of one thing, at the given path."""
        iri, first = description.thing, description.page == 1
        near = Neighbors(self._resources.store.lookup, self._resources.store.index)
        reader = Reader(near, self._names, path, filters=not self._layout.static_copy)
        model = MODELS.get(reader.kind(iri), describe_any)(reader, iri)
        self._keep_card(iri, self._make_card(iri, model))
        title = model.heading if first else f"{model.heading}, page {description.page} of {description.pages}"
        page = ThingPage(
            frame=self._layout.frame(
                title,
                path,
                GRAPHS,
                canonical=description.document,
                script=describe_for_search_engines(reader, iri, reader.near.label(iri) or iri),
                summary=model.summary,
                changed=reader.near.text(iri, n.DCTERMS + "modified"),
                indexed=first,
                card=card_path(self._names.address(iri) or ""),
            ),
            iri=iri,
            model=model,
            statements=self._statements.read(description, path),
            sources=reader.sources([iri]),
            snippets=make_snippets(iri, model.heading, model.kind, self._dataset) if first else (),
            correction=relative("correct", path) + "?about=" + (self._names.path(iri) or ""),
            history=self._list_history(iri) if first else (),
            notes=reader.near.texts(iri, n.SKOS + "editorialNote") if first else (),
            first=first,
        )
        texts = menu_texts([*page.frame.site.menu, (page.frame.site.title, "")], path)
        footnotes = Footnotes(reader)
        return self._layout.render(
            "thing.html",
            page=page,
            frame=page.frame,
            footnotes=footnotes,
            distinguish=texts.distinguish,
            uncited=lambda: [Cites(found)] if (found := footnotes.leave_out_cited(page.sources)) else [],
        )

    def card(self, iri: str) -> Card:
        """What the picture for shared links to a thing says. Mostly its page was asked for just before."""
        known = self._cards.pop(iri, None)
        if known is not None:
            return known
        reader = Reader(Neighbors(self._resources.store.lookup, self._resources.store.index), self._names, "")
        return self._make_card(iri, MODELS.get(reader.kind(iri), describe_any)(reader, iri))

    def _keep_card(self, iri: str, card: Card) -> None:
        if len(self._cards) >= KEPT:
            self._cards.clear()
        self._cards[iri] = card

    def _make_card(self, iri: str, model: Model) -> Card:
        slug = iri.rpartition("/")[2].replace("-", " ")
        line = shorten(leave_out_title(model.summary, model.heading), SUMMARY)
        return Card(model.heading, model.kind.capitalize(), line, self._layout.title, slug)

    def _list_history(self, iri: str) -> list[tuple[str, str, str, str]]:
        """What each release changed of a thing, the newest first."""
        found = []
        for edition, change in self._resources.store.index.changes.history(iri):
            numbers = [f"{change.added} statements added"] * bool(change.added)
            numbers += [f"{change.removed} removed"] * bool(change.removed)
            what = "first listed" if change.sort == ADDED else ", ".join(numbers)
            found.append((f"{CHANGES_PATH}#{edition.anchor}", edition.title, edition.date, what))
        return found

    @cached_property
    def _dataset(self) -> DatasetFacts:
        """What citations say of the data set."""
        near = Neighbors(self._resources.store.lookup, self._resources.store.index)
        dataset = self._names.dataset
        creator = near.iri(dataset, n.DCTERMS + "creator", n.DCTERMS + "publisher")
        modified = near.text(dataset, n.DCTERMS + "modified", n.DCTERMS + "created")
        title = name_with_release(near.label(dataset) or dataset, self._resources.store.edition)
        date = date_of(self._resources.store.edition, modified)
        return DatasetFacts(title, near.label(creator) if creator else "", date)


def leave_out_title(summary: str, heading: str) -> str:
    """A summary without its beginning where that repeats a heading, or what the heading has after a number."""
    for title in (heading, heading.partition(", ")[2]):
        if title and summary.startswith(title):
            rest = summary[len(title) :].lstrip(" ,:.")
            return rest[:1].upper() + rest[1:]
    return summary
