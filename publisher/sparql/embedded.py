"""The embedded engine: answers queries over a compiled release on disk, each in a query process."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from publisher.sparql.contained import DESCRIPTORS, Contained, start_processes
from publisher.sparql.engine import Limits

OPENER: Final = "publisher.sparql.evaluation:open_store"


class Embedded(Contained):
    """The query engine over one compiled release.

    path: the store's folder. base: IRI that relative IRIs in queries resolve against. prefixes: prefix -> namespace,
    for graphs in Turtle and RDF/XML. size: long queries that run at the same time. services: the endpoints that queries
    may name in SERVICE; such queries run in processes of their own. hubs: IRIs at which very many statements point: a
    process opens a large store faster if it knows them. uncontained: whether queries are answered where the
    platform cannot contain query processes; else they are refused there.
    Raises CannotRunError where the query processes do not start.
    """

    def __init__(
        self,
        path: Path,
        base: str,
        prefixes: Mapping[str, str],
        limits: Limits,
        size: int,
        services: Sequence[str] = (),
        *,
        hubs: Sequence[str] = (),
        uncontained: bool = False,
    ) -> None:
        opening = {"path": str(path), "base": base, "prefixes": dict(prefixes), "nesting": limits.nesting}
        opening["hubs"] = list(hubs)
        own = opening | {"services": None if services else []}
        pool = start_processes(OPENER, own, limits, size, 0, uncontained=uncontained)
        federated = None
        try:
            if services:
                others = opening | {"services": list(services)}
                federated = start_processes(OPENER, others, limits, size, DESCRIPTORS, uncontained=uncontained)
        except BaseException:
            pool.close()
            raise
        super().__init__(limits, pool, federated)
