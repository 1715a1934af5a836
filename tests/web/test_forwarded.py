"""Trusted proxies: whose forwarded header fields count, and which of their values."""

from typing import Any

import pytest
from support.asgi_client import open_app
from support.each import each

from publisher.errors import CannotRunError
from publisher.release.store import Store
from publisher.settings import Settings
from publisher.web.forwarded import TrustedProxies, fair_share
from publisher.web.requests import Request

ALL = "X-Forwarded-For X-Forwarded-Proto X-Forwarded-Host X-Forwarded-Prefix"
PROXY = "10.0.0.1"


def resolve(peer: str, headers: dict[str, str], proxies: str = "10.0.0.0/8", fields: str = ALL) -> Request:
    settings = Settings(trusted_proxies=proxies, forwarded_fields=fields).check()
    sent = {name.lower(): value for name, value in headers.items()}
    return TrustedProxies.of(settings).resolve(Request("GET", "", "/", "", sent, "http", "own.example", peer))


FORGED = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Prefix": "/evil",
    "Forwarded": "for=203.0.113.9;proto=https;host=evil.example",
}


@each(("peer", "proxies"), [("198.51.100.7", "10.0.0.0/8"), (PROXY, ""), ("", "10.0.0.0/8")])
@each("fields", [ALL, "Forwarded"])
def test_untrusted_peer_fields_are_ignored(peer: str, proxies: str, fields: str) -> None:
    request = resolve(peer, FORGED, proxies, fields)
    assert (request.client, request.scheme, request.host, request.root) == (peer, "http", "own.example", "")


@each(
    ("sent", "client"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("1.1.1.1, 203.0.113.9", "203.0.113.9"),  # the first was sent by the client itself
        ("1.1.1.1, 203.0.113.9, 10.2.0.1", "203.0.113.9"),
        ("10.9.9.9, 10.2.0.1", "10.9.9.9"),
        ("203.0.113.9:4711", "203.0.113.9"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9, ::ffff:10.2.0.1", "203.0.113.9"),
        ("203.0.113.9, unknown", PROXY),
        ("203.0.113.9, <script>", PROXY),
        ("203.0.113.9, unknown, 10.2.0.1", "10.2.0.1"),
        (" , ,", PROXY),
        ("", PROXY),
    ],
)
def test_client_is_rightmost_untrusted_address(sent: str, client: str) -> None:
    assert resolve(PROXY, {"X-Forwarded-For": sent}).client == client


@each(
    ("sent", "expected"),
    [
        ("for=203.0.113.9;proto=https;host=data.example", ("203.0.113.9", "https", "data.example")),
        ('For="[2001:db8::1]:80";Proto=HTTPS', ("2001:db8::1", "https", "own.example")),
        ("for=1.1.1.1;host=evil.example, for=203.0.113.9;proto=https", ("203.0.113.9", "https", "own.example")),
        ("for=203.0.113.9;host=data.example, for=10.2.0.1;host=inner", ("203.0.113.9", "http", "data.example")),
        ('for="a, for=1.1.1.1", for=203.0.113.9', ("203.0.113.9", "http", "own.example")),
        ("for=203.0.113.9, for=_hidden;proto=https", (PROXY, "https", "own.example")),
        ("for=203.0.113.9, proto=https", (PROXY, "https", "own.example")),
        ('for=203.0.113.9;proto=javascript;host="a/b"', ("203.0.113.9", "http", "own.example")),
        (";;;,,,=", (PROXY, "http", "own.example")),
    ],
)
def test_forwarded_field_is_read_hop_by_hop(sent: str, expected: tuple[str, str, str]) -> None:
    request = resolve(PROXY, {"Forwarded": sent, "X-Forwarded-For": "1.2.3.4"}, fields="Forwarded")
    assert (request.client, request.scheme, request.host) == expected


@each(
    ("headers", "expected"),
    [
        ({"Proto": "https"}, ("https", "own.example")),
        ({"Proto": "https", "Host": "data.example:8443"}, ("https", "data.example:8443")),
        ({"For": "203.0.113.9, 10.2.0.1", "Proto": "https, http"}, ("https", "own.example")),
        ({"For": "1.1.1.1, 203.0.113.9", "Host": "evil.example, data.example"}, ("http", "data.example")),
        ({"For": "203.0.113.9", "Proto": "ftp", "Host": "a b"}, ("http", "own.example")),
    ],
)
def test_scheme_and_host_of_outermost_trusted_proxy(headers: dict[str, str], expected: tuple[str, str]) -> None:
    request = resolve(PROXY, {f"X-Forwarded-{name}": value for name, value in headers.items()})
    assert (request.scheme, request.host) == expected


@each(
    ("prefix", "root"),
    [
        ("/data", "/data"),
        ("/a/b/", "/a/b"),
        ("//evil.example", ""),
        ("data", ""),
        ("/a b", ""),
        ("/a\\b", ""),
        ("/", ""),
    ],
)
def test_prefix_must_be_a_path(prefix: str, root: str) -> None:
    assert resolve(PROXY, {"X-Forwarded-Prefix": prefix}).root == root


def test_unlisted_field_is_ignored() -> None:
    request = resolve(PROXY, FORGED, fields=Settings().forwarded_fields)
    assert (request.client, request.scheme) == ("203.0.113.9", "https")
    assert (request.host, request.root) == ("own.example", "")


@each("proxies", ["10.0.0.1/8", "localhost", "10.0.0.0/33", "::1 x", "*"])
def test_invalid_proxy_address_is_rejected(proxies: str) -> None:
    with pytest.raises(CannotRunError, match=r"PUBLISHER_TRUSTED_PROXIES is .*an IP address, or a network"):
        Settings(trusted_proxies=proxies).check()


@pytest.mark.parametrize("fields", ["X-Real-IP", "X-Forwarded-For Forwarded", "X-Forwarded-For,X-Forwarded-Proto"])
def test_conflicting_fields_are_rejected(fields: str) -> None:
    with pytest.raises(CannotRunError, match="PUBLISHER_FORWARDED_FIELDS is"):
        Settings(forwarded_fields=fields).check()


@each("proxies", ["", "127.0.0.1", " 127.0.0.1  ::1 ", "10.0.0.0/8,fd00::/8"])
def test_addresses_and_networks_are_accepted(proxies: str) -> None:
    assert Settings(trusted_proxies=proxies).check()


def test_ipv6_subscriber_has_one_share() -> None:
    assert fair_share("2001:db8::1") == fair_share("2001:db8:0:0:ffff::2%eth0") != fair_share("2001:db8:0:1::1")
    assert fair_share("::ffff:203.0.113.9") == fair_share("203.0.113.9") != fair_share("203.0.113.8")
    assert fair_share("") == ""


def test_server_uses_trusted_proxy_fields(settings: Settings, store: Store, asked: list[Any]) -> None:
    proxied = settings.having(trusted_proxies="127.0.0.1", forwarded_fields=ALL)
    client = open_app(proxied, store).test_client()
    for peer in ("203.0.113.9", "203.0.113.10"):
        client.get(f"/sparql?query=ASK%7B%7D%20%23{peer}", headers={"X-Forwarded-For": peer})
    assert [query.client for query in asked] == ["203.0.113.9", "203.0.113.10"]
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "data.example", "X-Forwarded-Prefix": "/graph"}
    assert "<loc>https://data.example/graph/</loc>" in client.get("/sitemap.xml", headers=headers).text
    described = client.get("/sparql", headers=headers | {"Accept": "text/turtle"}).text
    assert "sd:endpoint <https://data.example/graph/sparql>" in described
    assert "<loc>http://localhost/</loc>" in client.get("/sitemap.xml").text
