"""The configuration file: where it is found, its keys, and where each mistake is reported."""

from pathlib import Path

import pytest
from support.files import write_file

from publisher.errors import CannotRunError
from publisher.validation.configuration import KEYS, NO_CONFIGURATION, find_configuration, read_configuration


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_nearest_file_upward_is_used(tmp_path: Path) -> None:
    write_file(tmp_path, "publisher.toml", 'engine = "fast"\n')
    write_file(tmp_path, "a/pyproject.toml", '[tool.publisher]\nengine = "pyshacl"\n')
    write_file(tmp_path, "a/b/pyproject.toml", "[tool.other]\n")
    write_file(tmp_path, "a/b/c/x", "")
    found = find_configuration(tmp_path / "a/b/c")
    assert (found.path, found.defaults) == (tmp_path / "a/pyproject.toml", {"engine": "pyshacl"})
    assert find_configuration(tmp_path).path == tmp_path / "publisher.toml"


def test_own_file_precedes_pyproject(tmp_path: Path) -> None:
    write_file(tmp_path, "publisher.toml", "strict = true\n")
    write_file(tmp_path, "pyproject.toml", "[tool.publisher]\nstrict = false\n")
    assert find_configuration(tmp_path).values == {"strict": True}


def test_byte_order_mark_is_ignored(tmp_path: Path) -> None:
    write_file(tmp_path, "publisher.toml", "\ufeffstrict = true\n")
    assert find_configuration(tmp_path).values == {"strict": True}


def test_missing_file_means_defaults(tmp_path: Path) -> None:
    write_file(tmp_path, "pyproject.toml", "not TOML, and not about it")
    assert find_configuration(tmp_path) == NO_CONFIGURATION


def test_values_become_parameters(tmp_path: Path) -> None:
    text = 'data = ["d"]\nper-file-ignores = { "d/x.ttl" = ["tidy"] }\nmax-per-rule = 3\n'
    write_file(tmp_path, "any.toml", text)
    wanted = {"paths": ["d"], "per_file_ignores": {"d/x.ttl": ["tidy"]}, "max_per_rule": 3}
    assert read_configuration(Path("any.toml")).defaults == wanted


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "\n# shapse\nshapse = []\n",
            "publisher.toml:3:1: Unknown key 'shapse' in publisher.toml. Did you mean 'shapes'?",
        ),
        ("xyzzy = 1\n", "publisher.toml:1:1: Unknown key 'xyzzy' in publisher.toml. Known keys: data, exclude, "),
        ("[tool.publisher]\n", "publisher.toml:1:2: Unknown key 'tool' in publisher.toml. In publisher.toml, write"),
        ('shapes = "x"\n', "publisher.toml:1:1: shapes must be a list of strings."),
        ('data = [\n  "x",\n  1,\n]\n', "publisher.toml:1:1: data must be a list of strings."),
        ("strict = 1\n", "publisher.toml:1:1: strict must be true or false."),
        ("timeout = true\n", "publisher.toml:1:1: timeout must be a whole number from 0 to 86400."),
        ("timeout = -1\n", "publisher.toml:1:1: timeout must be a whole number from 0 to 86400."),
        ("base = 1\n", "publisher.toml:1:1: base must be a string."),
        ('fail-on = "warn"\n', "one of violation, warning, info. Did you mean 'warning'?"),
        ('engine = "x"\n', "publisher.toml:1:1: engine must be one of auto, pyshacl, fast."),
        ("per-file-ignores = []\n", "publisher.toml:1:1: per-file-ignores must be a table."),
        (
            '[per-file-ignores]\n"a" = ["b"]\n"c.ttl" = "d"\n',
            "publisher.toml:3:2: per-file-ignores: 'c.ttl' must be a list of strings.",
        ),
        ('[format-of]\n"*.x" = "turtel"\n', "publisher.toml:2:2: format-of: '*.x' must be one of turtle, "),
        ("data = [\n", "publisher.toml:"),
        ("data = []\ndata = []\n", "publisher.toml:2:"),
        ('x = """\n', "publisher.toml:"),
    ],
)
def test_mistake_has_position(tmp_path: Path, text: str, message: str) -> None:
    write_file(tmp_path, "publisher.toml", text)
    with pytest.raises(CannotRunError) as caught:
        find_configuration(tmp_path)
    assert message in caught.value.detail


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    text = '[project]\nname = "x"\n\n[tool]\npublisher.enigne = "fast"\npublisher."strict" = 3\n'
    write_file(tmp_path, "pyproject.toml", text)
    with pytest.raises(CannotRunError) as caught:
        find_configuration(tmp_path)
    assert caught.value.detail.splitlines() == [
        "pyproject.toml:5:11: Unknown key 'enigne' in [tool.publisher]. Did you mean 'engine'?",
        "pyproject.toml:6:12: strict must be true or false.",
    ]


def test_table_must_be_a_table(tmp_path: Path) -> None:
    write_file(tmp_path, "pyproject.toml", "\ntool.publisher = 3\n")
    with pytest.raises(CannotRunError, match=r"^pyproject.toml:2:6: \[tool.publisher\] must be a table.$"):
        find_configuration(tmp_path)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("missing.toml", None, "missing.toml: No such file or directory."),
        ("pyproject.toml", b"", "pyproject.toml has no table [tool.publisher]."),
        ("x.toml", b"\xff", "x.toml: Invalid UTF-8."),
    ],
)
def test_unusable_file_is_rejected(tmp_path: Path, name: str, data: bytes | None, message: str) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(CannotRunError) as caught:
        read_configuration(Path(name))
    assert caught.value.detail == message


def test_position_of_name(tmp_path: Path) -> None:
    write_file(tmp_path, "publisher.toml", 'select = [\n  "one",\n  "two",\n]\n\n[per-file-ignores]\na = ["three"]\n')
    found = find_configuration(tmp_path)
    assert [found.place_of(name) for name in ("two", "three", "four")] == [
        "publisher.toml:3:4: ",
        "publisher.toml:7:7: ",
        "",
    ]


def test_every_key_has_a_sentence() -> None:
    assert [key.name for key in KEYS if not key.sentence.endswith(".")] == []


@pytest.mark.parametrize("git", ["", "repository"])
@pytest.mark.parametrize(
    ("key", "leads_out"),
    [
        ('data = ["data", "../../{}"]', True),
        ('data = ["/etc"]', True),
        ('shapes = ["s/*/../../../../{}"]', True),
        ('ontologies = ["link/x"]', True),
        ('baseline = ".git/config"', True),
        ('contexts = {{ "urn:a" = "../../{}" }}', True),
        ('data = ["data", "s/**/*.ttl", "./x/../y"]', False),
        ('exclude = ["../../{}"]', False),
    ],
)
def test_paths_stay_in_the_repository(tmp_path: Path, git: str, key: str, leads_out: bool) -> None:
    folder = tmp_path / "repository"
    write_file(folder, "publisher.toml", key.format("x") + "\n")
    (folder / "link").symlink_to("/etc")
    if git:
        (tmp_path / git / ".git").mkdir()
    if leads_out:
        with pytest.raises(CannotRunError, match=r"^repository/publisher.toml:1:\d+: .* leads out of the repository"):
            find_configuration(folder)
    else:
        assert find_configuration(folder).path
    assert read_configuration(folder / "publisher.toml").path


def test_paths_to_other_folders_of_the_repository(tmp_path: Path) -> None:
    write_file(tmp_path, "part/publisher.toml", 'shapes = ["../shapes"]\n')
    with pytest.raises(CannotRunError):
        find_configuration(tmp_path / "part")
    (tmp_path / ".git").mkdir()
    assert find_configuration(tmp_path / "part").values == {"shapes": ["../shapes"]}
