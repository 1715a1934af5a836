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


def test_findings_in_rdfxml_are_at_the_property_element_or_at_the_node(places):
    assert places("parts.rdf", RDFXML, COUNTS) == [(5, 5), (8, 5), (12, 5), (14, 3), (15, 30)]
