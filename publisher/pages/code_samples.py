"""Code samples: the address of a query, and programs that send it."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from publisher.sparql.engine import Query
from publisher.sparql.protocol import parameters


@dataclass(frozen=True)
class Sending:
    """A query as programs send it, quoted for their languages.

    endpoint: its absolute URL. text: the query. graphs: the data set, as pairs of parameter and IRI. All three in
    Python. words: the parameters for a shell, each `name=value`.
    """

    endpoint: str
    text: str
    graphs: Sequence[tuple[str, str]]
    words: Sequence[str]


def sending(query: Query, endpoint: str) -> Sending:
    """What programs need to send a query to the endpoint at an absolute URL."""
    sent = parameters(query)
    graphs = [(_python(name), _python(iri)) for name, iri in sent[1:]]
    return Sending(endpoint, _python(query.text), graphs, [shlex.quote(f"{name}={value}") for name, value in sent])


def _python(text: str) -> str:
    """A text as a Python literal: on lines of its own where it has several and can stand as it is."""
    plain = text.replace("\n", "").isprintable() and "\\" not in text and '"""' not in text
    return f'"""\n{text}\n"""' if plain and "\n" in text else repr(text)
