"""Accounts: the website and the accounts of an organization as links, where their addresses are certain."""

from typing import Final
from urllib.parse import quote

from publisher.matching.addresses import account_key, address_key
from publisher.pages.things.model import Link
from publisher.pages.things.reader import COAL, Reader
from publisher.rdf import namespaces as n

SERVICES: Final = {
    "https://actionnetwork.org/": "https://actionnetwork.org/groups/",
    "https://www.facebook.com/": "https://www.facebook.com/",
    "https://www.instagram.com/": "https://www.instagram.com/",
    "https://twitter.com/": "https://twitter.com/",
}
"""Home page of a service -> what the addresses of its accounts begin with, before the name of the account."""


def find_addresses(reader: Reader, iri: str) -> list[Link]:
    """The website and the accounts of an organization, as links; an account without an address is plain text."""
    near = reader.near
    found = [reader.outside(site) for site in near.iris(iri, n.FOAF + "homepage")]
    for account in near.iris(iri, n.FOAF + "account"):
        text = near.label(account) or near.text(account, COAL + "printedAs", n.FOAF + "accountName")
        known = near.iri(account, n.SCHEMA + "url") or _find_own_page(reader, account)
        address = known or _build_address(reader, account)
        found.append(reader.outside(address, text) if address else Link(text))
    return [link for link in found if link.text]


def _find_own_page(reader: Reader, account: str) -> str:
    """The address of the page of an account where it is a source of its record; empty if none is.

    At some services (LinkedIn) the name alone does not tell it.
    """
    near = reader.near
    service, name = near.iri(account, n.FOAF + "accountServiceHomepage"), near.text(account, n.FOAF + "accountName")
    own = f"{address_key(service)}/{name.casefold()}"
    for address in (near.iri(source, n.SCHEMA + "url") for source in reader.sources([account])):
        key = address_key(address)
        if name and own in (key.casefold(), account_key(key)):
            return address
    return ""


def _build_address(reader: Reader, account: str) -> str:
    """The address of an account at a service whose pattern is known; empty at others and without a name."""
    service = reader.near.iri(account, n.FOAF + "accountServiceHomepage")
    name = reader.near.text(account, n.FOAF + "accountName")
    return SERVICES[service] + quote(name, safe="") if name and service in SERVICES else ""
