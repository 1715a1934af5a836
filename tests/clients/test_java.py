"""The HTTP client of the JDK against a real server: it follows redirects, and offers HTTP/2 with every request."""

import subprocess
from pathlib import Path

import pytest
from support.optional_packages import tool

PROGRAM = Path(__file__).with_name("Redirects.java")


@pytest.fixture(scope="module")
def java() -> str:
    tool("javac")  # it compiles the program in one step
    return tool("java")


def run(java: str, *words: str) -> tuple[str, str]:
    """The status with the final address, and the body."""
    done = subprocess.run([java, str(PROGRAM), *words], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    line, _, body = done.stdout.partition("\n")
    return line, body


@pytest.mark.parametrize("path", ["id/coalition/fair-wages", "id/Coalition/Fair-Wages/"])
def test_java_follows_a_merged_thing_to_its_document(java: str, server: str, path: str) -> None:
    line, body = run(java, f"{server}/{path}")
    assert line == f"200 {server}/doc/coalition/fair-wages-coalition"
    assert "coalition:fair-wages-coalition" in body


def test_java_posts_a_query_that_offers_an_upgrade(java: str, server: str) -> None:
    assert run(java, f"{server}/sparql", "SELECT (1 AS ?n) {}") == (f"200 {server}/sparql", "n\n1\n")
