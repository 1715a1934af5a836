"""Shape rules: what each constraint asks, in a sentence, read from the shapes (SHACL, sections 2 and 4)."""

import functools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from publisher.diagnostic import Rule, Severity
from publisher.rdf import turtle
from publisher.rdf.labels import best
from publisher.rdf.namespaces import RDFS, SH
from publisher.rdf.terms import Subject, Term
from publisher.validation.shapes.graph import ShapesGraph
from publisher.validation.shapes.property_paths import MAX_DEPTH


@dataclass(frozen=True)
class Constraint:
    """What one SHACL parameter asks.

    says: a phrase with the parameter's value as `{}`, to follow "Every coalition" (or, where `of_all` is False, "Each
    value of ..."). of_all: whether it is about all values of a path together, named in the phrase as `{path}`. why: the
    reason to ask it, empty where that depends on what is asked.
    """

    says: str
    why: str = ""
    of_all: bool = False


_COMPLETE: Final = "Pages, lists and queries count on it; what lacks it is not found."
_ONE: Final = "Where only one can be right, readers and programs would have to guess which one is meant."
_COMPARE: Final = "Values of one kind, written in one way, can be compared, sorted and searched."
_LINKS: Final = "A link helps only if it leads to something that is described, and of the kind that readers expect."
_RANGE: Final = "A value outside these bounds is mostly a slip of the pen."
_TEXT: Final = "A text of another length is mostly a slip of the pen, or does not fit where it is shown."
_ALTERNATIVES: Final = "There are several right ways to say this, and mixtures of them cannot be read."
_ELSEWHERE: Final = "What is right in another place is mostly here by mistake."
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
    "and": Constraint("{}"),
    "not": Constraint("is nothing that {}", _ELSEWHERE),
    "or": Constraint("{}"),
    "pattern": Constraint("matches the pattern {}", _COMPARE),
    "qualifiedMaxCount": Constraint("has at most {} of {path} as the shape describes them", _ONE, of_all=True),
    "qualifiedMinCount": Constraint("has at least {} of {path} as the shape describes them", _COMPLETE, of_all=True),
    "sparql": Constraint("is not found by the query of the shape"),
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


def name_of(iri: str) -> str:
    """The name of the rule that the shape, or the constraint component, with this IRI makes: the part after the last
    `#` or `/`."""
    return re.split("[#/]", iri.rstrip("#/"))[-1]


def rule_of(shape: Term, component: str) -> str:
    """The name of the rule that a result speaks by: its shape's, or, where that has no IRI, its component's."""
    return name_of(shape.value if isinstance(shape, ox.NamedNode) else component)


class RuleBook(Mapping[str, Rule]):
    """Rules by name; each is put into words when it is asked for, as a run tells of few.

    makers: name -> what makes the rule.
    """

    def __init__(self, makers: Mapping[str, Callable[[], Rule]]) -> None:
        self._makers = makers
        self._made: dict[str, Rule] = {}

    def __getitem__(self, name: str) -> Rule:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


class ShapeRules:
    """The rules that a shapes graph states, put into words.

    prefixes: prefix -> namespace, for spelling terms.
    """

    def __init__(self, graph: ShapesGraph, prefixes: Mapping[str, str]) -> None:
        self._spelled = functools.cache(lambda term: turtle.spell(term, prefixes))
        self.graph, self._paths, self._values = graph, graph.paths, graph.values

    def rules(self) -> "RuleBook":
        """The rules of all shapes that can speak, by name: one for each named shape, and one for each constraint
        component that blank shapes use, called by the component's local name.

        Of shapes with the same name, the first in the order of IRIs is taken.
        """
        named: dict[str, Callable[[], Rule]]
        named = {name: functools.partial(self._rule, shape) for name, shape in self.iris.items()}
        blank = [shape for shape in self._speaking if isinstance(shape, ox.BlankNode)]
        used = sorted({parameter for shape in blank for parameter in self._constraints(shape)})
        components = {name_of(self._component_of(key)): functools.partial(self._component, key, blank) for key in used}
        return RuleBook(components | named)

    @functools.cached_property
    def iris(self) -> dict[str, ox.NamedNode]:
        """The named shapes that can speak, by the names of their rules."""
        named = sorted((shape for shape in self._speaking if isinstance(shape, ox.NamedNode)), key=str, reverse=True)
        return {name_of(shape.value): shape for shape in named}

    def classes(self, shape: Subject) -> list[str]:
        """The IRIs of the classes whose instances a shape is applied to."""
        targets = (target for node in [shape, *self._holders(shape)] for target in self.graph.targets_of(node))
        return sorted({term.value for kind, term, _ in targets if kind == "targetClass"})

    def properties(self, shape: Subject) -> list[str]:
        """The properties that the path of a shape names, as they are spelled in statements."""
        spelled = re.split(r"[\^/|()*+?]", self._path_of(shape))
        return ["a" if name == "rdf:type" else name for name in spelled if name]

    def message(self, shape: Subject) -> str:
        """What the shape says of a finding, in English if it can; empty where it leaves that to the engine."""
        return self._text(shape, SH + "message")

    def asks(self, shape: Subject, component: str) -> str:
        """What one constraint component, an IRI, asks in a shape, in sentences: the words for a finding about which the
        author says nothing."""
        return self._meaning(shape, *(key for key in self._constraints(shape) if component == self._component_of(key)))

    def path(self, shape: Subject) -> Term | None:
        """The path of a property shape, None for a node shape."""
        return next(iter(self._values(shape, "path")), None)

    # Which shapes there are

    @functools.cached_property
    def _speaking(self) -> list[Subject]:
        """The shapes that findings name: those with an IRI or a target, and what they hold as `sh:property`; of these,
        those with a constraint."""
        targeted = [s for s in self.graph.stated if isinstance(s, ox.NamedNode) or any(self.graph.targets_of(s))]
        found = dict.fromkeys(s for s in targeted if not isinstance(s, ox.Literal))
        pending = list(found)
        while pending:
            below = [o for o in self._values(pending.pop(), "property") if not isinstance(o, ox.Literal)]
            pending += [shape for shape in below if shape not in found]
            found |= dict.fromkeys(below)
        return [shape for shape in found if self.graph.is_active(shape) and self._constraints(shape)]

    def _constraints(self, shape: Term) -> list[str]:
        """The parameters of a shape's constraints, in the order of the table, then those that the shapes define."""
        if self._values(shape, "parameter"):
            return []
        stated = self.graph.stated.get(shape, {})
        return [key for key in CONSTRAINTS if SH + key in stated] + [key for key in self._defined if key in stated]

    @functools.cached_property
    def _defined(self) -> dict[str, str]:
        """The parameters of the constraint components that the shapes define, and these, as IRIs (SHACL, section 6)."""
        defining = (triple for _, triple in self.graph.all(["parameter"]))
        found = ((_lexical(path), _lexical(t.subject)) for t in defining for path in self._values(t.object, "path"))
        return dict(sorted(found))

    def _component_of(self, parameter: str) -> str:
        """The IRI of the constraint component that a parameter belongs to."""
        local = "SPARQL" if parameter == "sparql" else parameter[:1].upper() + parameter[1:]
        return self._defined.get(parameter, f"{SH}{local}ConstraintComponent")

    def _constraint(self, key: str) -> Constraint:
        known = CONSTRAINTS.get(key)
        return known or Constraint(f"keeps to {{}} in the way of {self._spell(ox.NamedNode(key))}")

    def _holders(self, shape: Term) -> list[Subject]:
        """The shapes that hold a shape as `sh:property`."""
        return self.graph.holders.get(shape, [])

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
            said or " ".join(sorted(set(self._reasons(shape)))),
            self.message(shape),
        )

    def _reasons(self, shape: Term, depth: int = 0) -> Iterator[str]:
        """Why one asks what a shape asks, and what the shapes that it chooses from ask."""
        for key in self._constraints(shape):
            if self._constraint(key).why and not (depth and key == "not"):  # "Not this, or that" asks for that.
                yield self._constraint(key).why
        chosen = [
            item for key in ("and", "or") for head in self._values(shape, key) for item in self._paths.items(head) or []
        ]
        for node in [*chosen, *self._values(shape, "property")] if depth < MAX_DEPTH else []:
            if isinstance(node, ox.BlankNode):
                yield from self._reasons(node, depth + 1)

    def _component(self, parameter: str, shapes: Sequence[Subject]) -> Rule:
        """The rule that stands for a constraint component in shapes without a name."""
        using = [shape for shape in shapes if parameter in self._constraints(shape)]
        levels = [_SEVERITIES.get(_lexical(t), Severity.VIOLATION) for s in using for t in self._values(s, "severity")]
        severity = max(levels) if len(levels) == len(using) else Severity.VIOLATION
        meaning = " ".join(sorted({self._meaning(shape, parameter) for shape in using}))
        mend = " ".join(sorted({self.message(shape) for shape in using} - {""}))
        title = f"What shapes without a name ask with {name_of(parameter)}"
        why = self._constraint(parameter).why
        return Rule(name_of(self._component_of(parameter)), "shape", severity, title, meaning, why, mend)

    def _title(self, shape: Subject) -> str:
        own = self._text(shape, SH + "name") or self._text(shape, RDFS + "label")
        above = min((self._text(holder, RDFS + "label") for holder in self._holders(shape)), default="")
        return f"{above}: {own}" if above and own else own

    def _text(self, shape: Term, predicate: str) -> str:
        """The text that a property gives, the English one if there are several languages."""
        return best(term for term in self._values(shape, predicate) if isinstance(term, ox.Literal))

    # Sentences

    def _meaning(self, shape: Subject, *only: str) -> str:
        """What a shape asks of what, in sentences."""
        who = self._who(shape)
        path = self._path_of(shape)
        asked = only or self._constraints(shape)
        whole = self._phrases(shape, [key for key in asked if self._constraint(key).of_all or not path])
        each = self._phrases(shape, [key for key in asked if path and not self._constraint(key).of_all])
        sentences = [f"{who or 'whatever the shape is applied to'} {' and '.join(whole)}."] if whole else []
        sentences += [f"each value of {path}{f', for {who},' if who else ''} {' and '.join(each)}."] if each else []
        return " ".join(sentence[:1].upper() + sentence[1:] for sentence in sentences)

    def _who(self, shape: Term, depth: int = 0) -> str:
        """What a shape is applied to, by itself or through the shapes that hold it."""
        said = [_TARGETS[kind].format(self._spell(term)) for kind, term, _ in self.graph.targets_of(shape)]
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
            said, values = self._constraint(key).says, sorted(self._value(value, key, depth) for value in stated[key])
            if key in exact:
                said = said.replace("at least", "exactly")
            if key == "hasValue" and not path:
                said = "is {}"
            phrases.append(said.replace("{path}", path).replace("{}", " and ".join(values)))
        return phrases

    def _value(self, value: Term, key: str, depth: int) -> str:
        """The value of a parameter in words."""
        items = self._paths.items(value)
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
        said += sorted(self._shape(below, depth + 1) for below in self._values(node, "property"))
        return " and ".join(said) or "is anything"

    def _path_of(self, shape: Term) -> str:
        """The path of a property shape as SPARQL writes it; empty for a node shape."""
        path = next(iter(self._values(shape, "path")), None)
        return "" if path is None else self._paths.spelled(path, self._spell)

    def _spell(self, term: Term) -> str:
        return "[]" if isinstance(term, ox.BlankNode) else self._spelled(term)


def _lexical(term: Term) -> str:
    return term.value
