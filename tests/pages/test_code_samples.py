"""Asking a query again elsewhere: its address, and quoting that shells and Python read back."""

import ast
import shlex
from urllib.parse import parse_qsl, urlsplit

from hypothesis import given, settings
from hypothesis import strategies as st
from support.tiers import examples

from publisher.pages.code_samples import code_sample
from publisher.sparql.engine import Query
from publisher.sparql.protocol import parameters, reference


def test_query_address_has_dataset() -> None:
    query = Query("ASK {}", None, None, ("urn:a", "urn:b"), ("urn:c",))
    stated = [("query", "ASK {}"), ("default-graph-uri", "urn:a"), ("default-graph-uri", "urn:b")]
    assert parameters(query) == [*stated, ("named-graph-uri", "urn:c")]
    assert parse_qsl(urlsplit(reference(query, "sparql")).query) == parameters(query)


@settings(max_examples=examples(100), deadline=None)
@given(st.text())
def test_query_is_quoted_for_shell_and_python(text: str) -> None:
    found = code_sample(Query(text, None, None), "http://localhost/sparql")
    read = ast.literal_eval(found.text)
    assert read in (text, f"\n{text}\n")
    assert shlex.split(" ".join(found.words), posix=True) == [f"query={text}"]
