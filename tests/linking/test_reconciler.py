"""The reconciliation service: what it answers is valid by the schemas, in order, and certain only where it must be."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from support.asgi_client import Client, OpenApp
from support.each import each
from werkzeug.test import TestResponse

SCHEMAS = Path(__file__).with_name("schemas")
BASE = "https://w3id.org/ma-coalitions/id/"
COALITION = "https://w3id.org/ma-coalitions/ontology#Coalition"
ORGANIZATION = "http://www.w3.org/ns/org#Organization"
FAIR = BASE + "coalition/fair-wages-coalition"
ADVANCES = "https://w3id.org/ma-coalitions/ontology#advances"
HOMEPAGE = "http://xmlns.com/foaf/0.1/homepage"
JAVA = {"Accept": "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"}
"""What Java sends, and so some versions of OpenRefine."""


def check(name: str, response: TestResponse) -> Any:
    """The JSON of a response, valid by a schema."""
    assert (response.status_code, response.mimetype) == (200, "application/json"), response.text
    value = response.json
    jsonschema.validate(value, json.loads((SCHEMAS / f"{name}.json").read_text()))
    return value


def ask(client: Client, **queries: Any) -> dict[str, Any]:
    """The candidates for queries, by their keys."""
    response = client.post("/reconcile", data={"queries": json.dumps(queries)}, headers=JAVA)
    return {key: value["result"] for key, value in check("results", response).items()}


def test_manifest_is_valid(client: Client) -> None:
    response = client.get("/reconcile", base_url="https://host.example/mount", headers={"Accept": "text/html"})
    manifest = check("manifest", response)
    assert manifest["identifierSpace"] == BASE
    assert manifest["view"]["url"] == "https://host.example/mount/lookup?uri={{id}}"
    assert manifest["defaultTypes"][0] == {"id": COALITION, "name": "Coalition"}
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_batch_is_answered_by_keys(client: Client) -> None:
    found = ask(client, a={"query": "FWC"}, b={"query": "Fair Wages Coaltion"}, c={"query": "Museum of Arts"})
    assert (found["a"][0]["id"], found["a"][0]["match"]) == (FAIR, True)
    assert (found["b"][0]["id"], found["b"][0]["match"]) == (FAIR, False)
    assert found["c"] == []
    scores = [candidate["score"] for candidate in found["b"]]
    assert scores == sorted(scores, reverse=True)


def test_type_restricts_candidates(client: Client) -> None:
    name = "Fair Wages Network"
    found = ask(
        client, a={"query": name}, b={"query": name, "type": COALITION}, c={"query": name, "type": [ORGANIZATION]}
    )
    assert found["a"][0]["match"]
    assert [candidate["match"] for candidate in found["b"]] == [False]
    kinds = {type_["id"] for candidate in found["c"] for type_ in candidate["type"]}
    assert kinds == {COALITION, ORGANIZATION}


@pytest.mark.parametrize("type_", [COALITION, "Coalition", "coalition"])
def test_type_has_several_identifiers(client: Client, type_: str) -> None:
    assert ask(client, a={"query": "Clear Water", "type": type_})["a"][0]["match"]


def test_limit_holds(client: Client) -> None:
    assert len(ask(client, a={"query": "coalition of fair wages", "limit": 1})["a"]) == 1


@pytest.mark.slow
def test_name_of_two_things_is_no_match_at_any_limit(
    fork: Callable[[Mapping[str, str]], Path], opened: Callable[..., OpenApp]
) -> None:
    second = """
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<https://w3id.org/ma-coalitions/id/organization/clear-water> skos:prefLabel "Clear Water"@en .
"""
    client = opened(fork({"data/second.ttl": second})).test_client()
    for limit in (1, 2, 10):
        found = ask(client, a={"query": "Clear Water", "limit": limit})["a"]
        assert [candidate["match"] for candidate in found] == [False] * len(found)
        assert 1 <= len(found) <= limit


def test_condition_that_agrees_keeps_the_match(client: Client) -> None:
    agenda = {"pid": ADVANCES, "v": {"id": BASE + "agenda/fair-work-agenda"}}
    site = {"pid": "foaf:homepage", "v": "http://fairwages.example"}
    found = ask(client, a={"query": "Fair Wages Coalition", "properties": [agenda, site]})["a"][0]
    assert (found["match"], found["score"]) == (True, 100)
    assert {"id": HOMEPAGE, "value": 100.0} in found["features"]


def test_property_is_found_by_a_local_name_that_one_vocabulary_has(client: Client) -> None:
    site = {"pid": "homepage", "v": "http://fairwages.example"}
    found = ask(client, a={"query": "Fair Wages Coalition", "properties": [site]})["a"][0]
    assert {"id": HOMEPAGE, "value": 100.0} in found["features"]
    for text in ("no-such-property", "not an IRI", "foaf:nothing"):
        properties = [{"pid": text, "v": "x"}]
        answer = client.post(
            "/reconcile", data={"queries": json.dumps({"a": {"query": "x", "properties": properties}})}
        )
        assert answer.status_code == 400


def test_condition_that_contradicts_prevents_the_match(client: Client) -> None:
    site = {"pid": HOMEPAGE, "v": "https://other.example/"}
    found = ask(client, a={"query": "Fair Wages Coalition", "properties": [site]})["a"][0]
    assert found["id"] == FAIR
    assert not found["match"]
    assert found["score"] < 100


def test_conditions_alone_find_candidates(client: Client) -> None:
    agenda = {"pid": ADVANCES, "v": {"id": BASE + "agenda/fair-work-agenda"}}
    found = ask(
        client,
        a={"type": COALITION, "properties": [agenda]},
        b={"properties": [{"pid": HOMEPAGE, "v": "fairwages.example"}]},
    )
    assert FAIR in [candidate["id"] for candidate in found["a"]]
    assert [candidate["id"] for candidate in found["b"]][:1] == [FAIR]
    assert not any(candidate["match"] for candidates in found.values() for candidate in candidates)


def test_forms_of_version_01_are_answered(client: Client) -> None:
    assert check("result", client.get("/reconcile?query=FWC"))["result"][0]["id"] == FAIR
    batch = json.dumps({"q0": {"query": "FWC", "type": COALITION, "type_strict": "should"}})
    assert check("results", client.get("/reconcile", query_string={"queries": batch}))["q0"]["result"][0]["match"]


def test_callback_is_called(client: Client) -> None:
    response = client.get("/reconcile?callback=jQuery.cb_1")
    assert response.mimetype == "text/javascript"
    assert response.text.startswith("/**/jQuery.cb_1({")
    assert response.text.rstrip().endswith("});")
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@each("callback", ["alert(1)//", "a;b", "a b", "<script>", "a" * 200, "a..b", "1a", "é"])
def test_hostile_callback_is_malformed(client: Client, callback: str) -> None:
    response = client.get("/reconcile", query_string={"callback": callback}, headers=JAVA)
    assert (response.status_code, response.mimetype) == (400, "application/problem+json")


@each(
    ("queries", "status", "words"),
    [
        ('{"q', 400, "at line 1, column 2"),
        ('{"q": {"query": "x", "type": "urn:x"}}', 400, "There is no type 'urn:x'. Types: https://w3id.org"),
        ('{"q": {"query": "x", "properties": [{"pid": "p q", "v": 1}]}}', 400, "There is no property 'p q'"),
        ('{"q": {"query": "x", "limit": 1000000}}', 400, "from 1 to 100"),
        (json.dumps({f"q{n}": {"query": "x"} for n in range(10_000)}), 413, "10000 queries; the limit"),
    ],
)
def test_errors_are_json_and_name_the_cause(client: Client, queries: str, status: int, words: str) -> None:
    response = client.post("/reconcile", data={"queries": queries}, headers=JAVA)
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")
    assert words in response.json["detail"]
    assert response.headers["Access-Control-Allow-Origin"] == "*"


@each(
    ("data", "kind", "status"),
    [
        (b"queries=%C3", "application/x-www-form-urlencoded", 400),
        (b"", "application/x-www-form-urlencoded", 400),
        (b"{}", "application/json", 415),
        (b"queries=%7B%7D", "application/x-www-form-urlencoded; charset=UTF-8", 200),
    ],
)
def test_body_is_a_form(client: Client, data: bytes, kind: str, status: int) -> None:
    response = client.post("/reconcile", data=data, content_type=kind, headers=JAVA)
    assert (response.status_code, response.is_json) == (status, True)


def test_compressed_batch_is_unsupported(client: Client) -> None:
    headers = JAVA | {"Content-Encoding": "gzip"}
    response = client.post(
        "/reconcile", data=b"\x1f\x8b", content_type="application/x-www-form-urlencoded", headers=headers
    )
    assert (response.status_code, response.headers["Accept-Encoding"]) == (415, "identity")
    assert "The Content-Encoding 'gzip' is not supported" in response.json["detail"]


def test_service_allows_scripts_of_other_sites(client: Client) -> None:
    response = client.options("/reconcile")
    assert {"GET", "POST"} <= set(response.headers["Access-Control-Allow-Methods"].split(", "))
    assert client.put("/reconcile").status_code == 405


def test_suggestions_are_valid(client: Client) -> None:
    found = check("suggestions", client.get("/reconcile/suggest/entity?prefix=fair+w"))["result"]
    assert found[0]["id"] == FAIR or found[0]["name"].startswith("Fair W")
    more = check("suggestions", client.get("/reconcile/suggest/entity?prefix=fair+w&cursor=1"))["result"]
    assert more[0] == found[1]
    own = check("suggestions", client.get("/reconcile/suggest/entity", query_string={"prefix": FAIR}))["result"]
    assert own[0]["id"] == FAIR
    types = check("suggestions", client.get("/reconcile/suggest/type?prefix=coal"))["result"]
    assert types == [{"id": COALITION, "name": "Coalition"}]
    properties = check("suggestions", client.get("/reconcile/suggest/property?prefix=homepage"))["result"]
    assert [property_["id"] for property_ in properties] == [HOMEPAGE]
    assert check("suggestions", client.get("/reconcile/suggest/entity"))["result"] == []


@each("query", ["prefix=%C3", "prefix=a&cursor=-1", "prefix=a&cursor=x", "prefix=" + "a" * 201])
def test_invalid_suggestion_is_malformed(client: Client, query: str) -> None:
    response = client.get(f"/reconcile/suggest/entity?{query}", headers=JAVA)
    assert (response.status_code, response.mimetype) == (400, "application/problem+json")


def test_preview_can_be_framed(client: Client) -> None:
    response = client.get("/reconcile/preview", query_string={"id": FAIR})
    assert (response.status_code, response.mimetype) == (200, "text/html")
    assert "Fair Wages Coalition" in response.text
    assert "frame-ancestors" not in response.headers["Content-Security-Policy"]
    merged = client.get("/reconcile/preview", query_string={"id": BASE + "coalition/living-wage-campaign"})
    assert "Fair Wages Coalition" in merged.text
    for other in (BASE + "coalition/none", "https://other.example/", "x y"):
        assert client.get("/reconcile/preview", query_string={"id": other}).status_code == 404
    assert client.get("/reconcile/preview").status_code == 400


def test_flyout_is_escaped_html(client: Client) -> None:
    found = check("flyout", client.get("/reconcile/flyout", query_string={"id": FAIR}))
    assert found["html"].startswith("<p><strong>Fair Wages Coalition</strong></p>")
    assert check("flyout", client.get("/reconcile/flyout", query_string={"id": COALITION}))["id"] == COALITION
    assert client.get("/reconcile/flyout?id=urn:none").status_code == 404


def test_properties_are_proposed(client: Client) -> None:
    found = check("properties", client.get("/reconcile/properties", query_string={"type": COALITION, "limit": 50}))
    assert {ADVANCES, HOMEPAGE} <= {property_["id"] for property_ in found["properties"]}
    few = check("properties", client.get("/reconcile/properties", query_string={"type": COALITION, "limit": 2}))
    assert len(few["properties"]) == 2
    assert client.get("/reconcile/properties?type=urn:x").status_code == 400


def test_values_are_fetched(client: Client) -> None:
    asked = {
        "ids": [FAIR, BASE + "coalition/living-wage-campaign", "urn:none", "x y"],
        "properties": [{"id": HOMEPAGE}, {"id": ADVANCES}, {"id": "coal:backing", "settings": {"limit": 1}}],
    }
    found = check("extension", client.post("/reconcile", data={"extend": json.dumps(asked)}, headers=JAVA))
    assert [column["id"] for column in found["meta"]] == [HOMEPAGE, ADVANCES, "coal:backing"]
    row = found["rows"][FAIR]
    assert row[HOMEPAGE] == [{"str": "https://www.fairwages.example/"}]
    assert row[ADVANCES][0]["id"].startswith(BASE + "agenda/")
    assert len(row["coal:backing"]) == 1
    assert found["rows"][BASE + "coalition/living-wage-campaign"] == row
    assert found["rows"]["urn:none"] == {HOMEPAGE: [], ADVANCES: [], "coal:backing": []}


def test_values_have_json_types(client: Client) -> None:
    session = BASE + "session/11"
    asked = {"ids": [session], "properties": [{"id": "schema:startDate"}, {"id": "coal:ordinal"}]}
    row = check("extension", client.get("/reconcile", query_string={"extend": json.dumps(asked)}))["rows"][session]
    assert set(row["schema:startDate"][0]) <= {"date", "str"}
    assert all(set(value) <= {"int", "str"} for value in row["coal:ordinal"])
