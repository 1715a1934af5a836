"""How much the tests look at: some of the many things that are alike, or all (PUBLISHER_TESTS_EVERYTHING=1)."""

import os
from collections.abc import Iterable, Sequence
from typing import Final, TypeVar

Case = TypeVar("Case")

EVERYTHING: Final = bool(os.environ.get("PUBLISHER_TESTS_EVERYTHING"))
"""Set by `.ci/run --all`."""
WITH_SLOW: Final = EVERYTHING or bool(os.environ.get("PUBLISHER_TESTS_SLOW"))
"""Whether plain `pytest` runs the slow files too; set in `.ci/run`."""
SLOW: Final = frozenset(
    {
        "architecture/test_concerns.py",
        "architecture/test_imports.py",
        "architecture/test_names.py",
        "build/test_static_site.py",
        "cli/test_release.py",
        "cli/test_reload.py",
        "cli/test_serve.py",
        "cli/test_validate.py",
        "dataset/test_fork.py",
        "docs/test_architecture.py",
        "packaging/test_build_hook.py",
        "packaging/test_ci_recipes.py",
        "packaging/test_package.py",
        "pages/test_about.py",
        "pages/test_cards.py",
        "pages/test_site.py",
        "release/test_archive.py",
        "release/test_compiler.py",
        "release/test_endpoint_lookup.py",
        "release/test_endpoint_monitor.py",
        "release/test_freezing.py",
        "release/test_index.py",
        "release/test_large.py",
        "release/test_push_targets.py",
        "release/test_pusher.py",
        "sparql/test_embedded.py",
        "sparql/workers/test_pool.py",
        "test_platform_support.py",
        "validation/checks/test_contract.py",
        "validation/checks/test_dates.py",
        "validation/checks/test_shapes.py",
        "validation/test_result_key.py",
        "validation/test_validator.py",
        "web/test_behind_endpoint.py",
        "web/test_clients.py",
        "web/test_http.py",
        "web/test_past_releases.py",
        "web/test_reload.py",
        "web/test_repeat.py",
        "web/test_server.py",
    }
)
"""The files that start many processes, or that compile or build many roots: half of the CPU time of all tests. Those of
the architecture parse all modules and say nothing about what they do; `make check` runs them."""


def some(iris: Iterable[str], every: int = 12) -> list[str]:
    """The IRIs or addresses to look at: the first of each kind and every so many of the rest, unless all are wanted."""
    found = list(iris)
    kinds: dict[str, str] = {}
    for iri in found:
        kinds.setdefault("/".join(iri.split("/")[:-1]), iri)
    chosen = {*kinds.values(), *found[::every]}
    return found if EVERYTHING else [iri for iri in found if iri in chosen]


def few(cases: Sequence[Case], every: int = 3) -> Sequence[Case]:
    """Every so many of the cases of a test in plain `pytest`, from the first; all where slow tests run."""
    return cases if WITH_SLOW else cases[::every]


def examples(number: int) -> int:
    """How many examples of a property to try: the number, or a fifth of it and at least five in plain `pytest`."""
    return number if WITH_SLOW else max(number // 5, 5)
