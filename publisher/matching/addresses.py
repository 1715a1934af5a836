"""Addresses: one key for all spellings of an address on the web, and the handles of accounts."""

import re
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

LONGEST: Final = 2000
"""Characters of an address that are read."""
_SAME_HOSTS: Final = {
    "fb.com": "facebook.com",
    "fb.me": "facebook.com",
    "x.com": "twitter.com",
    "instagr.am": "instagram.com",
    "youtu.be": "youtube.com",
}
"""Hosts that serve what another host serves."""
_PREFIXES: Final = re.compile(r"\A(?:www\d?|m|mobile|web|[a-z]{2}-[a-z]{2})\.(?=[^.]+\.[^.])")
"""Matches what a host may have before the name of its site: other views of the same pages."""
_INDEX: Final = re.compile(r"/(?:index|default|home)\.(?:html?|php|aspx?)\Z", re.IGNORECASE)
_LOOKS: Final = re.compile(
    r"(?:https?:)?//\S+|(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24}(?::\d+)?(?:[/?#]\S*)?", re.IGNORECASE
)
_HANDLE: Final = re.compile(
    r"(?:[A-Za-z]{1,12}\s*:?\s+|[A-Za-z]{1,12}\s*:\s*)?@([A-Za-z0-9_][A-Za-z0-9_.-]{0,62})(?:@(?P<host>\S+))?"
)
_CASELESS: Final = frozenset({"facebook.com", "twitter.com", "instagram.com", "actionnetwork.org", "malegislature.gov"})
"""Hosts whose paths do not distinguish small letters and capitals."""
_ACCOUNTS: Final = frozenset({"facebook.com", "twitter.com", "instagram.com", "linkedin.com", "actionnetwork.org"})
"""Hosts at which the path alone names an account, but for `profile.php`."""
_BILL: Final = re.compile(
    r"(?:api/generalcourts/|reports/)?(?:bills?|documents?)?/?(?:bill/)?(\d{3})/(?:house/|senate/|documents/)*"
    r"(?P<number>[hs]d?\d+)(?:[./].*)?"
)
"""Matches the paths of a bill or docket at the legislature, in small letters."""
_WIKIDATA: Final = re.compile(
    r"(?:entity/|wiki/(?:special:entitydata/)?|prop/direct/|wiki/special:entitypage/)(q\d+)\b.*", re.IGNORECASE
)
_SHORT_WIKIDATA: Final = re.compile(r"(?:wd:|wikidata:)?(q[1-9]\d*)", re.IGNORECASE)
_SHORT_CODE: Final = re.compile(r"(cap|eurovoc):\s*(\S+)", re.IGNORECASE)


class Handle(NamedTuple):
    """A name of an account. host: of its service, empty if the text does not say it."""

    name: str
    host: str = ""


def looks_like_address(text: str) -> bool:
    """Whether a text is an address on the web, with or without its scheme."""
    return len(text) <= LONGEST and bool(_LOOKS.fullmatch(text))


def read_handle(text: str) -> Handle | None:
    """Return the handle that a text with its sign is (`@name`); None if it is none."""
    found = _HANDLE.fullmatch(text)
    return Handle(found[1].casefold(), (found["host"] or "").lower()) if found else None


def address_key(address: str) -> str:
    """Return the key of an address: without scheme, `www.`, default page, fragment, and slash at its end.

    Addresses of records in Wikidata, EuroVoc and at the legislature of Massachusetts have one key in all their forms.
    Empty where the text is no address.
    """
    text = address.strip()[:LONGEST]
    short = _SHORT_WIKIDATA.fullmatch(text)
    if short:
        return f"wikidata.org/{short[1].lower()}"
    code = _SHORT_CODE.fullmatch(text)
    if code:
        return f"cap {code[2]}" if code[1].lower() == "cap" else f"eurovoc.europa.eu/{code[2].lower()}"
    try:
        parts = urlsplit(text if "//" in text[:8] else f"//{text}")
        host = _host_key(parts.hostname or "")
        port = parts.port
    except ValueError:
        return ""
    if "." not in host or " " in text or "@" in parts.netloc or parts.scheme not in ("", "http", "https"):
        return ""
    path = unquote(_INDEX.sub("", parts.path)).strip("/")
    nested = dict(parse_qsl(parts.query, max_num_fields=20)).get("uri", "") if host == "op.europa.eu" else ""
    if nested:
        return address_key(nested)
    host += f":{port}" if port not in (None, 80, 443) else ""
    return _known_key(host, path, parts.query, parts.fragment)


def _host_key(host: str) -> str:
    host = _PREFIXES.sub("", host.lower().rstrip("."))
    return _SAME_HOSTS.get(host, host)


def _known_key(host: str, path: str, query: str, fragment: str) -> str:
    """The key of an address by its parts, with the forms of the sites that are known."""
    if host in _CASELESS or host == "eurovoc.europa.eu":
        path = path.lower()
    bill = _BILL.fullmatch(path) if host == "malegislature.gov" else None
    if bill:
        return f"{host}/{bill[1]}/{bill['number']}"
    item = _WIKIDATA.fullmatch(path) if host == "wikidata.org" else None
    if item:
        return f"{host}/{item[1].lower()}"
    if host == "comparativeagendas.net" and fragment.isdecimal():
        return f"cap {fragment}"
    if host in _ACCOUNTS and path != "profile.php":
        query = ""
    kept = sorted(f"{name}={value}" for name, value in parse_qsl(query[:LONGEST], max_num_fields=50) if _matters(name))
    return "/".join(filter(None, (host, path))) + (f"?{'&'.join(kept)}" if kept else "")


def _matters(name: str) -> bool:
    """Whether a parameter may choose a page; those that track where a visitor comes from do not."""
    return not re.match(r"utm_|fbclid|gclid|ref\b|source\b|s\b|lang\b|mc_[ce]id", name)


def account_key(key: str) -> str:
    """Return the key of an account whose page has more in its address than service and name (`/company/name`).

    Empty where the address is no longer than that.
    """
    host, _, path = key.partition("?")[0].partition("/")
    folder, slash, name = path.rpartition("/")
    return f"{host}/{name.removeprefix('@').casefold()}" if slash and folder and name else ""


def host_of(key: str) -> str:
    """Return the site of the key of an address; empty where the key is a site itself."""
    host, slash, _ = key.partition("/")
    return host.partition("?")[0] if slash or "?" in key else ""
