"""What shapes expect of the properties of a class: rules, numbers of values, and these in words."""

from support.each import each

from publisher.dataset.files import parse_text
from publisher.diagnostic import Severity
from publisher.validation.shapes.expectations import Expectation, describe_count, list_expectations
from publisher.validation.shapes.graph import ShapesGraph
from publisher.validation.shapes.shape_rules import ShapeRules

SHAPES = """@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix : <http://x/> .
:Bill-shape a sh:NodeShape ; sh:targetClass :Bill ; sh:property :title-count , :names-count .
:title-count a sh:PropertyShape ; sh:path :title ; sh:minCount 1 ; sh:maxCount 1 .
:names-count a sh:PropertyShape ; sh:minCount 1 ; sh:severity sh:Info ;
    sh:path [ sh:alternativePath ( :name :label ) ] .
"""


def test_paths_of_several_properties_limit_none_of_them() -> None:
    prefixes = {"": "http://x/"}
    found = list_expectations(ShapeRules(ShapesGraph([parse_text(SHAPES, "s.ttl")]), prefixes), prefixes)
    assert sorted((one.class_, one.property, one.rule, one.severity, one.low, one.high) for one in found) == [
        ("http://x/Bill", "http://x/label", "names-count", Severity.INFO, None, None),
        ("http://x/Bill", "http://x/name", "names-count", Severity.INFO, None, None),
        ("http://x/Bill", "http://x/title", "title-count", Severity.VIOLATION, 1, 1),
    ]


@each(
    ("limits", "said"),
    [
        ([], "any number"),
        ([(1, None)], "1 or more"),
        ([(None, 1)], "0 or 1"),
        ([(None, 3)], "0 to 3"),
        ([(1, None), (None, 1)], "exactly 1"),
        ([(1, 4), (2, None), (None, 3)], "2 or 3"),
    ],
)
def test_count_is_described_by_the_strictest_limits(limits: list[tuple[int | None, int | None]], said: str) -> None:
    assert describe_count([Expectation("c", "p", "r", Severity.VIOLATION, *limit) for limit in limits]) == said


def test_gap_is_expected_and_not_required() -> None:
    gap = Expectation("c", "p", "known", Severity.INFO, 1)
    assert describe_count([gap]) == "any number, expected"
    assert describe_count([gap, Expectation("c", "p", "count", Severity.VIOLATION, 1)]) == "1 or more"
