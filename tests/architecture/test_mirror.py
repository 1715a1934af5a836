"""The tests mirror the packages: a module's tests are in the file of its name, with the exceptions listed here."""

from pathlib import Path

from architecture.code import MODULES

TESTS = Path(__file__).resolve().parents[1]

WITHOUT_BEHAVIOR = {
    "__main__",
    "dataset.history",
    "diagnostic",
    "sparql.keywords",
    "sparql.workers.frames",
    "validation.outcome",
    "validation.upkeep_rules",
    "zstandard",
}
"""Constants and plain values."""

ELSEWHERE = {
    # Tested as a whole command or response: the tests need the parts together.
    "build.addresses": "build/test_static_site.py",
    "build.apache": "clients/test_static.py",
    "build.choices": "clients/test_static_negotiation.py",
    "build.nginx": "clients/test_static.py",
    "build.search_index": "build/test_static_site.py",
    "build.tables": "build/test_static_site.py",
    "cli.new": "dataset/test_skeleton.py",
    "cli.validate_options": "cli/test_validate.py",
    "lsp.conversion": "lsp/test_server.py",
    "probe.bodiless": "probe/test_prober.py",
    "probe.cases": "probe/test_prober.py",
    "probe.exchange": "probe/test_prober.py",
    "pages.changes": "web/test_changes.py",
    "pages.downloads": "web/test_downloads.py",
    "pages.ask.citations": "pages/ask/test_pages.py",
    "pages.ask.results": "pages/ask/test_pages.py",
    "pages.errors": "web/test_routes.py",
    "pages.graph": "pages/test_site.py",
    "pages.lists": "web/test_lists.py",
    "pages.releases": "web/test_past_releases.py",
    "pages.rules": "pages/test_site.py",
    "pages.search": "web/test_search.py",
    "pages.static_copy": "build/test_static_site.py",
    "pages.terms": "pages/test_site.py",
    "pages.thing": "pages/test_site.py",
    "pages.things.generic": "pages/test_site.py",
    "pages.things.model": "pages/things/test_coalition.py",
    "pages.things.parts": "pages/things/test_coalition.py",
    "pages.things.reader": "pages/things/test_coalition.py",
    "pages.things.schema_org": "pages/test_site.py",
    "pages.vocabulary.records": "pages/vocabulary/test_pages.py",
    "release.change_descriptions": "web/test_changes.py",
    "release.change_writer": "release/test_change_log.py",
    "release.catalogue": "web/test_endpoint.py",
    "linking.tables": "cli/test_reconcile.py",
    "linking.types": "linking/test_reconciler.py",
    "linking.values": "linking/test_reconciler.py",
    "matching.states": "matching/test_spellings.py",
    "release.index_writer": "release/test_index.py",
    "release.columns": "release/test_lists.py",
    "release.list_writer": "release/test_lists.py",
    "release.loader": "release/test_compiler.py",
    "release.name_index": "release/test_finder.py",
    "release.name_writer": "release/test_finder.py",
    "release.release_descriptions": "web/test_past_releases.py",
    "release.store": "release/test_compiler.py",
    "release.summaries": "release/test_search.py",
    "cli.push": "engines_foreign/test_engines.py",
    "release.placement": "release/test_pusher.py",
    "sparql.contained": "sparql/test_embedded.py",
    "sparql.forwarder": "web/test_behind_endpoint.py",
    "sparql.forwarding": "web/test_behind_endpoint.py",
    "sparql.trusted": "release/test_endpoint_lookup.py",
    "sparql.answering": "sparql/test_embedded.py",
    "sparql.query_places": "sparql/test_syntax_errors.py",
    "sparql.evaluation": "sparql/test_embedded.py",
    "sparql.workers.in_process": "test_platform_support.py",
    "sparql.workers.process": "sparql/workers/test_pool.py",
    "validation.checks.formatting": "dataset/test_formatting.py",
    "validation.context": "validation/test_validator.py",
    "validation.runner": "cli/test_validate.py",
    "validation.suppressions": "cli/test_suppressions.py",
    "web.in_process": "build/test_static_site.py",
    "web.planned_pages": "web/test_ask.py",
    "web.app": "web/test_asgi.py",
    "web.client": "web/test_asgi.py",
    "web.headers": "web/test_routes.py",
    "web.responses": "web/test_routes.py",
    "web.sending": "web/test_http.py",
    "web.served_release": "web/test_asgi.py",
    "web.views.changes": "web/test_changes.py",
    "web.views.downloads": "web/test_downloads.py",
    "web.views.about": "pages/test_documents.py",
    "web.views.cards": "pages/test_cards.py",
    "web.views.files": "web/test_routes.py",
    "web.views.graphs": "web/test_routes.py",
    "web.views.help": "web/test_routes.py",
    "web.views.lists": "web/test_lists.py",
    "web.views.privacy": "pages/test_privacy.py",
    "web.views.lookup": "web/test_lookup.py",
    "web.views.reconciliation": "linking/test_reconciler.py",
    "web.views.releases": "web/test_past_releases.py",
    "web.views.search": "web/test_search.py",
    "web.views.things": "web/test_routes.py",
    "web.wsgi": "web/test_asgi.py",
    # Tested through the one function that uses them.
    "dataset.released_iris": "validation/checks/test_contract.py",
    "rdf.item_positions": "rdf/test_layouts.py",
    "rdf.jsonld_items": "rdf/test_jsonld_positions.py",
    "rdf.jsonld_markers": "rdf/test_jsonld_positions.py",
    "rdf.jsonld_processor": "rdf/test_jsonld.py",
    "rdf.packed_contexts": "dataset/test_contexts.py",
    "rdf.parser": "dataset/test_files.py",
    "formats": "test_negotiation.py",
    "rdf.serializer": "test_negotiation.py",
    "rdf.turtle_tokens": "rdf/test_source_map.py",
    "validation.checks.jsonld": "rdf/test_jsonld_drops.py",
    # Tested by comparing the engines, and through the rules that the shapes become.
    "validation.builtin_rules": "validation/test_rules.py",
    "validation.engines.details": "validation/engines/test_engines.py",
    "validation.engines.pyshacl_engine": "validation/engines/test_engines.py",
    "validation.engines.selection": "validation/engines/test_engines.py",
    "validation.engines.shacl_engine": "validation/engines/test_engines.py",
    "validation.shapes.comparisons": "validation/engines/test_engines.py",
    "validation.shapes.graph": "validation/shapes/test_syntax.py",
    "validation.shapes.nodes": "validation/engines/test_engines.py",
    "validation.shapes.preparation": "validation/engines/test_engines.py",
    "validation.shapes.property_paths": "validation/test_rules.py",
    "validation.shapes.queries": "validation/shapes/test_syntax.py",
    "validation.shapes.shape_rules": "validation/test_rules.py",
}
"""Module -> the file with its tests."""


def test_module_has_a_test_file_of_its_name() -> None:
    named = {name for name in MODULES if own_file(name).exists()}
    assert sorted(set(MODULES) - named - ELSEWHERE.keys() - WITHOUT_BEHAVIOR) == []


def test_exceptions_are_current() -> None:
    assert [
        name for name in ELSEWHERE.keys() | WITHOUT_BEHAVIOR if name not in MODULES or own_file(name).exists()
    ] == []
    assert [path for path in ELSEWHERE.values() if not (TESTS / path).exists()] == []


def own_file(module: str) -> Path:
    """Where the tests of a module are: `publisher/a/b.py` has `tests/a/test_b.py`."""
    *packages, name = module.split(".")
    return TESTS.joinpath(*packages, f"test_{name}.py")
