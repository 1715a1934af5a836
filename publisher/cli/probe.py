"""The probe command: asks a linked-data site what real clients ask."""

import asyncio
import sys
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from publisher.cli.options import print_raw, print_text
from publisher.cli.progress import Bar
from publisher.settings import Settings

if TYPE_CHECKING:
    from publisher.probe.prober import Finding, Site

FORMATS = ("text", "json")


@click.command()
@click.argument("url", required=False, default="")
@click.option(
    "--endpoint", metavar="URL", default="", help="The SPARQL endpoint [default: the one that the site names]."
)
@click.option("--format", "format_", type=click.Choice(FORMATS), default="text", help="Of the report [default: text].")
@click.option("--timeout", type=click.FloatRange(0.1), default=20.0, help="Seconds for one response [default: 20].")
def probe(url: str, endpoint: str, format_: str, timeout: float) -> None:
    """Ask a linked-data site what real clients ask. URL is the address of a thing. Exits with 1 if a must is broken."""
    from publisher.probe.prober import BROKEN, Site
    from publisher.probe.report import write_json, write_text

    if not url and not endpoint:
        raise click.UsageError("Name the URL of a thing, or --endpoint.")
    for address in filter(None, (url, endpoint)):
        _require_web_address(address)
    findings = asyncio.run(_probe(Site(url, endpoint, Settings.read().contact, timeout)))
    if format_ == "json":
        print_raw(write_json(findings))
    else:
        print_text(write_text(findings))
    if any(finding.verdict == BROKEN for finding in findings):
        sys.exit(1)


def _require_web_address(address: str) -> None:
    """Raises UsageError for what is not an http or https address with a host."""
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable:
        raise click.UsageError(f"Not an http or https URL: {address}")


async def _probe(site: "Site") -> "list[Finding]":
    from publisher.probe.cases import CASES
    from publisher.probe.prober import Prober

    findings = []
    with Bar(sys.stderr) as bar:
        done = 0
        async for found in Prober(site).probe():
            findings += found
            done += 1
            bar("asking", done, len(CASES))
    return findings
