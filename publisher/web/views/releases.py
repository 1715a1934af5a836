"""Releases: their list, what each is, its files, and the page about what links can rely on."""

import os
import shutil
import tempfile
from typing import BinaryIO, Final, cast

from flask import request
from werkzeug.wrappers import Response

from publisher.dataset.iris import PERSISTENCE_PATH, RELEASE_PATH
from publisher.dataset.releases import ADDED, LATEST, LIST, MANIFEST, REMOVED, Release
from publisher.formats import HTML, JSON, N_QUADS, RESULTS_TSV, Format
from publisher.negotiation import choose
from publisher.pages.site import Pages
from publisher.release.catalogue import Catalogue
from publisher.release.release_descriptions import describe_release, describe_releases, iri_of
from publisher.release.store import Store
from publisher.web.headers import IMMUTABLE
from publisher.web.responses import Document, Responses, redirect, respond, respond_with_file, split_suffix

_FORMS: Final = {MANIFEST: JSON, ADDED: N_QUADS, REMOVED: N_QUADS, LIST: RESULTS_TSV}


class ReleaseViews:
    """The addresses of releases."""

    def __init__(self, responses: Responses, store: Store, catalogue: Catalogue, pages: Pages) -> None:
        self._responses = responses
        self._omit_endpoint = catalogue.omit_endpoint
        self._archive = store.archive
        self._names = store.index.names
        self._pages = pages

    def listing(self, name: str) -> Response:
        """All releases, as versions of the data set."""
        _, chosen = split_suffix(name)
        document = Document(
            RELEASE_PATH,
            lambda: list(self._omit_endpoint(describe_releases(self._names, self._archive.releases))),
            lambda: self._pages.releases.listing(RELEASE_PATH),
            root=self._names.dataset,
        )
        return self._responses.negotiate(document, chosen)

    def release(self, name: str) -> Response:
        """What a release is; `latest` leads to the last one."""
        version, chosen = split_suffix(name)
        if version == LATEST and self._archive.releases:
            return self._redirect(f".{chosen.suffix}" if chosen else "", name)
        release = self._archive.require(version, self._names)
        path = f"{RELEASE_PATH}/{version}"
        document = Document(
            path,
            lambda: list(self._omit_endpoint(describe_release(self._names, release))),
            lambda: self._pages.releases.release(release, path),
            root=iri_of(self._names, version).value,
        )
        return self._responses.negotiate(document, chosen)

    def file(self, version: str, name: str) -> Response:
        """A file of a release, as it was frozen."""
        if version == LATEST and self._archive.releases:
            return self._redirect(f"/{name}", f"{LATEST}/{name}")
        release = self._archive.require(version, self._names)
        file, size = _open(release, name)
        form: Format = _FORMS[name]
        tag = release.files.get(name, release.id)[:32]
        headers = {"Content-Length": str(size), "ETag": f'"{tag}"', "Cache-Control": IMMUTABLE}
        return respond_with_file(file, form, headers)

    def persistence(self) -> Response:
        """What others who link to records can rely on."""
        choose(request.headers.get("Accept"), (HTML,))
        return respond(self._pages.releases.persistence(PERSISTENCE_PATH).encode(), HTML)

    def _redirect(self, rest: str, depart: str) -> Response:
        """The redirect from the last release to its version."""
        last = self._archive.releases[-1].version
        return redirect(307, f"{RELEASE_PATH}/{last}{rest}", f"{RELEASE_PATH}/{depart}")


def _open(release: Release, name: str) -> tuple[BinaryIO, int]:
    """A file of a release and its size in bytes; one that is stored compressed is unpacked first."""
    file = release.open(name)
    if (release.folder / name).exists():
        return file, os.fstat(file.fileno()).st_size
    with file:
        unpacked = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 - closed when it was sent
        shutil.copyfileobj(file, unpacked)
    size = unpacked.tell()
    unpacked.seek(0)
    return unpacked, size
