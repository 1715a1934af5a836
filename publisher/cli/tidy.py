"""The tidy command: rewrites Turtle files in their canonical form, or shows what it would change."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from publisher import atomic_write
from publisher.cli.options import choose_root, print_text, root_option, say
from publisher.dataset import formatting
from publisher.dataset.files import File, read_file
from publisher.dataset.iris import Names
from publisher.dataset.repository import example_files, read_repository, turtle_files
from publisher.diagnostic import Diagnostic, FindingsError
from publisher.errors import CannotRunError
from publisher.reports.report import visible


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@root_option
@click.option("--check", is_flag=True, help="Change nothing; show the difference, and exit with 1 if there is any.")
def tidy(paths: tuple[str, ...], root: str | None, check: bool) -> None:
    """Rewrite Turtle files in their canonical form.

    PATH is a Turtle file or a folder; none means the whole root. Files outside of the root keep their own prefixes,
    comments, and labels of shared blank nodes.
    """
    folder = choose_root(root)
    repository = read_repository(folder)
    chosen = _choose_files(paths, folder)
    findings: list[Diagnostic] = []
    changed = 0
    for path in chosen:
        file = read_file(path, _name(path, folder))
        names = repository.names if path.resolve().is_relative_to(folder) else None
        difference, lost = _compare(file, names, findings)
        if not difference or lost:
            continue
        changed += 1
        if check:
            print_text(visible(difference))
        else:
            atomic_write.write(path, formatting.canonicalize(file, names))
    if findings:
        raise FindingsError(findings)
    say(f"{len(chosen)} file(s), {changed} {'to rewrite' if check else 'rewritten'}.")
    if check and changed:
        sys.exit(FindingsError.exit_code)


def _choose_files(paths: Sequence[str], root: Path) -> list[Path]:
    """The files given, or all of the root. Raises CannotRunError where one is not a Turtle file."""
    if not paths:
        return [*turtle_files(root), *example_files(root)]
    files = [file for path in map(Path, paths) for file in (sorted(path.rglob("*.ttl")) if path.is_dir() else [path])]
    for path in files:
        if path.suffix != ".ttl":
            raise CannotRunError(f"{path} is not a Turtle file (.ttl); only Turtle has a canonical form.")
    return files


def _name(path: Path, root: Path) -> str:
    """Return the name of a file in findings: its path below the root, or the given path."""
    resolved = path.resolve()
    return resolved.relative_to(root).as_posix() if resolved.is_relative_to(root) else path.as_posix()


def _compare(file: File, names: Names | None, findings: list[Diagnostic]) -> tuple[str, bool]:
    """Return the difference to the canonical form, and the findings about what rewriting would lose."""
    lost = [d for d in formatting.check(file, names) if d.rule in ("stray-comment", "shared-blank-node")]
    findings += lost
    return ("" if lost else formatting.diff(file, names)), bool(lost)
