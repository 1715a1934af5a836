"""Packed contexts: the JSON-LD contexts that the build packs, by address.

They are files of an npm package that `pyproject.toml` pins; a build without a network has none.
"""

import re
from functools import cache
from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent / "contexts"
_SCHEMA_ORG: Final = "schema.org.json"
_FILES: Final = {
    "schema.org": _SCHEMA_ORG,
    "schema.org/docs/jsonldcontext.json": _SCHEMA_ORG,
    "schema.org/docs/jsonldcontext.jsonld": _SCHEMA_ORG,
    "w3.org/2018/credentials/v1": "www.w3.org_2018_credentials_v1.json",
    "w3.org/ns/did/v1": "www.w3.org_ns_did_v1.json",
    "w3id.org/did/v1": "www.w3.org_ns_did_v1.json",
    "w3id.org/security/v1": "w3id.org_security_v1.json",
    "w3id.org/security/v2": "w3id.org_security_v2.json",
}
"""Address, as `_simplify` writes it -> file."""
_PLAIN: Final = re.compile(r"https?://(?:www\.)?([^#]*?)/*#?")


@cache
def read(address: str) -> str | None:
    """Return the document with the context at an address; None if it is not packed.

    With http or https, with or without `www.` and a slash at the end: authors use all of these.
    """
    plain = _PLAIN.fullmatch(address)
    name = _FILES.get(plain[1]) if plain else None
    try:
        return (_FOLDER / name).read_text(encoding="utf-8") if name else None
    except FileNotFoundError:
        return None
