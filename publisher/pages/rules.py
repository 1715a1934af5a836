"""Rule pages: the list of all rules, and a page for each."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import pyoxigraph as ox

from publisher.dataset.iris import SPARQL_PATH, relative
from publisher.dataset.query_files import query_of
from publisher.diagnostic import Rule
from publisher.errors import NotFoundError
from publisher.formats import GRAPHS
from publisher.pages.layout import Layout
from publisher.pages.terms import DisplayedTerm, TermFormatter, words
from publisher.rdf import turtle
from publisher.rdf.namespaces import compact
from publisher.release.index import Index
from publisher.sparql.engine import Query
from publisher.sparql.protocol import reference
from publisher.suggestions import suggest
from publisher.validation.checks.sparql import name_of_check
from publisher.validation.context import Context, of_repository
from publisher.validation.rules import add_examples, read_rules
from publisher.validation.shapes.shape_rules import ShapeRules

GROUPS: Final = {"shape": "Shapes", "check": "SPARQL checks, which compare records"}
SHARED: Final = "Several kinds of records"
"""The title of the group of shapes that are about several classes, or about properties of any."""
OPEN: Final = 30
"""Rules that a filtered list shows without a click."""
OTHERS: Final = "Built-in rules"
"""The headings of the list, in order, by the kinds of rules, and for all other kinds."""


@dataclass(frozen=True)
class Example:
    """An example as a page shows it. lines: its lines, and whether each one differs from the other example."""

    name: str
    lines: Sequence[tuple[str, bool]]


@dataclass(frozen=True)
class RuleGroup:
    """Rules of a list that stand together. title: the class that they are about, or that of the list."""

    title: str
    rules: Sequence[Rule]


@dataclass(frozen=True)
class RulePage:
    """The page of one rule.

    about: the classes that a shape is applied to. file: where the rule stands, empty for the software's own. shape: its
    Turtle. query: a check's.
    before and after: the names of the rules before and after it in the list, empty at the ends.
    """

    rule: Rule
    about: Sequence[DisplayedTerm]
    wrong: Sequence[Example]
    right: Sequence[Example]
    file: str
    shape: str
    query: str
    before: str
    after: str


class RulePages:
    """Makes the list of all rules and the page of each."""

    def __init__(self, index: Index, formatter: TermFormatter, layout: Layout) -> None:
        self._index = index
        self._layout = layout
        self._formatter = formatter

    @cached_property
    def groups(self) -> dict[str, list[Rule]]:
        """The rules under their headings."""
        found: dict[str, list[Rule]] = {heading: [] for heading in (*GROUPS.values(), OTHERS)}
        for rule in read_rules(self._context).values():
            found[GROUPS.get(rule.kind, OTHERS)].append(rule)
        return found

    @cached_property
    def names(self) -> list[str]:
        """The names of all rules, in the order of the list."""
        return [rule.name for group in self.groups.values() for rule in group]

    def rule(self, name: str) -> Rule:
        """Return the rule with its examples. Raises NotFoundError, with the most similar name."""
        found = next((rule for group in self.groups.values() for rule in group if rule.name == name), None)
        if found is None:
            near = suggest(name, self.names)
            raise NotFoundError(f"No rule is named {name!r}." + (f" Did you mean {near[0]!r}?" if near else ""))
        return add_examples(found, self._index.examples)

    def listing(self, title: str, path: str, text: str = "") -> str:
        """The page of the shapes: every rule by its name, with its level and its message.

        text: words, all of which a rule must have to be listed.
        """
        asked = text.casefold().split()
        found = {
            heading: [RuleGroup(group.title, kept) for group in groups if (kept := _filter(group.rules, asked))]
            for heading, groups in self._listed.items()
        }
        number = sum(len(group.rules) for groups in found.values() for group in groups)
        return self._layout.render(
            "rules.html",
            frame=self._layout.frame(title, path, GRAPHS, indexed=not asked),
            groups={heading: groups for heading, groups in found.items() if groups},
            text=text,
            reduced=bool(asked),
            number=number,
            total=len(self.names),
            open=bool(asked) and number <= OPEN,
        )

    @cached_property
    def _listed(self) -> dict[str, list[RuleGroup]]:
        """The rules under their headings, those of shapes by the class that they are about."""
        return {
            heading: self._group_by_class(rules) if heading == GROUPS["shape"] else [RuleGroup(heading, rules)]
            for heading, rules in self.groups.items()
        }

    def _group_by_class(self, rules: Sequence[Rule]) -> list[RuleGroup]:
        """Groups by class in the order of their titles; rules about several classes or about none come last."""
        found: dict[str, list[Rule]] = defaultdict(list)
        for rule in rules:
            shape = self._shapes.iris.get(rule.name)
            classes = self._shapes.classes(shape) if shape else []
            found[self._name_class(classes[0]) if len(classes) == 1 else SHARED].append(rule)
        ordered = sorted(found, key=lambda title: (title == SHARED, title.casefold()))
        return [RuleGroup(title, found[title]) for title in ordered]

    def _name_class(self, iri: str) -> str:
        name = self._formatter.terms.get(iri) or words(compact(iri, self._index.names.prefixes).partition(":")[2])
        return name[:1].upper() + name[1:]

    def render(self, rule: Rule, path: str) -> str:
        """The page of one rule."""
        page = self.page(rule, path)
        return self._layout.render(
            "rule.html",
            frame=self._layout.frame(rule.title[:1].upper() + rule.title[1:], path, canonical=rule.link),
            page=page,
            level=rule.severity.name.lower(),
            ask=reference(Query(page.query, None, None), relative(SPARQL_PATH, path)),
        )

    def page(self, rule: Rule, path: str) -> RulePage:
        """The values of the page of a rule at a path."""
        place = self.names.index(rule.name)
        around = ["", *self.names, ""]
        shape = self._shapes.iris.get(rule.name) if rule.kind == "shape" else None
        file, query = self._checks.get(rule.name, ("", ""))
        about = self._shapes.classes(shape) if shape else []
        return RulePage(
            rule,
            [self._formatter.format(ox.NamedNode(iri), self._formatter.terms, path) for iri in about],
            *_mark_examples(rule, self._shapes.properties(shape) if shape else ()),
            self._file(shape) if shape else file,
            self._turtle(shape) if shape else "",
            query,
            around[place],
            around[place + 2],
        )

    @cached_property
    def _context(self) -> Context:
        return of_repository(self._index.definitions)

    @cached_property
    def _shapes(self) -> ShapeRules:
        return self._context.rules

    @cached_property
    def _checks(self) -> dict[str, tuple[str, str]]:
        """The checks as (file, query without its header), by the names of their rules."""
        return {name_of_check(path): (path, query_of(text)) for path, text in self._index.definitions.checks}

    def _file(self, shape: ox.NamedNode) -> str:
        file = self._index.definitions.file_of(shape.value)
        return file.path if file else ""

    def _turtle(self, shape: ox.NamedNode) -> str:
        """The statements about a shape, without the prefixes."""
        prefixes = self._index.names.file_prefixes("shapes/")
        return turtle.write(self._shapes.graph.describe(shape), prefixes).partition("\n\n")[2]


def _filter(rules: Sequence[Rule], asked: Sequence[str]) -> list[Rule]:
    """The rules whose name, level, title or message has all words, in lower case."""
    texts = (
        (rule, f"{rule.name} {rule.severity.name} {rule.title} {rule.fix}".casefold() if asked else "")
        for rule in rules
    )
    return [rule for rule, text in texts if all(word in text for word in asked)]


def _mark_examples(rule: Rule, properties: Sequence[str]) -> tuple[list[Example], list[Example]]:
    """The invalid and the valid examples, with the lines marked that differ.

    Only those with one of the properties, if there are any; a valid example of a whole class differs in more than that.
    Files of the same name are compared, or else all.
    """

    def on_path(lines: set[str]) -> set[str]:
        return {line for line in lines if any(f" {name} " in line for name in properties)}

    wrong, right = [], []
    for name, text in rule.wrong:
        extra = _lines(text) - set().union(*_counterparts(name, rule.right))
        wrong.append(_example(name, text, on_path(extra) or extra))
    shown = rule.kind == "shape" and any(marked for example in wrong for _, marked in example.lines)
    for name, text in rule.right:
        missing = _lines(text) - _lines(text).intersection(*_counterparts(name, rule.wrong))
        right.append(_example(name, text, on_path(missing) or (set() if shown else missing)))
    return wrong, right


def _counterparts(name: str, others: Sequence[tuple[str, str]]) -> list[set[str]]:
    """The lines of each file to compare with."""
    return [_lines(text) for other, text in others if other == name] or [_lines(text) for _, text in others]


def _lines(text: str) -> set[str]:
    """The lines that state something."""
    return {line for line in text.splitlines() if line.strip(" .") and not line.startswith("#")}


def _example(name: str, text: str, marked: set[str]) -> Example:
    return Example(name, [(line, line in marked) for line in text.splitlines()])
