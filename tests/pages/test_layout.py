"""Layout: titles, descriptions and footers of pages, without a server."""

from dataclasses import replace

import pytest
from support.each import each

from publisher.pages.assets import Assets
from publisher.pages.layout import SUMMARY, TITLE, Frame, Layout, Site, shorten

SITE = Site(
    "Vermont Ponds", "Takes no side.", [("", "CC0")], [("Ponds", "doc/pond")], "https://x.example/", "Ponds all."
)


def render(site: Site = SITE, **values: object) -> str:
    layout = Layout(site, Assets())
    return layout.render("layout.html", frame=layout.frame("Mill Pond", "doc/pond/mill", **values))


@each(
    ("title", "shown"),
    [
        ("Mill Pond", "Mill Pond – Vermont Ponds"),
        ("Vermont Ponds", "Vermont Ponds"),
        ("Pond " * 12 + "x", "Pond " * 12 + "x"),
        ("Pond " * 20 + "x", "Pond " * 12 + "Pond…"),
    ],
)
def test_head_title_fits(title: str, shown: str) -> None:
    frame = Frame(title, "", SITE)
    assert frame.head_title == shown
    assert len(frame.head_title) <= TITLE


@each(
    ("text", "shown"),
    [
        ("One.\n Two.", "One. Two."),
        ("It is a deep pond. It has a mill, and much else.", "It is a deep pond."),
        ("A. It is a deep, long and quiet pond with a mill", "A. It is a deep, long and…"),
        ("x" * 40, "x" * 29 + "…"),
    ],
)
def test_text_is_shortened_at_sentence_or_word(text: str, shown: str) -> None:
    assert shorten(text, 30) == shown


def test_description_is_summary_or_site_description() -> None:
    assert Frame("Mill Pond", "", SITE, summary="A pond with a mill.").description == "A pond with a mill."
    assert Frame("Mill Pond", "", SITE).description == "Mill Pond. Ponds all."
    assert len(Frame("x", "", SITE, summary="word " * 100).description) <= SUMMARY


def test_page_has_preview_of_links() -> None:
    page = render(summary="A “deep” pond & mill.", canonical="https://x.example/doc/pond/mill")
    assert '<meta name="description" content="A “deep” pond &amp; mill.">' in page
    assert '<meta property="og:title" content="Mill Pond">' in page
    assert '<meta property="og:url" content="https://x.example/doc/pond/mill">' in page
    assert '<meta property="og:site_name" content="Vermont Ponds">' in page
    assert "noindex" not in page


def test_shared_link_is_the_address_that_visitors_reach() -> None:
    site = replace(SITE, here="https://host.example/ponds/")
    assert Frame("Mill Pond", "doc/pond/mill", site, canonical="https://x.example/doc/pond/mill").address == (
        "https://host.example/ponds/doc/pond/mill"
    )


def test_page_that_is_not_indexed_says_so() -> None:
    page = render(indexed=False)
    assert '<meta name="robots" content="noindex">' in page
    assert "og:" not in page


@pytest.mark.parametrize(
    ("contact", "shown"),
    [
        ("", "Contact: none is stated."),
        ("a@x.example", 'Contact: <a href="mailto:a@x.example">a@x.example</a>.'),
        ("https://x.example/@us", 'Contact: <a href="https://x.example/@us">https://x.example/@us</a>.'),
    ],
)
def test_footer_states_contact(contact: str, shown: str) -> None:
    assert shown in render(Site("Ponds", "", [], [], contact=contact))


def test_footer_states_project_and_last_change() -> None:
    page = render(Site("Ponds", "", [], [], project="https://x.example/code"), changed="2026-11-29")
    assert '<a href="https://x.example/code" rel="external">Project</a>' in page
    assert 'This record last changed on <time datetime="2026-11-29">2026-11-29</time>.' in page
    assert "Project" not in render()
