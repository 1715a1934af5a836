"""Write the term lists in `publisher/rdf/terms/` from those of rdflib: `python scripts/update_term_lists.py`."""

from pathlib import Path
from typing import Final

import rdflib
from rdflib import namespace

FOLDER: Final = Path(__file__).resolve().parents[1] / "publisher" / "rdf" / "terms"

VOCABULARIES: Final = {
    "dc": namespace.DC,
    "dcmitype": namespace.DCMITYPE,
    "dcterms": namespace.DCTERMS,
    "foaf": namespace.FOAF,
    "org": namespace.ORG,
    "owl": namespace.OWL,
    "prov": namespace.PROV,
    "rdf": namespace.RDF,
    "rdfs": namespace.RDFS,
    "schema": namespace.SDO,
    "sh": namespace.SH,
    "skos": namespace.SKOS,
    "vann": namespace.VANN,
    "void": namespace.VOID,
    "xsd": namespace.XSD,
}
"""Those that rdflib knows in full. Not DCAT, of which it has the second version, nor SPARQL's service description."""

FURTHER: Final = {
    "sh": {"Debug", "Trace", "targetShape", "values"},  # Drafts of SHACL 1.2 and of its advanced features.
    "xsd": {"anyAtomicType", "anySimpleType", "anyType", "error"},  # XML Schema 1.1 Datatypes, section 3.2.
}
"""Terms that specifications name and rdflib leaves out."""


def text(prefix: str) -> str:
    """The list of one vocabulary: a header, the namespace, then a term a line, in order."""
    vocabulary = VOCABULARIES[prefix]
    terms = {*vocabulary.__annotations__, *vocabulary._extras} | FURTHER.get(prefix, set())
    header = f"# Made by scripts/update_term_lists.py from rdflib {rdflib.__version__}; not to be edited."
    return "\n".join([header, str(vocabulary._NS), *sorted(terms)]) + "\n"


def main() -> None:
    """Write every list."""
    FOLDER.mkdir(exist_ok=True)
    for prefix in VOCABULARIES:
        (FOLDER / f"{prefix}.txt").write_text(text(prefix), encoding="utf-8")


if __name__ == "__main__":
    main()
