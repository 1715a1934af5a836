"""OpenRefine 3: what it sends to a reconciliation service, in its order, and what it reads of the answers.

From its sources: `StandardReconConfig`, `ReconciledDataExtensionJob`, `reconciliation-manager.js` and `suggest.js`.
"""

import json
from typing import Any
from urllib.parse import quote, urlencode, urljoin
from urllib.request import Request, urlopen

BASE = "https://w3id.org/ma-coalitions/id/"
FAIR = BASE + "coalition/fair-wages-coalition"
HEADERS = {
    "Accept": "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2",
    "User-Agent": "OpenRefine/3.8.7 [TRUNK]",
    "Origin": "http://127.0.0.1:3333",
}


class OpenRefine:
    """What a user of OpenRefine does with one column. service: the address that the user adds."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.manifest = self._get(service)

    def _send(self, request: Request) -> Any:
        with urlopen(request, timeout=30) as response:
            assert response.headers["Access-Control-Allow-Origin"] == "*"
            body = response.read().decode()
            return json.loads(body) if response.headers.get_content_type() == "application/json" else body

    def _get(self, address: str, **parameters: str) -> Any:
        query = f"?{urlencode(parameters)}" if parameters else ""
        return self._send(Request(address + query, headers=HEADERS))

    def _post(self, **form: Any) -> Any:
        data = urlencode({name: json.dumps(value) for name, value in form.items()}).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded;charset=UTF-8"}
        return self._send(Request(self.service, data, HEADERS | kind))

    def guess_types(self, cells: list[str]) -> list[str]:
        """The types of the candidates of the first cells, as the dialog for a column asks."""
        queries = {f"q{number}": {"query": cell, "limit": 3} for number, cell in enumerate(cells[:10])}
        found = self._post(queries=queries)
        return [type_["id"] for value in found.values() for one in value["result"] for type_ in one["type"]]

    def reconcile(self, cells: list[str], type_: str, details: list[dict[str, Any]]) -> list[str]:
        """The identifiers of the cells that are matched; empty for the others."""
        queries = {
            f"q{number}": {"query": cell, "type": type_, "type_strict": "should", "properties": details}
            for number, cell in enumerate(cells)
        }
        found = self._post(queries=queries)
        best = [found[f"q{number}"]["result"][:1] for number in range(len(cells))]
        return [one[0]["id"] if one and one[0]["match"] else "" for one in best]

    def suggest(self, kind: str, typed: str) -> list[str]:
        service = self.manifest["suggest"][kind]
        found = self._get(service["service_url"] + service["service_path"], prefix=typed)
        return [one["id"] for one in found["result"]]

    def preview(self, identifier: str) -> str:
        return str(self._get(self.manifest["preview"]["url"].replace("{{id}}", quote(identifier, safe=""))))

    def extend(self, identifiers: list[str], type_: str, name: str) -> list[Any]:
        """The values of the proposed property with a name."""
        service = self.manifest["extend"]["propose_properties"]
        proposed = self._get(service["service_url"] + service["service_path"], type=type_, limit="50")["properties"]
        property_ = next(one["id"] for one in proposed if one["name"] == name)
        found = self._post(extend={"ids": identifiers, "properties": [{"id": property_}]})
        return [found["rows"][identifier][property_] for identifier in identifiers]


def test_column_of_names_becomes_a_column_of_uris(server: str) -> None:
    client = OpenRefine(f"{server}/reconcile")
    cells = ["FWC", "Clear Water*", "Fair Wages Coaltion", "Museum of Arts", "@clearwater"]
    coalition = max(types := client.guess_types(cells), key=types.count)
    assert coalition in {type_["id"] for type_ in client.manifest["defaultTypes"]}
    matched = client.reconcile(cells, coalition, [])
    water = BASE + "coalition/clear-water"
    assert matched == [FAIR, water, "", "", water]
    assert client.suggest("entity", "fair wages coal")[0] == FAIR
    assert "Fair Wages Coalition" in client.preview(FAIR)
    assert client.extend([FAIR, water], coalition, "homepage") == [
        [{"str": "https://www.fairwages.example/"}],
        [{"str": "https://www.clearwater.example/"}],
    ]


def test_link_of_a_cell_leads_to_the_record(server: str) -> None:
    client = OpenRefine(f"{server}/reconcile")
    address = client.manifest["view"]["url"].replace("{{id}}", quote(FAIR, safe=""))
    with urlopen(Request(address, headers={"Accept": "text/html"}), timeout=30) as response:
        assert response.url == urljoin(server, "/doc/coalition/fair-wages-coalition")
