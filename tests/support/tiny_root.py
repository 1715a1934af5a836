"""A tiny root without the vocabulary and the shapes of the software: it is compiled in a tenth of a second."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from support.files import write_file

from publisher.rdf.namespaces import SH, SKOS, VOID

BASE: Final = "https://example.org/"
FILES: Final = {
    "data/dataset.ttl": f'<{BASE}dataset> a <http://rdfs.org/ns/void#Dataset> ; <{VOID}uriSpace> "{BASE}" .',
    "data/things.ttl": f"""
        <{BASE}id/coalition/thing> a <{BASE}ns#Thing> ; <{SKOS}prefLabel> "Thing"@en ; <{BASE}ns#size> 7 ;
            <{BASE}ns#near> <{BASE}id/coalition/b> .""",
    "data/shortcuts/01-far.rq": "# title: Far\n# why: A reason.\n"
    f"CONSTRUCT {{ ?o <{BASE}ns#nearOf> ?s }} {{ ?s <{BASE}ns#near> ?o }}\n",
    "ontology/prefixes.ttl": f'<{BASE}ex> <{SH}prefix> "ex" ; <{SH}namespace> "{BASE}ns#" .',
    "ontology/context.jsonld": '{"@context": {}}',
    "ontology/questions/01-size.rq": "# title: Size\n# question: How large?\n# keywords: size\nASK {}\n",
    "shapes/size.ttl": f'<{BASE}shapes#size> <{SH}description> "A shape." .',
}
"""Frozen: the hash of what is stored for them is a test's (`release/test_compiler`)."""


def build(folder: Path, files: Mapping[str, str] | None = None) -> Path:
    """Write the root into a folder, with the files given (path -> text) added or replaced, and return it."""
    for path, text in (FILES | dict(files or {})).items():
        write_file(folder, path, text)
    return folder
