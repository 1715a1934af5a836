"""Code samples: the address of a query, and programs that send it."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from publisher.sparql.engine import Query
from publisher.sparql.protocol import parameters


@dataclass(frozen=True)
class CodeSample:
    """A query quoted for the languages of the code samples.

    endpoint: its absolute URL. text: the query. graphs: the data set, as pairs of parameter and IRI. All three in
    Python. words: the parameters for a shell, each `name=value`.
    """

    endpoint: str
    text: str
    graphs: Sequence[tuple[str, str]]
    words: Sequence[str]


def code_sample(query: Query, endpoint: str) -> CodeSample:
    """What programs need to send a query to the endpoint at an absolute URL."""
    sent = parameters(query)
    graphs = [(_python(name), _python(iri)) for name, iri in sent[1:]]
    return CodeSample(endpoint, _python(query.text), graphs, [shlex.quote(f"{name}={value}") for name, value in sent])


def _python(text: str) -> str:
    """A text as a Python literal: triple-quoted if it has several lines and needs no escapes."""
    plain = text.replace("\n", "").isprintable() and "\\" not in text and '"""' not in text
    return f'"""\n{text}\n"""' if plain and "\n" in text else repr(text)
