"""Owns how a query is asked again elsewhere: its address, and what the programs that send it have to quote."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from publisher.promise import Query


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


def parameters(query: Query) -> list[tuple[str, str]]:
    """A query with its data set as the protocol's parameters (SPARQL 1.1 Protocol, section 2.1)."""
    graphs = (("default-graph-uri", query.default_graphs), ("named-graph-uri", query.named_graphs))
    return [("query", query.text), *((name, iri) for name, iris in graphs for iri in iris or ())]


def reference(query: Query, address: str) -> str:
    """The address at which a query is answered. address: of the endpoint, absolute or relative."""
    return f"{address}?{urlencode(parameters(query))}"


def sending(query: Query, endpoint: str) -> Sending:
    """What programs need to send a query to the endpoint at an absolute URL."""
    sent = parameters(query)
    graphs = [(_python(name), _python(iri)) for name, iri in sent[1:]]
    return Sending(endpoint, _python(query.text), graphs, [shlex.quote(f"{name}={value}") for name, value in sent])


def _python(text: str) -> str:
    """A text as a Python literal: on lines of its own where it has several and can stand as it is."""
    plain = text.replace("\n", "").isprintable() and "\\" not in text and '"""' not in text
    return f'"""\n{text}\n"""' if plain and "\n" in text else repr(text)
