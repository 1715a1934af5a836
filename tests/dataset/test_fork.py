"""Another state's coalitions, with this repository's vocabulary, shapes and software, under a base of their own."""

import html
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit

import pyoxigraph as ox
import pytest
from click.testing import CliRunner, Result
from support import fork_root, new_state, sample_root
from support.asgi_client import LOOP, Client, close, open_app
from support.tiers import EVERYTHING

from publisher import formats
from publisher.cli.main import main
from publisher.dataset import formatting
from publisher.dataset.files import read_file
from publisher.dataset.repository import Repository, example_files, read_repository
from publisher.diagnostic import Diagnostic, Severity
from publisher.rdf import serializer
from publisher.rdf.namespaces import DCTERMS, OWL, RDF, VOCABULARY
from publisher.release.catalogue import Catalogue
from publisher.release.resources import Description, Resources
from publisher.release.store import Store, open_store
from publisher.reports.output_formats import RENDERERS
from publisher.settings import Settings
from publisher.sparql.engine import Query
from publisher.validation import validator
from publisher.validation.context import of_repository

OURS = "https://w3id.org/ma-coalitions/"
SHARED = ("ontology", "shapes")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fork_root.build(tmp_path_factory.mktemp("vermont"), examples=True)


@pytest.fixture(scope="module")
def repository(root: Path) -> Repository:
    return read_repository(root)


@pytest.fixture(scope="module")
def findings(repository: Repository) -> list[Diagnostic]:
    return validator.validate(of_repository(repository))


@pytest.fixture(scope="module")
def opened(root: Path, store_dir: Path) -> Iterator[Store]:
    store = open_store(Settings(root=str(root), store_dir=str(store_dir), query_workers=1))
    store.engine.run_in(LOOP)
    yield store
    close(store)


@pytest.fixture(scope="module")
def description(opened: Store) -> Description:
    return Resources(opened, 100).describe(fork_root.COALITION)


def test_fork_has_own_base_and_shared_vocabulary(repository):
    assert repository.names.base == fork_root.BASE
    assert repository.names.prefixes["coalition"] == fork_root.BASE + "id/coalition/"
    assert repository.names.prefixes["coal"] == VOCABULARY == OURS + "ontology#"


def test_fork_has_own_release(repository):
    assert repository.release != read_repository(sample_root.CHECKOUT).release


def test_fork_data_has_no_findings(findings):
    assert [finding for finding in findings if finding.file.startswith("data/")] == []


def test_shared_files_in_fork_have_no_findings(findings):
    assert [finding for finding in findings if finding.rule != "tidy"] == []


@pytest.mark.parametrize("folder", ["data", "ontology", "shapes"])
def test_shared_files_in_fork_are_canonical(repository, folder):
    files = [file for file in repository.files if file.path.startswith(folder + "/")]
    assert files
    assert [file.path for file in files if formatting.check(file, repository.names)] == []


def test_shape_examples_in_fork_are_canonical(root, repository):
    files = [read_file(path, path.relative_to(root).as_posix()) for path in example_files(root)]
    assert files
    assert [file.path for file in files if formatting.check(file, repository.names)] == []


@pytest.mark.parametrize("words", [["validate"], ["tidy", "--check"]], ids=" ".join)
def test_commands_accept_fork(root, words):
    result = CliRunner().invoke(main, [*words, "--root", str(root)])
    assert result.exit_code == 0, result.stderr


@pytest.mark.parametrize(
    ("path", "old", "new", "rule"),
    [
        ("data/aims.ttl", "aim:clean-rivers\n", "<https://example.org/elsewhere/id/aim/x>\n", "outside-base"),
        ("data/aims.ttl", "aim:clean-rivers\n", f"<{OURS}id/aim/clean-rivers>\n", "outside-base"),
        ("data/coalitions/green-mountain-water-coalition.ttl", "aim:clean-rivers", "aim:nowhere", "dangling-reference"),
        ("data/organizations.ttl", "organization:river-watch\n", f"<{OURS}id/organization/x>\n", "outside-base"),
    ],
)
def test_checks_use_base_of_fork(tmp_path, path, old, new, rule):
    text = fork_root.FILES[path].replace(old, new)
    found = validator.validate(of_repository(read_repository(fork_root.build(tmp_path, {path: text})), tidy=False))
    assert rule in {f.rule for f in found if f.file == path and f.severity is Severity.VIOLATION}


def test_fork_description_has_own_addresses(description):
    subjects = {triple.subject.value for triple in [*description.own, *description.about]}
    assert subjects == {
        fork_root.COALITION,
        fork_root.COALITION + "/account/twitter",
        fork_root.BASE + "doc/coalition/green-mountain-water-coalition",
    }
    assert description.document == fork_root.BASE + "doc/coalition/green-mountain-water-coalition"


def test_fork_description_uses_shared_vocabulary(description):
    classes = {t.object.value for t in description.own if t.predicate.value == RDF + "type"}
    predicates = {triple.predicate.value for triple in description.own}
    assert VOCABULARY + "Coalition" in classes
    assert {VOCABULARY + name for name in ("advances", "seeks", "worksOn", "acronym")} <= predicates


@pytest.mark.parametrize("chosen", formats.GRAPHS, ids=lambda chosen: chosen.name)
def test_fork_serves_no_foreign_address_but_vocabulary(repository, description, chosen):
    names = repository.names
    body = serializer.write_graph(description.triples, chosen, names.prefixes, repository.context, description.thing)
    read = [quad.triple for quad in ox.parse(BytesIO(body), format=ox.RdfFormat.from_media_type(chosen.media_type))]
    assert set(read) == set(description.triples)
    assert fork_root.COALITION.encode() in body or b"coalition:green-mountain-water-coalition" in body
    assert OURS not in body.decode().replace(VOCABULARY, "")


def test_fork_things_are_described(opened):
    resources = Resources(opened, 100)
    assert len(resources.things()) == 8
    assert all(thing.startswith(fork_root.BASE) for thing in resources.things())
    assert all(resources.describe(thing).own for thing in resources.things())
    assert resources.instances(VOCABULARY + "Coalition") == [(fork_root.COALITION, "Green Mountain Water Coalition")]


def test_fork_endpoint_has_own_graphs(opened):
    query = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"
    with opened.engine.ask(Query(query, formats.RESULTS_CSV.media_type, None)).body as body:
        graphs = body.read().decode().split()[1:]
    families = ["agendas", "aims", "coalitions", "dataset", "issues", "organizations", "sources"]
    shared = [*SHARED, "graph/catalogue", "graph/derived", "graph/examples", "graph/roles", "graph/vocabularies"]
    expected = [*shared, *(f"graph/{family}" for family in families)]
    assert sorted(graphs) == sorted(fork_root.BASE + path for path in expected)


def test_fork_dataset_is_described(opened):
    catalogue = Catalogue(Resources(opened, 100))
    said = {(t.subject.value, t.predicate.value) for t in catalogue.dataset}
    assert (fork_root.BASE + "dataset", DCTERMS + "title") in said
    assert catalogue.title == "Vermont Coalitions"
    assert catalogue.description == "Made-up coalitions of Vermont."


def test_fork_knows_vocabulary_version(opened, repository):
    [stated] = [
        triple.object.value
        for file in repository.files
        for triple in file.triples
        if triple.predicate.value == OWL + "versionInfo" and triple.subject.value == VOCABULARY.removesuffix("#")
    ]
    assert Catalogue(Resources(opened, 100)).version == stated


def test_fork_has_rule_pages_with_examples(opened):
    app = open_app(Settings(), opened)
    page = app.test_client().get("/rule/Agenda-notation-form").text
    assert f'<link rel="canonical" href="{fork_root.BASE}rule/Agenda-notation-form">' in page
    assert "shapes/examples/Agenda/invalid/Agenda-notation-form.ttl" in page
    assert f'<a href="{VOCABULARY}Agenda" rel="external">agenda</a>' in page


# A data set that `publisher new` began: data/ alone, under another license

NOT_OURS = re.compile(
    r"massachusetts|\bcc0|publicdomain/zero|contributors|coalitions seek and takes no side|malegislature", re.IGNORECASE
)
"""What names this repository's own data set: its state, license, maker and abstract."""
OF_THE_VOCABULARY = re.compile(
    r"https?://creativecommons\.org/publicdomain/zero/1\.0/|organization:ma-coalitions-contributors"
    r"|https://w3id\.org/ma-coalitions/id/organization/ma-coalitions-contributors"
)
"""License and maker of the vocabulary and the shapes, which their own documents state as these are reused."""
VOCABULARY_PATHS = ("/ontology", "/shapes", "/download/cascadia.")


def run(*words: str) -> Result:
    result = CliRunner().invoke(main, words)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The skeleton, as it was written."""
    folder = tmp_path_factory.mktemp("new") / "cascadia"
    words = ["--title", new_state.TITLE, "--base", new_state.BASE, "--licence", "CC-BY-4.0"]
    assert run("new", str(folder), *words).exit_code == 0
    return folder


@pytest.fixture(scope="module")
def state(begun: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The made-up state, written over the skeleton."""
    folder = tmp_path_factory.mktemp("state") / "cascadia"
    shutil.copytree(begun, folder)
    new_state.fill(folder)
    assert run("tidy", "--root", str(folder)).exit_code == 0
    return folder


@pytest.fixture(scope="module")
def served(state: Path, store_dir: Path) -> Iterator[Client]:
    settings = Settings(root=str(state), store_dir=str(store_dir), query_workers=1)
    store = open_store(settings)
    yield open_app(settings, store).test_client()
    close(store)


@pytest.fixture(scope="module")
def bodies(served: Client) -> dict[str, str]:
    """The pages that a visitor reaches from the home page, and every other form of them, by address.

    In the fast tier a few of those that are alike: rules, terms, problems.
    """
    found: dict[str, str] = {}
    alike: Counter[str] = Counter()
    pending = ["/", "/sitemap.xml", "/robots.txt", "/context.jsonld", "/sparql/completions.json", "/nothing"]
    pending += [f"/sparql?{urlencode({'query': query})}" for query in ("ASK {}", "SELECT * { ?s a ?c }", "SELECT")]
    pending += ["/rule/Coalition", "/problem/not-found", "/sparql"]
    always = set(pending)
    while pending:
        address = pending.pop()
        kind = re.sub(r"[^/.?]+(?=[.?]|$)", "", address, count=1)
        if (
            address in found
            or address.startswith("/static/")
            or (alike[kind] >= 3 and address not in always and not EVERYTHING)
        ):
            continue
        alike[kind] += 1
        response = served.get(address, headers={"Accept": "text/html"}, follow_redirects=True)
        found[address] = response.data.decode(errors="replace")  # Some downloads are compressed.
        if response.mimetype != "text/html":
            continue
        found[address] = html.unescape(response.text)
        links = re.findall(r'(?:href|formaction)="([^"#]*)', response.text)
        near = (urlsplit(urljoin(f"http://localhost{address}", html.unescape(link))) for link in links)
        pending += [
            f"{link.path}?{link.query}".rstrip("?")
            for link in near
            if link.netloc == "localhost" and not (link.path.startswith("/sparql") and link.query)
        ]
    return found


def test_skeleton_has_no_findings(begun):
    report = run("validate", "--root", str(begun))
    assert report.exit_code == 0
    assert report.stdout.splitlines()[-1] == "No findings."
    assert run("tidy", "--check", "--root", str(begun)).exit_code == 0


def test_state_takes_under_sixty_lines_over_skeleton(begun, state):
    written = Counter(new_state.lines(state)) - Counter(new_state.lines(begun))
    assert 20 < written.total() < 60
    coalitions = [line for line in new_state.lines(state) if line.strip() == "a coal:Coalition ;"]
    assert len(coalitions) == 3


def test_state_has_no_violations_or_warnings(state):
    report = run("validate", "--root", str(state))
    assert report.exit_code == 0
    assert re.search(r"^2 infos\.", report.stdout, re.MULTILINE)


def test_state_pages_show_title_license_and_abstract(bodies):
    pages = [body for body in bodies.values() if body.startswith("<!DOCTYPE html>")]
    assert len(pages) > (100 if EVERYTHING else 20)
    for page in pages:
        assert '<a class="site" href="' in page
        assert new_state.TITLE in page
        assert (
            '<a href="https://creativecommons.org/licenses/by/4.0/" rel="license external">CC BY 4.0</a>. '
            "Reports what coalitions seek and does not judge it." in page
        )


@pytest.mark.parametrize("path", ["/doc/coalition/fair-pay.html", "/doc/coalition/union-alliance.html"])
def test_state_coalition_is_called_coalition(bodies, path):
    page = bodies[path.removesuffix(".html")]
    assert re.search(r'<p class="kind"><a [^>]*>coalition', page)
    assert "Permanent URI of this coalition" in page


def test_state_citation_names_maker(bodies):
    [page] = [body for address, body in bodies.items() if address.startswith("/sparql?query=SELECT+%2A")]
    assert "Cascadia Data Collective" in page


def test_state_responses_do_not_name_massachusetts(bodies):
    assert {f"/doc/coalition/fair-pay{suffix}" for suffix in ("", ".ttl", ".jsonld", ".nt", ".rdf")} <= bodies.keys()
    assert "/rule/Coalition" in bodies
    assert "/problem/not-found" in bodies
    named = {}
    for address, body in bodies.items():
        if address.startswith("/docs"):  # Guides to the software have examples of this repository.
            continue
        stated = OF_THE_VOCABULARY.sub("", body) if address.startswith(VOCABULARY_PATHS) else body
        if found := set(NOT_OURS.findall(stated)):
            named[address] = found
    assert named == {}


def test_state_reports_do_not_name_massachusetts(state, tmp_path):
    broken = tmp_path / "cascadia"
    shutil.copytree(state, broken)
    file = broken / "data" / "coalitions.ttl"
    file.write_text(file.read_text().replace("    skos:prefLabel", "    skos:prefLable"))
    outputs = {name: tmp_path / name for name in RENDERERS if name != "text"}
    words = [word for name, path in outputs.items() for word in ("--output", f"{name}={path}")]
    assert run("validate", "--root", str(broken), *words).exit_code == 1
    for path in outputs.values():
        report = path.read_text(encoding="utf-8")
        assert "Fair Pay" in report or "fair-pay" in report, path
        assert NOT_OURS.findall(report) == [], path


def test_state_example_questions_are_answered(served, bodies):
    addresses = re.findall(r'<li id="question-[^"]+"><a href="(ask/[^"]+)"', bodies["/sparql"])
    assert len(addresses) > 40
    for address in addresses if EVERYTHING else addresses[::8]:
        response = served.get(f"/{address}", headers={"Accept": "text/html"})
        assert response.status_code == 200, address
