"""How the files of a root are found and read."""

import dataclasses
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pyoxigraph as ox
import pytest
from support import fork_root, sample_root
from support.files import write_file

from publisher.dataset import repository as repository_module
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
from publisher.rdf.canonical_quads import CanonicalQuads
from publisher.rdf.terms import has_blank_nodes
from publisher.validation.inputs import find_files

AIMS = "data/aims.ttl"
CHECK = "shapes/checks/unused-aim.rq"
EMPTY = "# Nothing.\n"


OWN = ("ontology/coalitions.ttl", CONTEXT_FILE, PREFIXES_FILE, "shapes/aim.ttl", CHECK)


def build(folder: Path, files: Mapping[str, str]) -> Path:
    """Make a root with an ontology and shapes of its own: a file of each sort, so that it is read in no time."""
    root = fork_root.build(folder)
    for path in OWN:
        write_file(root, path, (sample_root.CHECKOUT / path).read_text(encoding="utf-8"))
    for path, text in files.items():
        write_file(root, path, text)
    return root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return build(tmp_path / "root", {})


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


def test_statements_behind_a_repeated_one_keep_their_places(tmp_path):
    root = fork_root.build(tmp_path / "root", lean=True)
    text = "<urn:a> <urn:p> <urn:x>, <urn:x> .\n<urn:b> <urn:p> <urn:y> .\n<urn:b> <urn:p> <urn:z> .\n"
    (root / "data" / "again.ttl").write_text(text)
    [file] = [file for file in read_repository(root).files if file.path == "data/again.ttl"]
    assert [file.where(triple, 2)["line"] for triple in file.triples] == [1, 2, 3]
    assert file.positions.find(file.triples[1]) == ((35, 42), (43, 50), (51, 58))


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
    found = [file for file in read_repository(build(tmp_path, files)).files if file.path in files]
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
    [finding] = unreadable(build(tmp_path, {AIMS: text}))
    assert (finding.file, finding.line, finding.column) == (AIMS, line, column)


@pytest.mark.parametrize("text", ["<urn:a> <urn:b> .", "x:a <urn:b> <urn:c> .", "<urn:a> <urn:b> 1 x ."])
def test_syntax_error_message_omits_position(tmp_path, text):
    [finding] = unreadable(build(tmp_path, {AIMS: text}))
    assert finding.message
    assert not re.search(r"Parser error|line \d|columns? \d", finding.message)


def test_all_syntax_errors_are_reported(tmp_path):
    root = build(tmp_path, {AIMS: "x", "data/issues.ttl": "\n\ny", "shapes/aim.ttl": "z"})
    assert [(d.file, d.line) for d in unreadable(root)] == [(AIMS, 1), ("data/issues.ttl", 3), ("shapes/aim.ttl", 1)]


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [('{"@context": {\n  "a": "urn:a",\n}}', 3, 1), ("", 1, 1), ('{"@context": {}} x', 1, 18)],
)
def test_context_syntax_error_has_position(tmp_path, text, line, column):
    [finding] = unreadable(build(tmp_path, {CONTEXT_FILE: text}))
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
        read_repository(build(tmp_path, {DATASET_FILE: text}))


@pytest.mark.parametrize("text", ["{}", "[]", "1", '"@context"', "null"])
def test_context_file_without_context_is_rejected(tmp_path, text):
    with pytest.raises(CannotRunError, match="@context"):
        read_repository(build(tmp_path, {CONTEXT_FILE: text}))


def test_ambiguous_blank_node_is_a_finding(tmp_path):
    text = "<urn:a> <urn:p> _:n . <urn:b> <urn:p> _:n ."
    with pytest.raises(UnreadableFilesError) as caught:
        read_repository(build(tmp_path, {"ontology/shared.ttl": text}))
    assert [(d.rule, d.file) for d in caught.value.diagnostics] == [("shared-blank-node", "ontology/shared.ttl")]


def given(*patterns: str) -> list[str]:
    return [path.as_posix() for path in find_files(patterns)]


# Releases


def release(root: Path) -> str:
    return read_repository(root).release


def _append(path: str, text: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        with (root / path).open("a") as file:
            file.write(text)

    return change


def _swap(root: Path) -> None:
    """The same texts, the other way round: in other graphs."""
    one, other = root / AIMS, root / "data/issues.ttl"
    first, second = one.read_text(), other.read_text()
    one.write_text(second)
    other.write_text(first)


CHANGES: dict[str, Callable[[Path], None]] = {
    "a statement": _append("ontology/coalitions.ttl", "<urn:a> <urn:b> <urn:c> .\n"),
    "a statement with a blank node": _append("shapes/aim.ttl", "<urn:a> <urn:b> [ <urn:p> <urn:c> ] .\n"),
    "a file gone": lambda root: (root / AIMS).unlink(),
    "another graph": lambda root: (root / AIMS).rename(root / "data/goals.ttl") and None,
    "texts swapped": _swap,
}
NO_CHANGES: dict[str, Callable[[Path], None]] = {
    "a newline in data": _append(AIMS, "\n"),
    "a comment in shapes": _append("shapes/aim.ttl", "# x\n"),
    "a statement again": _append(AIMS, "@prefix a: <urn:a> .\n"),
    "a query": _append(CHECK, "\n"),
    "the context": _append(CONTEXT_FILE, "\n"),
    "a new file without statements": lambda root: (root / "data/new.ttl").write_text(EMPTY) and None,
    "another file of the graph": lambda root: (root / "shapes/aim.ttl").rename(root / "shapes/goal.ttl") and None,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_release_changes_with_statements_and_graphs(root, change):
    before = release(root)
    change(root)
    assert release(root) != before


@pytest.mark.parametrize("change", NO_CHANGES.values(), ids=NO_CHANGES.keys())
def test_release_is_that_of_the_statements(root, change):
    before = release(root)
    change(root)
    assert release(root) == before


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


def test_release_is_sha256_of_sorted_lines(root):
    """What anybody can compute: `LC_ALL=C sort -u dump.nq | sha256sum`."""
    found = read_repository(root)
    lines = {
        f"{ox.serialize([t], format=ox.RdfFormat.N_TRIPLES).decode()[:-2]}<{file.graph}> .\n".encode()
        for file in found.files
        for t in file.triples
        if not has_blank_nodes([t])
    }
    with CanonicalQuads() as quads:
        for file in found.files:
            quads.add(file.graph, [t for t in file.triples if not has_blank_nodes([t])])
        assert quads.digest() == hashlib.sha256(b"".join(sorted(lines))).hexdigest()


def test_release_ignores_file_order(root):
    found = read_repository(root)
    other = dataclasses.replace(found, files=found.files[::-1], checks=found.checks[::-1])
    assert other.release == found.release


def test_context_is_the_published_one(root):
    assert read_repository(root).context == json.loads((root / CONTEXT_FILE).read_text())["@context"]


# A root with data alone


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A root that has data/ only."""
    return fork_root.build(tmp_path / "bare")


def test_root_with_data_only_uses_packaged_ontology_and_shapes(bare: Path, tmp_path: Path) -> None:
    root = fork_root.build(tmp_path / "root", whole=True)
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
    root = build(tmp_path, {f"data/questions/{name}": text for name in names})
    found = dict(read_repository(root).questions)
    assert [path for path in found if found[path] == text] == [f"data/questions/{name}" for name in names]
    assert "ontology/questions/01-coalitions-by-agenda.rq" not in found
    assert [Path(path).name for path in found] == sorted(Path(path).name for path in found)
