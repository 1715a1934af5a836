"""The layers: which package may import which, and which modules of a package others may import."""

import ast
import re
from collections.abc import Iterator

from architecture.code import MODULES, PACKAGES, SOURCES, TREES, functions, imports, nodes, package_of

LAYERS = [
    ["errors", "platform_support", "suggestions"],
    ["diagnostic", "formats", "settings", "atomic_write", "byte_streams", "zstandard"],
    ["negotiation"],
    ["matching", "rdf", "sparql"],
    ["dataset", "reports"],
    ["release", "validation"],
    ["linkcheck", "linking", "lsp", "pages", "probe"],
    ["web"],
    ["build"],
    ["cli"],
    ["__main__"],
]
"""Packages, and modules that belong to none, from the bottom up; each imports only from layers below its own."""

LATE_IMPORTS = {
    ("cli.entry", "publisher.cli.main"),
    ("cli.validate", "subprocess"),
    ("platform_support", "ctypes"),
    ("rdf.jsonld", "publisher.rdf"),
    ("rdf.parser", "publisher.rdf"),
    ("release.store", "publisher.release.endpoint_lookup"),
    ("release.store", "publisher.release.endpoint_monitor"),
    ("release.store", "publisher.release.placement"),
    ("release.store", "publisher.sparql.forwarder"),
    ("release.store", "publisher.sparql.http_client"),
    ("release.store", "publisher.sparql.trusted"),
    ("cli.push", "publisher.release.push_targets"),
    ("cli.push", "publisher.release.pusher"),
    ("cli.push", "publisher.sparql.http_client"),
    ("cli.push", "publisher.sparql.trusted"),
    ("cli.query", "publisher.cli.table"),
    ("cli.query", "publisher.release.archive"),
    ("cli.query", "publisher.release.store"),
    ("cli.query", "publisher.sparql.http_client"),
    ("cli.query", "publisher.sparql.remote"),
    ("cli.linkcheck", "publisher.linkcheck.addresses"),
    ("cli.linkcheck", "publisher.linkcheck.checker"),
    ("cli.linkcheck", "publisher.linkcheck.results"),
    ("cli.linkcheck", "publisher.rdf"),
    ("cli.probe", "publisher.probe.cases"),
    ("cli.probe", "publisher.probe.prober"),
    ("cli.probe", "publisher.probe.report"),
    ("cli.lsp", "publisher.lsp.server"),
    ("cli.build", "publisher.build"),
    ("cli.build", "publisher.build.folder"),
    ("cli.build", "publisher.release.store"),
    ("cli.compile", "publisher.validation"),
    ("cli.reload", "publisher.web.control"),
    ("cli.serve", "publisher.release"),
    ("cli.compile", "publisher.release"),
    ("cli.reconcile", "publisher.linking"),
    ("cli.reconcile", "publisher.release"),
    ("cli.release", "publisher.dataset.revisions"),
    ("cli.release", "publisher.release"),
    ("cli.release", "publisher.validation"),
    ("cli.release", "publisher.validation.checks"),
    ("cli.serve", "publisher.web"),
    ("cli.progress", "rich.console"),
    ("cli.progress", "rich.progress"),
    ("pages.cards", "publisher.pages.pictures.card_drawer"),
    ("pages.pictures.network", "networkx"),
    ("pages.pictures.network", "numpy"),
    ("validation.checks.jsonld", "publisher.rdf.jsonld_drops"),
    ("validation.result_key", "publisher.dataset"),
    ("validation.runner", "publisher.dataset"),
    ("validation.runner", "publisher.validation"),
    ("web.starting", "publisher.web"),
}
"""Imports inside functions, (module, what): slow ones that most runs of the command do without."""


def layer(unit: str) -> int:
    return next(level for level, units in enumerate(LAYERS) if unit in units)


def public_modules(package: str) -> set[str]:
    """The modules that a package's docstring lists for others."""
    return set(re.findall(r"^- ([\w.]+)$", ast.get_docstring(PACKAGES[package]) or "", re.MULTILINE))


def test_every_package_has_a_layer() -> None:
    units = {package_of(name) for name in MODULES}
    assert units <= {unit for units_ in LAYERS for unit in units_}


def imports_between_packages() -> Iterator[tuple[str, str]]:
    """Every import of a module from another package, (module, what)."""
    for name in MODULES:
        yield from ((name, other) for other in imports(TREES[name]) if package_of(other) != package_of(name))


def test_imports_go_downward_only() -> None:
    pairs = set(imports_between_packages())
    assert {pair for pair in pairs if layer(package_of(pair[1])) >= layer(package_of(pair[0]))} == set()


def test_only_public_modules_are_imported_from_another_package() -> None:
    public = {package: public_modules(package) for package in PACKAGES}
    pairs = {pair for pair in imports_between_packages() if "." in pair[1]}
    assert {pair for pair in pairs if pair[1].partition(".")[2] not in public[package_of(pair[1])]} == set()


def test_every_public_module_exists() -> None:
    top = {package for package in PACKAGES if "." not in package}
    assert {f"{package}.{module}" for package in top for module in public_modules(package)} <= set(MODULES)


def test_no_import_cycle() -> None:
    remaining = {name: set(imports(TREES[name])) - {name} for name in MODULES}
    while leaves := {name for name, needed in remaining.items() if not needed & set(remaining)}:
        remaining = {name: needed for name, needed in remaining.items() if name not in leaves}
    assert remaining == {}


def test_packages_import_nothing() -> None:
    """A package's `__init__` runs whenever one of its modules is imported: in a query process too."""
    assert [name for name, tree in PACKAGES.items() if list(imports(tree))] == []


def late_imports() -> Iterator[tuple[str, str]]:
    for name, tree in TREES.items():
        for function in functions(tree):
            for node in nodes(function):
                if isinstance(node, ast.ImportFrom):
                    yield name, node.module or ""
                elif isinstance(node, ast.Import):
                    yield from ((name, alias.name) for alias in node.names)


def test_late_imports_are_listed() -> None:
    assert set(late_imports()) == LATE_IMPORTS


def test_query_processes_import_little() -> None:
    """A worker starts fast because it imports little."""
    seen: set[str] = set()
    pending = ["sparql.workers.child", "sparql.evaluation"]
    while pending:
        name = pending.pop()
        if name not in seen:
            seen.add(name)
            pending += imports(TREES[name])
    assert seen == {
        "platform_support",
        "sparql.answering",
        "sparql.asked",
        "sparql.common_mistakes",
        "sparql.data_sets",
        "sparql.evaluation",
        "sparql.excerpt",
        "sparql.hidden_characters",
        "sparql.hints",
        "sparql.keywords",
        "sparql.lexer",
        "sparql.query_places",
        "sparql.slips",
        "sparql.syntax_errors",
        "sparql.value_hints",
        "sparql.workers.child",
        "sparql.workers.frames",
    }


def test_modules_are_found() -> None:
    assert "rdf.turtle" in MODULES
    assert SOURCES["rdf.turtle"]
