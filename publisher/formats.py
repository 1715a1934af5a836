"""Media types: the table of formats. A new format is a row here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

FORMATS: Final = "http://www.w3.org/ns/formats/"


@dataclass(frozen=True, eq=False)
class Format:
    """One representation that we send. Each is a single instance and compared by identity.

    name: the value of `format=`. media_type: the registered type that we answer with. suffix: of the fixed address.
    aliases: further types that clients send for this format; we never answer with one. label: for people. iri: the
    name of the format in RDF (Unique URIs for File Formats), empty where there is none. rank: our order of preference
    when we request answers from other endpoints, the simplest to parse first; None for what we do not parse.
    """

    name: str
    media_type: str
    suffix: str
    label: str
    aliases: tuple[str, ...] = ()
    iri: str = ""
    rank: int | None = None

    @property
    def content_type(self) -> str:
        """The value of the header Content-Type."""
        textual = self.media_type.startswith("text/")
        return self.media_type + ("; charset=utf-8" if textual else "")


TURTLE: Final = Format(
    "turtle",
    "text/turtle",
    "ttl",
    "Turtle",
    ("application/turtle", "application/x-turtle", "text/n3"),
    FORMATS + "Turtle",
    rank=2,
)
JSON_LD: Final = Format(
    "json-ld",
    "application/ld+json",
    "jsonld",
    "JSON-LD",
    ("application/json",),
    FORMATS + "JSON-LD",
    rank=4,
)
N_TRIPLES: Final = Format(
    "n-triples",
    "application/n-triples",
    "nt",
    "N-Triples",
    ("text/plain", "ntriples"),
    FORMATS + "N-Triples",
    rank=1,
)
RDF_XML: Final = Format(
    "rdf-xml",
    "application/rdf+xml",
    "rdf",
    "RDF/XML",
    ("application/xml", "text/xml", "xml"),
    FORMATS + "RDF_XML",
    rank=3,
)
HTML: Final = Format("html", "text/html", "html", "HTML", ("application/xhtml+xml",))

RESULTS_JSON: Final = Format(
    "json",
    "application/sparql-results+json",
    "json",
    "JSON",
    ("application/json", "application/x-sparqlstar-results+json", "text/javascript", "application/javascript"),
    FORMATS + "SPARQL_Results_JSON",
    rank=1,
)
RESULTS_XML: Final = Format(
    "xml",
    "application/sparql-results+xml",
    "xml",
    "XML",
    ("application/xml", "text/xml", "srx"),
    FORMATS + "SPARQL_Results_XML",
    rank=2,
)
RESULTS_CSV: Final = Format("csv", "text/csv", "csv", "CSV", iri=FORMATS + "SPARQL_Results_CSV")
RESULTS_TSV: Final = Format("tsv", "text/tab-separated-values", "tsv", "TSV", iri=FORMATS + "SPARQL_Results_TSV")

PROBLEM_JSON: Final = Format("problem", "application/problem+json", "json", "Problem", ("application/json",))
SITEMAP: Final = Format("sitemap", "application/xml", "xml", "Sitemap")
OPENSEARCH: Final = Format("opensearch", "application/opensearchdescription+xml", "xml", "OpenSearch")
SUGGESTIONS: Final = Format("suggestions", "application/x-suggestions+json", "json", "Suggestions")
PLAIN: Final = Format("plain", "text/plain", "txt", "Text")
JSON: Final = Format("plain-json", "application/json", "json", "JSON")
STYLE: Final = Format("style", "text/css", "css", "Style sheet")
SCRIPT: Final = Format("script", "text/javascript", "js", "Script")
PICTURE: Final = Format("picture", "image/svg+xml", "svg", "Picture")
PNG: Final = Format("png", "image/png", "png", "PNG")
ICON: Final = Format("icon", "image/vnd.microsoft.icon", "ico", "Icon")
FORM: Final = "application/x-www-form-urlencoded"
SPARQL_QUERY: Final = "application/sparql-query"

TABLES: Final = (RESULTS_CSV, JSON)
"""The formats of whole lists, which have fixed addresses only."""
ATOM: Final = Format("atom", "application/atom+xml", "atom", "Atom")
JSON_FEED: Final = Format("json-feed", "application/feed+json", "json", "JSON Feed")
LINKS_TSV: Final = Format("links", "text/tab-separated-values", "tsv", "TSV")
LINKSET: Final = Format("linkset", "application/linkset+json", "linkset", "Link set")
N_QUADS: Final = Format("n-quads", "application/n-quads", "nq", "N-Quads", iri=FORMATS + "N-Quads")
TRIG: Final = Format("trig", "application/trig", "trig", "TriG", iri=FORMATS + "TriG")
CSV_METADATA: Final = Format("csv-metadata", "application/csvm+json", "json", "CSVW metadata")
ZIP: Final = Format("zip", "application/zip", "zip", "ZIP")
SQLITE: Final = Format("sqlite", "application/vnd.sqlite3", "sqlite", "SQLite")
GZIP: Final = Format("gzip", "application/gzip", "gz", "gzip")
ZSTD: Final = Format("zstd", "application/zstd", "zst", "Zstandard")

PAGES: Final = (HTML, JSON)
"""What search offers: a page, and the same as JSON."""
GRAPHS: Final = (TURTLE, JSON_LD, N_TRIPLES, RDF_XML)
"""The graph formats; the first is the default for `*/*` and for a missing Accept."""
DOCUMENTS: Final = (*GRAPHS, HTML)
ADDRESSED: Final = (*DOCUMENTS, LINKSET)
"""The formats that a document has fixed addresses for; a link set is chosen by its address only."""
LOOKUPS: Final = (HTML, JSON, *GRAPHS)
"""What a look-up by address offers: its own page or JSON, or a redirect to a document in any form."""
RESULTS: Final = (RESULTS_JSON, RESULTS_XML, RESULTS_CSV, RESULTS_TSV)
ASSETS: Final = (STYLE, SCRIPT, PLAIN, PICTURE, ICON)
"""The formats of files that pages load or link to."""
TEXTUAL: Final = ("json", "xml", "n-triples", "n-quads", "trig")
"""The ends of media types that are text beside `text/*`."""


def is_textual(content_type: str) -> bool:
    """Whether a media type, parameters aside, is text, which compression makes smaller."""
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type.startswith("text/") or media_type.endswith(TEXTUAL)


def suffixes(forms: Sequence[Format]) -> tuple[str, ...]:
    """Return the suffixes of fixed addresses, in the order of the formats."""
    return tuple(form.suffix for form in forms)


def parsable(forms: Sequence[Format]) -> tuple[Format, ...]:
    """Return the formats that we parse, in the order in which we request them."""
    return tuple(sorted((form for form in forms if form.rank is not None), key=lambda form: form.rank or 0))
