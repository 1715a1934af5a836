"""A connection to a server on which tests send bytes and read responses."""

import socket
from typing import Final
from urllib.parse import urlsplit

HOST: Final = "Host: example.org\r\n"
SECONDS: Final = 60
"""Timeout of a silent connection."""


class Talk:
    """One connection to a server."""

    def __init__(self, url: str, *, buffer: int = 0) -> None:
        """buffer: bytes that the system receives ahead of what is read; 0 for its default."""
        address = urlsplit(url)
        self.socket = socket.socket()
        if buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.settimeout(SECONDS)
        self.socket.connect((address.hostname, address.port))
        self.file = self.socket.makefile("rb")

    def send(self, text: str) -> None:
        self.socket.sendall(text.encode("latin-1"))

    def receive(self, *, head: bool = False) -> tuple[int, dict[str, list[str]], bytes]:
        """The next response. head: whether it is one to HEAD, without a body."""
        status = int(self.file.readline().split()[1])
        headers: dict[str, list[str]] = {}
        while (line := self.file.readline().strip()) != b"":
            name, _, value = line.decode("latin-1").partition(": ")
            headers.setdefault(name.lower(), []).append(value)
        size = 0 if head or status in (100, 304) else int(headers["content-length"][0])
        return status, headers, self.file.read(size)

    def is_over(self) -> bool:
        """Whether the server closes the connection."""
        try:
            return self.file.read(1) == b""
        except ConnectionResetError:
            return True

    def close(self) -> None:
        self.file.close()
        self.socket.close()


def get(target: str, *lines: str, method: str = "GET", version: str = "1.1") -> str:
    """The text of a request without a body."""
    return f"{method} {target} HTTP/{version}\r\n{HOST}{''.join(line + chr(13) + chr(10) for line in lines)}\r\n"
