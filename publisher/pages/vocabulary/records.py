"""Example records: one real record of a class, short, in Turtle and in JSON-LD."""

import json
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from typing import Final

import pyoxigraph as ox

from publisher.dataset.iris import CONTEXT_PATH
from publisher.formats import JSON_LD
from publisher.pages.terms import REPEATED, TermFormatter
from publisher.pages.vocabulary.model import Record
from publisher.rdf import turtle
from publisher.rdf.serializer import write_graph
from publisher.release.resources import TYPE, Resources

SEEN: Final = 8
"""Records of a class that are looked at."""
READ: Final = 60
"""Statements of each that are read."""
SHOWN: Final = 8
"""Statements that an example shows at most."""
EACH: Final = 2
"""Values of one property that it shows."""
TEXT: Final = 200
"""Characters of a text that it shows; statements with longer texts are left out."""


def find_record(class_: str, resources: Resources, formatter: TermFormatter, path: str) -> Record | None:
    """An example of a class for the page at a path: of its first records the one with most statements that fit."""
    lookup = resources.store.lookup
    found = islice(lookup.find(None, TYPE, ox.NamedNode(class_)), SEEN)
    subjects = sorted((t.subject for t in found if isinstance(t.subject, ox.NamedNode)), key=str)
    stated = [sorted(islice(lookup.find(subject, None, None), READ), key=str) for subject in subjects]
    if not stated:
        return None
    best = max(stated, key=lambda triples: (len(triples) <= SHOWN, len(triples) if len(triples) <= SHOWN else 0))
    return make_record(best, resources, formatter, path)


def make_record(stated: Sequence[ox.Triple], resources: Resources, formatter: TermFormatter, path: str) -> Record:
    """The example of a record. stated: its statements."""
    names, subject = resources.names, stated[0].subject
    assert isinstance(subject, ox.NamedNode)
    shown = _choose(stated)
    text = turtle.write(shown, names.prefixes).partition("\n\n")[2] or turtle.write(shown, names.prefixes)
    tree = json.loads(write_graph(shown, JSON_LD, names.prefixes, resources.store.index.context, subject.value))
    tree = {"@context": names.iri(CONTEXT_PATH)} | {key: value for key, value in tree.items() if key != "@context"}
    link = formatter.format(subject, {subject.value: resources.label(subject.value)}, path)
    return Record(link, text.strip(), json.dumps(tree, ensure_ascii=False, indent=1), len(stated) - len(shown))


def _choose(stated: Sequence[ox.Triple]) -> list[ox.Triple]:
    """The statements that are shown: few of each property, no long texts, none that repeat others."""
    seen: Counter[str] = Counter()
    chosen = []
    for triple in stated:
        name = triple.predicate.value
        seen[name] += 1
        is_long = isinstance(triple.object, ox.Literal) and len(triple.object.value) > TEXT
        if seen[name] <= EACH and name not in REPEATED and not is_long:
            chosen.append(triple)
    return (chosen or list(stated))[:SHOWN]
