"""Shape rules: the meaning of each constraint as a sentence, derived from the shapes (SHACL, sections 2 and 4)."""

import functools
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from publisher.diagnostic import Rule, Severity
from publisher.rdf import turtle
from publisher.rdf.labels import best
from publisher.rdf.namespaces import RDFS, SH
from publisher.rdf.terms import Subject, Term
from publisher.validation.shapes.graph import SHAPES, ShapesGraph
from publisher.validation.shapes.property_paths import MAX_DEPTH
from publisher.validation.shapes.queries import core_components


@dataclass(frozen=True)
class Constraint:
    """The meaning of one SHACL parameter. says: a phrase with the parameter's value as `{}`, to follow "Every
    coalition" (or, where `of_all` is False, "Each value of ..."). of_all: whether it is about all values of a path
    together, named in the phrase as `{path}`. why: the reason to ask it, empty where that depends on what is asked.
    """

    says: str
    why: str = ""
    of_all: bool = False


_COMPLETE: Final = "Pages, lists and queries depend on it and do not find a record without it."
_ONE: Final = "Only one value can be right; with several, readers and programs cannot know which one."
_COMPARE: Final = "Values of the same kind and form can be compared, sorted and searched."
_LINKS: Final = "A link is useful only if its target is described and has the expected type."
_RANGE: Final = "A value outside these bounds is usually a typing error."
_TEXT: Final = "A text of another length is usually a typing error, or does not fit where it is shown."
_ALTERNATIVES: Final = "There are several right ways to state this; mixtures of them cannot be read."
_ELSEWHERE: Final = "Values that are valid elsewhere are usually mistakes here."
_TWICE: Final = "Stating the same thing in two places adds nothing; usually one of the two is a mistake."
_LANGUAGE: Final = "Programs choose texts by language; a text without a language tag is not chosen."
_STRAY: Final = "An unexpected property is usually misspelled; no page or query finds its value."
_ORDER: Final = "An earlier event cannot have a later date than the event that follows it."

MAX_PHRASES: Final = 3
"""Targets of one shape that are put into words; of more, none is."""
CONSTRAINTS: Final = {
    "class": Constraint("is an instance of {}", _LINKS),
    "closed": Constraint("has no properties other than those that the shape names", _STRAY),
    "datatype": Constraint("has the datatype {}", _COMPARE),
    "disjoint": Constraint("has no value of {path} that is a value of {} too", _TWICE, of_all=True),
    "equals": Constraint("has the same values of {path} as of {}", _ONE, of_all=True),
    "hasValue": Constraint("has the value {} among those of {path}", _COMPLETE, of_all=True),
    "in": Constraint("is one of {}", _COMPARE),
    "languageIn": Constraint("has one of the language tags {}", _LANGUAGE),
    "lessThan": Constraint("has only values of {path} that are less than those of {}", _ORDER, of_all=True),
    "lessThanOrEquals": Constraint(
        "has only values of {path} that are less than or equal to those of {}", _ORDER, of_all=True
    ),
    "maxCount": Constraint("has at most {} of {path}", _ONE, of_all=True),
    "maxExclusive": Constraint("is less than {}", _RANGE),
    "maxInclusive": Constraint("is {} or less", _RANGE),
    "maxLength": Constraint("has at most {} characters", _TEXT),
    "minCount": Constraint("has at least {} of {path}", _COMPLETE, of_all=True),
    "minExclusive": Constraint("is more than {}", _RANGE),
    "minInclusive": Constraint("is {} or more", _RANGE),
    "minLength": Constraint("has at least {} characters", _TEXT),
    "node": Constraint("{}", _LINKS),
    "nodeKind": Constraint("is {}", _LINKS),
    "and": Constraint("{}"),
    "not": Constraint("does not fit this: {}", _ELSEWHERE),
    "or": Constraint("{}"),
    "pattern": Constraint("matches the pattern {}", _COMPARE),
    "qualifiedMaxCount": Constraint("has at most {} of {path} that fit this: {shape}", _ONE, of_all=True),
    "qualifiedMinCount": Constraint("has at least {} of {path} that fit this: {shape}", _COMPLETE, of_all=True),
    "sparql": Constraint("is not returned by the shape's query"),
    "uniqueLang": Constraint("has at most one value of {path} in each language", _ONE, of_all=True),
    "xone": Constraint("fits exactly one of these: {}", _ALTERNATIVES),
}
"""Every parameter of SHACL that makes a constraint (SHACL, sections 4 and 5)."""

_TARGETS: Final = {
    "targetClass": "every {}",
    "targetSubjectsOf": "every node that has {}",
    "targetObjectsOf": "every value of {}",
}
_NODE_KINDS: Final = {"BlankNode": "a blank node", "IRI": "an IRI", "Literal": "a literal"}
_OF_NODES: Final = {"hasValue": "is {}", "equals": "is the only value of {}", "disjoint": "is not a value of {}"}
"""What these parameters say of the focus node itself, where a shape has no path."""
_JOINTS: Final = {"and": "; and ", "or": "; or ", "xone": "; "}
_COUNTS: Final = {"minCount": "maxCount", "qualifiedMinCount": "qualifiedMaxCount"}
_SEVERITIES: Final = {
    SH + "Info": Severity.INFO,
    SH + "Warning": Severity.WARNING,
    SH + "Violation": Severity.VIOLATION,
}


def name_of(iri: str) -> str:
    """The last part of an IRI: what follows the last `#` or `/`."""
    return re.split("[#/]", iri.rstrip("#/"))[-1]


class RuleBook(Mapping[str, Rule]):
    """Rules by name; each is made on first use, because a run reports few.

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

    prefixes: prefix -> namespace, for spelling terms. naming: the same for the names of rules, if that differs.
    """

    def __init__(
        self, graph: ShapesGraph, prefixes: Mapping[str, str], naming: Mapping[str, str] | None = None
    ) -> None:
        self._spelled = functools.cache(lambda term: turtle.spell(term, prefixes))
        in_names = prefixes if naming is None else naming
        self._named = functools.cache(lambda term: turtle.spell(term, in_names))
        self.graph, self._paths, self._values = graph, graph.paths, graph.values
        self.rule_name = functools.cache(self._rule_name)
        self.asks = functools.cache(self._asks)
        self.path = functools.cache(self._path)

    def rules(self) -> "RuleBook":
        """The rules of all shapes that findings can name: one for each named shape, and one for each constraint of a
        shape that is a blank node."""
        makers: dict[str, Callable[[], Rule]]
        makers = {name: functools.partial(self._rule, shape, name) for name, shape in self.iris.items()}
        blank: dict[tuple[str, str], list[Subject]] = defaultdict(list)
        for shape in self._reporting:
            for key in self._constraints(shape) if isinstance(shape, ox.BlankNode) else ():
                blank[self.rule_name(shape, self._component_of(key)), key].append(shape)
        unnamed = {
            name: functools.partial(self._component, name, key, found)
            for (name, key), found in sorted(blank.items(), key=str)
        }
        return RuleBook(unnamed | makers)

    def _rule_name(self, shape: Subject, component: str) -> str:
        """The name of the rule of a result, the same wherever in its file the shape is.

        That of a named shape is the last part of its IRI, or the whole IRI where other shapes end alike. That of a
        blank node is made of the shape that holds it, its path and the constraint component.
        """
        if isinstance(shape, ox.NamedNode):
            return self._short_names.get(shape, shape.value)
        return "/".join([*self._position(shape), name_of(component).removesuffix("ConstraintComponent")])

    @functools.cached_property
    def _short_names(self) -> dict[Term, str]:
        """Named shape -> the last part of its IRI, for those of which no other ends alike."""
        shapes: dict[str, list[Term]] = defaultdict(list)
        for node, stated in self.graph.stated.items():
            if isinstance(node, ox.NamedNode) and any(key.startswith(SH) for key in stated):
                shapes[name_of(node.value)].append(node)
        return {found[0]: name for name, found in shapes.items() if len(found) == 1}

    def _position(self, shape: Subject, depth: int = 0) -> list[str]:
        """The parts of the name of a blank node: of the shape that holds it, else its target; then its path."""
        path = self.path(shape)
        own = [] if path is None else [self._paths.spell_path(path, self._spell_in_names)]
        parents = self.graph.parents.get(shape, [])
        named = sorted((parent for parent in parents if isinstance(parent, ox.NamedNode)), key=str)
        parent = next(iter([*named, *parents]), None)
        if parent is None or depth > MAX_DEPTH:
            targets = sorted(self._spell_in_names(term) for _, term, _ in self.graph.targets_of(shape))
            return [*targets[:1], *own]
        if isinstance(parent, ox.NamedNode):
            return [self.rule_name(parent, ""), *own]
        return [*self._position(parent, depth + 1), *own]

    @functools.cached_property
    def iris(self) -> dict[str, ox.NamedNode]:
        """The named shapes that findings can name, by the names of their rules."""
        named = sorted((shape for shape in self._reporting if isinstance(shape, ox.NamedNode)), key=str)
        return {self.rule_name(shape, ""): shape for shape in named}

    def classes(self, shape: Subject) -> list[str]:
        """The IRIs of the classes whose instances a shape is applied to."""
        targets = (target for node in [shape, *self._holders(shape)] for target in self.graph.targets_of(node))
        return sorted({term.value for kind, term, _ in targets if kind == "targetClass"})

    def properties(self, shape: Subject) -> list[str]:
        """The properties that the path of a shape names, as they are spelled in statements."""
        spelled = re.split(r"[\^/|()*+?]", self._path_of(shape))
        return ["a" if name == "rdf:type" else name for name in spelled if name]

    def severity(self, shape: Subject) -> Severity:
        """The severity of the findings of a shape (SHACL, section 2.1.4)."""
        stated = [_SEVERITIES.get(_lexical(term), Severity.VIOLATION) for term in self._values(shape, "severity")]
        return max(stated, default=Severity.VIOLATION)

    def message(self, shape: Subject) -> str:
        """What the shape says of a finding, in English if it can; empty where it leaves that to the engine."""
        return self._text(shape, SH + "message")

    def _asks(self, shape: Subject, component: str) -> str:
        """Describe one constraint component (an IRI) of a shape in sentences: the message of findings without
        sh:message."""
        return self._meaning(shape, *(key for key in self._constraints(shape) if component == self._component_of(key)))

    def _path(self, shape: Subject) -> Term | None:
        """The path of a property shape, None for a node shape."""
        return next(iter(self._values(shape, "path")), None)

    # Which shapes there are

    @functools.cached_property
    def _reporting(self) -> list[Subject]:
        """The shapes that findings name: those with an IRI or a target, and what these hold as `sh:property` or
        `sh:node`; of these, those with a constraint."""
        targeted = [s for s in self.graph.stated if isinstance(s, ox.NamedNode) or any(self.graph.targets_of(s))]
        found = dict.fromkeys(s for s in targeted if not isinstance(s, ox.Literal))
        pending = list(found)
        while pending:
            shape = pending.pop()
            values = [*self._values(shape, "property"), *self._values(shape, "node")]
            below = [value for value in values if not isinstance(value, ox.Literal)]
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
        core = core_components(self.graph)
        defining = (triple for _, triple in self.graph.all(["parameter"]) if triple.subject not in core)
        found = ((_lexical(path), _lexical(t.subject)) for t in defining for path in self._values(t.object, "path"))
        return dict(sorted(found))

    def _component_of(self, parameter: str) -> str:
        """The IRI of the constraint component that a parameter belongs to."""
        local = "SPARQL" if parameter == "sparql" else parameter[:1].upper() + parameter[1:]
        return self._defined.get(parameter, f"{SH}{local}ConstraintComponent")

    def _constraint(self, key: str) -> Constraint:
        known = CONSTRAINTS.get(key)
        return known or Constraint(f"has the parameter {self._spell(ox.NamedNode(key))} {{}}")

    def _holders(self, shape: Term) -> list[Subject]:
        """The shapes that hold a shape as `sh:property`."""
        return self.graph.holders.get(shape, [])

    # Rules

    def _rule(self, shape: ox.NamedNode, name: str) -> Rule:
        said = self._text(shape, SH + "description") or self._text(shape, RDFS + "comment")
        return Rule(
            name,
            "shape",
            self.severity(shape),
            self._title(shape) or name,
            self._meaning(shape),
            said or " ".join(sorted(set(self._reasons(shape)))),
            self.message(shape),
        )

    def _reasons(self, shape: Term, depth: int = 0) -> Iterator[str]:
        """Return the reasons of a shape's constraints, and of those of its alternatives."""
        for key in self._constraints(shape):
            if self._constraint(key).why and not (depth and key == "not"):  # "Not this, or that" asks for that.
                yield self._constraint(key).why
        chosen = [
            item for key in ("and", "or") for head in self._values(shape, key) for item in self._paths.items(head) or []
        ]
        for node in [*chosen, *self._values(shape, "property")] if depth < MAX_DEPTH else []:
            if isinstance(node, ox.BlankNode):
                yield from self._reasons(node, depth + 1)

    def _component(self, name: str, parameter: str, shapes: Sequence[Subject]) -> Rule:
        """The rule of one constraint of shapes that are blank nodes at the same position."""
        levels = [_SEVERITIES.get(_lexical(t), Severity.VIOLATION) for s in shapes for t in self._values(s, "severity")]
        severity = max(levels) if len(levels) == len(shapes) else Severity.VIOLATION
        meaning = " ".join(sorted({self._meaning(shape, parameter) for shape in shapes}))
        fix = " ".join(sorted({self.message(shape) for shape in shapes} - {""}))
        title = next(filter(None, map(self._title, shapes)), name)
        return Rule(name, "shape", severity, title, meaning, self._constraint(parameter).why, fix)

    def _title(self, shape: Subject) -> str:
        own = self._text(shape, SH + "name") or self._text(shape, RDFS + "label")
        above = min((self._text(holder, RDFS + "label") for holder in self._holders(shape)), default="")
        return f"{above}: {own}" if above and own else own

    def _text(self, shape: Term, predicate: str) -> str:
        """The text that a property gives, the English one if there are several languages."""
        return best(term for term in self._values(shape, predicate) if isinstance(term, ox.Literal))

    # Sentences

    def _meaning(self, shape: Subject, *only: str) -> str:
        """Describe the constraints and targets of a shape in sentences."""
        who = self._who(shape)
        path = self._path_of(shape)
        asked = only or self._constraints(shape)
        whole = self._phrases(shape, [key for key in asked if self._constraint(key).of_all or not path])
        each = self._phrases(shape, [key for key in asked if path and not self._constraint(key).of_all])
        sentences = [f"{who or 'each node that the shape applies to'} {' and '.join(whole)}."] if whole else []
        of_all = f", for {who.rstrip(',')}," if who else ""
        sentences += [f"each value of {path}{of_all} {' and '.join(each)}."] if each else []
        return " ".join(sentence[:1].upper() + sentence[1:] for sentence in sentences)

    def _who(self, shape: Term, depth: int = 0) -> str:
        """Describe the targets of a shape, its own or those of the shapes that apply it; empty if they are many."""
        targets = sorted({(kind, self._spell(term)) for kind, term, _ in self.graph.targets_of(shape)})
        said = [_TARGETS[kind].format(name) for kind, name in targets if kind != "targetNode"]
        nodes = [name for kind, name in targets if kind == "targetNode"]
        if len(nodes) > MAX_PHRASES:
            return ""
        said += (
            [f"the node {nodes[0]}" if len(nodes) == 1 else f"each of {', '.join(nodes[:-1])} and {nodes[-1]}"]
            if nodes
            else []
        )
        for holder in self.graph.appliers.get(shape, []) if depth < MAX_DEPTH else []:
            path, above = self._path_of(holder), self._who(holder, depth + 1)
            said += [f"each value of {path}, for {above.rstrip(',')}," if path and above else above]
        phrases = sorted({phrase for phrase in said if phrase})
        return " and ".join(phrases) if len(phrases) <= MAX_PHRASES else ""

    def _phrases(self, shape: Term, keys: Sequence[str], depth: int = 0) -> list[str]:
        """Describe parameters of a shape as phrases that begin with a verb."""
        path, phrases = self._path_of(shape), []
        stated = {key: self._values(shape, key) for key in keys}
        exact = {low: high for low, high in _COUNTS.items() if low in stated and stated[low] == stated.get(high)}
        for key in [key for key in keys if key not in exact.values()]:
            said, values = self._constraint(key).says, sorted(self._value(value, key, depth) for value in stated[key])
            if key in exact:
                said = said.replace("at least", "exactly")
            if not path:
                said = _OF_NODES.get(key, said)
            qualified = " and ".join(self._shape(node, depth) for node in self._values(shape, "qualifiedValueShape"))
            said = said.replace("{path}", path).replace("{shape}", qualified)
            phrases.append(said.replace("{}", " and ".join(values)))
        return phrases

    def _value(self, value: Term, key: str, depth: int) -> str:
        """The value of a parameter in words."""
        items = self._paths.items(value)
        if items is not None:
            spell = (lambda item: self._shape(item, depth)) if key in _JOINTS else self._spell
            return _JOINTS.get(key, ", ").join(map(spell, items)) or "()"
        if key == "nodeKind":
            kinds = name_of(_lexical(value)).split("Or")
            return " or ".join(_NODE_KINDS.get(kind, self._spell(value)) for kind in kinds)
        if key in _COUNTS or key in _COUNTS.values():
            return f"{_lexical(value)} value{'' if _lexical(value) == '1' else 's'}"
        return self._shape(value, depth) if key in SHAPES else self._spell(value)

    def _shape(self, node: Term, depth: int) -> str:
        """A shape within a shape, as a phrase that begins with a verb."""
        if not isinstance(node, ox.BlankNode):
            return f"conforms to {self._spell(node)}"
        if depth >= MAX_DEPTH:
            return "conforms to a nested shape"
        asked, path = self._constraints(node), self._path_of(node)
        each = self._phrases(node, [key for key in asked if path and not self._constraint(key).of_all], depth + 1)
        said = self._phrases(node, [key for key in asked if self._constraint(key).of_all or not path], depth + 1)
        said += [f"has only values of {path} of which each {phrase}" for phrase in each]
        said += sorted(self._shape(below, depth + 1) for below in self._values(node, "property"))
        return " and ".join(said) or "is anything"

    def _path_of(self, shape: Term) -> str:
        """The path of a property shape as SPARQL writes it; empty for a node shape."""
        path = next(iter(self._values(shape, "path")), None)
        return "" if path is None else self._paths.spell_path(path, self._spell)

    def _spell(self, term: Term) -> str:
        return "[]" if isinstance(term, ox.BlankNode) else self._spelled(term)

    def _spell_in_names(self, term: Term) -> str:
        return "[]" if isinstance(term, ox.BlankNode) else self._named(term)


def _lexical(term: Term) -> str:
    return term.value
