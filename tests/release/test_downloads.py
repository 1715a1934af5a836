"""Downloads: their files, that they say the same, and that they are the same each time."""

import gzip
import hashlib
import zipfile
from pathlib import Path

import pyoxigraph as ox
import pytest
from support import tiny_root

from publisher.dataset.iris import Names
from publisher.rdf.namespaces import DCAT, DCTERMS, VOCABULARY
from publisher.release.compiler import compile_release
from publisher.release.downloads import FOLDER, LIST, describe, read_downloads
from publisher.release.index import Index
from publisher.zstandard import zstd

FORMATS = {
    "ttl": ox.RdfFormat.TURTLE,
    "rdf": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
    "trig": ox.RdfFormat.TRIG,
    "nq": ox.RdfFormat.N_QUADS,
}
MANY = f"<{tiny_root.BASE}id/coalition/a> a <{VOCABULARY}Coalition> .\n" + "".join(
    f'<{tiny_root.BASE}ns#{n}> <{tiny_root.BASE}ns#size> "{n} é" .\n' for n in range(2000)
)
"""More than fits in the part of a file whose prefixes are put in order."""


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """One root, compiled in two places."""
    root = tiny_root.build(tmp_path_factory.mktemp("downloads") / "root", {"data/many.ttl": MANY})
    return [compile_release(root, tmp_path_factory.mktemp("store")) for _ in range(2)]


def read(release: Path, suffix: str) -> set[ox.Quad]:
    return set(ox.parse((release / FOLDER / f"example.org.{suffix}").read_bytes(), format=FORMATS[suffix]))


def test_listed_sizes_and_digests_are_those_of_the_files(releases: list[Path]) -> None:
    listed = read_downloads(releases[0])
    assert {d.name for d in listed} == {p.name for p in (releases[0] / FOLDER).iterdir()} - {LIST}
    for download in listed:
        content = (releases[0] / FOLDER / download.name).read_bytes()
        assert (download.size, download.digest) == (len(content), hashlib.sha256(content).hexdigest())


def test_files_are_the_same_each_time(releases: list[Path]) -> None:
    assert read_downloads(releases[0]) == read_downloads(releases[1])


def test_formats_have_the_statements_of_the_default_graph(releases: list[Path]) -> None:
    store = ox.Store.read_only(str(releases[0]))
    stated = {quad.triple for quad in store.quads_for_pattern(None, None, None, ox.DefaultGraph())}
    assert len(stated) > 2000
    for suffix in ("ttl", "rdf", "jsonld"):
        assert {quad.triple for quad in read(releases[0], suffix)} == stated


def test_graphs_are_those_of_the_release(releases: list[Path]) -> None:
    names = {quad.graph_name.value for quad in read(releases[0], "nq")}  # type: ignore[union-attr]
    assert names == {
        f"{tiny_root.BASE}{name}" for name in ("graph/dataset", "graph/many", "graph/things", "shapes")
    } | {f"{tiny_root.BASE}ontology"}
    assert read(releases[0], "trig") == read(releases[0], "nq")


def test_digest_of_the_n_quads_is_the_release(releases: list[Path]) -> None:
    index = Index(releases[0])
    digest = hashlib.sha256((releases[0] / FOLDER / "example.org.nq").read_bytes()).hexdigest()
    assert digest == index.release
    index.close()


def test_compressed_files_have_the_same_content(releases: list[Path]) -> None:
    for suffix in (*FORMATS, "sqlite"):
        path = releases[0] / FOLDER / f"example.org.{suffix}"
        plain = path.read_bytes()
        assert gzip.decompress(path.with_name(path.name + ".gz").read_bytes()) == plain
        assert zstd.decompress(path.with_name(path.name + ".zst").read_bytes()) == plain


def test_zip_has_every_table(releases: list[Path]) -> None:
    tables = {d.name for d in read_downloads(releases[0]) if d.content == "table"}
    with zipfile.ZipFile(releases[0] / FOLDER / "example.org-tables.zip") as packed:
        assert set(packed.namelist()) == tables == {"csv-metadata.json", "coalition.csv"}
        assert packed.testzip() is None


def test_links_are_those_of_linksets_to_others(tmp_path: Path) -> None:
    base, void, skos = tiny_root.BASE, "http://rdfs.org/ns/void#", "http://www.w3.org/2004/02/skos/core#"
    linkset = f"{base}id/links/topics"
    mapped = (
        f"<{linkset}> a <{void}Linkset> ; <{void}linkPredicate> <{skos}closeMatch>, <{base}ns#code> .\n"
        f"<{linkset}> <{void}linkPredicate> 1 .\n"
        f"<{base}id/coalition/b> <{skos}closeMatch> <http://example.com/y>, <http://example.com/x> ."
        f"<{base}id/coalition/b> <{skos}closeMatch> <{base}id/issue/c> .\n"
        f'<{base}id/coalition/a> <{base}ns#code> "1\\t2" ; <{skos}broadMatch> <http://example.com/z> .\n'
    )
    other = f"<{base}id/coalition/a> <{skos}closeMatch> <http://example.com/elsewhere> .\n"
    root = tiny_root.build(tmp_path / "root", {"data/mapped.ttl": mapped, "data/other.ttl": other})
    release = compile_release(root, tmp_path / "store")
    found = [d for d in read_downloads(release) if d.content == "links"]
    assert [d.name for d in found] == ["example.org-links.tsv"]
    assert (release / FOLDER / found[0].name).read_text(encoding="utf-8") == (
        "subject\tpredicate\tobject\tlinkset\n"
        f"{base}id/coalition/a\t{base}ns#code\t1 2\t{linkset}\n"
        f"{base}id/coalition/b\t{skos}closeMatch\thttp://example.com/x\t{linkset}\n"
        f"{base}id/coalition/b\t{skos}closeMatch\thttp://example.com/y\t{linkset}\n"
    )
    described = {
        triple.object
        for triple in describe(found, Names(base), ox.Store())
        if triple.predicate.value == DCAT + "mediaType"
    }
    assert described == {ox.NamedNode("https://www.iana.org/assignments/media-types/text/tab-separated-values")}


def test_target_of_linkset_decides_which_links_it_has(tmp_path: Path) -> None:
    base, void, match = tiny_root.BASE, "http://rdfs.org/ns/void#", "http://www.w3.org/2004/02/skos/core#relatedMatch"
    mapped = "".join(
        f"<{base}id/links/{name}> a <{void}Linkset> ; <{void}linkPredicate> <{match}> ;"
        f" <{void}objectsTarget> <{target}> .\n"
        for name, target in (("near", "http://near.example.com/goals"), ("far", "http://example.com/dataset"))
    )
    mapped += f"<{base}id/coalition/a> <{match}> <http://near.example.com/goals/1>, <http://terms.example.com/2> .\n"
    release = compile_release(tiny_root.build(tmp_path / "root", {"data/mapped.ttl": mapped}), tmp_path / "store")
    rows = (release / FOLDER / "example.org-links.tsv").read_text(encoding="utf-8").splitlines()[1:]
    assert [row.split("\t")[2:] for row in rows] == [
        ["http://near.example.com/goals/1", f"{base}id/links/near"],
        ["http://terms.example.com/2", f"{base}id/links/far"],
    ]


def test_prefixes_are_declared_in_order(releases: list[Path]) -> None:
    lines = (releases[0] / FOLDER / "example.org.ttl").read_text().splitlines()
    declared = [line for line in lines if line.startswith("@prefix ")]
    assert len(declared) > 3
    assert declared == sorted(declared) == lines[: len(declared)]


def test_distribution_states_checksum_and_packing(releases: list[Path]) -> None:
    downloads = [d for d in read_downloads(releases[0]) if d.name == "example.org.ttl.gz"]
    store, license_ = ox.Store(), ox.NamedNode("https://example.org/license")
    store.add(ox.Quad(ox.NamedNode(tiny_root.BASE + "dataset"), ox.NamedNode(DCTERMS + "license"), license_))
    found = {
        (str(t.subject), t.predicate.value.rpartition("#")[2].rpartition("/")[2]): str(t.object)
        for t in describe(downloads, Names(tiny_root.BASE), store)
    }
    entry = "<https://example.org/download/example.org.ttl.gz>"
    types = "<https://www.iana.org/assignments/media-types/{}>"
    assert found["<https://example.org/dataset>", "distribution"] == entry
    assert found[entry, "mediaType"] == types.format("text/turtle")
    assert found[entry, "compressFormat"] == types.format("application/gzip")
    assert found[entry, "license"] == "<https://example.org/license>"
    assert downloads[0].digest in found[entry[:-1] + "#checksum>", "checksumValue"]


def test_catalogue_lists_the_downloads(releases: list[Path]) -> None:
    store = ox.Store.read_only(str(releases[0]))
    graph = ox.NamedNode(f"{tiny_root.BASE}graph/catalogue")
    stated = store.quads_for_pattern(None, ox.NamedNode(DCAT + "distribution"), None, graph)
    names = {quad.object.value.rpartition("/")[2] for quad in stated}  # type: ignore[union-attr]
    assert names == {download.name for download in read_downloads(releases[0])}


def test_root_without_kinds_has_no_tables(tmp_path: Path) -> None:
    release = compile_release(tiny_root.build(tmp_path / "root"), tmp_path / "store")
    assert {download.content for download in read_downloads(release)} == {"data", "graphs"}


def test_large_release_has_its_quads_only(tmp_path: Path) -> None:
    """How large that is, is a setting; with another value the release is compiled anew."""
    root = tiny_root.build(tmp_path / "root")
    whole, large = compile_release(root, tmp_path / "store"), compile_release(root, tmp_path / "store", large=2)
    assert [d.name for d in read_downloads(large)] == ["example.org.nq", "example.org.nq.zst"]
    assert len(read_downloads(whole)) > 2
