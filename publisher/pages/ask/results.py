"""Results: an answer of the engine as a page shows it: links, a picture, downloads, code samples and a citation."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

import pyoxigraph as ox
from markupsafe import Markup

from publisher.dataset.iris import EMBED_PATH, KINDS, PICTURE_PATH, SPARQL_PATH, is_web, relative
from publisher.dataset.query_files import slug_of
from publisher.errors import BlankNodeError, PublisherError
from publisher.formats import GRAPHS, RESULTS_CSV, RESULTS_JSON, RESULTS_TSV, RESULTS_XML
from publisher.matching.spellings import fold
from publisher.pages.ask.citations import Citations
from publisher.pages.ask.tables import Cell, Table, make_table
from publisher.pages.ask.titles import make_title
from publisher.pages.ask.views import TABLE, Shape, default_view, draw, shapes_of
from publisher.pages.code_samples import CodeSample, code_sample
from publisher.pages.terms import DisplayedTerm, TermFormatter, words
from publisher.rdf import turtle
from publisher.rdf.labels import labels_of
from publisher.rdf.namespaces import compact
from publisher.rdf.turtle import spell
from publisher.release.resources import Resources
from publisher.sparql.engine import Query
from publisher.sparql.excerpt import describe_term
from publisher.sparql.protocol import HTML_ROWS, reference

RESULTS_FIRST: Final = (RESULTS_CSV, RESULTS_JSON, RESULTS_TSV, RESULTS_XML)
"""The formats of rows, in the order in which people want them."""
CELLS: Final = 40_000
"""Cells of a table that a page shows: each costs about 10 microseconds and 25 bytes."""
LABELLED: Final = 2000
"""Things of a result that are shown by their name; further ones by their short IRI."""
TEXTS: Final = 1000
"""Texts of a result that are looked up as names of things."""
LONGEST_QUERY: Final = 6000
"""Characters of a query that addresses of pictures and frames may have: servers and proxies refuse longer ones."""


@dataclass(frozen=True)
class Outcome:
    """What came of a query.

    answer: SPARQL results in JSON, as parsed, or the text of a graph; None where there is a problem. found: the rows or
    triples that were counted, None where the answer has all. more: whether the result has more. outline: the form of
    the query, and IRIs that it is about. notes: sentences that may explain it. milliseconds: how long the answer took.
    repeatable: whether the same query gives the same answer.
    """

    answer: Any = None
    problem: PublisherError | None = None
    found: int | None = None
    more: bool = False
    outline: Sequence[str] = ()
    notes: Sequence[str] = ()
    milliseconds: int = 0
    repeatable: bool = False


@dataclass(frozen=True)
class Asked:
    """What was asked, and how.

    query: its text and data set. path: of the page below the base. endpoint: the absolute URL of the endpoint. home:
    the path of the page that the result has of its own. title: of the question; empty if it has none. parameters: of
    the address of that page. view: that the visitor chose; empty for none. wanted: the view that the question shows
    first.
    """

    query: Query
    path: str
    endpoint: str
    home: str = SPARQL_PATH
    title: str = ""
    parameters: Sequence[tuple[str, str]] = ()
    view: str = ""
    wanted: str = ""

    @property
    def root(self) -> str:
        """The absolute address that paths are below."""
        return self.endpoint.removesuffix(SPARQL_PATH)

    def address(self, view: str = "") -> str:
        """The path of the page of its own with its parameters, in a view."""
        chosen = [("view", view)] if view else []
        if self.home == SPARQL_PATH:
            return reference(self.query, self.home) + (f"&{urlencode(chosen)}" if chosen else "")
        return f"{self.home}?{urlencode([*self.parameters, *chosen])}" if self.parameters or view else self.home

    @property
    def is_question(self) -> bool:
        """Whether it is a question with a short name."""
        return bool(self.title) and self.home != SPARQL_PATH


@dataclass(frozen=True)
class Result:
    """A result as a page shows it.

    kind: `rows`, `boolean` or `graph`. total: the number of rows or statements in words. partial: whether the table has
    the first of them only. text: of a graph, or `yes` or `no`. views: those that fit as (name, label, reference).
    picture: of the view; empty for the table. left_out: rows that the picture leaves out. downloads: as (label,
    reference). sample: the query for programs. address: of this query, relative. frame and image: absolute addresses
    for pages of others; empty where the query is too long. citation: in plain text and in BibTeX.
    """

    kind: str
    title: str
    table: Table
    total: str
    partial: bool
    text: str
    views: Sequence[tuple[str, str, str]]
    view: str
    picture: Markup
    left_out: int
    downloads: Sequence[tuple[str, str]]
    sample: CodeSample
    address: str
    frame: str
    image: str
    citation: tuple[str, str]
    milliseconds: int
    empty: bool


class Results:
    """Makes results over one open release."""

    def __init__(self, resources: Resources, formatter: TermFormatter, citations: Citations) -> None:
        self._resources = resources
        self._index = resources.store.index
        self._names = resources.names
        self._formatter = formatter
        self._citations = citations

    def result(self, asked: Asked, outcome: Outcome) -> Result:
        """A result for a page."""
        seen = self._see(asked, outcome)
        found = seen.rows if outcome.found is None else outcome.found
        views = {shape.view: shape for shape in seen.shapes}
        chosen = asked.view if asked.view in (TABLE, *views) else ""
        view = chosen or default_view(seen.shapes, seen.table.rows, asked.wanted)
        shape = views.get(view)
        frame, image = self._address_embedded(asked, view)
        return Result(
            seen.kind,
            seen.title,
            seen.table,
            f"more than {found:,}" if outcome.more else f"{found:,}",
            outcome.more or found > seen.table.rows,
            self._canonical(seen.text, seen.table.rows < found) if seen.kind == "graph" else seen.text,
            _link_views(asked, seen.shapes),
            view,
            draw(shape, seen.title, seen.table).inline if shape else Markup(""),
            shape.left_out if shape else 0,
            _link_downloads(asked, seen),
            code_sample(asked.query, asked.endpoint),
            relative(asked.address(chosen), asked.path),
            frame,
            image if shape else "",
            self._cite(asked),
            outcome.milliseconds,
            empty=seen.kind != "boolean" and not found,
        )

    def picture(self, asked: Asked, outcome: Outcome) -> str | None:
        """The view of a result as a file, with absolute links; None where it has no picture, or not the wanted one."""
        seen = self._see(asked, outcome, asked.root)
        view = asked.view or default_view(seen.shapes, 0, asked.wanted)
        shape = next((shape for shape in seen.shapes if shape.view == view), None)
        return draw(shape, seen.title, seen.table).file if shape else None

    def _see(self, asked: Asked, outcome: Outcome, root: str = "") -> "_Seen":
        """What there is to show. root: an absolute address for links; empty for relative ones."""
        kind, text = _kind_of(outcome.answer)
        rows, names = self._rows(outcome.answer, kind)
        first = rows[: min(HTML_ROWS, CELLS // max(1, len(names)))]
        shower = _Shower(self._resources, self._formatter, asked.path, first, root)
        table = make_table(names, first, shower.show)
        columns = [] if kind == "graph" else [column.title for column in table.columns]
        title = asked.title or make_title(outcome.outline, columns, kind, shower.name)
        return _Seen(kind, text, table, len(rows), title, shapes_of(table) if kind == "rows" else [])

    def _rows(self, answer: Any, kind: str) -> tuple[list[Mapping[str, Any]], list[str]]:
        """The rows of an answer, and its variables; of a graph, its statements."""
        if kind == "rows":
            return answer["results"]["bindings"], answer["head"]["vars"]
        if kind == "boolean":
            return [], []
        triples = [quad.triple for quad in ox.parse(answer, format=ox.RdfFormat.TURTLE)]
        return [_describe_triple(triple) for triple in triples], ["thing", "property", "value"]

    def _canonical(self, text: str, is_part: bool) -> str:
        """A graph in canonical Turtle; as the engine wrote it where its blank nodes have no canonical form, or where it
        is a part, which a reader would take for the whole."""
        if is_part:
            return ""
        triples = [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)]
        try:
            return turtle.write(triples, self._names.prefixes)
        except BlankNodeError:
            return text

    def _address_embedded(self, asked: Asked, view: str) -> tuple[str, str]:
        """The absolute addresses of the result in a frame and as a picture."""
        if asked.is_question:
            sent = [("question", asked.home.rpartition("/")[2]), *asked.parameters, ("view", view)]
        else:
            sent = [*[("query", asked.query.text)], ("view", view)]
        query = urlencode(sent)
        if len(query) > LONGEST_QUERY or asked.query.default_graphs or asked.query.named_graphs:
            return "", ""
        return f"{asked.root}{EMBED_PATH}?{query}", f"{asked.root}{PICTURE_PATH}?{query}"

    def _cite(self, asked: Asked) -> tuple[str, str]:
        if asked.title:
            return self._citations.cite(self._names.iri(asked.address()), f"the question “{asked.title}”")
        return self._citations.cite(reference(asked.query, self._names.iri(SPARQL_PATH)), "a SPARQL query")


class _Seen(NamedTuple):
    """What a result shows. rows: those of the answer."""

    kind: str
    text: str
    table: Table
    rows: int
    title: str
    shapes: Sequence[Shape]


class _Shower:
    """Shows the values of one result: things by their names, with links.

    rows: of the result. root: an absolute address for links; empty for relative ones.
    """

    def __init__(
        self,
        resources: Resources,
        formatter: TermFormatter,
        path: str,
        rows: Iterable[Mapping[str, Any]],
        root: str = "",
    ) -> None:
        self._names = resources.names
        self._resources = resources
        self._formatter = formatter
        self._path = path
        self._root = root
        self._found: dict[tuple[str, str], str] = {}
        cells = (cell for row in rows for cell in row.values() if cell["type"] == "uri")
        iris = [iri for iri in dict.fromkeys(cell["value"] for cell in cells) if self._names.thing(iri)]
        self._labels = labels_of(resources.label_statements(map(ox.NamedNode, iris[:LABELLED])))

    def name(self, iri: str) -> str:
        """The name of a class or a thing; of one without a name, the last part of its IRI."""
        named = self._formatter.terms.get(iri) or self._labels.get(iri) or self._resources.label(iri)
        return named if named != iri else words(re.split("[#/:]", iri)[-1])

    def show(self, cell: Cell, column: str, target: str) -> DisplayedTerm:
        """A value. column: its variable. target: the IRI of what it names, or empty."""
        if cell is None:
            return DisplayedTerm("")
        if cell["type"] == "triple":
            return DisplayedTerm(self._spell(cell), code=True)
        if cell["type"] == "uri":
            return self._link(cell["value"], "")
        text, language = cell["value"], cell.get("xml:lang", "")
        target = target or self._find_thing(column, text)
        if not target:
            return DisplayedTerm(text, language=language)
        return self._link(target, text)

    def _link(self, iri: str, text: str) -> DisplayedTerm:
        label = text or self._labels.get(iri) or compact(iri, self._names.prefixes)
        if self._root:
            path = self._names.address(iri)
            address = f"{self._root}{path}" if path is not None else iri
            return DisplayedTerm(label, address if is_web(address) else "", iri=iri)
        return self._formatter.format(ox.NamedNode(iri), {iri: label}, self._path)

    def _find_thing(self, column: str, text: str) -> str:
        """The only thing with this name, of the kind that the column is called after; empty if there is none."""
        kind = next((kind for kind in KINDS if column.casefold().endswith(kind)), "theme" * column.endswith("heme"))
        kind = "issue" if kind == "theme" else kind
        if not kind or len(self._found) > TEXTS or len(text) > TEXTS:
            return ""
        if (kind, text) not in self._found:
            index = self._resources.store.index.by_name
            numbers = {name.thing for name in index.find_equal(fold(text), "")}
            iris = {one.iri for one in index.known(numbers).values() if (one.kind, one.label) == (kind, text)}
            self._found[kind, text] = iris.pop() if len(iris) == 1 else ""
        return self._found[kind, text]

    def _spell(self, value: Mapping[str, Any]) -> str:
        """A term of a SPARQL JSON result as Turtle writes it; a triple term (RDF 1.2) with its three terms."""
        kind, found = value["type"], value["value"]
        if kind == "triple":
            parts = (self._spell(found[part]) for part in ("subject", "predicate", "object"))
            return f"<<( {' '.join(parts)} )>>"
        if kind == "literal":
            datatype = ox.NamedNode(value["datatype"]) if "datatype" in value else None
            return spell(ox.Literal(found, datatype=datatype, language=value.get("xml:lang")), self._names.prefixes)
        return spell(ox.NamedNode(found), self._names.prefixes) if kind == "uri" else f"_:{found}"


def _kind_of(answer: Any) -> tuple[str, str]:
    """The kind of an answer, and its text."""
    if isinstance(answer, str):
        return "graph", answer
    if "boolean" in answer:
        return "boolean", "yes" if answer["boolean"] else "no"
    return "rows", ""


def _link_views(asked: Asked, shapes: Sequence[Shape]) -> list[tuple[str, str, str]]:
    if not shapes:
        return []
    offered = [(TABLE, "Table"), *((shape.view, shape.label) for shape in shapes)]
    return [(view, label, relative(asked.address(view), asked.path)) for view, label in offered]


def _link_downloads(asked: Asked, seen: _Seen) -> list[tuple[str, str]]:
    """The whole result in each format, under a file name made of its title and of what was chosen."""
    forms = {"graph": GRAPHS, "boolean": (RESULTS_JSON, RESULTS_XML), "rows": RESULTS_FIRST}[seen.kind]
    chosen = [value for _, value in asked.parameters] if asked.is_question else []
    name = urlencode({"name": "-".join(map(slug_of, [seen.title, *chosen]))})
    found = []
    for form in forms:
        target = f"{reference(asked.query, f'{SPARQL_PATH}.{form.suffix}')}&{name}"
        found.append((form.label, relative(target, asked.path)))
    return found


def _describe_triple(triple: ox.Triple) -> dict[str, Any]:
    """A statement as a row of a result."""
    parts = (("thing", triple.subject), ("property", triple.predicate), ("value", triple.object))
    return {name: describe_term(term) for name, term in parts}
