"""The JSON-LD blocks of web pages."""

import json

import pytest

from publisher.rdf.html_blocks import extract_json_ld

PAGE = """<!DOCTYPE html>
<title>Pond {}</title>
<script>var x = [1];</script>
<script type="application/ld+json">
{"@id": "urn:a"}
</script>
<!-- <script type="application/ld+json">{"@id": "urn:commented"}</script> -->
<SCRIPT TYPE='application/ld+json; charset=utf-8'>[{"@id": "urn:\u00e9"}]</SCRIPT>
"""


def test_blocks_become_one_array() -> None:
    assert json.loads(extract_json_ld(PAGE)) == [{"@id": "urn:a"}, [{"@id": "urn:\u00e9"}]]


def test_characters_keep_their_offsets() -> None:
    found = extract_json_ld(PAGE)
    assert len(found) == len(PAGE)
    for wanted in ('{"@id": "urn:a"}', "urn:\u00e9"):
        assert found.index(wanted) == PAGE.index(wanted)
    assert [line.strip() == "" for line in found.split("\n")][:3] == [True, True, True]


@pytest.mark.parametrize("page", ["", "<p>", "<html>\n<p>No data.</p>\n</html>"])
def test_page_without_blocks_is_empty(page: str) -> None:
    assert json.loads(extract_json_ld(page)) == []


def test_unclosed_block_reaches_to_end() -> None:
    assert json.loads(extract_json_ld('<script type="application/ld+json">{"a": 1}')) == [{"a": 1}]
    with pytest.raises(json.JSONDecodeError):
        json.loads(extract_json_ld('<script type="application/ld+json">{"a": '))
