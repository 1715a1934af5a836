"""curl against a real server: every way to ask that a person types."""

import gzip
import json
import subprocess
from pathlib import Path

import pytest

from publisher.formats import FORM, RESULTS, RESULTS_JSON, SPARQL_QUERY, TURTLE
from publisher.web.codings import zstd

QUERY = (
    "PREFIX coal: <https://w3id.org/ma-coalitions/ontology#> SELECT (COUNT(?c) AS ?n) { ?c a coal:Coalition } # 100%+"
)
ROWS = "n\r\n6\r\n"
CSV = ("-H", "Accept: text/csv")


def curl(*words: str, code: int = 0) -> str:
    done = subprocess.run(["curl", "-sS", *words], capture_output=True, timeout=30)
    assert done.returncode == code, done.stderr
    return done.stdout.decode()


def headers(text: str) -> dict[str, str]:
    """The fields of the last head that `-i` or `-I` printed, with the status under an empty name."""
    status, *lines = text.replace("\r", "").strip().split("\n\n")[-1].splitlines()
    return {"": status.split()[1]} | {
        name.lower(): value for name, _, value in (line.partition(": ") for line in lines)
    }


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "count.rq"
    path.write_text(QUERY)
    return str(path)


@pytest.mark.parametrize(
    "words",
    [
        ["-G", "--data-urlencode", f"query={QUERY}"],
        ["-G", "--data-urlencode", "query@{file}"],
        ["--data-urlencode", f"query={QUERY}"],
        ["--data-urlencode", "query@{file}"],
        ["-H", f"Content-Type: {FORM}; charset=UTF-8", "--data-urlencode", "query@{file}"],
        ["-H", f"Content-Type: {SPARQL_QUERY}", "--data-binary", "@{file}"],
        [
            "-H",
            f"Content-Type: {SPARQL_QUERY}; charset=utf-8",
            "-H",
            "Expect: 100-continue",
            "--data-binary",
            "@{file}",
        ],
        ["-H", f"Content-Type: {SPARQL_QUERY}", "-H", "Transfer-Encoding: chunked", "--data-binary", "@{file}"],
        ["--http1.0", "--data-urlencode", "query@{file}"],
        ["--compressed", "--data-urlencode", "query@{file}"],
    ],
    ids=" ".join,
)
def test_curl_queries_by_get_and_post(server: str, file: str, words: list[str]) -> None:
    assert curl(f"{server}/sparql", *CSV, *(word.replace("{file}", file) for word in words)) == ROWS


@pytest.mark.parametrize("form", RESULTS, ids=lambda form: form.name)
def test_curl_negotiates_format(server: str, form) -> None:
    query = ("-G", "--data-urlencode", f"query={QUERY}")
    answers = {
        curl(f"{server}/sparql.{form.suffix}", *query),
        curl(f"{server}/sparql", *query, "-H", f"Accept: {form.media_type}"),
        curl(f"{server}/sparql", *query, "-d", f"format={form.name}"),
    }
    assert len(answers) == 1
    assert "6" in answers.pop()


def test_curl_follows_thing_to_document(server: str) -> None:
    written = curl("-L", "-w", "\n%{url_effective} %{num_redirects}", f"{server}/id/coalition/clear-water")
    body, _, end = written.rpartition("\n")
    assert end == f"{server}/doc/coalition/clear-water 1"
    assert body == curl(f"{server}/doc/coalition/clear-water", "-H", f"Accept: {TURTLE.media_type}")


@pytest.mark.parametrize("path", ["sparql?query=ASK{{}}", "doc/coalition/clear-water", "ontology", "dataset"])
def test_curl_head_equals_get(server: str, path: str) -> None:
    address = f"{server}/{path.replace('{{}}', '%7B%7D')}"
    got = headers(curl("-o", "/dev/null", "-D", "-", address))
    headed = headers(curl("-I", address))
    for volatile in ("date",):
        got.pop(volatile, None)
        headed.pop(volatile, None)
    assert headed == got
    assert got[""] == "200"


@pytest.mark.parametrize("path", ["sparql.csv?query=ASK%7B%7D", "doc/coalition/clear-water.ttl"])
def test_curl_etag_match_returns_304(server: str, tmp_path: Path, path: str) -> None:
    tag, file = str(tmp_path / "tag"), str(tmp_path / "file")
    first = curl("--etag-save", tag, "-o", file, "-w", "%{http_code} %{size_download}", f"{server}/{path}")
    again = curl("--etag-compare", tag, "-w", "%{http_code} %{size_download}", f"{server}/{path}")
    assert first.startswith("200 ")
    assert first != "200 0"
    assert again == "304 0"


def test_curl_exits_22_on_syntax_error(server: str) -> None:
    words = (f"{server}/sparql", "--data-urlencode", "query=SELECT *\n{ ?s ?p }")
    assert curl("-f", *words, code=22) == ""
    document = json.loads(curl("--fail-with-body", *words, code=22))
    assert (document["status"], document["line"], document["text"]) == (400, 2, "{ ?s ?p }")


def test_curl_cross_origin_request(server: str) -> None:
    found = headers(curl("-i", "-X", "OPTIONS", f"{server}/sparql", "-H", "Origin: https://elsewhere.example").strip())
    assert found["access-control-allow-origin"] == "*"
    assert "POST" in found["access-control-allow-methods"]


def test_curl_reuses_connection(server: str) -> None:
    address = f"{server}/sparql?query=ASK%7B%7D"
    words = [word for _ in range(5) for word in ("-o", "/dev/null", address)]
    assert curl("-w", "%{num_connects}", "-H", f"Accept: {RESULTS_JSON.media_type}", *words) == "10000"


SEVENTY = " ".join(map(str, range(70)))
RANDOM_ROWS = f"SELECT (STR(RAND()) AS ?x) {{ VALUES ?a {{ {SEVENTY} }} VALUES ?b {{ {SEVENTY} }} }}"
"""A result of 90 KB that is not cached: it is compressed while it is sent."""


@pytest.mark.parametrize("coding", ["gzip", "zstd", "identity", "*", "br;q=1.0, gzip;q=0.8"])
@pytest.mark.parametrize("version", ["--http1.1", "--http1.0"])
def test_every_coding_gives_the_same_text(server: str, coding: str, version: str) -> None:
    words = ("-H", f"Accept-Encoding: {coding}", version, "-H", "Accept: text/html")
    page = f"{server}/doc/coalition/clear-water"
    assert decode(curl_bytes(*words, "-i", page)) == curl_bytes("-H", "Accept: text/html", page)
    asked = ("-G", "--data-urlencode", f"query={RANDOM_ROWS}", f"{server}/sparql")
    result = decode(curl_bytes(*words[:3], *CSV, "-i", *asked))
    assert result.count(b"\n") == 1 + 70 * 70


def test_compressed_option_decodes(server: str) -> None:
    page = f"{server}/doc/coalition/clear-water"
    assert curl("--compressed", page) == curl(page)
    assert int(headers(curl("-I", "--compressed", page))["content-length"]) < len(curl(page))


def curl_bytes(*words: str) -> bytes:
    return subprocess.run(["curl", "-sS", *words], capture_output=True, timeout=30, check=True).stdout


def decode(response: bytes) -> bytes:
    """The decoded body of what `-i` printed."""
    head, _, body = response.partition(b"\r\n\r\n")
    coding = headers(head.decode()).get("content-encoding")
    return {"gzip": gzip.decompress, "zstd": zstd.decompress, None: bytes}[coding](body)
