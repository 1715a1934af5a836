"""The releases of this repository: each can be rebuilt to the byte, and the last one is what citations name."""

import hashlib
import re
from contextlib import closing
from pathlib import Path

import pytest

from publisher.dataset.released_iris import read_list
from publisher.dataset.releases import PACKED, read_releases, replay
from publisher.dataset.shortcuts import DERIVED
from publisher.release.archive import Archive
from publisher.release.freezing import digest_graph
from publisher.release.index import Index
from publisher.release.lookup import StoreLookup

CHECKOUT = Path(__file__).resolve().parents[2]
RELEASES = read_releases(CHECKOUT)


@pytest.mark.parametrize("version", [release.version for release in RELEASES])
def test_release_is_replayed_to_the_byte(version: str) -> None:
    release = next(each for each in RELEASES if each.version == version)
    lines = list(replay(RELEASES, version))
    assert hashlib.sha256(b"".join(lines)).hexdigest() == release.id
    assert len(lines) == release.counts["asserted"]
    assert lines == sorted(set(lines))


@pytest.mark.parametrize("version", [release.version for release in RELEASES])
def test_files_of_a_release_have_their_digests(version: str) -> None:
    release = next(each for each in RELEASES if each.version == version)
    found = {path.name.removesuffix(PACKED) for path in release.folder.iterdir()} - {"manifest.json"}
    assert found == release.files.keys()
    for name, digest in release.files.items():
        with release.open(name) as file:
            assert hashlib.file_digest(file, "sha256").hexdigest() == digest
    assert len(read_list(CHECKOUT, version).meanings) == release.counts["iris"]


@pytest.mark.parametrize("version", [release.version for release in RELEASES])
def test_release_is_compiled_to_the_same_statements(version: str, store_dir: Path) -> None:
    """What the software of today makes of a release has its identifier, and derives what was derived then."""
    archive = Archive(CHECKOUT, store_dir)
    release, place = archive.find(version), archive.compile(version)
    with closing(Index(place)) as index:
        assert archive.identify(index.release).release == release
        graph = index.names.iri(DERIVED)
    derived = StoreLookup(place).graph(graph)
    assert len(derived) == release.counts["derived"]
    if derived:
        assert digest_graph(graph, derived) == release.derived[graph]


def test_citation_file_names_the_last_release() -> None:
    stated = dict(
        re.findall(r"^(version|date-released): (\S+)$", (CHECKOUT / "CITATION.cff").read_text(), re.MULTILINE)
    )
    last = RELEASES[-1]
    assert stated == {"version": last.version, "date-released": last.date}
