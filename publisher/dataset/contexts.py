"""JSON-LD contexts: finds the context at an address, among files given, ours, and those that the build packs."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from publisher.dataset.files import read_text
from publisher.errors import CannotRunError
from publisher.rdf import packed_contexts
from publisher.rdf.jsonld_contexts import Find, find_none, resolve


class Contexts:
    """Finds contexts by address. Nothing is fetched.

    given: address -> its document (JSON-LD 1.1, section 4.1.1); these come first. ours: finds our own context.
    """

    def __init__(self, given: Mapping[str, str] | None = None, ours: Find = find_none) -> None:
        self._given = {_simplify(address): text for address, text in (given or {}).items()}
        self._ours = ours
        self._found: dict[str, str | None] = {}

    def find(self, address: str) -> str | None:
        """Return the value of a context as JSON without line ends, with the contexts that it names; None if unknown."""
        if address not in self._found:
            self._found[address] = None  # A context that names itself is not known while it is read.
            self._found[address] = self._read(address)
        return self._found[address]

    def _read(self, address: str) -> str | None:
        given = self._given.get(_simplify(address))
        if given is None and (ours := self._ours(address)) is not None:
            return ours
        text = given if given is not None else packed_contexts.read(address)
        if text is None:
            return None
        try:
            value = resolve(json.loads(text)["@context"], self.find, address)
        except RecursionError as error:
            raise CannotRunError(f"The context {address} is nested too deeply.") from error
        return json.dumps(value, separators=(",", ":"))


def _simplify(address: str) -> str:
    """The address without what authors vary: https, and a slash or number sign at the end."""
    return address.replace("https:", "http:", 1).rstrip("/#")


def read_documents(files: Mapping[str, Path]) -> dict[str, str]:
    """Read the documents of contexts; address -> file. Raises CannotRunError for what is not a context."""
    return {address: _read_document(path) for address, path in files.items()}


def _read_document(path: Path) -> str:
    text = read_text(path).removeprefix("\ufeff")
    try:
        document: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CannotRunError(f"{path}: Not a JSON-LD context: {error}.") from error
    if not isinstance(document, dict) or "@context" not in document:
        raise CannotRunError(f"{path}: Not a JSON-LD context: it needs an object with the key @context.")
    return text
