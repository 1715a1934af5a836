"""The page for corrections: a form that makes the text of an issue or a mail; nothing of it is kept."""

import difflib
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final
from urllib.parse import quote, urlencode

import pyoxigraph as ox

from publisher.dataset.iris import is_web
from publisher.pages.layout import Layout, Site, shorten
from publisher.pages.terms import COAL, TermFormatter, words
from publisher.rdf import namespaces as n
from publisher.rdf import turtle
from publisher.rdf.labels import labels_of
from publisher.release.resources import Resources

STATEMENTS: Final = 400
"""Statements of one record that can be chosen, at most."""
OPTION: Final = 120
"""Characters of a statement in the form."""
LONGEST: Final = {"right": 2000, "source": 500}
"""Characters of the fields of the form."""
WORDS: Final = {
    n.SKOS + "prefLabel": "name",
    n.DCTERMS + "source": "source",
    n.FOAF + "accountServiceHomepage": "platform",
    n.SKOS + "editorialNote": "note",
    COAL + "advances": "listed under",
    COAL + "asOf": "stated on",
    COAL + "backs": "which bill or measure",
    COAL + "concerns": "issue",
    COAL + "printedAs": "written as",
    COAL + "seeks": "aim",
    COAL + "worksOn": "issue",
}
"""Names of properties in the form, in the words of the pages."""
_GONE: Final = "The record no longer has the statement that was chosen: choose again."
_UNLISTED: Final = frozenset({n.RDF + "type", n.SKOS + "inScheme", n.SKOS + "topConceptOf"})
"""Properties whose statements no reader corrects."""


@dataclass(frozen=True)
class Correction:
    """What a reader states. statement: the name of the wrong statement; empty if something is missing. right: what is
    right. source: the page that says so."""

    statement: str = ""
    right: str = ""
    source: str = ""

    @property
    def stated(self) -> bool:
        """Whether the form was sent."""
        return bool(self.right or self.source)


@dataclass(frozen=True)
class Statement:
    """A statement of a record. name: its value in the form. part: what of the record it is about, in words; empty for
    the record itself. text: it in words."""

    name: str
    part: str
    text: str
    triple: ox.Triple

    @property
    def whole(self) -> str:
        """The statement with what it is about."""
        return f"{self.part}: {self.text}" if self.part else self.text


@dataclass(frozen=True)
class Draft:
    """The correction as it is sent. issue and mail: addresses with all of it; empty where none is set. change: of the
    file, as a difference in Turtle."""

    title: str
    body: str
    issue: str
    mail: str
    change: str


class CorrectionPages:
    """Makes the page for corrections of a record."""

    def __init__(self, resources: Resources, formatter: TermFormatter, layout: Layout, site: Site) -> None:
        self._resources = resources
        self._names = resources.names
        self._formatter = formatter
        self._layout = layout
        self._site = site

    def start(self, path: str) -> str:
        """The page for those who have not chosen a record yet."""
        return self._layout.render(
            "choose_record.html", frame=self._layout.frame("Correct a record", path, indexed=False)
        )

    def page(self, thing: str, file: str, correction: Correction, path: str) -> str:
        """The page for one record, at a path. file: that states the record."""
        name = self._resources.label(thing)
        statements = self._statements(thing, file)
        chosen = next((found for found in statements if found.name == correction.statement), None)
        problems = find_problems(correction)
        if correction.statement and not chosen:
            problems = [_GONE, *(problem for problem in problems if problem)]
        return self._layout.render(
            "correct.html",
            frame=self._layout.frame(f"Correct {name}", path, indexed=False),
            link=self._formatter.format(ox.NamedNode(thing), {thing: name}, path),
            about=self._names.path(thing),
            parts=[(part, list(group)) for part, group in groupby(statements, key=lambda one: one.part)],
            correction=correction,
            longest=LONGEST,
            addressed=bool(self._site.issues or _write_mail(self._site.contact, "", "")),
            file=file,
            iri=thing,
            problems=problems,
            draft=self._draft(thing, name, file, chosen, correction) if not problems else None,
        )

    def _statements(self, thing: str, file: str) -> list[Statement]:
        """What the file states of a record and its parts, in words, without the links between them."""
        found = self._resources.find_stated(thing, self._names.graph(file))[:STATEMENTS]
        terms = [term for t in found for term in (t.subject, t.object) if isinstance(term, ox.NamedNode)]
        labels = self._formatter.terms | WORDS | labels_of(self._resources.label_statements(terms))
        shown = [t for t in found if t.predicate.value not in _UNLISTED and not _links_part(t, thing)]
        return [Statement(_name(t), _name_part(t, thing, labels), self._say(t, labels), t) for t in shown]

    def _say(self, triple: ox.Triple, labels: Mapping[str, str]) -> str:
        """A statement in words: the property and the value."""
        property_ = labels.get(triple.predicate.value) or self._formatter.format(triple.predicate, labels, "").text
        value = self._formatter.format(triple.object, labels, "").text  # type: ignore[arg-type]
        return shorten(f"{property_}: {value}", OPTION)

    def _draft(self, thing: str, name: str, file: str, chosen: Statement | None, correction: Correction) -> Draft:
        title = shorten(f"Correct {name}: {chosen.whole if chosen else 'something is missing'}", OPTION)
        body = "\n".join(
            [
                f"Record: {name}",
                f"URI: {thing}",
                f"File: {file}",
                f"It says: {chosen.whole if chosen else '(nothing; this is missing)'}",
                f"It should say: {correction.right}",
                f"The page that says so: {correction.source}",
            ]
        )
        return Draft(
            title,
            body,
            _prefill(self._site.issues, title, body),
            _write_mail(self._site.contact, title, body),
            self._change(thing, file, chosen, correction),
        )

    def _change(self, thing: str, file: str, chosen: Statement | None, correction: Correction) -> str:
        """The change of the file as a unified difference; where a value must be an IRI, with a comment in its place."""
        prefixes = self._names.file_prefixes(file)
        before = [chosen.triple] if chosen else []
        values = [(t, _correct(t.object, correction.right)) for t in before]
        after = [ox.Triple(t.subject, t.predicate, value) for t, value in values if value]
        note = "" if after or not chosen else f"# {chosen.whole} -> the URI of: {' '.join(correction.right.split())}\n"
        if not chosen:
            note = f"# Add to {thing}: {' '.join(correction.right.split())}\n"
        old, new = _block(before, prefixes), _block(after, prefixes)
        shown = difflib.unified_diff(old, new, file, file, lineterm="", n=9)
        cited = f"# Add the page as dcterms:source: {correction.source}"
        return "\n".join([*shown, f"{note}{cited}"])


def find_problems(correction: Correction) -> list[str]:
    """Return what is to be completed in a form, in sentences; a form that was not sent has one without words."""
    if not correction.stated:
        return [""]
    found = []
    if not correction.right:
        found.append("Say what is right.")
    if not is_web(correction.source):
        found.append("Give the address of a public page that says so; it begins with http:// or https://.")
    return found


def _name(triple: ox.Triple) -> str:
    """The name of a statement in the form: digits only, so that it spells nothing."""
    return str(int.from_bytes(hashlib.sha256(str(triple).encode()).digest()[:6]))


def _name_part(triple: ox.Triple, thing: str, labels: Mapping[str, str]) -> str:
    """What of a record a statement is about: the name of the part, or its kind and number; empty for the record."""
    subject = str(getattr(triple.subject, "value", ""))
    kind, _, rest = subject.removeprefix(thing).strip("/").partition("/")
    if not kind:
        return ""
    return shorten(labels.get(subject) or f"{words(kind).capitalize()} {rest.replace('-', ' ')}".strip(), OPTION)


def _links_part(triple: ox.Triple, thing: str) -> bool:
    """Whether a statement only links a record and one of its parts."""
    ends = [getattr(term, "value", "") for term in (triple.subject, triple.object)]
    return ends[1].startswith(f"{thing}/") or (ends[1] == thing and ends[0] != thing)


def _correct(value: object, right: str) -> ox.Literal | ox.NamedNode | None:
    """The right value in the form of the wrong one; None where it must be an IRI and is none."""
    if isinstance(value, ox.Literal):
        if value.language:
            return ox.Literal(right, language=value.language)
        return ox.Literal(right, datatype=value.datatype)
    return ox.NamedNode(right) if is_web(right) else None


def _block(triples: Sequence[ox.Triple], prefixes: Mapping[str, str]) -> list[str]:
    """Triples as Turtle, without the prefixes."""
    return turtle.write(triples, prefixes).rpartition("\n\n")[2].splitlines() if triples else []


def _prefill(address: str, title: str, body: str) -> str:
    """The address of a form for issues, with its fields filled in; empty where there is none."""
    return f"{address}{'&' if '?' in address else '?'}{urlencode({'title': title, 'body': body})}" if address else ""


def _write_mail(contact: str, title: str, body: str) -> str:
    """The address of a mail (RFC 6068); empty where the contact is no mail address."""
    if not contact or is_web(contact):
        return ""
    text = quote(body.replace("\n", "\r\n"))
    return f"mailto:{quote(contact, safe='@+')}?subject={quote(title)}&body={text}"
