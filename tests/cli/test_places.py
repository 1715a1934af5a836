"""The places of findings in JSON-LD and RDF/XML, through the command."""

import json

import pytest
from support.files import write_file
from support.optional_packages import extra

from publisher.validation.engines.selection import ENGINES

PREFIXES = (
    "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
    "@prefix v: <https://v.example/#> .\n"
)
COUNTS = """v:PartShape a sh:NodeShape ; sh:targetClass v:Part ;
    sh:property [ sh:path v:size ; sh:minCount 1 ; sh:maxCount 1 ; sh:datatype xsd:integer ] ."""

RDFXML = """<?xml version="1.0"?>
<!DOCTYPE rdf:RDF [<!ENTITY v "https://v.example/#"><!ENTITY wheel "https://v.example/#wheel">]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:v="https://v.example/#">
  <v:Part rdf:about="&wheel;">
    <v:size>large</v:size>
  </v:Part>
  <v:Part rdf:ID="axle">
    <v:size rdf:datatype="http://www.w3.org/2001/XMLSchema#integer">2</v:size>
    <v:size rdf:datatype="http://www.w3.org/2001/XMLSchema#integer">3</v:size>
  </v:Part>
  <v:Part>
    <v:size>small</v:size>
  </v:Part>
  <v:Part/>
  <v:Part rdf:about="&v;hub" v:size="huge"/>
</rdf:RDF>
"""


@pytest.fixture(params=ENGINES)
def places(request, run, tmp_path):
    """Returns a function that validates a file and returns the line and column of each finding."""
    if request.param == "fast":
        extra("shacl", "fast")

    def validate(name: str, text: str, shapes: str) -> list[tuple[int, int]]:
        write_file(tmp_path, "shapes.ttl", PREFIXES + shapes)
        write_file(tmp_path, name, text)
        arguments = ["validate", "--engine", request.param, "--shapes", "shapes.ttl", "--format", "json", name]
        result = run(tmp_path, *arguments)
        return [(finding["line"], finding["column"]) for finding in json.loads(result.stdout)["findings"]]

    return validate


def test_rdfxml_finding_location(places):
    assert places("parts.rdf", RDFXML, COUNTS) == [(5, 5), (8, 5), (12, 5), (14, 3), (15, 30)]


CLOSED = """v:PartShape a sh:NodeShape ; sh:targetClass v:Part ; sh:closed true ;
    sh:ignoredProperties ( <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> ) ; sh:property [ sh:path v:size ] ."""
UNNAMED = """{
  "@context": { "@vocab": "https://v.example/#" },
  "@graph": [
    { "@type": "Part", "price": 4 },
    { "@type": "Part", "price": 4 },
    { "@type": "Part", "price": 5 }
  ]
}
"""
MEMBERS = """{
  "@context": { "v": "https://v.example/#", "id": "@id", "axle": "v:axle", "fits": { "@reverse": "v:has" },
    "size": "v:size" },
  "id": "v:wheel",
  "@type": "v:Part",
  "size": "large",
  "axle": [
    { "@type": "v:Part", "v:size": 2, "size": [3,
        4] },
    { "id": "v:axle",
      "@type": "v:Part" }
  ],
  "fits": {
    "@type": "v:Part",
    "v:size": "small"
  }
}
"""
EXTRA = """{
  "@context": { "@vocab": "https://v.example/#" },
  "@id": "https://v.example/#wheel",
  "@type": "Part",
  "size": 3,
  "colour": "red"
}
"""


@pytest.mark.parametrize(
    ("text", "shapes", "expected"),
    [
        (UNNAMED, COUNTS, [(4, 5), (5, 5), (6, 5)]),
        (MEMBERS, COUNTS, [(6, 3), (8, 26), (10, 14), (15, 5)]),
        (EXTRA, CLOSED, [(6, 3)]),
    ],
    ids=["nodes without a name", "members", "a member that the shape does not name"],
)
def test_jsonld_finding_location(places, text, shapes, expected):
    assert places("parts.jsonld", text, shapes) == expected


def test_baseline_counts_blank_node_findings(run, tmp_path):
    write_file(tmp_path, "shapes.ttl", PREFIXES + COUNTS)
    command = ["validate", "--shapes", "shapes.ttl", "parts.jsonld"]
    write_file(tmp_path, "parts.jsonld", '{"@context": {"@vocab": "https://v.example/#"}, "@type": "Part", "price": 4}')
    run(tmp_path, *command, "--write-baseline", "known.json")
    assert run(tmp_path, *command, "--baseline", "known.json").exit_code == 0
    write_file(tmp_path, "parts.jsonld", UNNAMED)
    result = run(tmp_path, *command, "--baseline", "known.json", "--format", "json")
    assert result.exit_code == 1
    assert [finding["line"] for finding in json.loads(result.stdout)["findings"]] == [5, 6]
