"""What foreign engines do in another way than the embedded one. The tests expect it, and `docs/engines.md` lists it."""

from typing import Final, NamedTuple

OXIGRAPH: Final = "Oxigraph 0.5"
VIRTUOSO: Final = "Virtuoso 7.2.5"


class Deviation(NamedTuple):
    """One deviation. name: of the test query, or of what the tests look at."""

    engine: str
    name: str
    sentence: str


DEVIATIONS: Final = (
    Deviation(VIRTUOSO, "describe", "DESCRIBE also returns the statements that point to the resource."),
    Deviation(VIRTUOSO, "path", "A path with `+` or `*` and a variable at both ends is refused: status 502."),
    Deviation(VIRTUOSO, "division", "The quotient of two integers is an integer: 2/3 is 0."),
    Deviation(VIRTUOSO, "boolean-expression", "The value of a comparison in SELECT is 1 or 0, an integer."),
    Deviation(
        VIRTUOSO,
        "vocabulary-examples",
        "The page of the vocabulary shows other records as examples: it looks at the first that the engine finds.",
    ),
    Deviation(
        VIRTUOSO,
        "equal-values",
        "Two values of one property that are equal as dates, such as 2018-05 and 2018-05-01, are stored once; "
        "`publisher push` then reports the missing statement.",
    ),
)
