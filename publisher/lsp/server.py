"""The server: follows the documents of an editor over standard input and output, validates them, offers changes."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Final

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.workspace import TextDocument

from publisher import __version__
from publisher.dataset.files import ParsedFiles
from publisher.lsp.conversion import Converter
from publisher.lsp.documents import Checked, Prepare, check, find_proposals

_DELAY: Final = 0.3
"""Seconds without a change after which a document is validated: longer than between two keys."""
_MAX_FINDINGS: Final = 20
"""Findings of one range for which quick fixes are offered: each certain one reads the text again."""


class Session:
    """The documents of one editor. Validates in one thread, so that the editor gets answers meanwhile."""

    def __init__(self, prepare: Prepare) -> None:
        self.server = LanguageServer(
            "publisher",
            __version__,
            # pygls applies partial changes to lines that it also splits at characters such as U+2028.
            text_document_sync_kind=types.TextDocumentSyncKind.Full,
        )
        self._prepare = prepare
        self._parsed = ParsedFiles()
        self._executor = ThreadPoolExecutor(1)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._checked: dict[str, Checked] = {}
        options = types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix])
        features: list[tuple[str, Callable[[Any], Any], Any]] = [
            (types.TEXT_DOCUMENT_DID_OPEN, self._follow, None),
            (types.TEXT_DOCUMENT_DID_CHANGE, self._follow, None),
            (types.TEXT_DOCUMENT_DID_SAVE, self._follow_all, None),
            (types.TEXT_DOCUMENT_DID_CLOSE, self._forget, None),
            (types.TEXT_DOCUMENT_CODE_ACTION, self._offer, options),
        ]
        for name, handle, settings in features:
            self.server.feature(name, settings)(partial(handle))  # pygls sets attributes, which methods refuse.

    def run(self) -> None:
        """Serve standard input and output until the editor ends it."""
        try:
            self.server.start_io()
        finally:
            self._executor.shutdown(wait=False, cancel_futures=True)

    def _follow(self, params: types.DidOpenTextDocumentParams | types.DidChangeTextDocumentParams) -> None:
        self._schedule(params.text_document.uri)

    def _follow_all(self, params: types.DidSaveTextDocumentParams) -> None:
        """Validate all open documents, since the findings of one may depend on another."""
        for uri in list(self.server.workspace.text_documents):
            self._schedule(uri)

    def _schedule(self, uri: str) -> None:
        if uri in self._tasks:
            self._tasks[uri].cancel()
        if uri.startswith("file:"):
            self._tasks[uri] = asyncio.get_running_loop().create_task(self._validate(uri))

    def _forget(self, params: types.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        if task := self._tasks.pop(uri, None):
            task.cancel()
        if self._checked.pop(uri, None):
            self._publish(uri, None, [])

    async def _validate(self, uri: str) -> None:
        """Validate the newest text of a document; a later change cancels it."""
        await asyncio.sleep(_DELAY)
        documents = self.server.workspace.text_documents
        files = [each for each in documents.values() if each.uri.startswith("file:")]
        texts = {os.path.realpath(each.path): each.source for each in files}
        document = documents[uri]
        version, path = document.version, Path(document.path)
        checked = await self._work(partial(check, path, self._prepare, texts, self._parsed))
        if checked:
            self._checked[uri] = checked
            self._publish(uri, version, Converter(checked, document.position_codec).list_diagnostics())
        elif self._checked.pop(uri, None):
            self._publish(uri, version, [])

    async def _offer(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        """The quick fixes for a range; none while the text is newer than its findings."""
        uri, kinds = params.text_document.uri, params.context.only
        document, checked = self.server.workspace.get_text_document(uri), self._checked.get(uri)
        if not checked or checked.text != document.source:
            return []
        if kinds is not None and not {types.CodeActionKind.QuickFix, types.CodeActionKind.Empty} & set(kinds):
            return []
        return list(await self._work(partial(_list_actions, checked, params.range, document)))

    async def _work(self, function: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._executor, function)

    def _publish(self, uri: str, version: int | None, found: list[types.Diagnostic]) -> None:
        self.server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, found, version))


def _list_actions(checked: Checked, wanted: types.Range, document: TextDocument) -> list[types.CodeAction]:
    """The quick fixes of the findings that a range touches."""
    converter = Converter(checked, document.position_codec)
    ranges = ((finding, converter.range_of(finding)) for finding in checked.findings)
    touched = [finding for finding, each in ranges if each.start <= wanted.end and wanted.start <= each.end]
    proposals = find_proposals(checked, touched[:_MAX_FINDINGS])
    return [converter.convert_proposal(proposal, document.uri) for proposal in proposals]
