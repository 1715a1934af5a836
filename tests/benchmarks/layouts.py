"""The layouts of RDF that the benchmark of validation reads: the same records, written in different ways."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

E: Final = "https://example.org/records#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
SHAPES: Final = f"""@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <{XSD}> .
@prefix ex: <{E}> .
ex:RecordShape a sh:NodeShape ; sh:targetClass ex:Record ; sh:property ex:RecordShape-number .
ex:RecordShape-number sh:path ex:number ; sh:datatype xsd:integer .
"""
"""One shape: a record with a number that is no integer is a finding."""
PER_RECORD: Final = 5
"""Triples for each record, on average."""
_PREFIXES: Final = f"@prefix ex: <{E}> .\n@prefix rdfs: <{RDFS}> .\n"


@dataclass(frozen=True)
class Record:
    """One record. number: its number. valid: whether it passes the shape. blank: whether it is a blank node."""

    number: int
    valid: bool
    blank: bool

    @property
    def value(self) -> str:
        """Its number as Turtle and JSON spell it, or a string in its place."""
        return str(self.number) if self.valid else '"none"'


def records(triples: int, findings: int, *, blank: bool) -> list[Record]:
    """The records of a file of a size, with invalid ones at equal distances."""
    total = triples // PER_RECORD
    step = total / findings if findings else 1.0
    wrong = {int(number * step) for number in range(findings)}
    return [Record(number, number not in wrong, blank) for number in range(total)]


def _turtle_record(record: Record) -> str:
    about = f'a ex:Record ;\n    rdfs:label "Record {record.number}"@en ;\n    ex:number {record.value}'
    if record.blank:
        return f"ex:s{record.number} a ex:Holder ;\n  ex:part [ {about} ] .\n\n"
    return (
        f"ex:s{record.number} {about} ;\n    ex:next ex:s{record.number + 1} ;\n    ex:size {record.number % 9} .\n\n"
    )


def write_turtle(found: list[Record]) -> Iterator[str]:
    """Turtle as people write it."""
    yield _PREFIXES
    yield from map(_turtle_record, found)


def write_one_line(found: list[Record]) -> Iterator[str]:
    """Turtle without line ends."""
    return (text.replace("\n", " ") for text in write_turtle(found))


def write_nested(found: list[Record]) -> Iterator[str]:
    """Turtle with two levels of blank nodes below each thing; records are the things, or the first level."""
    yield _PREFIXES
    for record in found:
        about = f"a ex:Record ; ex:number {record.value}"
        inner = f"ex:inner [ ex:size {record.number} ]"
        yield f"ex:s{record.number} " + (
            f"ex:part [ {about} ; {inner} ] .\n" if record.blank else f"{about} ; ex:part [ {inner} ] .\n"
        )


def write_lists(found: list[Record]) -> Iterator[str]:
    """Turtle in which each record is an item of a list of ten."""
    yield _PREFIXES
    for start in range(0, len(found), 10):
        ten = found[start : start + 10]
        if found[0].blank:
            items = " ".join(f"[ a ex:Record ; ex:number {record.value} ]" for record in ten)
            yield f"ex:list{start} ex:items ( {items} ) .\n"
        else:
            yield f"ex:list{start} ex:items ( {' '.join(f'ex:s{record.number}' for record in ten)} ) .\n"
            for record in ten:
                yield f"ex:s{record.number} a ex:Record ; ex:number {record.value} .\n"


def write_ntriples(found: list[Record]) -> Iterator[str]:
    """N-Triples."""
    for record in found:
        node = f"_:s{record.number}" if record.blank else f"<{E}s{record.number}>"
        value = f'"{record.number}"^^<{XSD}integer>' if record.valid else '"none"'
        yield f"{node} <{RDF}type> <{E}Record> .\n"
        yield f'{node} <{RDFS}label> "Record {record.number}"@en .\n'
        yield f"{node} <{E}number> {value} .\n"
        yield f"{node} <{E}next> <{E}s{record.number + 1}> .\n"
        yield f'{node} <{E}size> "{record.number % 9}" .\n'


def write_jsonld(found: list[Record]) -> Iterator[str]:
    """JSON-LD with a context on top, one member a line."""
    yield f'{{"@context": {{"ex": "{E}", "rdfs": "{RDFS}"}}, "@graph": [\n'
    for record in found:
        comma = "" if record is found[-1] else ","
        label = f'"rdfs:label": {{"@value": "Record {record.number}", "@language": "en"}}'
        own = f'"@type": "ex:Record",\n {label},\n "ex:number": {record.value}'
        node = f'{{"@id": "{E}s{record.number}"'
        if record.blank:
            yield f'{node}, "@type": "ex:Holder", "ex:part": {{{own}}}}}{comma}\n'
        else:
            yield f'{node}, {own},\n "ex:next": {{"@id": "{E}s{record.number + 1}"}},'
            yield f' "ex:size": {record.number % 9}}}{comma}\n'
    yield "]}\n"


def write_rdfxml(found: list[Record]) -> Iterator[str]:
    """RDF/XML, one element a line."""
    yield f'<?xml version="1.0"?>\n<rdf:RDF xmlns:rdf="{RDF}" xmlns:rdfs="{RDFS}" xmlns:ex="{E}">\n'
    for record in found:
        number = f' rdf:datatype="{XSD}integer">{record.number}' if record.valid else ">none"
        label = f'  <rdfs:label xml:lang="en">Record {record.number}</rdfs:label>\n  <ex:number{number}</ex:number>\n'
        about = f'rdf:about="{E}s{record.number}"'
        if record.blank:
            yield f"<ex:Holder {about}><ex:part><ex:Record>\n{label}</ex:Record></ex:part></ex:Holder>\n"
        else:
            yield f"<ex:Record {about}>\n{label}"
            yield f'  <ex:next rdf:resource="{E}s{record.number + 1}"/>\n'
            yield f"  <ex:size>{record.number % 9}</ex:size>\n</ex:Record>\n"
    yield "</rdf:RDF>\n"


def write_concatenated(found: list[Record]) -> Iterator[str]:
    """Turtle files one behind the other, each with ten prefixes and 25 records."""
    for start in range(0, len(found), 25):
        yield "".join(f"@prefix p{number}: <https://example.org/p{number}#> .\n" for number in range(8))
        yield _PREFIXES
        yield from map(_turtle_record, found[start : start + 25])


LAYOUTS: Final[Mapping[str, tuple[str, Callable[[list[Record]], Iterator[str]]]]] = {
    "hand-written Turtle": ("ttl", write_turtle),
    "Turtle on one line": ("ttl", write_one_line),
    "nested blank nodes": ("ttl", write_nested),
    "lists": ("ttl", write_lists),
    "N-Triples": ("nt", write_ntriples),
    "JSON-LD": ("jsonld", write_jsonld),
    "RDF/XML": ("rdf", write_rdfxml),
    "concatenated Turtle": ("ttl", write_concatenated),
}
"""Name of a layout -> the suffix of its files, and what writes the records."""
