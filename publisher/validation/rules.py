"""Rules: the documentation of every rule: its meaning, its reason, and how to fix a finding."""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Final

from publisher.dataset.iris import RULE_PATH
from publisher.diagnostic import Rule
from publisher.rdf.namespaces import HOME
from publisher.validation.builtin_rules import BUILT_IN
from publisher.validation.checks.sparql import Check, read_check
from publisher.validation.context import Context
from publisher.validation.shapes.shape_rules import RuleBook

_BUILT_IN: Final = {rule.name: rule for rule in BUILT_IN}


def read_rules(context: Context) -> RuleBook:
    """Every rule that a run over a context may report, by name: the built-in ones, shapes, and a repository's checks.

    A check comes before a built-in rule of the same name. The examples of shapes and checks are left to `illustrated`.
    Only built-in rules have pages to link to in a run with shapes of its own. Raises CannotRunError where the header
    of a check is incomplete.
    """
    repository = context.repository
    stated = context.rules.rules()
    if repository is None:
        built_in = {name: partial(_link, _BUILT_IN, name, HOME) for name in _BUILT_IN}
        return RuleBook(built_in | {name: partial(stated.__getitem__, name) for name in stated})
    checks = {rule.name: rule for rule in (_check_rule(read_check(*each)) for each in repository.checks)}
    books: tuple[Mapping[str, Rule], ...] = (_BUILT_IN, stated, checks)
    found = {name: book for book in books for name in book}
    base = repository.names.base
    return RuleBook({name: partial(_link, found[name], name, base) for name in sorted(found)})


def _link(book: Mapping[str, Rule], name: str, base: str) -> Rule:
    """A rule with the address of its page."""
    return replace(book[name], link=f"{base}{RULE_PATH}{name}")


def _check_rule(check: Check) -> Rule:
    """The rule of a SPARQL check."""
    message = re.sub(r"\{(focus|value)\}", "…", check.message)
    fault, _, fix = message.partition(". ")
    meaning = f"{check.title}. Otherwise the finding is: “{fault}.”"
    return Rule(check.rule, "check", check.severity, check.title, meaning, check.why, fix or message)


# Examples


def add_examples(rule: Rule, examples: Mapping[str, str]) -> Rule:
    """The rule with its examples: each invalid one, and beside it the valid one that differs least, both cut to what
    differs.

    examples: path -> text, of all rules: `shapes/examples/<Class>/invalid/<rule>[.<case>].ttl`, and those in
    `<Class>/valid/`; a check has its own under `shapes/examples/checks/`. A built-in rule has its own.
    """
    wrong: list[tuple[str, str]] = []
    right: dict[str, str] = {}
    for path, text in examples.items():
        folder, _, name = path.partition("/invalid/")
        if not name.startswith(f"{rule.name}."):
            continue
        start = f"{folder}/valid/" + (f"{rule.name}." if folder.endswith("/checks") else "")
        texts = {near: other for near, other in examples.items() if near.startswith(start)}
        nearest = min(texts, key=lambda near: len(_lines(texts[near]) ^ _lines(text)), default="")
        other = texts.get(nearest, "")
        wrong.append((path, _excerpt(text, other)))
        if other:
            right.setdefault(nearest, _excerpt(other, text))
    return replace(rule, wrong=tuple(wrong), right=tuple(right.items())) if wrong else rule


def _lines(text: str) -> frozenset[str]:
    return frozenset(text.splitlines())


def _excerpt(text: str, other: str) -> str:
    """The heading of a canonical file and those of its subjects that the other file describes in another way, or else
    all; without the prefixes."""
    heading, *blocks = [block for block in text.strip().split("\n\n") if not block.startswith("@prefix ")]
    different = [block for block in blocks if block not in other.strip().split("\n\n")]
    return "\n\n".join([heading, *(different or blocks)]) + "\n"
