"""Openers that the worker tests run in worker processes."""

import ctypes
import json
import os
import signal
import socket
import time
from pathlib import Path
from typing import Any

from publisher.sparql.workers.child import Handler, Output, Prepare


def open_example(argument: str) -> Handler:
    """A handler that does what a request's `do` names."""

    def answer(request: dict[str, Any], output: Output) -> dict[str, object]:
        what = request["do"]
        if what == "echo":
            output.write(str(request["text"]).encode())
        elif what == "send":
            for _ in range(request["times"]):
                output.write(b"x" * request["size"])
        elif what == "slowly":
            for _ in range(request["times"]):
                output.write(str(request["text"]).encode())
                time.sleep(request["seconds"])
        elif what == "sleep":
            time.sleep(request["seconds"])
        elif what == "work":
            until = time.process_time() + request["seconds"]
            while time.process_time() < until:
                pass
            return {"used": time.process_time()}
        elif what == "linger":  # Long by its processor time, and then costs none.
            until = time.process_time() + 0.05
            while time.process_time() < until:
                pass
            time.sleep(60)
        elif what == "spin":
            while True:
                pass
        elif what == "eat":
            bytearray(request["bytes"])
        elif what == "half, then crash":
            output.write(b"half of an answer")
            ctypes.string_at(0)
        elif what == "be killed":
            os.kill(os.getpid(), signal.SIGKILL)
        elif what == "raise":
            raise LookupError("a fault of ours")
        elif what == "open a file":
            return {"refused": _error(lambda: Path("/etc/hostname").read_text())}
        elif what == "connect":
            return {"refused": _error(lambda: socket.create_connection(("127.0.0.1", request["port"]), 2).close())}
        elif what == "write a file":
            return {"refused": _error(lambda: Path(request["path"]).write_text("x"))}
        return {"pid": os.getpid(), "argument": argument, "id": request.get("id")}

    def handle(request: bytes, output: Output) -> bytes:
        return json.dumps(answer(json.loads(request), output)).encode()

    return handle


def _error(action: Any) -> str:
    try:
        action()
    except OSError as error:
        return type(error).__name__
    return ""


def open_failing(argument: str) -> Handler:
    """An opener that cannot open."""
    raise RuntimeError(f"there is no {argument}")


def open_folder(argument: str) -> Handler:
    """An opener that needs a folder."""
    os.listdir(argument)
    return open_example(argument)


def open_preparing(argument: str) -> tuple[Handler, Prepare]:
    """A handler that says whether it has prepared, and what prepares it."""
    prepared: list[bool] = []

    def handle(_request: bytes, _output: Output) -> bytes:
        return json.dumps({"prepared": bool(prepared), "argument": argument}).encode()

    return handle, lambda: prepared.append(True)
