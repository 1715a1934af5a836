"""The site: one method per page of an open release."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pyoxigraph as ox

from publisher.dataset.iris import ABOUT_PATH, ASK_PATH, DATASET_PATH, DOCUMENT_PATH, is_web, plural
from publisher.diagnostic import Rule
from publisher.errors import PublisherError
from publisher.pages.about import AboutPages
from publisher.pages.ask.pages import AskPages
from publisher.pages.assets import Assets
from publisher.pages.cards import Cards
from publisher.pages.changes import ChangePages
from publisher.pages.correct import Correction, CorrectionPages
from publisher.pages.dataset import DatasetPages
from publisher.pages.documents import DocumentPages
from publisher.pages.downloads import DownloadPages
from publisher.pages.errors import ErrorPages
from publisher.pages.graph import GraphPages
from publisher.pages.home import HomePages
from publisher.pages.layout import Layout, Site
from publisher.pages.lists import ListPages
from publisher.pages.privacy import PrivacyPages
from publisher.pages.releases import ReleasePages
from publisher.pages.rules import RulePages
from publisher.pages.search import SearchPages
from publisher.pages.static_copy import StaticCopyPages
from publisher.pages.terms import TermFormatter
from publisher.pages.thing import ThingPages
from publisher.pages.vocabulary.pages import VocabularyPages
from publisher.release.archive import describe_edition
from publisher.release.catalogue import Catalogue
from publisher.release.resources import Description, Listing, Resources
from publisher.release.store import Store
from publisher.settings import Settings

MENU: Final = ("coalition", "issue", "bill", "organization")
"""The kinds of things in the menu of every page, if there are any."""
OTHERS: Final = (("Ask", ASK_PATH), ("Data", DATASET_PATH), ("About", ABOUT_PATH))
"""What the menu has beside kinds: as (name, path)."""


class Pages:
    """Makes the pages of one open release; every method returns HTML."""

    def __init__(
        self, store: Store, resources: Resources, catalogue: Catalogue, assets: Assets, settings: Settings
    ) -> None:
        formatter = TermFormatter(resources.names, store.lookup)
        self._cards = Cards()
        site = _describe_site(store, catalogue, resources, settings)
        here = site.here or site.base
        if self._cards:
            site = replace(site, cards=here)
        layout = Layout(site, assets)
        self._corrections = CorrectionPages(resources, formatter, layout, site)
        self._things = ThingPages(resources, formatter, layout)
        self._home = HomePages(resources, catalogue, describe_edition(store.edition), formatter, layout)
        self._about = AboutPages(resources, catalogue, store.index.about, formatter, layout)
        self._dataset = DatasetPages(resources, catalogue, store.edition, formatter, layout)
        self._documents = DocumentPages(layout)
        self._lists = ListPages(formatter, layout)
        self._graphs = GraphPages(resources, formatter, layout)
        self.vocabulary = VocabularyPages(resources, catalogue, formatter, self._graphs, layout).page
        self._errors = ErrorPages(resources, catalogue.limits, layout)
        self.ask = AskPages(resources, catalogue, formatter, layout, editor=assets.editor)
        self.changes = ChangePages(catalogue.title, resources, store.index.changes, formatter, layout, here)
        self.downloads = DownloadPages(store.edition, layout).page
        self._rules = RulePages(store.index, formatter, layout)
        self.privacy = PrivacyPages(layout, settings).page
        self.releases = ReleasePages(store, resources, catalogue, layout, settings)
        self.static_copy = StaticCopyPages(layout)
        searches = SearchPages(formatter, layout)
        self.search, self.lookup, self.preview = searches.page, searches.lookup, searches.preview

    def home(self) -> str:
        """The home page."""
        return self._home.home()

    @property
    def has_cards(self) -> bool:
        """Whether pictures for shared links can be drawn."""
        return bool(self._cards)

    def site_card(self) -> bytes:
        """The picture for shared links to the site, as PNG."""
        return self._cards.draw(self._home.card())

    def card(self, thing: str) -> bytes:
        """The picture for shared links to a thing, as PNG."""
        return self._cards.draw(self._things.card(thing))

    def dataset(self, path: str) -> str:
        """The page of the data set."""
        return self._dataset.page(path)

    def graphs(self, path: str) -> str:
        """The list of the named graphs."""
        return self._dataset.graphs(path)

    def about_page(self, path: str) -> str:
        """The page about the data set."""
        return self._about.page(path)

    def documents(self, path: str) -> str:
        """The list of the guides."""
        return self._documents.listing(path)

    @property
    def document_names(self) -> Sequence[str]:
        """The names of the guides, in the order of their list."""
        return self._documents.names

    def document(self, name: str, path: str) -> str:
        """The page of a guide. Raises NotFoundError."""
        return self._documents.page(name, path)

    def listing(self, listing: Listing, path: str) -> str:
        """One page of the list of the things of a kind, at a path."""
        return self._lists.page(listing, path)

    def thing(self, description: Description, path: str) -> str:
        """The page of one thing, at a path."""
        return self._things.thing(description, path)

    def choose_record(self, path: str) -> str:
        """The page that helps to find the record to correct."""
        return self._corrections.start(path)

    def correct(self, thing: str, file: str, correction: Correction, path: str) -> str:
        """The page for corrections of the record of a thing."""
        return self._corrections.page(thing, file, correction, path)

    def graph(self, title: str, triples: Sequence[ox.Triple], path: str, total: int = 0) -> str:
        """The page of a whole graph. total: its statements, where these are only some."""
        return self._graphs.graph(title, triples, path, total)

    def rules(self, title: str, path: str, text: str = "") -> str:
        """The list of the validation rules: of all, or those that have all words of a text."""
        return self._rules.listing(title, path, text)

    @property
    def rule_names(self) -> list[str]:
        """The names of all validation rules, in the order of their list."""
        return self._rules.names

    def find_rule(self, name: str) -> Rule:
        """The rule of a name, with its examples. Raises NotFoundError."""
        return self._rules.rule(name)

    def rule(self, rule: Rule, path: str) -> str:
        """The page of one validation rule."""
        return self._rules.render(rule, path)

    @property
    def completions(self) -> str:
        """The completions of the query editor, as JSON."""
        return self.ask.completions

    def error(self, problem: PublisherError, path: str) -> str:
        """Return the page of an error of the request for a path."""
        return self._errors.error(problem, path)

    def problems(self, path: str) -> str:
        """The list of all types of problems."""
        return self._errors.problems(path)

    def problem(self, kind: type[PublisherError], path: str) -> str:
        """The documentation of a type of problem."""
        return self._errors.problem(kind, path)


def _describe_site(store: Store, catalogue: Catalogue, resources: Resources, settings: Settings) -> Site:
    """The facts about the data set that every page shows."""
    kinds = resources.kinds()
    others = [(name, path) for name, path in OTHERS if path != ASK_PATH or not settings.static_copy]
    return Site(
        title=catalogue.title,
        abstract=catalogue.abstract,
        licenses=[(iri if is_web(iri) else "", name) for iri, name in catalogue.licenses],
        menu=[*((plural(kind), DOCUMENT_PATH + kind) for kind in MENU if kind in kinds), *others],
        base=resources.names.base,
        here=settings.public_url.rstrip("/") + "/" if settings.public_url else "",
        description=catalogue.description,
        contact=settings.contact or catalogue.contact,
        project=settings.project_url,
        issues=settings.issue_url,
        past=store.edition.release if store.edition.past else None,
        static_copy=bool(settings.static_copy),
        past_releases=settings.static_copy != 1,
    )
