"""The lexical spaces of datatypes, beside rdflib's, and where the two are known to differ."""

import logging
import random

import pyoxigraph as ox
import pytest
import rdflib
from support.each import each

from publisher.rdf.datatypes import is_ill_typed
from publisher.rdf.namespaces import XSD

PLAUSIBLE = {
    "boolean": ["true", "0", "TRUE", "yes", " true"],
    "integer": ["5", "-5", "+5", "007", "5.0", "", "9" * 5000],
    "decimal": ["1.5", "5", "-.5", "5.", ".", "1e5"],
    "double": ["1e0", "INF", "-INF", "NaN", "1.5", "nan", "x", "1e"],
    "date": ["2026-11-22", "2024-02-29", "2025-02-29", "1900-02-29", "2000-02-29", "-0044-03-15", "12024-02-29"],
    "gYear": ["2026", "0044", "26", "2026Z", "02026"],
    "gYearMonth": ["2026-11", "2026-13", "2026-11-22"],
    "gMonth": ["--11", "--13", "11", "--11Z"],
    "gMonthDay": ["--02-29", "--02-30", "--04-31", "--12-31"],
    "gDay": ["---31", "---32", "31"],
    "dateTime": ["2026-01-01T00:00:00Z", "2026-01-01T24:00:00", "2026-02-30T00:00:00", "2026-01-01"],
    "dateTimeStamp": ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00"],
    "time": ["10:00:00", "10:00", "24:00:00", "24:00:01"],
    "duration": ["P1Y2M3DT4H", "P", "P1YT", "-P1D", "PT0.5S", "1Y"],
    "yearMonthDuration": ["P1Y", "P1D"],
    "dayTimeDuration": ["P1DT1H", "P1Y"],
    "byte": ["127", "128", "-128", "-129", "0000127"],
    "unsignedByte": ["255", "256", "-1", "-0"],
    "nonNegativeInteger": ["0", "-1", "9" * 5000],
    "positiveInteger": ["0", "1"],
    "negativeInteger": ["-1", "0", "-" + "9" * 5000],
    "long": [str(2**63 - 1), str(2**63), str(-(2**63))],
    "hexBinary": ["0fB7", "0fB", "", "xx"],
    "base64Binary": ["YQ==", "YWI=", "YWJj", "YQ=", "Y", "YW Jj", ""],
    "language": ["en", "en-US", "english-language", "toolonglanguage"],
    "normalizedString": ["a  b", "a\tb"],
    "token": ["a b", "a  b", " a", ""],
    "anyURI": ["https://example.org/é", "any thing"],
    "string": ["anything"],
}
ILL = {
    "boolean": {"TRUE", "yes", " true"},
    "integer": {"5.0", ""},
    "decimal": {".", "1e5"},
    "double": {"nan", "x", "1e"},
    "date": {"2025-02-29", "1900-02-29"},
    "gYear": {"26", "02026"},
    "gYearMonth": {"2026-13", "2026-11-22"},
    "gMonth": {"--13", "11"},
    "gMonthDay": {"--02-30", "--04-31"},
    "gDay": {"---32", "31"},
    "dateTime": {"2026-02-30T00:00:00", "2026-01-01"},
    "dateTimeStamp": {"2026-01-01T00:00:00"},
    "time": {"10:00", "24:00:01"},
    "duration": {"P", "P1YT", "1Y"},
    "yearMonthDuration": {"P1D"},
    "dayTimeDuration": {"P1Y"},
    "byte": {"128", "-129"},
    "unsignedByte": {"256", "-1"},
    "nonNegativeInteger": {"-1"},
    "positiveInteger": {"0"},
    "negativeInteger": {"0"},
    "long": {str(2**63)},
    "hexBinary": {"0fB", "xx"},
    "base64Binary": {"YQ=", "Y"},
    "language": {"toolonglanguage"},
    "normalizedString": {"a\tb"},
    "token": {"a  b", " a"},
}


def literal(name: str, value: str) -> ox.Literal:
    return ox.Literal(value, datatype=ox.NamedNode(XSD + name))


@each("name", PLAUSIBLE)
def test_invalid_lexical_form_is_ill_typed(name: str) -> None:
    found = {value for value in PLAUSIBLE[name] if is_ill_typed(literal(name, value))}
    assert found == ILL.get(name, set())


def test_language_string_and_unknown_datatype_pass() -> None:
    assert not is_ill_typed(ox.Literal("x", language="en"))
    assert not is_ill_typed(ox.Literal("x", datatype=ox.NamedNode("https://example.org/date")))


@pytest.mark.parametrize("name", ["integer", "decimal", "double", "date", "gYearMonth", "hexBinary", "unsignedByte"])
def test_value_rdflib_rejects_is_ill_typed(name: str, caplog: pytest.LogCaptureFixture) -> None:
    """One way only: rdflib takes forms that XML Schema does not have, such as basic dates and Python's numbers."""
    caplog.set_level(logging.CRITICAL, "rdflib.term")
    letters = random.Random(name)
    for _ in range(2000):
        value = "".join(letters.choices("0123456789" * 3 + "-+.eEfZ:", k=letters.randint(1, 10)))
        if rdflib.Literal(value, datatype=rdflib.URIRef(XSD + name), normalize=False).ill_typed:
            assert is_ill_typed(literal(name, value)), value
