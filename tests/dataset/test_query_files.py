"""Query files: the header and the query below it."""

import pytest

from publisher.dataset.query_files import anchor_of, query_of, read_header
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
