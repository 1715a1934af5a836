"""Hints about values: literals with another language tag or datatype, and kinds of values that do not compare.

Every step is bounded by a number.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from itertools import chain, islice
from typing import Final

import pyoxigraph as ox

from publisher.sparql.asked import DATES, LONGEST_NAME, ON_DATES, XSD, Asked, Value
from publisher.sparql.slips import SEARCHES

LOOKED_UP: Final = 20
"""Values, comparisons and calls of a query that are looked at, and properties."""
SAMPLE: Final = 100
"""Values of a property whose kinds are looked at."""
READ: Final = 1000
"""Texts of the properties of a query that are compared with one that the data does not have."""
COMPARED: Final = 100
"""Texts that are compared by similarity: those whose lengths are nearest."""
ALIKE: Final = 0.85
"""Similarity of texts that are suggested (`difflib`, 0 to 1)."""
TYPES: Final = ("integer", "decimal", "double", "boolean", *DATES, "anyURI")
"""Datatypes, in XSD, that are tried for a text."""
_NUMBERS: Final = frozenset({"integer", "decimal", "double", "float"})
_FORMS: Final = {
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "gYear": re.compile(r"\d{4}"),
    "gYearMonth": re.compile(r"\d{4}-\d\d"),
    "dateTime": re.compile(r"\d{4}-\d\d-\d\dT.+"),
}
"""How a point in time is written, by datatype."""
_WORDS: Final = {"IRI": "IRIs", "number": "numbers", "text": "text", "tagged": "text with a language tag"}
"""What the kinds of values are called."""
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_TAG: Final = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")


class ValueHints:
    """Explains by values why a query has no result. languages: language tags of the data."""

    def __init__(self, store: ox.Store, languages: Iterable[str]) -> None:
        self._store = store
        self._languages = list(languages)

    def find(self, asked: Asked) -> Iterator[str]:
        """Return sentences; code is between backticks."""
        written = {iri: text for iri, text in list(asked.terms.items())[:LOOKED_UP] if self._is_property(iri)}
        for value in asked.values[:LOOKED_UP]:
            if value not in asked.tags:
                yield from self._value_hints(value, written)
        for value in asked.tags[:LOOKED_UP]:
            yield from self._tag_hints(value)
        for variable, operator, value in asked.comparisons[:LOOKED_UP]:
            for iri in asked.properties.get(variable, set()) & written.keys():
                yield from self._comparison_hints(iri, written[iri], operator, value)
        for function, variable, wanted in asked.calls[:LOOKED_UP]:
            yield from self._call_hints(function, variable, asked)
            if function in SEARCHES and wanted:
                yield from self._capital_hints(function, wanted, asked.properties.get(variable, set()) & written.keys())
        if asked.datatypes:
            for iri, text in written.items():
                yield from self._date_hints(iri, text, asked.datatypes)

    # Look-ups

    def _is_property(self, iri: str) -> bool:
        return next(self._store.quads_for_pattern(None, ox.NamedNode(iri), None), None) is not None

    def _has(self, term: ox.Literal | ox.NamedNode, properties: Iterable[str] = ()) -> bool:
        """Whether the data has a value at all, or of one of the properties if any are given."""
        for property_ in map(ox.NamedNode, properties):
            if next(self._store.quads_for_pattern(None, property_, term), None) is not None:
                return True
        return not properties and next(self._store.quads_for_pattern(None, None, term), None) is not None

    def _values_of(self, property_: str, most: int) -> list[ox.NamedNode | ox.Literal]:
        quads = islice(self._store.quads_for_pattern(None, ox.NamedNode(property_), None), most)
        return [quad.object for quad in quads if isinstance(quad.object, ox.NamedNode | ox.Literal)]

    def _kinds_of(self, property_: str) -> list[str]:
        """The kinds of the values of a property, in order."""
        return sorted({_kind_of(value) for value in self._values_of(property_, SAMPLE)})

    # Values that have to be equal

    def _value_hints(self, value: Value, properties: Mapping[str, str]) -> Iterator[str]:
        asked = _literal(value.value, value.language, value.datatype)
        if self._has(asked, properties):
            return
        exists = self._has(asked)
        variants = [one for one in self._variants(value) if one[1] != asked and self._has(one[1])]
        here = [one for one in variants if not properties or self._has(one[1], properties)]
        noun = "value" if value.datatype else "text"
        found = here or ([] if exists else variants)
        if found:
            text, _, reason = found[0]
            owner = f"The properties of the query have no {noun}" if exists else f"The data set has no {noun}"
            yield f"{owner} `{value.written}`, but `{text}`: {reason}."
        elif not value.datatype and (near := self._find_near(value.value, properties)):
            yield f"The data set has no text `{value.written}`. Did you mean `{near}`?"

    def _variants(self, value: Value) -> Iterator[tuple[str, ox.Literal | ox.NamedNode, str]]:
        """The same text as other terms: how each is written, the term, and what differs."""
        text = value.value
        yield f'"{text}"', ox.Literal(text), _reason(tagged=bool(value.language))
        for tag in self._languages:
            yield f'"{text}"@{tag}', ox.Literal(text, language=tag), _reason(tagged=True)
        for name in TYPES:
            quoted = text if name == "integer" else f'"{text}"^^xsd:{name}'
            yield quoted, _literal(text, "", XSD + name), _reason(tagged=False)
        whole = re.fullmatch(r"([+-]?\d+)\.0*", text)
        if whole:
            yield whole[1], _literal(whole[1], "", XSD + "integer"), _reason(tagged=False)
        if _ABSOLUTE.fullmatch(text) and not re.search(r'[<>"{}|^`\\]', text):
            yield f"<{text}>", ox.NamedNode(text), "it is an IRI"

    def _find_near(self, text: str, properties: Iterable[str]) -> str:
        """The most similar text of some properties, as it is written in a query; empty if none is similar."""
        values = (value for property_ in properties for value in self._values_of(property_, READ))
        texts = [
            value
            for value in islice(values, READ)
            if isinstance(value, ox.Literal) and len(value.value) <= LONGEST_NAME
        ]
        known = {value.value: value for value in reversed(texts) if _kind_of(value) in ("text", "tagged")}
        same = [other for other in known if other.casefold() == text.casefold()]
        nearest = sorted(known, key=lambda other: abs(len(other) - len(text)))[:COMPARED]
        found = same or get_close_matches(text, nearest, 1, ALIKE)
        if not found:
            return ""
        language = known[found[0]].language
        return f'"{found[0]}"' + (f"@{language}" if language else "")

    def _tag_hints(self, value: Value) -> Iterator[str]:
        tag, languages = value.value, self._languages
        known = tag in languages
        if value.function == "LANGMATCHES":
            known = any(f"{language}-".startswith(f"{tag.lower()}-") for language in languages)
        if languages and not known and _TAG.fullmatch(tag):
            named = ", ".join(f"`{language}`" for language in languages[:5])
            yield f"The query asks for the language `{tag}`; the texts that were looked at have {named}."

    # Kinds of values

    def _comparison_hints(self, iri: str, written: str, operator: str, value: Value) -> Iterator[str]:
        kinds, kind = self._kinds_of(iri), _kind_of(_literal(value.value, value.language, value.datatype))
        texts = {"text", "tagged"}
        alike = kind in kinds or (operator in ("=", "!=") and kind in texts and not texts.isdisjoint(kinds))
        if kinds and not alike and kind not in DATES:
            held = f"`{written}` has {_name(kinds)}, which do not compare with {_name([kind])}"
            yield f"{held}: {_advise(kinds, kind, value)}."

    def _call_hints(self, function: str, variable: str, asked: Asked) -> Iterator[str]:
        wanted = set(DATES) if function in ON_DATES else {"text", "tagged"}
        properties = list(asked.properties.get(variable, set()))[:LOOKED_UP]
        kinds = {kind for property_ in properties for kind in self._kinds_of(property_)}
        kinds |= {"IRI"} if variable in asked.subjects else set()
        if not kinds or not kinds.isdisjoint(wanted):
            return
        if function in ON_DATES:
            yield f"{function} reads dates, and `{variable}` has {_name(sorted(kinds))}."
        else:
            yield f"{function} reads text, and `{variable}` has {_name(sorted(kinds))}: write `STR({variable})`."

    def _capital_hints(self, function: str, wanted: str, properties: Iterable[str]) -> Iterator[str]:
        """A text that is there with other capitals."""
        values = chain.from_iterable(self._values_of(property_, READ) for property_ in sorted(properties))
        texts = [value.value for value in islice(values, READ) if isinstance(value, ox.Literal)]
        fits = {"STRSTARTS": str.startswith, "STRENDS": str.endswith}.get(function, str.__contains__)
        if any(fits(text.lower(), wanted.lower()) for text in texts) and not any(fits(text, wanted) for text in texts):
            advice = 'add `"i"`' if function == "REGEX" else "compare `LCASE(...)` with small letters"
            yield f"{function} tells capitals from small letters, and `{wanted}` occurs in others: {advice}."

    def _date_hints(self, iri: str, written: str, asked: set[str]) -> Iterator[str]:
        others = sorted(set(self._kinds_of(iri)) & set(DATES) - asked)
        if others:
            compared = " and ".join(f"`xsd:{name}`" for name in sorted(asked))
            yield f"`{written}` has {_name(others)}, which do not compare with {compared}: compare `STR(...)`."


def _literal(text: str, language: str, datatype: str) -> ox.Literal:
    if language:
        return ox.Literal(text, language=language)
    return ox.Literal(text, datatype=ox.NamedNode(datatype)) if datatype else ox.Literal(text)


def _reason(*, tagged: bool) -> str:
    return "a language tag is part of it" if tagged else "the datatype is part of it"


def _kind_of(value: ox.NamedNode | ox.Literal) -> str:
    """The kind of a value: a point in time by the local name of its datatype."""
    if isinstance(value, ox.NamedNode):
        return "IRI"
    name = value.datatype.value.removeprefix(XSD)
    return "tagged" if value.language else "number" if name in _NUMBERS else "text" if name == "string" else name


def _name(kinds: Iterable[str]) -> str:
    """What kinds of values are called."""
    types = [f"`xsd:{kind}`" for kind in kinds if kind not in _WORDS]
    named = [_WORDS[kind] for kind in kinds if kind in _WORDS]
    return " and ".join([*named, *([f"values of type {' and '.join(types)}"] if types else [])])


def _advise(kinds: Iterable[str], kind: str, value: Value) -> str:
    """How to compare values of some kinds with a literal of another."""
    text, dates = value.value, [name for name in kinds if name in DATES]
    fitting = next((name for name in dates if _FORMS[name].fullmatch(text)), "")
    if fitting and kind == "text":
        return f'write `"{text}"^^xsd:{fitting}`'
    if dates and kind == "number":
        return "compare `YEAR(...)`"
    if kind == "text" and "number" in kinds and re.fullmatch(r"[+-]?\d+(\.\d+)?", text):
        return f"write `{text}`"
    if kind == "number":
        return f'write `"{text}"`'
    if kind == "text" and "IRI" in kinds and _ABSOLUTE.fullmatch(text):
        return f"write `<{text}>`"
    return "compare `STR(...)`"
