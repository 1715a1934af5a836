"""Where settings come from."""

from pathlib import Path

import pytest
from support.each import each

from publisher.errors import CannotRunError
from publisher.settings import ENVIRONMENT_PREFIX, Settings, Surroundings, cache_folder, rows

ROWS = rows()


def test_empty_environment_gives_defaults():
    assert Settings.read({}) == Settings()


def test_settings_can_be_set_in_environment():
    for name, default, _ in ROWS:
        value = "elsewhere" if isinstance(default, str) else default + 7
        found = Settings.read({f"PUBLISHER_{name.upper()}": str(value)})
        assert found == Settings().having(**{name: value})
        assert getattr(found, name) == value != default


def test_settings_have_a_sentence():
    assert [name for name, _, sentence in ROWS if not sentence.endswith(".") or sentence[0].islower()] == []


def test_rows_list_all_settings():
    assert {name for name, _, _ in ROWS} == set(vars(Settings()))
    assert all(getattr(Settings(), name) == default for name, default, _ in ROWS)


def test_settings_are_read_from_process_environment(monkeypatch):
    monkeypatch.setenv("PUBLISHER_PORT", "81")
    assert Settings.read().port == 81


def test_other_variables_are_ignored():
    assert Settings.read({"PORT": "81", "PUBLISHER_UNKNOWN": "x", "publisher_port": "82"}) == Settings()


@each("text", ["", "ten", "1.5", "-1", "1e3", "١", "9" * 5000])
def test_malformed_number_error_names_variable(text):
    for name in [name for name, default, _ in ROWS if isinstance(default, int)]:
        with pytest.raises(CannotRunError, match=ENVIRONMENT_PREFIX + name.upper()) as caught:
            Settings.read({ENVIRONMENT_PREFIX + name.upper(): text})
        assert repr(text) in caught.value.detail


def test_defaults_are_within_bounds():
    assert Settings().check() == Settings()


@each(
    ("name", "value"),
    [
        ("port", 65536),
        ("query_workers", 0),
        ("query_workers", 10**6),
        ("query_seconds", 0),
        ("query_seconds", 10**12),
        ("query_cpu_seconds", 0),
        ("query_memory_mb", 0),
        ("query_memory_mb", 10**17),
        ("query_nesting", 0),
        ("query_repeats", 0),
        ("uncontained_queries", 2),
        ("page_threads", 0),
        ("incoming", 0),
        ("public_url", "javascript:alert(1)"),
        ("public_url", "https://example.org/?x=1"),
        ("public_url", "https://a.example/ https://b.example/"),
        ("public_url", "//example.org/"),
        ("public_url", "https://example.org:65536/"),
        ("public_url", "https://[::1/"),
        ("metrics", "127.0.0.1:65536"),
        ("query_services", "https://a.example/sparql file:///etc/passwd"),
    ],
)
def test_value_out_of_bounds_error_names_variable(name, value):
    with pytest.raises(CannotRunError) as caught:
        Settings(**{name: value}).check()
    assert caught.value.detail.startswith(f"PUBLISHER_{name.upper()} is {value!r}; it must be ")


@each(
    ("name", "value"),
    [
        ("port", 0),
        ("query_waiting", 0),
        ("cache_mb", 0),
        ("query_seconds", 86_400),
        ("public_url", "http://localhost:8000"),
        ("public_url", "https://[::1]/graph/"),
        ("query_services", " https://a.example/sparql?default=1  http://b.example/ "),
    ],
)
def test_value_at_bound_is_accepted(name, value):
    assert getattr(Settings(**{name: value}).check(), name) == value


def test_missing_options_keep_settings():
    assert Settings(port=81).having(port=None, host="::1") == Settings(port=81, host="::1")


def test_option_may_be_zero():
    assert Settings(port=81).having(port=0).port == 0


def test_settings_are_immutable():
    with pytest.raises(AttributeError):
        Settings().port = 81  # type: ignore[misc]


def test_missing_home_folder_error_names_setting(monkeypatch):
    def find_no_home():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", find_no_home)
    with pytest.raises(CannotRunError, match="set PUBLISHER_STORE_DIR"):
        Settings().store_folder()


def test_releases_default_to_user_cache(monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    assert Settings().store_folder() == Path("/cache/ma-coalitions/releases")
    assert Settings(store_dir="/elsewhere").store_folder() == Path("/elsewhere")


@pytest.mark.parametrize("cache", [None, ""])
def test_user_cache_defaults_to_home(monkeypatch, cache):
    monkeypatch.setenv("HOME", "/home/someone")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    if cache is not None:
        monkeypatch.setenv("XDG_CACHE_HOME", cache)
    assert Settings().store_folder() == Path("/home/someone/.cache/ma-coalitions/releases")


@pytest.mark.parametrize(
    ("text", "expected"), [("true", True), ("1", True), ("", False), ("0", False), ("False", False)]
)
def test_a_job_of_a_ci_system_is_known_by_its_variable(monkeypatch, text, expected):
    monkeypatch.setenv("CI", text)
    assert Surroundings.read().ci is expected


def test_caches_are_in_the_cache_folder_of_the_user(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder("validation") == tmp_path / "ma-coalitions/validation"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder("validation") == tmp_path / ".cache/ma-coalitions/validation"
    monkeypatch.setattr(Path, "home", lambda: (_ for _ in ()).throw(RuntimeError))
    assert cache_folder("validation") is None


def test_space_around_an_address_is_removed() -> None:
    found = Settings.read({"PUBLISHER_PUBLIC_URL": "https://example.org/\n", "PUBLISHER_ENDPOINT_PASSWORD": "a "})
    assert (found.public_url, found.endpoint_password) == ("https://example.org/", "a ")


def test_password_in_an_address_is_rejected_and_not_repeated() -> None:
    with pytest.raises(CannotRunError, match="without user and password") as caught:
        Settings(endpoint="https://me:secret@example.org/sparql").check()
    assert "secret" not in caught.value.detail
    assert "example.org/sparql" in caught.value.detail
