"""The choices of forms, as tables for web servers: what addresses offer, and what usual requests get."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from publisher.errors import NotAcceptableError
from publisher.formats import DOCUMENTS, GRAPHS, HTML, PROBLEM_JSON, Format
from publisher.negotiation import choose, find
from publisher.probe.cases import BROWSERS, CASES, OTHER_PROGRAMS
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
OPEN: Final = "open"
"""Stands for a suffix where a header Accept states no preference."""
NONE: Final = "none"
"""Stands for a suffix where nothing that is offered is acceptable."""
_OTHER: Final = r"[ \t]*(?!q=)[^ \t,;=]+=[^,;]*"
"""A parameter that is no quality, as a pattern; it decides nothing."""
_FULL: Final = r"[ \t]*q=1(?:\.0+)?[ \t]*"
_PART: Final = r"[ \t]*q=0\.[0-9]*[1-9][0-9]*[ \t]*"
_MALFORMED: Final = r"[ \t]*q=\.[0-9]+[ \t]*"
"""What Java sends beside other types; the type that has it counts as not named."""
_PLAIN: Final = rf"(?!.*\x22)(?!.*;(?!(?:{_OTHER}|{_FULL}|{_PART}|{_MALFORMED})(?:[,;]|$)))"
"""Not before a quoted string, nor a refusal or anything else that only the whole rules can read, as a pattern."""


def write_formats() -> str:
    """Return the table of formats as a module of JavaScript. Long lists are functions, because njs makes the values of
    a module anew for each request."""
    types = {kind: list(_list_types(forms)) for kind, forms in OFFERS.items()}
    offers = {
        kind: [
            {"suffix": form.suffix, "names": [form.name, form.media_type, form.suffix, *form.aliases]}
            for form in OFFERS[kind]
        ]
        for kind in ADDRESSES
    }
    values = {
        "types": _join(f"{kind}: () => {json.dumps(each)}" for kind, each in types.items()),
        "offers": _join(f"{kind}: () => {json.dumps(each)}" for kind, each in offers.items()),
        "defaults": json.dumps({kind: form.suffix for kind, form in DEFAULTS.items()}),
        "previewers": f"() => {json.dumps(PREVIEWERS)}",
        "codings": json.dumps(CODINGS),
        "aliases": json.dumps({coding: [alias] for coding, alias in ALIASES.items()}),
    }
    table = _join(f"{name}: {value}" for name, value in values.items())
    return f"// Written by `publisher build`.\nexport default {table};\n"


def _join(members: Iterable[str]) -> str:
    """An object of JavaScript."""
    return "{\n" + ",\n".join(members) + "\n}"


def _list_types(forms: Sequence[Format]) -> Iterator[dict[str, str]]:
    """The types that choose a form, the own ones first: an alias counts only where no own type fits."""
    types = {form.media_type: form for form in forms}
    for form in forms:
        for alias in form.aliases:
            if "/" in alias:
                types.setdefault(alias, form)
    for name, form in types.items():
        group = f"{name.partition('/')[0]}/*"
        yield {"name": name, "group": group, "suffix": form.suffix, "answer": form.media_type}


def list_usual() -> Iterator[str]:
    """Yield the headers Accept that are chosen by a table, each in one spelling of its case.

    Of a header in several lines all of them, which nginx joins since 1.23, but not the first one: nginx before would
    look at that only.
    """
    sent = [[value for name, value in case.call.headers if name == "Accept"] for case in CASES]
    seen = {value.lower() for lines in sent if len(lines) > 1 for value in lines[:1]}
    for accept in ("*/*", *BROWSERS, *OTHER_PROGRAMS, *(", ".join(lines) for lines in sent if lines)):
        if accept.lower() not in seen:
            seen.add(accept.lower())
            yield accept


def choose_usual(kind: str) -> dict[str, str]:
    """The choices for usual headers Accept: the suffix, or `OPEN`."""
    offers, default = tuple(OFFERS[kind]), DEFAULTS[kind]
    found = {accept: find(accept, offers, None, default) for accept in list_usual()}
    chosen = {accept: form.suffix if form else NONE for accept, form in found.items()}
    return {**chosen, "": OPEN, "*/*": OPEN}


def list_certain(kind: str) -> Iterator[tuple[str, str]]:
    """Yield patterns, for any case, of headers Accept whose choice needs no comparison of qualities, with its suffix:
    those that name a type with the highest quality, and those that name no type that is offered, but accept any.

    They are in the order of the offers, in which the first that fits is the best.
    """
    names = []
    for each in _list_types(OFFERS[kind]):
        names.append(_escape(each["name"]))
        yield rf"^{_PLAIN}(?:.*,)?[ \t]*{names[-1]}[ \t]*(?:;(?:{_OTHER}|{_FULL}))*(?:,|$)", each["suffix"]
    groups = {rf"{name.partition('/')[0]}/\*" for name in names}
    named = "|".join([*names, *sorted(groups)])
    rest = rf"(?:.*,)?[ \t]*\*/\*[ \t]*(?:;(?:{_OTHER}|{_FULL}|{_PART}))*(?:,|$)"
    yield rf"^{_PLAIN}(?=.*[^ \t,*/])(?!.*(?:{named})){rest}", OFFERS[kind][0].suffix


def _escape(text: str) -> str:
    return re.escape(text).replace("\\-", "-")


def choose_open(kind: str) -> dict[str, str]:
    """The choices where a header Accept states no preference: "format|preview" -> suffix."""
    offers, default = tuple(OFFERS[kind]), DEFAULTS[kind]
    found = {"|": default.suffix, "|1": HTML.suffix}
    for name in {each for offer in offers for each in (offer.name, offer.suffix)}:
        suffix = choose("*/*", offers, name, default).suffix
        found |= {f"{name}|": suffix, f"{name}|1": suffix}
    return dict(sorted(found.items()))


def choose_problem(kind: str) -> dict[str, str]:
    """The forms in which errors are reported, by the header Accept."""
    offers = tuple(OFFERS[kind])

    def suffix(accept: str) -> str:
        try:
            return choose(accept, offers).suffix
        except NotAcceptableError:
            return PROBLEM_JSON.suffix

    return {accept: suffix(accept) for accept in ("", *list_usual())}
