"""A list of retired things for tests: merged, also in a chain and in a cycle, moved away, and withdrawn."""

from typing import Final

RETIRED: Final = """
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix coalition: <https://w3id.org/ma-coalitions/id/coalition/> .

coalition:oldest dcterms:isReplacedBy coalition:older .
coalition:older dcterms:isReplacedBy coalition:clear-water .
coalition:became-an-issue dcterms:isReplacedBy <https://w3id.org/ma-coalitions/id/issue/minimum-wage> .
coalition:moved-away dcterms:isReplacedBy <https://example.org/elsewhere> .
coalition:gone prov:invalidatedAtTime "2026-01-01T00:00:00Z"^^xsd:dateTime ; skos:changeNote "It was listed twice."@en .
<https://w3id.org/ma-coalitions/id/coalition/clear-water/size/gone>
    prov:invalidatedAtTime "2026-01-01T00:00:00Z"^^xsd:dateTime ; skos:changeNote "Its page is not public."@en .
<https://w3id.org/ma-coalitions/id/coalition/clear-water/account/old>
    dcterms:isReplacedBy <https://w3id.org/ma-coalitions/id/coalition/clear-water/account/new> .
coalition:heir-of-gone dcterms:isReplacedBy coalition:gone .
coalition:hen dcterms:isReplacedBy coalition:egg .
coalition:egg dcterms:isReplacedBy coalition:hen .
"""
