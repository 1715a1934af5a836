"""Concerns and sizes: which module owns which concern, and how long modules and functions may be."""

import ast
import re

import pytest
from architecture.code import MODULES, SOURCES, TREES, code_of, functions, imports, strings

import publisher.settings
from publisher.dataset.iris import KINDS
from publisher.formats import ASSETS, DOCUMENTS, FORM, JSON, PLAIN, PROBLEM_JSON, RESULTS, SITEMAP, SPARQL_QUERY


def test_module_docstring_states_responsibility() -> None:
    first = {name: (ast.get_docstring(tree) or "").partition("\n")[0] for name, tree in TREES.items()}
    assert [name for name, line in first.items() if not re.match(r"(?!Owns )[A-Z`].+[.?:]$", line)] == []


def test_functions_are_short() -> None:
    lines = {f"{n}:{f.name}": (f.end_lineno or 0) - f.lineno + 1 for n in MODULES for f in functions(TREES[n])}
    assert {function: count for function, count in lines.items() if count > 45} == {}


def test_modules_are_short() -> None:
    assert [name for name in MODULES if SOURCES[name].count("\n") >= 450] == []


def test_media_types_are_in_formats_only() -> None:
    forms = (*DOCUMENTS, *RESULTS, *ASSETS, JSON, PLAIN, PROBLEM_JSON, SITEMAP)
    types = {form.media_type for form in forms} | {FORM, SPARQL_QUERY}
    found = {
        (name, text)
        for name in MODULES
        if name not in ("formats", "probe.cases")  # the latter quotes what other programs send
        for text in strings(TREES[name])
        if text in types or re.fullmatch(r"(application|text)/\S+", text)
    }
    assert found == set()


@pytest.mark.parametrize(
    ("pattern", "owners"),
    [
        (r"os\.environ", {"settings", "sparql.workers.process"}),  # which hands it on to its processes
        (r"\bprint\(", {"web.server"}),
        (r"\bclick\.echo\(", {"cli.options"}),
        (r"\bsubprocess\.", {"cli.validate", "dataset.revisions", "sparql.workers.process", "web.reload"}),
        (r"\bsetrlimit\(", {"platform_support", "sparql.workers.child"}),
        (r"\bjinja2\.", {"pages.layout"}),
        (
            r"\bflask\b",
            {
                "web.app",
                "web.responses",
                "web.routes",
                "web.views.downloads",
                "web.views.about",
                "web.views.files",
                "web.views.graphs",
                "web.views.help",
                "web.views.lists",
                "web.views.lookup",
                "web.views.privacy",
                "web.views.reconciliation",
                "web.views.releases",
                "web.views.search",
            },
        ),
        (
            r"\.query\(",
            {
                "dataset.shortcuts",
                "release.hubs",
                "release.list_writer",
                "release.statistics",
                "sparql.answering",
                "sparql.evaluation",
                "sparql.forwarding",
                "sparql.hints",
                "validation.checks.sparql",
                "validation.engines.pyshacl_engine",
                "validation.shapes.comparisons",
                "validation.shapes.queries",
            },
        ),
        (r"\bimport pyshacl\b", {"validation.engines.pyshacl_engine"}),
        (r"\bimport rdflib\b", {"validation.engines.pyshacl_engine"}),
        (r"^import shacl\b|^from shacl\b", {"validation.engines.shacl_engine"}),
        (
            r"\bimport_module\(",
            {"cli.main", "platform_support", "sparql.workers.child", "sparql.workers.in_process"}
            | {"validation.engines.selection"},
        ),
        (r"\bgranian\b", {"web.server"}),
        (r"\bpygls\b|\blsprotocol\b", {"cli.lsp", "lsp.conversion", "lsp.server"}),
        (r"\bpyld\b", {"rdf.jsonld_drops", "rdf.jsonld_expansion", "rdf.jsonld_processor"}),
        (r"\brapidfuzz\b", {"matching.scores", "suggestions"}),
        (r"\burllib\.request\b", set()),
        (
            r"\bhttpx\b",
            {"linkcheck.checker", "probe.bodiless", "probe.exchange", "probe.expectations", "probe.prober"}
            | {"sparql.forwarding", "sparql.http_client", "sparql.remote", "sparql.trusted"},
        ),
        (
            r"\bclick\b",
            {
                "cli.build",
                "cli.compile",
                "cli.linkcheck",
                "cli.lsp",
                "cli.main",
                "cli.new",
                "cli.options",
                "cli.probe",
                "cli.push",
                "cli.query",
                "cli.reconcile",
                "cli.reload",
                "cli.report_targets",
                "cli.release",
                "cli.rules",
                "cli.serve",
                "cli.tidy",
                "cli.validate",
                "cli.validate_options",
                "cli.validate_settings",
            },
        ),
        (r"\brich\b", {"cli.progress", "cli.table"}),
        (r"[ \[]\('ETag', ", {"web.endpoint", "web.planned_pages", "web.responses"}),
        (r"\.status_code = |Response\(", {"web.responses"}),
    ],
)
def test_concern_has_its_owners_only(pattern: str, owners: set[str]) -> None:
    assert {name for name in MODULES if re.search(pattern, code_of(name), re.MULTILINE)} == owners


def test_untrusted_query_text_is_not_read_in_the_web_process() -> None:
    """Only the inside of a query process hands a request's text to a store; checks are the repository's own."""
    inside = {"sparql.evaluation", "sparql.forwarding"}
    assert {name for name in MODULES if inside & set(imports(TREES[name]))} == set()
    assert "store.query(" not in SOURCES["web.endpoint"]


def test_settings_have_a_sentence_and_are_used() -> None:
    used = {
        found.group("attribute") or found.group("argument")
        for source in SOURCES.values()
        for found in re.finditer(r"(?:settings|self|\))\.(?P<attribute>\w+)|\b(?P<argument>\w+)=", source)
    }
    for name, _, sentence in publisher.settings.rows():
        assert sentence.endswith(".")
        assert name in used


def test_kinds_are_in_alphabetical_order() -> None:
    assert list(KINDS) == sorted(KINDS)
