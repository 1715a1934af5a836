"""The term lists of standard vocabularies: those of rdflib, read without it and at once."""

import subprocess
import sys

import pytest
import rdflib
import update_term_lists
from support.each import each

from publisher.rdf import vocabularies
from publisher.validation.checks import terms

PREFIXES = sorted(set(vocabularies.NAMESPACES.values()))


def test_vocabularies_and_term_lists_correspond():
    assert sorted(update_term_lists.VOCABULARIES) == PREFIXES
    assert sorted(path.stem for path in update_term_lists.FOLDER.glob("*")) == PREFIXES


@each("prefix", PREFIXES)
def test_term_list_equals_rdflib(prefix):
    text = (update_term_lists.FOLDER / f"{prefix}.txt").read_text(encoding="utf-8")
    if f"rdflib {rdflib.__version__};" not in text:
        pytest.skip(f"made from another version of rdflib than {rdflib.__version__}")
    assert text == update_term_lists.text(prefix)


@each("prefix", PREFIXES)
def test_term_list_states_its_namespace(prefix):
    _, namespace, *_ = (update_term_lists.FOLDER / f"{prefix}.txt").read_text(encoding="utf-8").splitlines()
    assert vocabularies.NAMESPACES[namespace] == prefix
    assert vocabularies.PREFIXES[prefix] == namespace


@each(
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
def test_terms_of_each_kind_are_known(iri):
    namespace = next(namespace for namespace in vocabularies.NAMESPACES if iri.startswith(namespace))
    assert iri.removeprefix(namespace) in vocabularies.terms(vocabularies.NAMESPACES[namespace])


@pytest.mark.parametrize(("name", "found"), [("type", vocabularies.PREFIXES["rdf"] + "type"), ("no-such-term", "")])
def test_term_is_found_in_other_vocabulary(name, found):
    assert terms.elsewhere(name) == found


def test_term_lists_are_loaded_lazily_without_rdflib():
    code = (
        "import sys; from publisher.rdf import vocabularies as v\n"
        "before = v.terms.cache_info().currsize; v.terms('skos')\n"
        "print(before, v.terms.cache_info().currsize, 'rdflib' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "0 1 False\n"
