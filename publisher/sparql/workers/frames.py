"""Frames: the messages between the web process and a query process, and the size of the pieces they are read in."""

import struct
from typing import Final

CHUNK: Final = 1 << 16
"""Bytes that are read or passed on at once: the capacity of a Linux pipe (pipe(7))."""
HEAD: Final = struct.Struct(">cI")
"""What stands before each frame of a query process: its kind and its length in bytes."""
DATA, END, READY = b"d", b"e", b"r"
"""Kinds of frames: a piece of a result, the closing message of a request in JSON, and that the process can begin."""
LENGTH: Final = 4
"""Bytes of the big-endian length that stands before each request."""
