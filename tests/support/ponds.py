"""A repository of others: data about ponds, and shapes for them, with nothing of ours."""

from pathlib import Path
from typing import Final

from support.files import write_file

SHAPES: Final = """@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <https://pond.example/> .
ex:PondShape a sh:NodeShape ; sh:targetClass ex:Pond ; sh:property ex:Pond-name, ex:Pond-depth .
ex:Pond-name sh:path ex:name ; sh:minCount 1 ; sh:message "A pond has a name." .
ex:Pond-depth sh:path ex:depth ; sh:maxCount 1 ; sh:severity sh:Warning ; sh:message "A pond has one depth." .
"""
HEAD: Final = "@prefix ex: <https://pond.example/> .\n"
NAMELESS: Final = "ex:{} a ex:Pond .\n"
"""One finding of Pond-name."""
DEEP: Final = 'ex:{} a ex:Pond ; ex:name "Deep" ; ex:depth 1, 2 .\n'
"""One finding of Pond-depth."""


def build(folder: Path, configuration: str = "", **data: str) -> Path:
    """Write the shapes, the files of `data/`, name -> statements, and a configuration file unless it is empty."""
    write_file(folder, "shapes/ponds.ttl", SHAPES)
    for name, text in data.items():
        write_file(folder, f"data/{name}.ttl", HEAD + text)
    if configuration:
        write_file(folder, "publisher.toml", configuration)
    return folder


CONFIGURED: Final = 'shapes = ["shapes"]\ndata = ["data"]\n'
