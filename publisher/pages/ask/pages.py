"""The pages of the three ways to ask: questions, the builder, the SPARQL editor; and results for pages of others.

A page whose content is the answer of a query comes as a plan: the query, and what makes the page of its outcome. The
query runs between the two, on the event loop, in a query process.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlencode

import pyoxigraph as ox

from publisher.dataset.iris import (
    ASK_PATH,
    BUILD_PATH,
    COMPLETIONS_PATH,
    EDITOR_PATH,
    EMBED_PATH,
    PICTURE_PATH,
    PROBLEM_PATH,
    SPARQL_PATH,
    relative,
)
from publisher.dataset.query_files import Question
from publisher.errors import NotFoundError, ResultLimitError
from publisher.formats import GRAPHS, HTML, PICTURE, RESULTS, Format
from publisher.pages.ask.builder import LIMIT, Builder
from publisher.pages.ask.citations import Citations
from publisher.pages.ask.questions import QuestionBook
from publisher.pages.ask.results import Asked, Outcome, Result, Results
from publisher.pages.layout import Frame, Layout
from publisher.pages.terms import COAL, TermFormatter
from publisher.rdf.turtle import spell
from publisher.release.archive import describe_edition
from publisher.release.catalogue import Catalogue
from publisher.release.resources import Resources
from publisher.release.usage import Usage, Use, read_usage
from publisher.sparql.engine import Query
from publisher.sparql.protocol import for_page, parameters, reference

START: Final = """PREFIX coal: <{coal}>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>

SELECT ?agenda (COUNT(?coalition) AS ?coalitions) WHERE {{
  ?coalition coal:advances/skos:prefLabel ?agenda .
}}
GROUP BY ?agenda
ORDER BY DESC(?coalitions)"""
OFFERS: Final = {"SELECT, ASK": RESULTS, "CONSTRUCT, DESCRIBE": GRAPHS}
"""Formats that a result can be downloaded in, by what the query returns."""
TABS: Final = (("Questions", ASK_PATH), ("Build", BUILD_PATH), ("SPARQL", EDITOR_PATH))
HEADING: Final = "Ask the data"
PANEL: Final = 60
"""Classes, and properties, in the panel beside the editor."""
Sent = Mapping[str, Sequence[str]]
"""The parameters of an address."""


@dataclass(frozen=True)
class Plan:
    """A page to be made. query: what it needs the answer of; None for none. render: makes it of the outcome.

    form: its format. framed: whether pages of others may show it in a frame. moved: the path that this one is another
    spelling of; empty if it is none.
    """

    render: Callable[[Outcome], str]
    query: Query | None = None
    form: Format = HTML
    framed: bool = False
    moved: str = ""


class AskPages:
    """Makes the pages that answer questions."""

    def __init__(
        self, resources: Resources, catalogue: Catalogue, formatter: TermFormatter, layout: Layout, *, editor: bool
    ) -> None:
        """editor: whether the query editor is installed."""
        self._resources = resources
        self._catalogue = catalogue
        self._formatter = formatter
        self._layout = layout
        self._names = resources.names
        self._editor = editor
        self.questions = QuestionBook(catalogue.questions, resources)
        self._results = Results(resources, formatter, Citations(resources, catalogue))

    @cached_property
    def _usage(self) -> Usage:
        return read_usage(self._names.dataset, self._catalogue.dataset)

    @cached_property
    def _builder(self) -> Builder:
        return Builder(self._resources, self._usage, self._formatter)

    def plan(self, path: str, sent: Sent, endpoint: str) -> Plan:
        """The page at a path below `ask`. endpoint: its absolute URL.

        Raises NotFoundError, or MalformedError where a parameter names nothing.
        """
        first = {name: values[0] for name, values in sent.items()}
        if path == ASK_PATH:
            return Plan(lambda _: self.list_questions(path, first.get("q", "")))
        if path == BUILD_PATH:
            return self._plan_builder(sent, endpoint)
        if path == EDITOR_PATH:
            return Plan(lambda _: self._edit(path, None, endpoint, None))
        if path in (EMBED_PATH, PICTURE_PATH):
            return self._plan_embedded(path, first, endpoint)
        return self._plan_question(path, first, endpoint)

    def plan_query(self, query: Query, view: str, endpoint: str, notes: Sequence[str] = ()) -> Plan:
        """The page of the SPARQL editor with the result of a query. notes: sentences above it."""
        return Plan(lambda outcome: self._edit(SPARQL_PATH, query, endpoint, outcome, view, notes), query)

    # The questions

    def list_questions(self, path: str, text: str = "") -> str:
        """The questions by subject, or those that a text finds."""
        frame = self._frame("Questions", path, canonical=self._names.iri(ASK_PATH), indexed=not text)
        return self._layout.render(
            "ask_questions.html",
            **self._share(frame),
            text=text,
            found=self.questions.find(text) if text.strip() else None,
            groups=self.questions.groups,
            count=len(self.questions),
            link=lambda question, **chosen: frame.link_to(_address(question, chosen)),
            release=self._resources.store.release,
        )

    def _plan_question(self, path: str, sent: Mapping[str, str], endpoint: str) -> Plan:
        slug = path.removeprefix(f"{ASK_PATH}/")
        question = self.questions.find_by_slug(slug)
        if question.slug != slug:
            return Plan(lambda _: "", moved=f"{ASK_PATH}/{question.slug}")
        asked, choices = self._ask(question, path, sent, endpoint)

        def render(outcome: Outcome) -> str:
            chosen = [choice.label for choice in choices if choice.iri]
            frame = self._frame(
                ": ".join([question.title, ", ".join(chosen)][: 1 + bool(chosen)]),
                path,
                summary=question.question,
                canonical=self._names.iri(path),
                indexed=not asked.parameters,
            )
            return self._layout.render(
                "ask_question.html",
                **self._share(frame),
                **self._show(asked, outcome),
                question=question,
                choices=choices,
                query=asked.query.text,
                edit=frame.link_to(reference(asked.query, SPARQL_PATH)),
            )

        return Plan(render, asked.query)

    def _ask(self, question: Question, path: str, sent: Mapping[str, str], endpoint: str) -> tuple[Asked, list[Any]]:
        """What a question asks with the things that are chosen in an address."""
        choices = self.questions.choose(question, sent)
        chosen = {choice.parameter.name: choice.iri for choice in choices}
        stated = [(c.parameter.key, c.value) for c in choices if c.iri != c.parameter.default]
        query = for_page(Query(question.query_for(chosen), None, None))
        view = sent.get("view", "")
        home = f"{ASK_PATH}/{question.slug}"
        return Asked(query, path, endpoint, home, question.title, stated, view, question.view), choices

    # The builder

    def _plan_builder(self, sent: Sent, endpoint: str) -> Plan:
        built = self._builder.build(sent) if sent.get("class") else None
        query = for_page(Query(built.query, None, None)) if built else None
        view = sent.get("view", [""])[0]

        def render(outcome: Outcome) -> str:
            kept = [(name, value) for name, values in sent.items() for value in values if value and name != "view"]
            asked = Asked(query, BUILD_PATH, endpoint, BUILD_PATH, "", kept, view) if query else None
            shown = self._show(asked, outcome) if asked else self._show_nothing()
            title = shown["result"].title if shown["result"] else "Build a query"
            frame = self._frame(title, BUILD_PATH, indexed=built is None)
            return self._layout.render(
                "ask_build.html",
                **self._share(frame),
                **shown,
                built=built,
                most=LIMIT,
                classes=self._builder.classes,
                records=self._builder.records,
                link=lambda name: f"{frame.link_to(BUILD_PATH)}?{urlencode({'class': name})}",
                edit=frame.link_to(reference(query, SPARQL_PATH)) if query else "",
            )

        return Plan(render, query)

    # The editor

    def _edit(
        self,
        path: str,
        query: Query | None,
        endpoint: str,
        outcome: Outcome | None,
        view: str = "",
        notes: Sequence[str] = (),
    ) -> str:
        """The editor, with the result of a query or its problem."""
        asked = None
        known = self.questions.find_by_query(query.text) if query else None
        if query:
            query = query._replace(text=query.text.replace("\r\n", "\n"))  # as browsers send line ends
            title, wanted = (known.title, known.view) if known else ("", "")
            asked = Asked(query, path, endpoint, title=title, view=view, wanted=wanted)
        shown = self._show(asked, outcome) if asked and outcome else self._show_nothing()
        title = shown["result"].title if shown["result"] else "SPARQL"
        frame = self._frame(title, path, indexed=not query)
        return self._layout.render(
            "ask_sparql.html",
            **self._share(frame),
            **shown,
            query=query.text if query else START.format(coal=COAL),
            hidden=parameters(query)[1:] if query else [],
            question=frame.link_to(_address(known, {})) if known else "",
            notes=notes,
            prefixes="\n".join(f"PREFIX {p}: <{ns}>" for p, ns in sorted(self._names.prefixes.items())),
            terms=self._panel,
            editor=self._editor,
        )

    @cached_property
    def _panel(self) -> Sequence[tuple[str, Sequence[tuple[str, int, str]]]]:
        """The classes and properties beside the editor: as (heading, (prefixed name, count, definition))."""
        uses = (("Classes", self._usage.classes), ("Properties", self._usage.properties))
        return [(heading, [self._describe_use(use) for use in found[:PANEL]]) for heading, found in uses]

    def _describe_use(self, use: Use) -> tuple[str, int, str]:
        label, definition = self._builder.label(use.iri), self._builder.define(use.iri)
        return spell(ox.NamedNode(use.iri), self._names.prefixes), use.number, definition or label

    @cached_property
    def completions(self) -> str:
        """Return the completions of the query editor, as JSON: `prefixes` (prefix -> namespace), `classes` and
        `properties`, each with its IRI, its prefixed name, its label, and how often it is used."""
        found = {
            "prefixes": dict(sorted(self._names.prefixes.items())),
            "classes": self._complete(self._usage.classes),
            "properties": self._complete(self._usage.properties),
        }
        return json.dumps(found, ensure_ascii=False) + "\n"

    def _complete(self, uses: Sequence[Use]) -> list[dict[str, Any]]:
        found = [
            {
                "iri": use.iri,
                "name": spell(ox.NamedNode(use.iri), self._names.prefixes),
                "label": self._formatter.terms.get(use.iri, ""),
                "count": use.number,
            }
            for use in uses
        ]
        return sorted(found, key=lambda term: str(term["name"]))

    # For pages of others

    def _plan_embedded(self, path: str, sent: Mapping[str, str], endpoint: str) -> Plan:
        """A result without the frame of the site, or its picture."""
        if sent.get("question"):
            question = self.questions.find_by_slug(sent["question"])
            asked, _ = self._ask(question, path, sent, endpoint)
        elif sent.get("query"):
            asked = Asked(for_page(Query(sent["query"], None, None)), path, endpoint, view=sent.get("view", ""))
        else:
            raise NotFoundError("State a `question` by its short name, or a `query`.")
        if path == PICTURE_PATH:
            return Plan(lambda outcome: self._draw(asked, outcome), asked.query, PICTURE, framed=True)
        return Plan(lambda outcome: self._render_embedded(asked, outcome), asked.query, framed=True)

    def _draw(self, asked: Asked, outcome: Outcome) -> str:
        if outcome.problem:
            raise outcome.problem
        drawn = self._results.picture(asked, outcome)
        if drawn is None:
            raise NotFoundError("The result has no such picture: its columns have other shapes.")
        return drawn

    def _render_embedded(self, asked: Asked, outcome: Outcome) -> str:
        frame = self._frame(asked.title or "Result", EMBED_PATH, indexed=False)
        return self._layout.render(
            "ask_embed.html",
            **self._share(frame),
            **self._show(asked, outcome),
            whole=relative(asked.address(asked.view), EMBED_PATH),
        )

    # What pages share

    def _frame(self, title: str, path: str, **more: Any) -> Frame:
        return self._layout.frame(title, path, **more)

    def _share(self, frame: Frame) -> dict[str, Any]:
        return {
            "frame": frame,
            "heading": HEADING,
            "tabs": [(name, frame.link_to(path), _tab_of(frame.path) == path) for name, path in TABS],
            "forms": [
                (kind, [(f.label, relative(f"{SPARQL_PATH}.{f.suffix}", frame.path)) for f in offers])
                for kind, offers in OFFERS.items()
            ],
            "completions": frame.link_to(COMPLETIONS_PATH),
            "action": frame.link_to(SPARQL_PATH),
            "limits": self._catalogue.limits,
            "version": describe_edition(self._resources.store.edition),
        }

    def _show(self, asked: Asked, outcome: Outcome) -> dict[str, Any]:
        """The values of templates with a result, or with the problem of its query."""
        problem = outcome.problem
        result: Result | None = None if problem else self._results.result(asked, outcome)
        return {
            "result": result,
            "problem": problem,
            "about": relative(PROBLEM_PATH + problem.name, asked.path) if problem else "",
            "larger": reference(asked.query, "") if isinstance(problem, ResultLimitError) else "",
            "outcome": outcome,
        }

    def _show_nothing(self) -> dict[str, Any]:
        return {"result": None, "problem": None, "about": "", "larger": "", "outcome": None}


def _address(question: Question, chosen: Mapping[str, str]) -> str:
    """The path of a question. chosen: values of its parameters."""
    return f"{ASK_PATH}/{question.slug}" + (f"?{urlencode(chosen)}" if chosen else "")


def _tab_of(path: str) -> str:
    """The path of the tab that a page belongs to."""
    if path in (BUILD_PATH, EDITOR_PATH):
        return path
    return EDITOR_PATH if path == SPARQL_PATH else ASK_PATH
