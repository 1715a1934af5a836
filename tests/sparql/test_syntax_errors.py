"""Syntax errors of queries: the word that is wrong, and a sentence that helps to fix it."""

from support.asgi_client import Client
from support.each import each
from support.marked_queries import MARK, explain, explain_marked

COAL = "https://w3id.org/ma-coalitions/ontology#"
SKOS = "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>\n"
MISTAKES = {
    "nothing": (f"{MARK}", "The query is empty."),
    "spaces": (f"{MARK}  \n ", "The query is empty."),
    "words": (f"{MARK}coalitions on housing", "A query starts with one of ASK, "),
    "select": (f"{SKOS}{MARK}SELCT ?c WHERE {{ ?c ?p ?n }}", "`SELCT` is not a SPARQL keyword. Did you mean SELECT?"),
    "where": (f"SELECT ?c {MARK}WERE {{ ?c ?p ?n }}", "Did you mean WHERE?"),
    "optional": (f"SELECT * {{ ?c ?p ?n . {MARK}OPTINAL {{ ?n ?q ?r }} }}", "Did you mean OPTIONAL?"),
    "filter": (f"SELECT * {{ ?c ?p ?n . {MARK}FILTR(?n = 1) }}", "Did you mean FILTER?"),
    "prefix": (
        f"SELECT ?c WHERE {{\n  ?c a {MARK}coal:Coalition .\n}}",
        f"The prefix `coal:` is not declared. Add `PREFIX coal: <{COAL}>` at the start.",
    ),
    "unknown-prefix": (f"ASK {{ ?c {MARK}x:y ?o }}", "Add `PREFIX x: <…>` at the start."),
    "address": (f"SELECT * {{ ?c {MARK}http://a.example/b ?n }}", "Write an IRI in angle brackets"),
    "prefix-colon": (f"PREFIX {MARK}a <urn:a> ASK {{}}", "A prefix needs a colon: PREFIX name: <…>."),
    "prefix-iri": (f"PREFIX a: {MARK}ASK {{}}", "A prefix needs its IRI in angle brackets: PREFIX a: <…>."),
    "space-in-iri": (f"ASK {{ ?c {MARK}<http://a.example/b c> ?n }}", "Not a valid IRI"),
    "relative-iri": (f"ASK {{ {MARK}<a> ?p ?n }}", "<a> is a relative IRI"),
    "brace": (f"{SKOS}SELECT * {{\n  ?c skos:prefLabel ?n .{MARK}\n\n# end\n", "the last `{` has no `}`."),
    "bracket": (f"ASK {{ FILTER(EXISTS {{ ?s ?p ?o }}{MARK}", "the last `(` has no `)`."),
    "one-brace-more": (f"ASK {{ ?s ?p ?o }}\n{MARK}}}", "This `}` has no opening bracket."),
    "crossed": (f"ASK {{ ?s ?p ( 1 2 {MARK}}} )", "must be closed before this `}`"),
    "dot": (f"ASK {{\n  ?c a <urn:x>\n  {MARK}?c ?p ?n\n}}", "A `.` or `;` is missing before `?c`."),
    "tagged": (f"ASK {{ ?s ?p 'x'@en, 'y'^^<urn:d> {MARK}?q ?r }}", "A `.` or `;` is missing before `?q`."),
    "value": (f"CONSTRUCT {{ ?s ?p {MARK}}} WHERE {{ ?s ?p ?o }}", "An object is missing before `}`"),
    "property-and-value": (f"# Größe 😀\nASK {{ 'ü😀' {MARK}}}", "A predicate and an object are missing"),
    "property": (f"ASK {{ ?s {MARK}'x' ?o }}", "Expected a predicate, not `'x'`"),
    "node": (f"ASK {{ ?s {MARK}[] ?o }}", "Expected a predicate, not `[`"),
    "function": (f"SELECT ({MARK}LENGTH(?n) AS ?l) {{}}", "SPARQL has no `LENGTH`: use STRLEN."),
    "no-such-function": (f"SELECT ({MARK}quux(?n) AS ?l) {{}}", "SPARQL has no function `quux`."),
    "equals": (f"ASK {{ FILTER(?n ={MARK}= 'x') }}", "SPARQL has no `==`: use =."),
    "and": (f"ASK {{ FILTER(?n = 1 {MARK}AND ?m = 2) }}", "SPARQL has no `AND`: use &&."),
    "arguments": (f"SELECT (REGEX(?x{MARK}) AS ?y) {{}}", "REGEX(…) takes a different number of arguments."),
    "comma": (f"ASK {{ FILTER regex(?o {MARK}'x') }}", "separate them by commas"),
    "operator": (f"ASK {{ FILTER(?o > 1 {MARK}?p < 2) }}", "A comma, an operator or a bracket is missing"),
    "no-brackets": (f"ASK {{ ?s ?p ?n FILTER {MARK}?n = 'x' }}", "FILTER needs a condition in brackets: FILTER (…)."),
    "aggregate": (f"SELECT ?c {MARK}COUNT(?n) {{ ?c ?p ?n }}", "needs brackets and a name: (COUNT(…) AS ?name)."),
    "name": (f"SELECT (COUNT(?n){MARK}) {{ ?c ?p ?n }}", "An expression after SELECT needs a name: (… AS ?name)."),
    "path-brackets": (f"ASK {{ ?c (a|{MARK}?p) ?d }}", "A property path cannot contain a variable such as ?p"),
    "path-bracket": (f"ASK {{ ?c ({MARK}?p) ?d }}", "A property path cannot contain a variable such as ?p"),
    "path-not": (f"ASK {{ ?c !(a|{MARK}?p) ?d }}", "A property path cannot contain a variable such as ?p"),
    "order-sum": (f"SELECT ?s {{ ?s ?p ?o }} ORDER BY STRLEN(?s) {MARK}+ 1", "needs brackets: ORDER BY (…)."),
    "order-desc": (f"SELECT ?s {{ ?s ?p ?o }} ORDER BY DESC {MARK}?s", "DESC needs an expression in brackets"),
    "having-bare": (
        f"SELECT ?s {{ ?s ?p ?o }} GROUP BY ?s HAVING COUNT(?o) {MARK}> 1",
        "An expression after HAVING needs brackets: HAVING (…).",
    ),
    "group-as": (
        f"SELECT ?y {{ ?s ?p ?d }} GROUP BY YEAR(?d) {MARK}AS ?y",
        "An expression after GROUP BY needs brackets: GROUP BY (…).",
    ),
    "values-brackets": (f"SELECT * {{ VALUES ?x {{ {MARK}[] }} }}", "VALUES cannot contain blank nodes"),
    "in": (f"ASK {{ ?s ?p ?o FILTER(?o IN {MARK}?x) }}", "IN needs a list in brackets: IN (…)."),
    "filler": (f"SELECT ?c {MARK}WHERE\u3164{{ ?c ?p ?n }}", "U+3164 (hangul filler): delete it."),
    "selector": (f"SELECT ?c WHERE {MARK}\ufe0f{{ ?c ?p ?n }}", "U+FE0F (variation selector-16): delete it."),
    "braille": (f"ASK {{ ?c{MARK}\u2800 ?p ?n }}", "U+2800 (braille pattern blank): replace it by a space."),
    "commas": (f"SELECT ?c{MARK}, ?n {{ ?c ?p ?n }}", "not commas"),
    "pattern": (f"SELECT * {MARK}?s ?p ?o", "needs braces: WHERE { … }."),
    "ungrouped": (
        f"{SKOS}{MARK}SELECT ?c (COUNT(?n) AS ?k) {{\n ?c ?p ?n }}",
        "add every other variable to GROUP BY",
    ),
    "ungrouped-inside": (f"ASK {{ {{ {MARK}SELECT ?c (COUNT(?n) AS ?k) {{ ?c ?p ?n }} }} }}", "neither grouped nor"),
    "grouped-star": (f"{MARK}SELECT * {{ ?c ?p ?n }} GROUP BY ?c", "SELECT * is not allowed with GROUP BY"),
    "twice": (f"{MARK}SELECT (1 AS ?x) (2 AS ?x) {{}}", "the same variable twice"),
    "taken": (f"{MARK}SELECT ?c (1 AS ?c) {{ ?c ?p ?n }}", "use a new name after AS"),
    "bound": (f"ASK {{ ?c ?p ?n BIND('x' AS {MARK}?n) }}", "BIND assigns ?n, which already has a value"),
    "by": (f"SELECT * {{ ?c ?p ?n }} ORDER {MARK}?n", "BY is missing after ORDER."),
    "order": (f"SELECT * {{ ?c ?p ?n }} LIMIT 5 {MARK}ORDER BY ?n", "ORDER must come before LIMIT."),
    "limit": (f"SELECT * {{ ?c ?p ?n }} LIMIT{MARK}", "LIMIT needs a whole number."),
    "group": (f"ASK {{ OPTIONAL {MARK}?s ?p ?o }}", "OPTIONAL needs a pattern in braces: OPTIONAL { … }."),
    "graph": (f"ASK {{ GRAPH {MARK}{{ ?s ?p ?o }} }}", "GRAPH needs the IRI of a graph, or a variable."),
    "values": (f"ASK {{ VALUES (?a ?b) {{ (1 {MARK}) }} }}", "one value for each variable"),
    "label": (f"ASK {{ {{ _:a ?p ?o }} UNION {{ {MARK}_:a ?q ?r }} }}", "blank node label"),
    "quotation": (f"ASK {{ ?c ?p 'it'{MARK}s' }}", "A closing ' is missing"),
    "quotation-end": (f'ASK {{ ?c ?p {MARK}"abc\n }}', 'A closing " is missing'),
    "curly": (f"ASK {{ ?c ?p {MARK}“x” }}", "“ is not a SPARQL quotation mark"),
    "variable": (f"ASK {{ {MARK}s ?p ?o }}", "Names need a prefix, variables a ?, and strings quotes."),
    "update": (f"{SKOS}{MARK}INSERT DATA {{ <urn:a> <urn:b> 1 }}", "Updates are not supported"),
    "bracket-missing": (f"SELECT (1+1 AS ?x {MARK}{{}}", "Unexpected `{`; expected: )."),
    "group-by-call": (
        f"SELECT (YEAR(?d) AS ?y) (COUNT(*) AS ?n) {{ ?s ?p ?d }} GROUP BY {MARK}YEAR(?d)",
        "write GROUP BY (YEAR(?d) AS ?y), and ?y after SELECT.",
    ),
    "group-by-brackets": (
        f"SELECT (LANG(?l) AS ?x) (COUNT(*) AS ?n) {{ ?s ?p ?l }} GROUP BY {MARK}(LANG(?l)) ORDER BY ?n",
        "write GROUP BY (LANG(?l) AS ?x), and ?x after SELECT.",
    ),
    "group-by-several": (
        f"SELECT ?s (SUBSTR(?l, 1, 2) AS ?x) {{ ?s ?p ?l }} GROUP BY ?s {MARK}SUBSTR(?l, 1, 2)",
        "write GROUP BY (SUBSTR(?l, 1, 2) AS ?x), and ?x after SELECT.",
    ),
    "group-by-other": (
        f"{MARK}SELECT (YEAR(?d) AS ?y) (COUNT(*) AS ?n) {{ ?s ?p ?d }} GROUP BY ?s",
        "an expression after SELECT can use only grouped variables and aggregates.",
    ),
    "no-break-space": (f"SELECT * WHERE{MARK}\u00a0{{ ?s ?p ?o }}", "U+00A0 (no-break space): replace it by a space."),
    "vertical-tab": (f"SELECT * {MARK}\x0b{{ ?s ?p ?o }}", "U+000B (control character): delete it."),
    "zero-width-space": (f"SELECT * {{ ?s {MARK}\u200b?p ?o }}", "U+200B (zero width space): delete it."),
    "soft-hyphen": (f"SELECT * {{ ?s ?p {MARK}\u00ad?o }}", "U+00AD (soft hyphen): delete it."),
    "mark-inside": (f"SELECT * {{ ?s ?p {MARK}\ufeff?o }}", "U+FEFF"),
    "line-separator": (f"ASK {{ ?s ?p ?o .{MARK}\u2028 }}", "U+2028 (line separator): replace it by a space."),
    "variable-in-inverse-path": (
        f"SELECT ?c {{ ?c ^{MARK}?p ?d }}",
        "property path cannot contain a variable such as ?p",
    ),
    "variable-in-repeated-path": (f"SELECT ?c {{ ?c {MARK}?p+ ?d }}", "cannot contain a variable such as ?p"),
    "variable-in-starred-path": (f"SELECT ?c {{ ?c {MARK}?p* ?d }}", "cannot contain a variable such as ?p"),
    "variable-in-sequence": (f"SELECT ?c {{ ?c <urn:a>/{MARK}?p ?d }}", "cannot contain a variable such as ?p"),
    "variable-first-in-sequence": (f"SELECT ?c {{ ?c {MARK}?p/<urn:a> ?d }}", "cannot contain a variable such as ?p"),
    "variable-in-alternative": (f"SELECT ?c {{ ?c <urn:a>|{MARK}?p ?d }}", "cannot contain a variable such as ?p"),
    "negated-variable": (f"SELECT ?c {{ ?c !{MARK}?p ?d }}", "cannot contain a variable such as ?p"),
    "node-in-values": (f"ASK {{ VALUES ?a {{ {MARK}_:x }} }}", "VALUES cannot contain blank nodes"),
    "node-in-values-row": (f"ASK {{ VALUES (?a ?b) {{ (1 {MARK}_:x) }} }}", "VALUES cannot contain blank nodes"),
    "variable-in-values": (f"ASK {{ VALUES ?a {{ {MARK}?x }} }}", "VALUES cannot contain variables"),
    "like": (f"ASK {{ ?s ?p ?n FILTER(?n {MARK}LIKE 'x') }}", "SPARQL has no `LIKE`"),
    "or": (f"ASK {{ FILTER(?n = 1 {MARK}OR ?m = 2) }}", "SPARQL has no `OR`: use ||."),
    "unequal": (f"ASK {{ FILTER(?n <{MARK}> 1) }}", "SPARQL has no `<>`: use !=."),
    "null": (f"ASK {{ VALUES ?x {{ {MARK}NULL }} }}", "SPARQL has no `NULL`: use UNDEF."),
    "lower": (f"SELECT ({MARK}LOWER(?n) AS ?l) {{ ?s ?p ?n }}", "SPARQL has no `LOWER`: use LCASE."),
    "construct-misspelled": (f"{MARK}CONTRUCT {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }}", "Did you mean CONSTRUCT?"),
    "describe-misspelled": (f"{MARK}DESCRIB <urn:a>", "Did you mean DESCRIBE?"),
    "prefix-misspelled": (f"{MARK}PREFX a: <urn:a> ASK {{}}", "Did you mean PREFIX?"),
    "union-misspelled": (f"ASK {{ {{ ?s ?p ?o }} {MARK}UNOIN {{ ?s ?p ?o }} }}", "Did you mean UNION?"),
    "function-misspelled": (f"SELECT ({MARK}CONTIANS(?n, 'x') AS ?l) {{ ?s ?p ?n }}", "Did you mean CONTAINS?"),
    "lone-delete": (f"{MARK}DELETE WHERE {{ ?s ?p ?o }}", "Updates are not supported"),
    "with-delete": (f"{MARK}WITH <urn:g> DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }}", "Updates are not supported"),
    "minus": (f"ASK {{ ?s ?p ?o MINUS {MARK}?s ?q ?r }}", "MINUS needs a pattern in braces"),
    "union": (f"ASK {{ {{ ?s ?p ?o }} UNION {MARK}?s ?q ?r }}", "UNION needs a pattern in braces"),
    "exists": (f"ASK {{ FILTER EXISTS {MARK}?s }}", "EXISTS needs a pattern in braces"),
    "having": (f"SELECT ?s {{ ?s ?p ?o }} GROUP BY ?s HAVING {MARK}?s", "HAVING needs a condition in brackets"),
    "offset": (f"SELECT * {{ ?s ?p ?o }} OFFSET {MARK}'a'", "OFFSET needs a whole number."),
    "limit-expression": (f"SELECT * {{ ?s ?p ?o }} LIMIT {MARK}?n", "LIMIT needs a whole number."),
    "from": (f"SELECT * FROM {MARK}?g {{ ?s ?p ?o }}", "FROM needs the IRI of a graph."),
    "from-named": (f"SELECT * FROM NAMED {MARK}?g {{ ?s ?p ?o }}", "FROM NAMED needs the IRI of a graph."),
    "as": (f"SELECT (1 AS {MARK}x) {{}}", "AS needs a variable."),
    "base": (f"BASE {MARK}http://a.example/ ASK {{}}", "BASE needs an IRI"),
    "group-by-missing": (f"SELECT ?s {{ ?s ?p ?o }} GROUP {MARK}?s", "BY is missing after GROUP."),
    "curly-single": (f"ASK {{ ?c ?p {MARK}‘x’ }}", "‘ is not a SPARQL quotation mark"),
    "guillemets": (f"ASK {{ ?c ?p {MARK}«x» }}", "« is not a SPARQL quotation mark"),
    "bracket-crossed": (f"ASK {{ FILTER(?x = 1 {MARK}}} )", "must be closed before this `}`"),
    "square-open": (f"ASK {{ ?s ?p [ ?q ?r{MARK}", "the last `[` has no `]`."),
    "object-semicolon": (f"ASK {{ ?s ?p {MARK}; ?q ?r }}", "An object is missing before `;`"),
    "predicate-dot": (f"ASK {{ ?s {MARK}. }}", "A predicate and an object are missing before `.`."),
    "number-as-predicate": (f"ASK {{ ?s {MARK}1 ?o }}", "Expected a predicate, not `1`"),
    "inner-twice": (f"ASK {{ {{ {MARK}SELECT (1 AS ?x) (2 AS ?x) {{}} }} }}", "names a variable twice"),
    "carriage-returns": (f"SELECT *\r\nWHERE {{ ?s\r\n ?p {MARK}}}", "An object is missing before `}`"),
}


@each(("marked", "reason"), MISTAKES.values())
def test_syntax_error_has_position_and_sentence(marked: str, reason: str) -> None:
    found = explain_marked(marked, {"coal": COAL})
    assert reason in found.reason
    assert found.reason.endswith((".", "?"))


def test_valid_query_has_no_explanation() -> None:
    """Everything before the mistake reads as it is meant, whatever may stand in a query."""
    text = r"""BASE <http://a.example/> PREFIX a: <b#> PREFIX : <c>
SELECT ?x (GROUP_CONCAT(DISTINCT ?y; SEPARATOR=', ') AS ?all) FROM <d> FROM NAMED a:e WHERE {
  ?x a:b.c/:d*|^a:e?/!(a:f|^a:g) "x\"y"@en-GB , 'z'^^a:t, '''it's''', 1.5e3, -2, +.5, true ; a _:n.o . # it's { ( <
  OPTIONAL { [] a:%41\,b ( 1 [ a:p 2 ] ) FILTER(?x<=?y&&?z!=-1||!BOUND(?y)) }
  VALUES (?x ?y) { (UNDEF 'é') } BIND(IF(?x IN (1, 2), "a", "b") AS ?new) SERVICE SILENT <urn:s> { ?s ?p ?o }
} GROUP BY ?x HAVING(COUNT(?y) > 1) ORDER BY DESC(?x) LIMIT 5 OFFSET 2 """
    found = explain(text + "@")
    assert (found.line, found.reason) == (6, "Unexpected `@`.")


@each("text", ["a-" * 200_000, "(" * 400, "'" * 50_000, "?x " * 100_000, "ASK { ?s ?p ?o } #" + "x" * 99_999 + "\n}"])
def test_error_in_huge_query_is_explained(client: Client, text: str) -> None:
    response = client.post("/sparql", data={"query": text})
    assert response.status_code in (400, 422)
    assert response.json["detail"]


def test_endpoint_reports_syntax_error_position(client: Client) -> None:
    problem = client.get("/sparql", query_string={"query": "SELECT ?c WHERE {\n  ?c a coal:Coalition .\n}"}).json
    assert (problem["line"], problem["column"], problem["text"]) == (2, 8, "  ?c a coal:Coalition .")
    assert problem["detail"].startswith(
        "Line 2, column 8: The prefix `coal:` is not declared. Add `PREFIX coal: <https://"
    )
