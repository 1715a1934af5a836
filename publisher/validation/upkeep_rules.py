"""Built-in rules about what hides findings: comments that suppress them, and baselines."""

from typing import Final

from publisher.diagnostic import Rule, Severity
from publisher.rdf.namespaces import HOME, SKOS, XSD

_FILE: Final = "data/coalitions/harbor-light.ttl"
_COALITION: Final = f"@prefix coalition: <{HOME}id/coalition/> .\n"
_SKOS: Final = f"@prefix skos: <{SKOS}> .\n"
_XSD: Final = f"@prefix xsd: <{XSD}> .\n"
_NAMED: Final = '\ncoalition:harbor-light\n    skos:prefLabel "Harbor Light"@en ;\n.\n'
_TWO_NAMES: Final = _NAMED.replace(" ;\n", ' ;\n    skos:prefLabel "Open Shore"@en ;\n')
_KNOWN: Final = f"""{{
  "version": 1,
  "findings": [
    {{
      "file": "{_FILE}",
      "rule": "Coalition-prefLabel-count",
      "focus": "<{HOME}id/coalition/harbor-light>",
      "message": "A coalition has one name.",
      "count": 1,
      "fingerprint": "0b4f7a6d6d1d1e8c53f8b3a5a2f9c7e1"
    }}
  ]
}}
"""
STALE: Final = "stale-baseline"
"""The rule about the entries of a baseline that no longer occur."""

UPKEEP_RULES: Final = (
    Rule(
        "unused-suppression",
        "coverage",
        Severity.WARNING,
        "Every comment that ignores a rule is needed",
        "A comment `# publisher: ignore RULE` names a rule that has a finding on its line, or, if the comment stands "
        "alone, on the line below.",
        "A comment that is no longer needed would hide the next mistake on its line; one with a misspelled rule hides "
        "nothing.",
        "Remove the name of the rule, or the whole comment; or correct the spelling.",
        wrong=(
            (
                "boat.ttl",
                _XSD + '\n<https://example.org/boat>\n    <https://example.org/built> "1999"^^xsd:gYear ;'
                "  # publisher: ignore ill-typed\n.\n",
            ),
        ),
        right=(
            (
                "boat.ttl",
                _XSD + '\n<https://example.org/boat>\n    <https://example.org/built> "1999"^^xsd:gYear ;\n.\n',
            ),
        ),
    ),
    Rule(
        STALE,
        "coverage",
        Severity.VIOLATION,
        "Every entry of the baseline still occurs",
        "With --fail-on-stale, each finding that the baseline lists is still found in the files validated.",
        "A mistake that was corrected could come back, and the baseline would hide it.",
        "Remove the entry from the baseline, or write the baseline again with --write-baseline.",
        wrong=(("known.json", _KNOWN), (_FILE, _COALITION + _SKOS + _NAMED)),
        right=(("known.json", _KNOWN), (_FILE, _COALITION + _SKOS + _TWO_NAMES)),
    ),
)
