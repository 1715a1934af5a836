"""Reading files: formats by suffix, syntax errors, size limits, compression, special files, symbolic links."""

import gzip
import io
import itertools
import os
from pathlib import Path

import pyoxigraph as ox
import pytest
from support.each import each
from support.tiers import few

from publisher.dataset import files
from publisher.dataset.files import (
    File,
    ParsedFiles,
    check_link,
    is_rdf,
    parse_text,
    quote_lines,
    read_bounded,
    read_file,
    read_stream,
    read_text,
)
from publisher.dataset.repository import (
    read_repository,
)
from publisher.diagnostic import Diagnostic, Severity, UnreadableFilesError
from publisher.errors import CannotRunError
from publisher.rdf import parser


def test_file_over_size_limit_is_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 1 << 20)
    (tmp_path / "fits.ttl").write_bytes(b"#" * (1 << 20))
    (tmp_path / "large.ttl").write_bytes(b"#" * ((1 << 20) + 1))
    assert len(read_text(tmp_path / "fits.ttl")) == 1 << 20
    with pytest.raises(CannotRunError, match=r"^large\.ttl: The file exceeds the size limit of 1 MiB\.$"):
        read_text(tmp_path / "large.ttl", "large.ttl")


def test_stream_is_read_up_to_size_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 1 << 20)
    stream = io.BytesIO(b"#" * (8 << 20))
    with pytest.raises(CannotRunError, match="size limit"):
        read_bounded(stream, "stdin")
    assert stream.tell() <= 2 << 20


def test_symlink_to_data_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "x.ttl").write_text("")
    link = tmp_path / "a" / "x.ttl"
    link.symlink_to("../b/x.ttl")
    assert check_link(link, tmp_path / "a", tmp_path / "b") == link
    with pytest.raises(CannotRunError, match="The symbolic link leads out of"):
        check_link(link, tmp_path / "a")


def test_symlink_out_of_root_is_not_read(fork, tmp_path: Path) -> None:
    root = fork({})
    (tmp_path / "secret.ttl").write_text("<urn:a> <urn:b> 'secret' .\n")
    (root / "data" / "leak.ttl").symlink_to(tmp_path / "secret.ttl")
    with pytest.raises(CannotRunError, match=r"leak\.ttl: The symbolic link leads out of"):
        read_repository(root)
    (root / "data" / "leak.ttl").unlink()
    (root / "data" / "same.ttl").symlink_to("dataset.ttl")
    assert "data/same.ttl" in {file.path for file in read_repository(root).files}


STATEMENT = "<urn:a> <urn:p> <urn:c> .\n"


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
    "a mistake in JSON-LD": ("x.jsonld", '{"@id":\n 1}', 2, "@id"),
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


@pytest.mark.parametrize(("name", "text", "line", "words"), few(list(BAD.values())), ids=few(list(BAD)))
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


# What is given


def test_stdin_is_read_in_given_format():
    found = read_stream(b"<urn:g> { <urn:a> <urn:p> <urn:c> }", ox.RdfFormat.TRIG)
    assert (found.path, list(map(str, found.triples))) == ("<stdin>", ["<urn:a> <urn:p> <urn:c>"])


@pytest.mark.parametrize(("data", "column"), [(b"<urn:a> x", 9), (b"# \xc3\xa9\xe9", 4)])
def test_stdin_syntax_error_has_position(data, column):
    with pytest.raises(UnreadableFilesError) as caught:
        read_stream(data, ox.RdfFormat.TURTLE)
    [finding] = caught.value.diagnostics
    assert (finding.rule, finding.file, finding.line, finding.column) == ("syntax", "<stdin>", 1, column)


TERMS = "@prefix : <urn:> . "


@pytest.mark.parametrize(
    "text",
    [
        TERMS + ':a :b "x", "7"^^:c, "y"@en ; :p <urn:d> .',
        "\ufeff" + TERMS + ':a :b "007"^^<http://www.w3.org/2001/XMLSchema#integer>, 1.50, "a\\nb <<( c" .',
        "",
    ],
)
def test_lines_are_the_statements_in_the_text(text: str) -> None:
    lines = parser.read_lines(text) or b""
    triples = [quad.triple for quad in ox.parse(lines, format=ox.RdfFormat.N_TRIPLES)]
    if "<<" in text:
        assert lines == b"", "doubtful: left to `parse`"
    else:
        assert triples == parse_text(text, "a.ttl").triples


@each(
    "statement",
    [
        ":a :b .",
        ":a :b [] .",
        "_:a :b :c .",
        ":a :b ( 1 ) .",
        ":a :b <<( :c :d :e )>> .",
        ":a :b :c {| :d :e |} .",
        ":a :b :c ~ :r .",
        ':a :b "x"@ar--rtl .',
    ],
)
def test_texts_for_the_parser_have_no_lines(statement: str) -> None:
    assert parser.read_lines(TERMS + statement) is None


def test_a_web_page_is_quoted_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    line = '<p>Ponds</p><script type="application/ld+json">{"@id": "urn:a"%s "urn:p": 1}</script>'
    path.write_text(f"<html>\n{line % ','}\n</html>")
    file = read_file(path, "page.html")
    assert file.page == path.read_text()
    [triple] = file.triples
    place = file.where(triple, 1)
    finding = Diagnostic("r", Severity.INFO, "m", "page.html", **place)
    [quoted] = quote_lines([finding], file.page)
    assert quoted.source == line % ","
    assert quoted.source[(quoted.column or 0) - 1 :].startswith('"urn:p"')
    path.write_text(f"<html>\n{line % ''}\n</html>")
    with pytest.raises(UnreadableFilesError) as raised:
        read_file(path, "page.html")
    assert [(each.line, each.source) for each in raised.value.diagnostics] == [(2, line % "")]


# Files that are kept


def test_a_file_is_parsed_again_when_anything_that_decides_it_changes(tmp_path: Path) -> None:
    path, parsed = tmp_path / "a.ttl", ParsedFiles()
    path.write_text("<a> <x:p> 1 .")

    def read(name: str = "a.ttl", base: str = "http://b.example/", format_: ox.RdfFormat | None = None) -> File:
        return read_file(path, name, format_=format_, base=base, parsed=parsed)

    first = read()
    assert read() is first
    others = [read(name="b.ttl"), read(base="http://c.example/"), read(format_=ox.RdfFormat.TRIG)]
    path.write_text("<a> <x:p> 2 .")
    others.append(read())
    assert len({id(file) for file in (first, *others)}) == 5
    assert read_file(path, "a.ttl", base="http://b.example/", unsaved=first.text, parsed=parsed) is first


def test_files_with_contexts_and_errors_are_read_each_time(tmp_path: Path) -> None:
    parsed = ParsedFiles()
    (tmp_path / "a.jsonld").write_text('{"@id": "x:a", "x:p": 1}')
    assert read_file(tmp_path / "a.jsonld", "a", parsed=parsed) is not read_file(
        tmp_path / "a.jsonld", "a", parsed=parsed
    )
    (tmp_path / "b.ttl").write_text("no Turtle")
    for _ in range(2):
        with pytest.raises(UnreadableFilesError):
            read_file(tmp_path / "b.ttl", "b", parsed=parsed)


def test_the_files_used_last_are_kept_up_to_the_limit() -> None:
    parsed = ParsedFiles(limit=40)
    made = {name: parse_text("<x:a> <x:b> 1 .", name) for name in "abc"}
    for name in "abac":
        parsed.find(name, lambda name=name: made[name])
    assert parsed.find("a", lambda: pytest.fail("parsed again")) is made["a"]
    assert parsed.find("b", lambda: made["c"]) is made["c"]
