"""Scores: their order is that in which a person would choose, and they take bounded time."""

from publisher.matching.scores import Scores, choose_nearest, score

COMMON = {"coalition": 0.1, "usma": 0.2}


def weigh(word: str) -> float:
    return COMMON.get(word, 1.0)


def compare(text: str, name: str) -> Scores:
    return score(text.split(), name.split(), weigh)


def test_equal_words_have_full_score() -> None:
    assert compare("clear water", "clear water").score == 1


def test_scores_fall_with_the_difference() -> None:
    name = "clear water coalition"
    texts = [name, "clear water", "clear watr coalition", "clear air coalition", "night bus coalition", "night bus"]
    found = [compare(text, name).score for text in texts]
    assert found == sorted(found, reverse=True)
    assert len(set(found)) == len(texts)


def test_only_equal_texts_have_full_score() -> None:
    assert compare("water clear", "clear water").score < 1


def test_words_may_be_divided_otherwise() -> None:
    assert compare("farm workers fund", "farmworkers fund").score > 0.9


def test_a_word_more_is_no_typo() -> None:
    assert compare("coalition", "hero coalition").score < 0.3
    assert compare("usma fiscal alliance", "usma alliance").score < 0.8


def test_abbreviations_are_near() -> None:
    assert compare("edu justice", "education justice").score > 0.9


def test_numbers_and_states_are_the_same_or_not() -> None:
    assert compare("question 1 2022", "question 2 2022").score < 0.8
    assert compare("clean slate usmi", "clean slate usma").name_covered < 1
    assert compare("raise up massachusettes", "raise up usma").score > 0.9


def test_empty_texts_have_no_score() -> None:
    assert compare("", "clear water") == compare("clear water", "") == (0, 0, 0, 0)


def test_very_many_words_are_cut_off() -> None:
    assert compare("a " * 5000 + "z", "a " * 24).score == 1


def test_nearest_names_are_chosen() -> None:
    assert choose_nearest("clear watr", ["night bus", "clear water", "fair wages"], 1) == [1]
