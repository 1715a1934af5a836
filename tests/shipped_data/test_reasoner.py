"""An OWL 2 reasoner, HermiT, accepts the vocabulary, its alignments and the data together.

HermiT comes with owlready2 and runs on Java. It refuses literals of xsd:date, xsd:gYear and xsd:gYearMonth, which are
outside the datatype map of OWL 2 (Structural Specification, section 4): they are left out, so what depends on them is
not checked here.
"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from support.derived import derive_from
from support.optional_packages import extra, missing

from publisher.dataset.repository import read_repository
from publisher.rdf.namespaces import RDF, VOCABULARY, XSD

ROOT = Path(__file__).resolve().parents[2]
THINGS = "https://w3id.org/ma-coalitions/id/"
UNSUPPORTED = {XSD + name for name in ("date", "gYear", "gYearMonth")}
"""The datatypes that the data uses and HermiT does not know."""


def triple(subject: str, predicate: str, object_: str) -> ox.Triple:
    return ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), ox.NamedNode(object_))


def _datatype(stated: ox.Triple) -> str:
    return stated.object.datatype.value if isinstance(stated.object, ox.Literal) else ""


@pytest.fixture(scope="module")
def statements() -> list[ox.Triple]:
    """Ontology, alignments, schemes, data and what is derived from them."""
    repository = read_repository(ROOT)
    stated = [t for file in repository.files if not file.path.startswith("shapes/") for t in file.triples]
    return [*stated, *derive_from(repository, stated)]


@pytest.fixture
def is_consistent(tmp_path: Path, statements: list[ox.Triple]) -> Callable[..., bool]:
    """Ask HermiT about the statements, with further ones. Skipped without owlready2 or Java."""
    owlready2: Any = extra("owlready2", "reasoner")
    if shutil.which("java") is None:
        missing("Java is not installed (Debian: default-jre-headless)")

    def ask(*more: ox.Triple, dates: bool = False) -> bool:
        kept = [t for t in statements if dates or _datatype(t) not in UNSUPPORTED]
        path = tmp_path / "statements.nt"
        path.write_text("".join(f"{t} .\n" for t in (*kept, *more)), encoding="utf-8")
        world = owlready2.World()
        world.get_ontology(f"file://{path}").load()
        try:
            owlready2.sync_reasoner_hermit(world, debug=0)
        except owlready2.OwlReadyInconsistentOntologyError:
            return False
        return not list(world.inconsistent_classes())

    return ask


def test_vocabulary_and_data_are_consistent(is_consistent: Callable[..., bool]) -> None:
    assert is_consistent()


def test_thing_of_two_disjoint_classes_is_inconsistent(is_consistent: Callable[..., bool]) -> None:
    assert not is_consistent(triple(THINGS + "bill/194-h1588", RDF + "type", VOCABULARY + "Docket"))


def test_second_value_of_a_functional_property_is_inconsistent(is_consistent: Callable[..., bool]) -> None:
    """A bill in a session and in a source: the two would have to be one thing."""
    session = triple(THINGS + "bill/194-h1588", VOCABULARY + "session", THINGS + "source/our-coalitions")
    assert not is_consistent(session)


def test_reasoner_rejects_dates(is_consistent: Callable[..., bool]) -> None:
    with pytest.raises(Exception, match=r"UnsupportedDatatypeException|not part of the OWL 2 datatype map"):
        is_consistent(dates=True)
