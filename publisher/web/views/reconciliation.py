"""The reconciliation service (Reconciliation Service API 0.2, and the forms of 0.1 that clients still send)."""

import json
import re
from typing import Any, Final

from flask import request
from markupsafe import escape
from werkzeug.wrappers import Response

from publisher import __version__
from publisher.dataset.iris import LOOKUP_PATH, RECONCILE_PATH, THING_PATH
from publisher.errors import MalformedError, NotFoundError, UnsupportedMediaTypeError
from publisher.formats import FORM, HTML, JSON, SCRIPT, Format
from publisher.linking.queries import BATCH, read_batch, read_extension, read_single
from publisher.linking.reconciler import Reconciler
from publisher.pages.site import Pages
from publisher.rdf.namespaces import VOCABULARY
from publisher.release.catalogue import Catalogue
from publisher.release.finder import Finder
from publisher.release.resources import Resources
from publisher.web.requests import read_parameters
from publisher.web.responses import Responses, make_coding_error, respond

VERSIONS: Final = ("0.1", "0.2")
WIDTH: Final = 430
HEIGHT: Final = 230
"""Pixels of the preview of a thing."""
POLICY: Final = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'"
"""The policy of previews: unlike other pages, any site may frame them."""
SUGGESTED: Final = 20
PREFIX: Final = 200
"""Characters of what a visitor typed."""
_CALLBACK: Final = re.compile(r"[A-Za-z_$][\w$]{0,99}(\.[A-Za-z_$][\w$]{0,99}){0,5}", re.ASCII)
_NUMBER: Final = re.compile(r"\d{1,6}", re.ASCII)


class ReconciliationViews:
    """The addresses of the reconciliation service."""

    def __init__(
        self, responses: Responses, resources: Resources, catalogue: Catalogue, pages: Pages, finder: Finder
    ) -> None:
        self._responses = responses
        self._names = resources.names
        self._resources = resources
        self._catalogue = catalogue
        self._pages = pages
        self._reconciler = Reconciler(resources, finder)

    def service(self) -> Response:
        """The manifest, or the answer to a batch, to one query, or to a data extension query."""
        sent = _read_sent()
        if "queries" in sent:
            batch = read_batch(sent["queries"])
            return _write({key: {"result": self._reconciler.reconcile(query)} for key, query in batch.items()}, sent)
        if "extend" in sent:
            return _write(self._reconciler.extend(read_extension(sent["extend"])), sent)
        if "query" in sent:
            return _write({"result": self._reconciler.reconcile(read_single(sent["query"]))}, sent)
        if request.method == "POST":
            raise MalformedError("Send a batch in the form field `queries`, or a data extension query in `extend`.")
        return _write(self._manifest(), sent)

    def _manifest(self) -> dict[str, Any]:
        """What the service offers (section 3.1)."""
        root = self._responses.root_url(request.scheme, request.environ["HTTP_HOST"] + request.root_path)
        here = root + RECONCILE_PATH
        suggest = {
            kind: {
                "service_url": here,
                "service_path": f"/suggest/{kind}",
                "flyout_service_path": "/flyout?id=${id}",
            }
            for kind in ("entity", "type", "property")
        }
        return {
            "versions": list(VERSIONS),
            "name": self._catalogue.title,
            "identifierSpace": self._names.iri(THING_PATH),
            "schemaSpace": VOCABULARY,
            "documentation": f"{root}docs/linking",
            "serviceVersion": __version__,
            "batchSize": BATCH,
            "defaultTypes": [{"id": named.id, "name": named.name} for named in self._reconciler.types.by_kind.values()],
            "view": {"url": f"{root}{LOOKUP_PATH}?uri={{{{id}}}}"},
            "preview": {"url": f"{here}/preview?id={{{{id}}}}", "width": WIDTH, "height": HEIGHT},
            "suggest": suggest,
            "extend": {
                "propose_properties": {"service_url": here, "service_path": "/properties"},
                "property_settings": [
                    {
                        "name": "limit",
                        "label": "Limit",
                        "type": "number",
                        "default": 0,
                        "help_text": "Values of each record at most; 0 for the first 100.",
                    }
                ],
            },
        }

    def suggest(self, kind: str) -> Response:
        """Entities, types or properties for what a person typed (section 6)."""
        sent = _read_sent()
        prefix, start = sent.get("prefix", "").strip(), _read_number(sent, "cursor", 0)
        if len(prefix) > PREFIX:
            raise MalformedError(f"`prefix` exceeds the limit of {PREFIX} characters.")
        if kind == "type":
            return _write({"result": self._reconciler.suggest_types(prefix, start)}, sent)
        if kind == "property":
            return _write({"result": self._reconciler.suggest_properties(prefix, start)}, sent)
        types = [type_ for type_ in sent.get("type", "").split(",") if type_]
        found = self._reconciler.suggest_entities(prefix, types, start) if prefix else []
        return _write({"result": found}, sent)

    def flyout(self) -> Response:
        """A small preview of an entity, a type or a property (section 6.5)."""
        sent = _read_sent()
        named = self._reconciler.describe(_read_id(sent))
        if named is None:
            raise NotFoundError("There is no record, type or property with this identifier.")
        html = f"<p><strong>{escape(named.name)}</strong></p><p>{escape(named.description)}</p>"
        return _write({"id": _read_id(sent), "html": html}, sent)

    def properties(self) -> Response:
        """Properties whose values can be fetched for the things of a type (section 7.2)."""
        sent = _read_sent()
        limit = min(_read_number(sent, "limit", SUGGESTED) or SUGGESTED, 100)
        found = self._reconciler.propose_properties(sent.get("type", ""), limit)
        return _write({"type": sent.get("type", ""), "limit": limit, "properties": found}, sent)

    def preview(self) -> Response:
        """A small page about a thing, to be framed by clients (section 5)."""
        iri = self._resources.successor(_read_id(_read_sent())) or _read_id(_read_sent())
        if self._names.thing(iri) != iri:
            raise NotFoundError("There is no record with this identifier.")
        self._resources.require(iri)
        named = self._reconciler.describe(iri)
        kind = iri.removeprefix(self._names.iri(THING_PATH)).partition("/")[0]
        page = self._pages.preview(iri, named.name if named else iri, named.description if named else "", kind)
        response = respond(page.encode(), HTML)
        response.headers["Content-Security-Policy"] = POLICY
        return response


def _read_sent() -> dict[str, str]:
    """The parameters of the query string and of a form in the body; the latter take precedence."""
    sent = read_parameters(request.query_string)
    if request.method == "POST":
        kind = request.mimetype
        coding = request.headers.get("Content-Encoding", "identity").strip().lower()
        if coding != "identity":
            raise make_coding_error(coding)
        if kind not in (FORM, ""):
            raise UnsupportedMediaTypeError(f"The body must be a form ({FORM}).")
        sent |= read_parameters(request.get_data())
    callback = sent.get("callback", "")
    if callback and not _CALLBACK.fullmatch(callback):
        raise MalformedError("`callback` must be the name of a function: letters, digits, `_`, `$` and dots.")
    return sent


def _write(value: Any, sent: dict[str, str]) -> Response:
    """JSON, or a call of the function that the client names (JSONP)."""
    text = json.dumps(value)
    callback = sent.get("callback", "")
    form: Format = SCRIPT if callback else JSON
    return respond((f"/**/{callback}({text});" if callback else text).encode() + b"\n", form)


def _read_number(sent: dict[str, str], name: str, default: int) -> int:
    text = sent.get(name, "")
    if text and not _NUMBER.fullmatch(text):
        raise MalformedError(f"`{name}` must be a whole number of at most 6 digits.")
    return int(text or default)


def _read_id(sent: dict[str, str]) -> str:
    if not sent.get("id"):
        raise MalformedError("Name an identifier: `id`.")
    return sent["id"]
