"""The documentation and the citation file agree with the data: excerpts are current, queries and addresses work."""

import json
import re
import shlex
import subprocess

import pytest
import yaml
from support.asgi_client import Client
from support.sample_root import CHECKOUT

README_FILE = CHECKOUT / "README.md"
QUESTION = "aims-on-one-issue"
QUERYING = (CHECKOUT / "docs" / "querying.md").read_text(encoding="utf-8")
EXCERPT = re.compile(r"(?<=^```turtle\n)(?P<subject>coalition:\S+)\n.*?(?=^```)", re.MULTILINE | re.DOTALL)
SHOWN = ("a", "skos:prefLabel", "coal:advances", "coal:seeks", "coal:worksOn")
"""The properties that the excerpt of the README shows."""


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


def curl_lines() -> list[str]:
    """Every curl line of the README and of the documentation that asks this server, without its comment."""
    pages = [README_FILE, *sorted((CHECKOUT / "docs").glob("*.md"))]
    found = [
        line
        for page in pages
        for block in blocks(page.read_text(encoding="utf-8"), "sh")
        for line in block.splitlines()
    ]
    return list(dict.fromkeys(re.sub(r"\s+# .*", "", line) for line in found if re.match("curl .*localhost", line)))


def test_readme_excerpt_is_current(client: Client, update: bool) -> None:
    readme = README_FILE.read_text(encoding="utf-8")
    excerpt = EXCERPT.search(readme)
    assert excerpt
    subject = excerpt["subject"]
    document = client.get(f"/doc/{subject.replace(':', '/')}.ttl").text
    statements = document.partition(f"\n{subject}\n")[2].partition("\n.\n")[0].splitlines()
    current = "\n".join([subject, *(line for line in statements if line.split()[0] in SHOWN)]) + "\n"
    if update:
        README_FILE.write_text(readme.replace(excerpt[0], current), encoding="utf-8")
    else:
        assert excerpt[0] == current, "if the data changed, run: .venv/bin/pytest tests/shipped_data --update-answers"


@pytest.mark.parametrize("query", blocks(QUERYING, "sparql"))
def test_example_queries_have_results(client: Client, query: str) -> None:
    response = client.get("/sparql", query_string={"query": query})
    assert response.status_code == 200
    assert json.loads(response.data)["results"]["bindings"]


@pytest.mark.parametrize("line", curl_lines())
def test_curl_commands_work(server: str, line: str) -> None:
    words = shlex.split(line.replace("http://localhost:8000", server))
    done = subprocess.run(
        [*words, "-sS", "-f", "-w", "\n%{content_type}"], capture_output=True, text=True, timeout=60, check=True
    )
    body, _, content_type = done.stdout.rpartition("\n")
    accepted = re.search(r"Accept: ([^']+)", line)
    fixed = "application/n-triples" if line.endswith(".nt") else "text/turtle"
    fixed = "application/json" if "/reconcile" in line else fixed
    assert content_type.partition(";")[0] == (accepted[1] if accepted else fixed)
    assert body.strip()


def test_querying_page_addresses_work(client: Client) -> None:
    named = re.findall(r"^\| `(/[\w./]+)", QUERYING, re.MULTILINE)
    examples = {"/rule": "unused-aim", "/problem": "busy", "/graph": "bills", "/ask": QUESTION}
    for address in named:
        folder = address.removesuffix("/NAME")
        real = address.replace("KIND/NAME", "coalition/clean-slate-ma").replace("NAME", examples.get(folder, ""))
        real = real.replace("KIND", "coalition")
        real += f"?question={QUESTION}" if address == "/ask/embed" else ""
        assert client.get(real, headers={"Accept": "text/html"}).status_code in (200, 303), real


def test_citation_file_matches_dataset(client: Client) -> None:
    citation = yaml.safe_load((CHECKOUT / "CITATION.cff").read_text(encoding="utf-8"))
    query = """PREFIX dcat: <http://www.w3.org/ns/dcat#>
        PREFIX dcterms: <http://purl.org/dc/terms/>
        PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
        SELECT ?title ?maker ?page ?license WHERE {
        <https://w3id.org/ma-coalitions/dataset> dcterms:title ?title ; dcterms:creator/skos:prefLabel ?maker ;
            dcat:landingPage ?page ; dcterms:license ?license }"""
    (row,) = client.get("/sparql.json", query_string={"query": query}).json["results"]["bindings"]
    assert citation["title"] == row["title"]["value"]
    assert citation["authors"] == [{"name": row["maker"]["value"]}]
    assert citation["url"] == row["page"]["value"]
    assert (citation["license"], row["license"]["value"]) == (
        "CC0-1.0",
        "http://creativecommons.org/publicdomain/zero/1.0/",
    )
