"""The choices of forms, as tables for web servers: what addresses offer, and what usual requests get."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from publisher.errors import NotAcceptableError
from publisher.formats import DOCUMENTS, GRAPHS, HTML, PROBLEM_JSON, Format, choose, find
from publisher.probe.cases import BROWSERS, CASES
from publisher.web.codings import ALIASES, CODINGS
from publisher.web.previews import PREVIEWERS

OFFERS: Final[Mapping[str, Sequence[Format]]] = {
    "document": DOCUMENTS,
    "home": DOCUMENTS,
    "page": (HTML,),
    "gone": (*GRAPHS, HTML, PROBLEM_JSON),
    "problem": (PROBLEM_JSON, HTML),
}
"""What addresses choose from, by kind; the last two are for responses that report an error."""
DEFAULTS: Final = {kind: HTML if kind == "home" else offers[0] for kind, offers in OFFERS.items()}
ADDRESSES: Final = ("document", "home", "page")
CODED: Final = ("gzip", "gzip, deflate", "gzip, deflate, br", "gzip, deflate, br, zstd", "zstd", "identity")
"""Headers Accept-Encoding that most clients send."""
NONE: Final = "none"
"""Stands for a suffix where nothing that is offered is acceptable."""


def write_formats() -> str:
    """Return the table of formats as a module of JavaScript."""
    offers = {
        kind: [
            {
                "suffix": form.suffix,
                "types": [form.media_type, *(alias for alias in form.aliases if "/" in alias)],
                "names": [form.name, form.media_type, form.suffix, *form.aliases],
            }
            for form in forms
        ]
        for kind, forms in OFFERS.items()
    }
    table: dict[str, Any] = {
        "offers": offers,
        "defaults": {kind: form.suffix for kind, form in DEFAULTS.items()},
        "previewers": list(PREVIEWERS),
        "codings": list(CODINGS),
        "aliases": {coding: [alias] for coding, alias in ALIASES.items()},
    }
    return f"// Written by `publisher build`.\nexport default {json.dumps(table, indent=1)};\n"


def list_usual() -> Iterator[str]:
    """Yield the headers Accept that are chosen by a table, each in one spelling of its case.

    A header in several lines is none of them: nginx before 1.23 would look at its first line only.
    """
    sent = [[value for name, value in case.call.headers if name == "Accept"] for case in CASES]
    seen = {value.lower() for lines in sent if len(lines) > 1 for value in lines[:1]}
    for accept in ("*/*", *BROWSERS, *(lines[0] for lines in sent if len(lines) == 1)):
        if accept.lower() not in seen:
            seen.add(accept.lower())
            yield accept


def choose_usual(kind: str) -> dict[str, str]:
    """The choices for usual requests: "kind|format|preview|accept" -> suffix."""
    offers, default = tuple(OFFERS[kind]), DEFAULTS[kind]
    found = {}
    for accept in ("", *list_usual()):
        form = find(accept, offers, None, default)
        found[f"{kind}|||{accept}"] = form.suffix if form else NONE
    for accept in ("", "*/*"):
        found[f"{kind}||1|{accept}"] = HTML.suffix
        names = {each for offer in offers for each in (offer.name, offer.suffix)}
        for name in names:
            for preview in ("", "1"):
                found[f"{kind}|{name}|{preview}|{accept}"] = choose(accept, offers, name, default).suffix
    return found


def choose_problem(kind: str) -> dict[str, str]:
    """The forms in which errors are reported, by the header Accept."""
    offers = tuple(OFFERS[kind])

    def suffix(accept: str) -> str:
        try:
            return choose(accept, offers).suffix
        except NotAcceptableError:
            return PROBLEM_JSON.suffix

    return {accept: suffix(accept) for accept in ("", *list_usual())}
