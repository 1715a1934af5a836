"""Hostile queries: each asks for more than a server has, crashes a parser, or wants out of the process."""

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import Final

import contestants
import processes
from attack_report import Section, leak

ALL: Final = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i"
LONG: Final = "x" * 1000
NESTED: Final = {
    "brackets": lambda n: f"ASK {{ FILTER({'(' * n}1{')' * n}) }}",
    "groups": lambda n: f"ASK {'{' * n}{'}' * n}",
    "subselects": lambda n: "ASK { " + "{ SELECT * { " * n + "?s ?p ?o" + " } }" * n + " }",
    "functions": lambda n: f"ASK {{ FILTER({'ABS(' * n}1{')' * n} = 1) }}",
    "not": lambda n: f"ASK {{ FILTER({'!' * n}true) }}",
    "minus": lambda n: f"ASK {{ FILTER({'-' * n}1 = 1) }}",
    "lists": lambda n: f"ASK {{ {'(' * n}1{')' * n} ?p ?o }}",
    "blank nodes": lambda n: "ASK { " + "[ <a:b> " * n + "1" + " ]" * n + " <a:b> 1 }",
    "paths": lambda n: f"ASK {{ ?s {'(' * n}<a:b>{')' * n} ?o }}",
    "path operators": lambda n: f"ASK {{ ?s <a:b>{'*' * n} ?o }}",
    "sums": lambda n: f"ASK {{ FILTER({'1+' * n}1 = 1) }}",
    "unions": lambda n: "ASK { " + "{ ?s ?p ?o } UNION " * n + "{ ?s ?p ?o } }",
    "optionals": lambda n: "ASK { " + "OPTIONAL { ?s ?p ?o " * n + "}" * n + " }",
    "exists": lambda n: "ASK { " + "FILTER EXISTS { ?s ?p ?o " * n + "}" * n + " }",
    "triple terms": lambda n: "ASK { ?s ?p " + "<<( <a:b> <a:c> " * n + "1" + " )>>" * n + " }",
}
"""Name -> a query that is nested to a depth."""
DEPTHS: Final = (70, 1200, 20_000)
SLOW: Final = {
    "cross join": f"SELECT (COUNT(*) AS ?n) {{ {ALL} }}",
    "cross join ordered": f"SELECT * {{ {ALL} }} ORDER BY ?c ?f ?i",
    "cross join grouped": f"SELECT ?c (COUNT(*) AS ?n) {{ {ALL} }} GROUP BY ?c ?f ?i",
    "cross join distinct": f"SELECT DISTINCT * {{ {ALL} }}",
    "cross join as text": f"SELECT (GROUP_CONCAT(STR(?c)) AS ?t) {{ {ALL} }}",
    "cross join as a graph": f"CONSTRUCT {{ ?a ?e ?i }} {{ {ALL} }}",
    "cross join with regex": f"SELECT * {{ {ALL} FILTER(REGEX(STR(?c), '^(a|b|ab)*$')) }}",
    "cross join with exists": f"SELECT * {{ {ALL} FILTER NOT EXISTS {{ ?x ?y ?z FILTER(?z != ?c) }} }}",
    "every path": "SELECT (COUNT(*) AS ?n) { ?s (<a:x>|!<a:y>)* ?o . ?t (<a:x>|!<a:y>)* ?u }",
    "negated path": "SELECT * { ?s !<a:b>+ ?o . ?o !<a:b>+ ?u . ?u !<a:b>+ ?v }",
    "minus": f"SELECT * {{ {ALL} MINUS {{ ?a ?b ?i }} }}",
    "values": "SELECT (COUNT(*) AS ?n) { " + " ".join(f"VALUES ?v{n} {{ {'1 ' * 20} }}" for n in range(20)) + " }",
    "doubling text": "SELECT (STRLEN(?t30) AS ?n) { BIND('xxxxxxxx' AS ?t0) "
    + " ".join(f"BIND(CONCAT(?t{n}, ?t{n}) AS ?t{n + 1})" for n in range(40))
    + " }",
    "long replace": f"SELECT (REPLACE('{LONG}', '(x+x+)+y', 'z') AS ?t) {{ ?s ?p ?o }}",
    "uuids": f"SELECT * {{ {ALL} BIND(UUID() AS ?u) }} ORDER BY ?u",
    "hashes": f"SELECT (SHA512(CONCAT(STR(?c), STR(?f))) AS ?h) {{ {ALL} }} ORDER BY ?h",
    "many columns": f"SELECT {' '.join(f'?v{n}' for n in range(3000))} {{ ?s ?p ?o }}",
    "many patterns": "SELECT * { " + " ".join(f"?s{n} ?p{n} ?o{n} ." for n in range(400)) + " } LIMIT 1",
    "many filters": "SELECT * { ?s ?p ?o " + "FILTER(?s != ?o) " * 5000 + "} LIMIT 1",
    "large numbers": f"SELECT ({'9' * 5000} + 1 AS ?n) {{}}",
    "offset": f"SELECT * {{ {ALL} }} OFFSET 99999999999 LIMIT 1",
    "describe all": "DESCRIBE * { ?s ?p ?o . ?t ?q ?u }",
    "mixed order": "SELECT ?o (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?o ORDER BY ?o",
}
OUTWARD: Final = {
    "service": "SELECT * {{ SERVICE <{}> {{ ?s ?p ?o }} }}",
    "silent service": "SELECT * {{ SERVICE SILENT <{}> {{ ?s ?p ?o }} }}",
    "lower case": "SELECT * {{ sErViCe <{}> {{ ?s ?p ?o }} }}",
    "variable service": "SELECT * {{ BIND(<{}> AS ?e) SERVICE ?e {{ ?s ?p ?o }} }}",
    "hidden by a comment": "SELECT * {{ #\r SERVICE <{}> {{ ?s ?p ?o }}\n }}",
    "hidden by a form feed": "SELECT * {{ # a\x0c\r SERVICE <{}> {{ ?s ?p ?o }}\n }}",
    "escaped": "SELECT * {{ \\u0053ERVICE <{}> {{ ?s ?p ?o }} }}",
    "after an operator": "SELECT * {{ FILTER(1<2) SERVICE<{}> {{ ?s ?p ?o }} }}",
    "in exists": "ASK {{ FILTER EXISTS {{ SERVICE <{}> {{ ?s ?p ?o }} }} }}",
    "in a prefix": "PREFIX s: <{}> SELECT * {{ SERVICE s: {{ ?s ?p ?o }} }}",
    "from": "SELECT * FROM <{}> {{ ?s ?p ?o }}",
    "from named": "SELECT * FROM NAMED <{}> {{ GRAPH ?g {{ ?s ?p ?o }} }}",
    "load": "LOAD <{}>",
    "file": "SELECT * FROM <file:///etc/passwd> {{ ?s ?p ?o }} #{}",
}
"""Name -> a query with the place of an address that it must not ask."""
BROKEN: Final = (
    b"",
    b"\x00",
    b"\xff\xfeASK {}",
    b"ASK {} \x00",
    b'SELECT * { ?s ?p "' + b"x" * 300_000,
    b"# comment",
    b"ASK { <" + b"a:" + b"b" * 200_000 + b"> ?p ?o }",
    "ASK { ?\U0001f600 ?p ?o }".encode(),
    b"INSERT DATA { <a:b> <a:c> <a:d> }",
    b"DROP ALL",
    b"PREFIX a: <b> " * 20_000 + b"ASK {}",
    b"ASK { \\u0000 }",
)
SECONDS: Final = 8
"""Within which a query is answered where its limits are one second, on a busy machine."""
PROMPT: Final = 5


def run(server: contestants.Server, watched: str, seen: list[str]) -> Section:
    """Ask all queries, one after the other. watched: an address that notes in `seen` who asks it."""
    section = Section("hostile queries")
    for name, nest in NESTED.items():
        for depth in DEPTHS:
            _ask(section, server, f"{name} nested {depth} times", nest(depth).encode())
    for name, text in SLOW.items():
        _ask(section, server, name, text.encode())
        _ask(section, server, f"{name} as a page", text.encode(), accept="text/html")
    for name, text in OUTWARD.items():
        _ask(section, server, name, text.format(watched).encode())
        section.check(f"{name}, connection", f"asked {seen}" if seen else "")
        seen.clear()
    for raw in BROKEN:
        _ask(section, server, repr(raw[:30]), raw)
    for process in processes.tree(server.pid):
        fault = f"{process.peak >> 10} MiB" if process.peak > 1 << 20 else ""
        section.check(f"memory of process {process.pid}", fault)
    return section


def _ask(section: Section, server: contestants.Server, name: str, query: bytes, accept: str = "*/*") -> None:
    start = time.monotonic()
    status, body = _post(server, query, accept)
    taken = time.monotonic() - start
    fault = leak(body)
    if status not in (200, 400, 403, 406, 413, 422):
        fault = f"status {status} {body[:80]!r}"
    elif status != 200 and accept == "*/*" and not json.loads(body).get("detail"):
        fault = f"{status} without a reason"
    elif taken > SECONDS:
        fault = f"took {taken:.1f} s"
    section.check(name, fault or _bystander(server))


def _bystander(server: contestants.Server) -> str:
    start = time.monotonic()
    status, _ = _post(server, f"ASK {{ ?s ?p {time.monotonic_ns()} }}".encode(), "*/*")
    taken = time.monotonic() - start
    return "" if status == 200 and taken < PROMPT else f"afterwards ASK got {status} in {taken:.1f} s"


def _post(server: contestants.Server, query: bytes, accept: str) -> tuple[int, bytes]:
    request = urllib.request.Request(server.url, query, {"Content-Type": "application/sparql-query", "Accept": accept})
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()
    except OSError as error:
        return 0, str(error).encode()
