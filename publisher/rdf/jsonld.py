"""The JSON-LD writer: the description of a thing as a tree.

The part of the published context that it needs is inlined, so that it parses offline.
"""

import json
from collections.abc import Collection, Mapping
from typing import Any, Final

import pyoxigraph as ox

from publisher.rdf.jsonld_terms import ProcessingError, Terms, UnusualError
from publisher.rdf.jsonld_trees import write_list, write_tree

FAILURES: Final = (ProcessingError, RecursionError)
"""What `write` raises for a graph that PyLD cannot compact, as one with an IRI that reads as a prefixed name."""
CONTEXTS: Final = 8
"""Contexts whose meaning is kept: that of each open release."""
DEPTH: Final = 20
"""Steps from the root of a tree to its last node: PyLD calls itself at each."""
_LINE: Final = "\n"
_quote: Final = json.JSONEncoder(ensure_ascii=False).encode
_KNOWN: Final[dict[int, tuple[Mapping[str, Any], Terms]]] = {}


def write(triples: Collection[ox.Triple], context: Mapping[str, Any], root: str | None) -> bytes:
    """Write triples as JSON-LD 1.1, compacted with the terms that they use of `context` (the value of an `@context`).

    root: the IRI of the thing at the root of the tree; statements that refer to it are nested below it by the reverse
    terms of the context (JSON-LD Framing 1.1). None writes a flat list of nodes. Nothing is fetched.
    """
    terms = _find_terms(context)
    selected = terms.select(_mention(triples))
    try:
        if not terms.usable:
            raise UnusualError
        prefixes = terms.prefixes.keys() & selected.keys()
        written = write_list(triples, terms, prefixes) if root is None else write_tree(triples, terms, prefixes, root)
        written = {"@context": selected} | written
    except UnusualError:
        written = _write_with_pyld(triples, selected, root)
    return f"{_indent(written, _LINE)}\n".encode()


def _write_with_pyld(triples: Collection[ox.Triple], context: Mapping[str, Any], root: str | None) -> Any:
    """Any graph, written by PyLD. context: as it is written. Raises ProcessingError."""
    from publisher.rdf import jsonld_processor  # PyLD takes a fifth of the time in which a server starts.

    return jsonld_processor.write(triples, context, root)


def _find_terms(context: Mapping[str, Any]) -> Terms:
    """What a context means. Those of the last contexts are kept, each with its context, so that no other has its id."""
    found = _KNOWN.get(id(context))
    if found is None:
        if len(_KNOWN) >= CONTEXTS:
            _KNOWN.clear()
        found = _KNOWN[id(context)] = (context, Terms(context, _ask))
    return found[1]


def _ask(triple: ox.Triple, context: Mapping[str, Any], root: str) -> Any:
    try:
        return _write_with_pyld([triple], context, root)
    except FAILURES as error:
        raise UnusualError from error


def _indent(value: Any, line: str) -> str:
    """A value as JSON with sorted keys, as `json.dumps` indents it in twice the time. line: the start of a line."""
    if isinstance(value, str):
        return _quote(value)
    if not value or not isinstance(value, dict | list):
        return json.dumps(value)
    inner = f"{line}  "
    if isinstance(value, dict):
        items = [f"{_quote(key)}: {_indent(value[key], inner)}" for key in sorted(value)]
    else:
        items = [_indent(each, inner) for each in value]
    first, last = "{}" if isinstance(value, dict) else "[]"
    return f"{first}{inner}{f',{inner}'.join(items)}{line}{last}"


def find_root(triples: Collection[ox.Triple]) -> str | None:
    """Return the IRI of the only node that no other refers to, where all others are at most `DEPTH` steps from it.

    None where there is no such node: a tree would leave statements out, or be too deep.
    """
    subjects = {triple.subject for triple in triples}
    below: dict[Any, set[Any]] = {subject: set() for subject in subjects}
    for triple in triples:
        if triple.object in subjects and triple.object != triple.subject:
            below[triple.subject].add(triple.object)
    roots = subjects - {node for nodes in below.values() for node in nodes}
    if len(roots) != 1 or not isinstance(root := next(iter(roots)), ox.NamedNode):
        return None
    reached, last = {root}, {root}
    for _ in range(DEPTH):
        last = {node for parent in last for node in below[parent]} - reached
        reached |= last
    return root.value if reached == subjects else None


def _mention(triples: Collection[ox.Triple]) -> set[str]:
    """The IRIs of properties, objects and datatypes."""
    objects = {triple.object.value for triple in triples if isinstance(triple.object, ox.NamedNode)}
    return {_predicate(triple) for triple in triples} | objects | {_datatype(triple) for triple in triples}


def _datatype(triple: ox.Triple) -> str:
    return triple.object.datatype.value if isinstance(triple.object, ox.Literal) else ""


def _predicate(triple: ox.Triple) -> str:
    return str(triple.predicate.value)
