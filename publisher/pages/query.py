"""The query page: form, result with chart, downloads and citation, example queries, completions."""

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import pyoxigraph as ox

from publisher.dataset.iris import PROBLEM_PATH, SPARQL_PATH
from publisher.dataset.query_files import Question
from publisher.errors import BlankNodeError, PublisherError, ResultLimitError
from publisher.formats import GRAPHS, RESULTS, RESULTS_JSON, RESULTS_XML
from publisher.pages.chart import Cell, Chart, chart
from publisher.pages.code_samples import CodeSample, code_sample
from publisher.pages.layout import Layout
from publisher.pages.terms import COAL, DisplayedTerm, TermFormatter
from publisher.rdf import namespaces as n
from publisher.rdf import turtle
from publisher.rdf.namespaces import compact
from publisher.rdf.terms import Term, terms
from publisher.rdf.turtle import spell
from publisher.release.catalogue import Catalogue
from publisher.release.lookup import Lookup
from publisher.release.resources import Resources
from publisher.sparql.engine import Query
from publisher.sparql.protocol import parameters, reference

START: Final = """PREFIX coal: <{coal}>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>

SELECT ?agenda (COUNT(?coalition) AS ?coalitions) WHERE {{
  ?coalition coal:advances/skos:prefLabel ?agenda .
}}
GROUP BY ?agenda
ORDER BY DESC(?coalitions)"""
SMALL: Final = 2
"""Minimum number of questions in a group; keywords with fewer share the last group."""
LAST: Final = "Other"
OFFERS: Final = {"SELECT, ASK": RESULTS, "CONSTRUCT, DESCRIBE": GRAPHS}
"""Formats that a result can be downloaded in, by what the query returns."""
DATES: Final = (n.DCTERMS + "modified", n.DCTERMS + "issued", n.DCTERMS + "created")
"""The properties that date the data set, the best first."""
TEX: Final = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
TEX_SPECIAL: Final = re.compile(r"[\\~^&%$#_{}]")


@dataclass(frozen=True)
class Result:
    """An answer as the page shows it.

    kind: `rows`, `boolean` or `graph`. names and rows: of a table. text: of a graph, or `yes` or `no`. downloads:
    other formats as (label, reference). sample: the query for programs. address: of this query, relative.
    citation: in plain text and in BibTeX.
    """

    kind: str
    names: Sequence[str]
    rows: Sequence[Sequence[DisplayedTerm]]
    text: str
    chart: Chart | None
    downloads: Sequence[tuple[str, str]]
    sample: CodeSample
    address: str
    citation: tuple[str, str]


class QueryPages:
    """Makes the query page."""

    def __init__(
        self,
        lookup: Lookup,
        release: str,
        resources: Resources,
        catalogue: Catalogue,
        formatter: TermFormatter,
        layout: Layout,
        *,
        editor: bool,
    ) -> None:
        """editor: whether the query editor is installed."""
        self._lookup = lookup
        self._release = release
        self._resources = resources
        self._catalogue = catalogue
        self._formatter = formatter
        self._layout = layout
        self._names = resources.names
        self._editor = editor

    def page(
        self,
        endpoint: str,
        query: Query | None = None,
        answer: Any = None,
        problem: PublisherError | None = None,
        notes: Sequence[str] = (),
    ) -> str:
        """The query form, empty, with the result of a query, or with its error.

        endpoint: its absolute URL. answer: SPARQL results in JSON, as parsed, or the text of a graph; the caller bounds
        its size. notes: sentences above it.
        """
        asked = query._replace(text=query.text.replace("\r\n", "\n")) if query else None  # as browsers send line ends
        return self._layout.render(
            "sparql.html",
            frame=self._layout.frame("SPARQL", SPARQL_PATH),
            query=asked.text if asked else START.format(coal=COAL),
            hidden=parameters(asked)[1:] if asked else [],
            result=self.result(asked, answer, endpoint) if asked and answer is not None else None,
            problem=problem,
            notes=notes,
            about=PROBLEM_PATH + problem.name if problem else "",
            forms=[(kind, [(f.label, f"{SPARQL_PATH}.{f.suffix}") for f in offers]) for kind, offers in OFFERS.items()],
            larger=reference(asked, "") if asked and isinstance(problem, ResultLimitError) else "",
            prefixes="\n".join(f"PREFIX {p}: <{ns}>" for p, ns in sorted(self._names.prefixes.items())),
            questions=self.questions,
            editor=self._editor,
            limits=self._catalogue.limits,
        )

    def result(self, query: Query, answer: Any, endpoint: str) -> Result:
        """An answer for the page. answer: a SPARQL JSON result (SPARQL 1.1 Query Results JSON Format), or the text of a
        graph. endpoint: its absolute URL."""
        names: list[str] = []
        rows: list[list[Cell]] = []
        text, kind = "", "rows"
        if isinstance(answer, str):
            text, kind = self._canonical(answer), "graph"
        elif "boolean" in answer:
            text, kind = "yes" if answer["boolean"] else "no", "boolean"
        else:
            names = answer["head"]["vars"]
            rows = [[binding.get(name) for name in names] for binding in answer["results"]["bindings"]]
        forms = {"graph": GRAPHS, "boolean": (RESULTS_JSON, RESULTS_XML), "rows": RESULTS}[kind]
        return Result(
            kind,
            names,
            [[self._cell(cell) for cell in row] for row in rows],
            text,
            chart(names, rows),
            [(form.label, reference(query, f"{SPARQL_PATH}.{form.suffix}")) for form in forms],
            code_sample(query, endpoint),
            reference(query, SPARQL_PATH),
            self._citation(query),
        )

    def _canonical(self, text: str) -> str:
        """A graph in canonical Turtle; as the engine wrote it where its blank nodes have no canonical form."""
        triples = [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)]
        try:
            return turtle.write(triples, self._names.prefixes)
        except BlankNodeError:
            return text

    def _cell(self, value: Mapping[str, str] | None) -> DisplayedTerm:
        if value is None:
            return DisplayedTerm("")
        if value["type"] == "uri":
            iri = value["value"]
            return self._formatter.format(ox.NamedNode(iri), {iri: compact(iri, self._names.prefixes)}, SPARQL_PATH)
        if value["type"] == "triple":
            return DisplayedTerm(self._spell(value), code=True)
        return DisplayedTerm(value["value"], language=value.get("xml:lang", ""))

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

    # Citing

    def _citation(self, query: Query) -> tuple[str, str]:
        """Return the citation of an answer, in plain text and in BibTeX. The reader adds the date of access."""
        release, title = self._release, self._catalogue.title
        authors = [self._resources.label(creator) for creator in self._values_of(n.DCTERMS + "creator")]
        date = next((date for property_ in DATES for date in self._values_of(property_)), "")
        address = reference(query, self._names.iri(SPARQL_PATH))
        begin = f"{', '.join(authors)} ({date[:4]}). " if authors and date else ""
        dated = f" of {date}" if date else ""
        text = f"{begin}{title}, release {release[:12]}{dated}. Result of a SPARQL query. {address} (accessed [date])"
        fields = {
            "author": " and ".join(f"{{{_tex(author)}}}" for author in authors),
            "title": f"{{{_tex(title)}}}: result of a SPARQL query",
            "year": date[:4],
            "date": date,
            "version": release,
            "url": address,
            "urldate": "",
        }
        entry = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value or name == "urldate")
        key = "-".join(re.findall("[a-z0-9]+", title.lower()))
        return text, f"@misc{{{key}-{release[:8]},\n{entry}}}"

    def _values_of(self, property_: str) -> list[str]:
        """The values of a property in the description of the data set."""
        found = self._lookup.find(ox.NamedNode(self._names.dataset), ox.NamedNode(property_), None)
        return sorted(terms(triple)[2].value for triple in found)

    # Examples and completions

    @cached_property
    def questions(self) -> Sequence[tuple[str, Sequence[tuple[Question, str]]]]:
        """The competency questions with the addresses of their answers,
        in groups by their first keyword; questions with a rare keyword come last."""
        groups: dict[str, list[tuple[Question, str]]] = defaultdict(list)
        first = [question.keywords.partition(",")[0].strip() for question in self._catalogue.questions]
        for keyword, question in zip(first, self._catalogue.questions, strict=True):
            group = keyword[:1].upper() + keyword[1:] if first.count(keyword) >= SMALL else LAST
            groups[group].append((question, reference(Query(question.query, None, None), SPARQL_PATH)))
        return sorted(groups.items(), key=lambda group: (group[0] == LAST, group[0].casefold()))

    @cached_property
    def completions(self) -> str:
        """Return the completions of the query editor, as JSON: `prefixes` (prefix -> namespace), `classes` and
        `properties`, each with its IRI, its prefixed name, its label, and how often it is used."""
        found = {
            "prefixes": dict(sorted(self._names.prefixes.items())),
            "classes": self._terms_in_use("class", "entities"),
            "properties": self._terms_in_use("property", "triples"),
        }
        return json.dumps(found, ensure_ascii=False) + "\n"

    def _terms_in_use(self, kind: str, measure: str) -> list[dict[str, Any]]:
        """The classes or properties of the data set with their counts (VoID partitions), by name."""
        stated: dict[str, dict[str, Term]] = defaultdict(dict)
        entries: set[str] = set()
        for subject, predicate, term in map(terms, self._catalogue.dataset):
            stated[str(subject)][predicate.value] = term
            if subject.value == self._names.dataset and predicate.value == f"{n.VOID}{kind}Partition":
                entries.add(str(term))
        found = []
        for entry in entries:
            iri = stated[entry][n.VOID + kind].value
            name = spell(ox.NamedNode(iri), self._names.prefixes)
            label = self._formatter.terms.get(iri, "")
            count = int(stated[entry][n.VOID + measure].value)
            found.append({"iri": iri, "name": name, "label": label, "count": count})
        return sorted(found, key=lambda term: term["name"])


def _tex(text: str) -> str:
    """A text with the characters escaped that are commands in TeX."""
    return TEX_SPECIAL.sub(lambda found: TEX.get(found[0], "\\" + found[0]), text)
