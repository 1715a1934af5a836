"""Built-in rules: those written in the software rather than in shapes or checks, with examples."""

from typing import Final

from publisher.diagnostic import Rule, Severity
from publisher.rdf.namespaces import DCTERMS, HOME, OWL, PROV, SCHEMA, SH, SKOS, VOCABULARY, XSD
from publisher.validation.upkeep_rules import UPKEEP_RULES

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
_SOURCES: Final = "data/sources/their-page.ttl"
_READ: Final = (
    f'{_COAL}@prefix source: <{HOME}id/source/> .\n{_XSD}\nsource:their-page\n    coal:readOn "{{}}"^^xsd:date ;\n.\n'
)
_LINK: Final = _COALITION + _SKOS + "\ncoalition:clean-water-coalition\n    skos:closeMatch <urn:example:1> ;\n.\n"
_RENAMED: Final = f'{_COALITION}{_SKOS}\ncoalition:harbor-lights\n    skos:prefLabel "Harbor Light"@en ;\n.\n'
_MERGED: Final = (
    f"{_COALITION}{_DCTERMS}@prefix prov: <{PROV}> .\n{_SKOS}{_XSD}\ncoalition:harbor-light\n"
    "    dcterms:isReplacedBy coalition:harbor-lights ;\n"
    '    skos:changeNote "The name was corrected."@en ;\n'
    '    prov:invalidatedAtTime "2026-11-22T00:00:00Z"^^xsd:dateTime ;\n.\n'
)
_WITHDRAWN: Final = (
    f"{_COALITION}@prefix prov: <{PROV}> .\n{_SKOS}{_XSD}\ncoalition:harbor-light\n"
    '    skos:changeNote "No page names it."@en ;\n'
    '    prov:invalidatedAtTime "2026-11-22T00:00:00Z"^^xsd:dateTime ;\n.\n'
)

BEFORE: Final = " (last commit)"
"""Ends the name of an example's file as it was at the last commit."""

_NAMED_SHAPE: Final = (
    _COAL + _SH + _SKOS + "\n<https://example.org/shapes#Named>\n    a sh:NodeShape ;\n"
    "    sh:property <https://example.org/shapes#Named-name> ;\n    sh:targetClass coal:Coalition ;\n.\n\n"
    "<https://example.org/shapes#Named-name>\n    sh:minCount 1 ;\n    sh:path skos:prefLabel ;\n.\n"
)

_DROPPED: Final = """{{
  "@context": {{
    "license": {{"@id": "http://purl.org/dc/terms/license", "@type": "@id"}}
  }},
  "@id": "https://example.org/boat",
  "{}": "https://example.org/terms-of-use"
}}
"""

BUILT_IN: Final = (
    Rule(
        "syntax",
        "syntax",
        Severity.VIOLATION,
        "The file can be read",
        "Every file is encoded in UTF-8 and follows the grammar of its format.",
        "Programs refuse a file with a syntax error, or guess what it means.",
        "Check the location of the finding and the text before it: usually a quotation mark, a semicolon or a period "
        "is missing, or a prefix is not declared.",
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
        "dropped-statement",
        "syntax",
        Severity.WARNING,
        "Everything in a JSON-LD file makes a statement",
        "Every key is mapped by a context, or is an IRI; every IRI is valid, and has a base if it is relative; every "
        "language tag is well-formed; no object has a key twice; a graph holds objects only. An unmapped key is a "
        "warning, all else a violation.",
        "JSON-LD processors ignore such members silently: nothing checks them, and the data lacks them.",
        "Correct the spelling, or add the term to the context. Map it to null if it is to be ignored.",
        wrong=(("boat.jsonld", _DROPPED.format("lisence")),),
        right=(("boat.jsonld", _DROPPED.format("license")),),
    ),
    Rule(
        "empty",
        "coverage",
        Severity.WARNING,
        "The file has statements",
        "Every file to validate has at least one statement.",
        "An empty file passes every check. Usually it means that an earlier step failed.",
        "Check the step that writes the file. Remove the file if it is not needed.",
        wrong=((_FILE, "# Nothing is written here yet.\n"),),
        right=((_FILE, _COALITION + _SKOS + _NAMED),),
    ),
    Rule(
        "tidy",
        "tidiness",
        Severity.VIOLATION,
        "The file is in canonical form",
        "A file of the repository is byte for byte what publisher tidy writes: sorted, with one statement per line.",
        "If each graph has only one form, the difference between two versions shows only changes in meaning.",
        "Run publisher tidy. It rewrites the file and keeps its statements.",
        wrong=((_FILE, _COALITION + _SKOS + '\ncoalition:harbor-light skos:prefLabel "Harbor Light"@en.\n'),),
        right=((_FILE, _COALITION + _SKOS + _NAMED),),
    ),
    Rule(
        "stray-comment",
        "tidiness",
        Severity.VIOLATION,
        "Comments are only at the top of the file",
        "A file of the repository may begin with comment lines. There are no comments below them.",
        "A comment between statements is lost when a program rewrites the file, and no query can read it.",
        "Write a statement with skos:editorialNote instead, or move the comment to the top of the file.",
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
        "A literal is in the form that the store keeps",
        "Numbers, dates and other typed literals of the repository are in the form that the store returns, and texts "
        "have no characters that RDF/XML cannot hold.",
        "Otherwise files, pages, downloads and the endpoint show different forms of the same value.",
        "Write the literal in the form that the finding gives.",
        wrong=((_FILE, _COALITION + _SCHEMA + "\ncoalition:harbor-light\n    schema:numberOfEmployees 007 ;\n.\n"),),
        right=((_FILE, _COALITION + _SCHEMA + "\ncoalition:harbor-light\n    schema:numberOfEmployees 7 ;\n.\n"),),
    ),
    Rule(
        "shared-blank-node",
        "tidiness",
        Severity.VIOLATION,
        "A blank node is referenced once",
        "A blank node is referenced at most once, does not lead back to itself and is not nested too deeply. Files are "
        "RDF 1.1.",
        "Other blank nodes have no canonical form: a small change would reorder the whole file.",
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
        "A literal is valid for its datatype",
        "The text of a literal is in the lexical space of its datatype (XML Schema 1.1 Datatypes, section 3.3). A date "
        "exists in the calendar.",
        "A query that filters or sorts by date or number silently leaves out literals that are not valid.",
        "Correct the text or the datatype. A date is written 2017-08-29, a year 2017.",
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
        "A statement is in one file only",
        "No statement about a thing with an IRI is in two files.",
        "Each statement is read, sourced and corrected in one place.",
        "Keep the statement in the file of the thing that it is about, and remove it from the other.",
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
        "Imported files are given",
        "A file that owl:imports names is among the files given, or is the ontology or the shapes of this data set.",
        "Validation fetches nothing from the network, so a missing file is ignored.",
        "Add the imported file to the command, or remove the import.",
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
        "Shapes follow the syntax of SHACL",
        "Each parameter has the number and kind of values that SHACL requires. Shapes that are referenced are defined. "
        "Queries can be parsed and make no connections.",
        "SHACL engines silently ignore broken shapes, each in its own way, and the data seems to conform.",
        "Correct the shape at the place of the finding. Until then the constraint is left out, and the run ends with "
        "exit code 2; --allow-broken-shapes makes this a warning.",
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
        "Shapes use supported features only",
        "Shapes use SHACL Core and SHACL-SPARQL only, and do not refer to themselves.",
        "Extensions of SHACL (rules, expressions, JavaScript, SPARQL targets) are ignored, so data passes that they "
        "would reject. SHACL does not define what a recursive shape means.",
        "Use sh:sparql or SHACL Core instead, or check this with another tool.",
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
        Severity.VIOLATION,
        "The targets of a shape match a node",
        "At least one node in the data is a target of the shape.",
        "A shape with a misspelled class checks nothing, and the data seems to conform.",
        "Correct the target of the shape, or the class in the data. Only --strict reports this rule; without it, the "
        "report counts such shapes.",
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
        "References lead to published things",
        "An IRI under the base of the data set is exactly one that the data set publishes: http and https differ, and "
        "so does an IRI with an additional slash. A thing with a type counts as a new record.",
        "The reference leads to an error page, and no query finds things that are linked in this way.",
        "Correct the IRI. If the finding suggests a similar one, check whether it is meant. With --shapes this is a "
        "warning, because the local copy of the data set may be older than the reference.",
        wrong=(("report.ttl", _REPORT + "    schema:about coalition:clean-watr-coalition ;\n.\n"),),
        right=(("report.ttl", _REPORT + "    schema:about coalition:clean-water-coalition ;\n.\n"),),
    ),
    Rule(
        "document-reference",
        "reference",
        Severity.WARNING,
        "References are to things, not to pages about them",
        "The address of a document, under doc/ or with a suffix such as .html, is used only for pages, for example "
        "with rdfs:seeAlso, foaf:page, dcterms:source or schema:url.",
        "A coalition is not a page: a statement about the page is not about the coalition, and is not found with it.",
        "Write id/ instead of doc/, without a suffix, or link to the page with rdfs:seeAlso.",
        wrong=(("report.ttl", _REPORT + f"    schema:about <{HOME}doc/coalition/clean-water-coalition.html> ;\n.\n"),),
        right=(("report.ttl", _REPORT + "    schema:about coalition:clean-water-coalition ;\n.\n"),),
    ),
    Rule(
        "retired-reference",
        "reference",
        Severity.WARNING,
        "References are to things that are still published",
        "An IRI under the base of the data set was neither merged into another nor withdrawn.",
        "A merged IRI redirects to its successor, but a query sees two things. A withdrawn IRI leads to a note.",
        "Use the successor that the finding names. Remove references to things that were withdrawn.",
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
        "Terms are defined by their vocabularies",
        "A property, class or datatype in the namespace of a known vocabulary is defined by that vocabulary, or has a "
        "type in the files given.",
        "Programs ignore misspelled terms: no query matches them, and a shape with one finds nothing.",
        "Correct the spelling. If the finding suggests a term, check whether it is meant. If the built-in list is "
        "older than the vocabulary, use --ignore unknown-term.",
        wrong=((_FILE, _COALITION + _SKOS + '\ncoalition:harbor-light\n    skos:prefLable "Harbor Light"@en ;\n.\n'),),
        right=((_FILE, _COALITION + _SKOS + _NAMED),),
    ),
    Rule(
        "undefined-term",
        "reference",
        Severity.VIOLATION,
        "A term of our vocabulary is defined there",
        "A property or class in the namespace of our vocabulary is one that the ontology defines.",
        "Every query and every shape silently ignores a misspelled term.",
        "Correct the spelling, or define the term in the ontology first. With --shapes this is a warning, because your "
        "copy of the vocabulary may be older than the data.",
        wrong=((_FILE, _COAL + _COALITION + "\ncoalition:harbor-light\n    coal:seek coalition:harbor-light ;\n.\n"),),
        right=((_FILE, _COAL + _COALITION + "\ncoalition:harbor-light\n    coal:seeks coalition:harbor-light ;\n.\n"),),
    ),
    Rule(
        "future-date",
        "literal",
        Severity.VIOLATION,
        "Nothing was read or issued in the future",
        "A date of reading, issue, creation, change or withdrawal, and an “as of” date, is not after the reference "
        "date: that of --as-of, else of the last commit, else today.",
        "Such a date is a typo.",
        "Correct the date. Dates of elections and hearings and the ends of sessions may lie ahead.",
        wrong=((_SOURCES, _READ.format("9026-11-22")),),
        right=((_SOURCES, _READ.format("2026-11-22")),),
    ),
    Rule(
        "unclear-retirement",
        "contract",
        Severity.VIOLATION,
        "A retired record has at most one successor",
        "Each URI in data/retired.ttl that was merged has one successor (dcterms:isReplacedBy), an IRI, and following "
        "the successors never leads back to it. No other file describes a URI of that list.",
        "The address of the URI redirects to its last successor; a loop or a choice leads nowhere.",
        "State the one URI that stands for the record now, or that it was withdrawn; or remove it from the list.",
        wrong=(("data/retired.ttl", _MERGED.replace("harbor-lights", "harbor-light")),),
        right=(("data/retired.ttl", _MERGED),),
    ),
    Rule(
        "incomplete-retirement",
        "contract",
        Severity.WARNING,
        "A retired record states when and why",
        "Each URI in data/retired.ttl has the date on which it was merged or withdrawn (prov:invalidatedAtTime, a "
        "valid xsd:date or xsd:dateTime), and the reason (skos:changeNote, a text that is not empty).",
        "Who followed a link to the URI reads them on its page, and who follows the changes finds them in the feeds.",
        "Add the date and the reason.",
        wrong=(
            (
                "data/retired.ttl",
                _WITHDRAWN.replace('    skos:changeNote "No page names it."@en ;\n', "").replace(_SKOS, ""),
            ),
        ),
        right=(("data/retired.ttl", _WITHDRAWN),),
    ),
    Rule(
        "missing-iri",
        "contract",
        Severity.VIOLATION,
        "A published URI is still published",
        "Each thing, part, term, shape and context term that was published at the last commit, the latest tag or by a "
        "release (data/releases/*/iris.tsv) still is, or stands in data/retired.ttl; terms can only be deprecated.",
        "Other data sets refer to the URI; their links would break.",
        "Restore what was removed. If it was merged or withdrawn, say so in data/retired.ttl.",
        wrong=((f"{_FILE}{BEFORE}", _COALITION + _SKOS + _NAMED), (_FILE, "# Nothing is left.\n")),
        right=((f"{_FILE}{BEFORE}", _COALITION + _SKOS + _NAMED), ("data/retired.ttl", _WITHDRAWN)),
    ),
    Rule(
        "changed-iri",
        "contract",
        Severity.VIOLATION,
        "A published URI does not change",
        "A thing keeps its URI, even if its name changes. This rule reports a URI that is gone while a new one has the "
        "same name or the same statements; one that has lost the class that a release published; one whose name and "
        "sources are all others than in the last release; and a term of the JSON-LD context that stands for something "
        "else.",
        "Other data sets refer to the old URI; their links would break.",
        "Keep the old URI; or, if it must change, add to data/retired.ttl that the old one dcterms:isReplacedBy the "
        "new one, so that it redirects.",
        wrong=((f"{_FILE}{BEFORE}", _COALITION + _SKOS + _NAMED), (_FILE, _RENAMED)),
        right=(
            (f"{_FILE}{BEFORE}", _COALITION + _SKOS + _NAMED),
            (_FILE, _RENAMED),
            ("data/retired.ttl", _MERGED),
        ),
    ),
    Rule(
        "missing-file",
        "contract",
        Severity.VIOLATION,
        "A published file is still there",
        "A file that was there at the last commit or the latest tag still is; or its statements were moved to other "
        "files, or everything in it is retired.",
        "If a file is deleted by mistake, its statements are lost, and no other check reports it.",
        "Restore the file. If you removed it on purpose, state in data/retired.ttl that the URI named in the finding "
        "was withdrawn.",
        wrong=((f"data/links/lights.ttl{BEFORE}", _LINK), (_FILE, _COALITION + _SKOS + _NAMED)),
        right=((f"data/links/lights.ttl{BEFORE}", _LINK), ("data/links/harbors.ttl", _LINK)),
    ),
    *UPKEEP_RULES,
)
"""The built-in rules. The examples are tested: each wrong one violates its rule, each right one does not."""
