"""Lighthouse, as on a phone, on kinds of pages: python tests/benchmarks/lighthouse.py --help.

Prints a table of the scores, each the median of several runs, and ends with status 1 where one is below its bound.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple
from urllib.parse import quote

import contestants

ROOT: Final = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from support.node import environment, install, program  # noqa: E402

PACKAGE: Final = Path(__file__).with_name("lighthouse")
SECONDS: Final = 180
"""How long one run may take; on two busy cores it takes 20."""
FLAGS: Final = (
    "--headless=new --no-sandbox --disable-background-networking --disable-component-update --disable-sync"
    " --no-first-run"
)
CATEGORIES: Final = ("performance", "accessibility", "best-practices", "seo")
PERFORMANCE: Final = 95
"""Least score, as the median of several runs; the other categories have no measurement in them and need 100."""


class Kind(NamedTuple):
    """A kind of page. indexed: whether it is meant for search engines."""

    path: str
    indexed: bool = True


KINDS: Final = {
    "home": Kind(""),
    "coalition": Kind("doc/coalition/raise-up-massachusetts"),
    "issue": Kind("doc/issue/housing"),
    "list of bills": Kind("doc/bill"),
    "bill": Kind("doc/bill/194-h1811"),
    "vocabulary": Kind("ontology"),
    "downloads": Kind("download"),
    "questions": Kind("ask"),
    "query page": Kind("ask/sparql"),
    "result": Kind("sparql?query=SELECT * { ?s a ?type } LIMIT 100", indexed=False),
}
Scores = dict[str, float]


def measure(modules: Path, url: str) -> tuple[Scores, list[str]]:
    """The scores of one run, from 0 to 100 by category, and the audits without measurement that failed."""
    browser = shutil.which("chromium") or sys.exit("chromium is not installed")
    words = [program("node"), str(modules / "lighthouse" / "cli" / "index.js"), url, "--output=json", "--quiet"]
    more = [f"--only-categories={','.join(CATEGORIES)}", f"--chrome-flags={FLAGS}", "--no-enable-error-reporting"]
    run = subprocess.run(
        words + more, capture_output=True, text=True, timeout=SECONDS, env=environment() | {"CHROME_PATH": browser}
    )
    if run.returncode:
        sys.exit(f"Lighthouse failed on {url}: {run.stderr[-500:]}")
    report = json.loads(run.stdout)
    failed = [
        name for name, audit in report["audits"].items() if audit["scoreDisplayMode"] == "binary" and not audit["score"]
    ]
    return {name: round(100 * (report["categories"][name]["score"] or 0)) for name in CATEGORIES}, failed


def bounds(kind: Kind, runs: int) -> Scores:
    """The least score of each category. One run says nothing about performance: other work on the machine lowers it."""
    least: Scores = {"accessibility": 100, "best-practices": 100}
    if kind.indexed:
        least["seo"] = 100
    if runs > 1:
        least["performance"] = PERFORMANCE
    return least


def main() -> int:
    """Measure and print; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="runs of each page; one run does not judge performance")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS), metavar="KIND")
    options = parser.parse_args()
    modules = install(PACKAGE)
    status = 0
    print("| page |", " | ".join(CATEGORIES), "|\n" + "|---" * (len(CATEGORIES) + 1) + "|")
    with tempfile.TemporaryDirectory() as folder, contestants.publisher(ROOT, Path(folder)) as server:
        base = server.url.removesuffix("sparql")
        for name in options.kinds:
            kind = KINDS[name]
            url = base + quote(kind.path, safe="/?&=")
            runs = [measure(modules, url) for _ in range(options.runs)]
            scores = {category: median(scores[category] for scores, _ in runs) for category in CATEGORIES}
            print(f"| {name} |", " | ".join(f"{scores[category]:g}" for category in CATEGORIES), "|", flush=True)
            if any(scores[category] < least for category, least in bounds(kind, options.runs).items()):
                print(f"{name}: below a bound: {', '.join(runs[0][1]) or 'performance'}", file=sys.stderr)
                status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
