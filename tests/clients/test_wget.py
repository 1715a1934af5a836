"""wget against a real server: a mirror has every page, and no link in it is broken."""

import subprocess
from pathlib import Path

from support.optional_packages import tool


def test_wget_mirrors_the_site_without_a_broken_link(server: str, tmp_path: Path) -> None:
    # `doc/agenda` is a page and a folder, so that the page needs a suffix.
    words = [
        "--mirror",
        "--adjust-extension",
        "--no-verbose",
        "--no-host-directories",
        "--header",
        "Accept: text/html",
        "--tries=1",
    ]
    done = subprocess.run(
        [tool("wget"), *words, f"{server}/"], cwd=tmp_path, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, [
        line for line in done.stderr.splitlines() if "URL:" not in line and "Last-mod" not in line
    ][:20]
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert {"index.html", "ontology.html", "dataset.ttl", "doc/coalition/clear-water.html", "static/style.css"} <= {
        name.partition("?")[0] for name in found
    }
    assert not [name for name in found if name.startswith("sparql?")], "robots.txt excludes queries"
