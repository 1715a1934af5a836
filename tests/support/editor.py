"""An editor: starts `publisher lsp` and talks the Language Server Protocol with it over pipes."""

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

LONG = 120
"""Seconds for an answer; only a broken server needs them."""


_START = {"line": 0, "character": 0}


class Editor:
    """One session. Answers and notifications are read in the order in which they come."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process, self._number = process, 0
        self._open: set[str] = set()
        self._received: queue.Queue[dict[str, Any] | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        stream = self._process.stdout
        assert stream
        while head := stream.readline():
            size = int(head.partition(b":")[2])
            while stream.readline().strip():
                pass
            self._received.put(json.loads(stream.read(size)))
        self._received.put(None)

    def wait(self, accept: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The next message that is accepted; the others are dropped."""
        while message := self._received.get(timeout=LONG):
            if accept(message):
                return message
        raise AssertionError("The server ended.")

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    def ask(self, method: str, params: Any) -> Any:
        """Send a request; its result."""
        self._number += 1
        number = self._number
        self._send({"id": number, "method": method, "params": params})
        return self.wait(lambda message: message.get("id") == number and "method" not in message)["result"]

    def _send(self, message: Mapping[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def open(self, path: Path, text: str, version: int = 1) -> None:
        """Open a file with a text."""
        self.open_uri(path.as_uri(), text, version)

    def open_uri(self, uri: str, text: str, version: int = 1) -> None:
        """Open a document, which need not be a file."""
        self._open.add(uri)
        document = {"uri": uri, "languageId": "turtle", "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def change(self, path: Path, text: str, version: int) -> None:
        """Replace the text of an open file."""
        document = {"uri": path.as_uri(), "version": version}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})

    def tell(self, event: str, path: Path) -> None:
        """Say that an open file was saved or closed (`didSave`, `didClose`)."""
        self.notify(f"textDocument/{event}", {"textDocument": {"uri": path.as_uri()}})

    def close_all(self) -> None:
        """Close what is open, and drop what was said about it."""
        for uri in self._open:
            self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
        self._open.clear()
        self.fixes(Path("/none"), {"start": _START, "end": _START})

    def findings(self) -> dict[str, Any]:
        """The diagnostics that come next: `uri`, `version` and `diagnostics`."""
        found: dict[str, Any] = self.wait(lambda message: message.get("method") == "textDocument/publishDiagnostics")
        params: dict[str, Any] = found["params"]
        return params

    def fixes(self, path: Path, wanted: Any, **context: Any) -> list[dict[str, Any]]:
        """The code actions for a range."""
        params = {"textDocument": {"uri": path.as_uri()}, "range": wanted, "context": {"diagnostics": [], **context}}
        found: list[dict[str, Any]] = self.ask("textDocument/codeAction", params)
        return found


@contextmanager
def start(*encodings: str) -> Iterator[tuple[Editor, dict[str, Any]]]:
    """A session with the capabilities of the server; at its end, the server ends with exit code 0 and no error."""
    words = [sys.executable, "-m", "publisher", "lsp", "--stdio"]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with process:
        try:
            editor = Editor(process)
            general = {"general": {"positionEncodings": list(encodings)}} if encodings else {}
            initial = editor.ask("initialize", {"processId": None, "rootUri": None, "capabilities": general})
            editor.notify("initialized", {})
            yield editor, initial["capabilities"]
            editor.ask("shutdown", None)
            editor.notify("exit", None)
            assert process.stderr
            assert (process.wait(LONG), process.stderr.read().decode()) == (0, "")
        finally:
            process.kill()
