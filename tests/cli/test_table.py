"""The table that people read: fitted to a width, complete, harmless to the terminal."""

import io
import tracemalloc

import pytest
from support.each import each

from publisher.cli.table import render_lines
from publisher.rdf.namespaces import XSD

PREFIXES = {"ex": "https://example.org/", "xsd": XSD}


def results(*rows: str, variables: str = '"a","b"') -> io.BytesIO:
    bindings = ",".join(rows)
    return io.BytesIO(f'{{"head":{{"vars":[{variables}]}},"results":{{"bindings":[{bindings}]}}}}'.encode())


def literal(name: str, value: str, datatype: str = "") -> str:
    typed = f',"datatype":"{XSD}{datatype}"' if datatype else ""
    return f'"{name}":{{"type":"literal","value":"{value}"{typed}}}'


def iri(name: str, value: str) -> str:
    return f'"{name}":{{"type":"uri","value":"{value}"}}'


def table(body: io.BytesIO, width: int | None = None) -> list[str]:
    return list(render_lines(body, PREFIXES, width))


def test_cell_text_of_terms() -> None:
    rows = [
        "{" + iri("a", "https://example.org/x") + "}",
        "{" + iri("a", "https://elsewhere.org/x y") + "," + literal("b", "plain") + "}",
        '{"a":{"type":"bnode","value":"n1"},"b":{"type":"literal","value":"worte","xml:lang":"de"}}',
    ]
    rows[1] = rows[1].replace("x y", "x/y")
    assert table(results(*rows)) == [
        "a                          b",
        "-------------------------  -----",
        "ex:x",
        "https://elsewhere.org/x/y  plain",
        "_:n1                       worte",
        "(3 rows)",
    ]


@each("datatype", ["integer", "decimal", "double", "nonNegativeInteger"])
def test_numeric_column_is_right_aligned(datatype: str) -> None:
    rows = ["{" + literal("a", n, datatype) + "," + literal("b", n) + "}" for n in ("7", "1000")]
    assert table(results(*rows)) == ["   a  b", "----  ----", "   7  7", "1000  1000", "(2 rows)"]


def test_mixed_column_is_left_aligned() -> None:
    rows = ["{" + literal("a", "7", "integer") + "}", "{" + literal("a", "seven") + "}"]
    assert table(results(*rows, variables='"a"'))[2:4] == ["7", "seven"]


def test_table_fits_terminal_and_is_complete() -> None:
    words = "The quick brown fox jumps over the lazy dog " * 3
    row = "{" + iri("a", "https://example.org/" + "long" * 15) + "," + literal("b", words.strip()) + "}"
    lines = table(results(row), 40)
    assert max(map(len, lines)) <= 40
    assert "".join(line[:19] for line in lines[2:-1]).replace(" ", "") == "ex:" + "long" * 15
    assert " ".join(line[21:] for line in lines[2:-1]).split() == words.split()


def test_short_column_keeps_width() -> None:
    row = "{" + literal("a", "1", "integer") + "," + literal("b", "word " * 30) + "}"
    assert table(results(row), 30)[0] == "a  b"


def test_wide_characters_count_two_cells() -> None:
    rows = ["{" + literal("a", "日本") + "," + literal("b", "x") + "}"]
    assert table(results(*rows)) == ["a     b", "----  -", "日本  x", "(1 row)"]


def test_too_many_columns_become_lists() -> None:
    names = [f"v{n}" for n in range(9)]
    row = "{" + ",".join(literal(name, f"value of {name}") for name in names[:8]) + "}"
    lines = table(results(row, row, variables=",".join(f'"{name}"' for name in names)), 40)
    assert lines[0] == "-- 1 --"
    assert lines[1:9] == [f"{name}  value of {name}" for name in names[:8]]
    assert lines[9] == "-- 2 --"
    assert lines[-1] == "(2 rows)"


def test_control_characters_are_escaped() -> None:
    row = "{" + literal("a", "red\\u001b[31m\\nnext\\tcell\\u009b") + "}"
    assert table(results(row, variables='"a"'))[2] == "red\\u001B[31m\\nnext\\tcell\\u009B"


@pytest.mark.parametrize("value", ["true", "false"])
def test_boolean_result_is_a_word(value: str) -> None:
    assert table(io.BytesIO(f'{{"head":{{}},"boolean":{value}}}'.encode())) == [value]


def test_empty_table_has_header_and_count() -> None:
    assert table(results()) == ["a  b", "-  -", "(0 rows)"]


def test_rows_without_variables_are_counted() -> None:
    assert table(results("{}", "{}", variables="")) == ["(2 rows)"]


@pytest.mark.slow
def test_long_table_uses_constant_memory() -> None:
    body = results(*("{" + literal("a", f"{n % 100:020}") + "}" for n in range(8_000)), variables='"a"')
    table(results())  # what is loaded once
    tracemalloc.start()
    count = sum(1 for _ in render_lines(body, PREFIXES, 80))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 8_003
    assert peak < 300_000  # the lines alone have twice as much
