"""The competency questions: each is answered as expected, and together they use every term of the vocabulary.

The expected answers are in `answers/`, one CSV file a question. A change of the data mostly changes some of them:
`pytest tests/shipped_data --update-answers` writes them anew; review the difference.
"""

import re
from pathlib import Path

import pyoxigraph as ox
import pytest
from support.asgi_client import Client

from publisher.dataset.query_files import read_header
from publisher.dataset.repository import QUESTIONS_FOLDERS
from publisher.formats import RESULTS_CSV
from publisher.rdf.namespaces import VOCABULARY
from publisher.release.store import Store
from publisher.sparql.engine import Query

ROOT = Path(__file__).resolve().parents[2]
ANSWERS = Path(__file__).parent / "answers"
QUESTIONS = [path for folder in QUESTIONS_FOLDERS for path in sorted((ROOT / folder).glob("*.rq"))]


@pytest.fixture(scope="module")
def answers(store: Store) -> dict[str, str]:
    """What the data answers now, by the names of the files of `answers/`."""
    return {f"{path.stem}.csv": ask(store, path.read_text()) for path in QUESTIONS}


def ask(store: Store, text: str) -> str:
    with store.engine.ask(Query(text, RESULTS_CSV.media_type, None)).body as body:
        return body.read().decode().replace("\r\n", "\n")


def test_stored_answers_are_current(answers: dict[str, str], update: bool) -> None:
    if update:
        ANSWERS.mkdir(exist_ok=True)
        for path in ANSWERS.glob("*.csv"):
            path.unlink()
        for name, text in answers.items():
            (ANSWERS / name).write_text(text, encoding="utf-8", newline="")
    written = {path.name: path.read_bytes().decode() for path in ANSWERS.glob("*.csv")}
    differing = sorted(name for name in answers.keys() | written.keys() if answers.get(name) != written.get(name))
    assert not differing, "if the data changed, run: .venv/bin/pytest tests/shipped_data --update-answers"


@pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: path.stem)
def test_questions_have_title_and_fixed_order(path: Path) -> None:
    text = path.read_text()
    header = read_header(path.name, text, ("title", "question", "keywords"))
    assert header["question"].endswith("?")
    assert re.match(r"\d\d-[a-z0-9]+(-[a-z0-9]+)*$", path.stem)
    assert "ORDER BY" in text


def test_questions_are_many_and_distinct() -> None:
    texts = [path.read_text() for path in QUESTIONS]
    titles = [read_header(path.name, text, ("title",))["title"] for path, text in zip(QUESTIONS, texts, strict=True)]
    assert len(set(titles)) == len(QUESTIONS) >= 30


def test_questions_cover_every_term(store: Store) -> None:
    ontology = store.lookup.graph(store.index.names.iri("ontology"))
    subjects = {t.subject.value for t in ontology if isinstance(t.subject, ox.NamedNode)}
    terms = {iri.removeprefix(VOCABULARY) for iri in subjects if iri.startswith(VOCABULARY)}
    asked = set(re.findall(r"\bcoal:(\w+)", "\n".join(path.read_text() for path in QUESTIONS)))
    assert terms - asked == set()
    assert asked - terms == set()


def test_query_page_links_every_question(client: Client) -> None:
    page = client.get("/sparql", headers={"Accept": "text/html"}).text
    links = re.findall(r'<li id="question-[^"]+"><a href="(ask/[^"]+)">', page)
    assert len(links) == len(QUESTIONS)
    for link in links:
        answer = client.get(f"/{link}", headers={"Accept": "text/html"})
        assert answer.status_code == 200
        assert 'class="problem"' not in answer.text
