"""Which files state something about a subject."""

import pytest

from publisher.dataset.files import parse_text
from publisher.rdf.subject_index import SubjectIndex


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
