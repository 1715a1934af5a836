"""References: links to what a root publishes that lead nowhere, to a document, or to a retired thing."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import pyoxigraph as ox

from publisher.dataset.files import File
from publisher.dataset.identifiers import RETIRED_FILE
from publisher.dataset.iris import KINDS, SERVED, plural
from publisher.diagnostic import Diagnostic, Severity
from publisher.formats import DOCUMENTS, RESULTS, suffixes
from publisher.rdf.labels import Labels
from publisher.rdf.namespaces import DCAT, DCTERMS, FOAF, PROV, RDF, RDFS, SCHEMA, VOCABULARY, XHV, compact
from publisher.suggestions import Nearest
from publisher.validation.context import Context
from publisher.validation.locator import OBJECT, PREDICATE, SUBJECT

GUESSES: Final = 5_000
"""Number of different IRIs in one run for which a similar one is searched: this takes a second or two."""


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
"""Properties whose subject or value may be a page: with these, the address of a document is correct."""
_PAGE_CLASSES: Final = frozenset({FOAF + "Document", SCHEMA + "WebPage", SCHEMA.replace("https:", "http:") + "WebPage"})


def check(context: Context) -> Iterator[Diagnostic]:
    """Report IRIs below the base that are not published, or not in this form. Reports nothing if the root cannot be
    read.
    """
    published, base = context.published, context.published.names.base
    files = [file for file in context.given if mark(base) in file.text] if base else []
    if not files or published.repository is None:
        return
    checker, labels = _ReferenceChecker(context), Labels(published.repository.files)
    for file in files:
        for triple, part, problem in _check_file(file, checker, mark(base)):
            level = context.reference_severity if problem.rule == "dangling-reference" else Severity.WARNING
            label = context.labels(triple.subject) or labels(triple.subject)
            yield context.locator.locate_term(
                *(problem.rule, level, problem.message, file, triple, part),
                label=label,
                proposal=problem.proposal,
                certain=problem.certain,
            )


def mark(base: str) -> str:
    """Return a substring of every text that contains an IRI below a base, even with escaped slashes or a prefix."""
    return str(re.findall(r"[\w.-]+", base)[-1])


def _check_file(
    file: File, checker: "_ReferenceChecker", marked: str
) -> Iterator[tuple[ox.Triple, int, "ReferenceProblem"]]:
    """The wrong references of a file: a subject once, the others wherever they stand.

    marked: what is in every IRI that may be ours, looked for first, since most are not.
    """
    met = set()
    for triple in file.triples:
        subject, predicate, object_ = triple.subject, triple.predicate.value, triple.object
        if isinstance(subject, ox.NamedNode) and marked in subject.value and subject not in met:
            met.add(subject)
            if problem := checker.check_subject(subject.value, predicate, retiring=file.path == RETIRED_FILE):
                yield triple, SUBJECT, problem
        if marked in predicate and (problem := checker.find_problem(predicate)):
            yield triple, PREDICATE, problem
        value = object_.value if isinstance(object_, ox.NamedNode) else ""
        if marked in value and (problem := checker.check_object(value, predicate)):
            yield triple, OBJECT, problem


@dataclass(frozen=True)
class ReferenceProblem:
    """The problem of an IRI. proposal: the IRI that is probably meant, empty where unknown. certain: whether it surely
    is."""

    rule: str
    message: str
    proposal: str = ""
    certain: bool = False


class _ReferenceChecker:
    """Compares IRIs with the published ones, each once."""

    def __init__(self, context: Context) -> None:
        self.published, self.names, self.prefixes = context.published, context.published.names, context.prefixes
        self._types = _read_types(context.additions)
        self._known: dict[str, ReferenceProblem | None] = {}
        self._nearest: dict[str, Nearest] = {}
        self._guesses = 0
        host = re.escape(self.names.base.partition(":")[2].rstrip("/"))
        self._ours = re.compile(f"https?:{host}(/|(?=[?#])|\\Z)", re.IGNORECASE)

    def find_problem(self, iri: str) -> ReferenceProblem | None:
        """Return the problem of an IRI in any position. Another check covers terms of the vocabulary."""
        if iri not in self._known:
            ours = self._ours.match(iri) if not iri.startswith(VOCABULARY) else None
            self._known[iri] = self._find_problem(iri, iri[ours.end() :]) if ours else None
        return self._known[iri]

    def check_subject(self, iri: str, predicate: str, *, retiring: bool) -> ReferenceProblem | None:
        """Return the problem of an IRI in subject position. retiring: whether in the retired list."""
        problem = self.find_problem(iri)
        types = self._types.get(iri, frozenset())
        if problem is None:
            return None
        if problem.rule == "document-reference" and (types & _PAGE_CLASSES or predicate in _ABOUT_PAGES):
            return None
        return None if problem.rule == "retired-reference" and retiring else problem

    def check_object(self, iri: str, predicate: str) -> ReferenceProblem | None:
        """Return the problem of an IRI in object position."""
        problem = self.find_problem(iri)
        return None if problem and problem.rule == "document-reference" and predicate in _ABOUT_PAGES else problem

    def _is_new(self, iri: str) -> bool:
        """Whether an IRI that is not a misspelled published one belongs to a new record: it has the right form and a
        type."""
        return iri in self._types and (self.names.thing(iri) is not None or iri.startswith(f"{self.names.base}shapes#"))

    def _find_problem(self, iri: str, path: str) -> ReferenceProblem | None:
        exact = iri == self.names.iri(path)
        if iri in self.published.iris or (exact and SERVED.match(path)):
            return None
        if retired := self._find_retired(iri):
            return retired
        meant = self._correct_path(path)
        if meant in self.published.iris or meant in self.published.retired:
            if exact and path.startswith("doc/") and not path.endswith("/"):
                words = f"{self._spell(iri)} is the document about {self._spell(meant)}, not the thing itself."
                return ReferenceProblem("document-reference", words, meant)
            return self._describe_dangling(iri, meant, certain=True)
        if path in ("", "/"):
            return self._describe_dangling(iri, self.names.base)
        if self._is_new(iri):
            return None
        proposal = self._suggest(meant)
        return self._describe_dangling(iri, proposal, certain=self._is_slip(meant, proposal))

    def _is_slip(self, wrong: str, right: str) -> bool:
        """Whether the last part of an IRI is surely a misspelling of that of another."""
        cut = max(wrong.rfind("/"), wrong.rfind("#")) + 1
        start, rest = wrong[len(self.names.base) : cut], wrong[cut:]
        known = self._nearest.get(start)
        return bool(known and right.startswith(wrong[:cut]) and known.find_slip(rest) == right[cut:])

    def _describe_dangling(self, iri: str, proposal: str, *, certain: bool = False) -> ReferenceProblem:
        retired = self._find_retired(proposal)
        certain = certain and not retired
        proposal = retired.proposal if retired else proposal
        hint = f" Did you mean {self._spell(proposal)}?" if proposal else ""
        return ReferenceProblem("dangling-reference", f"{self._spell(iri)} is not published.{hint}", proposal, certain)

    def _find_retired(self, iri: str) -> ReferenceProblem | None:
        whole = self.names.thing(iri) or iri
        retired = self.published.retired.get(iri) or self.published.retired.get(whole)
        if retired is None:
            return None
        if retired.successor:
            words = f"{self._spell(iri)} was merged into {self._spell(retired.successor)}; refer to that instead."
            return ReferenceProblem("retired-reference", words, retired.successor)
        why = f": {retired.why}" if retired.why else "."
        return ReferenceProblem("retired-reference", f"{self._spell(iri)} was withdrawn on {retired.withdrawn}{why}")

    def _spell(self, iri: str) -> str:
        return compact(iri, self.prefixes)

    def _correct_path(self, path: str) -> str:
        """The IRI that a path stands for once common mistakes are corrected, published or not."""
        if term := _TERM.match(path):
            return self.names.iri(f"{term[1]}#{term[2]}")
        plain = _PAGE.sub("", path)
        if plain.startswith("doc/") and (at := self._addresses.get(_FORM.sub("", plain))):
            return at
        plain = re.sub("[ _]", "-", _decode(re.split("[?#]", plain)[0]).strip("/ ")).lower()
        steps = _FORM.sub("", plain).split("/")
        if steps[0] in ("id", "doc") and len(steps) > 1:
            steps = steps[1:]
        if steps[0] in _KINDS:
            return self.names.iri("/".join(["id", _KINDS[steps[0]], *steps[1:]]))
        return self.names.iri("/".join(["id", *steps]))

    def _suggest(self, meant: str) -> str:
        """The published IRI with the closest spelling, of the same kind before others; empty where none is close."""
        self._guesses += 1
        if self._guesses > GUESSES:
            return ""
        home, _, rest = meant[len(self.names.base) :].rpartition("#")
        if home:
            return self._find_nearest(f"{home}#", rest)
        _, *kind, slug = rest.split("/", 2)
        slug, _, part = slug.partition("/")
        start = "/".join(["id", *kind, ""])
        thing = next(
            (iri for iri in (self.names.iri(start + slug), self._slugs.get(slug, "")) if self._is_live(iri)), ""
        )
        thing = thing or self._find_nearest(start, slug) or self._find_nearest("", slug)
        return (part and thing and self._find_nearest(f"{thing[len(self.names.base) :]}/", part)) or thing

    def _is_live(self, iri: str) -> bool:
        return iri in self.published.iris

    def _find_nearest(self, start: str, rest: str) -> str:
        """The published IRI whose spelling after `start` is closest to `rest`; without a start, of all things."""
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


def _decode(path: str) -> str:
    """A path without percent signs (RFC 3986, section 2.1); of IRIs of ours, no letter takes more than one byte."""
    return re.sub("%([0-7][0-9A-Fa-f])", lambda found: chr(int(found[1], 16)), path)


def _read_types(files: Sequence[File]) -> dict[str, frozenset[str]]:
    """The classes of everything that has an IRI and one."""
    found: dict[str, frozenset[str]] = {}
    for triple in (triple for file in files for triple in file.triples if triple.predicate == _TYPE):
        subject = getattr(triple.subject, "value", "")
        found[subject] = found.get(subject, frozenset()) | {getattr(triple.object, "value", "")}
    return found
