"""The code samples of the query page: each runs and prints what the endpoint returns."""

import html
import os
import re
import subprocess
import sys
import urllib.request
from importlib.util import find_spec
from urllib.parse import urlencode

import pytest

GRAPH = "https://w3id.org/ma-coalitions/graph/agendas"
SELECT = """# It's "quoted", with a back\\slash & <tags>: Łódź
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?name WHERE {
  ?agenda skos:prefLabel ?name . FILTER (?name != "a\\\\b'c")
} ORDER BY ?name"""
QUERIES = {
    "rows": (("query", SELECT), ("default-graph-uri", GRAPH)),
    "boolean": (("query", "ASK { ?s ?p ?o }"),),
    "graph": (("query", "DESCRIBE <https://w3id.org/ma-coalitions/id/agenda/fair-work-agenda>"),),
}
"""Kind of answer -> the parameters of a request for one."""


def programs(server: str, kind: str) -> dict[str, str]:
    """The programs that the query page shows, by name."""
    address = f"{server}/sparql?{urlencode(QUERIES[kind])}"
    asked = urllib.request.Request(address, headers={"Accept": "text/html"})
    with urllib.request.urlopen(asked, timeout=30) as response:
        page = response.read().decode()
    part = page.partition("Code samples")[2].partition("</details>")[0]
    found = re.findall(r"<h3>(.*?)</h3>\n<pre><code>(.*?)</code></pre>", part, re.DOTALL)
    return {name: html.unescape(text) for name, text in found}


def run(*command: str, program: str) -> str:
    return subprocess.run([*command, program], capture_output=True, text=True, timeout=60, check=True).stdout


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("rows", ["curl", "Python: SPARQLWrapper", "Python: pandas"]),
        ("boolean", ["curl", "Python: SPARQLWrapper"]),
        ("graph", ["curl", "Python: SPARQLWrapper", "Python: rdflib"]),
    ],
)
def test_code_samples_match_result_kind(server: str, kind: str, names: list[str]) -> None:
    assert list(programs(server, kind)) == names


def test_curl_sample_gets_rows(server: str) -> None:
    found = run("sh", "-c", program=programs(server, "rows")["curl"]).splitlines()
    assert found[0] == "name"
    assert "Fair Work Agenda" in found
    assert "Housing" not in found, "only the graph that was asked"


def test_curl_sample_gets_graph(server: str) -> None:
    assert "agenda:fair-work-agenda" in run("sh", "-c", program=programs(server, "graph")["curl"])


def test_curl_sample_gets_boolean(server: str) -> None:
    assert run("sh", "-c", program=programs(server, "boolean")["curl"]).strip() == "true"


@pytest.mark.parametrize(
    ("kind", "name", "says"),
    [
        ("rows", "Python: SPARQLWrapper", "{'name': 'Fair Work Agenda'}"),
        ("boolean", "Python: SPARQLWrapper", "True"),
        ("graph", "Python: SPARQLWrapper", "agenda:fair-work-agenda"),
        ("graph", "Python: rdflib", "triples"),
        ("rows", "Python: pandas", "Fair Work Agenda"),
    ],
)
def test_python_samples_get_result(server: str, kind: str, name: str, says: str) -> None:
    if name.endswith("pandas") and find_spec("pandas") is None:
        assert not os.environ.get("PUBLISHER_TESTS_REQUIRE_EXTRAS"), "pandas is not installed"
        pytest.skip("pandas is not installed (pip install '.[clients]')")
    assert says in run(sys.executable, "-W", "error::SyntaxWarning", "-c", program=programs(server, kind)[name])
