"""The architecture: what may import what, how long a function may be, and which room owns which concern."""

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import publisher.settings
from publisher.formats import ASSETS, DOCUMENTS, FORM, JSON, PLAIN, PROBLEM_JSON, RESULTS, SITEMAP, SPARQL_QUERY
from publisher.names import KINDS

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "publisher"

STOREYS = [
    ["names", "problems"],
    [
        *("charts", "contexts", "jsonld", "mistakes", "nearest", "paths", "promise", "reports", "results", "settings"),
        *("turtle", "worker"),
    ],
    ["built_in_rules", "fingerprints", "forest", "loops", "progress", "vocabularies", "writing"],
    ["positions"],
    ["syntax"],
    ["formats", "workers", "sources", "evaluation", "shape_rules", "baseline", "revisions", "shacl_report"],
    ["fast_engine", "pool", "reference_engine", "shapes_graph"],
    ["coverage", "labels", "literals", "tidiness", "well_formed"],
    ["assets", "published", "snippets", "embedded", "remote", "statistics", "rules", "tables"],
    ["places", "pinpoints", "report_formats"],
    ["references", "unknown_terms"],
    ["store", "validation"],
    ["resources"],
    ["catalogue", "wording"],
    ["query_page", "rule_pages"],
    ["pages", "protocol"],
    ["responses"],
    ["endpoint", "routes", "cache"],
    ["front"],
    ["connections"],
    ["server", "asking", "checking"],
    ["cli"],
    ["__main__"],
]
"""The rooms from the ground up; each imports only from storeys below its own."""

MODULES = sorted(path.stem for path in PACKAGE.glob("*.py") if path.stem != "__init__")
TREES = {name: ast.parse((PACKAGE / f"{name}.py").read_text()) for name in MODULES}
SOURCES = {name: (PACKAGE / f"{name}.py").read_text() for name in MODULES}
LATE_IMPORTS = {
    ("checking", "publisher"),
    ("cli", "publisher"),
    ("progress", "rich.console"),
    ("progress", "rich.progress"),
    ("server", "publisher"),
}
"""Imports inside functions, (module, what): slow ones that most runs of the command do without."""


@functools.cache
def code_of(name: str) -> str:
    """The code of a module without its docstrings and bare strings."""
    copy = ast.parse(SOURCES[name])
    for node in ast.walk(copy):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            node.body = [
                n for n in node.body if not (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant))
            ] or [ast.Pass()]
    return ast.unparse(copy)


def storey(name: str) -> int:
    return next(level for level, rooms in enumerate(STOREYS) if name in rooms)


def imports(tree: ast.AST) -> Iterator[str]:
    """The rooms that a tree imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "publisher":
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("publisher."):
            yield (node.module or "").partition(".")[2]


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_every_room_stands_in_the_plan() -> None:
    assert sorted(room for rooms in STOREYS for room in rooms) == MODULES


@pytest.mark.parametrize("name", MODULES)
def test_imports_go_downward_only(name: str) -> None:
    above = [other for other in imports(TREES[name]) if storey(other) >= storey(name)]
    assert above == []


@pytest.mark.parametrize("name", MODULES)
def test_no_import_hides_in_a_function_without_a_reason(name: str) -> None:
    hidden = {
        (name, node.module or "")
        for function in functions(TREES[name])
        for node in ast.walk(function)
        if isinstance(node, ast.ImportFrom)
    } | {
        (name, alias.name)
        for function in functions(TREES[name])
        for node in ast.walk(function)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert hidden <= LATE_IMPORTS


def test_every_late_import_is_still_there() -> None:
    assert all(what in SOURCES[name] for name, what in LATE_IMPORTS)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_says_what_it_owns(name: str) -> None:
    assert re.match(r"Owns .+[.?]", ast.get_docstring(TREES[name]) or "")


@pytest.mark.parametrize("name", MODULES)
def test_functions_are_short(name: str) -> None:
    long = {f.name: (f.end_lineno or 0) - f.lineno + 1 for f in functions(TREES[name])}
    assert {function: lines for function, lines in long.items() if lines > 45} == {}


@pytest.mark.parametrize("name", MODULES)
def test_modules_are_of_a_size_to_read_at_one_sitting(name: str) -> None:
    assert SOURCES[name].count("\n") < 450


def strings(tree: ast.AST) -> Iterator[str]:
    """The string constants of a tree, docstrings excepted."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    doc = {id(n.body[0].value) for n in ast.walk(tree) if isinstance(n, documented) and isinstance(n.body[0], ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in doc:
            yield node.value


def test_media_types_are_spelled_in_formats_only() -> None:
    forms = (*DOCUMENTS, *RESULTS, *ASSETS, JSON, PLAIN, PROBLEM_JSON, SITEMAP)
    types = {form.media_type for form in forms} | {FORM, SPARQL_QUERY}
    allowed = {("jsonld", "application/n-quads")}
    found = {
        (name, text) for name in MODULES if name != "formats" for text in strings(TREES[name]) if text in types
    } | {
        (n, t)
        for n in MODULES
        if n != "formats"
        for t in strings(TREES[n])
        if re.fullmatch(r"(application|text)/\S+", t)
    }
    assert found - allowed == set()


@pytest.mark.parametrize(
    ("pattern", "owners"),
    [
        (r"os\.environ", {"settings", "workers"}),  # which hands it on to its processes
        (r"\bprint\(", {"server"}),
        (r"\bclick\.echo\(", {"cli"}),
        (r"\bsubprocess\.", {"revisions", "workers"}),
        (r"\bsetrlimit\(", {"worker"}),
        (r"\bjinja2\.", {"pages"}),
        (r"\bflask\b", {"routes", "server"}),
        (r"\.query\(", {"evaluation", "validation", "endpoint", "reference_engine", "well_formed"}),
        (r"\bimport pyshacl\b", {"reference_engine"}),
        (r"\bimport rdflib\b", {"reference_engine"}),
        (r"\bimport shacl\b", {"fast_engine"}),
        (r"\bimport_module\(", {"validation", "worker"}),
        (r"\buvicorn\b", {"connections"}),
        (r"\bpyld\b", {"jsonld"}),
        (r"\burllib\.request\b", {"remote"}),
        (r"\bclick\b", {"cli"}),
        (r"\brich\b", {"progress", "tables"}),
        (r"\bset_etag\(", {"responses", "endpoint"}),
        (r"\.status_code = |Response\(", {"responses", "endpoint", "routes"}),
    ],
)
def test_a_concern_has_its_owners_and_no_others(pattern: str, owners: set[str]) -> None:
    assert {name for name in MODULES if re.search(pattern, code_of(name))} == owners


def test_untrusted_query_text_is_not_read_in_the_web_process() -> None:
    """Only the inside of a query process hands a request's text to a store; checks are the repository's own."""
    users = {name for name in MODULES if "evaluation" in imports(TREES[name])}
    assert users == {"validation", "well_formed"}
    assert "store.query(" not in SOURCES["endpoint"]
    assert "pages.query(" in SOURCES["endpoint"]


def test_every_setting_has_a_sentence_and_is_used() -> None:
    code = "\n".join(SOURCES.values())
    for name, _, sentence in publisher.settings.rows():
        assert sentence.endswith(".")
        assert re.search(rf"settings\.{name}\b|self\.{name}\b|\b{name}=|\)\.{name}\b", code), name


def test_only_rooms_of_the_plan_are_imported_in_the_query_process() -> None:
    """A worker starts fast because it imports little."""
    seen, pending = set(), ["worker", "evaluation"]
    while pending:
        name = pending.pop()
        if name not in seen:
            seen.add(name)
            pending += imports(TREES[name])
    assert seen == {"worker", "evaluation", "mistakes"}


def test_kinds_are_in_alphabetical_order() -> None:
    assert list(KINDS) == sorted(KINDS)
