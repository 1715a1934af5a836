"""`publisher lsp`: how it ends without its extra, and the request with which a file is validated."""

import sys

import pytest
from support import ponds
from support.files import write_file

from publisher.cli.lsp import prepare_request
from publisher.errors import CannotRunError


@pytest.mark.parametrize("module", ["pygls", "lsprotocol"])
def test_without_the_extra(run, tmp_path, monkeypatch, module):
    for name in [each for each in sys.modules if each.startswith(("publisher.lsp.", module))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    result = run(tmp_path, "lsp")
    assert result.exit_code == 2
    assert "needs the extra `lsp`: pip install 'ma-coalitions[lsp]'" in result.stderr


def test_configured_data_are_validated_together(tmp_path):
    ponds.build(tmp_path, ponds.CONFIGURED + 'base = "https://pond.example/"\n', a="", b="")
    folder, request = prepare_request(tmp_path / "data/a.ttl")
    assert (folder, request.paths, request.shapes) == (tmp_path, ["data"], ["shapes"])
    assert request.base == "https://pond.example/"
    assert prepare_request(tmp_path / "shapes/ponds.ttl")[1].paths == ["data"]


def test_another_file_is_validated_alone(tmp_path):
    ponds.build(tmp_path, ponds.CONFIGURED + 'format-of = { "x/*.json" = "jsonld" }\n', a="")
    write_file(tmp_path, "x/a.json", "{}")
    assert prepare_request(tmp_path / "x/a.json")[1].paths == ["x/a.json"]


def test_other_suffixes_count_where_the_configuration_names_the_file(tmp_path):
    ponds.build(tmp_path, 'shapes = ["shapes"]\ndata = ["x/a.json"]\n')
    write_file(tmp_path, "x/a.json", "{}")
    write_file(tmp_path, "x/b.json", "{}")
    assert prepare_request(tmp_path / "x/a.json")[1].paths == ["x/a.json"]
    assert prepare_request(tmp_path / "x/b.json") is None


def test_without_a_configuration_the_folder_of_the_file_counts(tmp_path):
    path = write_file(tmp_path, "x/a.ttl", "")
    folder, request = prepare_request(path)
    assert (folder, request.paths, request.shapes) == (path.parent, ["a.ttl"], ())


def test_options_that_exclude_each_other(tmp_path):
    ponds.build(tmp_path, 'shapes = ["shapes", "coalitions"]\n', a="")
    with pytest.raises(CannotRunError, match="cannot be combined"):
        prepare_request(tmp_path / "data/a.ttl")
