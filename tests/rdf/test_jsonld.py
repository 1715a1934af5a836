"""JSON-LD, and the equality of all formats of a document."""

import json
import socket
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib
from pyld import jsonld
from support.asgi_client import Client, OpenApp
from support.tiers import EVERYTHING, WITH_SLOW, few, some

from publisher.formats import JSON_LD
from publisher.rdf.serializer import write_graph
from publisher.release.resources import Resources
from publisher.release.store import Store

pytestmark = pytest.mark.filterwarnings("ignore:.* is deprecated, use Dataset:DeprecationWarning")  # rdflib's own use

INTEGER = ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer")
DECIMAL = ox.NamedNode("http://www.w3.org/2001/XMLSchema#decimal")
WHOLE = ("ontology", "shapes", "dataset") if EVERYTHING else ("ontology", "dataset") if WITH_SLOW else ("dataset",)
RDFLIB_NAMES = {"ttl": "turtle", "jsonld": "json-ld", "nt": "nt", "rdf": "xml"}


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever opens a connection or looks a host up in these tests fails."""

    def refuse(*_arguments: object, **_options: object) -> None:
        raise OSError("the network is blocked in this test")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture(scope="module")
def addresses(app: OpenApp) -> list[str]:
    """The documents to look at, without suffix."""
    resources: Resources = app.resources
    return [*WHOLE, *some((resources.names.address(iri) or "" for iri in resources.things()), every=50)]


@pytest.fixture(scope="module")
def texts(app: OpenApp, addresses: list[str]) -> dict[str, dict[str, str]]:
    """These documents in every form: address -> suffix -> text."""
    client = app.test_client()
    return {
        address: {suffix: client.get(f"/{address}.{suffix}").text for suffix in RDFLIB_NAMES} for address in addresses
    }


def canonical(text: str, form: ox.RdfFormat = ox.RdfFormat.N_TRIPLES) -> frozenset[str]:
    """A graph with canonical names of its blank nodes: two graphs are isomorphic if these are equal."""
    dataset = ox.Dataset(ox.parse(text, format=form))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return frozenset(map(str, dataset))


def by_rdflib(text: str, suffix: str) -> frozenset[str]:
    graph = rdflib.Graph().parse(data=text, format=RDFLIB_NAMES[suffix])
    return canonical(graph.serialize(format="nt"))


def by_pyld(text: str) -> frozenset[str]:
    def refuse(url: str, _options: object) -> None:
        raise AssertionError(f"the document needs {url} to be read")

    quads = jsonld.to_rdf(json.loads(text), {"documentLoader": refuse, "format": "application/n-quads"})
    return canonical(quads)


def test_network_is_blocked() -> None:
    with pytest.raises(OSError, match="blocked"):
        urllib.request.urlopen("http://127.0.0.1:9/")


def test_document_formats_are_equal(texts: dict[str, dict[str, str]]) -> None:
    different = []
    for address, forms in few(list(texts.items())[::-1], 5):
        graphs = {suffix: by_rdflib(text, suffix) for suffix, text in forms.items()} | {
            "pyld": by_pyld(forms["jsonld"])
        }
        expected = canonical(forms["nt"])
        assert expected
        different += [(address, name) for name, graph in graphs.items() if graph != expected]
    assert different == []


@pytest.mark.slow
def test_compared_documents_have_blank_nodes(texts: dict[str, dict[str, str]]) -> None:
    assert all("_:" in texts[address]["nt"] for address in WHOLE if address != "dataset")


def test_jsonld_starts_with_the_thing(app: OpenApp, texts: dict[str, dict[str, str]]) -> None:
    resources: Resources = app.resources
    begun = [json.loads(forms["jsonld"]).get("id") for address, forms in texts.items() if address not in WHOLE]
    looked_at = [iri for iri in resources.things() if resources.names.address(iri) in texts]
    assert begun == looked_at
    assert len(looked_at) > 10
    assert json.loads(texts["dataset"]["jsonld"])["id"] == resources.names.dataset


def reverse_properties(context: Mapping[str, Any]) -> dict[str, str]:
    """Reverse term -> the IRI of the property it turns round."""
    found = {}
    for term, meaning in context.items():
        if isinstance(meaning, dict) and "@reverse" in meaning:
            prefix, _, local = meaning["@reverse"].partition(":")
            found[term] = context[prefix] + local
    return found


def test_jsonld_nests_incoming_statements_by_reverse_terms(app: OpenApp, texts: dict[str, dict[str, str]]) -> None:
    resources: Resources = app.resources
    wrong = []
    for thing in [iri for iri in resources.things() if resources.names.address(iri) in texts]:
        pointing = {
            (t.subject.value, t.predicate.value)
            for t in resources.describe(thing).triples
            if t.object == ox.NamedNode(thing)
        }
        document = json.loads(texts[resources.names.address(thing) or ""]["jsonld"])
        reverse = reverse_properties(document["@context"])
        hanging = {
            (node if isinstance(node, str) else node["id"], reverse[key])
            for key, nodes in document.items()
            if key in reverse
            for node in (nodes if isinstance(nodes, list) else [nodes])
        }
        assert pointing
        if hanging != pointing or "@reverse" in document or "@graph" in document:
            wrong.append((thing, hanging ^ pointing))
    assert wrong == []


def test_jsonld_keys_are_context_terms(client: Client) -> None:
    document = client.get("/doc/coalition/clear-water.jsonld").json
    keys = set(document) - {"@context"}
    assert {"id", "type", "prefLabel", "advances"} <= keys
    assert [key for key in keys if ":" in key or key.startswith("@")] == []


def test_jsonld_context_has_used_terms_only(client: Client, store: Store) -> None:
    context = client.get("/doc/coalition/clear-water.jsonld").json["@context"]
    assert {key: store.index.context[key] for key in context} == context
    assert "advances" in context
    assert "notation" not in context


def further_pages(resources: Resources, things: list[str]) -> Iterator[str]:
    for thing in things:
        for page in range(1, resources.describe(thing).pages + 1):
            yield f"{resources.names.address(thing)}" + (f"/incoming/{page}" if page > 1 else "")


def test_further_page_formats_are_equal(opened: Callable[..., OpenApp], root: Path, store: Store) -> None:
    app = opened(root, incoming=4)
    client, resources = app.test_client(), app.resources
    base = store.index.names.iri("id/")
    pages = list(further_pages(resources, [f"{base}source/our-partners", f"{base}agenda/fair-work-agenda"]))
    assert len(pages) > 4
    different = []
    for page in pages:
        texts = {suffix: client.get(f"/{page}.{suffix}").text for suffix in RDFLIB_NAMES}
        expected = canonical(texts["nt"])
        different += [(page, suffix) for suffix, text in texts.items() if by_rdflib(text, suffix) != expected]
    assert different == []


def test_jsonld_keeps_lexical_forms_languages_and_schemes() -> None:
    thing = ox.NamedNode("https://example.org/id/x")
    triples = [
        ox.Triple(thing, ox.NamedNode("https://example.org/v#seeAlso"), ox.NamedNode("urn:example:strange")),
        ox.Triple(thing, ox.NamedNode("https://example.org/v#size"), ox.Literal("007", datatype=INTEGER)),
        ox.Triple(thing, ox.NamedNode("https://example.org/v#size"), ox.Literal("1.50", datatype=DECIMAL)),
        ox.Triple(thing, ox.NamedNode("https://example.org/v#name"), ox.Literal("Größe", language="de")),
    ]
    context = {"@version": 1.1, "id": "@id", "ex": "https://example.org/v#", "name": {"@id": "ex:name"}}
    text = write_graph(triples, JSON_LD, {}, context, thing.value).decode()
    assert by_pyld(text) == canonical("".join(f"{t} .\n" for t in triples))


@pytest.mark.parametrize(
    "text",
    [
        r"^[^@ \t\r\n]+$",
        "tab\t and line\n and return\r",
        'quote " and back\\slash',
        "\\",
        r"\"",
        "\u0001\u007f\u0085\u2028",
        "😀",
    ],
    ids=["pattern", "whitespace", "quote", "backslash", "escaped-quote", "control", "non-bmp"],
)
def test_jsonld_keeps_every_character(text: str) -> None:
    thing = "https://example.org/id/x"
    triple = ox.Triple(ox.NamedNode(thing), ox.NamedNode("https://example.org/v#p"), ox.Literal(text))
    for root in (thing, None):
        document = json.loads(write_graph([triple], JSON_LD, {}, {}, root))
        node = document["@graph"][0] if "@graph" in document else document
        assert node["https://example.org/v#p"] == text
