"""Query files: SPARQL files with a header of `# key: value` lines, and the values that a question lets users choose."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from publisher.dataset.iris import KINDS
from publisher.errors import CannotRunError

VIEWS: Final = ("table", "bars", "grouped", "timeline", "network", "matrix")
"""The values of the key `view`: how a question's answer is shown first."""
_PARAMETER: Final = re.compile(r"(\w+) = ([a-z]+)(?:, (.+))?")
_PREFIX: Final = re.compile(r"^PREFIX ([\w-]*): <([^>]*)>$", re.MULTILINE)
_WHERE: Final = "WHERE {"


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
class Parameter:
    """A value of a question that users choose: a thing of a kind.

    name: the variable of the query that is bound to it. label: what a form calls it. default: the IRI that the query
    has; empty where it has none, and the question is about all.
    """

    name: str
    kind: str
    label: str
    default: str = ""

    @property
    def key(self) -> str:
        """Its name in addresses."""
        return re.sub(r"(?<=[a-z])Iri\Z", "", self.name)


@dataclass(frozen=True)
class Question:
    """A competency question, read from a folder `questions/`: its header says what it asks.

    anchor: its fragment. slug: its short name in addresses, made of the title. view: how its answer is shown first.
    """

    title: str
    question: str
    keywords: str
    query: str
    anchor: str = ""
    slug: str = ""
    parameters: Sequence[Parameter] = ()
    view: str = ""

    def query_for(self, chosen: Mapping[str, str]) -> str:
        """The query with chosen IRIs in place of its own. chosen: parameter -> IRI, which must be a valid one; none for
        those that stay."""
        query = self.query
        for parameter in self.parameters:
            iri = chosen.get(parameter.name, "")
            if iri and iri != parameter.default:
                values = f"VALUES ?{parameter.name} {{ {ox.NamedNode(iri)} }}"
                given = _values_of(parameter.name).search(query)
                query = query.replace(given[0] if given else _WHERE, values if given else f"{_WHERE}\n  {values}", 1)
        return query


def read_question(path: str, text: str) -> Question:
    """Read a question from its file. Raises CannotRunError where its header is incomplete or wrong."""
    header = read_header(path, text, ("title", "question", "keywords"))
    view = header.get("view", "")
    if view and view not in VIEWS:
        raise CannotRunError(f"{path}: the view {view!r} is none of {', '.join(VIEWS)}.")
    title, query = header["title"], query_of(text)
    parameters = [_read_parameter(path, line, query) for line in re.findall(r"^# parameter: (.+)$", text, re.MULTILINE)]
    question, keywords = header["question"], header["keywords"]
    return Question(title, question, keywords, query, anchor_of(path), slug_of(title), parameters, view)


def _read_parameter(path: str, line: str, query: str) -> Parameter:
    """Read the value of a line `# parameter: VARIABLE = KIND, LABEL`, whose label may be left out."""
    found = _PARAMETER.fullmatch(line)
    if not found or found[2] not in KINDS:
        raise CannotRunError(f"{path}: a parameter is written `VARIABLE = KIND`, with a kind of things: {line}")
    name, kind = found[1], found[2]
    given = _values_of(name).findall(query)
    if not re.search(rf"\?{name}\b", query) or len(given) > 1 or _WHERE not in query:
        raise CannotRunError(f"{path}: the query must use ?{name}, in one `VALUES ?{name} {{ ... }}` at most.")
    return Parameter(name, kind, found[3] or kind, _expand(path, given[0], query) if given else "")


def _values_of(name: str) -> re.Pattern[str]:
    return re.compile(rf"VALUES \?{name} \{{ (\S+) \}}")


def _expand(path: str, term: str, query: str) -> str:
    """The IRI of a term of a query, `<iri>` or `prefix:name`."""
    if term.startswith("<"):
        return term[1:-1]
    prefix, _, local = term.partition(":")
    declared = dict(_PREFIX.findall(query))
    if prefix not in declared:
        raise CannotRunError(f"{path}: the prefix of {term} is not declared.")
    return str(declared[prefix]) + local


def slug_of(title: str) -> str:
    """The short name of a title in addresses: its words in lower case, joined by hyphens."""
    return "-".join(re.findall(r"\w+", title.casefold()))


def anchor_of(path: str) -> str:
    """Return the fragment that names the question of a file in the service description and on the query page."""
    return "question-" + path.rpartition("/")[2].removesuffix(".rq")
