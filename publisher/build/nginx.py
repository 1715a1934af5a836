"""Rules for nginx: maps from addresses to files and headers, with njs for unusual Accept headers, or without."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from publisher.build.addresses import SERVICES, Sort
from publisher.build.choices import (
    ADDRESSES,
    CODED,
    DEFAULTS,
    NONE,
    OFFERS,
    OPEN,
    choose_open,
    choose_problem,
    choose_usual,
    list_certain,
    write_formats,
)
from publisher.build.folder import PRIVATE
from publisher.build.tables import HOME, LAST, Moved, Tables
from publisher.dataset.iris import RELEASE_PATH
from publisher.dataset.releases import FILES, LATEST
from publisher.errors import CannotRunError
from publisher.formats import DOCUMENTS, HTML, PROBLEM_JSON
from publisher.pages.assets import Assets
from publisher.web.codings import CODINGS, choose_coding
from publisher.web.headers import IMMUTABLE, POLICY
from publisher.web.previews import PREVIEWERS
from publisher.web.routes import LISTS, VARIATIONS

FOLDER: Final = f"{PRIVATE}/nginx"
RULES: Final = Path(__file__).with_name("rules")
STATUSES: Final = (301, 303, 307, 308)
BUCKET: Final = 64
"""The least size of a bucket of nginx's hashes, in bytes: a key and what nginx keeps beside it must fit in one."""
OVERHEAD: Final = 40
ALWAYS: Final = Sort.ALWAYS.value


def write_rules(tables: Tables, live: str) -> Iterator[tuple[str, Iterable[str]]]:
    """Yield the files of the rules as (path, pieces of its text). live: URL of a server for what the copy cannot
    answer."""
    yield f"{FOLDER}/http.conf", _write_http(tables)
    yield f"{FOLDER}/server.conf", [_write_server(tables, live)]
    yield f"{FOLDER}/with-njs.conf", [_read_rules("with-njs.conf")]
    yield f"{FOLDER}/without-njs.conf", _write_without_njs()
    yield f"{FOLDER}/negotiation.js", [_read_rules("negotiation.js")]
    yield f"{FOLDER}/formats.js", [write_formats()]


def _read_rules(name: str) -> str:
    return (RULES / name).read_text(encoding="utf-8")


def quote(text: str) -> str:
    """Return a text as a string of the configuration. Raises CannotRunError where nginx has no spelling for it."""
    if not text.isprintable():
        raise CannotRunError(f"nginx has no spelling for the text {text!r}.")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "${static_dollar}") + '"'


Pairs = Iterable[tuple[str, str]]


def _map(source: str, variable: str, pairs: Pairs, default: str = '""') -> Iterator[str]:
    """A map. pairs: keys and values as the configuration spells them."""
    yield f"map {source} {variable} {{\n    default {default};\n"
    yield from (f"    {key} {value};\n" for key, value in pairs)
    yield "}\n"


def _write_http(tables: Tables) -> Iterator[str]:
    yield "# Written by `publisher build`, for the block `http`; see docs/static.md.\n"
    yield from _write_sizes(tables)
    yield from _write_forms(tables)
    yield from _write_files(tables)
    yield from _write_headers(tables)
    yield from _write_redirects(tables)
    yield from _write_conditions(tables)


def _write_sizes(tables: Tables) -> Iterator[str]:
    number, longest = tables.measure_paths()
    longest = max(
        longest + len(max(CODINGS, key=len)) + 1, *(len(key) for kind in ADDRESSES for key in choose_usual(kind))
    )
    bucket = BUCKET
    while bucket < longest + OVERHEAD:
        bucket *= 2
    yield f"map_hash_max_size {max(2048, 2 * (1 + len(CODINGS)) * number)};\nmap_hash_bucket_size {bucket};\n"
    yield 'geo $static_dollar {\n    default "$";\n}\n'
    yield "variables_hash_max_size 2048;\nvariables_hash_bucket_size 128;\n"


def _write_forms(tables: Tables) -> Iterator[str]:
    """Which form is chosen. Usual requests find it by one exact key; `open` stands for no stated preference."""
    kinds = [(quote(f"/{path}"), kind) for path, kind in tables.list_kinds() if kind != ALWAYS]
    yield from _map("$uri", "$static_fixed_kind", kinds, "document")
    forms = [(kind, f"$static_form_{kind}") for kind in ADDRESSES]
    yield from _map("$static_kind", "$static_missing_form", forms)
    names = "|".join(re.escape(name) for name in PREVIEWERS).replace("\\ ", " ")
    yield from _map("$http_user_agent", "$static_preview", [(f'"~*{names}"', "1")])
    for kind in ADDRESSES:
        opened = f"$static_open_{kind}"
        chosen = [(quote(key), opened if value == OPEN else value) for key, value in choose_usual(kind).items()]
        certain = [(f'"~*{pattern}"', suffix) for pattern, suffix in list_certain(kind)]
        yield from _map("$http_accept", f"$static_form_{kind}", [*chosen, *certain], "$static_form_by_rule")
        named = [(quote(key), value) for key, value in choose_open(kind).items()]
        yield from _map('"$arg_format|$static_preview"', opened, named, "$static_form_by_rule")
    yield from _map("$http_accept", "$static_vary", [('""', "$static_agent"), ('"*/*"', "$static_agent")])
    yield from _map("$arg_format", "$static_agent", [('""', "User-Agent")])
    gone = [(quote(key), value) for key, value in sorted(choose_problem("gone").items())]
    yield from _map("$http_accept", "$static_gone_form", gone, "$static_gone_form_by_rule")
    problem = [(quote(key), value) for key, value in sorted(choose_problem("problem").items())]
    yield from _map("$http_accept", "$static_accepted_problem", problem, "$static_problem_form_by_rule")
    fixed = [('"~^[^?]*\\.html(\\?|$)"', HTML.suffix)]
    yield from _map("$request_uri", "$static_problem_form", fixed, "$static_accepted_problem")


def _write_files(tables: Tables) -> Iterator[str]:
    """Which set of headers a file has, in which coding it is sent, and its ETag."""
    sets = _number_sets(tables)
    rows = ((quote(f"/{row.file}"), str(sets[row.headers, row.is_coded])) for row in tables.list_files())
    yield from _map("$static_file", "$static_set", rows)
    usual = [(quote(header), choose_coding(header).replace("identity", '""')) for header in CODED]
    yield from _map("$http_accept_encoding", "$static_coding", [('""', '""'), *usual], "$static_coding_by_rule")
    coded = [(str(number), "$static_coding") for (_, is_coded), number in sets.items() if is_coded]
    yield from _map("$static_set", "$static_coded", coded)
    folders = [(coding, f"/{PRIVATE}/{coding}") for coding in CODINGS]
    yield from _map("$static_coded", "$static_folder", folders)
    tags = ((quote(path), quote(tag)) for path, tag in _list_tags(tables))
    yield from _map('"$static_coded$static_file"', "$static_tag", tags)


def _number_sets(tables: Tables) -> dict[tuple[int, bool], int]:
    """The sets by number from 1; those of files that are coded too have numbers of their own."""
    return {set_: number for number, set_ in enumerate(tables.list_sets(), 1)}


def _list_tags(tables: Tables) -> Iterator[tuple[str, str]]:
    """The ETags of all files, plain and coded; a key is the coding and the path."""
    for row in tables.list_files():
        for coding, tag in zip(("", *CODINGS), row.tags, strict=True):
            if tag:
                yield f"{coding}/{row.file}", f'W/"{tag[2:]}"' if tag.startswith("W/") else f'"{tag}"'


def _write_headers(tables: Tables) -> Iterator[str]:
    """The headers of each file."""
    sets = _number_sets(tables)
    for name, values in _vary_headers(tables).items():
        pairs = [(str(number), _fill(values[of])) for (of, _), number in sets.items() if of in values]
        yield from _map("$static_set", _variable(name), pairs)
    assets = Assets()
    versions = [(quote("/" + assets.address(name).replace("?v=", "?")), f'"{IMMUTABLE}"') for name in assets.names]
    yield from _map('"$static_file?$arg_v"', "$static_cache_control", versions, _variable("cache-control"))
    agents = [(quote(f"{kind}||{accept}"), "User-Agent") for kind in ADDRESSES for accept in ("", "*/*")]
    yield from _map('"$static_fixed_kind|$arg_format|$http_accept"', "$static_fixed_vary", agents)
    past = [(f'"~^/{_escape(below)}(?!(?:{_FILES})(?:\\?|$))"', quote(id_)) for below, id_ in tables.releases.items()]
    if past:
        yield from _map("$request_uri", "$static_release", past, quote(tables.constant["dataset-release"]))
    page = [('"~^text/html"', quote(POLICY))]
    yield from _map("$sent_http_content_type", "$static_error_policy", page)


def _vary_headers(tables: Tables) -> dict[str, dict[int, str]]:
    """The headers that are not the same for every file: name -> number of the set -> value."""
    found: dict[str, dict[int, str]] = {name: {} for name in sorted(_SENT)}
    for number, headers in tables.sets.items():
        for name, value in headers:
            found.setdefault(name, {})[number] = value
    return found


def _variable(name: str) -> str:
    return f"$static_header_{name.replace('-', '_')}"


def _fill(value: str, form: str = "") -> str:
    """The value of a header, with the variable for the last segment of the path. form: the one for that of the form."""
    pieces = [quote(piece)[1:-1] for piece in value.removesuffix(_FORM).split(LAST)]
    return '"' + "${static_last}".join(pieces) + (form if value.endswith(_FORM) else "") + '"'


def _write_redirects(tables: Tables) -> Iterator[str]:
    moved = ((quote(f"/{each.path}"), _spell_target(each)) for each in tables.list_moved())
    latest = [
        (f'"~^/{RELEASE_PATH}/{LATEST}/(?<static_below>.+)$"', f'"307 /{below}$static_below"')
        for below in list(tables.releases)[-1:]
    ]
    yield from _map("$static_address", "$static_moved_any", [*moved, *latest])
    # The keys of maps match in any case.
    yield from _map("$static_address", "$static_moved", [('"~[A-Z]"', '""')], "$static_moved_any")
    gone = [(quote(f"/{each.path}"), quote(f"={each.file}" if each.form else each.file)) for each in tables.list_gone()]
    yield from _map("$static_address", "$static_gone_any", gone)
    yield from _map("$static_address", "$static_gone", [('"~[A-Z]"', '""')], "$static_gone_any")
    named = [('"~^=(?<static_gone_name>.+)$"', "$static_gone_name")]
    yield from _map("$static_gone", "$static_gone_file", named, '"$static_gone.$static_gone_form"')


def _spell_target(moved: Moved) -> str:
    """A redirect as "status target"; with `!` where the query string of the request is not added."""
    return quote(f"{moved.status}{'' if moved.keeps_query else '!'} {moved.target}")


def _write_conditions(tables: Tables) -> Iterator[str]:
    """When something else than the file is sent. Usual requests for a file find by one exact key that nothing is."""
    usual = [("GET", '""'), ("HEAD", '""')]
    yield from _map('"$request_method$args$http_if_none_match"', "$static_detour", usual, "$static_detour_by_rule")
    methods = [*usual, ("OPTIONS", "asked")]
    yield from _map("$request_method", "$static_method", methods, "refused")
    yield from _map("$static_method", "$static_detour_by_rule", [('""', "$static_service")], "$static_method")
    yield from _map("$static_is_queried", "$static_service", [("1", "service")], "$static_is_matched")
    matched = [
        ('"~^(?:W/)?\\"([0-9a-f]+)\\"\\|(?:.*[,\\s])?(?:W/)?\\"?\\1\\"?\\s*(?:,|$)"', "current"),
        ('"~^.+\\|\\s*\\*\\s*$"', "current"),
    ]
    yield from _map('"$static_tag|$http_if_none_match"', "$static_is_matched", matched)
    yield from _map('"$uri?$args"', "$static_is_queried", _list_queried())
    below = "(release/[^/]+/)?" if tables.releases else ""
    served = [(f'"~^/{below}({"|".join(SERVICES)})([/.?]|$)"', "1"), (f'"~^/{below}search/"', "1")]
    served += [] if tables.releases else [('"~^/release/[^/]+/"', "1")]
    yield from _map("$request_uri", "$static_is_service", served)
    homes = [('"~/$"', '"${static_address}index"')]
    yield from _map("$static_address", "$static_stem", homes, "$static_address")
    depths = [(f'"~^(/[^/?]*){{{depth + 1}}}(\\?|$)"', str(depth)) for depth in range(7)]
    yield from _map("$request_uri", "$static_depth", depths, "7")
    yield from _map("$static_problem_form", "$static_error_name", [("html", '"$static_depth.html"')], "json.json")


def _list_queried() -> Iterator[tuple[str, str]]:
    """The addresses whose response depends on a parameter that is not empty: a file cannot answer them."""
    named = {f"/{name}": VARIATIONS[name].parameters for name in ("ontology", "shapes")}
    named |= {f"/doc/{kind}": vary.parameters for kind, vary in LISTS.items()}
    by_parameters: dict[tuple[str, ...], list[str]] = {}
    for path, parameters in named.items():
        by_parameters.setdefault(tuple(parameters), []).append(path)
    for parameters, paths in by_parameters.items():
        alternatives, words = "|".join(map(re.escape, paths)), "|".join(map(re.escape, parameters))
        yield f'"~^({alternatives})(\\.\\w+|/page/\\d+)?\\?(.*&)?({words})=[^&]"'.replace("\\-", "-"), "1"


def _write_server(tables: Tables, live: str) -> str:
    usual, others = tables.types()
    types = "".join(f"    {quote(type_)} {suffix};\n" for suffix, type_ in sorted(usual.items()))
    values = {name: quote(value) for name, value in tables.constant.items()}
    values |= {"dataset-release": "$static_release"} if tables.releases else {}
    constant = "".join(f"add_header {_title(name)} {value} always;\n" for name, value in values.items())
    moves = "".join(
        f'    if ($static_moved ~ "^{status} ([^#]*)(#.*)?$") {{ return {status} $1$is_args$args$2; }}\n'
        f'    if ($static_moved ~ "^{status}! (.*)$") {{ return {status} $1; }}\n'
        for status in STATUSES
    )
    service = f'return 307 {quote(live)[:-1]}$request_uri";' if live else "return 404;"
    text = _read_rules("server.conf")
    places = "".join(_list_places(tables, others, constant))
    parts = {"types": types, "places": places, "moves": moves, "service": service}
    for name, value in {**parts, "constant": _indent(constant), "private": PRIVATE}.items():
        text = text.replace(f"@{name}@", value)
    return text


def _list_places(tables: Tables, others: Mapping[str, str], constant: str) -> Iterator[str]:
    """The locations: of addresses that have a form to choose; of those with a suffix, and other files."""
    yield from _list_chosen(tables, constant)
    headers = constant + _write_own(tables, "$static_fixed_vary")
    yield _location(f"^~ /{PRIVATE}/current/fixed", headers, _current(_LAST_FIXED))
    for path, kind in tables.list_kinds():
        if kind == ALWAYS:
            yield _location(f"= /{path}", headers, _WHOLE + _choose(f"$uri.{HTML.suffix}", _LAST))
    suffixes, bare = [suffix for suffix in tables.list_suffixes() if suffix], tables.list_with_suffix("")
    fixed = _choose("$uri", _LAST_FIXED, "/fixed")
    yield _location(f'~ "\\.({"|".join(suffixes)})$"', headers, _WHOLE + fixed)
    yield _location("^~ /download/", headers, fixed)
    for file in sorted({*bare, *others}):
        type_ = f"types {{ }}\ndefault_type {quote(others[file])};\n" if file in others else ""
        ranges = "" if file.startswith("download/") else _WHOLE
        yield _location(f"= /{file}", headers, type_ + ranges + fixed)


def _list_chosen(tables: Tables, constant: str) -> Iterator[str]:
    """The locations of documents, of the home page, and of pages."""
    homes, sets = [f"= /{path}" for path in ("", *tables.releases)], _group_sets(tables)
    for kind, names in (("document", ["/"]), (HOME, homes), ("page", sorted(_list_pages(tables)))):
        headers = constant + _write_own(tables, "$static_vary", kind, sets[kind])
        stem, below = "${uri}index" if kind == HOME else "$uri", f"/{kind}"
        yield _location(f"^~ /{PRIVATE}/current{below}", headers, _current(_LAST))
        for name in names:
            choice = _choose(f"{stem}.$static_form_{kind}", _LAST, below)
            yield _location(name, headers, f"{_WHOLE}set $static_kind {kind};\n{choice}")


def _list_pages(tables: Tables) -> set[str]:
    """The locations of pages; a folder that has pages has nothing else, that of a release aside."""
    folders = {path.rpartition("/")[::2] for path, kind in tables.list_kinds() if kind == Sort.PAGE.value}
    apart = {"", *(below.rstrip("/") for below in tables.releases)}
    return {f"= /{folder}/{name}".replace("//", "/") if folder in apart else f"/{folder}/" for folder, name in folders}


def _write_own(tables: Tables, vary: str, kind: str = "", sets: Iterable[tuple[str, int]] = ()) -> str:
    """The headers that are not those of every response. vary: the variable for a second `Vary`.

    kind: of addresses that have a form to choose; empty for those that fix it. sets: what `_group_sets` finds of them.
    A header of all files of a kind that has one value, or none, needs no map.
    """
    values = {name: _variable(name) for name in _vary_headers(tables) if name != "accept-ranges"}
    values["cache-control"] = "$static_cache_control"
    if kind:
        headers = [(suffix, dict(tables.sets[number])) for suffix, number in sets]
        values |= _list_same(headers, values, kind)
    else:
        del values["content-location"]
    own = "".join(
        f"add_header {_title(name)} {value};\n" for name, value in values.items() if value != '""' or name in _SENT
    )
    return f"{own}add_header Vary {vary};\nadd_header Content-Encoding $static_coded;\nadd_header ETag $static_tag;\n"


def _list_same(headers: Iterable[tuple[str, Mapping[str, str]]], names: Iterable[str], kind: str) -> dict[str, str]:
    """The headers that all files of a kind of addresses have with the same value, the suffix of the form aside.

    headers: the different ones of such files, with the suffix of each.
    """
    found: dict[str, set[str]] = {name: set() for name in names}
    for suffix, own in headers:
        for name, values in found.items():
            value = own.get(name, "")
            values.add(f"{LAST}.{_FORM}" if value == f"{LAST}.{suffix}" else value)
    form = f"${{static_form_{kind}}}"
    return {name: _fill(values.pop(), form) for name, values in found.items() if len(values) == 1}


def _group_sets(tables: Tables) -> Mapping[str, set[tuple[str, int]]]:
    """The sets of headers that the forms of each kind of addresses have, as (suffix, number of the headers)."""
    kinds = {"/": HOME, **{f"/{path}": each for path, each in tables.list_kinds()}}
    found: dict[str, set[tuple[str, int]]] = {kind: set() for kind in ADDRESSES}
    for row in tables.list_files():
        if row.suffix in _SUFFIXES:
            stem = f"/{row.file}".removesuffix(f".{row.suffix}")
            home = kinds.get(stem.removesuffix("index")) if stem.endswith("/index") else None
            own = kinds.get(f"/{row.file}") or home or kinds.get(stem, "document")
            found.setdefault(own, set()).add((row.suffix, row.headers))
    return found


def _title(name: str) -> str:
    return name.title()


def _indent(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())


def _location(name: str, headers: str, rules: str) -> str:
    return f"location {name} {{\n{_indent(rules)}{_indent(headers)}}}\n"


def _choose(file: str, last: str, below: str = "") -> str:
    """The rules that send a file. last: the pattern of the last segment. below: the place of responses without it."""
    return _CHOICE.replace("@file@", file).replace("@last@", last).replace("@below@", below)


def _current(last: str) -> str:
    """The rules of the response 304."""
    return f'internal;\nif ($static_address ~ "{last}") {{ return 304; }}\n'


_CHOICE: Final = f"""set $static_file @file@;
if ($static_set = "") {{ set $static_address $uri; rewrite ^ /{PRIVATE}/missing last; }}
if ($static_detour) {{ set $static_address $uri; rewrite ^ /{PRIVATE}/$static_detour@below@ last; }}
rewrite "@last@" $static_folder$static_file break;
"""
_WHOLE: Final = "max_ranges 0;\n"
"""For files that are not sent in part."""
_LAST: Final = "/(?<static_last>[^/]*)$"
_LAST_FIXED: Final = r"/(?<static_last>[^/]*)\.[^./]*$"
_SUFFIXES: Final = frozenset(form.suffix for form in DOCUMENTS)
_FORM: Final = "\1"
"""Stands in the value of a header for the suffix of the form that is chosen."""
_SENT: Final = ("cache-control", "content-location", "last-modified")
"""Headers whose variables there always are."""


def _write_without_njs() -> Iterator[str]:
    """Approximations of the choices: of the types that a header Accept names, the first that is offered."""
    yield "# Written by `publisher build`: without njs, the first type that a header Accept names is chosen.\n"
    for variable, source, kinds in (
        ("$static_form_by_rule", '"$static_kind|$http_accept"', ADDRESSES),
        ("$static_gone_form_by_rule", '"gone|$http_accept"', ("gone",)),
        ("$static_problem_form_by_rule", '"problem|$http_accept"', ("problem",)),
    ):
        rules = [rule for kind in kinds for rule in _approximate(kind)]
        yield from _map(source, variable, rules, NONE if kinds == ADDRESSES else PROBLEM_JSON.suffix)
    accepted = [(f'"~*\\b{coding}\\b(?!\\s*;\\s*q=0(\\.0*)?\\s*(,|$))"', coding) for coding in CODINGS]
    yield from _map("$http_accept_encoding", "$static_coding_by_rule", accepted)


def _approximate(kind: str) -> Iterator[tuple[str, str]]:
    """The rules by which a header chooses the first type that it names and that is offered, or else the default."""
    types = {alias: offer for offer in reversed(OFFERS[kind]) for alias in offer.aliases if "/" in alias}
    types |= {offer.media_type: offer for offer in OFFERS[kind]}
    alternatives = "|".join(_escape(each) for each in types)
    first = rf"^{kind}\|(?:(?!(?:{alternatives})\b).)*"  # None of them is before the one that is chosen.
    for offer in OFFERS[kind]:
        own = "|".join(_escape(each) for each, form in types.items() if form is offer)
        yield f'"~*{first}(?:{own})\\s*(?:[,;]|$)"', offer.suffix
    yield f'"~^{kind}\\|(?:.*\\*/\\*.*)?$"', DEFAULTS[kind].suffix


def _escape(text: str) -> str:
    return re.escape(text).replace("\\-", "-")


_FILES: Final = "|".join(map(_escape, FILES))
"""The files of a release, which the current state has."""
