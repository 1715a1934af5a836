"""The builder of queries: a class, its properties and their values, chosen from what the data use, as SPARQL.

Everything in a query that it writes is a term that the data use, or a literal that is written by the RDF library: no
text of a visitor is pasted into it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice
from typing import Final

import pyoxigraph as ox

from publisher.dataset.iris import KINDS
from publisher.errors import MalformedError
from publisher.pages.terms import TermFormatter, words
from publisher.rdf.labels import labels_of
from publisher.rdf.namespaces import DCTERMS, RDF, RDFS, SCHEMA, SKOS, VOCABULARY, XSD, compact
from publisher.release.resources import Resources
from publisher.release.usage import PropertyUse, Usage

LIMIT: Final = 200
"""Rows of a query that the builder writes."""
LOOKED_AT: Final = 5000
"""Statements with a property that are searched for values to choose from."""
OPTIONS: Final = 200
"""Values to choose from; where there are more, a text is typed."""
CHOSEN: Final = 12
"""Properties of one query."""
TEXT: Final = 200
"""Characters of a text that values are compared with."""
HIDDEN: Final = frozenset(
    {RDF + "type", RDFS + "label", SKOS + "prefLabel", DCTERMS + "source", SCHEMA + "member", SCHEMA + "memberOf"}
)
"""Properties that are not offered: the name is there anyway, and others say the same as one that is offered."""
_NUMBERS: Final = frozenset(XSD + name for name in ("integer", "decimal", "double", "float"))
_DATES: Final = frozenset(XSD + name for name in ("date", "dateTime", "gYear", "gYearMonth"))
_NUMBER: Final = re.compile(r"-?\d{1,15}(\.\d{1,15})?")
_DATE: Final = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")
_WORD: Final = re.compile(r"[A-Za-z]\w*\Z")


@dataclass(frozen=True)
class Offer:
    """A property that may be chosen. name: its prefixed name. kind of its values: `thing`, `number`, `date` or `text`.

    options: values to choose from as (prefixed name, label); none where there are too many. shown: whether it is
    chosen. value, low and high: the condition that is chosen.
    """

    iri: str
    name: str
    label: str
    definition: str
    number: int
    kind: str
    options: Sequence[tuple[str, str]] = ()
    shown: bool = False
    value: str = ""
    low: str = ""
    high: str = ""


@dataclass(frozen=True)
class Built:
    """What is chosen: a class, its properties, and the query. counted: the property whose values are counted."""

    class_: str
    name: str
    label: str
    number: int
    offers: Sequence[Offer]
    counted: str
    query: str

    @property
    def is_chosen(self) -> bool:
        """Whether a property is chosen."""
        return any(offer.shown for offer in self.offers)


class Builder:
    """Builds queries over one open release."""

    def __init__(self, resources: Resources, usage: Usage, formatter: TermFormatter) -> None:
        self._resources = resources
        self._lookup = resources.store.lookup
        self._prefixes = resources.names.prefixes
        self._usage = usage
        self._formatter = formatter
        self._options = lru_cache(maxsize=256)(self._find_options)

    @cached_property
    def classes(self) -> Sequence[tuple[str, str, int, str]]:
        """The classes in use as (prefixed name, label, number of things, definition), the largest first."""
        return [(self._short(iri), self.label(iri), number, self.define(iri)) for iri, number in self._usage.classes]

    @property
    def records(self) -> frozenset[str]:
        """The prefixed names of the classes that records are of: the vocabulary's own, and those of kinds of pages."""
        own = (iri for iri, _ in self._usage.classes if iri.startswith(VOCABULARY))
        return frozenset(map(self._short, (*own, *KINDS.values())))

    def label(self, iri: str) -> str:
        """The name of a class or a property in words."""
        return self._formatter.terms.get(iri) or words(re.split("[#/]", iri)[-1])

    def define(self, iri: str) -> str:
        """The definition of a class or a property; empty if none."""
        for property_ in (SKOS + "definition", RDFS + "comment"):
            found = self._lookup.find(ox.NamedNode(iri), ox.NamedNode(property_), None)
            texts = sorted(triple.object.value for triple in found if isinstance(triple.object, ox.Literal))
            if texts:
                return texts[0]
        return ""

    def _short(self, iri: str) -> str:
        return compact(iri, self._prefixes)

    def build(self, sent: Mapping[str, Sequence[str]]) -> Built:
        """Build the query that is chosen. sent: the parameters of an address.

        `class` is the class, each `show` a property; `is.<property>` a value, a text that values contain, `from.` and
        `to.` bounds; `count` the property whose values are counted. Raises MalformedError where one is not in use, or
        has no such form.
        """
        name = sent["class"][0]
        iri, number = next((use for use in self._usage.classes if self._short(use.iri) == name), ("", 0))
        if not iri:
            raise MalformedError(f"The data set has no class `{name[:TEXT]}`.")
        offers = [self._offer(use, sent) for use in self._usage.properties_of.get(iri, ()) if use.iri not in HIDDEN]
        known = {offer.name for offer in offers}
        unknown = next((show for show in sent.get("show", ()) if show not in known), "")
        counted = sent.get("count", [""])[0]
        if unknown or (counted and counted not in known):
            raise MalformedError(f"`{name}` has no property `{(unknown or counted)[:TEXT]}`.")
        if sum(offer.shown for offer in offers) > CHOSEN:
            raise MalformedError(f"Choose at most {CHOSEN} properties.")
        label = self.label(iri)
        query = _write(name, label, [offer for offer in offers if offer.shown], counted, self._prefixes)
        return Built(iri, name, label, number, offers, counted, query)

    def _offer(self, use: PropertyUse, sent: Mapping[str, Sequence[str]]) -> Offer:
        name = self._short(use.iri)
        given = {part: sent.get(f"{part}.{name}", [""])[0].strip()[:TEXT] for part in ("is", "from", "to")}
        kind = _kind_of(use)
        options = self._options(use.iri) if kind == "thing" else ()
        if given["is"] and options and given["is"] not in dict(options):
            raise MalformedError(f"`{given['is']}` is not a value of `{name}`.")
        _check_bounds(name, kind, given["from"], given["to"])
        shown = name in sent.get("show", ()) or name in sent.get("count", ()) or any(given.values())
        definition = self.define(use.iri)
        return Offer(
            use.iri,
            name,
            self.label(use.iri),
            definition,
            use.number,
            kind,
            options,
            shown,
            given["is"],
            given["from"],
            given["to"],
        )

    def _find_options(self, property_: str) -> Sequence[tuple[str, str]]:
        """The values of a property as (prefixed name, label), by label; none where there are too many."""
        triples = islice(self._lookup.find(None, ox.NamedNode(property_), None), LOOKED_AT)
        nodes = {triple.object for triple in triples if isinstance(triple.object, ox.NamedNode)}
        if len(nodes) > OPTIONS:
            return ()
        named = labels_of(self._resources.label_statements(sorted(nodes, key=str)))
        found = {self._short(str(iri)): label for iri, label in named.items()}
        return sorted(found.items(), key=lambda option: (option[1].casefold(), option[0]))


def _kind_of(use: PropertyUse) -> str:
    """What the values of a property are, by what most of them are."""
    datatypes = {datatype.iri for datatype in use.datatypes}
    if use.classes or not datatypes:
        return "thing"
    return "number" if datatypes <= _NUMBERS else "date" if datatypes <= _DATES else "text"


def _check_bounds(name: str, kind: str, low: str, high: str) -> None:
    form = {"number": _NUMBER, "date": _DATE}.get(kind)
    for bound in filter(None, (low, high)):
        if form is None or not form.fullmatch(bound):
            raise MalformedError(
                f"`{bound[:TEXT]}` is not a bound of `{name}`: write a number, or a date as 2023-06-14."
            )


# Writing


def _write(class_: str, label: str, chosen: Sequence[Offer], counted: str, prefixes: Mapping[str, str]) -> str:
    """The query for what is chosen. class_: its prefixed name."""
    thing = _variable(label, set())
    taken = {thing, f"{thing}Label"}
    named = [(offer, _variable(offer.label, taken)) for offer in chosen]
    lines = [f"  ?{thing} a {_term(class_, prefixes)} ."]
    lines += [] if counted else [f"  OPTIONAL {{ ?{thing} rdfs:label ?{thing}Label }}"]
    for offer, variable in named:
        lines += _write_pattern(thing, offer, variable, prefixes, required=offer.name == counted)
    if counted:
        key = next(variable for offer, variable in named if offer.name == counted)
        keys = f"?{key} ?{key}Label" if _has_labels(named, key) else f"?{key}"
        select, number = f"SELECT {keys} (COUNT(DISTINCT ?{thing}) AS ?records)", "records"
        end = f"GROUP BY {keys}\nORDER BY DESC(?{number}) {keys}"
    else:
        columns = [f"?{thing} ?{thing}Label", *_columns(named)]
        select, end = f"SELECT DISTINCT {' '.join(columns)}", f"ORDER BY ?{thing}Label ?{thing}"
    body = "\n".join(lines)
    query = f"{select} WHERE {{\n{body}\n}}\n{end}\nLIMIT {LIMIT}"
    used = {prefix for prefix in prefixes if re.search(rf"(?<![\w<:/?]){re.escape(prefix)}:", query)}
    declared = [f"PREFIX {prefix}: <{prefixes[prefix]}>" for prefix in sorted(used)]
    return "\n".join([*declared, "", query])


def _columns(named: Sequence[tuple[Offer, str]]) -> Iterator[str]:
    for offer, variable in named:
        yield f"?{variable} ?{variable}Label" if offer.kind == "thing" else f"?{variable}"


def _has_labels(named: Sequence[tuple[Offer, str]], key: str) -> bool:
    return any(variable == key and offer.kind == "thing" for offer, variable in named)


def _write_pattern(
    thing: str, offer: Offer, variable: str, prefixes: Mapping[str, str], *, required: bool
) -> Iterator[str]:
    """The lines for one property: optional, unless there is a condition."""
    triple = f"?{thing} {_term(offer.name, prefixes)} ?{variable} ."
    label = f"OPTIONAL {{ ?{variable} rdfs:label ?{variable}Label }}" if offer.kind == "thing" else ""
    values = [f"VALUES ?{variable} {{ {_term(offer.value, prefixes)} }}"] if offer.value and offer.options else []
    filters = list(_write_filters(offer, variable))
    if values or filters or required:
        yield from (f"  {line}" for line in (*values, triple, label, *filters) if line)
    else:
        yield f"  OPTIONAL {{ {triple} {label} }}" if label else f"  OPTIONAL {{ {triple.rstrip(' .')} }}"


def _write_filters(offer: Offer, variable: str) -> Iterator[str]:
    """The conditions on a value that is compared rather than chosen."""
    if offer.value and not offer.options:
        compared = f"{variable}Label" if offer.kind == "thing" else variable
        yield f"FILTER (CONTAINS(LCASE(STR(?{compared})), {ox.Literal(offer.value.casefold())}))"
    for bound, operator in ((offer.low, ">="), (offer.high, "<=")):
        if bound and offer.kind == "number":
            yield f"FILTER (?{variable} {operator} {bound})"
        elif bound:  # dates of any precision: 2023-06 lies within 2023
            yield f"FILTER (SUBSTR(STR(?{variable}), 1, {len(bound)}) {operator} {ox.Literal(bound)})"


def _term(name: str, prefixes: Mapping[str, str]) -> str:
    """A term as SPARQL writes it. name: prefixed, or an IRI that has no prefix."""
    prefix, _, local = name.partition(":")
    if prefix in prefixes and re.fullmatch(r"[\w-]+", local):
        return name
    return str(ox.NamedNode(prefixes[prefix] + local if prefix in prefixes else name))


def _variable(label: str, taken: set[str]) -> str:
    """A variable named by a label, `kind of change` becoming `kindOfChange`; numbered if it is taken."""
    parts = re.findall(r"[a-z0-9]+", label.casefold()) or ["value"]
    name = parts[0] + "".join(part.capitalize() for part in parts[1:])
    name = name if _WORD.match(name) else f"x{name}"
    number = 2
    found = name
    while found in taken or f"{found}Label" in taken:
        found, number = f"{name}{number}", number + 1
    taken |= {found, f"{found}Label"}
    return found
