"""The identifier registry: the list of retired things."""

from pathlib import Path

import pytest
from support import fork_root

from publisher.dataset.identifiers import RETIRED_FILE, Retired, read_retired
from publisher.dataset.repository import (
    read_repository,
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return fork_root.build(tmp_path / "root", whole=True)


# What was retired

RETIRED = """
@prefix coalition: <https://example.org/vt-coalitions/id/coalition/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
coalition:old dcterms:isReplacedBy coalition:green-mountain-water-coalition .
coalition:gone prov:invalidatedAtTime "2026-01-01T00:00:00Z"^^xsd:dateTime ; skos:changeNote "Never was."@en .
"""


def test_retired_list_has_merged_and_withdrawn_things(tmp_path):
    retired = read_retired(read_repository(fork_root.build(tmp_path, {RETIRED_FILE: RETIRED})).files)
    things = fork_root.BASE + "id/coalition/"
    assert retired.keys() == {things + "old", things + "gone"}
    assert retired[things + "old"] == Retired(fork_root.COALITION)
    gone = retired[things + "gone"]
    assert (gone.successor, gone.withdrawn, gone.why) == ("", "2026-01-01", "Never was.")
    assert {t.predicate.value.rpartition("/")[2].rpartition("#")[2] for t in gone.tombstone} == {
        "invalidatedAtTime",
        "changeNote",
    }


def test_other_files_retire_nothing(tmp_path):
    assert read_retired(read_repository(fork_root.build(tmp_path, {"data/old.ttl": RETIRED})).files) == {}


def test_missing_list_retires_nothing(root):
    assert read_retired(read_repository(root).files) == {}
