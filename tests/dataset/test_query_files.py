"""Query files: the header and the query below it."""

import pytest
from support.each import each

from publisher.dataset.query_files import Parameter, anchor_of, query_of, read_header, read_question
from publisher.errors import CannotRunError

TEXT = "# title: Names\n# keywords: label, name\nSELECT * {\n  ?s ?p '# no header' # note\n}\n"


def test_header_is_read_by_key() -> None:
    assert read_header("x.rq", TEXT, ["title"]) == {"title": "Names", "keywords": "label, name"}


def test_missing_key_is_named_with_the_file() -> None:
    with pytest.raises(CannotRunError, match=r"x\.rq: its header must state a question"):
        read_header("x.rq", TEXT, ["title", "question"])


def test_query_is_the_text_below_the_header() -> None:
    assert query_of(TEXT) == "SELECT * {\n  ?s ?p '# no header' # note\n}"


def test_anchor_is_the_file_name() -> None:
    assert anchor_of("ontology/questions/43-names.rq") == "question-43-names"


HEAD = "# title: Who Backs It?\n# question: Who?\n# keywords: bill\n"
PREFIX = "PREFIX bill: <https://example.org/id/bill/>\n"
BODY = "SELECT * WHERE {\n  VALUES ?bill { bill:one }\n  ?bill ?p ?o .\n}\n"
CHOICE = f"{HEAD}# parameter: bill = bill\n{PREFIX}{BODY}"
ALL = f"{HEAD}# parameter: coalitionIri = coalition, the coalition\nSELECT * WHERE {{\n  ?coalitionIri ?p ?o .\n}}\n"


def test_question_is_read_with_its_short_name() -> None:
    question = read_question("data/questions/39-who.rq", f"{HEAD}# view: network\n{BODY}")
    assert (question.title, question.slug, question.anchor) == ("Who Backs It?", "who-backs-it", "question-39-who")
    assert (question.view, question.parameters, question.query) == ("network", [], BODY.strip())


def test_parameter_has_the_default_of_the_query() -> None:
    assert read_question("x.rq", CHOICE).parameters == [
        Parameter("bill", "bill", "bill", "https://example.org/id/bill/one")
    ]
    full = CHOICE.replace("bill:one", "<https://example.org/id/bill/two>")
    assert read_question("x.rq", full).parameters[0].default == "https://example.org/id/bill/two"
    found = read_question("x.rq", ALL).parameters
    assert found == [Parameter("coalitionIri", "coalition", "the coalition")]
    assert [parameter.key for parameter in found] == ["coalition"]


def test_chosen_iri_is_bound_in_place_of_the_default() -> None:
    question = read_question("x.rq", CHOICE)
    other = "https://example.org/id/bill/two"
    assert question.query_for({"bill": other}) == question.query.replace("bill:one", f"<{other}>")
    assert question.query_for({"bill": "https://example.org/id/bill/one"}) == question.query
    assert question.query_for({}) == question.query


def test_chosen_iri_is_bound_where_the_question_is_about_all() -> None:
    question = read_question("x.rq", ALL)
    found = question.query_for({"coalitionIri": "https://example.org/a"})
    assert found.startswith("SELECT * WHERE {\n  VALUES ?coalitionIri { <https://example.org/a> }\n  ?coalitionIri")
    with pytest.raises(ValueError, match="IRI"):
        question.query_for({"coalitionIri": "https://example.org/> } #"})


@each(
    ("old", "new"),
    [
        ("bill = bill", "bill = boat"),
        ("bill = bill", "bill: bill"),
        ("= bill\n", "= bill\n# parameter: other = bill\n"),
        ("?bill ?p", "VALUES ?bill { bill:two } ?bill ?p"),
        (PREFIX, ""),
        ("WHERE ", ""),
        ("# title", "# view: pie\n# title"),
        ("# question: Who?\n", ""),
    ],
)
def test_wrong_header_is_reported(old: str, new: str) -> None:
    assert old in CHOICE
    with pytest.raises(CannotRunError, match=r"x\.rq"):
        read_question("x.rq", CHOICE.replace(old, new))
