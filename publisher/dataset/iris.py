"""IRIs: the address scheme of a data set and of the server: things, documents, parts, graphs, pages. Pure, no I/O."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final
from urllib.parse import quote

from publisher.formats import ADDRESSED, TABLES, suffixes
from publisher.rdf.namespaces import HOME, ORG, SCHEMA, SKOS, VOCABULARY, make_compact

THING_PATH: Final = "id/"
"""Things, `id/<kind>/<slug>`, and their parts. All paths here are relative to the base."""
DOCUMENT_PATH: Final = "doc/"
"""The documents about things, `doc/<kind>/<slug>`, and the list of a kind, `doc/<kind>`."""
ONTOLOGY_PATH: Final = "ontology"
"""The vocabulary; `ontology/<version>` redirects to it."""
SHAPES_PATH: Final = "shapes"
DATASET_PATH: Final = "dataset"
GRAPH_PATH: Final = "graph/"
"""The named graphs of the data."""
CONTEXT_PATH: Final = "context.jsonld"
"""The JSON-LD context."""
VOID_PATH: Final = ".well-known/void"
ASK_PATH: Final = "ask"
"""The questions, for people; one of them is `ask/<its title in short>`."""
BUILD_PATH: Final = "ask/build"
"""The builder of queries."""
EDITOR_PATH: Final = "ask/sparql"
"""The SPARQL editor."""
EMBED_PATH: Final = "ask/embed"
"""A result for pages of others to show in a frame."""
PICTURE_PATH: Final = "ask/picture.svg"
"""A view of a result, as a picture."""
SPARQL_PATH: Final = "sparql"
"""The SPARQL endpoint and the query page."""
COMPLETIONS_PATH: Final = "sparql/completions.json"
RULE_PATH: Final = "rule/"
"""The pages of the validation rules."""
PROBLEM_PATH: Final = "problem/"
"""The pages of the types of problems; their IRIs are the types in problem documents (RFC 9457, section 3.1.1)."""
CORRECT_PATH: Final = "correct"
ABOUT_PATH: Final = "about"
"""How the data set was compiled, what is missing in it, and who keeps it."""
DOCS_PATH: Final = "docs/"
"""The pages of the documentation."""
SEARCH_PATH: Final = "search"
SUGGESTIONS_PATH: Final = "search/suggestions"
RECONCILE_PATH: Final = "reconcile"
"""The reconciliation service."""
LOOKUP_PATH: Final = "lookup"
"""Finds things by addresses elsewhere."""
OPENSEARCH_PATH: Final = "opensearch.xml"
"""The description of search for browsers."""
CHANGES_PATH: Final = "changes"
"""What each release changed; the differences of two are below it."""
DOWNLOAD_PATH: Final = "download"
"""The list of downloads; each is below it."""
STATIC_PATH: Final = "static/"
"""Style sheets and scripts."""
SITEMAP_PATH: Final = "sitemap.xml"
SITEMAPS_PATH: Final = "sitemap/"
"""The parts of a sitemap that has too many addresses for one file."""
CARD_PATH: Final = "card.png"
"""The picture beside a shared link to the site."""
CARDS_PATH: Final = "card/"
"""The pictures beside shared links to things, `card/<kind>/<slug>.png`."""
ROBOTS_PATH: Final = "robots.txt"
PRIVACY_PATH: Final = "privacy"
PERSISTENCE_PATH: Final = "persistence"
RELEASE_PATH: Final = "release"
"""The frozen releases, `release/<version>`, and below each what it answers."""
LIVE_PATH: Final = "health/live"
READY_PATH: Final = "health/ready"
"""The probes of balancers and service managers."""
ICON_PATH: Final = "favicon.ico"
"""The icon for programs that look for none in a page."""

_NEGOTIATED: Final = (ONTOLOGY_PATH, SHAPES_PATH, DATASET_PATH, DOWNLOAD_PATH, RELEASE_PATH, CHANGES_PATH)
_SINGLE: Final = (
    f"{CHANGES_PATH}.atom",
    f"{CHANGES_PATH}.json",
    ASK_PATH,
    CONTEXT_PATH,
    VOID_PATH,
    SPARQL_PATH,
    CORRECT_PATH,
    ABOUT_PATH,
    DOCS_PATH.rstrip("/"),
    GRAPH_PATH.rstrip("/"),
    PROBLEM_PATH.rstrip("/"),
    RULE_PATH.rstrip("/"),
    CARD_PATH,
    SITEMAP_PATH,
    ROBOTS_PATH,
    ICON_PATH,
    PERSISTENCE_PATH,
    PRIVACY_PATH,
    RECONCILE_PATH,
    SEARCH_PATH,
    SUGGESTIONS_PATH,
    OPENSEARCH_PATH,
    LOOKUP_PATH,
)
_FOLDERS: Final = (
    CARDS_PATH,
    DOCS_PATH,
    f"{ASK_PATH}/",
    GRAPH_PATH,
    RULE_PATH,
    PROBLEM_PATH,
    SITEMAPS_PATH,
    STATIC_PATH,
    "health/",
    f"{CHANGES_PATH}/",
    f"{DOWNLOAD_PATH}/",
    f"{RECONCILE_PATH}/",
    f"{RELEASE_PATH}/",
    "sparql/",
)


def _any_of(paths: Iterable[str]) -> str:
    return "|".join(map(re.escape, paths))


SERVED: Final = re.compile(
    rf"((?:{_any_of(_NEGOTIATED)}|{DOCUMENT_PATH}[a-z]+(?:/page/\d+)?)(?:\.(?:{_any_of(suffixes(ADDRESSED))}))?"
    rf"|{DOCUMENT_PATH}[a-z]+\.(?:{_any_of(suffixes(TABLES))})"
    rf"|{_any_of(_SINGLE)}|{ONTOLOGY_PATH}/\d[\w.]*|(?:{_any_of(_FOLDERS)}).+)?(\?.*)?\Z"
)
"""Matches the paths that are served or reserved, except things, their documents and terms."""

KINDS: Final = {
    "agenda": VOCABULARY + "Agenda",
    "aim": VOCABULARY + "Aim",
    "bill": VOCABULARY + "Bill",
    "coalition": VOCABULARY + "Coalition",
    "docket": VOCABULARY + "Docket",
    "issue": VOCABULARY + "Issue",
    "measure": VOCABULARY + "BallotMeasure",
    "organization": ORG + "Organization",
    "place": SCHEMA + "Place",
    "proposal": VOCABULARY + "Proposal",
    "role": ORG + "Role",
    "scheme": SKOS + "ConceptScheme",
    "session": VOCABULARY + "LegislativeSession",
    "source": VOCABULARY + "Source",
}
"""The kinds of things, `id/<kind>/<slug>` -> the class of the things."""
SCHEMA_TYPES: Final = {
    "agenda": "DefinedTerm",
    "aim": "DefinedTerm",
    "bill": "Legislation",
    "coalition": "Organization",
    "docket": "Legislation",
    "issue": "DefinedTerm",
    "measure": "Legislation",
    "organization": "Organization",
    "place": "Place",
    "proposal": "CreativeWork",
    "role": "DefinedTerm",
    "scheme": "DefinedTermSet",
    "session": "Event",
    "source": "WebPage",
}
"""The local names of the classes of schema.org that the things of each kind are instances of."""


SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
_WEB: Final = re.compile(r"https?://[^\s/?#\\][^\s\\]*", re.IGNORECASE)
_SEGMENT: Final = r"/[a-z0-9]+(?:[-.][a-z0-9]+)*"


@dataclass(frozen=True)
class Names:
    """The address scheme of one data set.

    base: the canonical base IRI, ending in `/` (`void:uriSpace` of the data set).
    vocabularies: prefix -> namespace IRI, as declared in `ontology/prefixes.ttl`.
    """

    base: str
    vocabularies: Mapping[str, str] = field(default_factory=dict)

    @property
    def prefixes(self) -> dict[str, str]:
        """Every prefix -> namespace: the vocabularies and one for each kind of thing."""
        return dict(self.vocabularies) | {kind: f"{self.base}{THING_PATH}{kind}/" for kind in KINDS}

    @cached_property
    def compact(self) -> Callable[[str], str]:
        """Compacts an IRI with these prefixes."""
        return make_compact(self.prefixes)

    @cached_property
    def _things(self) -> re.Pattern[str]:
        """Matches the IRIs of things and their parts; the first group is the thing."""
        start = re.escape(self.base + THING_PATH)
        return re.compile(rf"({start}(?:{'|'.join(map(re.escape, KINDS))}){_SEGMENT})(?:{_SEGMENT})*\Z")

    def file_prefixes(self, file: str) -> dict[str, str]:
        """Every prefix -> namespace for a repository file.

        The home of vocabulary and shapes is the same base everywhere, so that a fork can copy their files unchanged.
        """
        return self.prefixes if file.startswith("data/") else Names(HOME, self.vocabularies).prefixes

    @property
    def ontology(self) -> str:
        """The IRI of the vocabulary."""
        return VOCABULARY.removesuffix("#")

    @property
    def dataset(self) -> str:
        """The IRI of the data set itself."""
        return self.iri(DATASET_PATH)

    def iri(self, path: str) -> str:
        """Return the canonical IRI of a path below the base (`id/coalition/x`)."""
        return self.base + path

    def path(self, iri: str) -> str | None:
        """Return the path below the base of one of our own IRIs, with its fragment; None for foreign ones."""
        return iri[len(self.base) :] if iri.startswith(self.base) else None

    def thing(self, iri: str) -> str | None:
        """Return the IRI of the thing that has a document: the IRI itself, or the thing that a part belongs to."""
        found = self._things.match(iri)
        return found and found[1]

    def address(self, iri: str) -> str | None:
        """Return the path below the base at which one of our own IRIs is described; None for foreign IRIs.

        Things are described in their documents, parts in the document of what they belong to, the rest at its own path.
        """
        thing = self.thing(iri)
        if thing is None:
            return self.path(iri)
        part = iri[len(thing) + 1 :].replace("/", "-")
        return self.document(thing)[len(self.base) :] + (f"#{part}" if part else "")

    def document(self, thing: str) -> str:
        """Return the IRI of the document about a thing."""
        return f"{self.base}{DOCUMENT_PATH}{thing[len(self.base) + len(THING_PATH) :]}"

    def graph(self, file: str) -> str:
        """Return the IRI of the named graph that stores a repository file.

        Ontology and shapes are one graph each. Data has a graph for each family of files, as have the schemes that
        come with the ontology.
        """
        folder, _, rest = file.partition("/")
        if folder == "data" or rest.startswith("schemes/"):
            return self.iri(GRAPH_PATH + rest.removeprefix("schemes/").partition("/")[0].removesuffix(".ttl"))
        return self.iri(folder)


def plural(kind: str) -> str:
    """Return the plural of a kind, capitalized: all plurals are regular."""
    return f"{kind.capitalize()}s"


def relative(path: str, depart: str) -> str:
    """Return the relative reference from the path `depart` to the path `path`, both below the same base.

    It never leads to another host or scheme: a path that begins with a slash or with what looks like a scheme is
    preceded by `./` (RFC 3986, section 4.2).
    """
    ups = "../" * depart.count("/")
    if not ups and (not path or path[0] in "/\\" or ":" in re.split(r"[/?#]", path, maxsplit=1)[0]):
        ups = "./"
    return ups + path


def is_web(iri: str) -> bool:
    """Whether an IRI is an address that a page, a header or a redirect may lead to."""
    return bool(_WEB.fullmatch(iri))


def to_uri(iri: str) -> str:
    """Return an IRI in ASCII, as header fields need it (RFC 3987, section 3.1)."""
    return quote(iri, safe="%/:?#[]@!$&'()*+,;=~")
