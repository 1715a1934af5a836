"""The identifier registry: the list of retired things."""

from datetime import date
from pathlib import Path

import pytest
from support import fork_root, tiny_root

from publisher.dataset.identifiers import RETIRED_FILE, Published, Retired, read_retired
from publisher.dataset.repository import read_repository
from publisher.release.freezing import freeze


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


def test_circles_and_texts_as_successors_end_records(tmp_path: Path) -> None:
    things = fork_root.BASE + "id/coalition/"
    circle = (
        RETIRED
        + """
coalition:a dcterms:isReplacedBy coalition:a ; skos:changeNote "A."@en .
coalition:b dcterms:isReplacedBy coalition:c .
coalition:c dcterms:isReplacedBy coalition:d .
coalition:d dcterms:isReplacedBy coalition:c .
coalition:e dcterms:isReplacedBy coalition:old .
coalition:f dcterms:isReplacedBy "old" ; prov:invalidatedAtTime "2026-01-01T00:00:00Z"^^xsd:dateTime .
"""
    )
    retired = read_retired(read_repository(fork_root.build(tmp_path, {RETIRED_FILE: circle})).files)
    ends = {iri.removeprefix(things): end for iri, end in retired.items()}
    assert [ends[name].successor for name in "abcd"] == [""] * 4
    assert (ends["a"].why, ends["f"].withdrawn) == ("A.", "2026-01-01")
    assert ends["e"].successor == fork_root.COALITION


def test_other_files_retire_nothing(tmp_path):
    assert read_retired(read_repository(fork_root.build(tmp_path, {"data/old.ttl": RETIRED})).files) == {}


def test_missing_list_retires_nothing(root):
    assert read_retired(read_repository(root).files) == {}


def test_context_of_a_release_is_found_at_its_address(tmp_path: Path) -> None:
    root = tiny_root.build(tmp_path / "root", {"ontology/context.jsonld": '{"@context": {"a": "urn:a"}}'})
    freeze(root, "0.1.0", date(2026, 11, 30), tmp_path / "store")
    (root / "ontology" / "context.jsonld").write_text('{"@context": {"a": "urn:a", "b": "urn:b"}}')
    published = Published.of(read_repository(root))
    assert published.context(f"{tiny_root.BASE}release/0.1.0/context.jsonld") == '{"a":"urn:a"}'
    assert published.context(f"{tiny_root.BASE}context.jsonld") == '{"a":"urn:a","b":"urn:b"}'
    for other in ("release/0.2.0/context.jsonld", "release//context.jsonld", "release/context.jsonld"):
        assert published.context(tiny_root.BASE + other) is None
