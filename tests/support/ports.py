"""Ports of this machine that are free."""

import socket


def free_port() -> int:
    """A port on which nothing listens now."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])
