"""Query evaluation inside a query process: refusals before parsing, the data set, the bytes of the answer.

It imports little, so that a query process starts fast.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, partial
from itertools import islice, product
from typing import Any, Final, NamedTuple

import pyoxigraph as ox

from publisher.platform_support import open_descriptors
from publisher.sparql.answering import (
    NOT_ACCEPTABLE,
    Head,
    XmlError,
    capitalize,
    explain_syntax,
    is_empty,
    read_head,
    refuse_nesting,
    write_closing,
    write_graph,
    write_problem,
    write_rows,
)
from publisher.sparql.data_sets import leave_out_repeats
from publisher.sparql.excerpt import outline
from publisher.sparql.hints import Hints, find_hidden_names
from publisher.sparql.lexer import PLAIN, Words, is_plain, read_words
from publisher.sparql.workers.child import Handler, Output, Prepare

_NO_SERVICE: Final = "SERVICE is not supported: queries make no connections."
ROUNDS: Final = 50
"""Rounds of look-ups before a store is read as a whole; one opens a store of ten million triples."""
CHEAP: Final = 8
"""Times that a round looks up subjects and terms alone, which takes a tenth of the look-ups with each property."""
SUBJECTS: Final = 32
"""Subjects that one round looks up: an index by subject has many files, and one look-up opens one of them."""
FEW: Final = 3
"""Those of them that are looked up with each term at which many point."""
READ: Final = 64
"""Statements with each property that are read: their terms are in all files of texts, which are ordered by hash too."""
_USED: Final = ox.NamedNode("http://rdfs.org/ns/void#property")
"""Leads to the properties in use: the statistics of a release name them."""
_CLASS: Final = ox.NamedNode("http://rdfs.org/ns/void#class")
"""Leads to the classes in use."""


class _Opened(NamedTuple):
    """A release as one query process has it open.

    base: of relative IRIs in queries. prefixes: prefix -> namespace, for graphs. nesting: depth of brackets allowed.
    services: the endpoints that this process may connect to; None where queries with SERVICE are for another process.
    """

    store: ox.Store
    hints: Callable[[], Hints]
    base: str
    prefixes: dict[str, str]
    nesting: int
    services: list[str] | None


def open_store(argument: str) -> tuple[Handler, Prepare]:
    """Open the release for one query process; returns the handler of its requests, and what reads terms for hints.

    argument: JSON with the `path` of the store, its `hubs` and the other fields of `_Opened`.
    """
    given = json.loads(argument)
    store = ox.Store.read_only(given["path"])
    _open_files(store, given.pop("path"), given.pop("hubs"))
    hints = cache(partial(Hints, store, given["base"], given["prefixes"]))
    opened = _Opened(store, hints, **given)

    def handle(request: bytes, output: Output) -> bytes:
        head, _, query = request.partition(b"\n")
        text = query.decode()
        words = PLAIN if is_plain(text, opened.nesting) else read_words(text)
        return _refuse(words, opened) or _answer(opened, read_head(head), text, words, output)

    return handle, hints


def _open_files(store: ox.Store, path: str, hubs: Iterable[str]) -> None:
    """Open every file of the store before the process may open none: the engine opens some only when it needs them.

    A look-up opens the file that has, or would have, what is looked up. The engine orders terms by hash, so look-ups of
    made-up terms reach all files of an index, whatever the size. The statements that point at one term may fill files
    of their own; made-up subjects reach these, where the term is known. If some are still closed, everything is read.

    hubs: IRIs of terms at which very many statements point, beside classes.
    """
    tables = {name for name in os.listdir(path) if name.endswith(".sst")}
    for _ in _look_everywhere(store, hubs) if open_descriptors() is not None else ():
        if tables <= set(open_descriptors() or ()):
            return
    for _ in store:
        pass


def _look_everywhere(store: ox.Store, hubs: Iterable[str]) -> Iterator[None]:
    """Look up terms in all indexes, in rounds, what costs least first; yields before the first look-ups, which small
    stores do not need, and after each kind of them."""
    yield
    predicates = _list_objects(store, _USED)
    pointed = [*_list_objects(store, _CLASS), *map(ox.NamedNode, hubs)]
    for number in range(ROUNDS):
        for cheap in range(number * CHEAP, (number + 1) * CHEAP):
            _look_up_subjects(store, _make_subjects(cheap))
            _look_up(store, (), _make_terms(cheap))
            yield
        _look_up(store, predicates, _make_terms(number))
        yield
        _look_up_pointed(store, _make_subjects(number)[:FEW], pointed)
        yield
        if not number:
            for predicate in predicates:
                list(islice(store.quads_for_pattern(None, predicate, None), READ))
            yield


def _list_objects(store: ox.Store, property_: ox.NamedNode) -> list[ox.NamedNode]:
    """The IRIs that are values of a property."""
    found = {quad.object for quad in store.quads_for_pattern(None, property_, None)}
    return [term for term in found if isinstance(term, ox.NamedNode)]


def _make_subjects(number: int) -> list[ox.NamedNode]:
    """Made-up subjects, other ones for each number."""
    return [ox.NamedNode(f"urn:subject:{number}:{place}") for place in range(SUBJECTS)]


def _make_terms(number: int) -> list[ox.NamedNode | ox.Literal]:
    """One term of each kind that the engine orders apart, another one for each number."""
    short, long = f"{number * 7919 % 100_000}", f"a text that is not short {number}"
    texts = [ox.Literal(text, language=language) for text in (short, long) for language in (None, "en")]
    return [ox.NamedNode(f"urn:term:{number}"), *texts]


def _look_up(store: ox.Store, predicates: Iterable[ox.NamedNode], terms: Sequence[ox.NamedNode | ox.Literal]) -> None:
    """Look up made-up terms in every index of a store by object."""
    for graph in (None, ox.DefaultGraph(), *store.named_graphs()):
        for term in terms:
            for predicate in (None, *predicates):
                next(store.quads_for_pattern(None, predicate, term, graph), None)


def _look_up_subjects(store: ox.Store, subjects: Iterable[ox.NamedNode]) -> None:
    """Look up made-up subjects in every index of a store by subject."""
    for graph in (None, ox.DefaultGraph(), *store.named_graphs()):
        for subject in subjects:
            next(store.quads_for_pattern(subject, None, None, graph), None)


def _look_up_pointed(store: ox.Store, subjects: Sequence[ox.NamedNode], pointed: Sequence[ox.NamedNode]) -> None:
    """Look up, in every index of a store, whether made-up subjects point at some terms."""
    for graph in (None, ox.DefaultGraph(), *store.named_graphs()):
        for subject, term in product(subjects, pointed):
            next(store.quads_for_pattern(subject, None, term, graph), None)


def _refuse(words: Words, opened: _Opened) -> bytes | None:
    """Refuse a query because of its tokens, or pass it to a process that may connect; returns None for all others."""
    if words.depth > opened.nesting:
        return refuse_nesting(words.depth, opened.nesting)
    services = opened.services
    if services is None:
        return b'{"federated": true}' if words.services else None
    if services and words.doubtful:
        detail = "With SERVICE, no prefix may contain the word `service`, and a comparing `<` needs a space after it."
        return write_problem("RefusedError", detail=detail)
    for iri in words.services:
        if iri not in services:
            return write_problem("RefusedError", detail=_name_services(iri, services))
    return None


def _name_services(iri: str, services: list[str]) -> str:
    if not services:
        return _NO_SERVICE
    reason = f"<{iri}> is not allowed" if iri else "write the full IRI of the endpoint"
    return f"SERVICE may name only these endpoints: {', '.join(f'<{known}>' for known in services)}; {reason}."


# The answer


def _answer(opened: _Opened, head: Head, text: str, words: Words, output: Output) -> bytes:
    try:
        data_set = _data_set(head)
    except ValueError as error:
        return write_problem("MalformedError", detail=f"A graph of the data set is not an IRI: {error}.")
    try:
        stated = text if data_set else leave_out_repeats(text, opened.base)
        result = opened.store.query(stated, base_iri=opened.base, **data_set)
        kind = "graph" if isinstance(result, ox.QueryTriples) else "results"
        media_type = head[kind]
        if media_type is None:
            return write_problem("NotAcceptableError", detail=NOT_ACCEPTABLE[kind])
        excerpt = head.get("excerpt")
        if isinstance(result, ox.QueryTriples):
            counted = write_graph(result, media_type, opened.prefixes, output, excerpt)
        else:
            counted = write_rows(result, media_type, output, excerpt)
    except SyntaxError as error:
        return write_problem("QuerySyntaxError", **explain_syntax(str(error), text, opened.base, opened.prefixes))
    except OSError as error:
        return _report_failure(error, words, opened)
    except (RuntimeError, ValueError) as error:
        return write_problem("UnanswerableError", detail=capitalize(str(error)))
    has_hints = is_empty(output, kind, media_type) and not words.services
    hints = [*find_hidden_names(text), *(opened.hints().find(text, head["default"] or []) if has_hints else [])]
    about = outline(text) if head.get("excerpt") else []
    return write_closing(kind, media_type, words.repeatable, counted, tuple(about), *hints)


def _report_failure(error: OSError, words: Words, opened: _Opened) -> bytes:
    """Report an error of reading or writing: a connection, since all files are open, or a term that a format cannot
    hold."""
    words_of_it = str(error)
    if isinstance(error, XmlError):
        return write_problem("NotAcceptableError", detail=words_of_it)
    if "RDF 1.2" in words_of_it:
        detail = "The answer has triple terms (RDF 1.2), which this format cannot hold: request Turtle or N-Triples."
        return write_problem("NotAcceptableError", detail=detail)
    if not words.services:
        return write_problem("RefusedError", detail=_NO_SERVICE)
    failed = _find_failed(words.services, opened)
    return write_problem("ServiceFailedError", detail=f"<{failed}>: {capitalize(words_of_it)}")


def _find_failed(services: tuple[str, ...], opened: _Opened) -> str:
    """Find which endpoint of a query fails: the engine's message about a lost connection does not name it."""
    different = list(dict.fromkeys(services))
    for iri in different[:-1]:
        try:
            opened.store.query(f"ASK {{ SERVICE <{iri}> {{}} }}")
        except (OSError, RuntimeError):
            return iri
    return different[-1]


def _data_set(head: Head) -> dict[str, Any]:
    """A protocol data set names both kinds of graph, even when one is empty: else all named graphs stay visible."""
    if head["default"] is None and head["named"] is None:
        return {}
    return {
        "default_graph": [ox.NamedNode(iri) for iri in head["default"] or []],
        "named_graphs": [ox.NamedNode(iri) for iri in head["named"] or []],
    }
