"""The addresses of an organization: its site, and accounts where a page or a known pattern tells the address."""

from types import SimpleNamespace
from typing import Any, cast

from support.each import each

from publisher.dataset.iris import Names
from publisher.pages.things.accounts import find_addresses
from publisher.pages.things.reader import COAL, Reader
from publisher.rdf import namespaces as n

BASE = "https://ponds.example/"
POND, ACCOUNT, SOURCE = (f"{BASE}id/{path}" for path in ("coalition/p", "coalition/p/account/a", "source/s"))


def links(service: str, name: str, page: str = "", url: str = "") -> list[tuple[str, str]]:
    """The links of an organization with one account. page: its source. url: the address that is stated of it."""
    stated = {
        (POND, n.FOAF + "account"): ACCOUNT,
        (ACCOUNT, n.FOAF + "accountServiceHomepage"): service,
        (ACCOUNT, n.FOAF + "accountName"): name,
        (ACCOUNT, COAL + "printedAs"): "The pond",
        (ACCOUNT, n.DCTERMS + "source"): SOURCE if page else "",
        (ACCOUNT, n.SCHEMA + "url"): url,
        (SOURCE, n.SCHEMA + "url"): page,
    }

    def read(subject: str, *predicates: str) -> str:
        return next(filter(None, (stated.get((subject, p), "") for p in predicates)), "")

    near = SimpleNamespace(
        iri=read, text=read, label=lambda _: "", iris=lambda *asked: [found] if (found := read(*asked)) else []
    )
    reader = Reader(cast(Any, near), Names(BASE), "doc/coalition/p")
    return [(link.text, link.href) for link in find_addresses(reader, POND)]


LINKED_IN = "https://www.linkedin.com/"


@each(
    ("service", "name", "page", "address"),
    [
        (LINKED_IN, "ponds", "https://www.linkedin.com/company/ponds", "https://www.linkedin.com/company/ponds"),
        (LINKED_IN, "Ponds", "http://linkedin.com/in/ponds/", "http://linkedin.com/in/ponds/"),
        (LINKED_IN, "ponds", "https://www.linkedin.com/company/lakes", ""),
        (LINKED_IN, "ponds", "https://elsewhere.example/company/ponds", ""),
        (LINKED_IN, "ponds", "", ""),
        (LINKED_IN, "", "https://www.linkedin.com/company/", ""),
        ("https://www.facebook.com/", "ponds", "https://fb.com/Ponds", "https://fb.com/Ponds"),
        ("https://www.facebook.com/", "a b/c", "", "https://www.facebook.com/a%20b%2Fc"),
    ],
)
def test_account_is_linked_where_its_address_is_certain(service: str, name: str, page: str, address: str) -> None:
    assert links(service, name, page) == [("The pond", address)]


def test_stated_address_goes_first() -> None:
    assert links(LINKED_IN, "ponds", "https://www.linkedin.com/in/ponds", "https://x.example/") == [
        ("The pond", "https://x.example/")
    ]
