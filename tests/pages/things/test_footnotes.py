"""Footnotes: numbered by first appearance, listed with what they are; texts of links that differ."""

from collections.abc import Callable

from publisher.pages.things.footnotes import Footnotes, LinkTexts
from publisher.pages.things.reader import Reader


def test_sources_are_numbered_by_first_appearance(read: Callable[[str], tuple[Reader, str]]) -> None:
    reader, _ = read("coalition/fair-wages-coalition")
    gazette, about = (reader.names.iri(f"id/source/{slug}") for slug in ("gazette-on-sick-leave", "fair-wages-about"))
    notes = Footnotes(reader)
    marks = [notes.cite(source) for source in (gazette, about, gazette)]
    assert [(mark.number, mark.anchor, mark.label) for mark in marks] == [
        (1, "cite-1a", "1a"),
        (2, "cite-2a", "2a"),
        (1, "cite-1b", "1b"),
    ]
    assert [source.number for source in notes.sources] == [1, 2]
    first = notes.sources[0]
    assert [mark.label for mark in first.back] == ["1a", "1b"]
    assert first.link.text == reader.near.label(gazette)
    assert first.link.foreign
    assert first.about.href.endswith("source/gazette-on-sick-leave")
    assert notes.leave_out_cited([about, "urn:x"]) == ("urn:x",)
    assert notes.sort([about, "urn:x", gazette]) == [gazette, about, "urn:x"]


def test_many_citations_have_letters_beyond_z(read: Callable[[str], tuple[Reader, str]]) -> None:
    reader, iri = read("source/fair-wages-about")
    notes = Footnotes(reader)
    labels = [notes.cite(iri).label for _ in range(54)]
    assert (labels[25], labels[26], labels[51], labels[52]) == ("1z", "1aa", "1az", "1ba")
    assert len(set(labels)) == len(labels)


def test_texts_of_links_differ_by_target() -> None:
    texts = LinkTexts({"issues": "../issue"})
    assert texts.distinguish("Alliance", "../organization/a") == "Alliance"
    assert texts.distinguish("Alliance", "../aim/a") == "Alliance (aim)"
    assert texts.distinguish("Alliance", "../organization/b") == "Alliance (organization)"
    assert texts.distinguish("Alliance", "https://www.alliance.example/x") == "Alliance (alliance.example)"
    assert texts.distinguish("Alliance", "../organization/c") == "Alliance (c)"
    assert texts.distinguish("alliance ", "../organization/a") == "alliance "
    assert texts.distinguish("Alliance", "../organization/aim") == "Alliance (2)"
    assert texts.distinguish("Issues", "../scheme/issues") == "Issues (scheme)"
