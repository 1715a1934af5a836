"""Reconciliation queries: reads and checks what clients send (Reconciliation Service API 0.2 and 0.1). Pure, no I/O."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from publisher.errors import MalformedError, TooLargeRequestError

BATCH: Final = 50
"""Queries in one batch, at most: each takes up to about 50 ms of the processor at a million statements."""
LIMIT: Final = 100
"""Candidates that one query can ask for, at most."""
CANDIDATES: Final = 10
"""Candidates of a query that asks for no number."""
PROPERTIES: Final = 20
"""Properties in one query, at most."""
VALUES: Final = 20
"""Values of one property in one query, at most."""
ENTITIES: Final = 200
"""Entities in one request for values, at most."""
STRICTNESS: Final = ("any", "all", "should")


class Value(NamedTuple):
    """A value of a property. entity: whether the text is the identifier of an entity."""

    text: str
    entity: bool = False


class Condition(NamedTuple):
    """A property that a candidate should have, with one of some values."""

    property: str
    values: Sequence[Value]


class Query(NamedTuple):
    """A reconciliation query (section 4.1). text: empty where there are conditions only. types: any of these."""

    text: str
    types: Sequence[str] = ()
    limit: int = CANDIDATES
    conditions: Sequence[Condition] = ()


class Extension(NamedTuple):
    """A data extension query (section 7.3). properties: identifier -> number of values, 0 for all that are shown."""

    ids: Sequence[str]
    properties: Mapping[str, int]


def read_batch(text: str) -> dict[str, Query]:
    """Return the queries of a batch by their keys.

    Raises:
        MalformedError: It is not JSON, or not a batch; the detail says where.
        TooLargeRequestError: It has more queries than `BATCH`.
    """
    batch = _read_object(text, "queries")
    if len(batch) > BATCH:
        words = f"The batch has {len(batch)} queries; the limit (`batchSize` in the manifest) is {BATCH}."
        raise TooLargeRequestError(words, limit="batch", value=BATCH)
    return {key: read_query(value, f"queries.{key[:40]}") for key, value in batch.items()}


def read_single(text: str) -> Query:
    """Return the one query of the form that version 0.1 had: JSON, or the text itself. Raises as `read_batch`."""
    if text.lstrip().startswith("{"):
        return read_query(_read_object(text, "query"), "query")
    return read_query({"query": text}, "query")


def read_query(value: Any, place: str) -> Query:
    """Check one query. place: its name in messages."""
    if not isinstance(value, dict):
        raise MalformedError(f"`{place}` must be an object.")
    text = value.get("query", "")
    if not isinstance(text, str):
        raise MalformedError(f"`{place}.query` must be a string.")
    conditions = _read_conditions(value.get("properties") or [], f"{place}.properties")
    if not text.strip() and not conditions:
        raise MalformedError(f"`{place}` needs a `query` that is not empty, or `properties`.")
    if value.get("type_strict") not in (None, *STRICTNESS):
        raise MalformedError(f"`{place}.type_strict` must be one of {', '.join(STRICTNESS)}.")
    types = _read_types(value.get("type"), f"{place}.type")
    return Query(text, types, _read_limit(value.get("limit"), f"{place}.limit"), conditions)


def _read_types(value: Any, place: str) -> list[str]:
    """The types of a query: one string, several, or objects with `id` as some clients send them."""
    found = [] if value in (None, "") else value if isinstance(value, list) else [value]
    types = [one.get("id") if isinstance(one, dict) else one for one in found]
    if not all(isinstance(one, str) and one for one in types):
        raise MalformedError(f"`{place}` must be the identifier of a type, or an array of these.")
    return [str(one) for one in types]


def _read_limit(value: Any, place: str) -> int:
    if value is None:
        return CANDIDATES
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or not 1 <= value <= LIMIT:
        raise MalformedError(f"`{place}` must be a whole number from 1 to {LIMIT}.")
    if value != int(value):
        raise MalformedError(f"`{place}` must be a whole number from 1 to {LIMIT}.")
    return int(value)


def _read_conditions(value: Any, place: str) -> list[Condition]:
    if not isinstance(value, list):
        raise MalformedError(f"`{place}` must be an array of objects with `pid` and `v`.")
    if len(value) > PROPERTIES:
        raise MalformedError(f"`{place}` has {len(value)} entries; the limit is {PROPERTIES}.")
    return [_read_condition(one, f"{place}[{number}]") for number, one in enumerate(value)]


def _read_condition(value: Any, place: str) -> Condition:
    property_ = value.get("pid", value.get("p")) if isinstance(value, dict) else None
    if not isinstance(property_, str) or not property_ or "v" not in value:
        raise MalformedError(f"`{place}` must have `pid`, the identifier of a property, and `v`.")
    values = value["v"] if isinstance(value["v"], list) else [value["v"]]
    if len(values) > VALUES:
        raise MalformedError(f"`{place}.v` has {len(values)} values; the limit is {VALUES}.")
    return Condition(property_, [_read_value(one, f"{place}.v") for one in values])


def _read_value(value: Any, place: str) -> Value:
    if isinstance(value, dict) and isinstance(value.get("id"), str):
        return Value(value["id"], entity=True)
    if isinstance(value, bool):
        return Value(str(value).lower())
    if isinstance(value, str | int | float):
        return Value(str(value))
    raise MalformedError(f"`{place}` must be a string, a number, a boolean, or an object with `id`.")


def read_extension(text: str) -> Extension:
    """Return a data extension query. Raises as `read_batch`."""
    value = _read_object(text, "extend")
    ids, properties = value.get("ids"), value.get("properties")
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        raise MalformedError("`extend.ids` must be an array of identifiers.")
    if not isinstance(properties, list):
        raise MalformedError("`extend.properties` must be an array of objects with `id`.")
    if len(ids) > ENTITIES:
        words = f"`extend.ids` has {len(ids)} identifiers; the limit is {ENTITIES}."
        raise TooLargeRequestError(words, limit="batch", value=ENTITIES)
    if len(properties) > PROPERTIES:
        raise MalformedError(f"`extend.properties` has {len(properties)} entries; the limit is {PROPERTIES}.")
    chosen = [_read_chosen(one, f"extend.properties[{number}]") for number, one in enumerate(properties)]
    return Extension(ids, dict(chosen))


def _read_chosen(value: Any, place: str) -> tuple[str, int]:
    """A property of which values are asked for, with the setting `limit`."""
    if not isinstance(value, dict) or not isinstance(value.get("id"), str):
        raise MalformedError(f"`{place}` must be an object with `id`.")
    settings = value.get("settings") or {}
    limit = settings.get("limit") if isinstance(settings, dict) else None
    number = str(limit if limit not in (None, "") else 0)
    if not number.isdecimal() or len(number) > 9:
        raise MalformedError(f"`{place}.settings.limit` must be a whole number.")
    return value["id"], int(number)


def _join_pairs(pairs: Sequence[tuple[str, Any]], name: str) -> dict[str, Any]:
    """A JSON object. Raises MalformedError where a key stands twice: one of the two would be lost."""
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise MalformedError(f"`{name}` has the key {twice[:40]!r} twice in one object.")
    return found


def _read_object(text: str, name: str) -> dict[str, Any]:
    """The JSON object that a parameter has."""
    try:
        value = json.loads(text, object_pairs_hook=lambda pairs: _join_pairs(pairs, name))
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise MalformedError(f"`{name}` is not valid JSON: {error.msg} at {place}.") from None
    except (RecursionError, ValueError):
        raise MalformedError(f"`{name}` is not valid JSON: nested too deeply, or a number is too long.") from None
    if not isinstance(value, dict):
        raise MalformedError(f"`{name}` must be a JSON object.")
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise MalformedError(f"`{name}` has half a character (a lone surrogate).") from None
    return value
