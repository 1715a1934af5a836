"""What the language server finds in an open document, and the changes that it proposes."""

import os
from pathlib import Path

import pytest
from support import fork_root, ponds
from support.files import write_file

from publisher.cli.lsp import prepare_request
from publisher.dataset import files
from publisher.dataset.files import ParsedFiles
from publisher.lsp.documents import check, find_proposals

PARSE = files.parse_text
TYPO = 'ex:a ex:p 1 ; <http://xmlns.com/foaf/0.1/nmae> "A" .'


def look_at(path: Path, text: str, **others: str):
    """The result for a text of a file, with texts of its neighbours by their stems."""
    neighbours = {os.path.realpath(path.with_name(f"{stem}.ttl")): other for stem, other in others.items()}
    return check(path, prepare_request, {os.path.realpath(path): text} | neighbours)


def places(checked) -> list[tuple[str, int | None]]:
    return [(finding.rule, finding.line) for finding in checked.findings]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return ponds.build(tmp_path, ponds.CONFIGURED, a='ex:a a ex:Pond ; ex:name "A" .\n', b="ex:b ex:near ex:a .\n")


def test_the_open_text_counts_and_not_the_stored_one(repository):
    path = repository / "data/a.ttl"
    assert places(look_at(path, path.read_text())) == []
    assert places(look_at(path, ponds.HEAD + "\n" + ponds.NAMELESS.format("a"))) == [("Pond-name", 3)]
    assert look_at(path, ponds.HEAD + ponds.NAMELESS.format("a")).rules["Pond-name"].name == "Pond-name"


def test_findings_of_other_files_are_left_out_and_their_open_texts_count(repository):
    path = repository / "data/b.ttl"
    nameless = ponds.HEAD + ponds.NAMELESS.format("a")
    assert places(look_at(path, path.read_text(), a=nameless)) == []
    checked = look_at(path, path.read_text(), a="no Turtle")
    assert (places(checked), checked.problems) == (
        [],
        ["data/a.ttl cannot be read, so not everything was checked."],
    )


def test_open_shapes_are_checked_with_the_data(repository):
    path = repository / "shapes/ponds.ttl"
    assert places(look_at(path, path.read_text() + "ex:Broken a sh:NodeShape ; sh:minCount 1 .\n")) != []


def test_comments_and_the_configuration_suppress_findings(repository):
    path = repository / "data/a.ttl"
    nameless = ponds.NAMELESS.format("a").rstrip()
    assert places(look_at(path, f"{ponds.HEAD}{nameless} # publisher: ignore Pond-name\n")) == []
    write_file(repository, "publisher.toml", ponds.CONFIGURED + 'ignore = ["Pond-name"]\n')
    assert places(look_at(path, ponds.HEAD + nameless)) == []


@pytest.mark.parametrize("name", ["a.txt", "a.py", "a.ttl.gz", "missing.ttl", "out/a.ttl"])
def test_other_files_are_ignored(repository, name):
    write_file(repository, "publisher.toml", ponds.CONFIGURED + 'exclude = ["out"]\n')
    if name != "missing.ttl":
        write_file(repository, name, "")
    assert look_at(repository / name, "no Turtle") is None


def test_a_mistake_in_the_configuration_is_a_problem(repository):
    write_file(repository, "publisher.toml", "shape = []\n")
    checked = look_at(repository / "data/a.ttl", ponds.HEAD)
    assert checked.findings == ()
    assert "Unknown key 'shape'" in checked.problems[0]


def test_a_file_of_a_root_counts_instead_of_the_stored_one(tmp_path):
    root = fork_root.build(tmp_path / "root", lean=True)
    path = root / "data/coalitions/green-mountain-water-coalition.ttl"
    assert places(look_at(path, fork_root.COALITION_TEXT)) == []
    checked = look_at(path, fork_root.COALITION_TEXT.replace("issue:water", "issue:watre"))
    assert checked.findings
    new = [each.text for each in find_proposals(checked, checked.findings) if each.certain]
    assert new == [fork_root.COALITION_TEXT]


def test_a_syntax_error_has_no_proposals(repository):
    checked = look_at(repository / "data/a.ttl", ponds.HEAD + "ex:a ex:b\n")
    assert [rule for rule, _ in places(checked)] == ["syntax"]
    assert list(find_proposals(checked, checked.findings)) == []


def test_proposals_fix_or_ignore_one_finding(repository):
    text = f"{ponds.HEAD}{TYPO}\n"
    checked = look_at(repository / "data/a.ttl", text)
    assert places(checked) == [("unknown-term", 2)]
    assert [(each.title, each.text, each.certain) for each in find_proposals(checked, checked.findings)] == [
        ("Replace with http://xmlns.com/foaf/0.1/name", text.replace("nmae", "name"), True),
        ("Ignore unknown-term on this line", f"{ponds.HEAD}{TYPO}  # publisher: ignore unknown-term\n", False),
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x.jsonld", '{"@id": "urn:a", "http://xmlns.com/foaf/0.1/nmae": 1}\n'),
        (
            "x.rdf",
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:f="http://xmlns.com/foaf/0.1/">'
            '<rdf:Description rdf:about="urn:a"><f:nmae>A</f:nmae></rdf:Description></rdf:RDF>\n',
        ),
    ],
)
def test_other_formats_are_fixed_but_have_no_comments(repository, name, text):
    path = write_file(repository, f"data/{name}", "")
    checked = look_at(path, text)
    assert [each.text for each in find_proposals(checked, checked.findings)] == [text.replace("nmae", "name")]


@pytest.mark.parametrize(
    ("line", "ignored"),
    [
        (f"  {TYPO} # A note.", f"  # publisher: ignore unknown-term\n  {TYPO} # A note."),
        (f'{TYPO} ex:b ex:c """\n""" .', f'# publisher: ignore unknown-term\n{TYPO} ex:b ex:c """\n""" .'),
        (f'ex:b ex:c """\n""" . {TYPO}', f'ex:b ex:c """\n""" . {TYPO}  # publisher: ignore unknown-term'),
        (f'ex:b ex:c """\n""" . {TYPO} ex:b ex:c """\n""" .', None),
    ],
)
def test_where_a_comment_goes(repository, line, ignored):
    path = repository / "data/a.ttl"
    checked = look_at(path, f"{ponds.HEAD}{line}\n")
    found = [each.text for each in find_proposals(checked, checked.findings) if not each.certain]
    assert found == ([] if ignored is None else [f"{ponds.HEAD}{ignored}\n"])
    assert all(places(look_at(path, text)) == [] for text in found)


def test_one_comment_is_offered_for_a_rule_on_a_line(repository):
    checked = look_at(repository / "data/a.ttl", f"{ponds.HEAD}ex:a a ex:Pond . ex:b a ex:Pond .\n")
    assert places(checked) == [("Pond-name", 2)] * 2
    assert [each.title for each in find_proposals(checked, checked.findings)] == ["Ignore Pond-name on this line"]


def test_a_comment_keeps_the_line_ends(repository):
    text = f"{ponds.HEAD}{TYPO} # A note.\n".replace("\n", "\r\n")
    checked = look_at(repository / "data/a.ttl", text)
    [ignored] = [each.text for each in find_proposals(checked, checked.findings) if not each.certain]
    assert ignored == text.replace("ex:a ex:p", "# publisher: ignore unknown-term\r\nex:a ex:p")


def test_only_files_that_changed_are_parsed_again(tmp_path, monkeypatch):
    root = fork_root.build(tmp_path / "root", lean=True)
    path = root / "data/coalitions/green-mountain-water-coalition.ttl"
    real, parsed = os.path.realpath(path), ParsedFiles()
    wrong = fork_root.COALITION_TEXT.replace("issue:water", "issue:watre")
    first = check(path, prepare_request, {real: wrong}, parsed)
    names: list[str] = []
    monkeypatch.setattr(
        files, "parse_text", lambda text, name, *rest, **more: names.append(name) or PARSE(text, name, *rest, **more)
    )
    assert places(check(path, prepare_request, {real: fork_root.COALITION_TEXT}, parsed)) == []
    assert set(names) == {"data/coalitions/green-mountain-water-coalition.ttl"}
    again = check(path, prepare_request, {real: wrong}, parsed)
    assert (again.findings, len(names)) == (first.findings, 1)
    (root / "data/issues.ttl").write_text(fork_root.FILES["data/issues.ttl"].replace("issue:water", "issue:watre"))
    assert places(check(path, prepare_request, {real: wrong}, parsed)) != places(first)
