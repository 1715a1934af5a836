"""The site: one value per page, the templates that show it, and the vocabulary and shapes documentation."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import jinja2
import pyoxigraph as ox
from markupsafe import Markup, escape

from publisher.dataset.iris import KINDS, PROBLEM_PATH, SPARQL_PATH, plural, relative
from publisher.diagnostic import Rule
from publisher.errors import Problem, ResultLimit, name_of, published
from publisher.formats import GRAPHS, RESULTS, Format
from publisher.pages.assets import Assets
from publisher.pages.query import QueryPage
from publisher.pages.rules import RulePages
from publisher.pages.terms import COAL, Row, Shown, Wording, is_web, pairs, words
from publisher.rdf import namespaces as n
from publisher.rdf.labels import labels_of
from publisher.rdf.namespaces import compact
from publisher.rdf.terms import Term, terms
from publisher.rdf.turtle import blank_nodes
from publisher.release.catalogue import Catalogue
from publisher.release.resources import TYPE, Description, Resources
from publisher.sparql.engine import Query
from publisher.sparql.protocol import parameters, reference

SOURCE: Final = n.DCTERMS + "source"
OFFERS: Final = {"Rows": RESULTS, "A graph": GRAPHS}
"""What answers can be downloaded as, by what they are."""
HIDDEN: Final = frozenset({n.RDF + "type", SOURCE, n.SKOS + "prefLabel"})
"""Properties whose statements a page shows in places of their own: the heading, the kind, the sources."""
PREFIXES: Final = frozenset({n.SH + "declare"})
"""What the page of a graph leaves to the graph's other forms: declarations of prefixes, for programs."""
LEADING: Final = ("http://www.w3.org/ns/org#member", COAL + "backs", COAL + "name", COAL + "count", COAL + "foundedOn")
"""What a part without a name is called after, the first that it has."""
SCHEMA_TYPES: Final = {
    COAL + "Coalition": "Organization",
    n.FOAF + "Organization": "Organization",
    "http://www.w3.org/ns/org#Organization": "Organization",
    COAL + "Agenda": "DefinedTerm",
    COAL + "Issue": "DefinedTerm",
    COAL + "Source": "WebPage",
}
SCHEMA_PROPERTIES: Final = {
    n.SKOS + "altLabel": "alternateName",
    COAL + "acronym": "alternateName",
    COAL + "statedPurpose": "description",
    n.SKOS + "definition": "description",
    n.FOAF + "homepage": "url",
    n.SCHEMA + "url": "url",
}


@dataclass(frozen=True)
class Part:
    """A part of a thing, such as an account.

    anchor: its fragment on the page. named: whether the title is a name rather than a short IRI. notes: the numbers of
    its sources among those of the page. href: where the title leads, if anywhere.
    """

    title: str
    anchor: str
    rows: Sequence[Row]
    named: bool = True
    notes: Sequence[int] = ()
    href: str = ""


@dataclass(frozen=True)
class Frame:
    """What every page has.

    path: its address below the base. formats: its other forms as (label, reference, media type).
    """

    title: str
    path: str
    site: str
    formats: Sequence[tuple[str, str, str]] = ()
    canonical: str = ""
    script: str = ""

    def to(self, path: str) -> str:
        """A reference from this page to another address below the base."""
        return relative(path, self.path)


@dataclass(frozen=True)
class ThingPage:
    """The page of one thing."""

    frame: Frame
    iri: str
    kinds: Sequence[Shown]
    rows: Sequence[Row]
    parts: Sequence[tuple[str, Sequence[Part]]]
    incoming: Sequence[Row]
    sources: Sequence[Shown]
    description: Description
    following: str = ""
    correction: str = ""


@dataclass(frozen=True)
class Entry:
    """A list's entry with entries below it."""

    link: Shown
    note: str = ""
    below: Sequence["Entry"] = field(default_factory=tuple)


class Pages:
    """Makes the pages of one open release."""

    def __init__(self, resources: Resources, catalogue: Catalogue, assets: Assets) -> None:
        self._resources = resources
        self.catalogue = catalogue
        self.assets = assets
        self._names = resources.names
        self._wording = Wording(resources)
        self._query_page = QueryPage(resources, catalogue, self._wording)
        self.rule_pages = RulePages(resources, self._wording)
        self._templates = jinja2.Environment(
            loader=jinja2.PackageLoader("publisher.pages"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
        )
        self._templates.globals["asset"] = assets.address
        self._templates.filters["code"] = _with_code

    def _render(self, template: str, **values: Any) -> str:
        return self._templates.get_template(template).render(**values)

    def _frame(self, title: str, path: str, formats: Sequence[Format] = (), **more: str) -> Frame:
        last = path.rpartition("/")[2]
        links = [(f.label, f"{last}.{f.suffix}", f.media_type) for f in formats]
        return Frame(title, path, self.catalogue.title, links, **more)

    # Pages

    def thing(self, description: Description, path: str) -> str:
        """The page of one thing, at the given path."""
        labels = labels_of(description.labels)
        own = [t for t in description.own if t.subject == ox.NamedNode(description.thing)]
        labels |= self._wording.terms
        title = labels.get(description.thing, description.thing)
        last = path.rpartition("/")[2]
        turned = description.page < description.pages
        next_page = f"incoming/{description.page + 1}" if description.page == 1 else str(description.page + 1)
        page = ThingPage(
            frame=self._frame(
                title if description.page == 1 else f"{title}, page {description.page} of {description.pages}",
                path,
                GRAPHS,
                canonical=description.document,
                script=self._schema_org(own, description),
            ),
            iri=description.thing,
            kinds=self._kinds(own, labels, path),
            rows=self._wording.rows(self._beside_parts(own, description.thing), labels, path),
            parts=self._parts(description, labels, path),
            incoming=self._wording.rows(
                ((predicate.value, subject) for subject, predicate, _ in map(terms, description.incoming)),
                labels,
                path,
            ),
            sources=[self._wording.shown(source, labels, path) for source in _sources(description)],
            description=description,
            following=(f"{last}/{next_page}" if description.page == 1 else next_page) if turned else "",
            correction=relative("correct", path) + "?about=" + (self._names.path(description.thing) or ""),
        )
        return self._render("thing.html", page=page, frame=page.frame)

    def _beside_parts(self, own: Sequence[ox.Triple], thing: str) -> list[tuple[str, Term]]:
        """The statements of a thing without those that only lead to its parts, which the page shows whole."""
        return [
            (predicate, term)
            for predicate, term in pairs(own, HIDDEN)
            if not (isinstance(term, ox.NamedNode) and term.value.startswith(thing + "/"))
        ]

    def _kinds(self, own: Sequence[ox.Triple], labels: dict[str, str], path: str) -> list[Shown]:
        """The classes of a thing: our own if it has any, since they say more than the foreign ones."""
        shown = [self._wording.shown(term, labels, path) for predicate, term in pairs(own) if predicate == TYPE.value]
        return [kind for kind in shown if not kind.foreign] or shown

    def _parts(self, description: Description, labels: dict[str, str], path: str) -> list[tuple[str, Sequence[Part]]]:
        """The parts of a thing in groups, by the word that their IRIs begin with below the thing's."""
        statements: dict[str, list[ox.Triple]] = defaultdict(list)
        for triple in description.own:
            if isinstance(triple.subject, ox.NamedNode) and triple.subject.value != description.thing:
                statements[triple.subject.value].append(triple)
        numbers = {source: number for number, source in enumerate(_sources(description), 1)}
        groups: dict[str, list[Part]] = defaultdict(list)
        for iri, found in sorted(statements.items()):
            below = iri.removeprefix(description.thing + "/")
            notes = [numbers[term] for predicate, term in pairs(found) if predicate == SOURCE]
            title, said = self._part_title(iri, found, labels, path)
            hidden = HIDDEN | said | {p.value for _, p, o in map(terms, found) if o == ox.NamedNode(description.thing)}
            rows = self._wording.rows(pairs(found, hidden), labels, path)
            part = Part(title.text or below, below.replace("/", "-"), rows, notes=notes, href=title.href)
            groups["entries" if iri in labels and "/" not in below else below.partition("/")[0]].append(part)
        shown = {name: sorted(parts, key=lambda part: part.title.casefold()) for name, parts in groups.items()}
        return [(words(name).capitalize(), parts) for name, parts in shown.items()]

    def _part_title(
        self, iri: str, stated: Sequence[ox.Triple], labels: dict[str, str], path: str
    ) -> tuple[Shown, frozenset[str]]:
        """What a part is called on its thing's page, and the property that is said with that: its own name, or else
        what it leads to or says."""
        found = dict(pairs(stated))
        leading = next((predicate for predicate in LEADING if predicate in found), None)
        if iri in labels or leading is None:
            return Shown(labels.get(iri, "")), frozenset()
        return self._wording.shown(found[leading], labels, path), frozenset({leading})

    def _schema_org(self, own: Sequence[ox.Triple], description: Description) -> str:
        """The thing in schema.org's words, as search engines read them from a script element."""
        types = (t.object.value for t in own if t.predicate == TYPE and isinstance(t.object, ox.NamedNode))
        data: dict[str, Any] = {
            "@context": "https://schema.org",
            "@id": description.thing,
            "@type": next((SCHEMA_TYPES[iri] for iri in types if iri in SCHEMA_TYPES), "Thing"),
            "name": labels_of(description.labels).get(description.thing, description.thing),
        }
        for triple in own:
            key = SCHEMA_PROPERTIES.get(triple.predicate.value)
            if key and _is_sayable(triple.object):
                data.setdefault(key, []).append(getattr(triple.object, "value", ""))
        return json.dumps(data, ensure_ascii=False, sort_keys=True).replace("<", "\\u003c")

    def home(self, path: str = "") -> str:
        """The home page: the agendas in the order of their source, with their coalitions."""
        frame = self._frame(self.catalogue.title, path, canonical=self._names.base)
        frame = Frame(frame.title, path, frame.site, [(f.label, f"dataset.{f.suffix}", f.media_type) for f in GRAPHS])
        things = self._resources.things()
        kinds = [kind for kind in KINDS if any(iri.startswith(self._names.iri(f"id/{kind}/")) for iri in things)]
        lists = [(plural(kind), relative(f"doc/{kind}", path)) for kind in kinds]
        return self._render(
            "home.html", frame=frame, agendas=self._agendas(path), text=self.catalogue.description, lists=lists
        )

    def _agendas(self, path: str) -> list[Entry]:
        engine, resources = self._resources.store.engine, self._resources
        notation, advances = ox.NamedNode(n.SKOS + "notation"), ox.NamedNode(COAL + "advances")
        orders: dict[str, str] = {}
        for iri, _ in resources.instances(COAL + "Agenda"):
            found = [
                t.object.value
                for t in engine.find(ox.NamedNode(iri), notation, None)
                if isinstance(t.object, ox.Literal)
            ]
            orders[iri] = min(found, default="")
        entries = []
        for iri in sorted(orders, key=lambda iri: (len(orders[iri]), orders[iri], iri)):
            members = [terms(t)[0] for t in engine.find(None, advances, ox.NamedNode(iri))]
            labels = labels_of(resources.label_statements([ox.NamedNode(iri), *members]))
            below = sorted(
                (Entry(self._wording.shown(m, labels, path)) for m in members), key=lambda e: e.link.text.casefold()
            )
            entries.append(Entry(self._wording.shown(ox.NamedNode(iri), labels, path), below=below))
        return entries

    def listing(self, title: str, things: Sequence[tuple[str, str]], path: str, note: str = "") -> str:
        """A page that lists things given as (IRI, name)."""
        entries = [Entry(self._wording.shown(ox.NamedNode(iri), {iri: name}, path)) for iri, name in things]
        return self._render("listing.html", frame=self._frame(title, path, GRAPHS), entries=entries, note=note)

    def graph(self, title: str, triples: Sequence[ox.Triple], path: str, note: str = "") -> str:
        """A page of everything that a graph says: each IRI subject with its statements, for people to look through."""
        subjects: dict[str, list[ox.Triple]] = defaultdict(list)
        for triple in triples:
            if isinstance(triple.subject, ox.NamedNode):
                subjects[triple.subject.value].append(triple)
        mentioned = [t.object for t in triples if isinstance(t.object, ox.NamedNode)]
        spelled = blank_nodes(triples, self._names.prefixes)
        labels = labels_of(triples) | labels_of(self._resources.label_statements(mentioned))
        labels |= {node.value: text for node, text in spelled.items()}
        parts = [
            Part(
                labels.get(iri) or compact(iri, self._names.prefixes),
                iri.rpartition("#")[2] if "#" in iri else "",
                [
                    Row(Shown("IRI"), [self._wording.shown(ox.NamedNode(iri), {iri: iri}, path)]),
                    *self._wording.rows(pairs(found, PREFIXES), labels, path),
                ],
                iri in labels,
            )
            for iri, found in sorted(subjects.items(), key=lambda pair: _reading_order(pair[0]))
        ]
        return self._render("graph.html", frame=self._frame(title, path, GRAPHS), parts=parts, note=note)

    def rules(self, title: str, path: str) -> str:
        """The page of the shapes: every rule that can speak, by its name, with its level and what it says."""
        return self._render("rules.html", frame=self._frame(title, path, GRAPHS), groups=self.rule_pages.groups)

    def rule(self, rule: Rule, path: str) -> str:
        """The page of one rule."""
        page = self.rule_pages.page(rule, path)
        return self._render(
            "rule.html",
            frame=self._frame(rule.title[:1].upper() + rule.title[1:], path, canonical=rule.link),
            page=page,
            level=rule.severity.name.lower(),
            ask=reference(Query(page.query, None, None), relative(SPARQL_PATH, path)),
        )

    def correct(self, thing: str, file: str, path: str) -> str:
        """How to correct what is said of a thing."""
        link = self._wording.shown(ox.NamedNode(thing), {thing: self._resources.label(thing)}, path)
        frame = self._frame("Correct this", path)
        return self._render("correct.html", frame=frame, link=link, iri=thing, file=file)

    def query(
        self, endpoint: str, query: Query | None = None, answer: Any = None, problem: Problem | None = None
    ) -> str:
        """The query form; with the answer to a query, or with the problem that it met.

        endpoint: its absolute URL. answer: a SPARQL JSON result, or the text of a graph.
        """
        asked = query._replace(text=query.text.replace("\r\n", "\n")) if query else None  # as browsers send line ends
        return self._render(
            "sparql.html",
            frame=self._frame("SPARQL", SPARQL_PATH),
            query=asked.text if asked else self._query_page.start,
            hidden=parameters(asked)[1:] if asked else [],
            result=self._query_page.result(asked, answer, endpoint) if asked and answer is not None else None,
            problem=problem,
            about=PROBLEM_PATH + problem.name if problem else "",
            forms=[(kind, [(f.label, f"{SPARQL_PATH}.{f.suffix}") for f in offers]) for kind, offers in OFFERS.items()],
            larger=reference(asked, "") if asked and isinstance(problem, ResultLimit) else "",
            prefixes="\n".join(f"PREFIX {p}: <{ns}>" for p, ns in sorted(self._names.prefixes.items())),
            questions=self._query_page.questions,
            editor=self.assets.editor,
            limits=self.catalogue.limits,
        )

    @property
    def completions(self) -> str:
        """What the query editor completes, as JSON."""
        return self._query_page.completions

    def error(self, problem: Problem, path: str) -> str:
        """The page of a problem that somebody has met."""
        alternatives = problem.members.get("alternatives", ())
        about = PROBLEM_PATH + problem.name if problem.name in published() else ""
        frame = self._frame(problem.title, path)
        return self._render("error.html", frame=frame, problem=problem, alternatives=alternatives, about=about)

    def problems(self, path: str) -> str:
        """The list of all kinds of problems."""
        return self._render("problems.html", frame=self._frame("Problems", path), kinds=published())

    def problem(self, kind: type[Problem], path: str) -> str:
        """What a kind of problem means, and what to do about it."""
        frame = self._frame(kind.title, path, canonical=self._names.iri(PROBLEM_PATH + name_of(kind)))
        limit = next((limit for limit in self.catalogue.limits if limit.name == kind.limit), None)
        return self._render("problem.html", frame=frame, kind=kind, name=name_of(kind), limit=limit)


def _with_code(text: str) -> Markup:
    """A sentence whose words between backticks are code; one with a backtick of somebody else's is left as it is."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:
        return escape(text)
    marked = [
        Markup("<code>{}</code>").format(piece) if place % 2 else escape(piece) for place, piece in enumerate(pieces)
    ]
    return Markup("").join(marked)


def _sources(description: Description) -> list[Term]:
    """The sources of a thing and of its parts, each once, the thing's first: the footnotes of its page."""
    thing = ox.NamedNode(description.thing)
    cited = [(s != thing, str(o), o) for s, p, o in map(terms, description.own) if p.value == SOURCE]
    return list(dict.fromkeys(term for _, _, term in sorted(cited, key=lambda entry: entry[:2])))


def _is_sayable(term: object) -> bool:
    """Whether a search engine may be told: texts, and addresses of web pages."""
    return isinstance(term, ox.Literal) or (isinstance(term, ox.NamedNode) and is_web(term.value))


def _reading_order(iri: str) -> tuple[bool, bool, str]:
    """The document first, then classes, which begin with a capital, then properties."""
    fragment = iri.partition("#")[2]
    return "#" in iri, fragment[:1].islower(), iri
