"""The model of the vocabulary page: what a text finds, and the terms of a query."""

from support.each import each

from publisher.pages.vocabulary.model import Vocabulary, VocabularyTerm, find_terms

COALITION = VocabularyTerm("x#Coalition", "x:Coalition", "Coalition", "Coalition", 2, "A group of organizations.")
JOINS = VocabularyTerm("x#joins", "x:joins", "joins", "joins", 3, "Leads to a coalition.", ["Not to a person."])
VOCABULARY = Vocabulary([COALITION], [JOINS], [], [])


@each(
    ("text", "names"),
    [
        ("", ["x:Coalition", "x:joins"]),
        ("  COALITION ", ["x:Coalition", "x:joins"]),
        ("coalition person", ["x:joins"]),
        ("x:joins", ["x:joins"]),
        ("bill", []),
    ],
)
def test_text_finds_terms_with_all_words(text: str, names: list[str]) -> None:
    found = VOCABULARY.find(text)
    assert [term.name for term in (*found.classes, *found.properties)] == names
    assert len(found) == len(names)


def test_query_terms_are_expanded_and_variables_left_out() -> None:
    declared = "PREFIX a: <http://a/>\nPREFIX b-c: <http://b#>\n"
    query = declared + "SELECT ?a { ?x a:One/b-c:two ?a . ?x unknown:three <http://a:b/> }"
    assert find_terms(query) == {"http://a/One", "http://b#two"}
