"""JSON-LD contexts named by an address: they are inlined, offline, and positions stay those of the given text."""

import json
from pathlib import Path
from typing import NoReturn

import pyoxigraph as ox
import pytest
from support import fork_root
from support.each import each

from publisher.dataset.files import File, parse_text
from publisher.dataset.identifiers import NOTHING, Published
from publisher.dataset.repository import CONTEXT_FILE, read_repository
from publisher.diagnostic import UnreadableFilesError
from publisher.errors import CannotRunError
from publisher.rdf import jsonld_contexts, parser
from publisher.rdf.namespaces import HOME, SKOS

OURS = HOME + "context.jsonld"
OTHER = "https://other.example/c"


@pytest.fixture(scope="module")
def published(root: Path) -> Published:
    return Published.of(read_repository(root))


def parse(text: str, published: Published) -> File:
    return parse_text(text, "x.jsonld", ox.RdfFormat.JSON_LD, published.context)


def mistake(text: str, published: Published) -> tuple[str, int | None, int | None]:
    with pytest.raises(UnreadableFilesError) as caught:
        parse(text, published)
    [finding] = caught.value.diagnostics
    assert (finding.rule, finding.file) == ("syntax", "x.jsonld")
    return finding.message, finding.line, finding.column


# Where a text names a context

NAMED = {
    "alone": (f'{{"@context": "{OURS}"}}', [OURS]),
    "with escaped slashes": ('{"@context": "https:\\/\\/other.example\\/c"}', [OTHER]),
    "in a list with objects": (
        f'{{"@context" : [{{"a": "{OTHER}"}}, "{OURS}", {{"b": ["x"]}}, "{OTHER}"]}}',
        [OURS, OTHER],
    ),
    "in a node below": (f'{{"p": [{{"@context": "{OURS}", "q": "x"}}, "y"]}}', [OURS]),
    "of one term": (f'{{"@context": {{"p": {{"@id": "urn:p", "@context": "{OURS}"}}}}}}', [OURS]),
    "for a list of values": ('{"@type": ["@context"], "p": ["x", {"@id": "y"}]}', []),
    "in a value": (f'{{"p": "\\"@context\\": \\"{OURS}\\"", "@context": null}}', []),
    "in a text that is cut short": (f'{{"@context": ["{OURS}", {{"a"', [OURS]),
    "in a text of brackets": ("]}]" + f'{{"@context": "{OURS}"', [OURS]),
}


@each(("text", "addresses"), NAMED.values())
def test_context_addresses_are_found(text, addresses):
    found = list(jsonld_contexts.find_addresses(text))
    assert [name.address for name in found] == addresses
    assert all(text[name.start] == text[name.end - 1] == '"' and not name.imported for name in found)


def test_context_imports_are_distinguished():
    [found] = jsonld_contexts.find_addresses(f'{{"@context": {{"@import": "{OURS}", "a": "urn:a"}}}}')
    assert (found.address, found.imported, found.keys) == (OURS, True, {"@import", "a"})


# What is read

DATA = '"id": "urn:r", "prefLabel": "R", "worksOn": "urn:i"'
WAYS = {
    "alone": f'{{"@context": "{OURS}", {DATA}}}',
    "with http": f'{{"@context": "{OURS.replace("https", "http")}", {DATA}}}',
    "escaped": f'{{"@context": "{OURS}", {DATA}}}'.replace("/", "\\/"),
    "in a list": f'{{"@context": [{{"ex": "urn:"}}, "{OURS}"], {DATA.replace("urn:r", "ex:r")}}}',
    "last": f'{{{DATA}, "@context": "{OURS}"}}',
    "by a node": f'{{"@graph": [{{"@context": "{OURS}", {DATA}}}]}}',
}


@pytest.mark.parametrize("text", WAYS.values(), ids=WAYS.keys())
def test_own_context_resolves_from_root(published, text):
    label = f'<{SKOS}prefLabel> "R"@en'
    found = set(map(str, parse(text, published).triples))
    assert found == {f"<urn:r> {label}", f"<urn:r> <{HOME}ontology#worksOn> <urn:i>"}


def test_file_text_is_unchanged(published):
    assert parse(WAYS["alone"], published).text == WAYS["alone"]


def test_fork_resolves_context_at_own_base(tmp_path):
    ours = Published.of(read_repository(fork_root.build(tmp_path, lean=True)))
    assert ours.context(fork_root.BASE + "context.jsonld") == ours.context(OURS)
    assert json.loads(str(ours.context(OURS))) == json.loads(ours.repository.context_text)["@context"]
    assert "\n" not in str(ours.context(OURS))


@each("address", [OTHER, HOME, OURS + "x", "context.jsonld", ""])
def test_similar_address_is_not_the_context(published, address):
    assert published.context(address) is None


def test_unreadable_context_is_unavailable():
    def unreadable() -> NoReturn:
        raise CannotRunError("No.")

    assert Published(NOTHING.names, unreadable, unreadable).context(OURS) is None
    assert NOTHING.context(OURS) is None


# Places

LINES = f"""{{
  "@context": ["{OURS}", {{"ex": "urn:"}}], "p": "é", "q": 1,
  "id": "ex:r",
  "prefLabel": "R"
}}
"""


@each(
    ("old", "new", "line", "column"),
    [
        ('"q": 1', '"q": nope', 2, LINES.splitlines()[1].index('"q": 1') + 7),
        ('{"ex": "urn:"}', "[", 2, None),
        ('"id": "ex:r",', '"id": "ex:r"', 4, 4),
        ('"prefLabel": "R"', '"prefLabel" "R"', 4, 16),
        ("}\n", "", 5, None),
    ],
)
def test_syntax_error_position_is_in_given_text(published, old, new, line, column):
    _, found_line, found_column = mistake(LINES.replace(old, new), published)
    assert found_line == line
    if column is not None:
        assert abs(found_column - column) <= 1


def test_other_context_has_position_and_is_not_fetched(published):
    text = LINES.replace('{"ex": "urn:"}', f'"{OTHER}"')
    message, line, column = mistake(text, published)
    assert f"The remote context {OTHER} is not fetched" in message
    assert (line, column) == (2, text.splitlines()[1].index(OTHER) + 1)


@pytest.mark.parametrize(
    "text", ['{"@import": "A"}', '["A", {"a": "urn:a"}]', '{"p": {"@id": "urn:p", "@context": "A"}}']
)
def test_remote_context_message_names_option(published, text):
    message, line, column = mistake(f'{{"@context":\n{text.replace("A", OTHER)}, "p": 1}}', published)
    assert message.endswith(f"Save it to a file and add --context {OTHER}=FILE.")
    assert (line, column) == (2, text.index('"A"') + 2)


def test_context_named_too_often_is_rejected(published, monkeypatch):
    monkeypatch.setattr(parser, "MAX_EXPANSION", 1_000)
    node = f'{{"@context": "{OURS}", "prefLabel": "R"}}'
    message, line, _ = mistake("[\n" + ",".join([node] * 20) + "]", published)
    assert ("once" in message, line) == (True, 2)


@each("text", ["", "{", '{"@context": "', "[[[[", '"', '{"@context": [', "\ufeff{}", "\0", '{"@context": "\\u"}'])
def test_invalid_json_is_a_finding_or_nothing(published, text):
    edited, edits = jsonld_contexts.inline(text, published.context)
    assert (edited, edits) == (text, [])


@each("number", [0, 1, 2, 3])
def test_offsets_map_to_given_text(number):
    text = ("ab" + f'{{"@context": "{OURS}"}}' * number + "yz").replace("}{", "},{")
    edited, edits = jsonld_contexts.inline(
        text, lambda _: '{"some": "thing longer than an address", "and": "so on", "x": 1}'
    )
    assert len(edits) == number
    assert text[jsonld_contexts.original_offset(edited.index("ab"), edits)] == "a"
    assert text[jsonld_contexts.original_offset(edited.index("yz"), edits)] == "y"
    for edit in edits:
        assert text[edit.start : edit.end] == f'"{OURS}"'
    inside = [place for place in range(len(edited)) if edited.startswith("longer", place)]
    assert [jsonld_contexts.original_offset(place, edits) for place in inside] == [edit.start for edit in edits]


def test_published_context_is_root_file(published, root):
    stated = json.loads((root / CONTEXT_FILE).read_text(encoding="utf-8"))
    assert json.loads(str(published.context(OURS))) == stated["@context"]


# What a text needs of a context


WIDE = {f"term{n}": f"urn:wide:{n}" for n in range(500)} | {
    "@vocab": "urn:v:",
    "w": "urn:wide:",
    "scoped": {"@id": "w:scoped", "@context": {"inner": {"@id": "term7", "@type": "term8"}}},
    "aliased": "term9",
}


def find_wide(address: str) -> str | None:
    return json.dumps(WIDE) if address == OTHER else None


@each(
    ("members", "needed"),
    [
        ('"term3": "x"', {"term3"}),
        ('"te\\u0072m3": "x"', {"term3"}),
        ('"w:other": "x"', {"w"}),
        ('"@type": "term4"', {"term4"}),
        ('"aliased": "x"', {"aliased", "term9"}),
        ('"scoped": {"inner": "x"}', {"scoped", "w", "term7", "term8"}),
        ('"unknown": "x"', set()),
    ],
)
def test_large_context_is_restricted_to_used_terms(members, needed):
    text = f'{{"@context": "{OTHER}", {members}}}'
    restricted = json.loads(str(jsonld_contexts.restrict(text, find_wide)(OTHER)))
    assert set(restricted) == needed | {"@vocab"}
    whole, part = (
        jsonld_contexts.inline(text, find)[0] for find in (find_wide, jsonld_contexts.restrict(text, find_wide))
    )
    triples = [parser.parse(each, "x.jsonld", ox.RdfFormat.JSON_LD, "b").triples for each in (whole, part)]
    assert triples[0] == triples[1] != []


def test_large_context_may_be_named_at_every_node():
    text = "[" + ",".join(f'{{"@context": "{OTHER}", "term{n}": "x"}}' for n in range(50)) + "]"
    edited, edits = jsonld_contexts.inline(text, jsonld_contexts.restrict(text, find_wide))
    assert len(edits) == 50
    assert len(edited) < 50 * 2_000
    assert len(parse_text(text, "x.jsonld", ox.RdfFormat.JSON_LD, find_wide).triples) == 50


# Contexts that import or list others

IMPORTING = {
    "before": f'{{"@import": "{OTHER}", "term1": "urn:own"}}',
    "after": f'{{"term1": "urn:own", "@import": "{OTHER}"}}',
    "in a list": f'[{{"@import": "{OTHER}", "term1": "urn:own"}}, {{"x": "urn:x"}}]',
}


@pytest.mark.parametrize("context", IMPORTING.values(), ids=IMPORTING.keys())
def test_own_terms_override_imported_terms(context):
    text = f'{{"@context": {context}, "term1": "x", "term2": "y"}}'
    file = parse_text(text, "x.jsonld", ox.RdfFormat.JSON_LD, find_wide)
    assert {triple.predicate.value for triple in file.triples} == {"urn:own", "urn:wide:2"}
    columns = [text.index(f'"{term}": "{value}"') + 1 for term, value in (("term1", "x"), ("term2", "y"))]
    assert [file.where(triple, 1)["column"] for triple in file.triples] == columns


def test_import_of_empty_context_keeps_context():
    text = f'{{"@context": {{"@import": "{OTHER}", "a": "urn:a"}}, "a": "x"}}'
    file = parse_text(text, "x.jsonld", ox.RdfFormat.JSON_LD, lambda _: "{}")
    assert [triple.predicate.value for triple in file.triples] == ["urn:a"]


@each("context", [f'"{OTHER}"', f'["{OTHER}"]', f'[{{"b": "urn:b"}}, "{OTHER}"]'])
@each("value", ['[{"a": "urn:a"}, {"c": "urn:c"}]', '{"a": "urn:a"}'])
def test_context_array_is_inlined_in_array(context, value):
    text = f'{{"@context": {context}, "a": "x"}}'
    file = parse_text(text, "x.jsonld", ox.RdfFormat.JSON_LD, lambda _: value)
    assert [triple.predicate.value for triple in file.triples] == ["urn:a"]


@pytest.mark.parametrize("value", ["[]", "null"])
def test_empty_context_in_array_is_dropped(value):
    text = f'{{"@context": ["{OTHER}", {{"a": "urn:a"}}], "a": "x"}}'
    assert len(parse_text(text, "x.jsonld", ox.RdfFormat.JSON_LD, lambda _: value).triples) == 1
