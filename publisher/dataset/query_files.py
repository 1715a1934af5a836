"""Query files: SPARQL files with a header of `# key: value` lines."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from publisher.errors import CannotRunError


def query_of(text: str) -> str:
    """Return the query below the header."""
    return "\n".join(line for line in text.split("\n") if not line.startswith("# ")).strip()


def read_header(path: str, text: str, keys: Sequence[str]) -> dict[str, str]:
    """Read the header of a SPARQL file, its lines `# key: value`. Raises CannotRunError if a key is missing."""
    found = dict(re.findall(r"^# (\w+): (.+)$", text, re.MULTILINE))
    missing = [key for key in keys if key not in found]
    if missing:
        raise CannotRunError(f"{path}: its header must state a {missing[0]}.")
    return found


@dataclass(frozen=True)
class Question:
    """A competency question, read from `ontology/questions/`: its header says what it asks. anchor: its fragment."""

    title: str
    question: str
    keywords: str
    query: str
    anchor: str = ""


def anchor_of(path: str) -> str:
    """Return the fragment that names the question of a file in the service description and on the query page."""
    return "question-" + path.rpartition("/")[2].removesuffix(".rq")
