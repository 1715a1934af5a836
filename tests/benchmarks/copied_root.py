"""A large root without violations, for measurements: python tests/benchmarks/copied_root.py FOLDER TRIPLES.

It has the data of this repository, and as many renamed copies of its coalitions, organizations, aims and sources as
make up the number of triples. Each copy is one folder of files. Vocabulary and shapes are those of the software.
"""

import argparse
import re
import shutil
from pathlib import Path
from typing import Final

from publisher.dataset.repository import read_repository

ROOT: Final = Path(__file__).resolve().parents[2]
KINDS: Final = "coalition|organization|aim|source"
FILES: Final = ("coalitions/*.ttl", "organizations.ttl", "aims.ttl", "sources.ttl")
SOURCES: Final = "sources.ttl"
_NAME: Final = re.compile(rf"\b({KINDS}):(?=[a-z0-9])|(/id/(?:{KINDS})/)(?=[a-z0-9])(?=[^ ]*>)")
_LABEL: Final = re.compile(r'((?:skos:\w+Label|dcterms:title) ".*)(?="@en ;)')
_ACRONYM: Final = re.compile(r'(coal:acronym ".*)(?=" ;)')
_ADDRESS: Final = re.compile(r"((?:schema:url|foaf:homepage|foaf:page|owl:sameAs) <[^>]*)(?=>)")


def write_root(folder: Path, triples: int) -> None:
    """Write the data of a root with about as many triples; at least those of this repository."""
    data = ROOT / "data"
    shutil.copytree(data, folder / "data", ignore=shutil.ignore_patterns("releases"))
    number = sum(len(file.triples) for file in read_repository(folder).files)
    texts = _read_texts(data)
    copies = 0
    while number < triples:
        copies += 1
        for name, text in texts.items():
            copy = _rename(text, copies)
            target = folder / f"data/copies/{copies:04}" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(copy)
            number += copy.count(" ;\n")


def _read_texts(data: Path) -> dict[str, str]:
    """The texts to copy, by file, without the sources that only files cite which are not copied."""
    texts = {str(p.relative_to(data)): p.read_text() for pattern in FILES for p in sorted(data.glob(pattern))}
    cited = set(re.findall(r"\bsource:[\w-]+", "".join(text for name, text in texts.items() if name != SOURCES)))
    head, *blocks = texts[SOURCES].split("\n\nsource:")
    kept = [block for block in blocks if f"source:{block.split()[0]}" in cited]
    return texts | {SOURCES: "\n\nsource:".join([head, *(block.rstrip("\n") for block in kept)]) + "\n"}


def _rename(text: str, number: int) -> str:
    """A text with its own things, their names and their addresses renamed."""
    text = _NAME.sub(lambda found: f"{found[1]}:c{number}-" if found[1] else f"{found[2]}c{number}-", text)
    text = _LABEL.sub(rf"\g<1> {number}", text)
    text = _ACRONYM.sub(rf"\g<1>{number}", text)
    return _ADDRESS.sub(rf"\g<1>?copy={number}", text)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("triples", type=int)
    arguments = parser.parse_args()
    write_root(arguments.folder, arguments.triples)
