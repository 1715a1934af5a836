"""Questions: broken headers end a validation with the file named."""

import dataclasses

import pytest

from publisher.dataset.repository import Repository
from publisher.errors import CannotRunError
from publisher.validation.checks.questions import check
from publisher.validation.context import of_repository

HOME = "https://w3id.org/ma-coalitions/"
QUESTION = (
    "# title: Members\n# question: Who?\n# keywords: member\n# parameter: coalition = coalition\n"
    "SELECT * WHERE {{ VALUES ?coalition {{ <{}> }} ?coalition ?p ?o }}\n"
)


def find(repository: Repository, *texts: str) -> list[object]:
    questions = [(f"data/questions/{number}.rq", text) for number, text in enumerate(texts)]
    return list(check(of_repository(dataclasses.replace(repository, questions=questions))))


def test_default_must_be_a_thing_of_its_kind(repository: Repository) -> None:
    assert find(repository, QUESTION.format(HOME + "id/coalition/clear-water")) == []
    for other in ("id/coalition/nobody", "id/agenda/fair-work-agenda"):
        with pytest.raises(CannotRunError, match=r"0\.rq: <\S+> is not a coalition of this data set"):
            find(repository, QUESTION.format(HOME + other))


def test_title_names_one_question(repository: Repository) -> None:
    text = QUESTION.format(HOME + "id/coalition/clear-water")
    with pytest.raises(CannotRunError, match=r"1\.rq: its title is that of data/questions/0\.rq"):
        find(repository, text, text)
