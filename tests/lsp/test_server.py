"""The language server as an editor meets it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import editor, ponds
from support.optional_packages import extra

TYPO = 'ex:a ex:p "\N{GRINNING FACE}" ; <http://xmlns.com/foaf/0.1/nmae> "A" .\n'
POND = 'ex:a a ex:Pond ; ex:name "A" .\n'
NAMELESS = ponds.HEAD + ponds.NAMELESS.format("a")


@pytest.fixture(scope="module")
def session() -> Iterator[tuple[editor.Editor, dict[str, Any]]]:
    extra("pygls", "lsp")
    with editor.start() as found:
        yield found


@pytest.fixture
def edited(session) -> Iterator[editor.Editor]:
    yield session[0]
    session[0].close_all()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return ponds.build(tmp_path, ponds.CONFIGURED, a=POND, b="ex:b ex:near ex:a .\n") / "data/a.ttl"


def span(line: int, start: int, end: int) -> dict[str, Any]:
    return {"start": {"line": line, "character": start}, "end": {"line": line, "character": end}}


def test_what_the_server_can_do(session):
    found = session[1]
    assert found["positionEncoding"] == "utf-16"
    assert found["textDocumentSync"]["change"] == 1  # The whole text.
    assert found["codeActionProvider"]["codeActionKinds"] == ["quickfix"]


def test_a_finding_has_all_of_its_parts(edited, path):
    edited.open(path, ponds.HEAD + TYPO + POND)
    found = edited.findings()
    assert (found["uri"], found["version"]) == (path.as_uri(), 1)
    [finding] = [each for each in found["diagnostics"] if each["code"] == "unknown-term"]
    message = finding.pop("message")
    assert "foaf:nmae is not defined by its vocabulary. Did you mean foaf:name?" in message
    assert finding == {
        "range": span(1, 17, 49),  # The character before takes two units.
        "severity": 2,
        "code": "unknown-term",
        "codeDescription": {"href": "https://w3id.org/ma-coalitions/rule/unknown-term"},
        "source": "publisher",
    }
    edited.tell("didClose", path)
    assert edited.findings()["diagnostics"] == []


def test_findings_follow_the_newest_text(edited, path):
    edited.open(path, NAMELESS)
    for version in range(2, 6):
        edited.change(path, NAMELESS + "#\n" * version, version)
    edited.change(path, path.read_text(), 6)
    found = [edited.findings()]
    while found[-1]["version"] != 6:  # A slow machine reads them apart.
        found.append(edited.findings())
    versions = [each["version"] for each in found]
    assert versions == sorted(versions)
    assert found[-1]["diagnostics"] == []
    edited.change(path, NAMELESS, 7)
    after = edited.findings()
    assert (after["version"], [each["code"] for each in after["diagnostics"]]) == (7, ["Pond-name"])


def test_saving_one_file_checks_all_open_ones(edited, path):
    other = path.with_name("b.ttl")
    edited.open(path, path.read_text())
    edited.open(other, other.read_text())
    assert {edited.findings()["uri"] for _ in range(2)} == {path.as_uri(), other.as_uri()}
    shapes = path.parents[1] / "shapes/ponds.ttl"
    shapes.write_text(ponds.SHAPES.replace("sh:minCount 1", "sh:minCount 2"))
    edited.tell("didSave", other)
    found = {each["uri"]: len(each["diagnostics"]) for each in (edited.findings(), edited.findings())}
    assert found == {path.as_uri(): 1, other.as_uri(): 0}


def test_other_files_get_no_findings(edited, path):
    edited.open(path.with_name("a.py"), "no Turtle")
    edited.open_uri("untitled:1", "no Turtle")
    edited.open(path, path.read_text())
    assert edited.findings()["uri"] == path.as_uri()


def test_what_prevents_validation_is_on_the_first_line(edited, path):
    (path.parents[1] / "publisher.toml").write_text("shape = []\n")
    edited.open(path, ponds.HEAD)
    [problem] = edited.findings()["diagnostics"]
    assert "Unknown key 'shape'" in problem["message"]
    assert (problem["range"], problem["severity"]) == (span(0, 0, len(ponds.HEAD) - 1), 1)


def test_quick_fixes_of_a_range(edited, path):
    edited.open(path, ponds.HEAD + TYPO + POND)
    edited.findings()
    fix, ignore = edited.fixes(path, span(1, 20, 20), only=["quickfix"])
    assert (fix["title"], fix["kind"], fix["isPreferred"]) == (
        "Replace with http://xmlns.com/foaf/0.1/name",
        "quickfix",
        True,
    )
    assert [each["code"] for each in fix["diagnostics"]] == ["unknown-term"]
    assert fix["edit"]["changes"] == {path.as_uri(): [{"range": span(1, 45, 47), "newText": "am"}]}
    end = len(TYPO)  # One more unit than characters, and a line end.
    added = "  # publisher: ignore unknown-term"
    assert ignore["title"] == "Ignore unknown-term on this line"
    assert ignore["edit"]["changes"] == {path.as_uri(): [{"range": span(1, end, end), "newText": added}]}
    assert edited.fixes(path, span(0, 0, 5)) == []
    assert edited.fixes(path, span(1, 20, 20), only=["source.organizeImports"]) == []
    edited.change(path, ponds.HEAD + "\n" + TYPO + POND, 2)
    assert edited.fixes(path, span(1, 20, 20)) == []  # Its findings are about the text before.


def test_related_places_and_the_encoding_that_the_editor_prefers(path):
    extra("pygls", "lsp")
    with editor.start("utf-8", "utf-16") as (edited, capabilities):
        assert capabilities["positionEncoding"] == "utf-8"
        shapes = path.parents[1] / "shapes/ponds.ttl"
        shapes.write_text(ponds.SHAPES.replace("sh:targetClass ex:Pond", "sh:targetObjectsOf ex:near"))
        other = path.with_name("b.ttl")
        other.write_text(f'{ponds.HEAD}ex:b ex:p "\N{GRINNING FACE}" ; ex:near ex:a .\n', encoding="utf-8")
        edited.open(path, NAMELESS)
        [finding] = edited.findings()["diagnostics"]
        [related] = finding["relatedInformation"]
        assert related["location"] == {"uri": other.as_uri(), "range": span(1, 27, 31)}
        assert related["message"] == "value of ex:near of ex:b"
