"""Syntax errors of the Turtle family: the message, and the text that it points at."""

import pyoxigraph as ox
import pytest

from publisher.diagnostic import Diagnostic, UnreadableFilesError
from publisher.rdf import parser

HEAD = "@prefix ex: <https://pond.example/> .\n"


def finding(text: str, form: ox.RdfFormat = ox.RdfFormat.TURTLE) -> Diagnostic:
    with pytest.raises(UnreadableFilesError) as caught:
        parser.parse(text, "file", form, "b")
    [found] = caught.value.diagnostics
    return found


def marked(text: str, found: Diagnostic) -> str:
    """The text that a finding points at."""
    line = text.split("\n")[found.line - 1]
    assert found.source == line
    return line[found.column - 1 : found.end_column - 1] if found.end_line == found.line else line[found.column - 1 :]


@pytest.mark.parametrize(
    ("text", "message", "pointed_at"),
    [
        pytest.param(
            'ex:a ex:b "2020"^^xsd:date .',
            "The prefix xsd: is not declared. Add this line on top: @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .",
            "xsd:date",
            id="known prefix",
        ),
        pytest.param(
            "ex:a pond:b 1 .",
            "The prefix pond: is not declared. Declare it on top: @prefix pond: <...> .",
            "pond:b",
            id="unknown prefix",
        ),
        pytest.param('ex:a ex:b "x"\n  ex:c 1 .', "`;`, `,` or `.` is missing after this.", '"x"', id="semicolon"),
        pytest.param(
            'ex:a ex:b "x # y"  # note. note\n\n  ex:c 1 .',
            "`;`, `,` or `.` is missing after this.",
            '"x # y"',
            id="semicolon before a comment",
        ),
        pytest.param("ex:a ex:b 1\nex:c ex:d 2 .", "`;`, `,` or `.` is missing after this.", "1", id="full stop"),
        pytest.param('ex:a ex:b "x" "y" .', "`;`, `,` or `.` is missing after this.", '"x"', id="comma"),
        pytest.param(
            "@prefix a: <urn:a:>\nex:a ex:b 1 .", "`.` is missing after this.", "<urn:a:>", id="full stop of a prefix"
        ),
        pytest.param(
            "ex:a/b ex:c 1 .",
            r"/ is not allowed in a prefixed name; write \/ or the whole IRI in < and >.",
            "/",
            id="slash in a name",
        ),
        pytest.param(
            "ex:a?b=c ex:c 1 .",
            r"? is not allowed in a prefixed name; write \? or the whole IRI in < and >.",
            "?",
            id="question mark in a name",
        ),
        pytest.param(
            "ex:a`b ex:c 1 .",
            "` is not allowed in a prefixed name; write the whole IRI in < and >.",
            "`",
            id="character that no name has",
        ),
        pytest.param("ex:a ex:b ; ex:c 1 .", "An object is missing before this `;`.", ";", id="object"),
        pytest.param(
            "ex:a ex:b word .",
            "`word` is not a valid object: an IRI, a prefixed name, a blank node or a literal is expected here.",
            "word",
            id="bare word",
        ),
        pytest.param("ex:a ex:b [ ex:c 1 .", "A `]` is missing before this.", ".", id="bracket"),
        pytest.param(
            'ex:a ex:b "one\ntwo" .',
            'This string is not closed on its line: add ", or use """ for several lines.',
            '"one',
            id="open string",
        ),
        pytest.param(
            'ex:a ex:b "one ;\n  ex:c 1 .',
            'This string is not closed on its line: add ", or use """ for several lines.',
            '"one ;',
            id="open string that no other follows",
        ),
        pytest.param("ex:a ex:b <urn:c\n .", "This IRI is not closed: add >.", "<urn:c", id="open IRI"),
        pytest.param(
            'ex:a ex:b """one', "This string is not closed before the end of the file.", '"', id="long string"
        ),
        pytest.param(
            "ex:a ex:b 1 ;", "The file ends inside a statement: a `.` or a closing bracket is missing.", ";", id="end"
        ),
        pytest.param(
            "ex:a ex:b <https://pond.example/a b> .",
            "A space is not allowed in an IRI; write %20 if it belongs there.",
            " ",
            id="space in an IRI",
        ),
        pytest.param(
            'ex:a ex:b "c"@en_US .', "@en_US is not a language tag; write @en-US (BCP 47).", "@en_US", id="language tag"
        ),
    ],
)
def test_turtle_messages(text: str, message: str, pointed_at: str) -> None:
    found = finding(HEAD + text)
    assert (found.message, marked(HEAD + text, found)) == (message, pointed_at)


@pytest.mark.parametrize(
    ("prefix", "namespace"), [("foaf", "http://xmlns.com/foaf/0.1/"), ("pond", "...")], ids=["known", "unknown"]
)
def test_undeclared_prefix_in_rdfxml_is_named_with_its_declaration(prefix: str, namespace: str) -> None:
    root = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    text = f'{root}<rdf:Description rdf:about="urn:a"><{prefix}:name>A</{prefix}:name></rdf:Description></rdf:RDF>'
    expected = f'The prefix {prefix}: is not declared. Add xmlns:{prefix}="{namespace}" to the first element.'
    assert finding(text, ox.RdfFormat.RDF_XML).message == expected


def test_unknown_parser_message_becomes_sentence() -> None:
    assert finding('<urn:a> <urn:b> "\\q" .').message.endswith(".")


CONFLICT = """<<<<<<< HEAD
<urn:a> <urn:p> 1 .
=======
<urn:a> <urn:p> 2 .
>>>>>>> other
"""


@pytest.mark.parametrize(
    ("text", "form"),
    [
        pytest.param("<urn:a> <urn:p> 0 .\n" + CONFLICT, ox.RdfFormat.TURTLE, id="Turtle"),
        pytest.param("<urn:a> <urn:p> 0 .\n" + CONFLICT, ox.RdfFormat.N_TRIPLES, id="N-Triples"),
        pytest.param("[\n" + CONFLICT + "]", ox.RdfFormat.JSON_LD, id="JSON-LD"),
        pytest.param("<a>\n" + CONFLICT + "</a>", ox.RdfFormat.RDF_XML, id="RDF/XML"),
    ],
)
def test_merge_conflict_is_reported(text: str, form: ox.RdfFormat) -> None:
    found = finding(text, form)
    assert found.message.startswith("Unresolved merge conflict: ")
    assert (found.line, found.column, marked(text, found)) == (2, 1, "<<<<<<< HEAD")


def test_conflict_marker_in_string_is_text() -> None:
    assert len(parser.parse(f'<urn:a> <urn:p> """\n{CONFLICT}""" .', "file", ox.RdfFormat.TURTLE, "b").triples) == 1


def test_equals_signs_alone_are_no_conflict() -> None:
    text = "<r xmlns:r='urn:r'>\n=======\n</q>"
    assert "conflict" not in finding(text, ox.RdfFormat.RDF_XML).message


XML = '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="urn:">\n{}</r:RDF>'


@pytest.mark.parametrize(
    ("text", "message", "pointed_at"),
    [
        pytest.param(
            '<r:Description r:about="https://pond.example/a b"/>',
            "'https://pond.example/a b' is not a valid IRI: invalid IRI code point ' '.",
            "https://pond.example/a b",
            id="IRI",
        ),
        pytest.param(
            '<r:Description r:about="urn:a"><p xml:lang="en_US">x</p></r:Description>',
            "'en_us' is not a valid language tag: the given language subtag is invalid.",
            "en_US",
            id="language tag",
        ),
        pytest.param('<r:Description r:ID="1 2"/>', "1 2 is not a valid rdf:ID value.", "1 2", id="rdf:ID"),
    ],
)
def test_rdfxml_value_messages(text: str, message: str, pointed_at: str) -> None:
    found = finding(XML.format(text), ox.RdfFormat.RDF_XML)
    assert (found.message, marked(XML.format(text), found)) == (message, pointed_at)


def test_jsonld_value_message() -> None:
    text = '{"@id": "urn:a",\n "urn:p": {"@type": "day", "@value": "1"}}'
    assert marked(text, finding(text, ox.RdfFormat.JSON_LD)) == "day"


@pytest.mark.parametrize(
    ("text", "again"),
    [
        ('{"@id": "urn:a", "urn:p": 1,\n "@id": "urn:b"}', '"@id": "urn:b"'),
        ('{"@id": "urn:a", "urn:p": {"@value": 1, "@value": 2}}', '"@value": 2'),
    ],
)
def test_repeated_keyword_of_jsonld_is_located(text: str, again: str) -> None:
    found = finding(text, ox.RdfFormat.JSON_LD)
    assert marked(text, found) == again.partition(":")[0]
    assert found.line == text.count("\n") + 1


def test_repeated_keyword_before_broken_json_has_no_place() -> None:
    assert finding('{"@id": "urn:a", "@id": "urn:b", ]', ox.RdfFormat.JSON_LD).message
