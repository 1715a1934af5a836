"""Content negotiation: which of the formats offered a client gets (RFC 9110, section 12)."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from publisher.errors import NotAcceptableError
from publisher.formats import Format


def choose(
    accept: str | None, offers: tuple[Format, ...], wanted: str | None = None, default: Format | None = None
) -> Format:
    """Choose the representation for an Accept header (RFC 9110, section 12.5.1).

    accept: the header, None if missing. offers: in our order of preference. wanted: the parameter `format=`, which
    counts only if the header is missing, empty or `*/*`. default: the format if neither decides; the first offer unless
    given.
    Raises NotAcceptableError, with the alternatives, if no offer is acceptable.
    """
    found = find(accept, offers, wanted, default)
    if found is None:
        alternatives = [offer.media_type for offer in offers]
        raise NotAcceptableError(f"Available here: {', '.join(alternatives)}.", alternatives=alternatives)
    return found


def find(
    accept: str | None, offers: tuple[Format, ...], wanted: str | None = None, default: Format | None = None
) -> Format | None:
    """As `choose`, but None if nothing offered is acceptable."""
    if (accept or "").strip(" \t,") in ("", "*", "*/*"):
        named = (offer for offer in offers if wanted and wanted.lower() in _names(offer))
        return next(named, default or offers[0])
    return _negotiate(accept or "", offers)


@lru_cache(maxsize=1024)
def _negotiate(accept: str, offers: tuple[Format, ...]) -> Format | None:
    """The best offer for a header; clients send few different ones, so results are cached."""
    return _best(_without_parameters(parse_accept_header(accept, MIMEAccept)), offers)


def _names(offer: Format) -> set[str]:
    return {offer.name, offer.media_type, offer.suffix, *offer.aliases}


def _best(header: MIMEAccept, offers: Sequence[Format]) -> Format | None:
    """Return the best offer. Own media types go before aliases, so that an alias counts only where no own type fits."""
    types = {offer.media_type: offer for offer in offers}
    for offer in offers:
        for alias in offer.aliases:
            types.setdefault(alias, offer) if "/" in alias else None
    refused = {value for value, quality in header if quality <= 0}
    open_types = [kind for kind, offer in types.items() if offer.media_type not in refused]
    best = _relevant(header, types).best_match(open_types)
    return types[best] if best else None


def _relevant(header: MIMEAccept, types: Iterable[str]) -> MIMEAccept:
    """Return what can match one of the types, each range with its highest quality: comparing takes time for each."""
    ranges = {"*/*", *types, *(f"{kind.partition('/')[0]}/*" for kind in types)}
    highest: dict[str, float] = {}
    for value, quality in header:
        kind = "*/*" if value == "*" else value.lower()  # Java's HttpURLConnection sends both.
        if kind in ranges:
            highest[kind] = max(quality, highest.get(kind, 0))
    return MIMEAccept(highest.items())


def _without_parameters(header: MIMEAccept) -> MIMEAccept:
    """Drop the parameters of media types: profiles and charsets do not distinguish our offers."""
    return MIMEAccept([(value.split(";")[0], quality) for value, quality in header])
