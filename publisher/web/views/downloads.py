"""Downloads: their list, and each file, whole or in part."""

import io
from pathlib import Path
from typing import BinaryIO, cast

from flask import request
from werkzeug.datastructures import Range
from werkzeug.http import parse_if_range_header
from werkzeug.wrappers import Response

from publisher.dataset.iris import DATASET_PATH, DOWNLOAD_PATH, is_web
from publisher.errors import NotFoundError, RangeNotSatisfiableError
from publisher.formats import HTML, LINKSET, PLAIN
from publisher.pages.site import Pages
from publisher.rdf.namespaces import SCHEMA
from publisher.release.catalogue import Catalogue
from publisher.release.downloads import CHECKSUMS, FOLDER, Download, write_checksums
from publisher.release.index import Index
from publisher.web.responses import Document, Responses, link, respond, respond_with_file, split_suffix
from publisher.web.signposting import Signposts, list_items


class DownloadViews:
    """The addresses of the downloads of one open release."""

    def __init__(self, responses: Responses, index: Index, catalogue: Catalogue, pages: Pages) -> None:
        self._responses = responses
        self._folder = index.folder / FOLDER
        self._names = index.names
        self._catalogue = catalogue
        self._licenses = [iri for iri, _ in catalogue.licenses]
        self._pages = pages
        self._downloads = {download.name: download for download in catalogue.files}

    def listing(self, name: str) -> Response:
        """The list of downloads: a page, or their description (DCAT 3, section 6.8)."""
        _, chosen = split_suffix(name)
        downloads = list(self._downloads.values())
        document = Document(
            DOWNLOAD_PATH,
            lambda: self._catalogue.downloads,
            lambda: self._pages.downloads(downloads, DOWNLOAD_PATH),
            root=self._names.dataset,
            posts=Signposts(
                self._names.dataset, [SCHEMA + "Dataset"], self._licenses, DATASET_PATH, list_items(downloads)
            ),
        )
        return self._responses.negotiate(document, chosen)

    def file(self, name: str) -> Response:
        """A download, or the part of it that the request asks for (RFC 9110, section 14)."""
        if name == CHECKSUMS and self._downloads:
            return respond(write_checksums(self._downloads.values()).encode(), PLAIN)
        found = self._downloads.get(name)
        if found is None:
            raise NotFoundError(f"There is no download {name!r}; the address `{DOWNLOAD_PATH}` lists them.")
        tag = found.digest[:32]
        start, end = _choose_part(found, tag)
        headers = {
            "ETag": f'"{tag}"',
            "Accept-Ranges": "bytes",
            "Cache-Control": "no-cache, no-transform",
            "Content-Length": str(end - start),
        }
        headers["Link"] = ", ".join(
            [
                link(f"../{DOWNLOAD_PATH}.{HTML.suffix}", "collection", HTML.media_type),
                link(f"../{DOWNLOAD_PATH}.{LINKSET.suffix}", "linkset", LINKSET.media_type),
                link(self._names.dataset, "cite-as"),
                *(link(iri, "license") for iri in self._licenses if is_web(iri)),
            ]
        )
        if (start, end) != (0, found.size):
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{found.size}"
        part = cast(BinaryIO, Part(self._folder / found.name, start, end))
        return respond_with_file(part, found.packed or found.format, headers)


def _choose_part(download: Download, tag: str) -> tuple[int, int]:
    """The first byte to send and the one after the last. Several ranges, and those of another state, are ignored.

    Raises RangeNotSatisfiableError where the file has no such part.
    """
    whole = (0, download.size)
    asked: Range | None = request.range
    condition = parse_if_range_header(request.headers.get("If-Range"))
    changed = (condition.etag is not None and condition.etag != tag) or condition.date is not None
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1 or changed:
        return whole
    part = asked.range_for_length(download.size)
    if part is None or None in part:
        problem = RangeNotSatisfiableError(f"{download.name} has {download.size} bytes.")
        problem.headers["Content-Range"] = f"bytes */{download.size}"
        raise problem
    return part


class Part(io.RawIOBase):
    """A part of a file. start, end: its first byte and the one after its last."""

    def __init__(self, path: Path, start: int, end: int) -> None:
        self._file = path.open("rb")
        self._file.seek(start)
        self._left = end - start

    def readable(self) -> bool:
        """Whether it can be read."""
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        """Read some bytes."""
        data = self._file.read(min(len(buffer), self._left))
        self._left -= len(data)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()
