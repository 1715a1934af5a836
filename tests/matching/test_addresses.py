"""Addresses: every form of an address has one key, and what is no address has none."""

import pytest
from support.each import each

from publisher.matching.addresses import account_key, address_key, host_of, looks_like_address, read_handle

BILL = "malegislature.gov/194/h1811"
ITEM = "wikidata.org/q771"
CONCEPT = "eurovoc.europa.eu/269"


@each(
    ("address", "key"),
    [
        ("https://www.example.org/", "example.org"),
        ("http://example.org", "example.org"),
        ("EXAMPLE.org/index.html", "example.org"),
        ("//m.example.org:443/#top", "example.org"),
        ("https://example.org:8080/a/", "example.org:8080/a"),
        ("https://example.org/a?utm_source=x&id=7&fbclid=y", "example.org/a?id=7"),
        ("https://example.org/A%20b", "example.org/A b"),
        ("https://x.com/Clear_Water?s=20", "twitter.com/clear_water"),
        ("https://mobile.twitter.com/clear_water", "twitter.com/clear_water"),
        ("fb.com/ClearWater/", "facebook.com/clearwater"),
        ("https://www.instagram.com/clear_water/?hl=en", "instagram.com/clear_water"),
        ("https://facebook.com/profile.php?id=7", "facebook.com/profile.php?id=7"),
        ("https://malegislature.gov/Bills/194/H1811", BILL),
        ("http://www.malegislature.gov/bills/194/h1811/", BILL),
        ("https://malegislature.gov/Bills/194/House/H1811", BILL),
        ("https://malegislature.gov/Bills/194/H1811/BillHistory", BILL),
        ("https://malegislature.gov/Bills/194/H1811.pdf", BILL),
        ("https://malegislature.gov/api/GeneralCourts/194/Documents/H1811", BILL),
        ("https://malegislature.gov/Bills/194/HD4328", "malegislature.gov/194/hd4328"),
        ("http://www.wikidata.org/entity/Q771", ITEM),
        ("https://www.wikidata.org/wiki/Q771#P31", ITEM),
        ("https://www.wikidata.org/wiki/Special:EntityData/Q771.json", ITEM),
        ("wd:Q771", ITEM),
        ("Q771", ITEM),
        ("http://eurovoc.europa.eu/269", CONCEPT),
        ("eurovoc:269", CONCEPT),
        ("https://op.europa.eu/resource?uri=http%3A%2F%2Feurovoc.europa.eu%2F269", CONCEPT),
        ("cap:601", "cap 601"),
        ("https://www.comparativeagendas.net/pages/master-codebook#601", "cap 601"),
    ],
)
def test_forms_of_an_address_have_one_key(address: str, key: str) -> None:
    assert address_key(address) == key


@each(
    "text",
    [
        "",
        "javascript:alert(1)",
        "ftp://example.org/",
        "http://[::1",
        "Dr. Who",
        "http://a b.org",
        "mailto:a@b.org",
        "x",
    ],
)
def test_other_texts_have_no_key(text: str) -> None:
    assert address_key(text) == ""


def test_account_of_a_longer_address_is_found() -> None:
    assert account_key("linkedin.com/company/Clear-Water") == "linkedin.com/clear-water"
    assert account_key("youtube.com/c/@clear") == "youtube.com/clear"
    assert account_key("twitter.com/clear") == account_key("example.org") == ""


def test_site_of_a_page_is_found() -> None:
    assert host_of("example.org/about/us") == host_of("example.org?id=7") == "example.org"
    assert host_of("example.org") == ""


@pytest.mark.parametrize("text", ["https://example.org", "example.org/a", "www.example.org"])
def test_address_is_recognized(text: str) -> None:
    assert looks_like_address(text)


@each("text", ["Clear Water", "@clear", "H.1811", "Mass.", "x" * 3000 + ".org"])
def test_name_is_no_address(text: str) -> None:
    assert not looks_like_address(text)


def test_handle_is_read() -> None:
    assert read_handle("@Clear_Water") == ("clear_water", "")
    assert read_handle("@clear@social.example") == ("clear", "social.example")
    assert read_handle("Twitter: @clear") == read_handle("twitter @clear") == ("clear", "")
    assert read_handle("clear") is None
    assert read_handle("a@b.org") is None
    assert read_handle("@") is None
