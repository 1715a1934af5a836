"""Bad input at the command line: a finding, or one sentence and exit code 2; no traceback, no pass by accident.

Whole runs over odd files, names and shapes; syntax has its own tests (`dataset/test_repository.py`).
"""

import contextlib
import os
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.tiers import WITH_SLOW

from publisher.cli.main import main
from publisher.validation import inputs
from publisher.validation.inputs import find_files

DEEP = 10_000
STATEMENT = "<urn:a> <urn:p> <urn:c> .\n"
HEAD = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix : <urn:> .\n"
SHAPE = HEAD + ":S a sh:NodeShape ; sh:targetSubjectsOf :p ; sh:nodeKind sh:IRI .\n"
MEMORY = 2 << 30
"""Address space that a run may take, in bytes."""


def sparql(query: str) -> str:
    """A shape with a SPARQL constraint."""
    return (
        f'{HEAD}:S a sh:NodeShape ; sh:targetSubjectsOf :p ; sh:sparql [ sh:message "m" ; sh:select """{query}""" ] .\n'
    )


@dataclass(frozen=True)
class Ended:
    """How a run ended."""

    code: int
    stdout: str
    stderr: str


def publisher(folder: Path, *words: str) -> Ended:
    """The command in this process, which a crash would end, to the sorrow of pytest."""
    with contextlib.chdir(folder):
        result = CliRunner(env={"GITHUB_ACTIONS": None, "PUBLISHER_ROOT": None}).invoke(main, ["validate", *words])
    return Ended(result.exit_code, result.stdout, result.stderr)


def program(folder: Path, *words: str, seconds: int = 60) -> Ended:
    """The command as people run it, stopped where it takes long or much."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PUBLISHER_", "GITHUB_"))}
    done = subprocess.run(
        [Path(sys.executable).with_name("publisher"), "validate", *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def told(done: Ended, code: int) -> str:
    """The output of a run, after its exit code was checked."""
    assert done.code == code, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert "fault of the program" not in done.stderr
    assert "site-packages" not in done.stderr
    return done.stdout + done.stderr


FINDINGS = {
    "an empty JSON-LD file": ("x.jsonld", ""),
    "an empty RDF/XML file": ("x.rdf", ""),
    "Turtle with the extension of RDF/XML": ("x.rdf", STATEMENT),
    "a picture": ("x.ttl", b"\x89PNG\r\n\x1a\n\0\0"),
    "UTF-16": ("x.ttl", STATEMENT.encode("utf-16")),
    "Latin-1": ("x.ttl", '<urn:a> <urn:p> "caf\xe9" .'.encode("latin-1")),
    "null bytes": ("x.ttl", b"\0" * 1_000),
    "brackets that never close": ("x.ttl", "<urn:a> <urn:p> " + "[ <urn:p> " * DEEP),
    "brackets of JSON": ("x.jsonld", "[" * DEEP + "]" * DEEP),
    "elements": ("x.rdf", '<r:RDF xmlns:r="urn:r:" xmlns="urn:">' + "<a><p>" * DEEP + "</p></a>" * DEEP + "</r:RDF>"),
    "triple terms": ("x.nt", "<<( <urn:a> <urn:p> " * DEEP),
    "braces": ("x.trig", "{" * DEEP),
    "one long line": ("x.ttl", f'<urn:a> <urn:p> "{"x" * (20 << 20)}" .'),
}


@pytest.mark.parametrize(("name", "content"), FINDINGS.values(), ids=FINDINGS.keys())
def test_unreadable_data_is_a_finding(tmp_path, name, content):
    write(tmp_path / "s.ttl", SHAPE)
    write(tmp_path / name, content)
    said = told(publisher(tmp_path, "--shapes", "s.ttl", name), 1)
    assert said.startswith(f"{name}:") or name in said.partition("\n")[0]
    assert "[syntax]" in said


SENTENCES = {
    "an empty file": "empty.ttl",
    "no extension": "none",
    "a circle of links": "circle.ttl",
    "a link to nothing": "gone.ttl",
    "a folder called like a file": "folder.ttl",
    "an empty folder": "nothing",
    "a named pipe": "pipe.ttl",
    "a device without an end": "zero.ttl",
    "a device without a beginning": "null.ttl",
    "no such file": "missing.ttl",
}


@pytest.mark.parametrize("as_shapes", [False, True], ids=["data", "shapes"])
@pytest.mark.parametrize("name", SENTENCES.values(), ids=SENTENCES.keys())
def test_path_that_is_no_rdf_file_exits_2(tmp_path, name, as_shapes):
    write(tmp_path / "s.ttl", SHAPE)
    write(tmp_path / "ok.ttl", STATEMENT)
    write(tmp_path / "empty.ttl", "")
    write(tmp_path / "none", STATEMENT)
    (tmp_path / "circle.ttl").symlink_to(tmp_path / "circle.ttl")
    (tmp_path / "gone.ttl").symlink_to("nowhere")
    (tmp_path / "folder.ttl").mkdir()
    (tmp_path / "nothing").mkdir()
    os.mkfifo(tmp_path / "pipe.ttl")
    (tmp_path / "zero.ttl").symlink_to("/dev/zero")
    (tmp_path / "null.ttl").symlink_to("/dev/null")
    words = ("--shapes", name, "ok.ttl") if as_shapes else ("--shapes", "s.ttl", name)
    said = told(publisher(tmp_path, *words), 2)
    assert said.startswith("publisher: ")
    assert said.count("\n") == 1


def test_unlistable_folder_exits_2(tmp_path):
    write(tmp_path / "s.ttl", SHAPE)
    write(tmp_path / "closed" / "x.ttl", STATEMENT)
    (tmp_path / "closed").chmod(0)
    try:
        if os.access(tmp_path / "closed", os.R_OK):
            pytest.skip("whoever runs this may list everything")
        assert "closed: Permission denied." in told(publisher(tmp_path, "--shapes", "s.ttl", "closed"), 2)
    finally:
        (tmp_path / "closed").chmod(0o700)


def test_folder_loop_is_read_once(tmp_path):
    write(tmp_path / "s.ttl", SHAPE.replace("IRI", "Literal"))
    write(tmp_path / "loop" / "x.ttl", STATEMENT)
    (tmp_path / "loop" / "up").symlink_to("..")
    said = told(publisher(tmp_path, "--shapes", "s.ttl", "loop"), 1)
    assert said.count("[urn:S]") + said.count("[S]") == 1


@pytest.mark.parametrize(
    "name",
    [b"new\nline.ttl", b"sp ace.ttl", b"\xff\xfe.ttl", b"--shapes.ttl", b"[glob].ttl", b"*.ttl", b"\x1b[31m.ttl", b"-"],
)
def test_control_characters_in_file_names_are_escaped(tmp_path, name):
    write(tmp_path / "s.ttl", SHAPE)
    path = write(tmp_path / "names" / "x.ttl", "no Turtle")
    path.rename(os.fsdecode(os.fsencode(path.parent) + b"/" + name + (b".ttl" if name == b"-" else b"")))
    first = told(publisher(tmp_path, "--shapes", "s.ttl", "names"), 1).partition("\n")[0]
    assert first.startswith("names/")
    assert first.endswith("[syntax]")
    assert first.isprintable()


def test_file_name_after_double_dash_is_no_option(tmp_path):
    write(tmp_path / "s.ttl", SHAPE)
    write(tmp_path / "--format.ttl", STATEMENT)
    assert "No such option" in told(publisher(tmp_path, "--shapes", "s.ttl", "--format.ttl"), 2)
    told(publisher(tmp_path, "--shapes", "s.ttl", "--", "--format.ttl"), 0)


def test_file_deleted_during_run_exits_2(tmp_path, monkeypatch):
    """As where a build still runs."""
    write(tmp_path / "s.ttl", SHAPE)
    path = write(tmp_path / "x.ttl", STATEMENT)
    found = find_files

    def and_vanishes(patterns, *formats):
        paths = found(patterns)
        if patterns == ["x.ttl"]:
            path.unlink()
        return paths

    monkeypatch.setattr(inputs, "find_files", and_vanishes)
    done = publisher(tmp_path, "--shapes", "s.ttl", "x.ttl")
    assert told(done, 2) == "publisher: ./x.ttl: No such file or directory.\n"


BROKEN_SHAPES = {
    "a syntax error": HEAD + ":S a sh:NodeShape ; sh:targetSubjectsOf .",
    "no shape": STATEMENT,
    "SPARQL cut short": sparql("SELECT $this WHERE { $this ?p "),
    "no SPARQL": sparql("SELEKT"),
    "an unknown prefix in SPARQL": sparql("SELECT $this WHERE { $this ex:p ?o }"),
    "brackets in SPARQL": sparql(f"SELECT $this WHERE {{ $this ?p ?o FILTER({'(' * DEEP}1{')' * DEEP}) }}"),
    "a call to elsewhere": sparql("SELECT $this WHERE { SERVICE <http://127.0.0.1:9/> { $this ?p ?o } }"),
    "a broken pattern": HEAD
    + ':S a sh:NodeShape ; sh:targetSubjectsOf :p ; sh:property [ sh:path :p ; sh:pattern "(" ] .',
    "a count that is none": HEAD
    + ':S a sh:NodeShape ; sh:targetSubjectsOf :p ; sh:property [ sh:path :p ; sh:minCount "x" ] .',
    "no path": HEAD + ":S a sh:NodeShape ; sh:targetSubjectsOf :p ; sh:property [ sh:minCount 1 ] .",
    "shapes in shapes": HEAD
    + ":S a sh:NodeShape ; sh:targetSubjectsOf :p ; "
    + "sh:not [ " * 2_000
    + "sh:nodeKind sh:IRI"
    + " ]" * 2_000
    + " .",
}


@pytest.mark.parametrize("shapes", BROKEN_SHAPES.values(), ids=BROKEN_SHAPES.keys())
def test_unusable_shapes_exit_2(tmp_path, shapes):
    write(tmp_path / "s.ttl", shapes)
    write(tmp_path / "ok.ttl", STATEMENT)
    told(publisher(tmp_path, "--shapes", "s.ttl", "ok.ttl"), 2)


@pytest.mark.slow
def test_recursive_shapes_end_and_print_the_report_only(tmp_path):
    recursive = ("sh:property [ sh:path :p ; sh:node :S0 ]", "sh:not :S1", "sh:node [ sh:node :S2 ]")
    shapes = [f":S{n} a sh:NodeShape ; sh:targetSubjectsOf :p ; {deep} ." for n, deep in enumerate(recursive)]
    write(tmp_path / "s.ttl", HEAD + "\n".join(shapes))
    write(tmp_path / "x.ttl", "<urn:a> <urn:p> <urn:b> . <urn:b> <urn:p> <urn:a> .")
    done = program(tmp_path, "--shapes", "s.ttl", "x.ttl")
    assert done.code in (0, 1)
    assert done.stderr == ""


@pytest.mark.slow
def test_many_empty_files_never_pass(tmp_path):
    write(tmp_path / "s.ttl", SHAPE)
    for number in range(200):
        write(tmp_path / "many" / f"{number}.ttl", "")
    assert "hold no statement" in told(program(tmp_path, "--shapes", "s.ttl", "many"), 2)


@pytest.mark.skipif(not WITH_SLOW, reason="writes 200 MB; .ci/run runs it (PUBLISHER_TESTS_SLOW=1)")
def test_line_of_200_megabytes_is_a_finding(tmp_path):
    write(tmp_path / "s.ttl", SHAPE)
    write(tmp_path / "x.ttl", b'<urn:a> <urn:p> "' + b"x" * (200 << 20) + b'" .')
    assert "16 MiB" in told(program(tmp_path, "--shapes", "s.ttl", "x.ttl"), 1)
