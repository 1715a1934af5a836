"""A small root of a fork: made-up coalitions of another state, with this checkout's vocabulary, shapes and checks."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

CHECKOUT: Final = Path(__file__).resolve().parents[2]
BASE: Final = "https://example.org/vt-coalitions/"
COALITION: Final = BASE + "id/coalition/green-mountain-water-coalition"

_PREFIXES: Final = {
    "coal": "https://w3id.org/ma-coalitions/ontology#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "org": "http://www.w3.org/ns/org#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "void": "http://rdfs.org/ns/void#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
} | {k: f"{BASE}id/{k}/" for k in ("agenda", "aim", "coalition", "issue", "organization", "scheme", "source")}


def text(prefixes: str, body: str) -> str:
    """A file: the prefixes named (in order, with spaces between) and the statements."""
    declared = "".join(f"@prefix {prefix}: <{_PREFIXES[prefix]}> .\n" for prefix in prefixes.split())
    return f"{declared}\n{body}"


MAPLE_FILE: Final = "data/coalitions/maple-coalition.ttl"
MAPLE: Final = text(
    "agenda coal coalition dcterms issue org skos source",
    """coalition:maple-coalition
    a org:Organization ;
    a coal:Coalition ;
    dcterms:source source:our-partners ;
    skos:prefLabel "Maple Coalition"@en ;
    coal:advances agenda:clean-water-agenda ;
    coal:classifiedFrom source:our-partners ;
    coal:worksOn issue:water ;
.
""",
)
"""A further coalition, in a file of its own."""

DATASET: Final = text(
    "aim coal coalition dcat dcterms organization rdfs source void xsd",
    """<https://creativecommons.org/licenses/by/4.0/>
    rdfs:label "CC BY 4.0"@en ;
.

<https://example.org/vt-coalitions/dataset>
    a void:Dataset ;
    a dcat:Dataset ;
    dcterms:created "2026-11-22"^^xsd:date ;
    dcterms:creator organization:river-watch ;
    dcterms:description "Made-up coalitions of Vermont."@en ;
    dcterms:license <https://creativecommons.org/licenses/by/4.0/> ;
    dcterms:publisher organization:river-watch ;
    dcterms:source source:our-partners ;
    dcterms:title "Vermont Coalitions"@en ;
    void:exampleResource aim:clean-rivers ;
    void:exampleResource coalition:green-mountain-water-coalition ;
    void:uriSpace "https://example.org/vt-coalitions/" ;
    void:vocabulary coal: ;
.
""",
)

COALITION_TEXT: Final = "# Green Mountain Water Coalition.\n\n" + text(
    "agenda aim coal coalition dcterms foaf issue org skos source",
    """coalition:green-mountain-water-coalition
    a org:Organization ;
    a coal:Coalition ;
    dcterms:source source:our-partners ;
    skos:prefLabel "Green Mountain Water Coalition"@en ;
    foaf:account <https://example.org/vt-coalitions/id/coalition/green-mountain-water-coalition/account/twitter> ;
    foaf:homepage <https://www.green-mountain-water.example/> ;
    coal:acronym "GMWC" ;
    coal:advances agenda:clean-water-agenda ;
    coal:classifiedFrom source:our-partners ;
    coal:seeks aim:clean-rivers ;
    coal:statedPurpose "To make the rivers of Vermont clean."@en ;
    coal:worksOn issue:water ;
.

<https://example.org/vt-coalitions/id/coalition/green-mountain-water-coalition/account/twitter>
    a foaf:OnlineAccount ;
    skos:prefLabel "gmwater on Twitter"@en ;
    foaf:accountName "gmwater" ;
    foaf:accountServiceHomepage <https://twitter.com/> ;
    coal:printedAs "@gmwater" ;
.
""",
)

FILES: Final = {
    "data/dataset.ttl": DATASET,
    "data/coalitions/green-mountain-water-coalition.ttl": COALITION_TEXT,
    "data/agendas.ttl": text(
        "agenda coal dcterms scheme skos source",
        """agenda:clean-water-agenda
    a skos:Concept ;
    a coal:Agenda ;
    dcterms:source source:our-partners ;
    skos:definition "Coalitions listed for their work on clean water."@en ;
    skos:inScheme scheme:agendas ;
    skos:notation "1" ;
    skos:prefLabel "Clean Water Agenda"@en ;
    skos:topConceptOf scheme:agendas ;
.

scheme:agendas
    a skos:ConceptScheme ;
    dcterms:description "The headings of the page, in its order."@en ;
    dcterms:source source:our-partners ;
    skos:prefLabel "Agendas"@en ;
.
""",
    ),
    "data/aims.ttl": text(
        "aim coal dcterms issue skos source",
        """aim:clean-rivers
    a coal:Aim ;
    dcterms:source source:our-partners ;
    skos:definition "The rivers of Vermont are clean."@en ;
    skos:prefLabel "Clean rivers"@en ;
    coal:concerns issue:water ;
.
""",
    ),
    "data/issues.ttl": text(
        "coal dcterms issue organization prov scheme skos",
        """issue:water
    a skos:Concept ;
    a coal:Issue ;
    skos:definition "Drinking water, waste water and the waters of the state."@en ;
    skos:inScheme scheme:issues ;
    skos:prefLabel "Water"@en ;
    skos:topConceptOf scheme:issues ;
    prov:wasAttributedTo organization:river-watch ;
.

scheme:issues
    a skos:ConceptScheme ;
    dcterms:description "The policy issues on which coalitions work."@en ;
    skos:prefLabel "Policy issues"@en ;
    prov:wasAttributedTo organization:river-watch ;
.
""",
    ),
    "data/organizations.ttl": text(
        "dcterms org organization skos source",
        """organization:river-watch
    a org:Organization ;
    dcterms:source source:our-partners ;
    skos:prefLabel "River Watch"@en ;
.
""",
    ),
    "data/sources.ttl": text(
        "coal dcterms organization schema source xsd",
        """source:our-partners
    a coal:Source ;
    dcterms:publisher organization:river-watch ;
    dcterms:title "Our Partners"@en ;
    schema:url <https://www.riverwatch.example/partners/> ;
    coal:readOn "2026-11-22"^^xsd:date ;
.
""",
    ),
}
"""Path -> text, in canonical form."""


LEAN_SHAPES: Final = text(
    "coal sh",
    """<https://w3id.org/ma-coalitions/shapes#Lean>
    a sh:NodeShape ;
    sh:property <https://w3id.org/ma-coalitions/shapes#Lean-worksOn> ;
    sh:targetClass coal:Coalition ;
.

<https://w3id.org/ma-coalitions/shapes#Lean-worksOn>
    a sh:PropertyShape ;
    sh:message "This coalition works on nothing."@en ;
    sh:minCount 1 ;
    sh:path coal:worksOn ;
.
""",
)


LEAN_CHECKS: Final = ("shapes/checks/unused-aim.rq", "shapes/checks/unused-source.rq")


def copy_ontology(root: Path) -> None:
    """Give a root the files of the ontology, for a test to change."""
    shutil.copytree(CHECKOUT / "ontology", root / "ontology", dirs_exist_ok=True)


def build(
    folder: Path,
    files: Mapping[str, str] | None = None,
    *,
    examples: bool = False,
    lean: bool = False,
    whole: bool = False,
) -> Path:
    """Make the root in a folder, with the files given (path -> text) added or in place of its own.

    examples: whether to copy the shapes with their examples. lean: with one shape and two checks instead of all of this
    checkout's, for tests of something else. whole: with copies of ontology/ and shapes/; else, where nothing in them is
    changed, they are left to the software, since copying takes longer than most tests. The root returned has its links
    resolved.
    """
    changed = {path.partition("/")[0] for path in files or {}}
    if whole or "ontology" in changed:
        copy_ontology(folder)
    if not lean and (whole or examples or "shapes" in changed):
        unwanted = shutil.ignore_patterns(*([] if examples else ["examples"]))
        shutil.copytree(CHECKOUT / "shapes", folder / "shapes", ignore=unwanted, dirs_exist_ok=True)
    checks = {path: (CHECKOUT / path).read_text(encoding="utf-8") for path in LEAN_CHECKS}
    leanness = {"shapes/lean.ttl": LEAN_SHAPES, **checks} if lean else {}
    for path, content in {**FILES, **leanness, **(files or {})}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content.encode())
    return folder.resolve()
