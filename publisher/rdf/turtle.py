"""Canonical Turtle: one spelling of a graph, for the files and for what is served.

Sorted; the subject at column 0; one predicate and object a line; only the prefixes that are used. Blank nodes are
written inline, as `[ ]` and `( )`, and ordered by content, which is possible as long as each is referenced once at
most: a shared or cyclic blank node has no canonical form and is refused (`BlankNodeError`), unless its label is kept.
"""

import functools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pyoxigraph as ox

from publisher.errors import BlankNodeError
from publisher.rdf.namespaces import RDF, XSD
from publisher.rdf.relative_iris import Base
from publisher.rdf.terms import Term, terms

MAX_NESTING: Final = 60
"""Blank nodes nested deeper are refused, because writing recurses; files written by people are far below."""

_TYPE: Final = ox.NamedNode(RDF + "type")
_FIRST: Final = ox.NamedNode(RDF + "first")
_REST: Final = ox.NamedNode(RDF + "rest")
_CELL: Final = {_FIRST, _REST}
_NIL: Final = ox.NamedNode(RDF + "nil")

_LOCAL: Final = "((?:[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?)?)"
_COMMENTS: Final = re.compile(r"(?:#.*\n)*")
_BARE: Final = {
    XSD + "boolean": re.compile(r"(true|false)\Z"),
    XSD + "integer": re.compile(r"[+-]?[0-9]+\Z"),
    XSD + "decimal": re.compile(r"[+-]?[0-9]*\.[0-9]+\Z"),
    XSD + "double": re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)[eE][+-]?[0-9]+\Z"),
}
"""The lexical forms that are written without quotation marks, by datatype (Turtle 1.1, section 6.5)."""


NO_BASE: Final = Base("")
"""All IRIs are written in full."""


@dataclass(frozen=True)
class Comments:
    """The comments of a text, each with its `#`.

    subjects, heads: subject -> comments above its block and behind its first line. before, behind, after: statement ->
    comments above, behind and below its line; the statement of an item of a list stands for that item. items: comments
    behind items, if the list is written with an item a line. end: comments below everything. labels: of the blank nodes
    that have one in the text.
    """

    subjects: dict[Any, list[str]] = field(default_factory=dict)
    heads: dict[Any, list[str]] = field(default_factory=dict)
    before: dict[ox.Triple, list[str]] = field(default_factory=dict)
    behind: dict[ox.Triple, list[str]] = field(default_factory=dict)
    after: dict[ox.Triple, list[str]] = field(default_factory=dict)
    items: dict[ox.Triple, list[str]] = field(default_factory=dict)
    end: list[str] = field(default_factory=list)
    labels: frozenset[str] = frozenset()

    @property
    def within(self) -> bool:
        """Whether there are comments at the lines of statements."""
        return bool(self.before or self.behind or self.after)


def write(
    triples: Iterable[ox.Triple],
    prefixes: Mapping[str, str],
    header: str = "",
    *,
    keep: Comments | None = None,
    base: Base = NO_BASE,
) -> str:
    """Write triples as canonical Turtle.

    prefixes: prefix -> namespace IRI; only those used are declared. header: comment lines, each beginning with `#`,
    kept on top. keep: for files of others, their comments; then all prefixes are declared, and the labels
    of blank nodes that are shared are kept, and in each cycle of others one: of those that the text labels, the first
    in code point order. base: what relative IRIs are written for. Returns the text,
    ending in a newline unless it is empty. Raises BlankNodeError where a blank node is nested too deep or, without
    `keep`, shared or cyclic.
    """
    writer = _Writer(triples, prefixes, keep, base)
    blocks = [writer.block(subject) for subject in writer.roots()]
    declared = [f"@base <{base.declared}> ."] if base.declared else []
    declared += [f"@prefix {p}: <{base.refer(prefixes[p])}> ." for p in sorted(prefixes if keep else writer.used)]
    if keep and blocks and not header and not declared:  # Comments on top are the header when the text is read again.
        header, blocks[0] = _split_comments(blocks[0])
    parts = [header.rstrip("\n"), "\n".join(declared), *blocks, "\n".join(keep.end if keep else [])]
    text = "\n\n".join(part for part in parts if part)
    return text + "\n" if text else ""


def _split_comments(block: str) -> tuple[str, str]:
    """Return the comments above a block, and the block."""
    found = _COMMENTS.match(block)
    end = found.end() if found else 0
    return block[:end], block[end:]


def find_forms(triples: Iterable[ox.Triple], labels: frozenset[str]) -> tuple[set[Any], set[Any]]:
    """Return the blank nodes that `write` with `keep` writes by their labels, and those that are cells of lists in
    brackets. labels: those of the text."""
    writer = _Writer(triples, {}, Comments(labels=labels))
    return set(writer.labeled), writer.find_cells()


def spell(term: ox.NamedNode | ox.Literal, prefixes: Mapping[str, str]) -> str:
    """Return one term as `write` spells it."""
    return _Writer([], prefixes).term(term, 0)


def blank_nodes(triples: Iterable[ox.Triple], prefixes: Mapping[str, str]) -> dict[ox.BlankNode, str]:
    """Return how `write` spells each blank node that the triples refer to."""
    writer = _Writer(triples, prefixes)
    return {node: writer.term(node, 0) for node in writer.references if isinstance(node, ox.BlankNode)}


def require_spelling(triples: Iterable[ox.Triple]) -> None:
    """Raise BlankNodeError where `write` would."""
    _Writer(triples, {})


@functools.lru_cache(maxsize=16)
def _abbreviation(namespaces: tuple[str, ...]) -> re.Pattern[str]:
    """Return the pattern that splits an IRI into its longest namespace and the local part of a prefixed name."""
    longest_first = sorted(namespaces, key=len, reverse=True)
    return re.compile(f"({'|'.join(map(re.escape, longest_first))}){_LOCAL}\\Z")


def _add_behind(line: str, comments: Sequence[str], indent: str) -> list[str]:
    """Return a line with comments behind it: the first on the same line, the others below."""
    return ["  ".join([line, *comments[:1]]), *(f"{indent}{comment}" for comment in comments[1:])]


class _Writer:
    """One graph being written."""

    def __init__(
        self,
        triples: Iterable[ox.Triple],
        prefixes: Mapping[str, str],
        keep: Comments | None = None,
        base: Base = NO_BASE,
    ) -> None:
        self.base = base
        self.comments = keep or Comments()
        self.labeled: set[Term] = set()
        self.used: set[str] = set()
        self.prefixes = {namespace: prefix for prefix, namespace in sorted(prefixes.items(), reverse=True)}
        self.abbreviated = _abbreviation(tuple(self.prefixes)).match if prefixes else None
        self.spelled: dict[str, str] = {}
        self.statements: dict[Any, list[tuple[ox.NamedNode, Term]]] = {}
        self.references: dict[Term, int] = defaultdict(int)
        for triple in set(triples):
            subject, predicate, object_ = terms(triple)
            self.statements.setdefault(subject, []).append((predicate, object_))
            if isinstance(object_, ox.BlankNode):
                self.references[object_] += 1
        self.written: dict[ox.BlankNode, str] = {}
        self._label_shared() if keep else self._refuse_shared()

    def _refuse_shared(self) -> None:
        """Refuse blank nodes that are not trees below IRIs and unreferenced blank nodes."""
        for node, count in self.references.items():
            if count > 1:
                raise BlankNodeError("is referenced more than once; give it an IRI", str(node))
        if not self.references and all(isinstance(node, ox.NamedNode) for node in self.statements):
            return
        for node in self._find_unreached():
            raise BlankNodeError("refers back to itself; give it an IRI", str(node))

    def _label_shared(self) -> None:
        """Mark the blank nodes that are shared, and one in each cycle, to be written by their labels.

        Raises BlankNodeError where one is nested too deep.
        """
        self.labeled = {node for node, count in self.references.items() if count > 1}
        labels = self.comments.labels
        self.labeled |= {min(c, key=lambda node: (node.value not in labels, node.value)) for c in self._find_cycles()}
        assert not any(self._find_unreached())

    def _find_cycles(self) -> Iterator[list[ox.BlankNode]]:
        """The cycles of blank nodes that are not labeled: each of these is the object of one statement at most."""
        above = {
            object_: subject
            for subject, stated in self.statements.items()
            for _, object_ in stated
            if isinstance(object_, ox.BlankNode) and object_ not in self.labeled
        }
        met: dict[Any, ox.BlankNode] = {}
        for start in above:
            node: Any = start
            while node in above and node not in met:
                met[node] = start
                node = above[node]
            if node in above and met[node] == start:
                cycle = [node]
                while above[cycle[-1]] != node:
                    cycle.append(above[cycle[-1]])
                yield cycle

    def _find_unreached(self) -> Iterator[ox.BlankNode]:
        """The blank nodes that are not below an IRI, a labeled or an unreferenced blank node: those of cycles."""
        reached = {node for root in self.statements if self._is_root(root) for node in self._find_descendants(root)}
        return (node for node in self.statements if isinstance(node, ox.BlankNode) and node not in reached)

    def _is_root(self, subject: Term) -> bool:
        return isinstance(subject, ox.NamedNode) or self.references[subject] == 0 or subject in self.labeled

    def _find_descendants(self, root: Term) -> list[ox.BlankNode]:
        """The blank nodes below a root, the root included."""
        found: list[ox.BlankNode] = []
        pending: list[tuple[Term, int]] = [(root, 0)]
        while pending:
            node, depth = pending.pop()
            if depth > MAX_NESTING:
                raise BlankNodeError(f"is nested more than {MAX_NESTING} deep; give it an IRI", str(node))
            cells = self._cells(node) or [node]
            found += [cell for cell in cells if isinstance(cell, ox.BlankNode)]
            objects = [object_ for cell in cells for _, object_ in self.statements.get(cell, [])]
            inside = set(cells)
            inside |= self.labeled
            pending += [(o, depth + 1) for o in objects if isinstance(o, ox.BlankNode) and o not in inside]
        return found

    def roots(self) -> list[Term]:
        """The subjects at column 0: IRIs in code point order, then unreferenced blank nodes by content."""
        named = sorted((s for s in self.statements if isinstance(s, ox.NamedNode)), key=lambda node: node.value)
        blank = [s for s in self.statements if isinstance(s, ox.BlankNode) and self.references[s] == 0]
        labeled = [s for s in self.statements if s in self.labeled and self.references[s] > 0]
        return [*named, *sorted(blank, key=self.block), *sorted(labeled, key=str)]

    def block(self, subject: Any) -> str:
        """One subject with all its statements."""
        unlabeled = isinstance(subject, ox.BlankNode) and subject not in self.labeled
        head = "[]" if unlabeled else self.term(subject, 0)
        lines = _add_behind(head, self.comments.heads.get(subject, []), "")
        return "\n".join([*self.comments.subjects.get(subject, []), *lines, *self._lines(subject, 1), "."])

    def _lines(self, subject: Any, depth: int) -> list[str]:
        """The lines of the statements about a subject, with their comments."""
        indent, comments = "    " * depth, self.comments
        found: list[str] = []
        for predicate, object_ in self._sort(subject):
            spelled = "a" if predicate == _TYPE else self.term(predicate, depth)
            line = f"{indent}{spelled} {self.term(object_, depth)} ;"
            if not comments.within:
                found.append(line)
                continue
            triple = ox.Triple(subject, predicate, object_)
            found += [f"{indent}{comment}" for comment in comments.before.get(triple, [])]
            found += _add_behind(line, comments.behind.get(triple, []), indent)
            found += [f"{indent}{comment}" for comment in comments.after.get(triple, [])]
        return found

    def _sort(self, subject: Any) -> list[tuple[ox.NamedNode, Term]]:
        """By predicate, `a` first, then by object; objects are compared only where a predicate has several."""
        objects: dict[ox.NamedNode, list[Term]] = defaultdict(list)
        for predicate, object_ in self.statements[subject]:
            objects[predicate].append(object_)
        return [
            (predicate, object_)
            for predicate in sorted(objects, key=lambda node: (node != _TYPE, node.value))
            for object_ in self._sort_objects(subject, predicate, objects[predicate])
        ]

    def _sort_objects(self, subject: Any, predicate: ox.NamedNode, terms: list[Term]) -> list[Term]:
        """In order; of blank nodes that are written alike, those with comments above or behind their lines first."""
        if len(terms) < 2:
            return terms
        if not self.comments.within:
            return sorted(terms, key=self._order)
        return sorted(terms, key=lambda term: (self._order(term), self._comments_at(subject, predicate, term)))

    def _comments_at(self, subject: Any, predicate: ox.NamedNode, term: Term) -> tuple[Any, ...]:
        if not isinstance(term, ox.BlankNode):
            return ()
        comments, triple = self.comments, ox.Triple(subject, predicate, term)
        before, behind = comments.before.get(triple, []), comments.behind.get(triple, [])
        return not (before or behind), before, behind, comments.after.get(triple, [])

    def _order(self, term: Term) -> tuple[int, str]:
        if isinstance(term, ox.BlankNode):
            return 2, self.term(term, 0)
        return isinstance(term, ox.Literal), str(term)

    def term(self, term: Term, depth: int) -> str:
        """One term as written in a line at the given depth."""
        if isinstance(term, ox.NamedNode):
            return self._iri(term.value)
        if isinstance(term, ox.Literal):
            return self._literal(term)
        if term in self.labeled:
            return str(term)
        if term not in self.written:
            self.written[term] = self._blank(term, 0)
        return self.written[term].replace("\n", "\n" + "    " * depth)

    def _iri(self, iri: str) -> str:
        if iri not in self.spelled:
            found = self.abbreviated(iri) if self.abbreviated else None
            prefix = self.prefixes[found[1]] if found else ""
            self.spelled[iri] = f"{prefix}:{found[2]}" if found else f"<{self.base.refer(iri)}>"
            self.used |= {prefix} if found else set()
        return self.spelled[iri]

    def _literal(self, literal: ox.Literal) -> str:
        datatype = literal.datatype.value
        if datatype in _BARE and _BARE[datatype].match(literal.value):
            return literal.value
        quoted = str(ox.Literal(literal.value))
        if literal.language:
            return f"{quoted}@{literal.language}"
        return quoted if datatype == XSD + "string" else f"{quoted}^^{self._iri(datatype)}"

    def _blank(self, node: ox.BlankNode, depth: int) -> str:
        cells = self._cells(node)
        if cells:
            return self._inline(cells, depth)
        if not self.statements.get(node):
            return "[]"
        head = _add_behind("[", self.comments.heads.get(node, []), "    " * (depth + 1))
        return "\n".join([*head, *self._lines(node, depth + 1), "    " * depth + "]"])

    def _inline(self, cells: Sequence[Any], depth: int) -> str:
        """A list: on one line if every item is and none has a comment, else one item a line."""
        objects, comments = [dict(self.statements[cell])[_FIRST] for cell in cells], self.comments
        items = [ox.Triple(cell, _FIRST, object_) for cell, object_ in zip(cells, objects, strict=True)]
        spelled = [self.term(object_, depth) for object_ in objects]
        noted = comments.within and any(
            item in noted for noted in (comments.before, comments.behind, comments.after) for item in items
        )
        if not noted and not any("\n" in text for text in spelled):
            return f"( {' '.join(spelled)} )"
        lines = []
        for item, text in zip(items, spelled, strict=True):
            lines += comments.before.get(item, [])
            lines += _add_behind(text, [*comments.behind.get(item, []), *comments.items.get(item, [])], "")
            lines += comments.after.get(item, [])
        return "\n".join(["(", *("    " + line.replace("\n", "\n    ") for line in lines), ")"])

    def _cells(self, node: Term) -> list[Term] | None:
        """The cells of the list that begins with the node; None if it is not a list (RDF Schema 1.1, section 5.2)."""
        cells: list[Term] = []
        while node != _NIL:
            rest = self._find_rest(node)
            if rest is None or rest == (cells or [node])[0]:
                return None
            cells.append(node)
            node = rest
        return cells

    def _find_rest(self, node: Term) -> Term | None:
        """What follows a cell of a list; None if the node is no cell, or something else as well."""
        properties = self.statements.get(node, [])
        cell = dict(properties)
        if not isinstance(node, ox.BlankNode) or node in self.labeled or len(properties) != 2 or set(cell) != _CELL:
            return None
        return cell[_REST]

    def find_cells(self) -> set[Term]:
        """The cells of the lists that are written in brackets; a list that nothing refers to is not."""
        found: set[Term] = set()
        met: set[Term] = set()
        for start in self.statements:
            node: Term | None = start
            chain: list[Term] = []
            while node is not None and node != _NIL and node not in met:
                met.add(node)
                chain.append(node)
                node = self._find_rest(node)
            if node == _NIL or node in found:
                found.update(cell for cell in chain if self.references[cell])
        return found
