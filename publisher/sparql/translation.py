"""Query translation: from the graphs of a release as they are published to those that a foreign endpoint has.

Graph names at an endpoint carry the release, so that a new one is loaded beside the present one. A query names the
published graphs; what follows FROM and GRAPH is replaced, and the data set is sent with the query (SPARQL 1.1 Protocol,
section 2.1.4). It works on tokens and leaves all other text as it is.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple
from urllib.parse import quote, urljoin

from publisher.errors import MalformedError
from publisher.sparql.lexer import Token, tokenize, unescape_iri, unescape_local

NAME: Final = "http://www.w3.org/ns/sparql-service-description#name"
"""Leads from a graph at an endpoint to its published name (SPARQL 1.1 Service Description, section 3.4.4)."""
_GLUED: Final = re.compile("from|graph", re.IGNORECASE)
_NO_END: Final = Token("", "", 0)


class Placement(NamedTuple):
    """Where an endpoint has the graphs of one release.

    place: the IRI that all of them begin with. base: of the published names. graphs: the published names.
    """

    place: str
    base: str
    graphs: tuple[str, ...]

    @property
    def default(self) -> str:
        """The graph with the statements of the default graph."""
        return f"{self.place}default"

    @property
    def labels(self) -> str:
        """The graph that states the published name of each graph."""
        return f"{self.place}names"

    @property
    def nowhere(self) -> str:
        """A graph that has no statements."""
        return f"{self.place}nothing"

    def locate(self, iri: str) -> str:
        """Return where a published graph is; for any other IRI, a graph that does not exist."""
        path = iri.removeprefix(self.base)
        return f"{self.place}graph/{path}" if path != iri else f"{self.place}other/{quote(iri, safe='')}"


class Translated(NamedTuple):
    """A query for an endpoint, and its data set. named_graphs: empty where the query names none."""

    text: str
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]


def translate(
    text: str,
    placement: Placement,
    default_graphs: Sequence[str] | None,
    named_graphs: Sequence[str] | None,
    variables: Sequence[str],
) -> Translated:
    """Translate a query that parses.

    default_graphs and named_graphs: IRIs of the protocol's data set; they take precedence over those of the query.
    variables: those that its rows have, for `SELECT *`.
    Raises MalformedError where keywords stand next to other words, so that only a parser could tell them apart.
    """
    rewriter = _Rewriter(text, placement)
    rewriter.read()
    default = None if rewriter.default is None else list(dict.fromkeys(rewriter.default))
    named = list(dict.fromkeys(rewriter.named))
    if default_graphs is not None or named_graphs is not None:
        default, named = list(default_graphs or ()), list(named_graphs or ())
    elif not default and not named:
        default, named = None, list(placement.graphs)
    if rewriter.fresh:
        rewriter.name_variables(variables)
    used = [placement.locate(iri) for iri in named if rewriter.fresh or iri in rewriter.constants]
    used += [placement.labels] if rewriter.fresh else []
    used += [placement.nowhere] if rewriter.constants else []
    located = [placement.default] if default is None else [placement.locate(iri) for iri in default]
    return Translated(
        f"BASE <{placement.base}>\n{rewriter.write(set(named))}",
        tuple(located or [placement.nowhere]),
        tuple(used),
    )


class _Rewriter:
    """Reads the tokens of one query, and collects what has to be replaced.

    default and named: the graphs of its FROM clauses. constants: the graphs that it names after GRAPH. fresh: the
    number of GRAPH clauses with a variable: each gets a variable of its own for the graph at the endpoint, and a
    pattern that leads to its published name.
    """

    def __init__(self, text: str, placement: Placement) -> None:
        self.default: list[str] | None = None
        self.named: list[str] = []
        self.constants: list[str] = []
        self.fresh = 0
        self._text = text
        self._placement = placement
        self._tokens = [token for token in tokenize(text) if token.kind != "comment"]
        self._edits: list[tuple[int, int, str]] = []
        self._names: list[tuple[int, int, str]] = []
        self._prefixes: dict[str, str] = {}
        self._base = placement.base
        self._open: list[str] = []
        self._closing = ""
        self._star: Token | None = None
        self._variable = "graph_at_endpoint"
        while self._variable in text:
            self._variable += "_"

    def read(self) -> None:
        """Read all tokens."""
        place = 0
        while place < len(self._tokens):
            place += self._take(place)

    def _take(self, place: int) -> int:
        """Read the token at a place; return how many were read."""
        token, word = self._token(place), self._token(place).text.upper()
        if token.kind == "symbol":
            self._take_symbol(token, place)
        elif token.kind == "name" and self._token(place + 1).text == "{":
            raise self._refuse_word(token)
        elif token.kind != "word":
            return 1
        elif word == "PREFIX":
            self._prefixes[self._token(place + 1).text.partition(":")[0]] = self._iri(self._token(place + 2))
            return 3
        elif word == "BASE":
            self._base = self._iri(self._token(place + 1))
            return 2
        elif word == "FROM":
            return self._take_from(place)
        elif word == "GRAPH":
            return self._take_graph(place)
        elif _GLUED.search(word):
            raise self._refuse_word(token)
        return 1

    def _token(self, place: int) -> Token:
        return self._tokens[place] if place < len(self._tokens) else _NO_END

    def _refuse_word(self, token: Token) -> MalformedError:
        return MalformedError(f"Write a space after FROM and GRAPH, and before them: `{token.text[:40]}`.")

    def _take_symbol(self, token: Token, place: int) -> None:
        if token.text == "*" and not self._open and self._token(place - 1).kind == "word":
            self._star = self._star or token
        for bracket in token.text:
            if bracket == "{":
                self._open.append(self._closing)
                self._closing = ""
            elif bracket == "}" and self._open:
                closing = self._open.pop()
                end = token.start + len(token.text)
                self._edits += [(end, end, closing)] * bool(closing)

    def _take_from(self, place: int) -> int:
        is_named = self._token(place + 1).text.upper() == "NAMED"
        size = 3 if is_named else 2
        token = self._token(place + size - 1)
        self.default = self.default or []
        (self.named if is_named else self.default).append(self._iri(token))
        self._edits.append((self._token(place).start, token.start + len(token.text), " "))
        return size

    def _take_graph(self, place: int) -> int:
        graph, name = self._token(place), self._token(place + 1)
        end = name.start + len(name.text)
        if name.kind in ("iri", "name"):
            self._names.append((name.start, end, self._iri(name)))
            self.constants.append(self._names[-1][2])
        else:
            variable = f"?{self._variable}{self.fresh}"
            self.fresh += 1
            self._edits.append((graph.start, end, f"{{ GRAPH {variable} "))
            self._closing = f" GRAPH <{self._placement.labels}> {{ {variable} <{NAME}> {name.text} }} }}"
        return 2

    def _iri(self, token: Token) -> str:
        """The IRI that a token stands for."""
        if token.kind == "name":
            prefix, _, local = token.text.partition(":")
            return self._prefixes.get(prefix, "") + unescape_local(local)
        return urljoin(self._base, unescape_iri(token.text[1:-1]))

    def name_variables(self, variables: Sequence[str]) -> None:
        """Replace the `*` of the query's own SELECT: it would select the variables that were added."""
        if self._star and variables:
            start = self._star.start
            self._edits.append((start, start + 1, " " + " ".join(f"?{name}" for name in variables) + " "))

    def write(self, named: set[str]) -> str:
        """Return the text with all replacements. named: the named graphs of the data set.

        Any other graph is replaced by one without statements: Virtuoso finds one row in those it may not look into.
        """
        pieces, position = [], 0
        place = self._placement
        names = [
            (start, end, f"<{place.locate(iri) if iri in named else place.nowhere}>") for start, end, iri in self._names
        ]
        for start, end, new in sorted([*self._edits, *names]):
            pieces += [self._text[position:start], new]
            position = end
        return "".join([*pieces, self._text[position:]])
