"""The W3C test suite for SHACL, with both engines: PUBLISHER_W3C_SUITE names the folder with its manifest.ttl.

The source distribution of pySHACL has it in test/resources/sht_tests. Nothing of it is copied here.
"""

import contextlib
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlparse

import pyoxigraph as ox
import pytest
from support.optional_packages import extra

from publisher.dataset.files import File, parse_text, read_file
from publisher.errors import CannotRunError
from publisher.rdf.namespaces import SH
from publisher.reports.output_formats import RENDERERS
from publisher.validation import runner
from publisher.validation.checks import shapes
from publisher.validation.context import of_shapes
from publisher.validation.engines.selection import ENGINES
from publisher.validation.inputs import Request

SUITE: Final = os.environ.get("PUBLISHER_W3C_SUITE", "")
MF: Final = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
GRAPHS: Final = ("shapesGraph", "dataGraph")
SHT: Final = "http://www.w3.org/ns/shacl-test#"

UNSUPPORTED: Final = {"shapesGraph-001": "$shapesGraph is not supported, and reported as a broken shape"}
"""Cases that fail for a documented reason."""
REFUSED: Final = {"deactivated-001": "without an active shape, a run validates nothing and ends with exit code 2"}
"""Cases of which the whole run is an error for a documented reason."""

pytestmark = pytest.mark.skipif(not SUITE, reason="PUBLISHER_W3C_SUITE does not name the folder of the suite")


def read(path: Path) -> File:
    return read_file(path, path.as_posix(), base=path.as_uri())


def path_of(iri: str) -> Path:
    return Path(unquote(urlparse(iri).path))


class Graph:
    """The statements of a file by subject and property."""

    def __init__(self, file: File) -> None:
        self.stated: dict[tuple[Any, str], list[Any]] = {}
        for triple in file.triples:
            self.stated.setdefault((triple.subject, triple.predicate.value), []).append(triple.object)

    def of(self, node: Any, iri: str) -> list[Any]:
        return self.stated.get((node, iri), [])


def cases(manifest: Path) -> Iterator[Path]:
    """The files of a manifest that have tests."""
    graph = Graph(read(manifest))
    for (_, name), values in graph.stated.items():
        if name == MF + "include":
            for value in values:
                yield from cases(path_of(value.value))
    if any(name == MF + "action" for _, name in graph.stated):
        yield manifest


def described(term: Any) -> str:
    return "" if term is None else "_:" if str(term).startswith("_:") else str(term)


CASES: Final = sorted(cases(Path(SUITE).resolve() / "manifest.ttl")) if SUITE else []


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("path", CASES, ids=[f"{path.parent.name}/{path.stem}" for path in CASES])
def test_suite_case(path: Path, engine: str) -> None:
    if engine == "fast":
        extra("shacl", "fast")
    if path.stem in UNSUPPORTED:
        pytest.xfail(UNSUPPORTED[path.stem])
    graph = Graph(read(path))
    [(test, action)] = [(node, values[0]) for (node, name), values in graph.stated.items() if name == MF + "action"]
    files = [[read(path_of(iri.value)) for iri in graph.of(action, SHT + kind)] for kind in GRAPHS]
    [expected] = graph.of(test, MF + "result")
    context = of_shapes(files[0], files[1], engine=engine)
    if str(expected) == f"<{SHT}Failure>":
        with contextlib.suppress(CannotRunError):
            results, failures = shapes.find_results(context)
            assert context.mistakes or failures or not results
        return
    wanted = Counter(
        tuple(
            described(next(iter(graph.of(result, SH + name)), None))
            for name in ("focusNode", "value", "sourceConstraintComponent", "resultSeverity", "sourceShape")
        )
        for result in graph.of(expected, SH + "result")
    )
    found = Counter(
        (
            described(result.focus),
            described(result.value),
            f"<{result.component}>",
            f"<{result.severity}>",
            described(result.shape),
        )
        for result in shapes.find_results(context)[0]
    )
    assert found == wanted


def test_suite_is_complete() -> None:
    assert len(CASES) >= 120


# The report


def spell_path(graph: Graph, node: Any) -> str:
    """A property path in one line: the statements about its blank nodes, nested."""
    if not isinstance(node, ox.BlankNode):
        return described(node)
    stated = sorted((name, values) for (subject, name), values in graph.stated.items() if subject == node)
    return f"[{' '.join(f'<{name}> {spell_path(graph, value)}' for name, values in stated for value in values)}]"


def summarize_report(graph: Graph, report: Any) -> Counter[tuple[str, ...]]:
    """What the results of a report state; blank nodes are all the same, paths excepted."""
    names = ("focusNode", "value", "sourceConstraintComponent", "resultSeverity", "sourceShape")
    return Counter(
        (
            *(described(next(iter(graph.of(result, SH + name)), None)) for name in names),
            *(spell_path(graph, path) for path in graph.of(result, SH + "resultPath")),
        )
        for result in graph.of(report, SH + "result")
    )


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("path", CASES, ids=[f"{path.parent.name}/{path.stem}" for path in CASES])
def test_suite_report(path: Path, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The report in Turtle has the results of the suite, with their paths, severities and shapes."""
    if engine == "fast":
        extra("shacl", "fast")
    graph = Graph(read(path))
    [(test, action)] = [(node, values[0]) for (node, name), values in graph.stated.items() if name == MF + "action"]
    [expected] = graph.of(test, MF + "result")
    if path.stem in {*UNSUPPORTED, *REFUSED} or str(expected) == f"<{SHT}Failure>":
        pytest.skip("has no report")
    monkeypatch.chdir(tmp_path)  # Below the working folder, IRIs would be relative.
    shapes_files, data = ([str(path_of(iri.value)) for iri in graph.of(action, SHT + name)] for name in GRAPHS)
    report = runner.run(Request(paths=data, shapes=shapes_files, engine=engine), lambda *_: None)
    of_shacl = replace(report, findings=[finding for finding in report.findings if finding.component], failures=())
    written = Graph(parse_text(RENDERERS["turtle"](of_shacl), "report.ttl"))
    [root] = [node for node, name in written.stated if name == SH + "conforms"]
    assert written.of(root, SH + "conforms") == graph.of(expected, SH + "conforms")
    assert summarize_report(written, root) == summarize_report(graph, expected)
