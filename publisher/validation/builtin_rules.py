"""Built-in rules: those written in the software rather than in shapes or checks, with examples."""

from typing import Final

from publisher.diagnostic import Rule, Severity
from publisher.rdf.namespaces import DCTERMS, HOME, OWL, SCHEMA, SH, SKOS, VOCABULARY, XSD

_COALITION: Final = f"@prefix coalition: <{HOME}id/coalition/> .\n"
_DCTERMS: Final = f"@prefix dcterms: <{DCTERMS}> .\n"
_SKOS: Final = f"@prefix skos: <{SKOS}> .\n"
_SCHEMA: Final = f"@prefix schema: <{SCHEMA}> .\n"
_XSD: Final = f"@prefix xsd: <{XSD}> .\n"
_COAL: Final = f"@prefix coal: <{VOCABULARY}> .\n"
_SH: Final = f"@prefix sh: <{SH}> .\n"
_OWL: Final = f"@prefix owl: <{OWL}> .\n"
_NAMED: Final = '\ncoalition:harbor-light\n    skos:prefLabel "Harbor Light"@en ;\n.\n'
_IMPORT: Final = f"{_OWL}\n<https://example.org/shapes>\n    owl:imports <https://example.org/names> ;\n.\n"
_REPORT: Final = f"{_COALITION}{_SCHEMA}\n<https://example.org/report>\n"
_FILE: Final = "data/coalitions/harbor-light.ttl"

_NAMED_SHAPE: Final = (
    _COAL + _SH + _SKOS + "\n<https://example.org/shapes#Named>\n    a sh:NodeShape ;\n"
    "    sh:property <https://example.org/shapes#Named-name> ;\n    sh:targetClass coal:Coalition ;\n.\n\n"
    "<https://example.org/shapes#Named-name>\n    sh:minCount 1 ;\n    sh:path skos:prefLabel ;\n.\n"
)

BUILT_IN: Final = (
    Rule(
        "syntax",
        "syntax",
        Severity.VIOLATION,
        "The file can be read",
        "Every file is in UTF-8 and follows the grammar of its format, to the letter.",
        "A file with a mistake in its grammar says nothing at all: programs refuse it, or guess.",
        "Look at the place that the finding names, and just before it: mostly a quotation mark, a semicolon or a full "
        "stop is missing, or a prefix is not declared.",
        wrong=(
            (
                _FILE,
                _COALITION + _SKOS + '\ncoalition:harbor-light\n    skos:prefLabel "Harbor Light@en ;\n.\n',
            ),
        ),
        right=(
            (
                _FILE,
                _COALITION + _SKOS + _NAMED,
            ),
        ),
    ),
    Rule(
        "empty",
        "coverage",
        Severity.WARNING,
        "The file says something",
        "A file that is given to be checked has at least one statement.",
        "A check of nothing finds nothing: an empty file mostly means that a step before went wrong.",
        "Look at what should have written the file; remove it if it is not needed.",
        wrong=((_FILE, "# Nothing is written here yet.\n"),),
        right=((_FILE, _COALITION + _SKOS + _NAMED),),
    ),
    Rule(
        "tidy",
        "tidiness",
        Severity.VIOLATION,
        "The file is in its one canonical spelling",
        "A file of this repository is, to the byte, what publisher tidy writes of it: sorted, one statement a line.",
        "With one spelling for each graph, the difference between two versions shows what changed in meaning.",
        "Run publisher tidy; it rewrites the file and keeps what it says.",
        wrong=((_FILE, _COALITION + _SKOS + '\ncoalition:harbor-light skos:prefLabel "Harbor Light"@en.\n'),),
        right=((_FILE, _COALITION + _SKOS + _NAMED),),
    ),
    Rule(
        "stray-comment",
        "tidiness",
        Severity.VIOLATION,
        "Comments stand on top of the file only",
        "Below the block of comment lines that a file of this repository may begin with, there are no comments.",
        "A comment between statements is lost as soon as a program rewrites the file, and no query can read it.",
        "Say it in a statement, with skos:editorialNote, or move it to the top of the file.",
        wrong=(
            (
                _FILE,
                _COALITION + _SKOS + "\ncoalition:harbor-light\n    # The page spells it in two ways.\n"
                '    skos:prefLabel "Harbor Light"@en ;\n.\n',
            ),
        ),
        right=(
            (
                _FILE,
                _COALITION + _SKOS + "\ncoalition:harbor-light\n"
                '    skos:editorialNote "The page spells it in two ways."@en ;\n'
                '    skos:prefLabel "Harbor Light"@en ;\n.\n',
            ),
        ),
    ),
    Rule(
        "literal-form",
        "literal",
        Severity.VIOLATION,
        "A value is written as the store keeps it",
        "Numbers, dates and other typed values of this repository are written in the form in which the store gives "
        "them back, and texts have no characters that RDF/XML cannot hold.",
        "Else the file, the page, the download and the endpoint would each show another form of one value.",
        "Write the value as the finding says.",
        wrong=((_FILE, _COALITION + _SCHEMA + "\ncoalition:harbor-light\n    schema:numberOfEmployees 007 ;\n.\n"),),
        right=((_FILE, _COALITION + _SCHEMA + "\ncoalition:harbor-light\n    schema:numberOfEmployees 7 ;\n.\n"),),
    ),
    Rule(
        "shared-blank-node",
        "tidiness",
        Severity.VIOLATION,
        "A blank node stands in one place",
        "A node without an IRI is referred to once at most, not by way of itself, and not nested too deep; what is "
        "written here is RDF 1.1.",
        "Such a node has no one spelling: a small change would reshuffle the whole file.",
        "Give the node an IRI.",
        wrong=(
            (
                "shapes/account.ttl",
                _COAL + _SH + "\ncoal:first\n    sh:node _:name ;\n.\n\ncoal:second\n    sh:node _:name ;\n.\n\n"
                "_:name\n    sh:minLength 1 ;\n.\n",
            ),
        ),
        right=(
            (
                "shapes/account.ttl",
                _COAL + _SH + "\ncoal:first\n    sh:node coal:name ;\n.\n\ncoal:name\n    sh:minLength 1 ;\n.\n\n"
                "coal:second\n    sh:node coal:name ;\n.\n",
            ),
        ),
    ),
    Rule(
        "ill-typed",
        "literal",
        Severity.VIOLATION,
        "A value has a form that its datatype knows",
        "A value with a datatype is written in one of the forms of that datatype (XML Schema 1.1 Datatypes, section "
        "3.3), and a date is a day of the calendar.",
        "Other forms are text with a label: a query that filters or sorts by date or number loses them without a word.",
        "Correct the value, or its datatype: a date is written 2017-08-29, a year 2017.",
        wrong=(
            (
                _FILE,
                _COALITION + _SCHEMA + _XSD + "\ncoalition:harbor-light\n"
                '    schema:foundingDate "29/08/2017"^^xsd:date ;\n.\n',
            ),
        ),
        right=(
            (
                _FILE,
                _COALITION + _SCHEMA + _XSD + "\ncoalition:harbor-light\n"
                '    schema:foundingDate "2017-08-29"^^xsd:date ;\n.\n',
            ),
        ),
    ),
    Rule(
        "repeated-statement",
        "tidiness",
        Severity.VIOLATION,
        "A statement stands in one file",
        "No statement about a thing with an IRI stands in two files.",
        "Each statement is to be read, sourced and corrected in one place.",
        "Keep the statement in the file that the thing belongs to, and remove it from the other.",
        wrong=(
            (_FILE, _COALITION + _SKOS + _NAMED),
            (
                "data/coalitions/open-shore.ttl",
                _COALITION + _SKOS + '\ncoalition:harbor-light\n    skos:prefLabel "Harbor Light"@en ;\n.\n\n'
                'coalition:open-shore\n    skos:prefLabel "Open Shore"@en ;\n.\n',
            ),
        ),
        right=(
            (_FILE, _COALITION + _SKOS + _NAMED),
            (
                "data/coalitions/open-shore.ttl",
                _COALITION + _SKOS + '\ncoalition:open-shore\n    skos:prefLabel "Open Shore"@en ;\n.\n',
            ),
        ),
    ),
    Rule(
        "unresolved-import",
        "reference",
        Severity.WARNING,
        "What is imported is given",
        "What a file imports with owl:imports is among the files that are given, or is our own ontology or shapes.",
        "Nothing is fetched from the network while validating; what stands in a missing file does not count.",
        "Give the imported file too, or remove the import.",
        wrong=(("shapes.ttl", _IMPORT),),
        right=(
            ("shapes.ttl", _IMPORT),
            ("names.ttl", _OWL + "\n<https://example.org/names>\n    a owl:Ontology ;\n.\n"),
        ),
    ),
    Rule(
        "broken-shape",
        "syntax",
        Severity.VIOLATION,
        "Shapes can be judged by",
        "Shapes are written as SHACL says: what a parameter needs is there, once, and of the right kind; what a shape "
        "refers to is described; queries can be parsed, and make no connections.",
        "Programs pass over a broken shape without a word, each in its own way, and all looks well.",
        "Correct the shape at the place that the finding names; nothing is checked until then.",
        wrong=(
            (
                "shapes.ttl",
                _COAL + _SH + _SKOS + "\n<https://example.org/shapes#Named>\n    a sh:NodeShape ;\n"
                "    sh:property <https://example.org/shapes#Named-name> ;\n    sh:targetClass coal:Coalition ;\n.\n\n"
                '<https://example.org/shapes#Named-name>\n    sh:minCount "one" ;\n    sh:path skos:prefLabel ;\n.\n',
            ),
        ),
        right=(("shapes.ttl", _NAMED_SHAPE),),
    ),
    Rule(
        "unsupported-shape",
        "coverage",
        Severity.WARNING,
        "All that a shape says is judged",
        "Shapes keep to SHACL Core and SHACL-SPARQL, and do not refer to themselves.",
        "What is not judged passes by accident: extensions of SHACL (rules, expressions, JavaScript, targets by query) "
        "are passed over here, and of a shape that refers to itself SHACL does not say what it means.",
        "Say it by sh:sparql or by a parameter of SHACL Core, or check it elsewhere.",
        wrong=(
            (
                "shapes.ttl",
                _COAL + _SH + "\n<https://example.org/shapes#Named>\n    a sh:NodeShape ;\n"
                "    sh:node <https://example.org/shapes#Named> ;\n    sh:targetClass coal:Coalition ;\n.\n",
            ),
        ),
        right=(("shapes.ttl", _NAMED_SHAPE),),
    ),
    Rule(
        "unmatched-shape",
        "coverage",
        Severity.WARNING,
        "A shape finds something to look at",
        "There is at least one node in the data that a shape is applied to.",
        "A shape whose class is misspelt checks nothing, and looks as if all were well.",
        "Correct the target of the shape, or the class in the data. With --strict this is a violation.",
        wrong=(
            (
                "shapes.ttl",
                _COAL + _SH + _SKOS + "\n<https://example.org/shapes#Named>\n    a sh:NodeShape ;\n"
                "    sh:property <https://example.org/shapes#Named-name> ;\n    sh:targetClass coal:Colaition ;\n.\n\n"
                "<https://example.org/shapes#Named-name>\n    sh:minCount 1 ;\n    sh:path skos:prefLabel ;\n.\n",
            ),
        ),
        right=(("shapes.ttl", _NAMED_SHAPE),),
    ),
    Rule(
        "dangling-reference",
        "reference",
        Severity.VIOLATION,
        "What is referred to exists",
        "An IRI under the base of the data set is one that the data set publishes, to the letter: http is not https, "
        "and a slash more or less makes another IRI. What is given a type counts as a new record.",
        "Whoever follows the reference would be led to an error page, and no query finds what is linked in this way.",
        "Correct the IRI; where the finding proposes one that is spelled alike, see whether it is meant. With --shapes "
        "this is a warning, since the copy that is compared with may be older than the reference.",
        wrong=(("report.ttl", _REPORT + "    schema:about coalition:clean-watr-coalition ;\n.\n"),),
        right=(("report.ttl", _REPORT + "    schema:about coalition:clean-water-coalition ;\n.\n"),),
    ),
    Rule(
        "document-reference",
        "reference",
        Severity.WARNING,
        "A thing is referred to, and not the page about it",
        "The address of a document, under doc/ or with a suffix such as .html, stands only where a page is meant, as "
        "with rdfs:seeAlso, foaf:page, dcterms:source or schema:url.",
        "A coalition is not a page: what is said of the page is not said of the coalition, and is not found with it.",
        "Write id/ in place of doc/, without a suffix; or link the page with rdfs:seeAlso.",
        wrong=(("report.ttl", _REPORT + f"    schema:about <{HOME}doc/coalition/clean-water-coalition.html> ;\n.\n"),),
        right=(("report.ttl", _REPORT + "    schema:about coalition:clean-water-coalition ;\n.\n"),),
    ),
    Rule(
        "retired-reference",
        "reference",
        Severity.WARNING,
        "What is referred to is still published",
        "An IRI under the base of the data set is not one that was merged into another or withdrawn.",
        "A merged IRI still leads to its successor, but to a query they are two; a withdrawn one leads to a note.",
        "Refer to the successor that the finding names; remove the reference to what was withdrawn.",
        wrong=(
            (
                "data/retired.ttl",
                _COALITION + _DCTERMS + "\ncoalition:clean-water\n"
                "    dcterms:isReplacedBy coalition:clean-water-coalition ;\n.\n",
            ),
            ("report.ttl", _REPORT + "    schema:about coalition:clean-water ;\n.\n"),
        ),
        right=(("report.ttl", _REPORT + "    schema:about coalition:clean-water-coalition ;\n.\n"),),
    ),
    Rule(
        "unknown-term",
        "reference",
        Severity.WARNING,
        "A term is one that its vocabulary defines",
        "A property, class or datatype in the namespace of a vocabulary that is known here in full is one that the "
        "vocabulary defines, or one that is given a type in what is checked.",
        "No program knows a misspelt term: it is data that nobody asks for, and in a shape it is a rule that never "
        "speaks.",
        "Correct the spelling; where the finding proposes a term, see whether it is meant. Lists can be older than a "
        "vocabulary: --ignore unknown-term leaves these findings out.",
        wrong=((_FILE, _COALITION + _SKOS + '\ncoalition:harbor-light\n    skos:prefLable "Harbor Light"@en ;\n.\n'),),
        right=((_FILE, _COALITION + _SKOS + _NAMED),),
    ),
)
"""Every rule of this kind, with examples that are tested to be wrong, or right, by it."""
