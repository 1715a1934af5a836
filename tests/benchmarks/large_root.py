"""A large root for measurements: python tests/benchmarks/large_root.py FOLDER TRIPLES.

It has the shape of the real data: coalitions with members, accounts and bills, in files of a thousand coalitions, and
hubs, such as one source and one role that everything refers to. Vocabulary and shapes are those of the software.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Final

BASE: Final = "https://example.org/large/"
PER_FILE: Final = 1000
"""Coalitions in one file."""
TRIPLES: Final = 40
"""Triples of one coalition with its parts and its bill."""
PREFIXES: Final = f"""@prefix agenda: <{BASE}id/agenda/> .
@prefix aim: <{BASE}id/aim/> .
@prefix bill: <{BASE}id/bill/> .
@prefix coal: <https://w3id.org/ma-coalitions/ontology#> .
@prefix coalition: <{BASE}id/coalition/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix issue: <{BASE}id/issue/> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix organization: <{BASE}id/organization/> .
@prefix role: <{BASE}id/role/> .
@prefix schema: <http://schema.org/> .
@prefix session: <{BASE}id/session/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix source: <{BASE}id/source/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

"""
DATASET: Final = f"""@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix void: <http://rdfs.org/ns/void#> .

<{BASE}dataset>
    a void:Dataset ;
    dcterms:license <https://creativecommons.org/publicdomain/zero/1.0/> ;
    dcterms:title "Large"@en ;
    void:uriSpace "{BASE}" ;
.
"""
WORDS: Final = [
    "fair",
    "clear",
    "open",
    "safe",
    "green",
    "just",
    "free",
    "bright",
    "common",
    "public",
    "local",
    "shared",
    "civic",
]


def write_root(folder: Path, triples: int) -> None:
    """Write the data of a root with about as many triples."""
    data = folder / "data"
    (data / "coalitions").mkdir(parents=True)
    (data / "dataset.ttl").write_text(DATASET)
    (data / "hubs.ttl").write_text(PREFIXES + "\n".join(_hubs()))
    number = max(1, triples // TRIPLES)
    for start in range(0, number, PER_FILE):
        texts = (_coalition(n) for n in range(start, min(number, start + PER_FILE)))
        (data / "coalitions" / f"{start:08}.ttl").write_text(PREFIXES + "\n".join(texts))


def _hubs() -> Iterator[str]:
    yield 'source:report\n    a coal:Source ;\n    dcterms:title "Report"@en ;\n.\n'
    yield 'role:member\n    a org:Role ;\n    skos:prefLabel "Member"@en ;\n.\n'
    yield 'session:194\n    a coal:LegislativeSession ;\n    skos:prefLabel "194th"@en ;\n.\n'
    for n in range(5):
        yield f'agenda:a{n}\n    a coal:Agenda ;\n    skos:notation "{n}" ;\n    skos:prefLabel "Agenda {n}"@en ;\n.\n'
    for n in range(50):
        yield f'issue:i{n}\n    a coal:Issue ;\n    skos:prefLabel "Issue {n}"@en ;\n.\n'


def _name(n: int) -> str:
    words = (WORDS[n % 13], WORDS[n // 13 % 13], WORDS[n // 169 % 13])
    return f"{' '.join(words)} coalition {n}"


def _coalition(n: int) -> str:
    name, own = _name(n), f"{BASE}id/coalition/c{n}"
    members = [f"<{own}/membership/{m}>" for m in range(3)]
    text = f"""coalition:c{n}
    a coal:Coalition ;
    dcterms:source source:report ;
    skos:altLabel "{name.title()}"@en ;
    skos:prefLabel "{name.capitalize()}"@en ;
    foaf:account <{own}/account/a> ;
    foaf:homepage <https://example.org/{n}> ;
    coal:acronym "C{n}" ;
    coal:advances agenda:a{n % 5} ;
    coal:backing <{own}/backing/b> ;
    coal:statedPurpose "Seeks what is {name}."@en ;
    coal:worksOn issue:i{n % 50}, issue:i{n * 7 % 50} ;
    org:hasMembership {", ".join(members)} ;
.

<{own}/account/a>
    a foaf:OnlineAccount ;
    foaf:accountName "c{n}" ;
    coal:printedAs "@c{n}" ;
.

<{own}/backing/b>
    a coal:Backing ;
    dcterms:source source:report ;
    coal:backs bill:b{n} ;
.

bill:b{n}
    a coal:Bill ;
    skos:prefLabel "H.{n} (194th)"@en ;
    coal:session session:194 ;
.
"""
    for m, member in enumerate(members):
        text += f"""
{member}
    a org:Membership ;
    dcterms:source source:report ;
    org:member coalition:c{(n * 31 + m) % max(1, n + 1)} ;
    org:role role:member ;
.
"""
    return text


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("triples", type=int)
    arguments = parser.parse_args()
    write_root(arguments.folder, arguments.triples)
