"""Revisions: a working tree at another revision, and the files of a root that have changed since earlier commits."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from support.git_repository import GitRepository

from publisher.dataset import revisions
from publisher.dataset.history import History
from publisher.dataset.revisions import read_history
from publisher.errors import CannotRunError


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitRepository:
    """A repository with one commit, which is the working folder too; nothing above it is a repository."""
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    found = GitRepository.init(tmp_path / "work")
    found.write("deep/a.ttl", "then")
    (found.top / "link.ttl").symlink_to("deep/a.ttl")
    (found.top / "leads-out").symlink_to("/etc")
    found.commit("One", "2026-11-20")
    return found


# The whole working tree


def test_revision_has_earlier_files(work: GitRepository, tmp_path: Path, monkeypatch) -> None:
    work.write("deep/a.ttl", "now")
    work.write("new.ttl", "now")
    monkeypatch.chdir("deep")
    with revisions.check_out("main") as earlier:
        assert earlier.path(Path("a.ttl")).read_text() == "then"
        assert earlier.path(work.top / "link.ttl").read_text() == "then"
        assert not earlier.path(work.top / "new.ttl").exists()
        assert not (earlier.folder / "leads-out").exists()
        assert earlier.path(tmp_path / "elsewhere.ttl") == tmp_path / "elsewhere.ttl"
    assert not earlier.folder.exists()
    assert work.run("status", "--porcelain").split() == ["M", "deep/a.ttl", "??", "new.ttl"]


@pytest.mark.parametrize("revision", ["nowhere", "--output=x", "", "HEAD:deep", "main..main"])
def test_unknown_revision_is_an_error(work: GitRepository, revision: str) -> None:
    with pytest.raises(CannotRunError, match="is not a revision of this repository"), revisions.check_out(revision):
        pass
    assert not Path("x").exists()


def test_no_revisions_outside_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(CannotRunError, match="not a git repository"), revisions.check_out("main"):
        pass


def test_no_revisions_without_git(work: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(CannotRunError, match="git is not installed"), revisions.check_out("main"):
        pass


# The published files of a root


@pytest.fixture
def root(work: GitRepository) -> Path:
    """A root in a folder of the repository, in its second commit."""
    for path in ("ontology/context.jsonld", "ontology/questions/q.rq", "shapes/examples/x.ttl", "data/notes.txt"):
        work.write(f"graph/{path}", path)
    work.write("graph/data/a.ttl", "a")
    work.write("graph/data/b.ttl", "b \N{BUS}")
    work.commit("Two", "2026-11-21")
    return work.top / "graph"


def test_uncommitted_changes_compare_with_last_commit(work: GitRepository, root: Path) -> None:
    (root / "data" / "a.ttl").write_text("changed")
    (root / "data" / "b.ttl").unlink()
    (root / "data" / "new.ttl").write_text("new")
    (past,) = read_history(root).states
    assert (past.name, past.texts) == ("the last commit", {"data/a.ttl": "a", "data/b.ttl": "b \N{BUS}"})
    assert past.paths == {"data/a.ttl", "data/b.ttl", "ontology/context.jsonld", "ontology/questions/q.rq"}
    assert read_history(root).day is None


def test_file_removed_from_index_only_is_unchanged(work: GitRepository, root: Path) -> None:
    work.run("rm", "--cached", "-q", "graph/data/a.ttl")
    assert read_history(root).states[0].texts == {}


def test_committed_state_compares_with_commit_before_change(work: GitRepository, root: Path) -> None:
    before = work.run("rev-parse", "HEAD")
    (root / "data" / "a.ttl").unlink()
    work.commit("Three", "2026-11-22")
    work.write("graph/elsewhere.txt", "x")
    work.commit("Four", "2026-11-23")
    work.write("graph/elsewhere.txt", "y")
    history = read_history(root)
    assert [(past.name, past.texts) for past in history.states] == [(f"commit {before[:7]}", {"data/a.ttl": "a"})]
    assert history.day == date(2026, 11, 23)


def test_merge_compares_with_target_branch(work: GitRepository, root: Path) -> None:
    work.run("switch", "-q", "-c", "side")
    (root / "data" / "a.ttl").unlink()
    work.commit("Side", "2026-11-22")
    work.run("switch", "-q", "main")
    work.run("merge", "-q", "--no-ff", "-m", "Merge", "side")
    assert read_history(root).states[0].texts == {"data/a.ttl": "a"}


def test_latest_tag_is_compared(work: GitRepository, root: Path) -> None:
    work.run("tag", "v1")
    (root / "data" / "a.ttl").unlink()
    work.commit("Three")
    (root / "data" / "b.ttl").write_text("changed")
    work.commit("Four")
    last, tag = read_history(root).states
    assert (tag.name, set(tag.texts)) == ("tag v1", {"data/a.ttl", "data/b.ttl"})
    assert set(last.texts) == {"data/b.ttl"}


def test_requested_revision_is_compared(work: GitRepository, root: Path) -> None:
    work.run("branch", "other")
    (root / "data" / "a.ttl").unlink()
    work.commit("Three")
    work.commit("Four")
    assert read_history(root, "other").states[0].name == "other"


def test_first_commit_of_root_has_no_predecessor(work: GitRepository, root: Path) -> None:
    history = read_history(root)
    assert [past.texts for past in history.states] == [{}]
    assert history.missing == ""


def test_initial_commit_has_no_predecessor(tmp_path: Path) -> None:
    first = GitRepository.init(tmp_path)
    first.write("data/a.ttl", "a")
    first.commit()
    assert read_history(tmp_path) == History(day=date(2026, 11, 23))


def test_shallow_clone_has_no_history(work: GitRepository, root: Path, tmp_path: Path) -> None:
    work.run("clone", "-q", "--depth", "1", f"file://{work.top}", str(tmp_path / "shallow"))
    history = read_history(tmp_path / "shallow" / "graph")
    assert history.missing == "The clone is shallow; fetch the history (fetch-depth: 0)."
    assert (history.states, history.day) == ((), date(2026, 11, 21))


def test_shallow_clone_compares_uncommitted_changes(work: GitRepository, root: Path, tmp_path: Path) -> None:
    work.run("clone", "-q", "--depth", "1", f"file://{work.top}", str(tmp_path / "shallow"))
    (tmp_path / "shallow" / "graph" / "data" / "a.ttl").unlink()
    history = read_history(tmp_path / "shallow" / "graph")
    assert [past.texts for past in history.states] == [{"data/a.ttl": "a"}]


def test_folder_outside_repository_has_no_history(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert read_history(tmp_path).missing == "The root is not in a git repository."


def test_repository_without_commits_has_no_history(tmp_path: Path) -> None:
    GitRepository.init(tmp_path)
    assert read_history(tmp_path).missing == "Nothing is committed yet."


def test_uncommitted_root_has_no_history(work: GitRepository) -> None:
    work.write(".gitignore", "ignored")
    work.write("ignored/data/a.ttl", "a")
    work.commit()
    history = read_history(work.top / "ignored")
    assert (history.missing, history.day) == ("The root is not in the last commit.", None)


def test_no_history_without_git(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert read_history(root).missing == "git is not installed; it is needed to read earlier revisions."


# The bases


@pytest.mark.slow
def test_the_day_is_that_of_the_last_commit(work: GitRepository, root: Path) -> None:
    assert revisions.read_day(root) == revisions.find_bases(root).day == read_history(root).day
    assert revisions.read_day(root) is not None


def test_there_is_no_day_with_uncommitted_changes_or_without_a_repository(
    work: GitRepository, root: Path, tmp_path: Path
) -> None:
    work.write(f"{root.relative_to(work.top)}/data/new.ttl", "")
    assert revisions.read_day(root) is None
    assert revisions.read_day(tmp_path) is None
