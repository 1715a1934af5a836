"""The questions: found by words, stems and synonyms, and asked about chosen things."""

import pytest
from support.each import each

from publisher.errors import MalformedError, NotFoundError
from publisher.pages.ask import questions
from publisher.pages.ask.questions import QuestionBook
from publisher.release.catalogue import Catalogue
from publisher.release.resources import Resources
from publisher.release.store import Store
from publisher.settings import Settings

HOME = "https://w3id.org/ma-coalitions/"


@pytest.fixture(scope="module")
def book(store: Store, settings: Settings) -> QuestionBook:
    resources = Resources(store, settings.incoming)
    return QuestionBook(Catalogue(resources).questions, resources)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("membership overlap", "Coalitions that share members"),
        ("Which coalitions share members?", "Coalitions that share members"),
        ("bills passed", "Outcomes of bills"),
        ("achieving aims", "Aims that were achieved"),
        ("websites", "Coalitions without a website"),
    ],
)
def test_words_and_stems_find_questions(book: QuestionBook, text: str, title: str) -> None:
    assert title in [question.title for question in book.find(text).questions]


def test_name_of_a_thing_finds_questions_about_it(book: QuestionBook) -> None:
    found = book.find("Clear Water").suggestions[0]
    assert found.thing.iri == HOME + "id/coalition/clear-water"
    assert {parameter.kind for _, parameter in found.questions} == {"coalition"}
    assert len(found.questions) > 2


def test_misspelled_word_is_corrected(book: QuestionBook) -> None:
    found = book.find("memberhsip")
    assert (found.questions, found.suggestions, found.corrected) == ([], [], "membership")
    assert book.find("the of").questions == ()


@each("text", ['"', "a OR b*", "NEAR(", "title:x", "x" * 500, "'; DROP TABLE question"])
def test_syntax_of_full_text_queries_is_text(book: QuestionBook, text: str) -> None:
    book.find(text)


def test_question_is_found_by_short_name_or_file(book: QuestionBook) -> None:
    for slug in ("coalitions-by-agenda", "01-coalitions-by-agenda"):
        assert book.find_by_slug(slug).title == "Coalitions by agenda"
    with pytest.raises(NotFoundError, match="Did you mean coalitions-by-agenda"):
        book.find_by_slug("coalitions-by-agendas")


def test_chosen_thing_is_one_of_its_kind(book: QuestionBook) -> None:
    question = book.find_by_slug("coalitions-by-agenda")
    for value in ("fair-work-agenda", "Fair Work Agenda", " fair work agenda "):
        chosen = book.choose(question, {"agenda": value})[0]
        assert (chosen.iri, chosen.value) == (HOME + "id/agenda/fair-work-agenda", "fair-work-agenda")
    for value in ("clear-water", "nobody", "> } #"):
        with pytest.raises(MalformedError):
            book.choose(question, {"agenda": value})
    everything = book.choose(question, {"agenda": ""})[0]
    assert (everything.iri, everything.label) == ("", "all agendas")
    assert ("fair-work-agenda", "Fair Work Agenda") in everything.options


def test_many_things_are_typed_rather_than_listed(book: QuestionBook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "OPTIONS", 1)
    chosen = book.choose(book.find_by_slug("coalitions-by-agenda"), {"agenda": "Fair Work Agenda"})[0]
    assert (chosen.options, chosen.label) == ([], "Fair Work Agenda")
