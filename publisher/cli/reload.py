"""The reload command: makes a running server serve its changed files."""

import sys
from pathlib import Path

import click

from publisher.cli.options import choose_root, root_option, say
from publisher.errors import CannotRunError
from publisher.settings import Settings


@click.command()
@root_option
@click.option("--pid", type=click.IntRange(1), help="The server, by its process; needed where several run.")
@click.option("--timeout", type=click.IntRange(1), default=3600, show_default=True, help="Seconds to wait for the end.")
def reload(root: str | None, pid: int | None, timeout: int) -> None:
    """Make a running server compile its files and switch to the new release.

    The server goes on answering from the present release until the switch, and keeps it if the files cannot be
    compiled; the exit code is then that of `publisher compile`. SIGHUP does the same without a report.
    """
    from publisher.web.control import find_servers, request_reload

    folder = Settings.read().check().store_folder()
    servers = find_servers(folder)
    if pid is not None:
        servers = [server for server in servers if server.pid == pid]
    elif root is not None or len(servers) > 1:
        chosen = choose_root(root, quiet=root is None)
        of_root = [server for server in servers if Path(server.root) == chosen]
        servers = of_root if of_root or root is not None else servers
    if len(servers) != 1:
        listed = "".join(f"\n  --pid {server.pid}  {server.url}  {server.root}" for server in servers)
        if servers:
            raise CannotRunError(f"Several servers run; name one:{listed}")
        raise CannotRunError(
            f"No such server runs with releases in {folder}. One that may not write there is reloaded by SIGHUP."
        )
    outcome = request_reload(folder, servers[0], timeout).outcome
    assert outcome is not None
    say(f"Reload {outcome.name}: {outcome.detail}")
    sys.exit(outcome.code)
