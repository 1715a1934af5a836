"""A made-up state with three coalitions, written over the skeleton that `publisher new` makes."""

from pathlib import Path
from typing import Final

TITLE: Final = "Cascadia Coalitions"
BASE: Final = "https://example.org/cascadia/"

_RENAMED: Final = {
    "data/agendas.ttl": {
        "agenda:example-agenda": "agenda:fair-state",
        '"A heading of the example page."': '"Coalitions for fair pay and fair rents."',
        '"Example Agenda"': '"A Fair State"',
    },
    "data/aims.ttl": {
        "aim:example-aim": "aim:higher-minimum-wage",
        '"What is to change, in one sentence."': '"The minimum wage rises to 20 dollars."',
        '"Example aim"': '"Higher minimum wage"',
    },
    "data/issues.ttl": {
        "issue:example-issue": "issue:wages",
        '"What the example issue covers."': '"What work is paid."',
        '"Example issue"': '"Wages"',
    },
    "data/organizations.ttl": {'"Maintainers of the data set"': '"Cascadia Data Collective"'},
    "data/dataset.ttl": {
        "coalition:example-coalition": "coalition:fair-pay",
        '"Coalitions, the agendas under which they are listed, what they seek, the policy issues on which they work, '
        'and the pages that say so."': '"Three coalitions of the state of Cascadia."',
    },
    "data/sources.ttl": {
        '"Example page"': '"Our partners"',
        "https://www.example.org/coalitions": "https://www.partners.example/",
    },
    "data/coalitions.ttl": {
        "coalition:example-coalition": "coalition:fair-pay",
        '"Example Coalition"': '"Fair Pay Coalition"',
        "https://www.example.org/": "https://www.fair-pay.example/",
        '"Seeks what the page says, in your own words."': '"Seeks a minimum wage of 20 dollars."',
    },
}
"""What is replaced in the example records: file -> old -> new."""
_OTHERS: Final = """
coalition:night-bus
    a org:Organization ;
    a coal:Coalition ;
    dcterms:source source:example-page ;
    skos:prefLabel "Night Bus Coalition"@en ;
    foaf:homepage <https://www.night-bus.example/> ;
    coal:advances agenda:fair-state ;
    coal:worksOn issue:wages ;
.

coalition:union-alliance
    a org:Organization ;
    a coal:Coalition ;
    dcterms:source source:example-page ;
    skos:prefLabel "Union Alliance"@en ;
    coal:advances agenda:fair-state ;
    coal:seeks aim:higher-minimum-wage ;
    coal:statedPurpose "Seeks higher wages for all."@en ;
    coal:worksOn issue:wages ;
.
"""


def fill(root: Path) -> None:
    """Replace the example records by those of the made-up state, as somebody would by hand."""
    references = {
        old: new for changes in _RENAMED.values() for old, new in changes.items() if not old.startswith(('"', "http"))
    }
    for name, changes in _RENAMED.items():
        path = root / name
        text = path.read_text(encoding="utf-8")
        for old, new in (changes | references).items():
            text = text.replace(old, new)
        path.write_text(text + (_OTHERS if name == "data/coalitions.ttl" else ""), encoding="utf-8")


def lines(root: Path) -> list[str]:
    """The lines of Turtle of a root, comments left out."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(root.rglob("*.ttl"))]
    return [line for text in texts for line in text.splitlines() if line.strip() and not line.startswith("#")]
