"""The query page: an answer with its chart, formats and citation; examples and completions."""

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import pyoxigraph as ox

from publisher.dataset.iris import SPARQL_PATH
from publisher.dataset.query_files import Question
from publisher.errors import BlankNodeProblem
from publisher.formats import GRAPHS, RESULTS, RESULTS_JSON, RESULTS_XML
from publisher.pages.chart import Cell, Chart, chart
from publisher.pages.code_samples import Sending, sending
from publisher.pages.terms import COAL, Shown, Wording
from publisher.rdf import namespaces as n
from publisher.rdf import turtle
from publisher.rdf.namespaces import compact
from publisher.rdf.terms import Term, terms
from publisher.rdf.turtle import spell
from publisher.release.catalogue import Catalogue
from publisher.release.resources import Resources
from publisher.sparql.engine import Query
from publisher.sparql.protocol import reference

START: Final = """PREFIX coal: <{coal}>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>

SELECT ?agenda (COUNT(?coalition) AS ?coalitions) WHERE {{
  ?coalition coal:advances/skos:prefLabel ?agenda .
}}
GROUP BY ?agenda
ORDER BY DESC(?coalitions)"""
SMALL: Final = 2
"""Questions that make a group; a keyword with fewer goes to the last one."""
LAST: Final = "Other"
DATES: Final = (n.DCTERMS + "modified", n.DCTERMS + "issued", n.DCTERMS + "created")
"""Where the date of the data set stands, the first that it has."""
TEX: Final = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
TEX_SPECIAL: Final = re.compile(r"[\\~^&%$#_{}]")


@dataclass(frozen=True)
class Result:
    """An answer as the page shows it.

    kind: `rows`, `boolean` or `graph`. names and rows: of a table. text: of a graph, or `yes` or `no`. downloads:
    other forms as (label, reference). sending: what programs that ask the same need. address: of this query, relative.
    citation: in plain text and in BibTeX.
    """

    kind: str
    names: Sequence[str]
    rows: Sequence[Sequence[Shown]]
    text: str
    chart: Chart | None
    downloads: Sequence[tuple[str, str]]
    sending: Sending
    address: str
    citation: tuple[str, str]


class QueryPage:
    """Makes the values of the query page of one open release."""

    def __init__(self, resources: Resources, catalogue: Catalogue, wording: Wording) -> None:
        self._resources = resources
        self._catalogue = catalogue
        self._wording = wording
        self._names = resources.names

    @property
    def start(self) -> str:
        """The query that the page begins with."""
        return START.format(coal=COAL)

    def result(self, query: Query, answer: Any, endpoint: str) -> Result:
        """An answer for the page. answer: a SPARQL JSON result (SPARQL 1.1 Query Results JSON Format), or the text of a
        graph. endpoint: its absolute URL."""
        names: list[str] = []
        rows: list[list[Cell]] = []
        text, kind = "", "rows"
        if isinstance(answer, str):
            text, kind = self._tidy(answer), "graph"
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
            sending(query, endpoint),
            reference(query, SPARQL_PATH),
            self._citation(query),
        )

    def _tidy(self, text: str) -> str:
        """A graph in the one spelling of our documents; as the engine wrote it where blank nodes leave it none."""
        triples = [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)]
        try:
            return turtle.write(triples, self._names.prefixes)
        except BlankNodeProblem:
            return text

    def _cell(self, value: Mapping[str, str] | None) -> Shown:
        if value is None:
            return Shown("")
        if value["type"] == "uri":
            iri = value["value"]
            return self._wording.shown(ox.NamedNode(iri), {iri: compact(iri, self._names.prefixes)}, SPARQL_PATH)
        return Shown(value["value"], language=value.get("xml:lang", ""))

    # Citing

    def _citation(self, query: Query) -> tuple[str, str]:
        """How to cite the answer to a query, in plain text and in BibTeX. The day of reading is the reader's to add."""
        release, title = self._resources.store.release, self._catalogue.title
        authors = [self._resources.label(creator) for creator in self._of_the_dataset(n.DCTERMS + "creator")]
        date = next((date for property_ in DATES for date in self._of_the_dataset(property_)), "")
        address = reference(query, self._names.iri(SPARQL_PATH))
        begin = f"{', '.join(authors)} ({date[:4]}). " if authors and date else ""
        dated = f" of {date}" if date else ""
        text = f"{begin}{title}, release {release[:12]}{dated}. Answer to a SPARQL query. {address} (read on [day])"
        fields = {
            "author": " and ".join(f"{{{_tex(author)}}}" for author in authors),
            "title": f"{{{_tex(title)}}}: answer to a SPARQL query",
            "year": date[:4],
            "date": date,
            "version": release,
            "url": address,
            "urldate": "",
        }
        entry = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value or name == "urldate")
        key = "-".join(re.findall("[a-z0-9]+", title.lower()))
        return text, f"@misc{{{key}-{release[:8]},\n{entry}}}"

    def _of_the_dataset(self, property_: str) -> list[str]:
        """The values that the data set's own description gives to a property."""
        found = self._resources.store.engine.find(ox.NamedNode(self._names.dataset), ox.NamedNode(property_), None)
        return sorted(terms(triple)[2].value for triple in found)

    # Examples and completions

    @cached_property
    def questions(self) -> Sequence[tuple[str, Sequence[tuple[Question, str]]]]:
        """The competency questions with the addresses of their answers, in groups by their first keyword; what has a
        keyword to itself comes last."""
        groups: dict[str, list[tuple[Question, str]]] = defaultdict(list)
        first = [question.keywords.partition(",")[0].strip() for question in self._catalogue.questions]
        for keyword, question in zip(first, self._catalogue.questions, strict=True):
            group = keyword[:1].upper() + keyword[1:] if first.count(keyword) >= SMALL else LAST
            groups[group].append((question, reference(Query(question.query, None, None), SPARQL_PATH)))
        return sorted(groups.items(), key=lambda group: (group[0] == LAST, group[0].casefold()))

    @cached_property
    def completions(self) -> str:
        """What an editor completes, as JSON: `prefixes` (prefix -> namespace), `classes` and `properties`, each with
        its IRI, how a query spells it, its label, and how often it is used."""
        found = {
            "prefixes": dict(sorted(self._names.prefixes.items())),
            "classes": self._used("class", "entities"),
            "properties": self._used("property", "triples"),
        }
        return json.dumps(found, ensure_ascii=False) + "\n"

    def _used(self, kind: str, measure: str) -> list[dict[str, Any]]:
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
            label = self._wording.terms.get(iri, "")
            count = int(stated[entry][n.VOID + measure].value)
            found.append({"iri": iri, "name": name, "label": label, "count": count})
        return sorted(found, key=lambda term: term["name"])


def _tex(text: str) -> str:
    """A text in which TeX finds no commands."""
    return TEX_SPECIAL.sub(lambda found: TEX.get(found[0], "\\" + found[0]), text)
