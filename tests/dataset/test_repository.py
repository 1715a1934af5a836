"""How the files of a root are found and read."""

import dataclasses
import gzip
import hashlib
import itertools
import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest
from support import fork_root, sample_root

from publisher.dataset import files
from publisher.dataset import repository as repository_module
from publisher.dataset.files import is_rdf, parse_text, read_file, read_stream
from publisher.dataset.identifiers import RETIRED_FILE, Retired, read_retired
from publisher.dataset.repository import (
    CONTEXT_FILE,
    DATASET_FILE,
    PREFIXES_FILE,
    example_files,
    find_root,
    read_repository,
    turtle_files,
)
from publisher.diagnostic import Diagnostic, Severity, UnreadableFilesError
from publisher.errors import CannotRunError
from publisher.validation.checks import imports
from publisher.validation.context import of_shapes
from publisher.validation.inputs import find_files

AIMS = "data/aims.ttl"
CHECK = "shapes/checks/unused-aim.rq"
EMPTY = "# Nothing.\n"
STATEMENT = "<urn:a> <urn:p> <urn:c> .\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return fork_root.build(tmp_path / "root", whole=True)


def unreadable(root: Path) -> list[Diagnostic]:
    with pytest.raises(UnreadableFilesError) as caught:
        read_repository(root)
    assert all(d.rule == "syntax" and d.severity is Severity.VIOLATION for d in caught.value.diagnostics)
    return caught.value.diagnostics


# The root folder


def test_given_root_is_used(root, tmp_path):
    other = fork_root.build(tmp_path / "other")
    assert find_root(str(root), start=other) == root


def test_relative_root_is_found(root, monkeypatch):
    monkeypatch.chdir(root / "data")
    assert find_root("..") == root


@pytest.mark.parametrize("given", ["data", "nowhere", "data/dataset.ttl"])
def test_folder_without_dataset_is_no_root(root, given):
    with pytest.raises(CannotRunError, match=r"data/dataset\.ttl"):
        find_root(str(root / given))


def test_root_is_nearest_folder_upward(root):
    inner = root / "data" / "inner"
    shutil.copytree(root / "data", inner / "data")
    (inner / "data" / "coalitions" / "deep").mkdir()
    assert find_root(start=inner / "data" / "coalitions" / "deep") == inner
    assert find_root(start=root / "data") == root
    assert find_root(start=root) == root


def test_root_search_starts_at_working_folder(root, monkeypatch):
    monkeypatch.chdir(root / "shapes")
    assert find_root() == root


def test_packaged_root_is_the_fallback(root, tmp_path, monkeypatch):
    monkeypatch.setattr(repository_module, "PACKAGED", root)
    assert find_root(start=tmp_path) == root
    assert read_repository(root).packaged


def test_checkout_is_not_packaged_copy(root):
    assert not read_repository(root).packaged


def test_missing_root_message_names_option(tmp_path, monkeypatch):
    monkeypatch.setattr(repository_module, "PACKAGED", tmp_path / "missing")
    monkeypatch.setattr(repository_module, "CHECKOUT", tmp_path / "missing")
    with pytest.raises(CannotRunError, match="--root"):
        find_root(start=tmp_path)


# What is read


def test_turtle_files_of_three_folders_are_read(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "x.ttl").write_text("no Turtle")
    root = fork_root.build(
        tmp_path, {"data/links/a.ttl": EMPTY, "data/notes.txt": "no Turtle", "x.ttl": "no Turtle"}, examples=True
    )
    paths = [file.path for file in read_repository(root).files]
    assert paths == sorted(paths)
    assert {"data/links/a.ttl", "ontology/alignments/wikidata.ttl", "shapes/aim.ttl", *fork_root.FILES} <= set(paths)
    assert not [path for path in paths if re.search(r"^x\.ttl|elsewhere|examples|txt", path)]


def test_shape_examples_are_separate():
    found = example_files(sample_root.CHECKOUT)
    assert found
    assert not set(found) & set(turtle_files(sample_root.CHECKOUT))


def test_base_and_prefixes_are_read(root):
    names = read_repository(root).names
    assert names.base == fork_root.BASE
    assert names.prefixes["skos"] == "http://www.w3.org/2004/02/skos/core#"
    assert names.prefixes["aim"] == fork_root.BASE + "id/aim/"


def test_files_have_graphs(root):
    graphs = {file.path: file.graph for file in read_repository(root).files}
    assert graphs[AIMS] == fork_root.BASE + "graph/aims"
    assert graphs["ontology/prefixes.ttl"] == fork_root.BASE + "ontology"


def test_subject_has_file(root):
    found = read_repository(root)
    assert found.file_of(fork_root.COALITION).path == "data/coalitions/green-mountain-water-coalition.ttl"
    assert found.file_of(fork_root.COALITION + "/account/twitter").path.startswith("data/coalitions/")
    assert found.file_of(fork_root.BASE + "id/coalition/nowhere") is None


def test_blank_node_labels_are_stable_and_unique_per_file(root):
    first, second = read_repository(root), read_repository(root)
    assert [set(file.triples) for file in first.files] == [set(file.triples) for file in second.files]
    names = [set(re.findall(r"_:\w+", " ".join(map(str, file.triples)))) for file in first.files]
    assert sum(map(bool, names)) > 1
    assert sum(map(len, names)) == len(set.union(*names))


def test_similar_file_names_have_distinct_blank_nodes(tmp_path):
    text = '<urn:x> <urn:p> [ <urn:q> "{}" ] .'
    files = {f"ontology/{name}.ttl": text.format(name) for name in ("a-b", "ab", "A_B", "a/b")}
    found = [file for file in read_repository(fork_root.build(tmp_path, files)).files if file.path in files]
    names = {str(triple.subject) for file in found for triple in file.triples if triple.predicate.value == "urn:q"}
    assert len(names) == len(files)


# What cannot be read


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("<urn:a> <urn:b> .\n", 1, 17),
        ("<urn:a>\n    <urn:b> <urn:c> ;\n\n    nothing:x 1 .", 4, 5),
        ("<urn:a> <urn:b> 'no end\n", 1, 17),
        ("# é\n<urn:é> <urn:b> <urn:c> x .", 2, 25),
        ("<urn:a> <urn:b> <urn:c>", 1, 23),
        ("<urn:a> <urn:b> <relative> .", 1, 17),
    ],
)
def test_syntax_error_has_file_line_and_column(tmp_path, text, line, column):
    [finding] = unreadable(fork_root.build(tmp_path, {AIMS: text}))
    assert (finding.file, finding.line, finding.column) == (AIMS, line, column)


@pytest.mark.parametrize("text", ["<urn:a> <urn:b> .", "x:a <urn:b> <urn:c> .", "<urn:a> <urn:b> 1 x ."])
def test_syntax_error_message_omits_position(tmp_path, text):
    [finding] = unreadable(fork_root.build(tmp_path, {AIMS: text}))
    assert finding.message
    assert not re.search(r"Parser error|line \d|columns? \d", finding.message)


def test_all_syntax_errors_are_reported(tmp_path):
    root = fork_root.build(tmp_path, {AIMS: "x", "data/issues.ttl": "\n\ny", "shapes/aim.ttl": "z"})
    assert [(d.file, d.line) for d in unreadable(root)] == [(AIMS, 1), ("data/issues.ttl", 3), ("shapes/aim.ttl", 1)]


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [('{"@context": {\n  "a": "urn:a",\n}}', 3, 1), ("", 1, 1), ('{"@context": {}} x', 1, 18)],
)
def test_context_syntax_error_has_position(tmp_path, text, line, column):
    [finding] = unreadable(fork_root.build(tmp_path, {CONTEXT_FILE: text}))
    assert (finding.file, finding.line) == (CONTEXT_FILE, line)
    assert abs(finding.column - column) <= 1  # Python's versions differ on where a trailing comma is wrong


@pytest.mark.parametrize("path", [AIMS, CHECK, "ontology/context.jsonld", "shapes/aim.ttl"])
def test_invalid_utf8_has_position(root, path):
    (root / path).write_bytes("# one\n# é".encode() + b"\xe9 two\n")
    [finding] = unreadable(root)
    assert (finding.file, finding.line, finding.column) == (path, 2, 4)
    assert "UTF-8" in finding.message


@pytest.mark.parametrize("path", [DATASET_FILE, PREFIXES_FILE, CONTEXT_FILE])
def test_missing_essential_file_is_an_error(root, path):
    (root / path).unlink()
    with pytest.raises(CannotRunError, match=re.escape(path)):
        read_repository(root)


@pytest.mark.parametrize(
    "statement",
    [
        "",
        'void:uriSpace "https://example.org/a/" ; void:uriSpace "https://example.org/b/" ;',
        'void:uriSpace "https://example.org/a" ;',
        'void:uriSpace "https://example.org" ;',
        'void:uriSpace "/a/" ;',
        'void:uriSpace "ftp://example.org/" ;',
        'void:uriSpace "file:///etc/" ;',
        'void:uriSpace "https://example.org/a b/" ;',
        'void:uriSpace "https://example.org/<a>/" ;',
        'void:uriSpace "https://example.org/a/\\n" ;',
        "void:uriSpace [] ;",
    ],
)
def test_dataset_must_state_one_valid_base(tmp_path, statement):
    text = fork_root.DATASET.replace(f'void:uriSpace "{fork_root.BASE}" ;', statement)
    assert text != fork_root.DATASET
    with pytest.raises(CannotRunError, match="void:uriSpace"):
        read_repository(fork_root.build(tmp_path, {DATASET_FILE: text}))


@pytest.mark.parametrize("text", ["{}", "[]", "1", '"@context"', "null"])
def test_context_file_without_context_is_rejected(tmp_path, text):
    with pytest.raises(CannotRunError, match="@context"):
        read_repository(fork_root.build(tmp_path, {CONTEXT_FILE: text}))


def test_ambiguous_blank_node_is_a_finding(tmp_path):
    text = "<urn:a> <urn:p> _:n . <urn:b> <urn:p> _:n ."
    with pytest.raises(UnreadableFilesError) as caught:
        read_repository(fork_root.build(tmp_path, {"ontology/shared.ttl": text}))
    assert [(d.rule, d.file) for d in caught.value.diagnostics] == [("shared-blank-node", "ontology/shared.ttl")]


def test_file_of_unknown_format_is_rejected(tmp_path):
    (tmp_path / "x.docx").write_text("")
    with pytest.raises(CannotRunError, match=r"\.docx"):
        read_file(tmp_path / "x.docx", "x.docx")


def test_missing_file_is_named(tmp_path):
    with pytest.raises(CannotRunError, match=r"data/x\.ttl: No such file"):
        read_file(tmp_path / "x.ttl", "data/x.ttl")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x.nt", "<urn:a> <urn:p> <urn:c> .\n"),
        (
            "x.rdf",
            '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="urn:">'
            '<r:Description r:about="urn:a"><p r:resource="urn:c"/></r:Description></r:RDF>',
        ),
        ("x.jsonld", '{"@id": "urn:a", "urn:p": {"@id": "urn:c"}}'),
        ("x.trig", "<urn:g> { <urn:a> <urn:p> <urn:c> }"),
        ("x.turtle", "<urn:a> <urn:p> <urn:c> ."),
        ("x.SHACL", "<urn:a> <urn:p> <urn:c> ."),
        ("x.n3", "<urn:a> <urn:p> <urn:c> ."),
        (
            "x.html",
            '<p>A {</p>\n<script type="application/ld+json">\n{"@id": "urn:a", "urn:p": {"@id": "urn:c"}}\n</script>',
        ),
    ],
)
def test_formats_are_read_by_suffix(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    [triple] = read_file(tmp_path / name, name).triples
    assert str(triple) == "<urn:a> <urn:p> <urn:c>"
    assert is_rdf(name)


# Bad input

XML = '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="urn:">{}</r:RDF>'
ABOUT = XML.format('\n<r:Description r:about="urn:a"><p>{}</p></r:Description>')
LAUGHS = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in itertools.pairwise("abcdefghij"))
MANY = 10_000
BAD = {
    "a mistake in Turtle": ("x.ttl", "<urn:a> <urn:p> .", 1, "An object is missing before this `.`."),
    "a mistake in TriG": ("x.trig", "<urn:g> {\n<urn:a> }", 2, "A predicate is missing before this `}`."),
    "a mistake in N-Triples": ("x.nt", STATEMENT + "<urn:a> <urn:p> 1 .", 2, ""),
    "a mistake in N-Quads": ("x.nq", STATEMENT + "<urn:a> <urn:p> <urn:b> <urn:g> <urn:h> .", 2, ""),
    "a mistake in JSON": ("x.jsonld", '{"@id":\n 1,}', 2, "commas"),
    "a mistake in JSON-LD": ("x.jsonld", '{"@id":\n 1}', None, "@id"),
    "a mistake in XML": ("x.rdf", "<a>\n<b></a>", 2, "Mismatched tag"),
    "a mistake in RDF/XML": ("x.rdf", ABOUT.replace("<p>", '<p r:ID="1">').format(1), 2, "ID"),
    "half of an XML file": ("x.rdf", ABOUT.format(1).removesuffix("</r:RDF>"), 2, "No element found"),
    "half of a Turtle file": ("x.ttl", "<urn:a> <urn:p> <urn:b>", 1, ""),
    "an empty JSON-LD file": ("x.jsonld", "", 1, "end of file"),
    "an empty RDF/XML file": ("x.rdf", "", 1, "No element found"),
    "a null byte": ("x.ttl", "<urn:a>\0<urn:p> <urn:b> .", 1, ""),
    "a null byte in JSON": ("x.jsonld", '{"urn:p": "\0"}', 1, ""),
    "a null byte in XML": ("x.rdf", ABOUT.format("\0"), 2, ""),
    "JSON-LD in a Turtle file": ("x.ttl", '{"@id": "urn:a"}', 1, ""),
    "Turtle in a JSON-LD file": ("x.jsonld", STATEMENT, 1, ""),
    "Turtle in an RDF/XML file": ("x.owl", STATEMENT, 2, ""),
    "HTML in an RDF/XML file": ("x.rdf", "<!DOCTYPE html><html><p>x</html>", 1, "Mismatched tag"),
    "brackets that never close": ("x.ttl", "<urn:a> <urn:p> " + "[ <urn:p> " * MANY, 1, ""),
    "braces in TriG": ("x.trig", "{" * MANY, 1, ""),
    "brackets in JSON-LD": ("x.jsonld", "\n" + "[" * MANY + "]" * MANY, 2, "nesting is deeper than 500 levels"),
    "nodes in JSON-LD": ("x.jsonld", '{"urn:p":' * MANY + "1" + "}" * MANY, 1, "nesting is deeper than 500 levels"),
    "elements in RDF/XML": (
        "x.rdf",
        XML.format("\n" + "<a><p>" * MANY + "</p></a>" * MANY),
        2,
        "nesting is deeper than 500 levels",
    ),
    "triple terms": ("x.ttl", "\n<urn:a> <urn:p> " + "<<( <urn:a> <urn:p> " * MANY, 2, "RDF 1.2"),
    "one triple term": ("x.nt", "<urn:a> <urn:p> <<( <urn:a> <urn:p> <urn:b> )>> .", 1, "RDF 1.2"),
    "an annotation": ("x.ttl", '# ~\n<urn:a> <urn:p> "~" {| <urn:q> 1 |} .', 2, "RDF 1.2"),
    "a base direction": ("x.ttl", '<urn:a> <urn:p> "x"@en--ltr .', None, "RDF 1.2"),
    "a very long literal": ("x.ttl", f'<urn:a> <urn:p> "{"x" * (17 << 20)}" .', None, "16 MiB"),
    "a very long line that is no Turtle": ("x.ttl", "x" * (17 << 20), None, "16 MiB"),
    "a very long string in JSON-LD": ("x.jsonld", f'{{"urn:p": "{"x" * (17 << 20)}"}}', None, "16 MiB"),
    "a billion laughs": ("x.rdf", f'<!DOCTYPE r [<!ENTITY a "laughs">{LAUGHS}]>{ABOUT.format("&j;")}', 1, "expands"),
    "entities used often": (
        "x.rdf",
        f'<!DOCTYPE r [<!ENTITY a "{"x" * 50_000}">]>{ABOUT.format("&a;" * 1_000)}',
        1,
        "expands",
    ),
    "an entity from a file": (
        "x.rdf",
        f'<!DOCTYPE r [<!ENTITY a SYSTEM "/etc/passwd">]>{ABOUT.format("&a;")}',
        1,
        "fetched",
    ),
    "a remote context": (
        "x.jsonld",
        '{"@context":\n["http://127.0.0.1:9/c"], "a": 1}',
        2,
        "http://127.0.0.1:9/c is not fetched",
    ),
    "a remote import": (
        "x.jsonld",
        '{"@context": {\n"@import": "http://127.0.0.1:9/c"}, "a": 1}',
        2,
        "http://127.0.0.1:9/c is not fetched",
    ),
}


@pytest.mark.parametrize(("name", "text", "line", "words"), BAD.values(), ids=BAD.keys())
def test_unreadable_text_is_one_finding_with_position(tmp_path, name, text, line, words):
    (tmp_path / name).write_bytes(text.encode())
    with pytest.raises(UnreadableFilesError) as caught:
        read_file(tmp_path / name, name)
    [finding] = caught.value.diagnostics
    assert (finding.rule, finding.severity, finding.file, finding.line) == ("syntax", Severity.VIOLATION, name, line)
    assert words in finding.message
    assert "\n" not in finding.message


GOOD = {
    "CRLF": ("x.ttl", "@prefix : <urn:> .\r\n:a :p :c .\r\n"),
    "a byte order mark in Turtle": ("x.ttl", "\ufeff@prefix : <urn:> .\n:a :p :c ."),
    "a byte order mark in N-Quads": ("x.nq", "\ufeff<urn:a> <urn:p> <urn:c> .\n"),
    "a byte order mark in JSON-LD": ("x.jsonld", '\ufeff{"@id": "urn:a", "urn:p": {"@id": "urn:c"}}'),
    "a byte order mark in RDF/XML": ("x.rdf", "\ufeff" + ABOUT.replace("<p>{}</p>", '<p r:resource="urn:c"/>')),
    "entities for namespaces": (
        "x.owl",
        '<!DOCTYPE r [<!ENTITY u "urn:">]>' + ABOUT.replace("<p>{}</p>", '<p r:resource="&u;c"/>'),
    ),
    "a DTD elsewhere": (
        "x.rdf",
        '<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x">' + ABOUT.replace("<p>{}</p>", '<p r:resource="urn:c"/>'),
    ),
    "an extension in capitals": ("x.TTL", STATEMENT),
}


@pytest.mark.parametrize(("name", "text"), GOOD.values(), ids=GOOD.keys())
def test_unusual_valid_text_is_read(tmp_path, name, text):
    (tmp_path / name).write_bytes(text.encode())
    assert list(map(str, read_file(tmp_path / name, name).triples)) == ["<urn:a> <urn:p> <urn:c>"]


@pytest.mark.parametrize("nested", ["[ <urn:p> {} ]", "( {} )"])
def test_deep_brackets_are_read(nested):
    before, after = nested.split("{}")
    text = f"<urn:a> <urn:p> {before * MANY}1{after * MANY} ."
    assert len(parse_text(text, "x.ttl").triples) > MANY


def test_blank_node_labels_of_file_are_stable():
    text = "_:a <urn:p> [ <urn:p> _:a ] ."
    first, second, other = (parse_text(text, name).triples for name in ("x.ttl", "x.ttl", "y.ttl"))
    assert first == second
    assert not {t.subject for t in first} & {t.subject for t in other}


@pytest.mark.parametrize("name", ["x.docx", "x", "x.gz", "x.csv.gz"])
def test_unknown_suffix_is_rejected(tmp_path, name):
    (tmp_path / name).write_text(STATEMENT)
    with pytest.raises(CannotRunError, match=f"^{name}: the suffix .* belongs to no supported format"):
        read_file(tmp_path / name, name)


def test_compressed_file_is_read_by_inner_suffix(tmp_path):
    (tmp_path / "x.ttl.gz").write_bytes(gzip.compress(b"<urn:a> <urn:p> <urn:c> ."))
    assert len(read_file(tmp_path / "x.ttl.gz", "x.ttl.gz").triples) == 1
    assert is_rdf("x.ttl.gz")


@pytest.mark.parametrize(
    "data", [b"<urn:a> <urn:p> <urn:c> .", gzip.compress(STATEMENT.encode() * 99, mtime=0)[:-20], b""]
)
def test_damaged_compressed_file_is_rejected(tmp_path, data):
    (tmp_path / "x.nt.gz").write_bytes(data)
    if data:
        with pytest.raises(CannotRunError, match=r"^x.nt.gz: Not a complete gzip file"):
            read_file(tmp_path / "x.nt.gz", "x.nt.gz")
    else:
        assert read_file(tmp_path / "x.nt.gz", "x.nt.gz").triples == []


def test_compressed_file_is_unpacked_up_to_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MAX_BYTES", 1000)
    (tmp_path / "x.nt.gz").write_bytes(gzip.compress(STATEMENT.encode() * 1000))
    with pytest.raises(CannotRunError, match=r"^x.nt.gz: The file exceeds the size limit"):
        read_file(tmp_path / "x.nt.gz", "x.nt.gz")


def test_named_format_overrides_suffix(tmp_path):
    (tmp_path / "x.owl").write_text("<urn:a> <urn:p> <urn:c> .")
    assert len(read_file(tmp_path / "x.owl", "x.owl", format_=ox.RdfFormat.TURTLE).triples) == 1


@pytest.mark.parametrize("name", ["x.json", "x.xml", "x.txt", "x.docx", "x"])
def test_ambiguous_suffixes_are_skipped_in_folders(name):
    assert not is_rdf(name)


def test_special_file_is_rejected_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe.ttl")
    (tmp_path / "folder.ttl").mkdir()
    (tmp_path / "circle.ttl").symlink_to(tmp_path / "circle.ttl")
    (tmp_path / "gone.ttl").symlink_to(tmp_path / "nowhere")
    for path in tmp_path.iterdir():
        with pytest.raises(CannotRunError, match=rf"^{path.name}: \w[^:]+\.$"):
            read_file(path, path.name)


def test_unreadable_file_is_named(tmp_path, monkeypatch):
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(CannotRunError, match=r"^x\.ttl: Permission denied\.$"):
        read_file(tmp_path / "x.ttl", "x.ttl")


# What is odd


@pytest.mark.parametrize(
    ("name", "text"),
    [("x.ttl", ""), ("x.ttl", "# Nothing.\n"), ("x.jsonld", '{"@id": "urn:a", "name": 1}'), ("x.rdf", XML.format(""))],
)
def test_empty_file_is_a_warning(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    [finding] = imports.check(of_shapes([], [read_file(tmp_path / name, name)]))
    assert (finding.rule, finding.severity, finding.file, finding.line) == ("empty", Severity.WARNING, name, 1)


def test_unresolved_import_is_a_warning():
    importing = "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n<urn:o>\n  owl:imports <urn:x#> , <urn:y> ."
    given = parse_text(importing, "x.ttl")
    known = parse_text("<urn:x> a <http://www.w3.org/2002/07/owl#Ontology> .", "y.ttl")
    [finding] = imports.check(of_shapes([known], [given]))
    assert (finding.rule, finding.severity, finding.file) == ("unresolved-import", Severity.WARNING, "x.ttl")
    assert (finding.line, finding.column, finding.value) == (3, 26, "urn:y")
    assert {finding.value for finding in imports.check(of_shapes([], [given]))} == {"urn:x#", "urn:y"}


# What is given


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with files of several kinds."""
    monkeypatch.chdir(tmp_path)
    for name in (
        "b.ttl",
        "a.nt",
        "sub/C.TTL",
        "sub/deep/d.trig",
        "sub.ttl/e.ttl",
        "notes.txt",
        ".hidden/x.ttl",
        ".y.ttl",
    ):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(STATEMENT)
    return tmp_path


def given(*patterns: str) -> list[str]:
    return [path.as_posix() for path in find_files(patterns)]


@pytest.mark.parametrize(
    ("patterns", "found"),
    [
        (["b.ttl", "a.nt"], ["b.ttl", "a.nt"]),
        (["b.ttl", "./b.ttl", "sub/../b.ttl"], ["b.ttl"]),
        (["notes.txt"], ["notes.txt"]),
        (["sub"], ["sub/C.TTL", "sub/deep/d.trig"]),
        (["sub.ttl"], ["sub.ttl/e.ttl"]),
        (["."], ["a.nt", "b.ttl", "sub/C.TTL", "sub/deep/d.trig", "sub.ttl/e.ttl"]),
        (["*"], ["a.nt", "b.ttl", "sub/C.TTL", "sub/deep/d.trig", "sub.ttl/e.ttl"]),
        (["**/*.t*"], ["b.ttl", "sub.ttl/e.ttl", "sub/deep/d.trig"]),
        (["s?b", "a.nt"], ["sub/C.TTL", "sub/deep/d.trig", "a.nt"]),
        ([".hidden"], [".hidden/x.ttl"]),
    ],
)
def test_paths_expand_to_sorted_unique_files(folder, patterns, found):
    assert given(*patterns) == found


def test_file_named_like_a_glob_is_found(folder):
    Path("[b].ttl").write_text(STATEMENT)
    assert given("[b].ttl") == ["[b].ttl"]


def test_symlink_cycles_end(folder):
    Path("sub/loop").symlink_to(folder / "sub")
    Path("elsewhere").mkdir()
    Path("elsewhere/x.ttl").write_text(STATEMENT)
    Path("sub/elsewhere").symlink_to(folder / "elsewhere")
    assert given("sub") == ["sub/C.TTL", "sub/deep/d.trig", "sub/elsewhere/x.ttl"]


@pytest.mark.parametrize("pattern", ["nowhere", "nowhere.ttl", "*.nq", "nowhere/**/*.ttl", "empty", "emp*", ""])
def test_pattern_without_match_is_rejected(folder, pattern):
    Path("empty").mkdir()
    with pytest.raises(CannotRunError, match=f"^{re.escape(pattern)}: "):
        find_files(["b.ttl", pattern])


def test_unlistable_folder_is_rejected(folder, monkeypatch):
    def refuse(path: str) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(CannotRunError, match=r"^sub: Permission denied"):
        find_files(["sub"])


def test_stdin_is_read_in_given_format(folder):
    found = read_stream(b"<urn:g> { <urn:a> <urn:p> <urn:c> }", ox.RdfFormat.TRIG)
    assert (found.path, list(map(str, found.triples))) == ("<stdin>", ["<urn:a> <urn:p> <urn:c>"])


@pytest.mark.parametrize(("data", "column"), [(b"<urn:a> x", 9), (b"# \xc3\xa9\xe9", 4)])
def test_stdin_syntax_error_has_position(data, column):
    with pytest.raises(UnreadableFilesError) as caught:
        read_stream(data, ox.RdfFormat.TURTLE)
    [finding] = caught.value.diagnostics
    assert (finding.rule, finding.file, finding.line, finding.column) == ("syntax", "<stdin>", 1, column)


# Releases


def release(root: Path) -> str:
    return read_repository(root).release


def _append(path: str, text: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        with (root / path).open("a") as file:
            file.write(text)

    return change


def _rename(root: Path) -> None:
    (root / AIMS).rename(root / "data/goals.ttl")


def _swap(root: Path) -> None:
    """The same texts, the other way round."""
    one, other = root / AIMS, root / "data/issues.ttl"
    first, second = one.read_text(), other.read_text()
    one.write_text(second)
    other.write_text(first)


CHANGES: dict[str, Callable[[Path], None]] = {
    "a newline in data": _append(AIMS, "\n"),
    "a comment in shapes": _append("shapes/aim.ttl", "# x\n"),
    "a newline in a check": _append(CHECK, "\n"),
    "a newline in the context": _append(CONTEXT_FILE, "\n"),
    "a statement": _append("ontology/coalitions.ttl", "<urn:a> <urn:b> <urn:c> .\n"),
    "a new file": lambda root: (root / "data/new.ttl").write_text(EMPTY) and None,
    "a file gone": lambda root: (root / CHECK).unlink(),
    "another name": _rename,
    "texts swapped": _swap,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_release_changes_with_contents_and_names(root, change):
    before = release(root)
    change(root)
    assert release(root) != before


def test_release_ignores_folder_and_times(root, tmp_path):
    copy = tmp_path / "elsewhere"
    for path in sorted(root.rglob("*"), reverse=True):
        if path.is_file():
            target = copy / path.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            os.utime(target, (1, 1))
    assert release(copy) == release(root)


def test_release_ignores_unpublished_files(root):
    before = release(root)
    (root / "README.md").write_text("x")
    (root / "shapes/examples/Aim/valid").mkdir(parents=True)
    (root / "shapes/examples/Aim/valid/x.ttl").write_text(EMPTY)
    assert release(root) == before


def test_release_is_sha256_of_paths_and_digests(root):
    paths = [*root.rglob("*.ttl"), *root.rglob("*.rq"), root / CONTEXT_FILE]
    lines = [f"{p.relative_to(root).as_posix()}\t{hashlib.sha256(p.read_bytes()).hexdigest()}\n" for p in paths]
    assert release(root) == hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()


def test_release_ignores_file_order(root):
    found = read_repository(root)
    other = dataclasses.replace(found, files=found.files[::-1], checks=found.checks[::-1])
    assert other.release == found.release


# What was retired

RETIRED = """
@prefix coalition: <https://example.org/vt-coalitions/id/coalition/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
coalition:old dcterms:isReplacedBy coalition:green-mountain-water-coalition .
coalition:gone prov:invalidatedAtTime "2026-01-01T00:00:00Z"^^xsd:dateTime ; skos:changeNote "Never was."@en .
"""


def test_retired_list_has_merged_and_withdrawn_things(tmp_path):
    retired = read_retired(read_repository(fork_root.build(tmp_path, {RETIRED_FILE: RETIRED})).files)
    things = fork_root.BASE + "id/coalition/"
    assert retired.keys() == {things + "old", things + "gone"}
    assert retired[things + "old"] == Retired(fork_root.COALITION)
    gone = retired[things + "gone"]
    assert (gone.successor, gone.withdrawn, gone.why) == ("", "2026-01-01", "Never was.")
    assert {t.predicate.value.rpartition("/")[2].rpartition("#")[2] for t in gone.tombstone} == {
        "invalidatedAtTime",
        "changeNote",
    }


def test_other_files_retire_nothing(tmp_path):
    assert read_retired(read_repository(fork_root.build(tmp_path, {"data/old.ttl": RETIRED})).files) == {}


def test_missing_list_retires_nothing(root):
    assert read_retired(read_repository(root).files) == {}


def test_context_is_the_published_one(root):
    assert read_repository(root).context == json.loads((root / CONTEXT_FILE).read_text())["@context"]


# A root with data alone


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A root that has data/ only."""
    return fork_root.build(tmp_path / "bare")


def test_root_with_data_only_uses_packaged_ontology_and_shapes(bare: Path, root: Path) -> None:
    whole, alone = read_repository(root), read_repository(bare)
    assert not (bare / "ontology").exists()
    assert not (bare / "shapes").exists()
    assert alone.release == whole.release
    assert [file.path for file in alone.files] == [file.path for file in whole.files]
    assert (alone.checks, alone.questions) == (whole.checks, whole.questions)


def test_own_folder_replaces_packaged_folder(bare: Path) -> None:
    (bare / "shapes").mkdir()
    (bare / "shapes" / "lean.ttl").write_text(fork_root.LEAN_SHAPES)
    found = read_repository(bare)
    assert [file.path for file in found.files if file.path.startswith("shapes/")] == ["shapes/lean.ttl"]
    assert found.checks == []


def test_only_own_files_are_rewritable(bare: Path) -> None:
    assert {path.relative_to(bare).parts[0] for path in turtle_files(bare)} == {"data"}
    assert example_files(bare) == []


def test_data_question_replaces_packaged_question(tmp_path: Path) -> None:
    text = "# title: Mine\n# question: Which?\n# keywords: agenda\nASK { }\n"
    names = ["01-coalitions-by-agenda.rq", "99-mine.rq"]
    root = fork_root.build(tmp_path, {f"data/questions/{name}": text for name in names})
    found = dict(read_repository(root).questions)
    assert [path for path in found if found[path] == text] == [f"data/questions/{name}" for name in names]
    assert "ontology/questions/01-coalitions-by-agenda.rq" not in found
    assert [Path(path).name for path in found] == sorted(Path(path).name for path in found)
