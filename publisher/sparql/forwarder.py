"""The forwarding engine: another endpoint answers the queries, under the limits of this server."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from publisher.errors import EndpointFailedError, EndpointTimeoutError, TooSlowError
from publisher.sparql.contained import DESCRIPTORS, Contained, start_processes
from publisher.sparql.engine import Answer, Limits, Query, always
from publisher.sparql.http_client import NAME, Access
from publisher.sparql.translation import Placement

OPENER: Final = "publisher.sparql.forwarding:open_endpoint"


class Forwarder(Contained):
    """The query engine over an endpoint that has a release.

    access: to the endpoint. placement: of the release in it. store: the folder of the compiled release, for hints.
    prefixes: prefix -> namespace, for graphs in Turtle and
    RDF/XML. size: long queries that run at the same time. check: raises the reason why the endpoint cannot be used now.
    suspect: called when it failed.
    Raises CannotRunError where the query processes do not start.
    """

    def __init__(
        self,
        access: Access,
        placement: Placement,
        store: Path,
        prefixes: Mapping[str, str],
        limits: Limits,
        size: int,
        *,
        check: Callable[[], None],
        suspect: Callable[[], None],
        uncontained: bool = False,
    ) -> None:
        argument = {
            "url": access.url,
            "proxy": access.proxy,
            "placement": placement,
            "store": str(store),
            "prefixes": dict(prefixes),
            "nesting": limits.nesting,
            "result": limits.result,
            "seconds": limits.wall,
        }
        super().__init__(limits, start_processes(OPENER, argument, limits, size, DESCRIPTORS, uncontained=uncontained))
        self._check = check
        self._suspect = suspect

    async def answer(self, query: Query, wanted: Callable[[], bool] = always) -> Answer:
        """Answer a query. Raises a PublisherError that says why not; an endpoint that cannot be used is not asked."""
        self._check()
        try:
            return await super().answer(query, wanted)
        except (EndpointFailedError, EndpointTimeoutError):
            self._suspect()
            raise
        except TooSlowError as error:  # Its process waited for the endpoint.
            self._suspect()
            raise EndpointTimeoutError(f"{NAME} did not answer the query in {error.members['value']:g} s.") from error
