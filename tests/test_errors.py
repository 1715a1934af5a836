"""The exception tree: what is published of it, and its drawing."""

import re

import publisher.diagnostic
from publisher import errors
from publisher.errors import PublisherError, published

NAMES = [
    "malformed",
    "query-syntax",
    "refused",
    "not-found",
    "method-not-allowed",
    "not-acceptable",
    "withdrawn",
    "too-large-request",
    "too-long-address",
    "unsupported-media-type",
    "range-not-satisfiable",
    "cpu-limit",
    "engine-crash",
    "memory-limit",
    "nesting-limit",
    "result-limit",
    "too-slow",
    "unanswerable",
    "problem",
    "service-failed",
    "busy",
    "unavailable",
]
"""The published names. They are in URLs: add to them, never change or remove one."""


def test_published_names_never_change():
    assert [name for name in published() if name in NAMES] == NAMES


def test_internal_errors_are_not_published():
    assert not {"cannot-run", "blank-node", "findings", "unreadable-files"} & published().keys()


def _tree(kind: type[PublisherError], depth: int = 0) -> dict[str, int]:
    below = [_tree(sub, depth + 1) for sub in kind.__subclasses__() if sub.__module__.startswith("publisher.")]
    return {kind.__name__: depth} | {name: at for tree in below for name, at in tree.items()}


def test_drawing_shows_class_hierarchy():
    lines = re.findall(r"^    ((?:[|` ]|--)*)(\w+Error)\b", errors.__doc__ or "", re.MULTILINE)
    assert {name: len(indent) // 4 for indent, name in lines} == _tree(PublisherError)


def test_drawing_shows_status_and_exit_codes():
    drawn = {
        name: (int(status or 500), int(code or 2))
        for name, status, code in re.findall(
            r"(\w+Error) *(\d{3})?(?: *exit (\d))?(?:: .*| .*)?$", errors.__doc__ or "", re.MULTILINE
        )
    }
    kinds = {name: getattr(errors, name, None) or getattr(publisher.diagnostic, name) for name in _tree(PublisherError)}
    assert drawn == {name: (kind.status, kind.exit_code) for name, kind in kinds.items()}


def test_published_problems_have_title_and_advice():
    for kind in published().values():
        assert kind.title[0].isupper()
        assert not kind.title.endswith(".")
        assert re.fullmatch(r"[A-Z].*\.", kind.advice)
