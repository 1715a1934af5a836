"""The tidy command: rewrites Turtle files in their canonical form, or shows what it would change."""

import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from publisher import atomic_write
from publisher.cli.options import choose_root, config_option, no_config_option, print_text, root_option, say
from publisher.cli.validate_settings import announce, choose_configuration, relocate
from publisher.dataset import formatting
from publisher.dataset.files import File, read_file
from publisher.dataset.iris import Names
from publisher.dataset.repository import example_files, read_repository, turtle_files
from publisher.diagnostic import Diagnostic, FindingsError
from publisher.errors import CannotRunError
from publisher.rdf.relative_iris import UNKNOWN
from publisher.reports.report import visible
from publisher.validation.inputs import find_files, is_excluded


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@root_option
@config_option
@no_config_option
@click.option("--check", is_flag=True, help="Change nothing; show the difference, and exit with 1 if there is any.")
@click.option("--diff", is_flag=True, help="The same as --check.")
@click.option("--force-exclude", is_flag=True, help="Leave out files that the configuration excludes even if named.")
def tidy(
    paths: tuple[str, ...],
    root: str | None,
    config: str,
    no_config: bool,
    check: bool,
    diff: bool,
    force_exclude: bool,
) -> None:
    """Rewrite Turtle files in their canonical form.

    PATH is a Turtle file, a folder or a glob; none means the configured data, else the whole root. Files outside of the
    root keep their own prefixes, comments, and labels of shared blank nodes.
    """
    configuration = choose_configuration(config, without=no_config)
    announce(configuration)
    values, here = configuration.values, Path.cwd()
    with contextlib.chdir(configuration.folder):
        given = relocate(paths, here, configuration.folder)
        exclude = values.get("exclude", ())
        folder = choose_root(
            relocate(root, here, Path.cwd()) or values.get("root"), whole=not given and "data" not in values
        )
        chosen = _choose_files(given or values.get("data", ()), folder, exclude, named=bool(given))
        if force_exclude:
            chosen = [path for path in chosen if not is_excluded(path, exclude)]
        _tidy(chosen, folder, check=check or diff)


def _tidy(chosen: Sequence[Path], root: Path, *, check: bool) -> None:
    """Rewrite files, or show what would change. Raises FindingsError about what rewriting would lose."""
    inside = {path for path in chosen if path.resolve().is_relative_to(root)}
    names = read_repository(root).names if inside else None
    findings: list[Diagnostic] = []
    changed = 0
    for path in chosen:
        file = read_file(path, _name(path, root), base="" if path in inside else UNKNOWN)
        difference, lost = _compare(file, names if path in inside else None, findings)
        if not difference or lost:
            continue
        changed += 1
        if check:
            print_text(visible(difference))
        else:
            atomic_write.write(path, formatting.canonicalize(file, names if path in inside else None))
    if findings:
        raise FindingsError(findings)
    say(f"{len(chosen)} file(s), {changed} {'to rewrite' if check else 'rewritten'}.")
    if check and changed:
        sys.exit(FindingsError.exit_code)


def _choose_files(patterns: Sequence[str], root: Path, exclude: Sequence[str], *, named: bool) -> list[Path]:
    """The Turtle files that patterns lead to, or all of the root.

    named: whether the user named them now: raises CannotRunError where a file of that name is not a Turtle file.
    """
    if not patterns:
        return [*turtle_files(root), *example_files(root)]
    files = find_files(patterns, exclude=exclude)
    for path in files:
        if named and path.suffix != ".ttl" and path.as_posix() in {Path(pattern).as_posix() for pattern in patterns}:
            raise CannotRunError(f"{path} is not a Turtle file (.ttl); only Turtle has a canonical form.")
    return [path for path in files if path.suffix == ".ttl"]


def _name(path: Path, root: Path) -> str:
    """Return the name of a file in findings: its path below the root, or the given path."""
    resolved = path.resolve()
    return resolved.relative_to(root).as_posix() if resolved.is_relative_to(root) else path.as_posix()


def _compare(file: File, names: Names | None, findings: list[Diagnostic]) -> tuple[str, bool]:
    """Return the difference to the canonical form, and the findings about what rewriting would lose."""
    lost = [d for d in formatting.check(file, names) if d.rule in ("stray-comment", "shared-blank-node")]
    findings += lost
    return ("" if lost else formatting.diff(file, names)), bool(lost)
