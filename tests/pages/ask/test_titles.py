"""Titles of results: from the form of the query, its variables and classes."""

from support.each import each

from publisher.pages.ask.titles import make_title

NAMES = {"urn:c": "coalition", "urn:b": "ballot measure", "urn:d": "body", "urn:x": "Clear Water"}


@each(
    ("outline", "columns", "kind", "title"),
    [
        (["SELECT", "urn:c"], ["coalition", "aim"], "rows", "Coalitions: coalition, aim"),
        (["SELECT", "urn:c", "urn:b", "urn:d"], ["n"], "rows", "Coalitions, ballot measures and bodies: n"),
        (["SELECT"], ["s", "p", "o", "g", "h"], "rows", "Rows: s, p, o, g …"),
        ([], [], "rows", "Rows"),
        (["ASK", "urn:c"], [], "boolean", "Yes or no: coalitions"),
        (["ASK"], [], "boolean", "Yes or no"),
        (["CONSTRUCT", "urn:c"], [], "graph", "Statements about coalitions"),
        (["DESCRIBE", "urn:x"], [], "graph", "Description of Clear Water"),
        (["DESCRIBE"], [], "graph", "Statements"),
    ],
)
def test_title_is_made_of_form_variables_and_classes(
    outline: list[str], columns: list[str], kind: str, title: str
) -> None:
    assert make_title(outline, columns, kind, NAMES.__getitem__) == title
