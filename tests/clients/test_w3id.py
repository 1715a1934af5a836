"""The redirects of w3id.org: the file in `docs/w3id/`, in a real Apache, in front of a real server."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.optional_packages import missing, tool
from support.ports import free_port
from support.waiting import eventually

CONFIG = Path(__file__).with_name("apache.conf")
MODULES = Path("/usr/lib/apache2/modules")
DOCS = Path(__file__).resolve().parents[2] / "docs" / "w3id"
TURTLE = ("-H", "Accept: text/turtle")


def curl(*words: str) -> str:
    done = subprocess.run([tool("curl"), "-s", "-m", "30", *words], capture_output=True, text=True, check=False)
    return done.stdout


@pytest.fixture(scope="module")
def w3id(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base as Apache serves it, with a slash at its end."""
    apache, folder = tool("apache2"), tmp_path_factory.mktemp("apache")
    if not MODULES.is_dir():
        missing(f"{MODULES} is missing")
    port = free_port()
    place = folder / "w3id" / "ma-coalitions"
    place.mkdir(parents=True)
    rules = (DOCS / ".htaccess").read_text()
    assert "https://HOST.example/" in rules
    (place / ".htaccess").write_text(rules.replace("https://HOST.example", server))
    for path in (folder, *folder.parents[:3], folder / "w3id", place):
        path.chmod(path.stat().st_mode | 0o055)
    text = CONFIG.read_text().replace("PORT", str(port)).replace("MODULES", str(MODULES))
    (folder / "apache.conf").write_text(text.replace("FOLDER", str(folder)))
    words = [apache, "-X", "-f", str(folder / "apache.conf")]
    process = subprocess.Popen(words, env={**os.environ, "LC_ALL": "C"})
    try:
        url = f"http://127.0.0.1:{port}/ma-coalitions/"
        assert eventually(lambda: curl("-o", os.devnull, "-w", "%{http_code}", url) == "307")
        yield url
    finally:
        process.terminate()
        process.wait(30)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "dataset",
        "id/coalition/clear-water",
        "doc/coalition/clear-water.ttl",
        "ontology",
        "sparql?query=ASK%20%7B%7D",
    ],
)
def test_addresses_redirect_to_the_same_path(w3id: str, server: str, path: str) -> None:
    status, location = curl("-o", os.devnull, "-w", "%{http_code} %{redirect_url}", w3id + path).split()
    assert (status, location) == ("307", f"{server}/{path}")


def test_thing_is_dereferenced_in_the_negotiated_format(w3id: str) -> None:
    text = curl("-L", *TURTLE, f"{w3id}id/coalition/clear-water")
    assert "coalition:clear-water\n" in text


def test_query_is_posted_through_the_redirect(w3id: str) -> None:
    query = "query=SELECT (COUNT(*) AS ?n) { ?s a <https://w3id.org/ma-coalitions/ontology#Coalition> }"
    found = json.loads(curl("-L", "--data-urlencode", query, "-H", "Accept: application/json", f"{w3id}sparql"))
    assert [row["n"]["value"] for row in found["results"]["bindings"]] == ["6"]


def test_scripts_of_other_sites_may_follow(w3id: str) -> None:
    assert "access-control-allow-origin: *" in curl("-I", f"{w3id}dataset").lower()


def test_base_without_a_slash_leads_to_the_home_page(w3id: str, server: str) -> None:
    ending = curl("-L", "-o", os.devnull, "-w", "%{http_code} %{url_effective}", w3id.rstrip("/")).split()
    assert ending == ["200", f"{server}/"]
