"""The push command: loads the release of a root into a SPARQL endpoint."""

import sys
from contextlib import closing

import click

from publisher.cli.compile import compile_with_progress
from publisher.cli.options import choose_root, root_option, say
from publisher.cli.progress import Bar
from publisher.settings import Settings


@click.command()
@click.argument("url")
@click.option("--update", metavar="URL", help="Address for SPARQL Update, if it is not that for queries.")
@click.option(
    "--graph-store", metavar="URL", help="Address for the Graph Store Protocol, if it is used in place of Update."
)
@click.option("--restart", is_flag=True, help="Remove what is loaded of this release, and load all of it again.")
@click.option("--remove-old", is_flag=True, help="Remove all other releases when this one is complete.")
@click.option(
    "--timeout",
    type=click.IntRange(1),
    default=300,
    show_default=True,
    metavar="SECONDS",
    help="Time in which the endpoint has to answer one request.",
)
@root_option
def push(
    url: str,
    update: str | None,
    graph_store: str | None,
    restart: bool,
    remove_old: bool,
    timeout: int,
    root: str | None,
) -> None:
    """Load the release of the root into the SPARQL endpoint at URL, for `serve --endpoint`.

    The release is loaded beside those that the endpoint has, verified by count and digest, and then becomes the current
    one. An interrupted push goes on where it was.

    The environment has the user (PUBLISHER_ENDPOINT_USER, PUBLISHER_ENDPOINT_PASSWORD) or the token
    (PUBLISHER_ENDPOINT_TOKEN).
    """
    # Slow to import: the other commands do without.
    from publisher.release.push_targets import GraphStoreTarget, UpdateTarget
    from publisher.release.pusher import Pusher
    from publisher.sparql.http_client import endpoint_access
    from publisher.sparql.trusted import TrustedEndpoint

    if update and graph_store:
        raise click.UsageError("--update and --graph-store exclude each other.")
    settings = Settings.read().having(endpoint=url).check()
    limit = settings.query_result_mb << 20
    written = settings.having(endpoint=graph_store or update).check()
    accesses = (endpoint_access(settings), endpoint_access(written))
    place = compile_with_progress(choose_root(root), settings)
    with (
        closing(TrustedEndpoint(accesses[0], timeout, 1, limit)) as query,
        closing(TrustedEndpoint(accesses[1], timeout, 1, limit)) as changes,
        Bar(sys.stderr) as bar,
    ):
        target = GraphStoreTarget(query, changes) if graph_store else UpdateTarget(changes)
        done = Pusher(place, query, target, bar).push(restart=restart, remove_old=remove_old)
    say(f"{'Already there' if done.loaded < 0 else 'Pushed'}: {done.statements} statements of release {done.release}.")
    if remove_old:
        say(f"Removed releases: {done.removed}.")
