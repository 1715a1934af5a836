"""The class diagram of a vocabulary: read from typical subjects and values, linked to the anchors of the page."""

import re

import pyoxigraph as ox

from publisher.pages.class_diagram import draw_vocabulary

PREFIXES = {"": "https://example.org/v#", "org": "http://www.w3.org/ns/org#"}
TURTLE = """
@prefix : <https://example.org/v#> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
:Coalition a owl:Class ; rdfs:subClassOf org:Organization .
:seeks a owl:ObjectProperty ; schema:domainIncludes :Coalition ; schema:rangeIncludes :Aim .
:backs a owl:ObjectProperty ; schema:domainIncludes :Coalition , org:Organization ; rdfs:range :Aim , :Bill .
:status a owl:ObjectProperty ; schema:domainIncludes :Bill ; schema:rangeIncludes skos:Concept .
:count a owl:DatatypeProperty ; schema:domainIncludes :Coalition ; schema:rangeIncludes :Aim .
"""


def test_diagram_has_classes_that_properties_join() -> None:
    triples = [quad.triple for quad in ox.parse(TURTLE, format=ox.RdfFormat.TURTLE)]
    anchors = {"https://example.org/v#" + name: name for name in ("Coalition", "Aim", "Bill", "seeks", "backs")}
    picture = draw_vocabulary(triples, anchors, PREFIXES)
    assert picture
    assert picture == draw_vocabulary(reversed(triples), anchors, PREFIXES)
    assert re.findall(r'<a href="([^"]+)"><text[^>]*>([^<]+)<', picture.content) == [
        ("http://www.w3.org/ns/org#Organization", "org:Organization"),
        ("#backs", "backs"),
        ("#Aim", "Aim"),
        ("#Bill", "Bill"),
        ("#Coalition", "Coalition"),
        ("#seeks", "seeks"),
    ]
    assert "kind of Organization" in picture.content
    assert picture.content.count("<path") == 3


def test_graph_without_object_properties_has_no_diagram() -> None:
    assert draw_vocabulary([], {}, PREFIXES) is None
