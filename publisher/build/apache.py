"""Rules for Apache: an `.htaccess` file that chooses forms by simple Accept headers and redirects."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from publisher.build.addresses import SERVICES
from publisher.build.folder import PRIVATE
from publisher.build.tables import Tables
from publisher.dataset.iris import RELEASE_PATH, THING_PATH
from publisher.dataset.releases import LATEST
from publisher.formats import DOCUMENTS, GRAPHS, HTML, Format

FILE: Final = ".htaccess"
_BELOW: Final = f"{RELEASE_PATH}/[^/]+/"
_THING: Final = re.compile(f"({_BELOW})?{THING_PATH}")


def write_rules(tables: Tables, live: str) -> Iterator[tuple[str, Iterable[str]]]:
    """Yield the file of the rules as (path, pieces of its text). live: URL of a server for what the copy cannot
    answer."""
    yield FILE, _write(tables, live)


def _write(tables: Tables, live: str) -> Iterator[str]:
    usual, others = tables.types()
    yield "# Written by `publisher build`; see docs/static.md. It needs mod_rewrite, mod_headers and mod_mime.\n"
    yield "DirectorySlash Off\nOptions -Indexes -MultiViews\nDirectoryIndex disabled\nAddDefaultCharset Off\n"
    yield "ErrorDocument 404 /404.html\n"
    yield from (f'AddType "{type_}" .{suffix}\n' for suffix, type_ in sorted(usual.items()))
    for file, type_ in sorted(others.items()):
        yield f'<If "%{{REQUEST_URI}} =~ m#/{re.escape(file)}$#">\nForceType "{type_}"\n</If>\n'
    for name, value in tables.constant.items():
        yield f'Header always set {name.title()} "{value}"\n'
    for below, release in tables.releases.items():
        yield f'<If "%{{REQUEST_URI}} =~ m#^/{re.escape(below)}#">\n'
        yield f'Header always set Dataset-Release "{release}"\n</If>\n'
    yield 'Header set Cache-Control "no-cache"\n'
    yield "RewriteEngine On\n"
    yield f"RewriteRule ^{re.escape(PRIVATE)}/ - [R=404,L]\n"
    yield from _redirect(tables, live)
    yield from (f"RewriteRule ^{re.escape(below)}$ {below}index.html [L]\n" for below in ("", *tables.releases))
    yield from _choose()


def _redirect(tables: Tables, live: str) -> Iterator[str]:
    """Redirects: those of retired things one by one, those of things and their parts by rules."""
    for gone in tables.list_gone():
        yield f"RewriteRule ^{re.escape(gone.path)}$ - [G,L]\n"
    for moved in tables.list_moved():
        if moved.status != 303 or not _THING.match(moved.path):
            yield f"RewriteRule ^{re.escape(moved.path)}$ {_locate(moved.path, moved.target)} [R={moved.status},NE,L]\n"
    yield "RewriteCond %{DOCUMENT_ROOT}/$1doc/$2/$3.html -f\n"
    yield f"RewriteRule ^({_BELOW})?id/([a-z]+)/([a-z0-9.-]+)$ /$1doc/$2/$3 [R=303,L]\n"
    for below in list(tables.releases)[-1:]:
        yield f"RewriteRule ^{RELEASE_PATH}/{LATEST}/(.+)$ /{below}$1 [R=307,L]\n"
    if live:
        below = f"({_BELOW})?" if tables.releases else ""
        yield f"RewriteRule ^{below}({'|'.join(SERVICES)})(/.*|\\..*)?$ {live}/$0 [R=307,L]\n"


def _locate(path: str, target: str) -> str:
    """The target of a redirect from a path, from the root of the host on."""
    if "://" in target:
        return target
    folders = path.split("/")[:-1]
    while target.startswith("../"):
        folders, target = folders[:-1], target[3:]
    return "/" + "/".join([*folders, target.removeprefix("./")])


def _choose() -> Iterator[str]:
    """The form of a document: the one type that a header names, the page for browsers, the default otherwise."""
    for form in DOCUMENTS:
        types = "|".join(re.escape(each) for each in _types(form))
        yield f"RewriteCond %{{HTTP_ACCEPT}} ^({types})\\s*(;|,|$) [NC]\n"
        yield f"RewriteCond %{{REQUEST_FILENAME}}.{form.suffix} -f\n"
        yield f"RewriteRule ^(.+)$ $1.{form.suffix} [L]\n"
    for form in (GRAPHS[0], HTML):
        yield "RewriteCond %{REQUEST_FILENAME} !-f\n"
        yield f"RewriteCond %{{REQUEST_FILENAME}}.{form.suffix} -f\n"
        yield f"RewriteRule ^(.+)$ $1.{form.suffix} [L]\n"


def _types(form: Format) -> Sequence[str]:
    """The types that choose a form: its aliases too, unless they name any JSON, XML or text."""
    return [form.media_type, *form.aliases] if form in (GRAPHS[0], HTML) else [form.media_type]
