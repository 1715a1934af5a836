"""Downloads: everything that a release states, as files in several formats, with their sizes and checksums.

The files are made from sorted statements, in bounded memory; the same statements always give the same bytes.
"""

import gzip
import hashlib
import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

import pyoxigraph as ox

from publisher import formats
from publisher.dataset.iris import DOWNLOAD_PATH, GRAPH_PATH, Names
from publisher.dataset.shortcuts import DERIVED
from publisher.formats import Format
from publisher.rdf.canonical_quads import CanonicalQuads, remove_graphs
from publisher.rdf.labels import best
from publisher.rdf.namespaces import DCAT, DCTERMS, RDF, VOID, XSD
from publisher.release.statistics import integer
from publisher.release.tables import METADATA, Tables
from publisher.zstandard import zstd

FOLDER: Final = "downloads"
"""The folder of the downloads in that of a compiled release."""
LIST: Final = "downloads.json"
"""The file that lists the downloads, in that folder."""
BATCH: Final = 50_000
"""Statements that are sorted at once."""
CHECKSUMS: Final = "SHA256SUMS"
"""The name of the list of checksums in the addresses of downloads."""
SPDX: Final = "http://spdx.org/rdf/terms#"
MEDIA_TYPES: Final = "https://www.iana.org/assignments/media-types/"
LINK_COLUMNS: Final = ("subject", "predicate", "object", "linkset")
EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
"""The date of files in a ZIP file, which cannot state none."""
HEADER: Final = 1 << 16
"""Bytes at the beginning of a file in which all prefixes are declared."""
_DECLARATIONS: Final = re.compile(rb"(?:@prefix [^\n]*\n)+")
_NAMESPACES: Final = re.compile(rb"<rdf:RDF ([^>]*)>")
_RDF: Final = {
    formats.TURTLE: (ox.RdfFormat.TURTLE, False),
    formats.JSON_LD: (ox.RdfFormat.JSON_LD, False),
    formats.RDF_XML: (ox.RdfFormat.RDF_XML, False),
    formats.TRIG: (ox.RdfFormat.TRIG, True),
}
"""The formats of statements, and whether a file in it has the named graphs."""
_FORMS: Final = {
    form.name: form
    for form in (
        *_RDF,
        formats.N_QUADS,
        formats.RESULTS_CSV,
        formats.CSV_METADATA,
        formats.LINKS_TSV,
        formats.ZIP,
        formats.SQLITE,
    )
}
_CODINGS: Final = {form.suffix: form for form in (formats.GZIP, formats.ZSTD)}
FASTEST: Final = (formats.ZSTD.suffix,)
"""The codings of a large file."""


@dataclass(frozen=True)
class Download:
    """A file.

    content: what it has: `data`, `graphs`, `tables`, `table`, `database` or `links`. form: the name of its format.
    coding: the suffix of the format that it is compressed in, empty if it is not. size: in bytes. digest: its SHA-256,
    in hexadecimal.
    """

    name: str
    content: str
    form: str
    coding: str
    size: int
    digest: str

    @property
    def format(self) -> Format:
        """The format of what is in it, uncompressed."""
        return _FORMS[self.form]

    @property
    def packed(self) -> Format | None:
        """The format that it is compressed in."""
        return _CODINGS.get(self.coding)


def quads_path(folder: Path, names: Names) -> Path:
    """Return the path of the canonical N-Quads in the folder of a release."""
    return folder / FOLDER / _name(names, formats.N_QUADS)


def write_quads(folder: Path, names: Names, quads: CanonicalQuads) -> str:
    """Write the canonical N-Quads of a release into the new folder of its downloads, and return their SHA-256, in
    hexadecimal. Raises OSError where the file cannot be written."""
    path = quads_path(folder, names)
    path.parent.mkdir()
    found = hashlib.sha256()
    with path.open("wb") as file:
        for block in quads.blocks():
            text = b"".join(block)
            found.update(text)
            file.write(text)
    return found.hexdigest()


def write_downloads(folder: Path, store: ox.Store, names: Names, *, large: bool) -> list[Download]:
    """Write the other downloads of a release beside its N-Quads, and return all.

    store: has what the release states and derives, and not yet what describes it. large: whether the release gets no
    other formats. Raises OSError and sqlite3.Error where a file cannot be written.
    """
    place = folder / FOLDER
    maker = _Maker(place, store, names)
    maker.add(quads_path(folder, names), "graphs", formats.N_QUADS, _CODINGS if not large else FASTEST)
    if not large:
        maker.write_rdf()
        maker.write_tables()
        maker.write_links()
    found = sorted(maker.found, key=lambda download: download.name)
    (place / LIST).write_text(json.dumps([asdict(download) for download in found]), encoding="utf-8")
    return found


def write_checksums(downloads: Iterable[Download]) -> str:
    """Return the list of the checksums of downloads in the form that `sha256sum --check` reads."""
    return "".join(f"{download.digest}  {download.name}\n" for download in downloads)


def _name(names: Names, form: Format, rest: str = "") -> str:
    """The name of a file, by the last segment of the base of the data set."""
    stem = names.base.rstrip("/").rpartition("/")[2].partition(":")[0]
    return f"{stem or 'data'}{rest}.{form.suffix}"


def read_downloads(folder: Path) -> list[Download]:
    """Return the downloads of a compiled release; none if it was compiled without."""
    with suppress(FileNotFoundError):
        return [Download(**row) for row in json.loads((folder / FOLDER / LIST).read_text(encoding="utf-8"))]
    return []


def describe(downloads: Iterable[Download], names: Names, store: ox.Store) -> list[ox.Triple]:
    """Describe the downloads as distributions of the data set (DCAT 3, section 6.8). store: states its licenses.

    Sizes are of the type xsd:integer: the engine makes that of all its subtypes.
    """
    found: list[tuple[str, str, ox.NamedNode | ox.Literal]] = []
    licenses = _list_licenses(store, names)
    for download in downloads:
        entry = names.iri(f"{DOWNLOAD_PATH}/{download.name}")
        checksum = f"{entry}#checksum"
        found += [
            (names.dataset, DCAT + "distribution", ox.NamedNode(entry)),
            (entry, RDF + "type", ox.NamedNode(DCAT + "Distribution")),
            (entry, DCTERMS + "title", ox.Literal(title_of(download), language="en")),
            (entry, DCAT + "accessURL", ox.NamedNode(names.iri(DOWNLOAD_PATH))),
            (entry, DCAT + "downloadURL", ox.NamedNode(entry)),
            (entry, DCAT + "mediaType", ox.NamedNode(MEDIA_TYPES + download.format.media_type)),
            (entry, DCAT + "byteSize", integer(download.size)),
            (entry, SPDX + "checksum", ox.NamedNode(checksum)),
            (checksum, RDF + "type", ox.NamedNode(SPDX + "Checksum")),
            (checksum, SPDX + "algorithm", ox.NamedNode(SPDX + "checksumAlgorithm_sha256")),
            (checksum, SPDX + "checksumValue", ox.Literal(download.digest, datatype=ox.NamedNode(XSD + "hexBinary"))),
            *((entry, DCTERMS + "license", ox.NamedNode(iri)) for iri in licenses),
        ]
        if download.packed:
            found.append((entry, DCAT + "compressFormat", ox.NamedNode(MEDIA_TYPES + download.packed.media_type)))
        if download.format.iri:
            found.append((entry, DCTERMS + "format", ox.NamedNode(download.format.iri)))
    return [ox.Triple(ox.NamedNode(s), ox.NamedNode(p), o) for s, p, o in found]


_CONTENTS: Final = {
    "data": "All data as {}",
    "graphs": "All data in its named graphs, with vocabulary and shapes, as {}",
    "tables": "All tables as CSV in one {} file",
    "table": "One table as {}",
    "database": "All tables in one {} file",
    "links": "Mappings to other vocabularies as {}",
}


def title_of(download: Download) -> str:
    """What a download is, in words."""
    packed = f", compressed ({download.packed.label})" if download.packed else ""
    words = _CONTENTS[download.content].format(download.format.label)
    return (f"{words}: {download.name}" if download.content == "table" else words) + packed


def _list_licenses(store: ox.Store, names: Names) -> list[str]:
    """The IRIs of the licenses of the data set."""
    stated = store.quads_for_pattern(ox.NamedNode(names.dataset), ox.NamedNode(DCTERMS + "license"), None, None)
    return sorted({quad.object.value for quad in stated if isinstance(quad.object, ox.NamedNode)})


class _Maker:
    """Makes the downloads of one release in a folder."""

    def __init__(self, place: Path, store: ox.Store, names: Names) -> None:
        self._place = place
        self._store = store
        self._names = names
        graphs = sorted(graph.value for graph in store.named_graphs() if isinstance(graph, ox.NamedNode))
        self._graphs = [ox.NamedNode(graph) for graph in graphs if graph != names.iri(DERIVED)]
        self._stated = {graph for graph in self._graphs if graph.value.startswith(names.iri(GRAPH_PATH))}
        self.found: list[Download] = []

    def write_rdf(self) -> None:
        """Write everything in each format."""
        with CanonicalQuads() as whole:
            self._collect(ox.DefaultGraph(), whole)
            for form, (rdf, has_graphs) in _RDF.items():
                texts = self._sort_graphs() if has_graphs else map(remove_graphs, whole.blocks())
                path = self._place / _name(self._names, form)
                with path.open("wb") as file, _SortedHeader(file) as output:
                    ox.serialize(_parse(texts), cast(BinaryIO, output), format=rdf, prefixes=self._names.prefixes)
                self.add(path, "graphs" if has_graphs else "data", form, _CODINGS)

    def _sort_graphs(self) -> Iterator[bytes]:
        """The sorted lines of each named graph, in pieces."""
        for graph in self._graphs:
            with CanonicalQuads() as sorter:
                self._collect(graph, sorter)
                yield from map(b"".join, sorter.blocks())

    def _collect(self, graph: ox.NamedNode | ox.DefaultGraph, sorter: CanonicalQuads) -> None:
        """Collect the statements of a graph."""
        name = graph.value if isinstance(graph, ox.NamedNode) else self._names.dataset
        found = self._store.quads_for_pattern(None, None, None, graph)
        while batch := [quad.triple for quad in islice(found, BATCH)]:
            sorter.add(name, batch)

    def write_tables(self) -> None:
        """Write the tables: each as CSV, all in one ZIP file, and all in one SQLite file."""
        tables = Tables(self._find, self._find_stated, self._names)
        if not tables.tables:
            return
        database = self._place / _name(self._names, formats.SQLITE)
        paths = tables.write(self._place, database, self._describe())
        for path in paths:
            form = formats.CSV_METADATA if path.name == METADATA else formats.RESULTS_CSV
            self.add(path, "table", form)
        whole = self._place / _name(self._names, formats.ZIP, "-tables")
        _zip(whole, paths)
        self.add(whole, "tables", formats.ZIP)
        self.add(database, "database", formats.SQLITE, _CODINGS)

    def write_links(self) -> None:
        """Write what is mapped to things and codes of others: what the predicates of each linkset state in its graph
        (VoID, section 5)."""
        rows = sorted({row for graph in self._stated for row in self._find_links(graph)})
        if not rows:
            return
        path = self._place / _name(self._names, formats.LINKS_TSV, "-links")
        lines = (_write_row(row) for row in (LINK_COLUMNS, *rows))
        path.write_text("".join(lines), encoding="utf-8", newline="")
        self.add(path, "links", formats.LINKS_TSV)

    def _find_links(self, graph: ox.NamedNode) -> Iterator[tuple[str, ...]]:
        """The rows of the linksets that a graph describes."""
        for predicate, targets in self._find_linksets(graph).items():
            found = self._store.quads_for_pattern(None, ox.NamedNode(predicate), None, graph)
            links = [(_value(link.subject), link.object) for link in found]
            inside = {
                linkset: target
                for linkset, target in targets.items()
                if target and any(_value(link).startswith(target) for _, link in links)
            }
            for subject, link in links:
                value = _value(link)
                if isinstance(link, ox.Literal) or not value.startswith(self._names.base):
                    matching = [linkset for linkset, target in inside.items() if value.startswith(target)]
                    for linkset in matching or targets.keys() - inside.keys():
                        yield subject, predicate, value, linkset

    def _find_linksets(self, graph: ox.NamedNode) -> dict[str, dict[str, str]]:
        """Predicate -> linkset that has it -> IRI of the target of its objects, or an empty text.

        Where linksets of one graph share a predicate, the IRI of a target tells which link is whose: a linkset with
        objects that begin with it has these only.
        """
        found: dict[str, dict[str, str]] = {}
        find = self._store.quads_for_pattern
        for described in find(None, ox.NamedNode(RDF + "type"), ox.NamedNode(VOID + "Linkset"), graph):
            target = next(find(described.subject, ox.NamedNode(VOID + "objectsTarget"), None, graph), None)
            for stated in find(described.subject, ox.NamedNode(VOID + "linkPredicate"), None, graph):
                if isinstance(stated.object, ox.NamedNode):
                    linksets = found.setdefault(stated.object.value, {})
                    linksets[_value(described.subject)] = _value(target.object) if target else ""
        return found

    def _describe(self) -> dict[str, Any]:
        """What the metadata of the tables says of the data set."""
        stated = self._find(ox.NamedNode(self._names.dataset), ox.NamedNode(DCTERMS + "title"), None)
        title = best(triple.object for triple in stated if isinstance(triple.object, ox.Literal))
        return {"dc:title": title, "dc:license": [{"@id": iri} for iri in _list_licenses(self._store, self._names)]}

    def _find(
        self, subject: ox.NamedNode | None, predicate: ox.NamedNode | None, object_: ox.NamedNode | None
    ) -> Iterator[ox.Triple]:
        found = self._store.quads_for_pattern(subject, predicate, object_, ox.DefaultGraph())
        return (quad.triple for quad in found)

    def _find_stated(
        self, subject: ox.NamedNode | None, predicate: ox.NamedNode | None, object_: ox.NamedNode | None
    ) -> Iterator[ox.Triple]:
        found = self._store.quads_for_pattern(subject, predicate, object_, None)
        return (quad.triple for quad in found if quad.graph_name in self._stated)

    def add(self, path: Path, content: str, form: Format, codings: Iterable[str] = ()) -> None:
        """List a file, and make and list its compressed forms."""
        for suffix in ("", *codings):
            made = path.with_name(f"{path.name}.{suffix}") if suffix else path
            if suffix:
                _pack(path, made, suffix)
            with made.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            self.found.append(Download(made.name, content, form.name, suffix, made.stat().st_size, digest))


class _SortedHeader(io.RawIOBase):
    """Writes to a file, with the declarations of prefixes in order: the engine writes them in a random one."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._header: bytes | None = b""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        if self._header is None:
            self._file.write(data)
        else:
            self._header += bytes(data)
            if len(self._header) > HEADER:
                self._write_header()
        return len(data)

    def _write_header(self) -> None:
        header, self._header = self._header or b"", None
        turtle = _DECLARATIONS.match(header)
        if turtle:
            header = b"".join(sorted(turtle[0].splitlines(keepends=True))) + header[turtle.end() :]
        self._file.write(_NAMESPACES.sub(_sort_namespaces, header, count=1))

    def close(self) -> None:
        if not self.closed and self._header is not None:
            self._write_header()
        super().close()


def _sort_namespaces(match: re.Match[bytes]) -> bytes:
    return b"<rdf:RDF " + b" ".join(sorted(match[1].split())) + b">"


def _parse(texts: Iterable[bytes]) -> Iterator[ox.Quad]:
    return (quad for text in texts for quad in ox.parse(text, format=ox.RdfFormat.N_QUADS, lenient=True))


def _value(term: object) -> str:
    return str(getattr(term, "value", ""))


def _write_row(row: Iterable[str]) -> str:
    """A line of tab-separated values, which cannot have a tab or a line end in them."""
    return "\t".join(" ".join(value.split()) for value in row) + "\n"


def _pack(source: Path, target: Path, suffix: str) -> None:
    """Compress a file; nothing in it says when."""
    with source.open("rb") as plain, target.open("wb") as file:
        if suffix == formats.GZIP.suffix:
            with gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed:
                shutil.copyfileobj(plain, packed)
        else:
            with zstd.ZstdFile(file, "wb") as packed:
                shutil.copyfileobj(plain, packed)


def _zip(target: Path, paths: Iterable[Path]) -> None:
    with zipfile.ZipFile(target, "w") as packed:
        for path in paths:
            entry = zipfile.ZipInfo(path.name, EARLIEST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            with path.open("rb") as plain, packed.open(entry, "w") as file:
                shutil.copyfileobj(plain, file)
