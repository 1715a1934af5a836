"""IRIs: how one data set spells the addresses of its things, documents, parts and graphs. Pure, no I/O."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from publisher.rdf.namespaces import HOME, VOCABULARY

PROBLEM_PATH: Final = "problem/"
"""The path below the base under which each kind of problem is explained; also its name for programs (RFC 9457,
section 3.1.1)."""


RULE_PATH: Final = "rule/"
"""Where the pages of rules stand below the base."""


KINDS: Final = (
    "agenda",
    "aim",
    "bill",
    "coalition",
    "docket",
    "issue",
    "measure",
    "organization",
    "role",
    "scheme",
    "session",
    "source",
)
"""The kinds of things that have addresses of their own, `id/<kind>/<slug>`."""


SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
_SEGMENT: Final = re.compile(r"[a-z0-9]+([-.][a-z0-9]+)*\Z")


@dataclass(frozen=True)
class Names:
    """How one data set spells its addresses.

    base: the canonical base IRI, ending in `/` (`void:uriSpace` of the data set).
    vocabularies: prefix -> namespace IRI, as declared in `ontology/prefixes.ttl`.
    """

    base: str
    vocabularies: Mapping[str, str] = field(default_factory=dict)

    @property
    def prefixes(self) -> dict[str, str]:
        """Every prefix -> namespace: the vocabularies and one for each kind of thing."""
        return dict(self.vocabularies) | {kind: f"{self.base}id/{kind}/" for kind in KINDS}

    def file_prefixes(self, file: str) -> dict[str, str]:
        """Every prefix -> namespace for a repository file.

        Vocabulary and shapes are at home at one base, so that a fork can take their files over as they are.
        """
        return self.prefixes if file.startswith("data/") else Names(HOME, self.vocabularies).prefixes

    @property
    def ontology(self) -> str:
        """The IRI of the vocabulary."""
        return VOCABULARY.removesuffix("#")

    @property
    def dataset(self) -> str:
        """The IRI of the data set itself."""
        return f"{self.base}dataset"

    def iri(self, path: str) -> str:
        """The canonical IRI of a path below the base (`id/coalition/x`)."""
        return self.base + path

    def path(self, iri: str) -> str | None:
        """The path below the base of one of our own IRIs, fragment included; None for foreign ones."""
        return iri[len(self.base) :] if iri.startswith(self.base) else None

    def thing(self, iri: str) -> str | None:
        """The IRI of the thing that has a document: the IRI itself, or what a part belongs to."""
        path = self.path(iri) or ""
        parts = path.split("/")
        if len(parts) < 3 or parts[0] != "id" or parts[1] not in KINDS or not all(map(_SEGMENT.match, parts[2:])):
            return None
        return self.iri("/".join(parts[:3]))

    def address(self, iri: str) -> str | None:
        """Where one of our own IRIs is read, below the base: things at their documents, parts at their place in the
        document of what they belong to, the rest as it stands. None for foreign IRIs."""
        thing = self.thing(iri)
        if thing is None:
            return self.path(iri)
        part = iri[len(thing) + 1 :].replace("/", "-")
        return self.document(thing)[len(self.base) :] + (f"#{part}" if part else "")

    def document(self, thing: str) -> str:
        """The IRI of the document about a thing."""
        return f"{self.base}doc/{thing[len(self.base) + 3 :]}"

    def graph(self, file: str) -> str:
        """The named graph that a repository file's statements are stored in.

        The ontology and the shapes are one document, and one graph, each; data has one graph a family, and so have the
        schemes that come with the ontology.
        """
        folder, _, rest = file.partition("/")
        if folder == "data" or rest.startswith("schemes/"):
            return self.iri("graph/" + rest.removeprefix("schemes/").partition("/")[0].removesuffix(".ttl"))
        return self.iri(folder)


def plural(kind: str) -> str:
    """What the things of a kind are called together: every kind's plural is regular."""
    return f"{kind.capitalize()}s"


def relative(path: str, depart: str) -> str:
    """A relative reference from the path `depart` to the path `path`, both below the same base."""
    ups = "../" * depart.count("/")
    return (ups + path) or "./"


SERVED: Final = re.compile(
    r"((ontology|shapes|dataset|doc/[a-z]+)(\.\w+)?|\.well-known/void|context\.jsonld|sitemap\.xml|robots\.txt"
    r"|changes|correct|problem|reconcile|search|sparql|ontology/\d[\w.]*"
    r"|(dumps|graph|problem|reconcile|release|rule|sparql|static)/.+)?(\?.*)?\Z"
)
"""What answers below the base beside things, their documents and terms."""


SPARQL_PATH: Final = "sparql"
"""The page's path below the base."""
