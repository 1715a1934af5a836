"""What the tests of the pages of things share: readers of the sample."""

from collections.abc import Callable

import pytest

from publisher.pages.things.reader import Reader
from publisher.release.neighbors import Neighbors
from publisher.release.store import Store


@pytest.fixture
def read(store: Store) -> Callable[[str], tuple[Reader, str]]:
    """Makes a reader for the page of a thing: `read("coalition/x")` returns it with the IRI."""

    def make(name: str) -> tuple[Reader, str]:
        names = store.index.names
        return Reader(Neighbors(store.lookup, store.index), names, f"doc/{name}"), names.iri(f"id/{name}")

    return make
