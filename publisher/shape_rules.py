"""Owns what shapes ask, in sentences: their rules, read from the shapes themselves (SHACL, sections 2 and 4)."""

import functools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from publisher import turtle
from publisher.names import RDF, RDFS, SH
from publisher.problems import Rule, Severity
from publisher.turtle import Subject, Term


@dataclass(frozen=True)
class Constraint:
    """What one SHACL parameter asks.

    says: a phrase with the parameter's value as `{}`, to follow "Every coalition" (or, where `of_all` is False, "Each
    value of ..."). of_all: whether it is about all values of a path together, named in the phrase as `{path}`. why: the
    reason to ask it.
    """

    says: str
    why: str
    of_all: bool = False


_COMPLETE: Final = "Pages, lists and queries count on it; what lacks it is not found."
_ONE: Final = "Where only one can be right, readers and programs would have to guess which one is meant."
_COMPARE: Final = "Values of one kind, written in one way, can be compared, sorted and searched."
_LINKS: Final = "A link helps only if it leads to something that is described, and of the kind that readers expect."
_RANGE: Final = "A value outside these bounds is a slip of the pen."
_TEXT: Final = "A text of another length is a slip of the pen, or does not fit where it is shown."
_ALTERNATIVES: Final = "There are several right ways to say this, and mixtures of them cannot be read."
_TWICE: Final = "Saying the same thing in two places adds nothing, and mostly one of the two is a slip."
_LANGUAGE: Final = "Programs choose texts by their language; a text that does not say its language is not chosen."
_STRAY: Final = "A property that nobody expects is mostly a misspelt one, and no page or query would find what it says."
_ORDER: Final = "What comes first cannot be later than what follows it."

CONSTRAINTS: Final = {
    "class": Constraint("is an instance of {}", _LINKS),
    "closed": Constraint("has no other properties than those that the shape names", _STRAY),
    "datatype": Constraint("has the datatype {}", _COMPARE),
    "disjoint": Constraint("has no value of {path} that is a value of {} too", _TWICE, of_all=True),
    "equals": Constraint("has the same values of {path} as of {}", _ONE, of_all=True),
    "hasValue": Constraint("has the value {} among those of {path}", _COMPLETE, of_all=True),
    "in": Constraint("is one of {}", _COMPARE),
    "languageIn": Constraint("says that its language is one of {}", _LANGUAGE),
    "lessThan": Constraint("has only values of {path} that come before those of {}", _ORDER, of_all=True),
    "lessThanOrEquals": Constraint("has no value of {path} that comes after one of {}", _ORDER, of_all=True),
    "maxCount": Constraint("has at most {} of {path}", _ONE, of_all=True),
    "maxExclusive": Constraint("is less than {}", _RANGE),
    "maxInclusive": Constraint("is {} or less", _RANGE),
    "maxLength": Constraint("has at most {} characters", _TEXT),
    "minCount": Constraint("has at least {} of {path}", _COMPLETE, of_all=True),
    "minExclusive": Constraint("is more than {}", _RANGE),
    "minInclusive": Constraint("is {} or more", _RANGE),
    "minLength": Constraint("has at least {} characters", _TEXT),
    "node": Constraint("keeps to {}", _LINKS),
    "nodeKind": Constraint("is {}", _LINKS),
    "and": Constraint("{}", _COMPLETE),
    "not": Constraint("is nothing that {}", _ALTERNATIVES),
    "or": Constraint("{}", _ALTERNATIVES),
    "pattern": Constraint("matches the pattern {}", _COMPARE),
    "qualifiedMaxCount": Constraint("has at most {} of {path} as the shape describes them", _ONE, of_all=True),
    "qualifiedMinCount": Constraint("has at least {} of {path} as the shape describes them", _COMPLETE, of_all=True),
    "sparql": Constraint("is not found by the query of the shape", _COMPLETE),
    "uniqueLang": Constraint("has at most one value of {path} in each language", _ONE, of_all=True),
    "xone": Constraint("does exactly one of these: {}", _ALTERNATIVES),
}
"""Every parameter of SHACL that makes a constraint (SHACL, sections 4 and 5)."""

_TARGETS: Final = {
    "targetClass": "every {}",
    "targetNode": "the node {}",
    "targetSubjectsOf": "everything that has {}",
    "targetObjectsOf": "every value of {}",
}
_NODE_KINDS: Final = {"BlankNode": "a blank node", "IRI": "an IRI", "Literal": "a literal"}
_JOINTS: Final = {"and": "; and ", "or": "; or ", "xone": "; "}
_COUNTS: Final = {"minCount": "maxCount", "qualifiedMinCount": "qualifiedMaxCount"}
_SEVERITIES: Final = {
    SH + "Info": Severity.INFO,
    SH + "Warning": Severity.WARNING,
    SH + "Violation": Severity.VIOLATION,
}
_PATHS: Final = {
    "inversePath": "^{}",
    "zeroOrMorePath": "{}*",
    "oneOrMorePath": "{}+",
    "zeroOrOnePath": "{}?",
}
_CLASSES: Final = frozenset({RDFS + "Class", "http://www.w3.org/2002/07/owl#Class"})
MAX_DEPTH: Final = 4
"""Shapes and paths nested deeper than this are not put into words; nobody would read them."""


def name_of(shape: str) -> str:
    """The name of the rule that the shape with this IRI makes: the part after the last `#` or `/`."""
    return re.split("[#/]", shape)[-1]


class Shapes:
    """A shapes graph, read for people."""

    def __init__(self, triples: Iterable[ox.Triple], prefixes: Mapping[str, str]) -> None:
        """prefixes: prefix -> namespace, for spelling terms."""
        self._spelled = functools.cache(lambda term: turtle.spell(term, prefixes))
        self._stated: dict[Term, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
        self._held: dict[Term, list[Subject]] = defaultdict(list)
        for subject, predicate, object_ in map(turtle.terms, triples):
            self._stated[subject][predicate.value].append(object_)
            if predicate.value == SH + "property":
                self._held[object_].append(subject)

    def rules(self) -> dict[str, Rule]:
        """The rules of all shapes that can speak, by name: one for each named shape, and one for each constraint
        component that blank shapes use, called by the component's local name.

        Of shapes with the same name, the first in the order of IRIs is taken.
        """
        speaking = [shape for shape in self._reported() if self._constraints(shape)]
        named = sorted((shape for shape in speaking if isinstance(shape, ox.NamedNode)), key=str, reverse=True)
        found = {name_of(shape.value): self._rule(shape) for shape in named}
        blank = [shape for shape in speaking if isinstance(shape, ox.BlankNode)]
        used = sorted({parameter for shape in blank for parameter in self._constraints(shape)})
        components = [self._component(parameter, blank) for parameter in used]
        return {rule.name: rule for rule in components} | found

    def iris(self) -> dict[str, ox.NamedNode]:
        """The named shapes by the names of their rules."""
        named = sorted((node for node in self._stated if isinstance(node, ox.NamedNode)), key=str, reverse=True)
        return {name_of(node.value): node for node in named if self._constraints(node)}

    def classes(self, shape: Subject) -> list[str]:
        """The IRIs of the classes whose instances a shape is applied to."""
        targets = (target for node in [shape, *self._holders(shape)] for target in self._own_targets(node))
        return sorted({term.value for kind, term in targets if kind == "targetClass"})

    def message(self, shape: Subject) -> str:
        """What the shape says of a finding, in English if it can; empty where it leaves that to the engine."""
        return self._text(shape, SH + "message")

    def triples(self, shape: Subject) -> list[ox.Triple]:
        """What is stated of a shape, blank nodes below it included."""
        found, pending, seen = [], [shape], {shape}
        while pending:
            node = pending.pop()
            for predicate, objects in self._stated.get(node, {}).items():
                found += [ox.Triple(node, ox.NamedNode(predicate), object_) for object_ in objects]
                below = [o for o in objects if isinstance(o, ox.BlankNode) and o not in seen]
                seen.update(below)
                pending += below
        return found

    # Which shapes there are

    def _reported(self) -> list[Subject]:
        """The shapes that findings name: those with an IRI or a target, and what they hold as `sh:property`."""
        targeted = [s for s in self._stated if isinstance(s, ox.NamedNode) or any(self._own_targets(s))]
        found = dict.fromkeys(s for s in targeted if not isinstance(s, ox.Literal))
        pending = list(found)
        while pending:
            below = [o for o in self._values(pending.pop(), "property") if not isinstance(o, ox.Literal)]
            pending += [shape for shape in below if shape not in found]
            found |= dict.fromkeys(below)
        return [shape for shape in found if "true" not in map(_lexical, self._values(shape, "deactivated"))]

    def _values(self, node: Term, key: str) -> list[Term]:
        """The values of a property: the local name of one of SHACL's, or an IRI."""
        return self._stated.get(node, {}).get(key if ":" in key else SH + key, [])

    def _constraints(self, shape: Term) -> list[str]:
        """The parameters of a shape's constraints, in the order of the table, then those that the shapes define."""
        if self._values(shape, "parameter"):
            return []
        stated = self._stated.get(shape, {})
        return [key for key in CONSTRAINTS if SH + key in stated] + [key for key in self._defined if key in stated]

    @functools.cached_property
    def _defined(self) -> list[str]:
        """The parameters, as IRIs, of the constraint components that the shapes define (SHACL, section 6)."""
        parameters = (p for stated in self._stated.values() for p in stated.get(SH + "parameter", []))
        return sorted({_lexical(path) for parameter in parameters for path in self._values(parameter, "path")})

    def _constraint(self, key: str) -> Constraint:
        known = CONSTRAINTS.get(key)
        return known or Constraint(f"keeps to {{}} in the way of {self._spell(ox.NamedNode(key))}", "")

    def _own_targets(self, shape: Term) -> Iterator[tuple[str, Term]]:
        for kind in _TARGETS:
            yield from ((kind, term) for term in sorted(self._values(shape, kind), key=str))
        if any(_lexical(kind) in _CLASSES for kind in self._stated.get(shape, {}).get(RDF + "type", [])):
            yield "targetClass", shape

    def _holders(self, shape: Term) -> list[Subject]:
        """The shapes that hold a shape as `sh:property`."""
        return self._held.get(shape, [])

    # Rules

    def _rule(self, shape: ox.NamedNode) -> Rule:
        name, said = name_of(shape.value), self._text(shape, SH + "description") or self._text(shape, RDFS + "comment")
        severity = [_SEVERITIES.get(_lexical(term), Severity.VIOLATION) for term in self._values(shape, "severity")]
        return Rule(
            name,
            "shape",
            max(severity, default=Severity.VIOLATION),
            self._title(shape) or name,
            self._meaning(shape),
            said or self._reasons(shape),
            self.message(shape),
        )

    def _reasons(self, shape: Subject) -> str:
        """Why one asks what a shape asks, where it does not say so itself."""
        return " ".join(dict.fromkeys(filter(None, (self._constraint(key).why for key in self._constraints(shape)))))

    def _component(self, parameter: str, shapes: Sequence[Subject]) -> Rule:
        """The rule that stands for a constraint component in shapes without a name."""
        local = "SPARQL" if parameter == "sparql" else name_of(parameter)[:1].upper() + name_of(parameter)[1:]
        using = [shape for shape in shapes if parameter in self._constraints(shape)]
        levels = [_SEVERITIES.get(_lexical(t), Severity.VIOLATION) for s in using for t in self._values(s, "severity")]
        severity = max(levels) if len(levels) == len(using) else Severity.VIOLATION
        meaning = " ".join(dict.fromkeys(self._meaning(shape, parameter) for shape in using))
        mend = " ".join(dict.fromkeys(filter(None, map(self.message, using))))
        title = f"What shapes without a name ask with {local[:1].lower() + local[1:]}"
        why = self._constraint(parameter).why
        return Rule(f"{local}ConstraintComponent", "shape", severity, title, meaning, why, mend)

    def _title(self, shape: Subject) -> str:
        own = self._text(shape, SH + "name") or self._text(shape, RDFS + "label")
        above = next((self._text(holder, RDFS + "label") for holder in self._holders(shape)), "")
        return f"{above}: {own}" if above and own else own

    def _text(self, shape: Term, predicate: str) -> str:
        """The text that a property gives, the English one if there are several languages."""
        texts = [term for term in self._stated.get(shape, {}).get(predicate, []) if isinstance(term, ox.Literal)]
        return min(texts, key=lambda t: (not (t.language or "en").startswith("en"), t.value)).value if texts else ""

    # Sentences

    def _meaning(self, shape: Subject, *only: str) -> str:
        """What a shape asks of what, in sentences."""
        who = self._who(shape) or "whatever the shape is applied to"
        path = self._path_of(shape)
        asked = only or self._constraints(shape)
        whole = self._phrases(shape, [key for key in asked if self._constraint(key).of_all or not path])
        each = self._phrases(shape, [key for key in asked if path and not self._constraint(key).of_all])
        sentences = [f"{who} {' and '.join(whole)}."] if whole else []
        sentences += [f"each value of {path}, for {who}, {' and '.join(each)}."] if each else []
        return " ".join(sentence[:1].upper() + sentence[1:] for sentence in sentences)

    def _who(self, shape: Term, depth: int = 0) -> str:
        """What a shape is applied to, by itself or through the shapes that hold it."""
        said = [_TARGETS[kind].format(self._spell(term)) for kind, term in self._own_targets(shape)]
        for holder in self._holders(shape) if depth < MAX_DEPTH else []:
            path, above = self._path_of(holder), self._who(holder, depth + 1)
            said += [f"each value of {path}, for {above}," if path and above else above]
        return " and ".join(sorted({phrase for phrase in said if phrase}))

    def _phrases(self, shape: Term, keys: Sequence[str], depth: int = 0) -> list[str]:
        """What parameters of a shape ask, as phrases that begin with a verb."""
        path, phrases = self._path_of(shape), []
        stated = {key: self._values(shape, key) for key in keys}
        exact = {low: high for low, high in _COUNTS.items() if low in stated and stated[low] == stated.get(high)}
        for key in [key for key in keys if key not in exact.values()]:
            said, values = self._constraint(key).says, [self._value(value, key, depth) for value in stated[key]]
            if key in exact:
                said = said.replace("at least", "exactly")
            if key == "hasValue" and not path:
                said = "is {}"
            phrases.append(said.replace("{path}", path).replace("{}", " and ".join(values)))
        return phrases

    def _value(self, value: Term, key: str, depth: int) -> str:
        """The value of a parameter in words."""
        items = self._list(value)
        if items is not None:
            return _JOINTS.get(key, ", ").join(self._shape(item, depth) for item in items)
        if key == "nodeKind":
            kinds = name_of(_lexical(value)).split("Or")
            return " or ".join(_NODE_KINDS.get(kind, self._spell(value)) for kind in kinds)
        if key in _COUNTS or key in _COUNTS.values():
            return f"{_lexical(value)} value{'' if _lexical(value) == '1' else 's'}"
        return self._shape(value, depth)

    def _shape(self, node: Term, depth: int) -> str:
        """A shape within a shape in words; any other term as it is spelled."""
        if not isinstance(node, ox.BlankNode):
            return self._spell(node)
        if depth >= MAX_DEPTH:
            return "is as the shape says"
        asked, path = self._constraints(node), self._path_of(node)
        each = self._phrases(node, [key for key in asked if path and not self._constraint(key).of_all], depth + 1)
        said = self._phrases(node, [key for key in asked if self._constraint(key).of_all or not path], depth + 1)
        said += [f"has only values of {path} of which each {phrase}" for phrase in each]
        said += [self._shape(below, depth + 1) for below in self._values(node, "property")]
        return " and ".join(said) or "is anything"

    def _path_of(self, shape: Term) -> str:
        """The path of a property shape; empty for a node shape."""
        return next((self._path(term) for term in self._values(shape, "path")), "")

    def _path(self, path: Term, depth: int = 0) -> str:
        """A property path as SPARQL writes it (SHACL, section 2.3.1)."""
        if not isinstance(path, ox.BlankNode):
            return self._spell(path)
        if depth >= MAX_DEPTH:
            return "..."
        items = self._list(path)
        if items is not None:
            return "/".join(self._path(item, depth + 1) for item in items)
        for key, form in _PATHS.items():
            for inner in self._values(path, key):
                return form.format(self._path(inner, depth + 1))
        choices = next(iter(self._values(path, "alternativePath")), None)
        items = self._list(choices) if choices is not None else None
        return f"({'|'.join(self._path(item, depth + 1) for item in items)})" if items else "..."

    def _list(self, head: Term) -> list[Term] | None:
        """The items of a well-formed list, None where the node is no list."""
        items: list[Term] = []
        seen: set[Term] = set()
        while head != ox.NamedNode(RDF + "nil"):
            stated = self._stated.get(head, {})
            first, rest = stated.get(RDF + "first", []), stated.get(RDF + "rest", [])
            if len(first) != 1 or len(rest) != 1 or head in seen:
                return None
            seen.add(head)
            items.append(first[0])
            head = rest[0]
        return items

    def _spell(self, term: Term) -> str:
        return "[]" if isinstance(term, ox.BlankNode) else self._spelled(term)


def _lexical(term: Term) -> str:
    return term.value
