"""The skeleton of a new data set: a folder with example records, a README and a CI workflow, filled from templates."""

import datetime
import os
import tempfile
from pathlib import Path
from string import Template
from typing import Final, NamedTuple

import pyoxigraph as ox

from publisher import __version__
from publisher.dataset import formatting
from publisher.dataset.files import read_file
from publisher.dataset.repository import BASE, read_names, turtle_files
from publisher.errors import CannotRunError
from publisher.rdf.namespaces import HOME
from publisher.rdf.turtle import spell

TEMPLATES: Final = Path(__file__).with_name("templates")


class License(NamedTuple):
    """A license of data: its IRI, and its name for people, empty where it is not known."""

    iri: str
    name: str


LICENSES: Final = {
    "CC0-1.0": License("http://creativecommons.org/publicdomain/zero/1.0/", "CC0 1.0"),
    "CC-BY-4.0": License("https://creativecommons.org/licenses/by/4.0/", "CC BY 4.0"),
    "CC-BY-SA-4.0": License("https://creativecommons.org/licenses/by-sa/4.0/", "CC BY-SA 4.0"),
    "ODbL-1.0": License("https://opendatacommons.org/licenses/odbl/1-0/", "ODbL 1.0"),
    "PDDL-1.0": License("https://opendatacommons.org/licenses/pddl/1-0/", "PDDL 1.0"),
}
"""Open licenses of data by their SPDX identifiers."""


def check_title(title: str) -> str:
    """Return the title without spaces around it. Raises CannotRunError where it is empty or has several lines."""
    title = title.strip()
    if not title or not title.isprintable():
        raise CannotRunError("The title must be one line of text.")
    return title


def check_base(base: str) -> str:
    """Return the base.
    Raises CannotRunError unless it is an http(s) IRI that ends in a slash and is not the base of the vocabulary."""
    base = base.strip()
    if not BASE.match(base) or set("?#") & set(base):
        raise CannotRunError(f"{base!r} is not a base: write an http or https address that ends in a slash.")
    if base == HOME:
        raise CannotRunError(f"{HOME} is the base of another data set: choose one of your own.")
    return base


def read_license(text: str) -> License:
    """Return the license of an SPDX identifier or an http(s) IRI. Raises CannotRunError for anything else."""
    text = text.strip()
    for identifier, license_ in LICENSES.items():
        if text.lower() == identifier.lower() or text == license_.iri:
            return license_
    try:
        iri = ox.NamedNode(text).value
    except ValueError:
        iri = ""
    if not iri.startswith(("http://", "https://")):
        known = ", ".join(LICENSES)
        raise CannotRunError(f"{text!r} is not a license: write one of {known}, or the address of another license.")
    return License(iri, "")


def check_folder(folder: Path) -> Path:
    """Return the absolute path of a folder. Raises CannotRunError where it exists and is not an empty folder."""
    folder = folder.resolve()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CannotRunError(f"{folder} exists and is not an empty folder.")
    return folder


def write_skeleton(folder: Path, title: str, base: str, license_: License) -> None:
    """Write the skeleton of a data set into a folder that does not exist yet or is empty.

    The folder appears complete or not at all. Raises CannotRunError where it is not empty or cannot be written.
    """
    folder = check_folder(folder)
    name = f"\n<{license_.iri}> rdfs:label {_text(license_.name)} .\n" if license_.name else ""
    values = {
        "name": title,
        "title": _text(title),
        "base": base,
        "license": license_.iri,
        "license_name": name,
        "version": __version__,
        "today": datetime.date.today().isoformat(),
    }
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as beside:
            made = Path(beside, folder.name)
            _fill(made, values)
            if folder.exists():
                folder.rmdir()
            made.rename(folder)
    except OSError as error:
        raise CannotRunError(f"Cannot write {folder}: {error.strerror}.") from error


def _fill(root: Path, values: dict[str, str]) -> None:
    """Write every template, with the values in it, and bring the Turtle files into canonical form."""
    for here, _, files in os.walk(TEMPLATES):
        for name in files:
            path = root / Path(here, name).relative_to(TEMPLATES)
            path.parent.mkdir(parents=True, exist_ok=True)
            text = Template(Path(here, name).read_text(encoding="utf-8")).substitute(values)
            path.write_text(text, encoding="utf-8", newline="\n")
    names = read_names(root)
    for path in turtle_files(root):
        file = read_file(path, path.relative_to(root).as_posix())
        path.write_text(formatting.canonicalize(file, names), encoding="utf-8", newline="\n")


def _text(text: str) -> str:
    """An English text in Turtle."""
    return spell(ox.Literal(text, language="en"), {})
