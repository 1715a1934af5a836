"""The reconciler: candidates for the names in other people's tables, with scores, features and a decision.

A match is certain only where the text identifies one thing (`release.finder`) and no condition contradicts.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Final

from publisher.errors import MalformedError
from publisher.linking.queries import Condition, Extension, Query
from publisher.linking.types import Named, Types
from publisher.linking.values import Values
from publisher.release.finder import Finder, Found, choose_certain
from publisher.release.resources import Resources
from publisher.release.summaries import Summaries

CONSIDERED: Final = 50
"""Candidates that conditions are compared for."""
BY_NAME: Final = 0.7
"""The part of a score that is the name's where there are conditions."""
SUGGESTED: Final = 20
"""Suggestions of one response."""


class Reconciler:
    """Answers reconciliation queries over one release."""

    def __init__(self, resources: Resources, finder: Finder) -> None:
        self._resources = resources
        self._names = resources.names
        self._index = resources.store.index
        self._finder = finder
        self._values = Values(resources)
        self.types = Types(self._index, resources.store.lookup)
        self._summaries = Summaries(self._index)

    # Queries

    def reconcile(self, query: Query) -> list[dict[str, Any]]:
        """Return the candidates for a query, the best first (section 4.2). Raises MalformedError."""
        kinds = self.types.choose(query.types)
        conditions = [(self.require_property(one.property), one) for one in query.conditions]
        most = max(CONSIDERED, query.limit)  # What is certain must not depend on the number that is asked for.
        found = self._finder.find(query.text, kinds, most) if query.text.strip() else []
        certain = choose_certain(found)
        if not query.text.strip():
            found = self._find_by_conditions(conditions, kinds)
        candidates = [self._make_candidate(one, certain, conditions, kinds) for one in found]
        ordered = sorted(candidates, key=lambda candidate: -candidate["score"])
        return ordered[: query.limit]

    def require_property(self, text: str) -> Named:
        """Return the property of an identifier. Raises MalformedError where no statement has it."""
        found = self._values.find_property(text)
        if found is None:
            raise MalformedError(f"There is no property {text[:200]!r}; the service for properties suggests some.")
        return found

    def _find_by_conditions(self, conditions: Sequence[tuple[Named, Condition]], kinds: frozenset[str]) -> list[Found]:
        """Things with one of the values that conditions name."""
        found: dict[str, Found] = {}
        for property_, condition in conditions:
            for value in condition.values:
                for iri in self._values.having(property_.id, value, CONSIDERED):
                    number = self._index.by_name.find_number(iri)
                    known = self._index.by_name.known([number] if number is not None else [])
                    for thing in known.values():
                        found.setdefault(iri, Found(*thing, 0.0, exact=False, by="", text="", covered=0, letters=0))
                for one in self._finder.identify(value.text, CONSIDERED):
                    found.setdefault(one.iri, one._replace(score=0.0, exact=False))
        return [one for one in found.values() if one.kind and (not kinds or one.kind in kinds)][:CONSIDERED]

    def _make_candidate(
        self,
        found: Found,
        certain: Found | None,
        conditions: Sequence[tuple[Named, Condition]],
        kinds: frozenset[str],
    ) -> dict[str, Any]:
        agreements = [(named.id, self._values.agree(found.iri, named.id, one.values)) for named, one in conditions]
        known = [agreement or 0.0 for _, agreement in agreements]
        score = found.score
        if known:
            by_name = BY_NAME if found.by else 0.0
            score = by_name * found.score + (1 - by_name) * sum(known) / len(known)
        is_same = certain is not None and certain.iri == found.iri
        contradicted = any(agreement == 0 for _, agreement in agreements)
        features = [
            {"id": "exact", "value": found.exact},
            {"id": "name", "value": round(100 * found.score, 2)},
            {"id": "query_covered", "value": round(100 * found.covered, 2)},
            {"id": "name_covered", "value": round(100 * found.name_covered, 2)},
            {"id": "letters", "value": round(100 * found.letters, 2)},
            {"id": "type", "value": not kinds or found.kind in kinds},
            *({"id": iri, "value": round(100 * part, 2)} for iri, part in agreements if part is not None),
        ]
        return {
            "id": found.iri,
            "name": found.label,
            "description": self._describe(found),
            "type": self._types_of(found.kind),
            "score": round(100 * score, 2),
            "match": is_same and not contradicted,
            "features": features,
        }

    def _describe(self, found: Found) -> str:
        """What a person needs to choose: what matched, where it is not the label, and a summary."""
        matched = f"“{found.text}”. " if found.text not in ("", found.label) else ""
        return matched + self._summaries.summarize(found.number, found.kind)

    def _types_of(self, kind: str) -> list[dict[str, str]]:
        return [{"id": named.id, "name": named.name} for named in self.types.of(kind)]

    # Suggestions

    def suggest_entities(self, prefix: str, types: Sequence[str], start: int) -> list[dict[str, Any]]:
        """Return things whose names begin as given, or that it may mean (section 6.3)."""
        found = self._finder.complete(prefix, self.types.choose(types), SUGGESTED, start)
        return [
            {"id": one.iri, "name": one.label, "description": self._describe(one), "notable": self._types_of(one.kind)}
            for one in found
        ]

    def suggest_types(self, prefix: str, start: int) -> list[dict[str, str]]:
        """Return types whose names contain a text."""
        found = [named for named in self.types.by_kind.values() if _contains(named, prefix)]
        return [{"id": named.id, "name": named.name} for named in found[start : start + SUGGESTED]]

    def suggest_properties(self, prefix: str, start: int) -> list[dict[str, str]]:
        """Return properties whose names contain a text."""
        found = [named for named in self._all_properties if _contains(named, prefix)]
        return [{"id": named.id, "name": named.name} for named in found[start : start + SUGGESTED]]

    @cached_property
    def _all_properties(self) -> Sequence[Named]:
        """The properties of things of any kind, by name."""
        found = {named.id: named for kind in self.types.by_kind for named in self._values.properties(kind, CONSIDERED)}
        return sorted(found.values(), key=lambda named: (named.name, named.id))

    def describe(self, iri: str) -> Named | None:
        """Return the name and a description of a live thing, a type or a property; None where there is none."""
        number = self._index.by_name.find_number(iri)
        for known in self._index.by_name.known([number] if number is not None else []).values():
            return Named(iri, known.label, self._summaries.summarize(known.number, known.kind))
        named = next((named for named in self.types.by_kind.values() if named.id == iri), None)
        return named or self._values.find_property(iri)

    # Data extension

    def propose_properties(self, type_: str, limit: int) -> list[dict[str, str]]:
        """Return properties of the things of a type, the most frequent first (section 7.2)."""
        kinds = self.types.choose([type_] if type_ else [])
        known = self.types.by_kind
        own = [kind for kind in known if known[kind].id == type_] or sorted(kinds) or list(known)
        found = self._values.properties(own[0], limit)
        return [{"id": named.id, "name": named.name} for named in found]

    def extend(self, wanted: Extension) -> dict[str, Any]:
        """Return the values of some properties of some things (section 7.4). A merged thing has those of its successor.

        Raises MalformedError where a property is unknown.
        """
        columns = {id_: self.require_property(id_) for id_ in wanted.properties}
        rows = {iri: self._row(iri, columns, wanted.properties) for iri in wanted.ids}
        meta = [{"id": id_, "name": named.name} for id_, named in columns.items()]
        return {"meta": meta, "rows": rows}

    def _row(self, iri: str, columns: Mapping[str, Named], limits: Mapping[str, int]) -> dict[str, Any]:
        thing = self._resources.successor(iri) or iri
        known = self._index.by_name.find_number(thing) is not None
        return {
            id_: [self._values.show(value) for value in self._values.of(thing, named.id, limits[id_])] if known else []
            for id_, named in columns.items()
        }


def _contains(named: Named, text: str) -> bool:
    wanted = text.strip().casefold()
    return wanted in f"{named.name} {re.split('[#/]', named.id)[-1]}".casefold() or text.strip() == named.id
