"""References to what is published here: each that leads nowhere is found at its place, with what is meant."""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest
from support import fork_root
from support.asgi_client import OpenApp
from support.each import each

from publisher.dataset import iris
from publisher.dataset.files import File, parse_text
from publisher.dataset.identifiers import NOTHING, RETIRED_FILE, Published
from publisher.dataset.repository import Repository, read_repository
from publisher.diagnostic import Diagnostic, Severity
from publisher.rdf.namespaces import HOME, VOCABULARY
from publisher.validation import validator
from publisher.validation.checks import references
from publisher.validation.context import Context, of_repository, of_shapes

COALITION = f"{HOME}id/coalition/fair-wages-coalition"
HEAD = f"""@prefix coalition: <{HOME}id/coalition/> .
@prefix coal: <{VOCABULARY}> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
"""
RETIRED = f"""@prefix coalition: <{HOME}id/coalition/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

coalition:fair-wages dcterms:isReplacedBy coalition:fair-wage .
coalition:fair-wage dcterms:isReplacedBy coalition:fair-wages-coalition .
coalition:made-up prov:invalidatedAtTime "2026-11-22T10:00:00Z"^^xsd:dateTime ; skos:changeNote "It never was."@en .
coalition:a-loop dcterms:isReplacedBy coalition:a-loop .
"""


@pytest.fixture(scope="module")
def repository(root: Path) -> Repository:
    """The sample, with a retired list of this file's own."""
    found = read_repository(root)
    others = [file for file in found.files if file.path != RETIRED_FILE]
    return dataclasses.replace(found, files=[*others, parse_text(RETIRED, RETIRED_FILE)])


@pytest.fixture(scope="module")
def published(repository: Repository) -> Published:
    return Published.of(repository)


def check(files: list[File], published: Published, additions: list[File]) -> list[Diagnostic]:
    context = Context(files, [], files, files, additions, published=published)
    return list(references.check(context))


def found(
    published: Published, text: str, name: str = "x.ttl", form: ox.RdfFormat = ox.RdfFormat.TURTLE
) -> list[Diagnostic]:
    file = parse_text(text, name, form)
    return check([file], published, [file])


def about(iri: str, property_: str = "schema:about") -> str:
    return f"{HEAD}<urn:report> {property_} <{iri}> ."


# What is meant

MEANT = {
    "a slip": ("id/coalition/fair-wages-coalitoin", COALITION),
    "a slip in an issue": ("id/issue/minimum-wages", f"{HOME}id/issue/minimum-wage"),
    "http": (COALITION.replace("https", "http"), COALITION),
    "a slash at the end": ("id/coalition/fair-wages-coalition/", COALITION),
    "no slash at the end": (HOME.rstrip("/"), HOME),
    "a suffix": ("id/coalition/fair-wages-coalition.html", COALITION),
    "a suffix of data": ("id/coalition/fair-wages-coalition.jsonld", COALITION),
    "a fragment": ("id/coalition/fair-wages-coalition#this", COALITION),
    "a query": ("id/coalition/fair-wages-coalition?format=ttl", COALITION),
    "another kind": ("id/organization/fair-wages-coalition", COALITION),
    "no id": ("coalition/fair-wages-coalition", COALITION),
    "no kind": ("id/fair-wages-coalition", COALITION),
    "neither": ("fair-wages-coalition", COALITION),
    "a plural": ("id/coalitions/fair-wages-coalition", COALITION),
    "capitals": ("id/coalition/Fair-Wages-Coalition", COALITION),
    "underscores": ("id/coalition/fair_wages_coalition", COALITION),
    "percent signs": ("id/coalition/fair%2Dwages-coalition", COALITION),
    "several at once": ("http:doc/coalitions/Fair_Wages_Coalition.html/", COALITION),
    "a document of nothing": ("doc/coalition/fair-wages-coalitoin", COALITION),
    "a term with http": (VOCABULARY.replace("https", "http") + "worksOn", VOCABULARY + "worksOn"),
    "a term with a slash": ("ontology/worksOn", VOCABULARY + "worksOn"),
    "a term of a file": ("ontology.ttl#worksOn", VOCABULARY + "worksOn"),
    "a shape": ("shapes#Coalitoin", f"{HOME}shapes#Coalition"),
    "a part of nothing": ("id/coalition/fair-wages-coalition/membership/nobody-at-all-xyz", COALITION),
    "a part with a slip": ("id/coalition/fair-wages-coalition/account/twiter", f"{COALITION}/account/twitter"),
    "a slip in the whole of a part": (
        "id/coalition/fair-wages-coalitoin/account/twiter",
        f"{COALITION}/account/twitter",
    ),
    "nothing like it": ("id/coalition/zzzzzzzzzz", ""),
    "nothing at all": ("id/", ""),
    "a merged one with a slip": ("id/coalition/fair-wages/", COALITION),
}


def whole(written: str) -> str:
    if written.startswith("http:doc"):
        return HOME.replace("https", "http") + written.removeprefix("http:")
    return written if written.startswith("http") else HOME + written


@each(("written", "meant"), MEANT.values())
@each("part", ["subject", "predicate", "object"])
def test_dangling_reference_has_location_and_suggestion(published, written, meant, part):
    iri = whole(written)
    line = {
        "subject": f'<{iri}> schema:name "x" .',
        "predicate": f'<urn:r> <{iri}> "x" .',
        "object": f"<urn:r> schema:about <{iri}> .",
    }
    [finding] = found(published, HEAD + line[part])
    assert (finding.rule, finding.severity) == ("dangling-reference", Severity.WARNING)
    assert (finding.line, finding.column) == (5, line[part].index(f"<{iri}>") + 1)
    assert finding.end_column == finding.column + len(iri) + 2
    assert finding.proposal == meant
    assert ("Did you mean" in finding.message) is bool(meant)


def test_message_has_label_and_compact_suggestion(published):
    text = f'{HEAD}<urn:r> rdfs:label "Our report" ; schema:about coalition:fair-wages-coalitoin .'
    [finding] = found(published, text)
    assert finding.message == (
        "coalition:fair-wages-coalitoin is not published. Did you mean coalition:fair-wages-coalition?"
    )
    assert (finding.label, finding.path, finding.value) == (
        "Our report",
        "schema:about",
        "coalition:fair-wages-coalitoin",
    )
    assert finding.terms == ("<urn:r>", "<https://schema.org/about>", f"<{HOME}id/coalition/fair-wages-coalitoin>")


def test_every_use_is_a_finding_once_per_subject(published):
    wrong = "coalition:fair-wages-coalitoin"
    lines = [
        f"<urn:a> schema:about {wrong} .",
        f"<urn:b> schema:about {wrong} .",
        f"{wrong} schema:name 1 ; schema:url 2 .",
    ]
    text = HEAD + "\n".join(lines)
    assert [finding.line for finding in found(published, text)] == [5, 6, 7]


@pytest.mark.parametrize(
    ("name", "form", "text"),
    [
        ("x.nt", ox.RdfFormat.N_TRIPLES, "<urn:r> <urn:p> <{}> ."),
        ("x.trig", ox.RdfFormat.TRIG, "<urn:g> {{ <urn:r> <urn:p> <{}> }}"),
        ("x.jsonld", ox.RdfFormat.JSON_LD, '{{"@id": "urn:r", "urn:p": {{"@id": "{}"}}}}'),
    ],
)
def test_other_formats_are_checked(published, name, form, text):
    [finding] = found(published, text.format(COALITION + "s"), name, form)
    assert (finding.file, finding.line, finding.proposal) == (name, 1, COALITION)


def test_json_with_escaped_slashes_is_checked(published):
    text = json.dumps({"@id": "urn:r", "urn:p": {"@id": COALITION + "s"}}).replace("/", "\\/")
    [finding] = found(published, text, "x.jsonld", ox.RdfFormat.JSON_LD)
    assert (finding.focus, finding.proposal) == ("urn:r", COALITION)


# What is right

RIGHT = [
    COALITION,
    HOME,
    f"{HOME}dataset",
    f"{HOME}ontology",
    f"{HOME}ontology/0.1.0",
    f"{HOME}shapes",
    f"{HOME}shapes#Coalition",
    f"{HOME}graph/coalitions",
    f"{HOME}rule/tidy",
    f"{HOME}sparql?query=ASK%20%7B%7D",
    f"{HOME}doc/coalition",
    f"{VOCABULARY}Coalition",
    "https://w3id.org/ma-coalitions-of-others/id/coalition/x",
    "https://w3id.org/other/ma-coalitions/id/coalition/x",
    "https://example.org/",
]


@each("iri", RIGHT)
def test_published_and_foreign_iris_pass(published, iri):
    assert found(published, about(iri)) == []


def test_other_served_addresses_pass(app: OpenApp):
    """Every address with a rule of its own, whatever its variable parts are."""
    paths = [rule.rule.lstrip("/") for rule in app.application.release._pages.url_map.iter_rules()]
    listed = ("id/", "doc/<kind>/", "doc/<path:", "<any(")
    redirects = ("docs/", "graph/", "rule/", "problem/")  # to the list without the slash
    besides = [path for path in paths if not path.startswith(listed) and path not in redirects]
    assert {"", "context.jsonld", "robots.txt"} <= set(besides)
    filled = [path.replace("<version>", "0.1.0").replace("<name>", "x").replace("<path:name>", "x") for path in besides]
    assert [path for path in filled if not iris.SERVED.match(path.replace("<kind>", "coalition"))] == []


def test_published_files_have_no_dangling_references(repository, published):
    files = [file for file in repository.files if file.path != RETIRED_FILE]
    assert check(files, published, []) == []


def test_typed_subject_is_a_new_record(published):
    text = HEAD + "coalition:new-one a coal:Coalition .\n<urn:r> schema:about coalition:new-one ."
    assert found(published, text) == []
    assert len(found(published, text.replace(" a coal:Coalition", " schema:name 1"))) == 2


@pytest.mark.parametrize("name", ["coalition:fair-wages-coalition.html", f"<{HOME}id/club/x>", f"<{HOME}new>"])
def test_iri_outside_address_scheme_is_no_new_record(published, name):
    assert {finding.rule for finding in found(published, HEAD + name + " a coal:Coalition .")} == {"dangling-reference"}


def test_missing_or_unreadable_root_has_no_findings(repository):
    assert found(NOTHING, about(COALITION + "x")) == []
    broken = Published(repository.names, NOTHING._read, NOTHING._context)
    assert found(broken, about(COALITION + "x")) == []
    assert broken.problem == "There is no root folder."


def test_root_is_not_read_for_unrelated_data(published):
    read = []
    lazy = Published(published.names, lambda: read.append(1), lambda: "")  # type: ignore[arg-type, return-value]
    assert found(lazy, "<urn:r> <https://schema.org/about> <https://example.org/id/coalition/x> .") == []
    assert read == []


# Documents


@pytest.mark.parametrize(
    "path",
    [
        "doc/coalition/fair-wages-coalition",
        "doc/coalition/fair-wages-coalition.html",
        "doc/coalition/fair-wages-coalition.ttl",
    ],
)
def test_document_iri_in_place_of_thing_is_a_warning(published, path):
    [finding] = found(published, about(HOME + path))
    assert (finding.rule, finding.severity, finding.proposal) == ("document-reference", Severity.WARNING, COALITION)
    assert found(published, about(HOME + path, "rdfs:seeAlso")) == []


def test_fragment_of_document_suggests_the_part(published):
    part = next(
        iri for iri in sorted(published.iris) if iri.startswith(HOME + "id/coalition/") and "/membership/" in iri
    )
    [finding] = found(published, about(HOME + str(published.names.address(part))))
    assert (finding.rule, finding.proposal) == ("document-reference", part)


def test_statements_about_documents_pass(published):
    document = f"<{HOME}doc/coalition/fair-wages-coalition>"
    assert found(published, f"{HEAD}{document} a <http://xmlns.com/foaf/0.1/Document> .") == []
    assert found(published, f"{HEAD}{document} <http://xmlns.com/foaf/0.1/primaryTopic> <{COALITION}> .") == []
    [finding] = found(published, f'{HEAD}{document} schema:name "x" .')
    assert finding.rule == "document-reference"


# Retired things


def test_merged_thing_finding_names_last_successor(published):
    for name in ("fair-wages", "fair-wage"):
        [finding] = found(published, about(f"{HOME}id/coalition/{name}"))
        assert (finding.rule, finding.severity, finding.proposal) == ("retired-reference", Severity.WARNING, COALITION)
        assert "was merged into coalition:fair-wages-coalition" in finding.message


def test_withdrawn_thing_finding_states_day_and_reason(published):
    [finding] = found(published, about(f"{HOME}id/coalition/made-up"))
    assert finding.message == "coalition:made-up was withdrawn on 2026-11-22: It never was."
    assert (finding.rule, finding.proposal) == ("retired-reference", "")


def test_part_of_retired_thing_is_retired(published):
    [finding] = found(published, about(f"{HOME}id/coalition/fair-wages/membership/x"))
    assert (finding.rule, finding.proposal) == ("retired-reference", COALITION)


def test_retirement_list_may_name_retired_things(repository, published):
    retired = [file for file in repository.files if file.path == RETIRED_FILE]
    wrong = check(retired, published, [])
    assert {finding.value for finding in wrong} == {"coalition:fair-wage", "coalition:a-loop"}


# Whole runs


def test_root_files_and_foreign_files_have_same_findings(tmp_path):
    text = fork_root.COALITION_TEXT.replace("coal:seeks aim:clean-rivers", "coal:seeks aim:clean-river")
    repository = read_repository(
        fork_root.build(tmp_path, {"data/coalitions/green-mountain-water-coalition.ttl": text}, lean=True)
    )
    outside = parse_text(f"<urn:r> <urn:p> <{fork_root.COALITION}s> .", "outside.ttl")
    [ours] = [d for d in validator.validate(of_repository(repository)) if d.rule == "dangling-reference"]
    [theirs] = [d for d in validator.validate(of_repository(repository, [outside])) if d.rule == "dangling-reference"]
    assert (ours.label, ours.proposal) == ("Green Mountain Water Coalition", fork_root.BASE + "id/aim/clean-rivers")
    assert (theirs.file, theirs.proposal, theirs.severity) == ("outside.ttl", fork_root.COALITION, Severity.VIOLATION)


def test_dangling_reference_with_foreign_shapes_is_a_warning(published):
    shapes = parse_text(fork_root.LEAN_SHAPES.replace("minCount 1", "minCount 0"), "s.ttl")
    data = parse_text(about(COALITION + "s"), "d.ttl")
    [finding] = [
        d
        for d in validator.validate(of_shapes([shapes], [data], published=published))
        if d.rule == "dangling-reference"
    ]
    assert (finding.severity, finding.proposal) == (Severity.WARNING, COALITION)


@pytest.mark.slow
def test_thousands_of_dangling_references_are_found(published):
    names = [iri for iri in sorted(published.iris) if "/id/" in iri]
    lines = [f"<urn:{n}> <urn:p> <{names[n % len(names)]}x{n}> ." for n in range(3_000)]
    file = parse_text("\n".join(lines), "x.nt", ox.RdfFormat.N_TRIPLES)
    assert len(check([file], published, [file])) == 3_000


def test_suggestions_stop_after_limit(published, monkeypatch):
    monkeypatch.setattr(references, "GUESSES", 1)
    lines = "\n".join(f"<urn:{n}> <urn:p> <{COALITION}{n}> ." for n in range(3))
    assert [bool(finding.proposal) for finding in found(published, lines)] == [True, False, False]


def test_published_iris_are_those_below_base(tmp_path):
    """A fork cannot know what is published elsewhere."""
    fork = Published.of(read_repository(fork_root.build(tmp_path, lean=True)))
    assert found(fork, about(COALITION + "s")) == []


@pytest.mark.slow
def test_reference_checks_import_no_slow_library():
    code = (
        "import sys, publisher.validation.checks.references, publisher.validation.checks.terms\n"
        "print({'rdflib', 'pyshacl', 'rich', 'flask'} & set(sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "set()\n"


def _files(*texts: str) -> list[File]:
    return [parse_text(text, f"{number}.ttl") for number, text in enumerate(texts)]


def test_imports_of_own_shapes_resolve_to_root_files(published, repository):
    imports = "<urn:s> <http://www.w3.org/2002/07/owl#imports> <{}> ."
    for name, folders in (("shapes", {"shapes"}), ("ontology#", {"ontology"}), ("other", set())):
        files = published.find_imported_files(_files(imports.format(HOME + name)))
        assert {file.path.partition("/")[0] for file in files} == folders
    assert published.find_imported_files(_files("<urn:a> <urn:b> <urn:c> .")) == []
