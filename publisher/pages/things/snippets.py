"""Snippets: what others copy to link to a thing or to cite it: HTML, Markdown, JSON-LD, citations. Pure, no I/O."""

import json
import re
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class DatasetFacts:
    """What a citation says of the data set. modified: the date of its last change; empty if none is stated."""

    title: str
    creator: str = ""
    modified: str = ""


@dataclass(frozen=True)
class Snippet:
    """A text to copy. label: what it is. language: of the code, for machines."""

    label: str
    text: str


def make_snippets(iri: str, name: str, kind: str, dataset: DatasetFacts) -> list[Snippet]:
    """Return what others copy to link to a thing or to cite it."""
    return [
        Snippet("Link in HTML", f'<a href="{escape(iri)}">{escape(name)}</a>'),
        Snippet("Link in Markdown", f"[{_escape_markdown(name)}](<{iri}>)"),
        Snippet("JSON-LD for your own page or data", _same_as(iri, name)),
        Snippet("Citation", cite_in_text(iri, name, kind, dataset)),
        Snippet("BibTeX", cite_in_bibtex(iri, name, kind, dataset)),
        Snippet("CSL-JSON", cite_in_csl(iri, name, kind, dataset)),
    ]


def _escape_markdown(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>])", r"\\\1", text)


def _same_as(iri: str, name: str) -> str:
    value = {"@context": "https://schema.org", "name": name, "sameAs": iri}
    return json.dumps(value, ensure_ascii=False, indent=2).replace("<", "\\u003c")


def cite_in_text(iri: str, name: str, kind: str, dataset: DatasetFacts) -> str:
    """Return a citation in plain text. The reader adds the date of access."""
    author = f"{dataset.creator}. " if dataset.creator else ""
    year = f" ({dataset.modified[:4]})" if dataset.modified else ""
    return f"{author}“{name}” ({kind}). In: {dataset.title}{year}. {iri}"


def cite_in_bibtex(iri: str, name: str, kind: str, dataset: DatasetFacts) -> str:
    """Return a citation for BibTeX."""
    key = re.sub(r"[^a-z0-9]+", "-", "-".join(iri.lower().split("/")[-2:])).strip("-")
    fields = {
        "title": f"{{{_escape_tex(name)}}}",
        "author": f"{{{_escape_tex(dataset.creator)}}}" if dataset.creator else "",
        "howpublished": _escape_tex(dataset.title),
        "note": _escape_tex(kind.capitalize()),
        "year": dataset.modified[:4],
        "url": iri,
    }
    lines = [f"  {field} = {{{value}}}" for field, value in fields.items() if value]
    return "@misc{" + ",\n".join([key, *lines]) + "\n}"


def _escape_tex(text: str) -> str:
    named = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    return re.sub(r"[\\~^&%$#_{}]", lambda found: named.get(found[0], "\\" + found[0]), text)


def cite_in_csl(iri: str, name: str, kind: str, dataset: DatasetFacts) -> str:
    """Return a citation as CSL-JSON."""
    value: dict[str, object] = {
        "id": iri,
        "type": "entry",
        "title": name,
        "genre": kind,
        "container-title": dataset.title,
        "URL": iri,
    }
    if dataset.creator:
        value["author"] = [{"literal": dataset.creator}]
    if dataset.modified:
        value["issued"] = {"date-parts": [[int(part) for part in dataset.modified[:10].split("-") if part.isdigit()]]}
    return json.dumps([value], ensure_ascii=False, indent=2)
