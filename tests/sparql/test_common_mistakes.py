"""Common mistakes in queries: the word that is wrong, and a sentence that helps to fix it."""

from support.each import each
from support.marked_queries import MARK, explain, explain_marked

MISTAKES = {
    "escape": (f"ASK {{ ?s <urn:p> {MARK}'\\d' }}", r"A backslash in a text is written twice: `\\d`."),
    "escape-in-regex": (f'ASK {{ ?s ?p ?o FILTER(REGEX(?o, {MARK}"a\\.b")) }}', r"is written twice: `\\.`."),
    "open-iri": (f"ASK {{ ?s a {MARK}<https://a.example/x }}", "The IRI that begins here has no `>`."),
    "open-urn": (f"ASK {{ ?s a {MARK}<urn:x . ?s ?p ?o }}", "The IRI that begins here has no `>`."),
    "no-tag": (f"ASK {{ ?s ?p 'a'{MARK}@ }}", "A language tag is missing after @, such as @en."),
    "one-caret": (f"PREFIX x: <urn:x> ASK {{ ?s ?p 'a'{MARK}^x:y }}", "A datatype stands after ^^."),
    "bare-datatype": (f"ASK {{ ?s ?p 'a'^^{MARK}string }}", "A datatype is an IRI or a prefixed name"),
    "bare-date": (f"ASK {{ ?s ?p {MARK}2024-01-31 }}", 'Write a date as `"2024-01-31"^^xsd:date`.'),
    "capital-true": (f"ASK {{ ?s ?p {MARK}TRUE }}", "Write `true` in small letters."),
    "capital-false": (f"ASK {{ FILTER({MARK}False) }}", "Write `false` in small letters."),
    "hyphen": (f"SELECT {MARK}?a-b {{ ?a-b ?p ?o }}", "Names of variables have letters, digits and _ only: `?a_b`."),
    "dot-in-variable": (f"SELECT {MARK}?a.b {{ ?s ?p ?o }}", "Names of variables have letters"),
    "no-name": (f"SELECT {MARK}? {{ ?s ?p ?o }}", "A name is missing after ?."),
    "type": (f"ASK {{ ?s {MARK}type <urn:c> }}", "SPARQL has no predicate `type`: write `a` or `rdf:type`."),
    "capital-a": (f"ASK {{ ?s {MARK}A <urn:c> }}", "SPARQL has no predicate `A`"),
    "www": (f"ASK {{ ?s a {MARK}www.a.example/x }}", "Write an IRI in angle brackets"),
    "counted": (f"ASK {{ ?s <urn:p>{MARK}{{2}} ?o }}", "SPARQL does not count steps of a path: write <urn:p>/<urn:p>."),
    "two-signs": (f"ASK {{ ?s <urn:p>+{MARK}* ?o }}", "Only one of *, + and ? stands after a step"),
    "single-and": (f"ASK {{ FILTER(?a {MARK}& ?b) }}", "SPARQL has no `&` here: use &&."),
    "single-or": (f"ASK {{ FILTER(?a {MARK}| ?b) }}", "SPARQL has no `|` here: use ||."),
    "or-of-groups": (
        f"ASK {{ {{ ?s ?p ?o }} {MARK}OR {{ ?s ?q ?o }} }}",
        "SPARQL has no `OR` between groups: use UNION.",
    ),
    "arrow": (f"ASK {{ FILTER(?n ={MARK}> 1) }}", "SPARQL has no `=>`: use >=."),
    "not": (f"ASK {{ FILTER(NOT {MARK}?a) }}", "NOT stands before EXISTS and IN only"),
    "not-exist": (f"ASK {{ FILTER NOT {MARK}EXIST {{ ?s ?p ?o }} }}", "Did you mean EXISTS?"),
    "sign": (f"ASK {{ FILTER(?a {MARK}≠ ?b) }}", "SPARQL has no `≠`: use !=."),
    "dash": (f"ASK {{ FILTER(?a {MARK}– 1 = ?b) }}", "SPARQL has no `–`: use -."),
    "wide-bracket": (f"ASK {{ FILTER{MARK}（?a) }}", "SPARQL has no `（`: use (."),
    "backtick": (f"ASK {{ ?s ?p {MARK}`a` }}", "` is not a SPARQL quotation mark"),
    "no-as": (f"SELECT (COUNT(?s) {MARK}?n) {{ ?s ?p ?o }}", "AS is missing before ?n."),
    "bind-no-as": (f"ASK {{ BIND(1 {MARK}?x) }}", "AS is missing before ?x."),
    "as-bare": (f"SELECT ?s {MARK}AS ?t {{ ?s ?p ?o }}", "An expression with a name needs brackets: (?s AS ?t)."),
    "separator": (f"SELECT (GROUP_CONCAT(?s{MARK}, ',') AS ?n) {{ ?s ?p ?o }}", "stands after a semicolon"),
    "bound": (f"PREFIX x: <urn:x> ASK {{ FILTER(BOUND({MARK}x:y)) }}", "BOUND takes a variable."),
    "aggregate-in-filter": (
        f"SELECT ?s {{ ?s ?p ?o FILTER({MARK}COUNT(?o) > 1) }}",
        "COUNT cannot stand in FILTER: write HAVING (…) after GROUP BY.",
    ),
    "misspelt-call": (f"ASK {{ ?s ?p ?o FILTER {MARK}CONTAIN(?o, 'x') }}", "Did you mean CONTAINS?"),
    "turtle-prefix": (f"{MARK}@prefix a: <urn:a> . ASK {{}}", "without @ and without a dot at the end: PREFIX …"),
    "prefix-semicolon": (f"PREFIX a: <urn:a>{MARK}; ASK {{}}", "PREFIX has no `;` at its end."),
    "prefix-dot": (f"PREFIX a: <urn:a> {MARK}. ASK {{}}", "PREFIX has no `.` at its end."),
    "prefix-colon-first": (f"{MARK}PREFIX: a <urn:a> ASK {{}}", "The colon stands after the name"),
    "no-form": (f"PREFIX a: <urn:a> {MARK}{{ ?s ?p ?o }}", "A query begins with SELECT, ASK, CONSTRUCT or DESCRIBE."),
    "no-variables": (f"SELECT {MARK}{{ ?s ?p ?o }}", "SELECT needs variables, or * for all of them."),
    "no-variables-where": (f"SELECT DISTINCT {MARK}WHERE {{ ?s ?p ?o }}", "SELECT needs variables"),
    "star-and-more": (f"SELECT * {MARK}(COUNT(*) AS ?n) {{ ?s ?p ?o }}", "SELECT has either * or a list"),
    "distinct-brackets": (
        f"SELECT DISTINCT(?s{MARK}) {{ ?s ?p ?o }}",
        "A variable after SELECT stands without brackets: ?s.",
    ),
    "top": (f"SELECT {MARK}TOP 10 ?s {{ ?s ?p ?o }}", "SPARQL has no `TOP`: use LIMIT at the end."),
    "order-inside": (f"SELECT * {{ ?s ?p ?o {MARK}ORDER BY ?s }}", "ORDER stands after the closing brace of WHERE."),
    "limit-inside": (f"SELECT * {{ ?s ?p ?o {MARK}LIMIT 10 }}", "LIMIT stands after the closing brace of WHERE."),
    "filter-outside": (f"SELECT * {{ ?s ?p ?o }} {MARK}FILTER(?o > 1)", "FILTER stands inside the braces of WHERE."),
    "optional-outside": (f"SELECT * {{ ?s ?p ?o }} {MARK}OPTIONAL {{ ?s ?q ?r }}", "OPTIONAL stands inside"),
    "union-first": (f"ASK {{ {MARK}UNION {{ ?s ?p ?o }} }}", "UNION stands between two groups"),
    "subquery": (f"ASK {{ ?s ?p ?o . {MARK}SELECT ?s {{ ?s ?q ?o }} }}", "A subquery needs braces of its own"),
    "two-queries": (f"ASK {{ ?s ?p ?o }} {MARK}SELECT * {{ ?s ?p ?o }}", "one request has one query."),
    "limit-of-two": (f"SELECT * {{ ?s ?p ?o }} LIMIT 10{MARK}, 20", "LIMIT takes one number: LIMIT 20 OFFSET 10."),
    "order-commas": (f"SELECT * {{ ?s ?p ?o }} ORDER BY ?s{MARK}, ?o", "Separate what stands after ORDER BY by spaces"),
    "values-bare": (f"ASK {{ VALUES ?x {MARK}1 2 }}", "VALUES needs its values in braces: VALUES ?x { … }."),
    "construct-bare": (f"CONSTRUCT {MARK}?s WHERE {{ ?s ?p ?o }}", "CONSTRUCT needs a template in braces"),
    "template-open": (f"CONSTRUCT {{ ?s ?p ?o {MARK}WHERE {{ ?s ?p ?o }}", "has no closing brace before this WHERE."),
    "template-filter": (f"CONSTRUCT {{ ?s ?p ?o {MARK}FILTER(?o) }} {{ ?s ?p ?o }}", "move FILTER to WHERE."),
    "describe-text": (f"DESCRIBE {MARK}'x'", "DESCRIBE needs IRIs, variables or *."),
    "dashes": (f"ASK {{ ?s ?p ?o }} {MARK}-- all", "A comment begins with #."),
    "slashes": (f"ASK {{ ?s ?p ?o }} {MARK}// all", "A comment begins with #."),
    "stars": (f"{MARK}/* all */ ASK {{ ?s ?p ?o }}", "A comment begins with #."),
    "semicolon-at-end": (f"ASK {{ ?s ?p ?o }}{MARK};", "A query has no `;` at its end."),
    "long-quotation": (f'ASK {{ ?s ?p {MARK}"""a }}', 'A closing """ is missing.'),
    "unlike": (f"ASK {{ ?s ?p {MARK}foo }}", "`foo` is not a SPARQL keyword. Names need a prefix"),
}


@each(("marked", "reason"), MISTAKES.values())
def test_common_mistake_has_position_and_sentence(marked: str, reason: str) -> None:
    assert reason in explain_marked(marked).reason


def test_text_over_several_lines_is_explained() -> None:
    assert 'use """ for several lines' in explain('ASK { ?s ?p "one\ntwo" }').reason
