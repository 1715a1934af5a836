"""Errors of JSON-LD that the parser states without a position are at the value that makes them."""

import pyoxigraph as ox
import pytest

from publisher.diagnostic import UnreadableFilesError
from publisher.rdf import parser
from publisher.rdf.jsonld_errors import find_error


@pytest.mark.parametrize(
    "marked",
    [
        '[{"@id": "urn:a"}, {"@id": ^123^, "@type": "urn:T"}, {"@id": 4}]',
        '{"@id": "urn:a", "@type": ["urn:T", ^null^]}',
        '{"@context": [{"a": "urn:a"}, {"p": {"@id": "urn:p", "@container": ^"@wrong"^}}], "@id": "urn:a"}',
        '{"@context": {"a": {"@id": "urn:a", "@type": ^5^}}}',
        '{"urn:p": {"@value": 1, "@language": ^"en"^}}',
        '{"@id": "urn:a", "urn:p": {"@type": "^day^", "@value": "1"}, "urn:q": "day"}',
        '{"urn:p": {"@list": [1], "@set": [^2^]}, "urn:q": "x"}',
        '\ufeff{"urn:p": "\\"", "@id": ^true^}',
    ],
)
def test_error_is_at_the_value_that_makes_it(marked: str) -> None:
    before, *inside = marked.split("^")
    text = "".join([before, *inside])
    with pytest.raises(UnreadableFilesError) as caught:
        parser.parse(text, "x.jsonld", ox.RdfFormat.JSON_LD, "b")
    [finding] = caught.value.diagnostics
    assert finding.column is not None
    assert finding.end_column is not None
    shown = text.removeprefix("\ufeff") if finding.source == text.removeprefix("\ufeff") else text
    assert shown[finding.column - 1 : finding.end_column - 1] == inside[0]


def test_text_that_is_no_json_has_no_place() -> None:
    assert find_error('{"@id": 1,', "@id value must be a string", "") is None


def test_error_that_the_text_does_not_have_has_no_place() -> None:
    assert find_error('{"@id": "urn:a"}', "@id value must be a string", "") is None
