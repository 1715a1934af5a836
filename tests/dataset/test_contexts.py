"""JSON-LD contexts by address: those given come first, and none is fetched."""

import json
from pathlib import Path

import pytest
from support.each import each
from support.optional_packages import missing

from publisher.dataset.contexts import Contexts, read_documents
from publisher.errors import CannotRunError
from publisher.rdf import packed_contexts

A, B = "https://a.example/context.jsonld", "https://a.example/other/b"


def found(address: str, given: dict[str, object]) -> object:
    """The value of a context, of documents with these values."""
    value = Contexts({name: json.dumps({"@context": stated}) for name, stated in given.items()}).find(address)
    return None if value is None else json.loads(value)


@each("address", [A, A.replace("https", "http"), A + "#", A + "/"])
def test_context_is_found_by_address(address: str) -> None:
    assert found(address, {A: {"a": "urn:a"}}) == {"a": "urn:a"}


@each("address", [B, "context.jsonld", "", "https://a.example/"])
def test_other_address_is_not_found(address: str) -> None:
    assert found(address, {A: {"a": "urn:a"}}) is None


def test_given_context_overrides_packaged() -> None:
    contexts = Contexts({A: '{"@context": {"given": "urn:g"}}'}, lambda _: '{"ours": "urn:o"}')
    assert contexts.find(A) == '{"given":"urn:g"}'
    assert contexts.find("https://schema.org/") == '{"ours": "urn:o"}'
    assert found("https://schema.org", {"https://schema.org/": {"a": "urn:a"}}) == {"a": "urn:a"}


@each(
    ("stated", "expected"),
    [
        ([B, {"a": "urn:a"}], [{"b": "urn:b"}, {"c": "urn:c"}, {"a": "urn:a"}]),
        ("other/b", [{"b": "urn:b"}, {"c": "urn:c"}]),
        (
            {"p": {"@id": "urn:p", "@context": "other/b"}},
            {"p": {"@id": "urn:p", "@context": [{"b": "urn:b"}, {"c": "urn:c"}]}},
        ),
        ({"@import": "/other/c", "a": "urn:a"}, {"c": "urn:c", "a": "urn:a"}),
        ({"@import": "/other/c", "c": "urn:mine"}, {"c": "urn:mine"}),
        (["https://unknown.example/", None], ["https://unknown.example/", None]),
        (A, A),
    ],
)
def test_nested_contexts_are_inlined(stated: object, expected: object) -> None:
    others = {B: [{"b": "urn:b"}, "c"], "https://a.example/other/c": {"c": "urn:c"}}
    assert found(A, others | {A: stated}) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [("{", "Not a JSON-LD context"), ("[]", "needs an object"), ("{}", "@context"), ("[" * 100_000, "Not a JSON-LD")],
)
def test_file_without_context_is_rejected(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "c.json").write_text(text)
    with pytest.raises(CannotRunError, match=r"c\.json: ") as caught:
        read_documents({A: tmp_path / "c.json"})
    assert words in caught.value.detail


def test_missing_context_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotRunError, match=r"c\.json: No such file"):
        read_documents({A: tmp_path / "c.json"})


def test_byte_order_mark_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text('\ufeff{"@context": {}}', encoding="utf-8")
    assert Contexts(read_documents({A: tmp_path / "c.json"})).find(A) == "{}"


def test_deeply_nested_context_is_rejected() -> None:
    text = '{"p": {"@id": "urn:p", "@context": ' * 900 + "{}" + "}}" * 900
    with pytest.raises(CannotRunError, match="nested too deeply"):
        Contexts({A: f'{{"@context": {text}}}'}).find(A)


# The packed ones


@each(
    "address",
    [
        "https://schema.org/",
        "https://schema.org",
        "http://schema.org/",
        "http://www.schema.org",
        "https://schema.org/docs/jsonldcontext.jsonld",
    ],
)
def test_schema_org_context_is_packaged_under_all_addresses(address: str) -> None:
    value = Contexts().find(address)
    if value is None:
        missing("the build fetched no contexts")
    context = json.loads(value)
    assert (context["@vocab"], context["url"]["@type"]) == ("http://schema.org/", "@id")
    assert "\n" not in value


@each("address", sorted(packed_contexts._FILES))
def test_packaged_contexts_are_self_contained(address: str) -> None:
    value = Contexts().find(f"https://{address}")
    if value is None:
        missing("the build fetched no contexts")
    parts = json.loads(value)
    assert {type(part) for part in (parts if isinstance(parts, list) else [parts])} == {dict}


@each("address", ["https://schema.org/Person", "schema.org", "https://schema.org.example/", "ftp://schema.org/"])
def test_other_address_is_not_packaged(address: str) -> None:
    assert packed_contexts.read(address) is None


def test_build_without_contexts_has_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    packed_contexts.read.cache_clear()
    monkeypatch.setattr(packed_contexts, "_FOLDER", tmp_path)
    assert Contexts().find("https://schema.org/") is None
    packed_contexts.read.cache_clear()
