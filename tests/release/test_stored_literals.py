"""Stored literals: what the engine makes of them, and which it keeps."""

import pyoxigraph as ox
from support.each import each

from publisher.release.stored_literals import is_kept, store_literal

XSD = "http://www.w3.org/2001/XMLSchema#"
TEXTS = {
    "anyURI": ["http://example.org/a b", ""],
    "boolean": ["true", "false", "1", "0", "TRUE", "maybe"],
    "date": ["2026-01-01", "2026-02-30", "0000-01-01", "-0001-01-01", "2026-01-01Z", "12026-01-01"],
    "dateTime": ["2026-01-01T00:00:00", "2026-01-01T24:00:00", "2026-01-01T10:00:00Z", "2026-01-01T10:00:00.50Z"],
    "decimal": ["1.5", "1.50", "01.5", "1.0", "-0.5", "-0.0", "+1.5", ".5", "12345678901234567890.5"],
    "double": ["1", "1.0E0", "INF", "1e6"],
    "duration": ["P1Y", "P12M", "PT60S"],
    "gYear": ["2026", "0000", "-2026", "02026", "2026Z"],
    "gYearMonth": ["2026-01", "2026-13"],
    "int": ["1", "01"],
    "integer": ["0", "7", "007", "-0", "-7", "+7", "9" * 18, "9" * 30],
    "string": ["a", "007"],
    "time": ["10:00:00", "24:00:00"],
}
LITERALS = [
    *(ox.Literal(text, datatype=ox.NamedNode(XSD + name)) for name, texts in TEXTS.items() for text in texts),
    ox.Literal('a "quoted" ^^ text\n'),
    ox.Literal("texte", language="fr"),
    ox.Literal("7", datatype=ox.NamedNode("urn:own")),
]


@each("literal", LITERALS)
def test_literals_are_spelled_as_the_engine_stores_them(literal: ox.Literal) -> None:
    store = ox.Store()
    store.add(ox.Quad(ox.NamedNode("urn:s"), ox.NamedNode("urn:p"), literal))
    stored = next(str(quad.object).encode() for quad in store)
    written = str(literal).encode()
    assert store_literal(written) == stored
    if is_kept(written, written[written.rindex(b'"') :]):
        assert stored == written


def test_common_spellings_need_no_engine() -> None:
    kept = [ox.Literal("7", datatype=ox.NamedNode(XSD + "integer")), ox.Literal("2026-01-01"), LITERALS[-2]]
    assert all(is_kept(str(one).encode(), str(one).encode()[str(one).encode().rindex(b'"') :]) for one in kept)
