"""The settings of a validation run: the options of the command, with the configuration file as their defaults."""

import glob
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click
from click.core import ParameterSource

from publisher.cli.options import choose_root, say
from publisher.diagnostic import Severity
from publisher.platform_support import count_processors
from publisher.settings import Surroundings, cache_folder
from publisher.validation.configuration import (
    NO_CONFIGURATION,
    Configuration,
    find_configuration,
    read_configuration,
)
from publisher.validation.inputs import RDF_FORMATS, STDIN, Request

OUR_SHAPES: Final = "coalitions"
"""The value of --shapes that means the shapes of the root."""
_PATHS: Final = ("paths", "shapes", "ontologies", "root", "baseline", "write_baseline")
"""The options that name files."""


@dataclass(frozen=True)
class RunSettings:
    """The settings of one run. folder: the folder that it runs in, and that all paths are relative to. options: of the
    request, by field. cache: the folder of the cache of results; None to use none."""

    folder: Path
    configuration: Configuration
    options: Mapping[str, Any]
    timeout: int
    max_per_rule: int
    cache: Path | None

    def request(self, stdin: bytes, *, quiet: bool) -> Request:
        """Make the request, for a run in the folder. Prints the root that is used, unless quiet. Raises CannotRunError,
        and click.UsageError."""
        options = dict(self.options)
        root = options.pop("root")
        options |= choose_shapes(options["shapes"])
        whole = not options["paths"]
        root = "" if options["shapes"] else str(choose_root(root, quiet=quiet, whole=whole))
        return Request(root=root, stdin=stdin, **options)


def choose_configuration(given: str, *, without: bool) -> Configuration:
    """Return the configuration that the options name, else the nearest one. Raises CannotRunError if it is not valid,
    and click.UsageError."""
    if given and without:
        raise click.UsageError("--config and --no-config exclude each other.")
    if without:
        return NO_CONFIGURATION
    return read_configuration(Path(given)) if given else find_configuration(Path.cwd())


def read_settings(context: click.Context, options: dict[str, Any], configuration: Configuration) -> RunSettings:
    """Merge the options of the command with a configuration. Raises click.UsageError.

    An option on the command line replaces the value of the configuration; those that are tables are merged.
    """
    if options["baseline"] and options["write_baseline"]:
        raise click.UsageError("--baseline and --write-baseline exclude each other.")
    given = {name for name in options if context.get_parameter_source(name) is ParameterSource.COMMANDLINE}
    origin, folder = Path.cwd(), configuration.folder
    merged = options | {name: relocate(options[name], origin, folder) for name in _PATHS if name in given}
    if "exclude" in given:
        merged["exclude"] = [relocate(p, origin, folder) if "/" in p.strip("/") else p for p in options["exclude"]]
    merged["contexts"] = [(address, relocate(file, origin, folder)) for address, file in options["contexts"]]
    merged["per_file_ignores"] = ()
    for name, value in configuration.defaults.items():
        if name not in given:
            merged[name] = convert(name, value)
        elif name == "format_of":
            merged[name] = (*options[name], *convert(name, value))
        elif name == "contexts":  # The last one for an address counts.
            merged[name] = (*convert(name, value), *merged[name])
    if (
        "select" in given and "ignore" not in given
    ):  # What is selected is reported although the configuration ignores it.
        merged["ignore"] = [rule for rule in merged["ignore"] if rule not in options["select"]]
    if merged["fail_on_stale"] and not merged["baseline"] and not merged["write_baseline"]:
        raise click.UsageError("--fail-on-stale needs --baseline, or `baseline` in the configuration file.")
    if merged["write_baseline"]:
        merged["baseline"] = ""
    merged["jobs"] = merged["jobs"] or count_processors()
    cache = choose_cache(merged.pop("cached", None), merged.pop("cache_dir", ""))
    return RunSettings(folder, configuration, merged, merged.pop("timeout"), merged.pop("max_per_rule"), cache)


def choose_cache(wanted: bool | None, folder: str) -> Path | None:
    """The folder of the cache of results; None to use none, as in CI unless it is wanted."""
    if wanted is None:
        wanted = not Surroundings.read().ci
    return (Path(folder).absolute() if folder else cache_folder("validation")) if wanted else None


def convert(name: str, value: Any) -> Any:
    """A value of the configuration as the request has it."""
    if name == "fail_on":
        return Severity[value.upper()]
    if name == "format_of":
        return tuple((pattern, RDF_FORMATS[format_]) for pattern, format_ in value.items())
    return tuple(value.items()) if name in ("per_file_ignores", "contexts") else value


def relocate(value: Any, origin: Path, folder: Path) -> Any:
    """A path or pattern of the command line, or several, relative to another folder."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [relocate(each, origin, folder) for each in value]
    if not value or value in (STDIN, OUR_SHAPES) or origin == folder:
        return value
    way = os.path.relpath(origin, folder)
    return os.path.join(glob.escape(way) if glob.has_magic(value) else way, value)


def choose_shapes(given: Sequence[str]) -> dict[str, Any]:
    """The fields of the request that --shapes states. Raises click.UsageError."""
    if OUR_SHAPES not in given:
        return {"shapes": given}
    if set(given) != {OUR_SHAPES}:
        raise click.UsageError(
            f"--shapes {OUR_SHAPES} cannot be combined with other shapes; let these import ours with owl:imports."
        )
    return {"shapes": (), "our_shapes": True}


def announce(configuration: Configuration) -> None:
    """Print which configuration file is used."""
    if configuration.path:
        say(f"Configuration: {os.path.relpath(configuration.path)}")
