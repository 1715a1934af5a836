"""Signposting: typed links that lead programs from a page to its data, and back (FAIR Signposting, levels 1 and 2)."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from publisher.dataset.iris import DOWNLOAD_PATH, Names, is_web, relative, to_uri
from publisher.formats import GRAPHS, HTML, LINKSET, Format
from publisher.rdf.namespaces import SCHEMA
from publisher.release.downloads import Download

SHOWN: Final = 10
"""Items that the header Link names; the link set has all. Proxies take 4 KiB of headers."""


class Signposts(NamedTuple):
    """What the typed links of a document say.

    cite: the permanent IRI of what it is about. types: IRIs of classes. licenses: IRIs. collection: the path of the
    data set that it is a part of. items: the files of which it is the page, as (path, media type), the best first.
    """

    cite: str
    types: Sequence[str] = ()
    licenses: Sequence[str] = ()
    collection: str = ""
    items: Sequence[tuple[str, str]] = ()


_Target = tuple[str, str, str]
"""A relation, a reference and a media type."""


def list_links(posts: Signposts, path: str, form: Format) -> list[_Target]:
    """Return the typed links of one form of the document at a path, for the header Link (RFC 8288).

    References are relative to the document, so that they hold on any host.
    """
    last = path.rpartition("/")[2]
    found = _describe(posts, form)
    if form is HTML:
        found += [("describedby", relative(f"{last}.{each.suffix}", ""), each.media_type) for each in GRAPHS]
        found += [("item", relative(item, path), type_) for item, type_ in posts.items[:SHOWN]]
    else:
        found.append(("describes", relative(f"{last}.{HTML.suffix}", ""), HTML.media_type))
    if posts.collection:
        found.append(("collection", relative(posts.collection, path), ""))
    return [*found, ("linkset", relative(f"{last}.{LINKSET.suffix}", ""), LINKSET.media_type)]


def write_linkset(posts: Signposts, path: str, names: Names) -> bytes:
    """Write the links of a document, its forms and its files as a link set (RFC 9264, section 4.2), with permanent
    IRIs."""
    page, documents = names.iri(f"{path}.{HTML.suffix}"), {form: names.iri(f"{path}.{form.suffix}") for form in GRAPHS}
    of_page = _describe(posts, HTML)
    of_page += [("describedby", address, form.media_type) for form, address in documents.items()]
    of_page += [("item", names.iri(item), type_) for item, type_ in posts.items]
    if posts.collection:
        of_page.append(("collection", names.iri(posts.collection), ""))
    contexts = [_write_context(page, of_page)]
    for form, address in documents.items():
        contexts.append(_write_context(address, [*_describe(posts, form), ("describes", page, HTML.media_type)]))
    for item, _ in posts.items:
        contexts.append(
            _write_context(names.iri(item), [*_describe(posts, LINKSET), ("collection", page, HTML.media_type)])
        )
    return json.dumps({"linkset": contexts}, ensure_ascii=False, indent=1).encode() + b"\n"


def list_items(downloads: Iterable[Download]) -> list[tuple[str, str]]:
    """Return the items that downloads are: whole ones first, then compressed ones, then single tables."""
    order = ("tables", "database", "data", "graphs", "table", "links")
    ordered = sorted(downloads, key=lambda each: (bool(each.coding), order.index(each.content), each.name))
    return [(f"{DOWNLOAD_PATH}/{each.name}", (each.packed or each.format).media_type) for each in ordered]


def _describe(posts: Signposts, form: Format) -> list[_Target]:
    """The links that all forms have: what to cite, classes and licenses. A page is one about its thing."""
    types = [SCHEMA + "AboutPage", *posts.types] if form is HTML else posts.types
    return [
        ("cite-as", posts.cite, ""),
        *(("type", iri, "") for iri in types if is_web(iri)),
        *(("license", iri, "") for iri in posts.licenses if is_web(iri)),
    ]


def _write_context(anchor: str, targets: Iterable[_Target]) -> Mapping[str, object]:
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for relation, href, type_ in targets:
        found[relation].append({"href": to_uri(href)} | ({"type": type_} if type_ else {}))
    return {"anchor": to_uri(anchor), **found}
