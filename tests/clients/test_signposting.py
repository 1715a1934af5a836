"""A client for FAIR Signposting follows the typed links of a real server."""

from support.optional_packages import extra

THING = "https://w3id.org/ma-coalitions/id/coalition/clear-water"


def test_signposting_finds_data_and_license(server: str) -> None:
    signposting = extra("signposting")
    found = signposting.find_signposting_http(f"{server}/doc/coalition/clear-water.html")
    assert str(found.citeAs.target) == THING
    assert {(str(each.target).removeprefix(server), str(each.type)) for each in found.describedBy} >= {
        ("/doc/coalition/clear-water.ttl", "text/turtle")
    }
    assert str(found.license.target) == "http://creativecommons.org/publicdomain/zero/1.0/"


def test_signposting_finds_files_in_the_link_set(server: str) -> None:
    signposting = extra("signposting")
    page = signposting.find_signposting_http(f"{server}/dataset.html")
    [linkset] = page.linksets
    whole = signposting.find_signposting_linkset(str(linkset.target), str(linkset.type))
    items = whole.for_context("https://w3id.org/ma-coalitions/dataset.html").items
    names = {str(each.target).rpartition("/")[2] for each in items}
    assert {"ma-coalitions.ttl", "ma-coalitions-tables.zip", "coalition.csv"} <= names
