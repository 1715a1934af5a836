"""Made-up findings that between them have everything that a report can contain, for the tests of reports."""

from typing import Final

from publisher.diagnostic import Diagnostic, Related, Rule, Severity
from publisher.reports.report import Report

V, W, INFO = Severity.VIOLATION, Severity.WARNING, Severity.INFO
_EX: Final = "https://example.org/"
_SH: Final = "http://www.w3.org/ns/shacl#"

COUNT: Final = Diagnostic(
    "Aim-definition-count",
    V,
    "An aim has one definition.",
    "data/aims.ttl",
    12,
    5,
    "aim:clean-rivers",
    "skos:definition",
    end_line=12,
    end_column=20,
    label="Clean rivers",
    source='    skos:definition "Clean."@en ;',
    shape=_EX + "shapes#Aim-definition-count",
    component=_SH + "MaxCountConstraintComponent",
    terms=(f"<{_EX}id/aim/clean-rivers>", "<http://www.w3.org/2004/02/skos/core#definition>", ""),
)
NESTED: Final = Diagnostic(
    "Backing-node",
    W,
    "This backing is incomplete: 100% of it, as it happens.",
    "data/a, b: c.ttl",
    3,
    7,
    "_:n1f",
    "coal:backs",
    '"\N{MOUNTAIN}"@en',
    4,
    2,
    source='\tcoal:backs [ "\N{MOUNTAIN}\N{ESCAPE}[31m"@en,\r',
    component=_SH + "NodeConstraintComponent",
    terms=("_:n1f", "<https://w3id.org/ma-coalitions/ontology#backs>", '"\N{MOUNTAIN}"@en'),
    details=(
        Diagnostic(
            "Backing-source",
            W,
            "It has no\nsource.",
            "data/a, b: c.ttl",
            path="dcterms:source",
            terms=("_:n1f", "<http://purl.org/dc/terms/source>", "_:n2e"),
            component=_SH + "MinCountConstraintComponent",
        ),
    ),
    more=2,
    related=(Related("value of coal:backs of _:n1f", "data/a, b: c.ttl", 9, 3, 9, 14), Related("elsewhere", "x.ttl")),
)
FINDINGS: Final = (
    NESTED,
    COUNT,
    Diagnostic(
        "tidy", V, "The file is not in canonical form.", "data/aims.ttl", 40, proposal=_EX + "id/aim/clean-rivers"
    ),
    Diagnostic("unmatched-shape", INFO, "No node is looked at by this shape."),
    Diagnostic("unmatched-shape", INFO, "No node is looked at by this shape."),
)
RULES: Final = {
    rule.name: rule
    for rule in (
        Rule(
            "Aim-definition-count",
            "shape",
            V,
            "aim: one definition",
            "Every aim has exactly 1 value of skos:definition.",
            "Readers would have to guess which one is meant.",
            "Keep one definition & delete the others.",
            _EX + "rule/Aim-definition-count",
            (("two.ttl", "aim:a skos:definition 1, 2 .\n"),),
            (("one.ttl", "aim:a\n    skos:definition 1 ;\n\n.\n"),),
        ),
        Rule("tidy", "tidiness", V, "canonical form", "Every file is its own canonical text.", fix="Run tidy."),
        Rule("syntax", "syntax", V, "The file can be read", "Every file follows its grammar."),
    )
}
REPORT: Final = Report(
    FINDINGS, RULES, known=3, stale=["data/aims.ttl: An aim has a name. [Aim-name]"], notes=["Some were not looked at."]
)
