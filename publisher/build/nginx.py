"""Rules for nginx: maps from addresses to files and headers, with njs for unusual Accept headers, or without."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from publisher.build.addresses import SERVICES
from publisher.build.choices import (
    ADDRESSES,
    CODED,
    DEFAULTS,
    NONE,
    OFFERS,
    choose_problem,
    choose_usual,
    write_formats,
)
from publisher.build.folder import PRIVATE
from publisher.build.tables import LAST, Moved, Tables
from publisher.errors import CannotRunError
from publisher.formats import HTML, PROBLEM_JSON
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


def write_rules(tables: Tables, live: str) -> Iterator[tuple[str, str]]:
    """Yield the files of the rules as (path, text). live: URL of a server for what the copy cannot answer."""
    yield f"{FOLDER}/http.conf", "".join(_write_http(tables))
    yield f"{FOLDER}/server.conf", _write_server(tables, live)
    yield f"{FOLDER}/with-njs.conf", _read_rules("with-njs.conf")
    yield f"{FOLDER}/without-njs.conf", "".join(_write_without_njs())
    yield f"{FOLDER}/negotiation.js", _read_rules("negotiation.js")
    yield f"{FOLDER}/formats.js", write_formats()


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
    yield from _write_conditions()


def _write_sizes(tables: Tables) -> Iterator[str]:
    number, longest = 0, max(len(key) for kind in ADDRESSES for key in choose_usual(kind))
    for path in _paths(tables):
        number, longest = number + 1, max(longest, len(path))
    bucket = BUCKET
    while bucket < longest + OVERHEAD:
        bucket *= 2
    yield f"map_hash_max_size {max(2048, 2 * number)};\nmap_hash_bucket_size {bucket};\n"
    yield 'geo $static_dollar {\n    default "$";\n}\n'
    yield "variables_hash_max_size 2048;\nvariables_hash_bucket_size 128;\n"


def _paths(tables: Tables) -> Iterator[str]:
    yield from (row.file for row in tables.list_files())
    yield from (moved.path for moved in tables.list_moved())


def _write_forms(tables: Tables) -> Iterator[str]:
    """Which form is chosen."""
    kinds = [(quote(f"/{path}"), kind) for path, kind in tables.list_kinds()]
    yield from _map("$uri", "$static_kind", [('"/"', "home"), *kinds], "document")
    yield from _map("$uri", "$static_stem", [('"/"', "/index")], "$uri")
    names = "|".join(re.escape(name) for name in PREVIEWERS).replace("\\ ", " ")
    yield from _map("$http_user_agent", "$static_preview", [(f'"~*{names}"', "1")])
    chosen = [('"~^always\\|"', HTML.suffix)]
    for kind in ADDRESSES:
        chosen += [(quote(key), value) for key, value in sorted(choose_usual(kind).items())]
    source = '"$static_kind|$arg_format|$static_preview|$http_accept"'
    yield from _map(source, "$static_form", chosen, "$static_form_by_rule")
    gone = [(quote(key), value) for key, value in sorted(choose_problem("gone").items())]
    yield from _map("$http_accept", "$static_gone_form", gone, "$static_gone_form_by_rule")
    problem = [(quote(key), value) for key, value in sorted(choose_problem("problem").items())]
    yield from _map("$http_accept", "$static_accepted_problem", problem, "$static_problem_form_by_rule")
    fixed = [('"~^[^?]*\\.html(\\?|$)"', HTML.suffix)]
    yield from _map("$request_uri", "$static_problem_form", fixed, "$static_accepted_problem")


def _write_files(tables: Tables) -> Iterator[str]:
    """Which file is sent, in which coding, and its ETag."""
    suffixes, bare = set(), []
    for row in tables.list_files():
        name = row.file.rpartition("/")[2]
        if "." in name:
            suffixes.add(name.rpartition(".")[2])
        else:
            bare.append((quote(f"/{row.file}"), "1"))
    fixed = (f'"~\\.({"|".join(sorted(suffixes))})$"', "1")
    yield from _map("$uri", "$static_is_fixed", [fixed, *bare])
    yield from _map("$static_is_fixed", "$static_file", [("1", "$uri")], '"$static_stem.$static_form"')
    rows = ((quote(f"/{row.file}"), f'"{row.headers}:{":".join(row.tags)}"') for row in tables.list_files())
    yield from _map("$static_file", "$static_row", rows)
    usual = [(quote(header), choose_coding(header).replace("identity", '""')) for header in CODED]
    yield from _map("$http_accept_encoding", "$static_coding", [('""', '""'), *usual], "$static_coding_by_rule")
    before = [(coding, ":[^:]*" * (place + 2) + ":") for place, coding in enumerate(CODINGS)]
    coded = [(f'"~^{coding}{skipped}[^:]+"', coding) for coding, skipped in before]
    yield from _map('"$static_coding:$static_row"', "$static_coded", coded)
    yield from _map("$static_coded", "$static_prefix", [('""', '""')], f'"/{PRIVATE}/$static_coded"')
    tags = [
        (f'"~^{coding}{skipped}(?<static_tag_{place}>[^:]+)"', f"$static_tag_{place}")
        for place, (coding, skipped) in enumerate([*before, ("", ":[^:]*:")])
    ]
    yield from _map('"$static_coded:$static_row"', "$static_tag", tags)
    quoted = [('""', '""'), ('"~^W/(?<static_weak>.+)$"', "'W/\"$static_weak\"'")]
    yield from _map("$static_tag", "$static_etag", quoted, "'\"$static_tag\"'")


def _write_headers(tables: Tables) -> Iterator[str]:
    """The headers of each file."""
    number = [('"~^(?<static_number>\\d+):"', "$static_number")]
    yield from _map("$static_row", "$static_headers", number)
    last = [('"~/(?<static_name>[^/]*)\\.[^./]*$"', "$static_name")]
    yield from _map("$static_file", "$static_last", last)
    for name in _names(tables):
        values = [
            (str(number), _fill(value))
            for number, headers in tables.sets.items()
            for each, value in headers
            if each == name
        ]
        yield from _map("$static_headers", _variable(name), values)
    yield from _map("$static_is_fixed", "$static_content_location", [("1", '""')], _variable("content-location"))
    assets = Assets()
    versions = [(quote("/" + assets.address(name).replace("?v=", "?")), f'"{IMMUTABLE}"') for name in assets.names]
    yield from _map('"$static_file?$arg_v"', "$static_cache_control", versions, _variable("cache-control"))
    kinds = ("always", *ADDRESSES)
    agents = [(quote(f"{kind}||{accept}"), "User-Agent") for kind in kinds for accept in ("", "*/*")]
    yield from _map('"$static_kind|$arg_format|$http_accept"', "$static_vary", agents)
    page = [('"~^text/html"', quote(POLICY))]
    yield from _map("$sent_http_content_type", "$static_error_policy", page)


def _names(tables: Tables) -> list[str]:
    """The headers that not every file has."""
    always = ("cache-control", "content-location", "last-modified")
    return sorted({*always, *(name for own in tables.sets.values() for name, _ in own)})


def _variable(name: str) -> str:
    return f"$static_header_{name.replace('-', '_')}"


def _fill(value: str) -> str:
    """The value of a header, with the variable for the last segment of the path."""
    pieces = [quote(piece)[1:-1] for piece in value.split(LAST)]
    return '"' + "${static_last}".join(pieces) + '"'


def _write_redirects(tables: Tables) -> Iterator[str]:
    moved = ((quote(f"/{each.path}"), _spell_target(each)) for each in tables.list_moved())
    yield from _map("$uri", "$static_moved_any", moved)
    # The keys of maps match in any case.
    yield from _map("$uri", "$static_moved", [('"~[A-Z]"', '""')], "$static_moved_any")
    gone = [(quote(f"/{each.path}"), quote(f"={each.file}" if each.form else each.file)) for each in tables.list_gone()]
    yield from _map("$uri", "$static_gone_any", gone)
    yield from _map("$uri", "$static_gone", [('"~[A-Z]"', '""')], "$static_gone_any")
    named = [('"~^=(?<static_gone_name>.+)$"', "$static_gone_name")]
    yield from _map("$static_gone", "$static_gone_file", named, '"$static_gone.$static_gone_form"')


def _spell_target(moved: Moved) -> str:
    """A redirect as "status target"; with `!` where the query string of the request is not added."""
    return quote(f"{moved.status}{'' if moved.keeps_query else '!'} {moved.target}")


def _write_conditions() -> Iterator[str]:
    """When something else than the file is sent."""
    yield from _map(
        "$request_method", "$static_method", [("GET", '""'), ("HEAD", '""'), ("OPTIONS", "asked")], "refused"
    )
    yield from _map("$http_if_none_match", "$static_is_current", [('""', '""')], "$static_is_matched")
    matched = [
        ('"~^(?:W/)?([0-9a-f]+)\\|(?:.*[,\\s])?(?:W/)?\\"?\\1\\"?\\s*(?:,|$)"', "1"),
        ('"~^.+\\|\\s*\\*\\s*$"', "1"),
    ]
    yield from _map('"$static_tag|$http_if_none_match"', "$static_is_matched", matched)
    yield from _map("$args", "$static_is_queried", [('""', '""')], "$static_queried_address")
    yield from _map('"$uri?$args"', "$static_queried_address", _list_queried())
    services = "|".join(SERVICES)
    served = [(f'"~^/({services})([/.?]|$)"', "1"), ('"~^/search/"', "1"), ('"~^/release/[^/]+/"', "1")]
    yield from _map("$request_uri", "$static_is_service", served)
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
    constant = "".join(f"add_header {_title(name)} {quote(value)} always;\n" for name, value in tables.constant.items())
    own = [name for name in _names(tables) if name not in ("content-location", "cache-control", "accept-ranges")]
    headers = constant + "".join(f"add_header {_title(name)} {_variable(name)};\n" for name in own) + _OWN_HEADERS
    exact = "".join(
        _location(f"= /{file}", headers, f"types {{ }}\n    default_type {quote(type_)};", _ranges(file))
        for file, type_ in sorted(others.items())
    )
    places = _location("/", headers, "", "max_ranges 0;") + _location("/download/", headers, "", "") + exact
    moves = "".join(
        f'    if ($static_moved ~ "^{status} ([^#]*)(#.*)?$") {{ return {status} $1$is_args$args$2; }}\n'
        f'    if ($static_moved ~ "^{status}! (.*)$") {{ return {status} $1; }}\n'
        for status in STATUSES
    )
    service = f'return 307 {quote(live)[:-1]}$request_uri";' if live else "return 404;"
    text = _read_rules("server.conf")
    values = {"types": types, "places": places, "moves": moves, "service": service, "constant": _indent(constant)}
    for name, value in {**values, "private": PRIVATE}.items():
        text = text.replace(f"@{name}@", value)
    return text


def _title(name: str) -> str:
    return "ETag" if name == "etag" else name.title()


def _ranges(file: str) -> str:
    return "" if file.startswith("download/") else "max_ranges 0;"


def _indent(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())


def _location(name: str, headers: str, type_: str, ranges: str) -> str:
    """A location that sends files. type_: directives that state another Content-Type than that of the suffix."""
    more = "".join(f"    {line}\n" for line in (type_, ranges) if line)
    return f"location {name} {{\n{more}{_CHOICE}{_indent(headers)}}}\n"


_CHOICE: Final = f"""    if ($static_method) {{ rewrite ^ /{PRIVATE}/$static_method last; }}
    if ($static_moved) {{ rewrite ^ /{PRIVATE}/moved last; }}
    if ($static_gone) {{ return 410; }}
    if ($static_is_queried) {{ rewrite ^ /{PRIVATE}/service last; }}
    if ($static_row = "") {{ rewrite ^ /{PRIVATE}/missing last; }}
    if ($static_is_current) {{ return 304; }}
    rewrite ^ $static_prefix$static_file break;
"""
_OWN_HEADERS: Final = """add_header Vary $static_vary;
add_header Content-Location $static_content_location;
add_header Cache-Control $static_cache_control;
add_header Content-Encoding $static_coded;
add_header ETag $static_etag;
"""


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


def _escape(media_type: str) -> str:
    return re.escape(media_type).replace("\\-", "-")
