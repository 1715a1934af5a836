"""The term lists of standard vocabularies: those of rdflib, read without it and at once."""

import subprocess
import sys

import pytest
import rdflib
import update_term_lists

from publisher.rdf import vocabularies
from publisher.validation.checks import terms

PREFIXES = sorted(set(vocabularies.NAMESPACES.values()))


def test_every_vocabulary_has_its_list_and_every_list_its_vocabulary():
    assert sorted(update_term_lists.VOCABULARIES) == PREFIXES
    assert sorted(path.stem for path in update_term_lists.FOLDER.glob("*")) == PREFIXES


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_list_is_what_rdflib_carries(prefix):
    text = (update_term_lists.FOLDER / f"{prefix}.txt").read_text(encoding="utf-8")
    if f"rdflib {rdflib.__version__};" not in text:
        pytest.skip(f"made from another version of rdflib than {rdflib.__version__}")
    assert text == update_term_lists.text(prefix)


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_list_names_the_namespace_that_it_is_looked_up_by(prefix):
    _, namespace, *_ = (update_term_lists.FOLDER / f"{prefix}.txt").read_text(encoding="utf-8").splitlines()
    assert vocabularies.NAMESPACES[namespace] == prefix
    assert vocabularies.PREFIXES[prefix] == namespace


@pytest.mark.parametrize(
    "iri",
    [
        "http://www.w3.org/2004/02/skos/core#prefLabel",
        "http://purl.org/dc/terms/ISO639-2",
        "http://rdfs.org/ns/void#class",
        "http://www.w3.org/ns/shacl#in",
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString",
        "http://www.w3.org/2001/XMLSchema#anyAtomicType",
        "http://www.w3.org/2002/07/owl#rational",
        "http://www.w3.org/ns/prov#wasAttributedTo",
        "http://schema.org/name",
        "https://schema.org/Consortium",
    ],
)
def test_a_term_of_each_kind_is_known(iri):
    namespace = next(namespace for namespace in vocabularies.NAMESPACES if iri.startswith(namespace))
    assert iri.removeprefix(namespace) in vocabularies.terms(vocabularies.NAMESPACES[namespace])


@pytest.mark.parametrize(("name", "found"), [("type", vocabularies.PREFIXES["rdf"] + "type"), ("no-such-term", "")])
def test_a_term_is_found_in_another_vocabulary_by_its_name(name, found):
    assert terms.elsewhere(name) == found


def test_the_lists_are_read_without_rdflib_and_only_when_asked_for():
    code = (
        "import sys; from publisher.rdf import vocabularies as v\n"
        "before = v.terms.cache_info().currsize; v.terms('skos')\n"
        "print(before, v.terms.cache_info().currsize, 'rdflib' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "0 1 False\n"
