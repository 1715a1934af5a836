"""Syntax errors of queries: the word that is wrong, and a sentence that helps to mend it."""

import pyoxigraph as ox
import pytest
from support.asgi_client import Client

from publisher.sparql import syntax_errors
from publisher.sparql.syntax_errors import Mistake

COAL = "https://w3id.org/ma-coalitions/ontology#"
SKOS = "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>\n"
MARK = "»"
"""Stands before the wrong word."""
MISTAKES = {
    "nothing": (f"{MARK}", "The query is empty."),
    "spaces": (f"{MARK}  \n ", "The query is empty."),
    "words": (f"{MARK}coalitions on housing", "A query begins with one of ASK, "),
    "select": (f"{SKOS}{MARK}SELCT ?c WHERE {{ ?c ?p ?n }}", "`SELCT` is no word of SPARQL: did you mean SELECT?"),
    "where": (f"SELECT ?c {MARK}WERE {{ ?c ?p ?n }}", "did you mean WHERE?"),
    "optional": (f"SELECT * {{ ?c ?p ?n . {MARK}OPTINAL {{ ?n ?q ?r }} }}", "did you mean OPTIONAL?"),
    "filter": (f"SELECT * {{ ?c ?p ?n . {MARK}FILTR(?n = 1) }}", "did you mean FILTER?"),
    "prefix": (
        f"SELECT ?c WHERE {{\n  ?c a {MARK}coal:Coalition .\n}}",
        f"The prefix `coal:` is not declared: put `PREFIX coal: <{COAL}>` at the beginning.",
    ),
    "unknown-prefix": (f"ASK {{ ?c {MARK}x:y ?o }}", "put `PREFIX x: <…>` at the beginning."),
    "address": (f"SELECT * {{ ?c {MARK}http://a.example/b ?n }}", "An address stands in angle brackets"),
    "prefix-colon": (f"PREFIX {MARK}a <urn:a> ASK {{}}", "A prefix ends with a colon: PREFIX name: <…>."),
    "prefix-iri": (f"PREFIX a: {MARK}ASK {{}}", "The IRI of a prefix stands in angle brackets: PREFIX a: <…>."),
    "space-in-iri": (f"ASK {{ ?c {MARK}<http://a.example/b c> ?n }}", "is no IRI"),
    "relative-iri": (f"ASK {{ {MARK}<a> ?p ?n }}", "<a> is a relative IRI"),
    "brace": (f"{SKOS}SELECT * {{\n  ?c skos:prefLabel ?n .{MARK}\n\n# end\n", "a `}` is missing for the last `{`."),
    "bracket": (f"ASK {{ FILTER(EXISTS {{ ?s ?p ?o }}{MARK}", "a `)` is missing for the last `(`."),
    "one-brace-more": (f"ASK {{ ?s ?p ?o }}\n{MARK}}}", "This `}` closes nothing"),
    "crossed": (f"ASK {{ ?s ?p ( 1 2 {MARK}}} )", "has to be closed first"),
    "dot": (f"ASK {{\n  ?c a <urn:x>\n  {MARK}?c ?p ?n\n}}", "A `.` or `;` is missing before `?c`."),
    "tagged": (f"ASK {{ ?s ?p 'x'@en, 'y'^^<urn:d> {MARK}?q ?r }}", "A `.` or `;` is missing before `?q`."),
    "value": (f"CONSTRUCT {{ ?s ?p {MARK}}} WHERE {{ ?s ?p ?o }}", "A value is missing before `}`"),
    "property-and-value": (f"# Größe 😀\nASK {{ 'ü😀' {MARK}}}", "A property and a value are missing"),
    "property": (f"ASK {{ ?s {MARK}'x' ?o }}", "A property is expected here, not `'x'`"),
    "node": (f"ASK {{ ?s {MARK}[] ?o }}", "A property is expected here, not `[`"),
    "function": (f"SELECT ({MARK}LENGTH(?n) AS ?l) {{}}", "SPARQL has no `LENGTH`: write STRLEN."),
    "no-such-function": (f"SELECT ({MARK}quux(?n) AS ?l) {{}}", "SPARQL has no function `quux`."),
    "equals": (f"ASK {{ FILTER(?n ={MARK}= 'x') }}", "SPARQL has no `==`: write =."),
    "and": (f"ASK {{ FILTER(?n = 1 {MARK}AND ?m = 2) }}", "SPARQL has no `AND`: write &&."),
    "arguments": (f"SELECT (REGEX(?x{MARK}) AS ?y) {{}}", "REGEX(…) takes another number of arguments."),
    "comma": (f"ASK {{ FILTER regex(?o {MARK}'x') }}", "commas stand between them"),
    "operator": (f"ASK {{ FILTER(?o > 1 {MARK}?p < 2) }}", "A comma, an operator or a bracket is missing"),
    "no-brackets": (f"ASK {{ ?s ?p ?n FILTER {MARK}?n = 'x' }}", "A condition stands in brackets: FILTER (…)."),
    "aggregate": (f"SELECT ?c {MARK}COUNT(?n) {{ ?c ?p ?n }}", "has brackets and a name: (COUNT(…) AS ?name)."),
    "name": (f"SELECT (COUNT(?n){MARK}) {{ ?c ?p ?n }}", "An expression after SELECT has a name: (… AS ?name)."),
    "commas": (f"SELECT ?c{MARK}, ?n {{ ?c ?p ?n }}", "no commas"),
    "pattern": (f"SELECT * {MARK}?s ?p ?o", "stands in braces: WHERE { … }."),
    "ungrouped": (
        f"{SKOS}{MARK}SELECT ?c (COUNT(?n) AS ?k) {{\n ?c ?p ?n }}",
        "put every other variable into GROUP BY",
    ),
    "ungrouped-inside": (f"ASK {{ {{ {MARK}SELECT ?c (COUNT(?n) AS ?k) {{ ?c ?p ?n }} }} }}", "neither grouped nor"),
    "grouped-star": (f"{MARK}SELECT * {{ ?c ?p ?n }} GROUP BY ?c", "SELECT * cannot stand with GROUP BY"),
    "twice": (f"{MARK}SELECT (1 AS ?x) (2 AS ?x) {{}}", "the same variable twice"),
    "taken": (f"{MARK}SELECT ?c (1 AS ?c) {{ ?c ?p ?n }}", "take a new name after AS"),
    "bound": (f"ASK {{ ?c ?p ?n BIND('x' AS {MARK}?n) }}", "BIND gives a value to ?n, which has one already"),
    "by": (f"SELECT * {{ ?c ?p ?n }} ORDER {MARK}?n", "BY is missing after ORDER."),
    "order": (f"SELECT * {{ ?c ?p ?n }} LIMIT 5 {MARK}ORDER BY ?n", "ORDER stands before LIMIT."),
    "limit": (f"SELECT * {{ ?c ?p ?n }} LIMIT{MARK}", "A whole number follows LIMIT."),
    "group": (f"ASK {{ OPTIONAL {MARK}?s ?p ?o }}", "A pattern in braces follows OPTIONAL: OPTIONAL { … }."),
    "graph": (f"ASK {{ GRAPH {MARK}{{ ?s ?p ?o }} }}", "The IRI of a graph, or a variable, follows GRAPH."),
    "values": (f"ASK {{ VALUES (?a ?b) {{ (1 {MARK}) }} }}", "as many values as there are variables"),
    "label": (f"ASK {{ {{ _:a ?p ?o }} UNION {{ {MARK}_:a ?q ?r }} }}", "label of a blank node"),
    "quotation": (f"ASK {{ ?c ?p 'it'{MARK}s' }}", "A ' is missing here"),
    "quotation-end": (f'ASK {{ ?c ?p {MARK}"abc\n }}', 'A " is missing here'),
    "curly": (f"ASK {{ ?c ?p {MARK}“x” }}", "“ is no quotation mark of SPARQL"),
    "variable": (f"ASK {{ {MARK}s ?p ?o }}", "names have a prefix, variables a ?, and texts quotes."),
    "update": (f"{SKOS}{MARK}INSERT DATA {{ <urn:a> <urn:b> 1 }}", "Updates are not answered here"),
    "bracket-missing": (f"SELECT (1+1 AS ?x {MARK}{{}}", "`{` cannot stand here; expected: )."),
    "carriage-returns": (f"SELECT *\r\nWHERE {{ ?s\r\n ?p {MARK}}}", "A value is missing before `}`"),
}


def told(text: str, prefixes: dict[str, str] | None = None) -> Mistake:
    store = ox.Store()

    def parse(other: str) -> str:
        try:
            store.query(other)
        except SyntaxError as error:
            return str(error)
        return ""

    found = syntax_errors.explain(text, parse(text), parse, prefixes or {})
    assert found is not None
    return found


@pytest.mark.parametrize(("marked", "reason"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_at_its_word_in_a_sentence(marked: str, reason: str) -> None:
    before, _, after = marked.partition(MARK)
    found = told(before + after, {"coal": COAL})
    assert (found.line, found.column) == (before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1)
    assert reason in found.reason
    assert found.reason.endswith((".", "?"))


def test_what_is_right_is_no_part_of_what_is_told() -> None:
    """Everything before the mistake reads as it is meant, whatever may stand in a query."""
    text = r"""BASE <http://a.example/> PREFIX a: <b#> PREFIX : <c>
SELECT ?x (GROUP_CONCAT(DISTINCT ?y; SEPARATOR=', ') AS ?all) FROM <d> FROM NAMED a:e WHERE {
  ?x a:b.c/:d*|^a:e?/!(a:f|^a:g) "x\"y"@en-GB , 'z'^^a:t, '''it's''', 1.5e3, -2, +.5, true ; a _:n.o . # it's { ( <
  OPTIONAL { [] a:%41\,b ( 1 [ a:p 2 ] ) FILTER(?x<=?y&&?z!=-1||!BOUND(?y)) }
  VALUES (?x ?y) { (UNDEF 'é') } BIND(IF(?x IN (1, 2), "a", "b") AS ?new) SERVICE SILENT <urn:s> { ?s ?p ?o }
} GROUP BY ?x HAVING(COUNT(?y) > 1) ORDER BY DESC(?x) LIMIT 5 OFFSET 2 """
    found = told(text + "@")
    assert (found.line, found.reason) == (6, "`@` cannot stand here.")


@pytest.mark.parametrize(
    "text", ["a-" * 200_000, "(" * 400, "'" * 50_000, "?x " * 100_000, "ASK { ?s ?p ?o } #" + "x" * 99_999 + "\n}"]
)
def test_a_mistake_in_a_monster_is_told_too(client: Client, text: str) -> None:
    response = client.post("/sparql", data={"query": text})
    assert response.status_code in (400, 422)
    assert response.json["detail"]


def test_the_endpoint_tells_place_line_and_reason(client: Client) -> None:
    problem = client.get("/sparql", query_string={"query": "SELECT ?c WHERE {\n  ?c a coal:Coalition .\n}"}).json
    assert (problem["line"], problem["column"], problem["text"]) == (2, 8, "  ?c a coal:Coalition .")
    assert problem["detail"].startswith(
        "Line 2, column 8: The prefix `coal:` is not declared: put `PREFIX coal: <https://"
    )
