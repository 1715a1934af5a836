"""Hostile files: what an outsider may give to `publisher validate` and `publisher tidy`."""

import gzip
import os
import random
import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import contestants
from attack_report import Section

TIMEOUT: Final = 20
"""Seconds that a command is given by its own option."""
PATIENCE: Final = 45
"""Seconds after which it is ended from outside, on a busy machine."""
MOST_KIB: Final = 2 << 20
SHAPES: Final = """@prefix sh: <http://www.w3.org/ns/shacl#> .
<x:S> a sh:NodeShape ; sh:targetSubjectsOf <x:p> ; sh:property <x:P> .
<x:P> sh:path <x:p> ; sh:class <x:C> ; sh:pattern "^(a+)+$" .
"""
CONTROL: Final = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]")
COMMAND: Final = re.compile(rb"(?m)^\s*(::|##\[)(?!error|warning|notice|debug)")
XML: Final = '<?xml version="1.0"?>\n'
RDF: Final = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:x="x:">'


def texts() -> Iterator[tuple[str, str]]:
    """The files that are text, as (name, content)."""
    yield "clique.ttl", "".join(f"_:b{i} <x:p> _:b{j} .\n" for i in range(20) for j in range(20))
    yield "list.ttl", f"<x:a> <x:p> ( {'1 ' * 5000}) .\n"
    yield "blow-up.ttl", f'<x:a> <x:p> "{"a" * 60}!" .\n'
    yield "blank.ttl", "".join(f"_:a{i} <x:p> _:a{i + 1} .\n" for i in range(50_000))
    yield "long-line.ttl", "<x:a> <x:p> " + " , ".join(f'"{i}"' for i in range(200_000)) + " .\n"
    yield "long-literal.ttl", f'<x:a> <x:p> "{"x" * 8_000_000}" .\n'
    yield "long-iri.ttl", f"<x:{'a' * 2_000_000}> <x:p> 1 .\n"
    yield "many-prefixes.ttl", "".join(f"@prefix p{i}: <x:{i}#> .\n" for i in range(20_000)) + "p1:a p2:b p3:c .\n"
    for opening, closing in (("[ <x:p> ", " ]"), ("( ", " )"), ("<<( <x:a> <x:b> ", " )>>")):
        for depth in (500, 100_000):
            name = "".join(character for character in opening if character in "[(<")
            yield f"nested{len(name)}-{depth}.ttl", f"<x:a> <x:p> {opening * depth}1{closing * depth} .\n"
    yield "unclosed.ttl", '<x:a> <x:p> """' + "x\n" * 100_000
    yield "brackets.ttl", "[" * 200_000
    yield "escapes.ttl", '<x:a> <x:p> "\\u001b[31m\\u009b\\u202e::error::x" .\n'
    yield "raw-escape.ttl", "<x:a> <x:p> \x1b[31m bad\n::stop-commands::x\n##[group]x\n"
    yield "bidi.ttl", "<x:a> <x:p> \u202e\u2066bad\n"
    yield "null.ttl", "<x:a> <x:p> \x00 .\n"
    yield "surrogate.ttl", '<x:a> <x:p> "\\uD800" .\n'
    yield "empty.ttl", ""
    yield "space.ttl", " \n" * 100_000
    yield "carriage.ttl", "<x:a> <x:p> 1 .\r" * 1000
    yield "conflict.ttl", "<<<<<<< a\n<x:a> <x:p> 1 .\n=======\n>>>>>>> b\n"
    yield "cycle.ttl", "_:a <x:p> _:b . _:b <x:p> _:c . _:c <x:p> _:a .\n"
    yield (
        "loop-list.ttl",
        ("@prefix r: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . <x:a> <x:p> _:l . _:l r:first 1 ; r:rest _:l .\n"),
    )
    yield (
        "shape-loop.ttl",
        ("@prefix sh: <http://www.w3.org/ns/shacl#> . <x:S> a sh:NodeShape ; sh:node <x:S> ; sh:targetNode <x:a> .\n"),
    )
    yield (
        "shape-path-loop.ttl",
        (
            "@prefix sh: <http://www.w3.org/ns/shacl#> . <x:S> a sh:NodeShape ; sh:targetNode <x:a> ;"
            " sh:property [ sh:path _:p ] . _:p sh:inversePath _:p .\n"
        ),
    )
    yield (
        "shape-sparql.ttl",
        (
            "@prefix sh: <http://www.w3.org/ns/shacl#> . <x:S> a sh:NodeShape ; sh:targetNode <x:a> ;"
            ' sh:sparql [ sh:select "SELECT $this { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }" ] .\n'
        ),
    )
    yield "import.ttl", "<x:o> <http://www.w3.org/2002/07/owl#imports> <http://127.0.0.1:9/>, <file:///etc/passwd> .\n"
    yield "entities.rdf", XML + _billion_laughs() + f"{RDF}<rdf:Description><x:p>&a9;</x:p></rdf:Description></rdf:RDF>"
    yield "external.rdf", f'{XML}<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]>{RDF}<x:a>&e;</x:a></rdf:RDF>'
    yield "parameter.rdf", f'{XML}<!DOCTYPE r [<!ENTITY % e SYSTEM "http://127.0.0.1:9/"> %e;]>{RDF}</rdf:RDF>'
    yield "deep.rdf", XML + RDF + "<x:a>" * 50_000
    yield (
        "attributes.rdf",
        XML + RDF + "<rdf:Description " + " ".join(f'x:a{i}="1"' for i in range(50_000)) + "/></rdf:RDF>",
    )
    yield "remote.jsonld", '{"@context": "http://127.0.0.1:9/context", "@id": "x:a", "x:p": 1}'
    yield "file.jsonld", '{"@context": "file:///etc/passwd", "@id": "x:a"}'
    yield "deep.jsonld", '{"x:p": ' * 50_000 + "1" + "}" * 50_000
    yield "array.jsonld", "[" * 100_000 + "]" * 100_000
    yield "context.jsonld", '{"@context": {' + ",".join(f'"t{i}": "t{i + 1}:x"' for i in range(5000)) + '}, "t0": 1}'
    yield "keys.jsonld", '{"@id": "x:a"' + ', "x:p": 1' * 100_000 + "}"
    yield "number.jsonld", '{"@id": "x:a", "x:p": ' + "9" * 100_000 + "}"
    yield "nan.jsonld", '{"@id": "x:a", "x:p": NaN}'
    yield "include.jsonld", '{"@context": {"@import": "http://127.0.0.1:9/"}, "@id": "x:a"}'
    yield "page.html", '<script type="application/ld+json">' * 5000 + "{}"
    yield "page-open.html", "<!--" * 100_000
    yield "statements.nq", "<x:a> <x:p> <x:b> <x:g> .\n" * 20_000
    yield "graph.trig", "{" * 10_000
    yield "::stop-commands::x.ttl", "bad\n"
    yield "##[error]x.ttl", "bad\n"
    yield "esc\x1b[31m.ttl", "bad\n"
    yield "new\nline::error::.ttl", "bad\n"
    yield "-rf.ttl", "bad\n"
    yield "\u202egnp.ttl", "bad\n"


def _billion_laughs() -> str:
    entities = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
    return f'<!DOCTYPE r [<!ENTITY a0 "lol">{entities}]>'


def binaries(chance: random.Random) -> Mapping[str, bytes]:
    """The files that are not text, and damaged copies of one that is right."""
    right = b'@prefix x: <x:> .\nx:a x:p "b"@en , 1.5 , [ x:q ( x:c ) ] .\n'
    found = {
        "random.ttl": chance.randbytes(100_000),
        "utf16.ttl": right.decode().encode("utf-16"),
        "latin.ttl": b'<x:a> <x:p> "\xe9" .\n',
        "overlong.ttl": b'<x:a> <x:p> "\xc0\xaf" .\n',
        "bomb.ttl.gz": gzip.compress(b"#" + b" " * 600_000_000, 9),
        "cut.ttl.gz": gzip.compress(right)[:-9],
        "false.ttl.gz": right,
        "twice.ttl.gz": gzip.compress(gzip.compress(right)),
        "marks.ttl": b"\xef\xbb\xbf" * 3 + right,
    }
    for number in range(12):
        damaged = bytearray(right)
        for _ in range(3):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        found[f"damaged{number}.ttl"] = bytes(damaged)
    return found


def run(folder: Path, seed: int) -> Section:
    """Give every file to the commands, one after the other."""
    section = Section("hostile files")
    (folder / "shapes").mkdir(parents=True)
    place = folder / "given"
    place.mkdir()
    (folder / "shapes" / "shape.ttl").write_text(SHAPES)
    validate = ["validate", "--no-cache", "--shapes", str(folder / "shapes" / "shape.ttl"), "--timeout", str(TIMEOUT)]
    encoded = {name: text.encode() for name, text in texts()}
    for name, content in {**encoded, **binaries(random.Random(seed))}.items():
        (place / name).write_bytes(content)
        section.check(f"validate {name!r}", _run([*validate, "--format", "github", "--", name], place))
        (place / name).unlink()
    for name, target in _odd_files(place):
        section.check(f"validate {name}", _run([*validate, "--", target], place))
    (place / "escape.ttl").write_text("<x:a>   <x:p> \x1b[31m bad\n")
    section.check("tidy --check", _run(["tidy", "--check", "escape.ttl"], place))
    return section


def _odd_files(place: Path) -> Iterator[tuple[str, str]]:
    """Things that are not files of text."""
    os.mkfifo(place / "pipe.ttl")
    yield "a pipe", "pipe.ttl"
    (place / "pipe.ttl").unlink()
    with (place / "huge.ttl").open("wb") as file:
        file.truncate(8 << 30)
    yield "a file of 8 GiB", "huge.ttl"
    (place / "huge.ttl").unlink()
    folder = place / "linked"
    folder.mkdir()
    (folder / "out.ttl").symlink_to("/etc/passwd")
    yield "a link out of the folder", "linked"
    (folder / "loop.ttl").symlink_to("loop.ttl")
    yield "a link to itself", "linked/loop.ttl"
    yield "a device", "/dev/zero"
    yield "an endless device", "/dev/urandom"
    yield "a missing file", "no such file.ttl"
    yield "a long name", "a" * 5000 + ".ttl"


def _run(words: list[str], place: Path) -> str:
    """Run a command in a folder. Returns what is wrong with how it ended, empty if nothing."""
    start = time.monotonic()
    process = subprocess.Popen(
        [contestants.program("publisher"), *words],
        cwd=place,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        output, _ = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return f"not ended after {PATIENCE} s"
    if process.returncode not in (0, 1, 2):
        return f"exit code {process.returncode} {output[-100:]!r}"
    return _judge(output) or (f"took {time.monotonic() - start:.0f} s" if time.monotonic() - start > PATIENCE else "")


def _judge(output: bytes) -> str:
    """What is wrong with an output."""
    if b"internal error" in output or b"Traceback" in output:
        return f"internal error {output[-150:]!r}"
    if b"root:" in output:
        return "shows a file that was not given"
    if control := CONTROL.search(output):
        return f"control character {control[0]!r} in the output"
    command = COMMAND.search(output)
    return f"workflow command {output[command.start() : command.start() + 60]!r}" if command else ""
