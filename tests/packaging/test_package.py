"""The package as users get it: a wheel in an empty virtual environment, run in a folder of theirs without a network."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
NO_NETWORK = """
import socket

def refuse(*_):
    raise AssertionError("a connection was opened")

socket.socket.connect = socket.getaddrinfo = refuse
"""
SHAPES = """@prefix ex: <https://example.com/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .

ex:Person a sh:NodeShape ; sh:targetClass ex:Person ;
    sh:property [ sh:path ex:name ; sh:minCount 1 ; sh:message "A person needs a name." ] .
"""
DATA = """@prefix ex: <https://example.com/> .

ex:b a ex:Person ; ex:name "B" .
ex:a a ex:Person .
"""


def test_windows_needs_no_posix_packages() -> None:
    """Every other dependency has a wheel for Windows and macOS, or is pure Python."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    required = [Requirement(line) for line in project["dependencies"]]
    names = {
        system: {each.name for each in required if not each.marker or each.marker.evaluate({"sys_platform": system})}
        for system in ("linux", "darwin", "win32")
    }
    assert names["linux"] == names["darwin"]
    assert names["linux"] - names["win32"] == {"uvloop"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built without a registry for the pages' packages."""
    project = tmp_path_factory.mktemp("project")
    for name in ("LICENSE", "README.md", "hatch_build.py", "pyproject.toml"):
        shutil.copy(ROOT / name, project)
    fetched = shutil.ignore_patterns("__pycache__", "contexts", "fonts", "yasqe")
    for name in ("publisher", "docs", "ontology", "data", "shapes"):
        shutil.copytree(ROOT / name, project / name, ignore=fetched)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("npm_config_registry", "http://127.0.0.1:9/")
        patch.setenv("XDG_CACHE_HOME", str(project / "cache"))
        return Path(next(WheelBuilder(str(project)).build(directory=str(project / "dist"), versions=["standard"])))


@pytest.fixture(scope="module")
def run(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a program of an environment that has the wheel, and the dependencies of this one, in a folder with files.

    A socket that connects is an error there, so whatever needs the network fails.
    """
    environment, work = tmp_path_factory.mktemp("environment"), tmp_path_factory.mktemp("work")
    venv.create(environment, with_pip=False)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(environment)}))
    pip = [sys.executable, "-m", "pip", "--quiet", "--python", str(environment), "install", "--no-deps", "--no-index"]
    subprocess.run([*pip, str(wheel)], check=True)
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (site / "sitecustomize.py").write_text(NO_NETWORK)
    (work / "shapes.ttl").write_text(SHAPES)
    (work / "data.ttl").write_text(DATA)
    (work / "untidy.ttl").write_text(DATA)

    def run_program(program: str, *words: str) -> subprocess.CompletedProcess[str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PUBLISHER_", "PYTHON"))}
        return subprocess.run(
            [environment / "bin" / program, *words],
            cwd=work,
            env=inherited | {"PUBLISHER_STORE_DIR": str(work / "releases")},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run_program


Run = Callable[..., subprocess.CompletedProcess[str]]


def test_wheel_has_graph_pages_and_type_information(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    graph = {
        f"publisher/graph/{path}" for path in ("data/dataset.ttl", "ontology/prefixes.ttl", "shapes/coalition.ttl")
    }
    others = {"publisher/py.typed", "publisher/pages/static/style/base.css", "publisher/docs/querying.md"}
    assert graph | others <= names
    assert not [name for name in names if name.startswith(("tests/", "docs/"))]


def test_installed_package_is_run(run: Run) -> None:
    done = run("python", "-c", "import publisher; print(publisher.__file__)")
    assert Path(done.stdout.strip()).is_relative_to(
        Path(run("python", "-c", "import sys; print(sys.prefix)").stdout.strip())
    )
    assert not Path(done.stdout.strip()).is_relative_to(ROOT)


def test_module_runs_the_command(run: Run) -> None:
    assert run("python", "-m", "publisher", "--version").stdout == run("publisher", "--version").stdout != ""


@pytest.mark.parametrize("engine", ["pyshacl", "fast"])
def test_installed_package_validates_foreign_file(run: Run, engine: str) -> None:
    pytest.importorskip("shacl" if engine == "fast" else "pyshacl")
    done = run("publisher", "validate", "--engine", engine, "--shapes", "shapes.ttl", "--format", "json", "data.ttl")
    report = json.loads(done.stdout)
    (finding,) = report["findings"]
    assert (done.returncode, finding["message"]) == (1, "A person needs a name.")
    assert (finding["file"], finding["line"], finding["source"]) == ("data.ttl", 4, "ex:a a ex:Person .")


def test_packaged_graph_is_valid(run: Run) -> None:
    done = run("publisher", "validate")
    assert done.returncode == 0
    assert "(the packaged copy)" in done.stderr


def test_own_dataset_needs_data_only(run: Run) -> None:
    """Ontology and shapes come from the package: the skeleton has none."""
    words = ["--title", "State", "--base", "https://example.org/state/", "--licence", "CC-BY-4.0"]
    assert run("publisher", "new", "state", *words).returncode == 0
    validated = run("publisher", "validate", "--root", "state")
    assert (validated.returncode, validated.stdout.splitlines()[-1]) == (0, "No findings.")
    asked = run("publisher", "query", "--root", "state", "SELECT ?name { ?c a coal:Coalition ; skos:prefLabel ?name }")
    assert asked.stdout.split() == ["name", "Example", "Coalition"]
    listed = run("python", "-c", "import pathlib; print(*sorted(p.name for p in pathlib.Path('state').iterdir()))")
    assert listed.stdout.split() == [".github", "README.md", "data"]


def test_installed_package_tidies_file(run: Run) -> None:
    check = run("publisher", "tidy", "--check", "untidy.ttl")
    assert (check.returncode, "+++ untidy.ttl (canonical)\n" in check.stdout) == (1, True)
    assert run("publisher", "tidy", "untidy.ttl").returncode == 0
    assert run("publisher", "tidy", "--check", "untidy.ttl").returncode == 0


def test_packaged_graph_answers_queries(run: Run) -> None:
    done = run("publisher", "query", "--format", "json", "SELECT ?c WHERE { ?c a coal:Coalition }")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["results"]["bindings"]


def test_installed_package_writes_valid_skeleton(run: Run) -> None:
    options = ["--title", "Vermont Coalitions", "--base", "https://example.org/vt/", "--license", "CC-BY-4.0"]
    made = run("publisher", "new", "skeleton", *options)
    assert made.returncode == 0, made.stderr
    script = "from pathlib import Path; print(*sorted(str(p) for p in Path('skeleton').rglob('*') if p.is_file()))"
    files = set(run("python", "-c", script).stdout.split())
    assert {"skeleton/README.md", "skeleton/.github/workflows/validate.yml", "skeleton/data/dataset.ttl"} <= files
    assert run("publisher", "validate", "--root", "skeleton", "--fail-on", "warning").returncode == 0


def test_network_is_unreachable(run: Run) -> None:
    """Else the tests above prove nothing."""
    done = run("publisher", "query", "--endpoint", "http://127.0.0.1:9/sparql", "ASK {}")
    assert "a connection was opened" in done.stderr
