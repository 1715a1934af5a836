"""Labels: the best property and the best text."""

import pyoxigraph as ox
from support.each import each

from publisher.rdf.labels import Labels, best, choose_labels, labels_of
from publisher.rdf.namespaces import DCTERMS, RDFS, SKOS

THING = ox.NamedNode("http://example.org/thing")


class File:
    def __init__(self, *triples: ox.Triple) -> None:
        self.by_subject = {THING: triples}


def label(predicate: str, text: str, language: str = "") -> ox.Triple:
    return ox.Triple(THING, ox.NamedNode(predicate), ox.Literal(text, language=language or None))


@each(
    ("texts", "expected"),
    [
        ([], ""),
        ([("Wasser", "de"), ("Water", "en")], "Water"),
        ([("Wasser", "de"), ("water", "")], "water"),
        ([("colour", "en-GB"), ("agua", "")], "colour"),
        ([("b", "en"), ("a", "en")], "a"),
    ],
)
def test_best_text_is_english_then_plain_then_any(texts: list[tuple[str, str]], expected: str) -> None:
    assert best(ox.Literal(text, language=language or None) for text, language in texts) == expected


def test_better_property_precedes_better_language() -> None:
    triples = [label(RDFS + "label", "label", "en"), label(SKOS + "prefLabel", "Name", "de")]
    assert choose_labels(triples) == {THING: "Name"}


def test_labels_of_omits_blank_nodes() -> None:
    blank = ox.Triple(ox.BlankNode("b"), ox.NamedNode(DCTERMS + "title"), ox.Literal("x"))
    assert labels_of([blank, label(DCTERMS + "title", "Title")]) == {THING.value: "Title"}


def test_labels_are_chosen_across_files() -> None:
    labels = Labels([File(label(RDFS + "label", "worse")), File(label(SKOS + "prefLabel", "better"))])
    assert labels(THING) == "better"
    assert labels(ox.NamedNode("http://example.org/other")) == ""
