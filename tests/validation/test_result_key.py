"""What decides a result: each ingredient is changed in turn, and the result follows it."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from support import fork_root, ponds
from support.files import write_file
from support.git_repository import GitRepository

import publisher
from publisher.validation import result_key, runner
from publisher.validation.inputs import Request
from publisher.validation.result_cache import ResultCache
from publisher.validation.result_key import make_key

CONTEXT = '{"@context": {"name": "https://pond.example/name"%s}}'
DOCUMENT = '{"@context": "https://c.example/", "@id": "https://pond.example/j", "name": "J", "depth": 1}'
PONDS = Request(
    paths=["data"],
    shapes=["shapes"],
    ontologies=["known.ttl"],
    contexts=[("https://c.example/", "context.json")],
    stdin=b"<https://pond.example/s> <https://pond.example/name> 1 .",
)


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder: a repository about ponds, without findings."""
    folder = ponds.build(tmp_path / "work", a='ex:a a ex:Pond ; ex:name "A" .\n')
    write_file(folder, "known.ttl", ponds.HEAD + "ex:Lake a ex:Class .\n")
    write_file(folder, "context.json", CONTEXT % ', "depth": "https://pond.example/depth"')
    write_file(folder, "data/j.jsonld", DOCUMENT)
    monkeypatch.chdir(folder)
    return folder


def find(request: Request, cache: ResultCache | None) -> list[str]:
    return [finding.rule for finding in runner.run(request, lambda *_: None, cache).findings]


def rewrite(name: str, text: str) -> Callable[[Path, Request], Request]:
    def change(folder: Path, request: Request) -> Request:
        write_file(folder, name, text)
        return request

    return change


def having(**fields: object) -> Callable[[Path, Request], Request]:
    return lambda folder, request: replace(request, **fields)


CHANGES = {
    "data": (rewrite("data/a.ttl", ponds.HEAD + ponds.NAMELESS.format("a")), ["Pond-name"]),
    "new file": (rewrite("data/b.ttl", ponds.HEAD + ponds.NAMELESS.format("b")), ["Pond-name"]),
    "unreadable file": (rewrite("data/b.ttl", "no Turtle"), ["syntax"]),
    "shapes": (rewrite("shapes/ponds.ttl", ponds.SHAPES.replace("ex:name ;", "ex:title ;")), ["Pond-name"]),
    "ontology": (
        rewrite(
            "known.ttl",
            ponds.HEAD + "ex:name <http://www.w3.org/2000/01/rdf-schema#subPropertyOf> ex:depth ."
            " ex:x ex:depth 3 .\nex:a ex:depth 1, 2 .\n",
        ),
        ["Pond-depth"],
    ),
    "context": (rewrite("context.json", CONTEXT % ""), ["dropped-statement"]),
    "paths": (having(paths=["data", "-"]), []),
    "suppression": (
        rewrite("data/a.ttl", ponds.HEAD + 'ex:a a ex:Pond ; ex:name "A" . # publisher: ignore Pond-name\n'),
        ["unused-suppression"],
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_an_ingredient_changes_the_result(name, work, tmp_path, monkeypatch):
    cache = ResultCache(tmp_path / "cache")
    change, expected = CHANGES[name]
    assert find(PONDS, cache) == find(PONDS, cache) == []
    before = make_key(PONDS, work)
    changed = change(work, PONDS)
    assert find(changed, cache) == find(changed, None) == expected
    assert make_key(changed, work) not in ("", before)


def test_a_second_run_is_answered_from_the_cache(work, tmp_path, monkeypatch):
    cache = ResultCache(tmp_path / "cache")
    write_file(work, "data/a.ttl", ponds.HEAD + ponds.NAMELESS.format("a"))
    first = runner.run(PONDS, lambda *_: None, cache)
    monkeypatch.setattr(runner, "_check", lambda *_: pytest.fail("validated again"))
    assert runner.run(PONDS, lambda *_: None, cache) == first
    assert runner.run(replace(PONDS, jobs=7), lambda *_: None, cache) == first


@pytest.mark.parametrize(
    "fields",
    [
        {"stdin": b""},
        {"strict": True},
        {"engine": "pyshacl"},
        {"base": "https://b.example/"},
        {"exclude": ["x"]},
        {"ignore": ["Pond-name"]},
        {"select": ["Pond-name"]},
        {"per_file_ignores": [("a", ["Pond-name"])]},
        {"allow_broken_shapes": True},
        {"format_of": [("*.x", 1)]},
        {"since": "HEAD"},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_every_option_that_decides_is_in_the_key(work, fields):
    assert make_key(replace(PONDS, **fields), work) not in ("", make_key(PONDS, work))


def test_what_is_done_with_the_findings_does_not_change_the_key(work):
    changed = replace(PONDS, fail_on=1, baseline="b", write_baseline="w", fail_on_stale=True, jobs=4)
    assert make_key(changed, work) == make_key(PONDS, work) != ""


def test_names_count_as_well_as_bytes(work):
    before = make_key(PONDS, work)
    os.rename("data/a.ttl", "data/c.ttl")
    renamed = make_key(PONDS, work)
    (work / "data/c.ttl").rename(work / "elsewhere.ttl")
    (work / "data/c.ttl").symlink_to(work / "elsewhere.ttl")
    assert len({before, renamed, make_key(PONDS, work)}) == 3


def test_another_working_folder_is_another_key(work, tmp_path):
    assert make_key(PONDS, work) != make_key(PONDS, tmp_path)


@pytest.mark.parametrize("name", ["fifo", "missing.ttl"])
def test_what_cannot_be_read_twice_has_no_key(work, name):
    if name == "fifo":
        os.mkfifo(work / name)
    assert make_key(replace(PONDS, paths=[name]), work) == ""


@pytest.mark.parametrize("call", ["NOW()", "now ( )", "RAND()", "UUID()", "STRUUID()"])
def test_shapes_whose_queries_find_something_else_each_time_have_no_key(work, call):
    assert make_key(PONDS, work)
    write_file(work, "shapes/query.ttl", ponds.HEAD + f'ex:late ex:query "ASK {{ FILTER ({call} > 0) }}" .\n')
    assert not make_key(PONDS, work)


def test_data_under_the_name_of_a_shape_counts(work):
    write_file(work, "data/more.ttl", ponds.HEAD)
    before = make_key(PONDS, work)
    (work / "shapes" / "more.ttl").symlink_to(work / "data" / "more.ttl")
    assert make_key(PONDS, work) != before


def test_open_texts_have_no_key(work):
    assert make_key(replace(PONDS, unsaved={"a": ""}), work) == ""


def test_a_file_that_changes_while_it_is_read_is_not_kept(work, tmp_path):
    cache = ResultCache(tmp_path / "cache")

    def change(phase: str, *_: int) -> None:
        write_file(work, "data/a.ttl", ponds.HEAD + ponds.NAMELESS.format("a"))

    runner.run(PONDS, change, cache)
    assert not (tmp_path / "cache").exists()


# A root


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitRepository:
    """The working folder: a small root in a repository, committed."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    folder = fork_root.build(tmp_path / "root", lean=True)
    monkeypatch.chdir(folder)
    found = GitRepository.init(folder)
    found.commit("One", "2026-11-20")
    return found


def key_of(root: GitRepository, **fields: object) -> str:
    key = make_key(Request(root=str(root.top), **fields), root.top)
    assert key
    return key


def test_the_files_of_a_root_count(root):
    keys = [key_of(root)]
    for name in ("data/x.ttl", "shapes/checks/x.rq", "data/releases/0.1.0/iris.tsv", "ontology/context.jsonld"):
        write_file(root.top, name, "changed")
        keys.append(key_of(root))
    assert len(set(keys)) == len(keys)


def test_the_commits_count_that_a_root_is_compared_with(root):
    keys = [key_of(root)]
    write_file(root.top, "data/x.ttl", "")
    root.commit("Two", "2026-11-21")
    keys.append(key_of(root))
    root.commit("Three", "2026-11-21")
    assert key_of(root) == keys[-1]
    root.commit("Four", "2026-11-22")
    keys.append(key_of(root))
    root.run("tag", "v1", "HEAD~3")
    keys.append(key_of(root))
    assert len(set(keys)) == len(keys)


def test_a_published_iri_that_goes_is_found_after_a_cached_run(root, tmp_path):
    cache, request = ResultCache(tmp_path / "cache"), Request(root=str(root.top))
    write_file(root.top, fork_root.MAPLE_FILE, fork_root.MAPLE)
    assert "missing-iri" not in find(request, cache)
    root.commit("Publish", "2026-11-21")
    (root.top / fork_root.MAPLE_FILE).unlink()
    assert "missing-iri" in find(request, cache)


def test_the_reference_date_counts(root, monkeypatch):
    days = [key_of(root, as_of=date(2026, 11, day)) for day in (20, 21)]
    assert len(set(days)) == 2
    write_file(root.top, "data/x.ttl", "")

    class Tomorrow(date):
        @classmethod
        def today(cls) -> date:
            return date(2030, 1, 1)

    before = key_of(root)
    monkeypatch.setattr(result_key, "date", Tomorrow)
    assert key_of(root) != before


# The software


@pytest.fixture
def describe(monkeypatch: pytest.MonkeyPatch):
    """The description of the software, made anew."""
    yield lambda: (result_key.describe_software.cache_clear(), result_key.describe_software())[1]
    result_key.describe_software.cache_clear()


def test_the_files_of_the_software_count(describe, monkeypatch, tmp_path):
    monkeypatch.setattr(publisher, "__file__", str(tmp_path / "__init__.py"))
    found = [describe()]
    for name, text in (("a.py", "x = 1"), ("a.py", "x = 10"), ("a/b.py", "")):
        write_file(tmp_path, name, text)
        found.append(describe())
    write_file(tmp_path, "__pycache__/a.pyc", "")
    assert describe() == found[-1]
    assert len(set(found)) == len(found)


def test_the_versions_of_engines_and_libraries_count(describe, monkeypatch, tmp_path):
    before = describe()
    assert any(name.startswith("pyoxigraph-") for name in before)
    (tmp_path / "shacl-99.0.dist-info").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    assert set(describe()) - set(before) == {"shacl-99.0.dist-info"}
