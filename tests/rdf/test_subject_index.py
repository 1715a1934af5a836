"""Which files state something about a subject."""

import pytest

from publisher.dataset.files import parse_text
from publisher.rdf.subject_index import BySubject, SubjectIndex


@pytest.mark.parametrize("number", [3, 30])
def test_files_are_found_in_their_order(number: int) -> None:
    texts = [f"<x:{n}> <x:p> 1 . <x:even> <x:p> {n} ." if n % 2 == 0 else f"<x:{n}> <x:p> 1 ." for n in range(number)]
    files = [parse_text(text, str(n)) for n, text in enumerate(texts)]
    even = files[0].triples[-1].subject
    index = SubjectIndex(files)
    stated = [file.path for file in index.find(even) if even in file.by_subject]
    assert stated == [str(n) for n in range(0, number, 2)]
    assert [
        file.path for file in index.find(files[1].triples[0].subject) if files[1].triples[0].subject in file.by_subject
    ] == ["1"]


def test_an_unknown_subject_is_in_no_file() -> None:
    files = [parse_text(f"<x:{n}> <x:p> 1 .", str(n)) for n in range(30)]
    assert SubjectIndex(files).find(files[0].triples[0].object) == []


@pytest.mark.parametrize("number", [1, 2, 6])
def test_triples_about_a_subject_are_found_with_and_without_an_index(number: int) -> None:
    file = parse_text("".join(f"<x:{n}> <x:p> 1 .\n<x:a> <x:q> {n} .\n" for n in range(number)), "f")
    expected = {
        subject: [t for t in file.triples if t.subject == subject] for subject in (t.subject for t in file.triples)
    }
    found = BySubject(file.triples)
    for _ in range(2):
        for subject, triples in expected.items():
            assert found[subject] == triples
            assert found.get(triples[0].object) is None
        assert found.get(None) is None
    assert dict(found) == expected
    assert len(found) == len(expected) == number + 1


def test_few_questions_need_no_index() -> None:
    """An index takes as long as four searches, and memory."""
    file = parse_text("".join(f"<x:{n}> <x:p> 1 .\n" for n in range(10)), "f")
    found = BySubject(file.triples)
    for triple in file.triples[:4]:
        assert found[triple.subject] == [triple]
    assert "_index" not in vars(found)
    assert found[file.triples[4].subject] == [file.triples[4]]
    assert "_index" in vars(found)


@pytest.mark.parametrize("number", [3, 20])
def test_expected_subjects_need_no_index(number: int) -> None:
    file = parse_text("".join(f"<x:{n}> <x:p> 1 , 2 .\n" for n in range(number)), "f")
    found, subjects = BySubject(file.triples), {triple.subject for triple in file.triples}
    assert found[file.triples[0].subject] == file.triples[:2]
    for _ in range(2):
        found.expect(subjects | {file.triples[0].predicate})
    assert {subject: found[subject] for subject in subjects} == dict(BySubject(file.triples))
    assert file.triples[0].predicate not in found
    assert "_index" not in vars(found)
