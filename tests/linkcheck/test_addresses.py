"""Which addresses the data cites."""

from publisher.dataset.files import parse_text
from publisher.linkcheck.addresses import Citation, find_addresses

BASE = "https://ponds.example/"
TEXT = """@prefix dcterms: <http://purl.org/dc/terms/> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<https://ponds.example/id/a> a <https://classes.example/C> ; dcterms:source <https://one.example/page#part> ;
    dcterms:license <https://licenses.example/by> ;
    dcterms:relation <https://ponds.example/id/b>, <urn:x>, skos:Concept .
<https://ponds.example/id/b> dcterms:source <https://one.example/page>, <https://two.example/> ;
    skos:exactMatch <https://other.example/b> .
"""


def test_pages_are_found_with_their_first_citation() -> None:
    files = [parse_text(TEXT, "data/a.ttl")]
    assert find_addresses(files, BASE) == {
        "https://one.example/page": Citation("data/a.ttl", 2, f"{BASE}id/a", 1),
        "https://two.example/": Citation("data/a.ttl", 5, f"{BASE}id/b"),
    }


def test_identifiers_are_found_on_request() -> None:
    found = find_addresses([parse_text(TEXT, "data/a.ttl")], BASE, names=True)
    assert {"https://licenses.example/by", "https://other.example/b"} <= found.keys()
