"""Citations of results, in plain text and in BibTeX."""

import re
from typing import Final

import pyoxigraph as ox

from publisher.dataset.iris import RELEASE_PATH
from publisher.rdf import namespaces as n
from publisher.rdf.terms import terms
from publisher.release.archive import describe_edition
from publisher.release.catalogue import Catalogue
from publisher.release.resources import Resources

DATES: Final = (n.DCTERMS + "modified", n.DCTERMS + "issued", n.DCTERMS + "created")
"""The properties that date the data set, the best first."""
TEX: Final = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
TEX_SPECIAL: Final = re.compile(r"[\\~^&%$#_{}]")


class Citations:
    """Cites results of queries over one open release."""

    def __init__(self, resources: Resources, catalogue: Catalogue) -> None:
        self._resources = resources
        self._catalogue = catalogue
        self._edition = resources.store.edition

    def cite(self, address: str, subject: str) -> tuple[str, str]:
        """Return the citation of a result, in plain text and in BibTeX. The reader adds the date of access.

        address: of the result. subject: what it is the result of: `a SPARQL query`.
        """
        edition, title = self._edition, self._catalogue.title
        release = edition.release if edition.exact else None
        authors = [self._resources.label(creator) for creator in self._find_values(n.DCTERMS + "creator")]
        date = release.date if release else self._date
        begin = f"{', '.join(authors)} ({date[:4]}). " if authors and date else ""
        state = describe_edition(edition) + (f" ({date})" if date and not release else "")
        if release:
            base = self._resources.names.base
            address = f"{base}{RELEASE_PATH}/{release.version}/{address.removeprefix(base)}"
        text = f"{begin}{title}, {state}. Result of {subject}. {address} (accessed [date])"
        fields = {
            "author": " and ".join(f"{{{_escape_tex(author)}}}" for author in authors),
            "title": f"{{{_escape_tex(title)}}}: result of {_escape_tex(subject)}",
            "year": date[:4],
            "date": date,
            "version": release.version if release else describe_edition(edition),
            "url": address,
            "urldate": "",
        }
        entry = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value or name == "urldate")
        key = "-".join(re.findall("[a-z0-9]+", title.lower()))
        return text, f"@misc{{{key}-{release.version if release else edition.id[:8]},\n{entry}}}"

    @property
    def _date(self) -> str:
        """The date that the data set states of itself; empty if none."""
        return next((date for property_ in DATES for date in self._find_values(property_)), "")

    def _find_values(self, property_: str) -> list[str]:
        """The values of a property in the description of the data set."""
        dataset = ox.NamedNode(self._resources.names.dataset)
        found = self._resources.store.lookup.find(dataset, ox.NamedNode(property_), None)
        return sorted(terms(triple)[2].value for triple in found)


def _escape_tex(text: str) -> str:
    """A text with the characters escaped that are commands in TeX."""
    return TEX_SPECIAL.sub(lambda found: TEX.get(found[0], "\\" + found[0]), text)
