"""The reconcile command: a column of names becomes columns of IRIs; what is wrong with a table is placed."""

import csv
import io
from pathlib import Path

import pytest
from support.each import each

from publisher.errors import CannotRunError
from publisher.linking.tables import decode, read_table, reconcile_table
from publisher.release.finder import Finder
from publisher.release.store import Store

FAIR = "https://w3id.org/ma-coalitions/id/coalition/fair-wages-coalition"


@pytest.fixture(scope="module")
def finder(store: Store) -> Finder:
    return Finder(store.index.by_name, store.index.names)


def convert(text: str, finder: Finder, column: str = "name", *kinds: str) -> list[list[str]]:
    """The rows of a table that was reconciled, the header left out."""
    table = read_table(text, "t.csv", column)
    written, outcome = reconcile_table(table, column, finder, frozenset(kinds), lambda *_: None)
    rows = list(csv.reader(io.StringIO(written), delimiter=table.delimiter))
    assert sum(outcome) == len(rows) - 1
    return rows[1:]


def test_columns_are_added_beside_the_others(finder: Finder) -> None:
    rows = convert('id,name\n1,FWC\n2,"Fair Wages Coaltion"\n3,Museum of Arts\n4,\n', finder)
    assert rows[0] == ["1", "FWC", FAIR, "Fair Wages Coalition", "100.0", "yes"]
    assert (rows[1][2], rows[1][5]) == (FAIR, "no")
    assert rows[2][2:] == rows[3][2:] == ["", "", "", ""]


def test_type_restricts_records(finder: Finder) -> None:
    assert convert("name\nFair Wages Network\n", finder)[0][4] == "yes"
    assert convert("name\nFair Wages Network\n", finder, "name", "coalition")[0][4] == "no"


@each("delimiter", [",", ";", "\t", "|"])
def test_delimiter_and_line_ends_are_kept(finder: Finder, delimiter: str) -> None:
    table = read_table(f"a{delimiter}name\r\n1{delimiter}FWC\r\n", "t.csv", "name")
    written, _ = reconcile_table(table, "name", finder, frozenset(), lambda *_: None)
    assert (table.delimiter, table.line_end) == (delimiter, "\r\n")
    header = ["a", "name", "name uri", "name label", "name score", "name sure"]
    assert written.split("\r\n")[0] == delimiter.join(header)


def test_second_run_replaces_the_columns_of_the_first(finder: Finder) -> None:
    table = read_table("name,x\nFWC,1\n", "t.csv", "name")
    once, _ = reconcile_table(table, "name", finder, frozenset(), lambda *_: None)
    twice, _ = reconcile_table(read_table(once, "t.csv", "name"), "name", finder, frozenset(), lambda *_: None)
    assert twice == once


def test_short_rows_are_filled(finder: Finder) -> None:
    assert convert("name,a,b\nFWC\n", finder)[0][:4] == ["FWC", "", "", FAIR]


@each(
    ("text", "words"),
    [
        ("", "t.csv is empty"),
        ("\n", "t.csv is empty"),
        ("Name,city\n", "t.csv has no column 'name'. Did you mean 'Name'? Columns: 'Name', 'city'."),
        ("a;b\n", "has no column 'name'. Columns: 'a', 'b'."),
        ("name,a\nx,1,2\n", "t.csv, row 2: 3 cells; the header has 2."),
        ('name\n"x\n', "not valid CSV"),
        ("name,name\na,b\n", "t.csv has 2 columns 'name'. Rename all but one."),
        ("n\0a\0m\0e\0\n", "has NUL characters, as text in UTF-16 has. Name the encoding"),
    ],
)
def test_wrong_table_is_reported(text: str, words: str) -> None:
    with pytest.raises(CannotRunError) as caught:
        read_table(text, "t.csv", "name")
    assert words in caught.value.detail


def test_quoted_cells_with_another_delimiter_are_read() -> None:
    table = read_table('name;x\n"A, or B";"1"\n', "t.csv", "name")
    assert (table.delimiter, list(table.rows)) == (";", [["A, or B", "1"]])


@each(
    ("data", "encoding", "text"),
    [
        ("é".encode(), "", "é"),
        ("é".encode("utf-8-sig"), "", "é"),
        ("é".encode("utf-16"), "", "é"),
        ("é".encode("utf-32"), "", "é"),
        ("é".encode("cp1252"), "cp1252", "é"),
    ],
)
def test_encodings_are_read(data: bytes, encoding: str, text: str) -> None:
    assert decode(data, "t.csv", encoding) == text


def test_byte_of_another_encoding_is_placed() -> None:
    with pytest.raises(CannotRunError, match=r"t.csv, line 2, byte 4: 0xE9 is not utf-8. Name the encoding"):
        decode(b"name\ncaf\xe9\n", "t.csv")
    with pytest.raises(CannotRunError, match="There is no encoding 'klingon'"):
        decode(b"", "t.csv", "klingon")


def test_command_writes_the_file_whole_or_not_at_all(lean, run, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("PUBLISHER_STORE_DIR", str(tmp_path / "store"))
    table, out = tmp_path / "t.csv", tmp_path / "out.csv"
    table.write_bytes(b"name\ncaf\xe9\n")
    result = run(lean, "reconcile", table, "--column", "name", "--output", out)
    assert (result.exit_code, out.exists()) == (2, False)
    assert "line 2, byte 4" in result.stderr
    table.write_text("name\nnobody at all\n")
    assert run(lean, "reconcile", table, "--column", "other").exit_code == 2
    assert run(lean, "reconcile", tmp_path / "none.csv", "--column", "name").exit_code == 2
    result = run(lean, "reconcile", table, "--column", "name", "--type", "Starship", "--output", out)
    assert (result.exit_code, out.exists()) == (2, False)
    assert "--type: There is no type 'Starship'." in result.stderr
    result = run(lean, "reconcile", table, "--column", "name", "--type", "coalition", "--output", out)
    assert (result.exit_code, out.read_text().splitlines()[1]) == (0, "nobody at all,,,,")
    assert "1 rows: 0 sure, 0 to check, 1 without a candidate." in result.stderr
    assert [path.name for path in Path(tmp_path).iterdir() if path.name.startswith(".out")] == []
