"""Shapes that use every constraint component of SHACL, and random data for them, for the tests of engines."""

import random
from typing import Final

PREFIXES: Final = """@prefix ex: <http://example.org/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""

SHAPES: Final = (
    PREFIXES
    + """
<http://example.org/> a <http://www.w3.org/2002/07/owl#Ontology> ;
    sh:declare [ sh:prefix "ex" ; sh:namespace "http://example.org/"^^xsd:anyURI ] .

ex:Counts a sh:NodeShape ; sh:targetClass ex:A ;
    sh:property ex:Counts-p , [ sh:path ex:q ; sh:maxCount 1 ; sh:message "Too many."@en , "Zu viele."@de ] .
ex:Counts-p sh:path ex:p ; sh:minCount 1 ; sh:maxCount 2 ; sh:severity sh:Warning .
ex:Types sh:targetSubjectsOf ex:p ; sh:property
    [ sh:path ex:p ; sh:datatype xsd:integer ] , [ sh:path ex:q ; sh:class ex:A ] ,
    [ sh:path ex:r ; sh:nodeKind sh:IRI ] .
ex:Ranges sh:targetClass ex:A , ex:B ; sh:property
    [ sh:path ex:p ; sh:minInclusive 2 ; sh:maxInclusive 5 ] ,
    [ sh:path ex:q ; sh:minExclusive 2.0 ; sh:maxExclusive 1e1 ] ,
    [ sh:path ex:r ; sh:minInclusive "2026-01-01"^^xsd:date ; sh:maxExclusive "2026-12-31"^^xsd:date ] .
ex:Texts sh:targetObjectsOf ex:q ; sh:minLength 2 ; sh:maxLength 20 ; sh:pattern "^[A-Zh]" ; sh:flags "i" .
ex:Languages sh:targetClass ex:B ; sh:property
    [ sh:path ex:p ; sh:uniqueLang true ; sh:languageIn ( "en" "de" ) ] .
ex:Pairs sh:targetClass ex:A ; sh:property
    [ sh:path ex:p ; sh:equals ex:q ] , [ sh:path ex:q ; sh:disjoint ex:r ] ,
    [ sh:path ex:p ; sh:lessThan ex:r ; sh:severity sh:Info ] , [ sh:path ex:q ; sh:lessThanOrEquals ex:p ] .
ex:Closed sh:targetClass ex:B ; sh:closed true ; sh:ignoredProperties ( rdf:type ) ; sh:property [ sh:path ex:p ] .
ex:Values sh:targetClass ex:B ; sh:property
    [ sh:path ex:r ; sh:hasValue ex:n1 ] , [ sh:path ex:q ; sh:in ( ex:n1 "2026-03-01"^^xsd:date 3 "hello"@en ) ] .
ex:Logic sh:targetClass ex:A ; sh:not [ sh:class ex:B ] ;
    sh:or ( [ sh:property [ sh:path ex:q ; sh:minCount 1 ] ] [ sh:nodeKind sh:BlankNode ] ) ;
    sh:xone ( [ sh:property [ sh:path ex:p ; sh:minCount 2 ] ] [ sh:property [ sh:path ex:r ; sh:minCount 1 ] ] ) ;
    sh:and ( ex:Counts [ sh:nodeKind sh:BlankNodeOrIRI ] ) .
ex:Nested sh:targetNode ex:n1 , ex:n2 , ex:n99 ; sh:property [ sh:path ex:q ; sh:node ex:Inner ] .
ex:Inner sh:property [ sh:path ex:p ; sh:minCount 1 ] , [ sh:path ex:r ; sh:maxCount 0 ] .
ex:Qualified sh:targetClass ex:A ; sh:property [
    sh:path ex:q ; sh:qualifiedValueShape [ sh:class ex:B ] ; sh:qualifiedMinCount 1 ; sh:qualifiedMaxCount 1 ] .
ex:Paths sh:targetClass ex:B ; sh:property
    [ sh:path [ sh:inversePath ex:q ] ; sh:maxCount 1 ] , [ sh:path ( ex:q ex:p ) ; sh:minCount 1 ] ,
    [ sh:path [ sh:alternativePath ( ex:p [ sh:zeroOrMorePath ex:q ] ) ] ; sh:maxCount 3 ] ,
    [ sh:path [ sh:oneOrMorePath ex:q ] ; sh:nodeKind sh:IRI ] , [ sh:path [ sh:zeroOrOnePath ex:q ] ; sh:maxCount 2 ] .
ex:Query sh:targetClass ex:A ; sh:sparql ex:Query-constraint .
ex:Query-constraint sh:prefixes <http://example.org/> ; sh:message "{$this} has {?value}." ;
    sh:select "SELECT $this ?value WHERE { $this ex:p ?value FILTER(isLiteral(?value) && STRLEN(STR(?value)) > 3) }" .
ex:QueryOfPath sh:targetClass ex:B ; sh:property [ sh:path ex:q ; sh:sparql [ sh:prefixes <http://example.org/> ;
    sh:select "SELECT $this ?value WHERE { $this $PATH ?value . ?value ex:p ?other }" ] ] .
ex:Off sh:targetClass ex:A ; sh:deactivated true ; sh:property [ sh:path ex:z ; sh:minCount 1 ] .
"""
)
"""Valid shapes, named and blank."""

VALUES: Final = (
    *(f"ex:n{number}" for number in range(6)),
    *(f"_:b{number}" for number in range(3)),
    *('"hello"', '"hello"@en', '"Hallo"@de', '"h"@en', '"bonjour"@fr', '""', "true"),
    *("1", "2", "3", "5", "007", "2.0", "2.50", "1e1", '"x"^^xsd:integer', '"NaN"^^xsd:double'),
    *('"2026-03-01"^^xsd:date', '"2026-12-31"^^xsd:date', '"29/08/2017"^^xsd:date', '"2026"^^xsd:gYear'),
    *('"2026-03-01T00:00:00Z"^^xsd:dateTime', '"2026-03-01T00:00:00"^^xsd:dateTime', '"x"^^ex:own'),
)


def data(seed: int) -> str:
    """Random Turtle in which all shapes find something to look at."""
    dice = random.Random(seed)
    subjects = VALUES[:9]
    lines = [f"{subject} a {dice.choice(['ex:A', 'ex:B'])} ." for subject in subjects if dice.random() < 0.9]
    if dice.random() < 0.3:
        lines.append('ex:n0 a ex:A, ex:B ; ex:p "hello"@en, "h"@en ; ex:q ex:n3, ex:n4 . ex:n3 a ex:B . ex:n4 a ex:B .')
    for _ in range(dice.randint(5, 40)):
        lines.append(f"{dice.choice(subjects)} ex:{dice.choice('ppqqrrs')} {dice.choice(VALUES)} .")
    return PREFIXES + "\n".join(lines) + "\n"


PATHS: Final = (
    *("ex:p", "ex:q", "ex:r") * 4,
    *("[ sh:inversePath ex:q ]", "( ex:q ex:p )", "[ sh:alternativePath ( ex:p ex:q ) ]"),
    *("[ sh:zeroOrMorePath ex:q ]", "[ sh:oneOrMorePath ex:q ]", "[ sh:zeroOrOnePath ex:q ]"),
    *("( ex:q [ sh:inversePath ex:q ] )", "[ sh:inversePath ( ex:q ex:q ) ]"),
)
TARGETS: Final = (
    *("sh:targetClass ex:A", "sh:targetClass ex:B", "sh:targetNode ex:n1 , ex:n7 , 5"),
    *("sh:targetSubjectsOf ex:p", "sh:targetObjectsOf ex:q"),
)
OF_VALUES: Final = {
    "nodeKind": ("sh:IRI", "sh:BlankNode", "sh:Literal", "sh:BlankNodeOrIRI", "sh:IRIOrLiteral"),
    "datatype": ("xsd:integer", "xsd:date", "xsd:string", "rdf:langString"),
    "class": ("ex:A", "ex:B"),
    "minLength": ("2", "3"),
    "maxLength": ("3", "5"),
    "pattern": ('"^[a-h]"', '"[0-9]$"'),
    "in": ('( ex:n1 ex:n2 "hello"@en 3 )', "( 2 true )"),
    "hasValue": ("ex:n1", "2", '"hello"@en'),
    "languageIn": ('( "en" )', '( "de" "fr" )'),
}
OF_PROPERTIES: Final = {
    "minCount": ("1", "2"),
    "maxCount": ("0", "1", "2"),
    "uniqueLang": ("true",),
    "equals": ("ex:q", "ex:r"),
    "disjoint": ("ex:p", "ex:r"),
}
COMPARISONS: Final = {
    "minInclusive": ("2", '"2026-03-01"^^xsd:date'),
    "maxExclusive": ("3", "2.5e0"),
    "lessThan": ("ex:r",),
    "lessThanOrEquals": ("ex:q",),
}
"""Left out where a shape is negated or counted: there the engines differ (docs/validation.md)."""


def shapes(seed: int) -> str:
    """Random shapes in Turtle, nested up to three levels; named ones refer only to those before them."""
    return PREFIXES + _Shapes(random.Random(seed)).write()


class _Shapes:
    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.named: list[str] = []

    def write(self) -> str:
        lines = []
        for number in range(self.dice.randint(3, 6)):
            targets = self.dice.sample(TARGETS, self.dice.randint(0, 2)) if number else [self.dice.choice(TARGETS[:2])]
            parts = [*targets, *self.constraints(0, path="", compared=True)]
            if self.dice.random() < 0.2:
                parts += ["sh:closed true", "sh:ignoredProperties ( rdf:type )"]
            lines.append(f"ex:S{number} a sh:NodeShape ; {' ; '.join(parts)} .")
            self.named.append(f"ex:S{number}")
        return "\n".join(lines) + "\n"

    def constraints(self, depth: int, path: str, *, compared: bool) -> list[str]:
        """Some constraints of one shape. compared: whether comparisons are the same for both engines."""
        known = dict(OF_VALUES)
        if path:
            known |= OF_PROPERTIES | (COMPARISONS if compared else {})
        chosen = self.dice.sample(sorted(known), self.dice.randint(0 if depth < 3 else 1, 2))
        found = [f"sh:{name} {self.dice.choice(known[name])}" for name in chosen]
        if depth < 3:
            found += [self.nested(depth, path, compared=compared) for _ in range(self.dice.randint(1, 2))]
        extra = ("sh:severity sh:Info", 'sh:message "Wrong."@en , "Falsch."@de', "sh:deactivated true")
        return found + [each for each in extra if self.dice.random() < 0.08]

    def nested(self, depth: int, path: str, *, compared: bool) -> str:
        kinds = ["property"] * 4 + ["node", "and", "or", "xone", "not"] + ["reference"] * bool(self.named)
        kind = self.dice.choice(kinds + ["qualified"] * bool(path))
        positive = compared and kind in ("property", "node", "and")
        if kind == "reference":
            return (
                f"sh:node {self.dice.choice(self.named)}" if compared else f"sh:not {self.dice.choice(self.named[:1])}"
            )
        if kind in ("and", "or", "xone"):
            return f"sh:{kind} ( {self.shape(depth, compared=positive)} {self.shape(depth, compared=positive)} )"
        if kind == "qualified":
            return f"sh:qualifiedValueShape {self.shape(depth, compared=False)} ; sh:qualifiedMaxCount 1"
        if kind == "property":
            return f"sh:property {self.shape(depth, self.dice.choice(PATHS), compared=positive)}"
        return f"sh:{kind} {self.shape(depth, compared=positive)}"

    def shape(self, depth: int, path: str = "", *, compared: bool) -> str:
        parts = [f"sh:path {path}"] * bool(path) + self.constraints(depth + 1, path, compared=compared)
        return f"[ {' ; '.join(parts)} ]"
