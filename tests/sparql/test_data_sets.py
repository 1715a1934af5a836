"""FROM clauses that name a graph again are left out, and everything else stays as and where it is."""

from support.each import each

from publisher.sparql.data_sets import leave_out_repeats

BASE = "http://example.org/"
WITHOUT_REPEATS = [
    "SELECT * { ?s ?p ?o }",
    "SELECT * FROM <a> FROM <b> FROM NAMED <a> { ?s ?p ?o }",
    "PREFIX g: <http://example.org/> SELECT * FROM g:a FROM g:b { ?s ?p 'FROM <b> FROM <b>' } # FROM <b> FROM <b>",
    "SELECT * FROM <a> FROM",
    "SELECT ?FROM { ?FROM <FROM> ?from }",
]


@each("text", WITHOUT_REPEATS)
def test_query_without_repeats_is_unchanged(text: str) -> None:
    assert leave_out_repeats(text, BASE) == text


@each(
    ("repeat", "before"),
    [
        ("FROM <a>", "SELECT * FROM <a> "),
        ("from<a>", "SELECT * FROM <http://example.org/a> "),
        ("FROM NAMED <a>", "SELECT * FROM NAMED <a> FROM <a> "),
        ("FROM # again\n g:a", "PREFIX g: <http://example.org/> SELECT * FROM <b> FROM <a> "),
        ("FROM <a>", r"SELECT * FROM <\u0061> "),
        ("FROM <x>", "BASE <y/> SELECT * FROM <http://example.org/y/x> "),
        ("FROM :a\\,b", "PREFIX : <> SELECT * FROM <a,b> "),
    ],
)
def test_repeat_is_replaced_by_blanks(repeat: str, before: str) -> None:
    text = f"{before}{repeat} {{ ?s ?p ?o }}"
    assert leave_out_repeats(text, BASE) == text.replace(f" {repeat} {{", f"{' ' * (len(repeat) + 2)}{{")
