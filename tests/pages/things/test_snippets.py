"""Snippets: valid in the language of each, whatever the name holds."""

import json
import re
from html.parser import HTMLParser
from typing import Any

from publisher.pages.things.snippets import DatasetFacts, make_snippets

IRI = "https://w3id.org/ma-coalitions/id/coalition/a-b"
NAME = 'Fair & "Square" </script> [x](y) 100% {_#~^\\}'
DATASET = DatasetFacts("Data_set", "Makers & Co", "2026-11-29")


def texts(name: str = NAME, dataset: DatasetFacts = DATASET) -> dict[str, str]:
    return {snippet.label: snippet.text for snippet in make_snippets(IRI, name, "coalition", dataset)}


def test_html_link_shows_name_and_leads_to_uri() -> None:
    found: dict[str, Any] = {}

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found[tag] = dict(attrs)

        def handle_data(self, data: str) -> None:
            found["text"] = found.get("text", "") + data

    reader = Reader()
    reader.feed(texts()["Link in HTML"])
    reader.close()
    assert found == {"a": {"href": IRI}, "text": NAME}


def test_markdown_link_escapes_brackets() -> None:
    assert texts("A [b] *c*")["Link in Markdown"] == rf"[A \[b\] \*c\*](<{IRI}>)"


def test_json_snippets_are_json() -> None:
    found = texts()
    same = json.loads(found["JSON-LD for your own page or data"])
    assert (same["sameAs"], same["name"]) == (IRI, NAME)
    assert "</script>" not in found["JSON-LD for your own page or data"]
    [entry] = json.loads(found["CSL-JSON"])
    assert entry["id"] == entry["URL"] == IRI
    assert entry["issued"] == {"date-parts": [[2026, 11, 29]]}
    assert entry["author"] == [{"literal": "Makers & Co"}]


def test_citation_names_record_data_set_and_uri() -> None:
    assert texts("A")["Citation"] == f"Makers & Co. “A” (coalition). In: Data_set (2026). {IRI}"


def test_bibtex_escapes_special_characters() -> None:
    text = texts()["BibTeX"]
    assert text.startswith("@misc{coalition-a-b,\n  title = {{")
    assert re.findall(r"(?<!\\)[&%$#_~^]", text.replace(IRI, "")) == []
    assert r"author = {{Makers \& Co}}" in text
    assert "year = {2026}" in text


def test_unknown_facts_of_data_set_are_left_out() -> None:
    found = texts("A", DatasetFacts("D"))
    assert found["Citation"] == f"“A” (coalition). In: D. {IRI}"
    assert "author" not in found["BibTeX"]
    assert "year" not in found["BibTeX"]
    assert "issued" not in json.loads(found["CSL-JSON"])[0]
