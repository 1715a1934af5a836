"""The competency questions: each is answered as expected, and together they use every term of the vocabulary.

The expected answers stand in `questions/`, one CSV file a question. After a change of the data that is meant to change
answers, `PUBLISHER_TESTS_WRITE_ANSWERS=1 pytest tests/shipped_data/test_questions.py` rewrites them; review the diff.
"""

import os
import re
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from publisher.dataset.query_files import read_header
from publisher.dataset.repository import QUESTIONS_FOLDERS
from publisher.formats import RESULTS_CSV
from publisher.rdf.namespaces import VOCABULARY
from publisher.release.store import Store
from publisher.sparql.engine import Query

ROOT = Path(__file__).resolve().parents[2]
EXPECTED = Path(__file__).parent / "questions"
QUESTIONS = [path for folder in QUESTIONS_FOLDERS for path in sorted((ROOT / folder).glob("*.rq"))]
WRITE = bool(os.environ.get("PUBLISHER_TESTS_WRITE_ANSWERS"))


@pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: path.stem)
def test_a_question_has_its_expected_answer(store: Store, path: Path) -> None:
    answer = store.engine.ask(Query(path.read_text(), RESULTS_CSV.media_type, None))
    with answer.body as body:
        found = body.read().decode().replace("\r\n", "\n")
    expected = EXPECTED / f"{path.stem}.csv"
    if WRITE:
        EXPECTED.mkdir(exist_ok=True)
        expected.write_text(found)
    assert found == expected.read_text()


@pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: path.stem)
def test_a_question_says_what_it_asks_and_has_rows_in_a_fixed_order(path: Path) -> None:
    text = path.read_text()
    header = read_header(path.name, text, ("title", "question", "keywords"))
    assert header["question"].endswith("?")
    assert re.match(r"\d\d-[a-z0-9]+(-[a-z0-9]+)*$", path.stem)
    assert "ORDER BY" in text
    rows = (EXPECTED / f"{path.stem}.csv").read_text().splitlines()
    assert len(rows) > 1, "a question without an answer shows nothing"


def test_there_are_at_least_thirty_and_no_two_alike() -> None:
    texts = [path.read_text() for path in QUESTIONS]
    titles = [read_header(path.name, text, ("title",))["title"] for path, text in zip(QUESTIONS, texts, strict=True)]
    assert len(set(titles)) == len(QUESTIONS) >= 30


def test_every_expected_answer_belongs_to_a_question() -> None:
    assert {path.stem for path in EXPECTED.glob("*.csv")} == {path.stem for path in QUESTIONS}


def test_every_term_of_the_vocabulary_occurs_in_a_question(store: Store) -> None:
    ontology = store.lookup.graph(store.repository.names.iri("ontology"))
    subjects = {t.subject.value for t in ontology if isinstance(t.subject, ox.NamedNode)}
    terms = {iri.removeprefix(VOCABULARY) for iri in subjects if iri.startswith(VOCABULARY)}
    asked = set(re.findall(r"\bcoal:(\w+)", "\n".join(path.read_text() for path in QUESTIONS)))
    assert terms - asked == set()
    assert asked - terms == set()


def test_the_query_page_offers_every_question_and_each_link_is_answered(client: FlaskClient) -> None:
    page = client.get("/sparql", headers={"Accept": "text/html"}).text
    for path in QUESTIONS:
        assert read_header(path.name, path.read_text(), ("title",))["title"] in page
    links = re.findall(r'href="(sparql\?query=[^"]+)"', page)
    assert len(links) == len(QUESTIONS)
    for link in links:
        assert client.get(f"/{link}", headers={"Accept": "text/csv"}).status_code == 200
