"""References: links to what a root publishes that lead nowhere, to a document, or to a retired thing."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import pyoxigraph as ox

from publisher.dataset.files import File
from publisher.dataset.identifiers import RETIRED_FILE, Published
from publisher.dataset.iris import KINDS, SERVED, plural
from publisher.diagnostic import Diagnostic, Severity
from publisher.formats import DOCUMENTS, RESULTS, suffixes
from publisher.rdf.labels import Labels
from publisher.rdf.namespaces import DCAT, DCTERMS, FOAF, PROV, RDF, RDFS, SCHEMA, VOCABULARY, XHV, compact
from publisher.suggestions import Nearest
from publisher.validation.locator import OBJECT, PREDICATE, SUBJECT, finding_at

GUESSES: Final = 5_000
"""Different IRIs in one run for which one that is spelled alike is looked for: a second or two."""


_TYPE: Final = ox.NamedNode(RDF + "type")
_FORM: Final = re.compile(rf"\.(htm|{'|'.join(suffixes((*DOCUMENTS, *RESULTS)))})\Z")
_PAGE: Final = re.compile(r"/incoming/\d+\Z")
_TERM: Final = re.compile(r"(ontology|shapes)(?:\.\w+)?[#/]([^/#?]+)\Z")
_KINDS: Final = {plural(kind).lower(): kind for kind in KINDS} | {kind: kind for kind in KINDS}
_OF_PAGES: Final = {
    DCAT: ("accessURL", "downloadURL", "landingPage"),
    DCTERMS: ("hasFormat", "isFormatOf", "isReferencedBy", "references", "source"),
    FOAF: ("homepage", "isPrimaryTopicOf", "page", "primaryTopic", "topic"),
    PROV: ("hadPrimarySource", "wasDerivedFrom"),
    RDFS: ("isDefinedBy", "seeAlso"),
    SCHEMA: ("citation", "isBasedOn", "mainEntity", "mainEntityOfPage", "sameAs", "subjectOf", "url"),
    XHV: ("next",),
}
_ABOUT_PAGES: Final = frozenset(
    start + name
    for namespace, names in _OF_PAGES.items()
    for start in (namespace, namespace.replace("https:", "http:"))
    for name in names
)
"""Properties that have a page at one end: with these, the address of a document is what it says."""
_PAGE_CLASSES: Final = frozenset({FOAF + "Document", SCHEMA + "WebPage", SCHEMA.replace("https:", "http:") + "WebPage"})


def findings(
    files: Sequence[File],
    given: Sequence[File],
    published: Published,
    prefixes: Mapping[str, str],
    severity: Severity,
) -> list[Diagnostic]:
    """What the files say of IRIs below the base that are not published, or not as they stand.

    given: everything that is checked together; a well-formed IRI that is given a type there is a new record.
    prefixes: prefix -> namespace, for spelling. severity: of what leads nowhere. Nothing is found where the root cannot
    be read.
    """
    base = published.names.base
    marked = [file for file in files if mark(base) in file.text] if base else []
    if not marked or published.repository is None:
        return []
    prefixes = published.names.prefixes | dict(prefixes)
    judge, label = _Judge(published, given, prefixes), Labels([*files, *published.repository.files])
    return [
        finding_at(
            verdict.rule,
            severity if verdict.rule == "dangling-reference" else Severity.WARNING,
            verdict.words,
            file,
            triple,
            part,
            prefixes,
            label,
            proposal=verdict.proposal,
        )
        for file in marked
        for triple, part, verdict in _judged(file, judge, mark(base))
    ]


def mark(base: str) -> str:
    """What stands in every text that names an IRI below a base, however its slashes are escaped or it is cut short."""
    return str(re.findall(r"[\w.-]+", base)[-1])


def _judged(file: File, judge: "_Judge", marked: str) -> Iterator[tuple[ox.Triple, int, "Verdict"]]:
    """The references of a file that something is wrong with: a subject once, the others wherever they stand.

    marked: what is in every IRI that may be ours, looked for first, since most are not.
    """
    met = set()
    for triple in file.triples:
        subject, predicate, object_ = triple.subject, triple.predicate.value, triple.object
        if isinstance(subject, ox.NamedNode) and marked in subject.value and subject not in met:
            met.add(subject)
            if verdict := judge.subject(subject.value, predicate, retiring=file.path == RETIRED_FILE):
                yield triple, SUBJECT, verdict
        if marked in predicate and (verdict := judge(predicate)):
            yield triple, PREDICATE, verdict
        value = object_.value if isinstance(object_, ox.NamedNode) else ""
        if marked in value and (verdict := judge.object(value, predicate)):
            yield triple, OBJECT, verdict


@dataclass(frozen=True)
class Verdict:
    """What is wrong with an IRI. proposal: the IRI that is meant, empty where unknown."""

    rule: str
    words: str
    proposal: str = ""


class _Judge:
    """Judges IRIs, each once."""

    def __init__(self, published: Published, given: Sequence[File], prefixes: Mapping[str, str]) -> None:
        self.published, self.names, self.prefixes = published, published.names, prefixes
        self._types = _types(given)
        self._known: dict[str, Verdict | None] = {}
        self._nearest: dict[str, Nearest] = {}
        self._guesses = 0
        host = re.escape(self.names.base.partition(":")[2].rstrip("/"))
        self._ours = re.compile(f"https?:{host}(/|(?=[?#])|\\Z)", re.IGNORECASE)

    def __call__(self, iri: str) -> Verdict | None:
        """What is wrong with an IRI, wherever it stands. Terms of the vocabulary are left to those who know them."""
        if iri not in self._known:
            ours = self._ours.match(iri) if not iri.startswith(VOCABULARY) else None
            self._known[iri] = self._verdict(iri, iri[ours.end() :]) if ours else None
        return self._known[iri]

    def subject(self, iri: str, predicate: str, *, retiring: bool) -> Verdict | None:
        """What is wrong with an IRI that something is stated about. retiring: whether in the retired list."""
        verdict = self(iri)
        types = self._types.get(iri, frozenset())
        if verdict is None:
            return None
        if verdict.rule == "document-reference" and (types & _PAGE_CLASSES or predicate in _ABOUT_PAGES):
            return None
        return None if verdict.rule == "retired-reference" and retiring else verdict

    def object(self, iri: str, predicate: str) -> Verdict | None:
        """What is wrong with an IRI that is the value of a property."""
        verdict = self(iri)
        return None if verdict and verdict.rule == "document-reference" and predicate in _ABOUT_PAGES else verdict

    def _is_new(self, iri: str) -> bool:
        """Whether an IRI that is no slip of one that is there is that of a new record: of the right form, and given a
        type."""
        return iri in self._types and (self.names.thing(iri) is not None or iri.startswith(f"{self.names.base}shapes#"))

    def _verdict(self, iri: str, path: str) -> Verdict | None:
        exact = iri == self.names.iri(path)
        if iri in self.published.iris or (exact and SERVED.match(path)):
            return None
        if retired := self._retired(iri):
            return retired
        meant = self._meant(path)
        if meant in self.published.iris or meant in self.published.retired:
            if exact and path.startswith("doc/") and not path.endswith("/"):
                words = f"{self._spelled(iri)} is a document about {self._spelled(meant)}, and not the thing itself."
                return Verdict("document-reference", words, meant)
            return self._dangling(iri, meant)
        if path in ("", "/"):
            return self._dangling(iri, self.names.base)
        return None if self._is_new(iri) else self._dangling(iri, self._guessed(meant))

    def _dangling(self, iri: str, proposal: str) -> Verdict:
        retired = self._retired(proposal)
        proposal = retired.proposal if retired else proposal
        hint = f" Did you mean {self._spelled(proposal)}?" if proposal else ""
        return Verdict("dangling-reference", f"{self._spelled(iri)} is not published.{hint}", proposal)

    def _retired(self, iri: str) -> Verdict | None:
        whole = self.names.thing(iri) or iri
        retired = self.published.retired.get(iri) or self.published.retired.get(whole)
        if retired is None:
            return None
        if retired.successor:
            words = f"{self._spelled(iri)} was merged into {self._spelled(retired.successor)}; refer to that."
            return Verdict("retired-reference", words, retired.successor)
        why = f": {retired.why}" if retired.why else "."
        return Verdict("retired-reference", f"{self._spelled(iri)} was withdrawn on {retired.withdrawn}{why}")

    def _spelled(self, iri: str) -> str:
        return compact(iri, self.prefixes)

    def _meant(self, path: str) -> str:
        """The IRI that a path stands for once the usual slips are mended, published or not."""
        if term := _TERM.match(path):
            return self.names.iri(f"{term[1]}#{term[2]}")
        plain = _PAGE.sub("", path)
        if plain.startswith("doc/") and (at := self._addresses.get(_FORM.sub("", plain))):
            return at
        plain = re.sub("[ _]", "-", _decoded(re.split("[?#]", plain)[0]).strip("/ ")).lower()
        steps = _FORM.sub("", plain).split("/")
        if steps[0] in ("id", "doc") and len(steps) > 1:
            steps = steps[1:]
        if steps[0] in _KINDS:
            return self.names.iri("/".join(["id", _KINDS[steps[0]], *steps[1:]]))
        return self.names.iri("/".join(["id", *steps]))

    def _guessed(self, meant: str) -> str:
        """The published IRI that is spelled most like one, of the same kind before others; empty where none is."""
        self._guesses += 1
        if self._guesses > GUESSES:
            return ""
        home, _, rest = meant[len(self.names.base) :].rpartition("#")
        if home:
            return self._near(f"{home}#", rest)
        _, *kind, slug = rest.split("/", 2)
        slug, _, part = slug.partition("/")
        start = "/".join(["id", *kind, ""])
        thing = next(
            (iri for iri in (self.names.iri(start + slug), self._slugs.get(slug, "")) if self._is_live(iri)), ""
        )
        thing = thing or self._near(start, slug) or self._near("", slug)
        return (part and thing and self._near(f"{thing[len(self.names.base) :]}/", part)) or thing

    def _is_live(self, iri: str) -> bool:
        return iri in self.published.iris

    def _near(self, start: str, rest: str) -> str:
        """The published IRI that goes on most like `rest` after a start; of the things of all kinds after none."""
        rests = self._starts.get(start, {}) if start else self._slugs
        if start not in self._nearest:
            self._nearest[start] = Nearest(rests)
        return rests.get(self._nearest[start](rest), "")

    @cached_property
    def _starts(self) -> dict[str, dict[str, str]]:
        """`id/<kind>/`, `id/<kind>/<slug>/`, `ontology#` and `shapes#` -> what follows -> the IRI."""
        found: dict[str, dict[str, str]] = {}
        for iri in self.published.iris:
            if match := re.match(r"(id/[a-z]+/(?:[^/]+/(?=.))?|\w+#)(.+)", iri[len(self.names.base) :]):
                found.setdefault(match[1], {})[match[2]] = iri
        return found

    @cached_property
    def _slugs(self) -> dict[str, str]:
        """The last part of a thing's IRI -> the IRI; of several kinds with the same one, the first."""
        things = [iri for iri in sorted(self.published.iris, reverse=True) if self.names.thing(iri) == iri]
        return {iri.rpartition("/")[2]: iri for iri in things}

    @cached_property
    def _addresses(self) -> dict[str, str]:
        """Where a thing or a part is read -> its IRI."""
        read = ((self.names.address(iri), iri) for iri in self.published.iris if self.names.thing(iri))
        return {address: iri for address, iri in read if address}


def _decoded(path: str) -> str:
    """A path without percent signs (RFC 3986, section 2.1); of IRIs of ours, no letter takes more than one byte."""
    return re.sub("%([0-7][0-9A-Fa-f])", lambda found: chr(int(found[1], 16)), path)


def _types(files: Sequence[File]) -> dict[str, frozenset[str]]:
    """The classes of everything that has an IRI and one."""
    found: dict[str, frozenset[str]] = {}
    for triple in (triple for file in files for triple in file.triples if triple.predicate == _TYPE):
        subject = getattr(triple.subject, "value", "")
        found[subject] = found.get(subject, frozenset()) | {getattr(triple.object, "value", "")}
    return found
