"""Downloads: their list in every form, whole files, parts of them, and what is refused."""

import errno
import hashlib
from pathlib import Path

import pyoxigraph as ox
import pytest
from support.asgi_client import Client
from support.each import each

from publisher.rdf.namespaces import DCAT

NAME = "ma-coalitions.nq"
FILE = f"/download/{NAME}"


def test_page_links_every_file(client: Client) -> None:
    page = client.get("/download", headers={"Accept": "text/html"}).text
    stated = ox.parse(client.get("/download.nt").data, format=ox.RdfFormat.N_TRIPLES)
    urls = {q.object.value for q in stated if q.predicate.value == DCAT + "downloadURL"}  # type: ignore[union-attr]
    assert len(urls) > 20
    for url in urls:
        path = url.removeprefix("https://w3id.org/ma-coalitions/")
        assert f'href="{path}"' in page
        assert client.head(f"/{path}").status_code == 200


def test_checksums_are_listed_as_sha256sum_reads_them(client: Client) -> None:
    response = client.get("/download/SHA256SUMS")
    assert response.mimetype == "text/plain"
    lines = dict(line.split("  ")[::-1] for line in response.text.splitlines())
    stated = ox.parse(client.get("/download.nt").data, format=ox.RdfFormat.N_TRIPLES)
    assert set(lines) == {
        q.object.value.rpartition("/")[2] for q in stated if q.predicate.value == DCAT + "downloadURL"
    }  # type: ignore[union-attr]
    assert lines[NAME] == hashlib.sha256(client.get(FILE).data).hexdigest()
    assert 'href="download/SHA256SUMS"' in client.get("/download", headers={"Accept": "text/html"}).text


def test_description_of_the_data_set_states_them(client: Client) -> None:
    listed = set(ox.parse(client.get("/download.nt").data, format=ox.RdfFormat.N_TRIPLES))
    assert listed <= set(ox.parse(client.get("/dataset.nt").data, format=ox.RdfFormat.N_TRIPLES))


def test_file_is_sent_whole(client: Client) -> None:
    response = client.get(FILE, headers={"Accept-Encoding": "gzip"})
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/n-quads")
    assert "Content-Encoding" not in response.headers
    assert int(response.headers["Content-Length"]) == len(response.data)
    assert hashlib.sha256(response.data).hexdigest() == response.headers["Dataset-Release"]
    head = client.head(FILE)
    assert (head.data, head.headers["Content-Length"]) == (b"", response.headers["Content-Length"])
    again = client.get(FILE, headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    ("asked", "start", "end"), [("bytes=0-9", 0, 10), ("bytes=10-", 10, None), ("bytes=-7", -7, None)]
)
def test_part_is_sent(client: Client, asked: str, start: int, end: int | None) -> None:
    whole = client.get(FILE).data
    response = client.get(FILE, headers={"Range": asked})
    assert (response.status_code, response.data) == (206, whole[start:end])
    first = start % len(whole)
    last = first + len(response.data) - 1
    assert response.headers["Content-Range"] == f"bytes {first}-{last}/{len(whole)}"


@each(
    "headers",
    [
        {"Range": "bytes=0-1,4-5"},
        {"Range": "lines=0-1"},
        {"Range": "bytes=x"},
        {"Range": "bytes=0-1", "If-Range": '"other"'},
        {"Range": "bytes=0-1", "If-Range": "Mon, 30 Nov 2026 02:00:53 GMT"},
    ],
)
def test_other_ranges_get_the_whole(client: Client, headers: dict[str, str]) -> None:
    response = client.get(FILE, headers=headers)
    assert (response.status_code, len(response.data)) == (200, int(client.head(FILE).headers["Content-Length"]))


def test_part_of_the_same_state_is_sent(client: Client) -> None:
    tag = client.head(FILE).headers["ETag"]
    assert client.get(FILE, headers={"Range": "bytes=0-1", "If-Range": tag}).status_code == 206


def test_part_beyond_the_end_is_an_error(client: Client) -> None:
    size = client.head(FILE).headers["Content-Length"]
    response = client.get(FILE, headers={"Range": f"bytes={size}-"})
    assert (response.status_code, response.headers["Content-Range"]) == (416, f"bytes */{size}")
    assert response.json["detail"] == f"{NAME} has {size} bytes."


@each("name", ["other.nq", "..%2findex.sqlite", "%2e%2e/index.sqlite", "downloads.json", ""])
def test_other_names_are_not_found(client: Client, name: str) -> None:
    assert client.get(f"/download/{name}").status_code in (301, 308, 404)


def test_removed_file_gets_503_without_its_path(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(path: Path, *_: object) -> None:
        raise FileNotFoundError(errno.ENOENT, "No such file or directory", str(path))

    monkeypatch.setattr(Path, "open", fail)
    response = client.get(f"{FILE}.gz", headers={"Range": "bytes=1-2"})  # the whole may be kept
    assert (response.status_code, "Retry-After" in response.headers) == (503, True)
    assert "in its log" in response.text
    assert "/download" not in response.text
    assert [f"downloads/{NAME}.gz" in record.getMessage() for record in caplog.records] == [True]
    assert caplog.records[0].exc_info is None
