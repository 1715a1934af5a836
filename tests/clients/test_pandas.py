"""pandas against a real server: an address is all it takes to have rows in a frame."""

from typing import Any
from urllib.parse import urlencode

import pytest
from support.optional_packages import extra

QUERY = """PREFIX coal: <https://w3id.org/ma-coalitions/ontology#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?agenda (COUNT(?c) AS ?n) (SUM(?x) AS ?nothing) {
  ?c coal:advances/skos:prefLabel ?agenda OPTIONAL { ?c coal:none ?x } # 100% + more
} GROUP BY ?agenda ORDER BY DESC(?n)"""


@pytest.fixture(scope="module")
def pandas() -> Any:
    return extra("pandas")


def address(server: str, suffix: str, query: str = QUERY) -> str:
    return f"{server}/sparql{suffix}?{urlencode({'query': query})}"


@pytest.mark.parametrize(("suffix", "separator", "mark"), [(".csv", ",", ""), (".tsv", "\t", "?")])
def test_pandas_reads_numbers(pandas, server, suffix, separator, mark) -> None:
    frame = pandas.read_csv(address(server, suffix), sep=separator)
    assert list(frame.columns) == [f"{mark}agenda", f"{mark}n", f"{mark}nothing"]
    assert list(frame[f"{mark}n"]) == [3, 2, 1]
    assert frame[f"{mark}n"].dtype == "int64"


def test_pandas_reads_unbound_as_missing(pandas: Any, server: str) -> None:
    query = 'SELECT ?a ?b { VALUES (?a ?b) { ("é, \\"x\\"\\n" UNDEF) (UNDEF 2) } }'
    frame = pandas.read_csv(address(server, ".csv", query))
    assert frame["a"][0] == 'é, "x"\n'
    assert list(frame.isna().sum()) == [1, 1]


def test_pandas_reads_json(pandas: Any, server: str) -> None:
    found = pandas.read_json(address(server, ".json"), typ="series")
    frame = pandas.json_normalize(found["results"]["bindings"])
    assert list(frame["n.value"].astype(int)) == [3, 2, 1]


def test_pandas_sends_accept_header(pandas: Any, server: str) -> None:
    frame = pandas.read_csv(address(server, ""), storage_options={"Accept": "text/csv"})
    assert list(frame["n"]) == [3, 2, 1]


def test_pandas_raises_on_syntax_error(pandas: Any, server: str) -> None:
    with pytest.raises(OSError, match="400"):
        pandas.read_csv(address(server, ".csv", "SELECT *"))
