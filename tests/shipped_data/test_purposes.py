"""The purposes: each still says every element that a reviewer found on its page.

`answers/purpose-elements.yaml` lists the elements of each purpose with the words of the record that carry them. With
`--update-answers` a new purpose gets an empty list, for its reviewer to fill.
"""

import csv
from pathlib import Path

import pytest
import yaml

from publisher.formats import RESULTS_CSV
from publisher.release.store import Store
from publisher.sparql.engine import Query

ELEMENTS = Path(__file__).parent / "answers" / "purpose-elements.yaml"
PURPOSES = """
PREFIX coal: <https://w3id.org/ma-coalitions/ontology#>
PREFIX schema: <https://schema.org/>
SELECT ?purpose ?text WHERE { ?purpose a coal:PurposeStatement ; schema:text ?text }
"""


@pytest.fixture(scope="module")
def purposes(store: Store) -> dict[str, str]:
    """The text of every purpose, by the names of its coalition and of its source."""
    with store.engine.ask(Query(PURPOSES, RESULTS_CSV.media_type, None)).body as body:
        rows = list(csv.reader(body.read().decode().splitlines()))[1:]
    return {iri.partition("/id/coalition/")[2].replace("/purpose/", "/"): text for iri, text in rows}


def checklist() -> dict[str, list[tuple[str, str]]]:
    return yaml.safe_load(ELEMENTS.read_text(encoding="utf-8"))


def test_every_purpose_has_a_checklist(purposes: dict[str, str], update: bool) -> None:
    if update:
        missing = "".join(f"{name}: []\n" for name in sorted(purposes.keys() - checklist().keys()))
        if missing:
            ELEMENTS.write_text(ELEMENTS.read_text(encoding="utf-8") + missing, encoding="utf-8")
    assert sorted(checklist()) == sorted(purposes), "if a purpose is new, run with --update-answers and fill its list"


def test_every_purpose_says_all_elements_of_its_checklist(purposes: dict[str, str]) -> None:
    lost = [
        f"{name}: {element}"
        for name, elements in checklist().items()
        for element, words in elements
        if words.lower() not in purposes[name].lower()
    ]
    assert lost == []


def test_no_two_elements_of_a_purpose_have_the_same_name() -> None:
    for name, elements in checklist().items():
        assert len({element for element, _ in elements}) == len(elements), name
