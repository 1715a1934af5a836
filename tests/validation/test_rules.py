"""What a rule means: every rule that can speak is explained, with examples that are wrong, or right, by it."""

import dataclasses
import re
import subprocess
import sys
from datetime import date
from itertools import permutations
from pathlib import Path

import pyoxigraph as ox
import pytest
from support import fork_root
from support.each import each
from support.tiers import few

from publisher.dataset import formatting
from publisher.dataset.files import FORMATS, OTHERS, parse_text
from publisher.dataset.history import Past
from publisher.dataset.identifiers import RETIRED_FILE
from publisher.dataset.repository import Repository, example_files, read_examples, read_repository
from publisher.diagnostic import Rule, Severity, UnreadableFilesError
from publisher.errors import CannotRunError
from publisher.rdf.namespaces import HOME, RDF, SH, SKOS
from publisher.validation import rules, validator
from publisher.validation.builtin_rules import BEFORE, BUILT_IN
from publisher.validation.checks import contract, literals, shape_syntax, sparql
from publisher.validation.context import of_repository, of_shapes
from publisher.validation.inputs import declared_prefixes
from publisher.validation.shapes import coverage
from publisher.validation.shapes.shape_rules import CONSTRAINTS, MAX_DEPTH
from publisher.validation.suppressions import apply_suppressions, read_suppressions

PACKAGE = fork_root.CHECKOUT / "publisher"
PREFIXES = {"ex": "https://example.org/ns#", "rdf": RDF, "sh": SH}
START = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in PREFIXES.items())


@pytest.fixture(scope="module")
def shipped(root: Path) -> Repository:
    return read_repository(root)


@pytest.fixture(scope="module")
def known(shipped: Repository) -> dict[str, Rule]:
    return rules.read_rules(of_repository(shipped))


@pytest.fixture(scope="module")
def explained(root: Path, known: dict[str, Rule]) -> dict[str, Rule]:
    examples = read_examples(root)
    return {name: rules.add_examples(rule, examples) for name, rule in known.items()}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return read_repository(fork_root.build(tmp_path_factory.mktemp("small"), lean=True))


def of(text: str) -> dict[str, Rule]:
    """The rules of others' shapes, built-in ones left out."""
    found = rules.read_rules(of_shapes([parse_text(START + text, "shapes.ttl")], [], prefixes=PREFIXES))
    return {name: rule for name, rule in found.items() if name not in {rule.name for rule in BUILT_IN}}


# Every rule of this repository


def test_rules_state_meaning_reason_and_fix(known: dict[str, Rule]) -> None:
    for rule in known.values():
        assert rule.title, rule.name
        for said in (rule.meaning, rule.why, rule.fix):
            assert re.match(r"[A-Z“….].*[.?!”]\Z", said, re.DOTALL), (rule.name, said)


def test_rules_have_invalid_and_valid_example(explained: dict[str, Rule]) -> None:
    assert [rule.name for rule in explained.values() if not rule.wrong or not rule.right] == []


def test_invalid_examples_are_shown_with_rule(shipped: Repository, explained: dict[str, Rule]) -> None:
    """But for the examples of checks that a data set has of its own, in `data/checks`."""
    paths = [p for p in example_files(shipped.root) if "/invalid/" in str(p) and p.name.partition(".")[0] in explained]
    invalid = {p.relative_to(shipped.root).as_posix() for p in paths}
    assert len(invalid) > 300
    shown = {name for rule in explained.values() for name, _ in rule.wrong}
    assert shown >= invalid


def test_shapes_and_checks_are_rules_with_severity(shipped: Repository, known: dict[str, Rule]) -> None:
    checks = {check.rule: check.severity for check in (sparql.read_check(*each) for each in shipped.checks)}
    assert {name: known[name].severity for name in checks} == checks
    stated = [t for file in shipped.files if file.path.startswith("shapes/") for t in file.triples]
    levels = {
        t.subject.value.partition("#")[2]: Severity[t.object.value.partition("#")[2].upper()]
        for t in stated
        if t.predicate.value.endswith("shacl#severity")
    }
    assert {name: known[name].severity for name in levels} == levels
    assert {rule.name for rule in known.values() if rule.kind == "shape"} == set(levels)


def test_rule_page_is_below_base(small: Repository, known: dict[str, Rule]) -> None:
    assert {rule.link for rule in known.values()} == {f"{HOME}rule/{name}" for name in known}
    assert all(
        rule.link == f"{fork_root.BASE}rule/{rule.name}" for rule in rules.read_rules(of_repository(small)).values()
    )


def test_example_is_cut_to_difference(explained: dict[str, Rule]) -> None:
    rule = explained["Agenda-notation-form"]
    [(_, wrong)], [(_, right)] = rule.wrong, rule.right
    assert [text.count("\n.\n") for text in (wrong, right)] == [1, 1]
    assert wrong.startswith("# The only error: ")
    assert '    skos:notation "I" ;\n' in wrong
    assert '    skos:notation "1" ;\n' in right


def test_all_cases_of_rule_are_shown(explained: dict[str, Rule]) -> None:
    assert [name.rpartition("/")[2] for name, _ in explained["Agenda-notation-count"].wrong] == [
        "Agenda-notation-count.maxCount.ttl",
        "Agenda-notation-count.minCount.ttl",
    ]


def test_rules_without_examples_are_explained(small: Repository) -> None:
    rule = rules.read_rules(of_repository(small))["unused-aim"]
    assert rules.add_examples(rule, read_examples(small.root)) == rule


@pytest.mark.slow
def test_explaining_rules_imports_no_slow_library() -> None:
    code = "import publisher.validation.rules, sys; print(sorted({'rdflib', 'pyshacl', 'flask'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"


# Built-in rules


NAMED_IN_CODE = {
    name
    for path in PACKAGE.rglob("*.py")
    for name in re.findall(
        r'\b(?:Diagnostic|locate_term|locate_node|ReferenceProblem)\(\s*"([\w-]+)"', path.read_text(encoding="utf-8")
    )
}
"""Rule names in the code, where findings are made."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A small root at our own base, with the one coalition of ours that examples refer to."""
    ours = {path: text.replace(fork_root.BASE, HOME) for path, text in fork_root.FILES.items()}
    named = f"<{HOME}id/coalition/clean-water-coalition> <{SKOS}prefLabel> 'Clean Water Coalition'@en ."
    folder = tmp_path_factory.mktemp("home")
    return read_repository(fork_root.build(folder, ours | {"data/coalitions/x.ttl": named}, lean=True))


def format_of(name: str) -> ox.RdfFormat:
    return {**FORMATS, **OTHERS}.get(Path(name).suffix, ox.RdfFormat.TURTLE)


def tripped(examples: tuple[tuple[str, str], ...], repository: Repository) -> set[str]:
    """The rules with a finding in files. One named like the retired list is that of the repository; those of the last
    commit are what the repository is compared with."""
    home = dataclasses.replace(repository.names, base=HOME)
    before = {name.removesuffix(BEFORE): text for name, text in examples if name.endswith(BEFORE)}
    try:
        files = [parse_text(text, name, format_of(name)) for name, text in examples if not name.endswith(BEFORE)]
        context = of_shapes(
            files,
            [parse_text("<x:x> a <https://w3id.org/ma-coalitions/ontology#Coalition> .", "x.ttl")],
            strict=True,
        )
    except UnreadableFilesError as problem:
        return {finding.rule for finding in problem.diagnostics}
    retired = [file for file in files if file.path == RETIRED_FILE]
    repository = dataclasses.replace(repository, files=[*repository.files, *retired])
    now = dataclasses.replace(repository, files=[*repository.files, *(f for f in files if f not in retired)])
    comments = {file.path: list(read_suppressions(file)) for file in files}
    found = [
        *apply_suppressions([], comments, {rule.name: rule for rule in BUILT_IN}, lambda *_: True)[0],
        *validator.validate(of_repository(repository, files, as_of=date(2026, 11, 23))),
        *(d for _, d in contract.find_missing(now, Past("the last commit", frozenset(before), before))),
        *shape_syntax.check(context),
        *coverage.check(context),
        *(d for file in files if file.format == ox.RdfFormat.TURTLE for d in formatting.check(file, home)),
        *literals.check_form(of_repository(dataclasses.replace(repository, files=files))),
    ]
    return {finding.rule for finding in found}


def test_rules_named_in_code_are_explained() -> None:
    assert len(NAMED_IN_CODE) > 20
    assert {rule.name for rule in BUILT_IN} >= NAMED_IN_CODE


@pytest.mark.parametrize("rule", few([r for r in BUILT_IN if r.name in NAMED_IN_CODE]), ids=lambda rule: rule.name)
def test_built_in_rule_examples_match_rule(rule: Rule, home: Repository) -> None:
    assert rule.name in tripped(rule.wrong, home)
    assert rule.name not in tripped(rule.right, home)


@each("rule", BUILT_IN)
def test_built_in_rule_valid_example_is_canonical(rule: Rule, small: Repository) -> None:
    home = dataclasses.replace(small.names, base=HOME)
    assert [
        d
        for name, text in rule.right
        if format_of(name) == ox.RdfFormat.TURTLE
        for d in formatting.check(parse_text(text, name), home)
    ] == []


# Shapes in sentences

SENTENCES = {
    "class": ("sh:class ex:Person", "is an instance of ex:Person"),
    "datatype": ("sh:datatype ex:code", "has the datatype ex:code"),
    "in": ('sh:in ( "a" 2 ex:c )', 'is one of "a", 2, ex:c'),
    "languageIn": ('sh:languageIn ( "en" "fr" )', 'has one of the language tags "en", "fr"'),
    "maxExclusive": ("sh:maxExclusive 9", "is less than 9"),
    "maxInclusive": ("sh:maxInclusive 9", "is 9 or less"),
    "maxLength": ("sh:maxLength 9", "has at most 9 characters"),
    "minExclusive": ("sh:minExclusive 9", "is more than 9"),
    "minInclusive": ("sh:minInclusive 9", "is 9 or more"),
    "minLength": ("sh:minLength 9", "has at least 9 characters"),
    "node": ("sh:node ex:Address", "conforms to ex:Address"),
    "nodeKind": ("sh:nodeKind sh:BlankNodeOrIRI", "is a blank node or an IRI"),
    "pattern": ('sh:pattern "^a"', 'matches the pattern "^a"'),
    "sparql": ("sh:sparql [ sh:select 'SELECT' ]", "is not returned by the shape's query"),
    "not": ("sh:not [ sh:class ex:Robot ]", "does not fit this: is an instance of ex:Robot"),
    "or": (
        "sh:or ( [ sh:datatype ex:d ] [ sh:path ex:q ; sh:minCount 1 ; sh:minLength 2 ] )",
        "has the datatype ex:d; or has at least 1 value of ex:q and has only values of ex:q of which each has at"
        " least 2 characters",
    ),
    "and": (
        "sh:and ( [ sh:minLength 1 ] [ sh:maxLength 2 ] )",
        "has at least 1 characters; and has at most 2 characters",
    ),
    "xone": (
        "sh:xone ( [ sh:property [ sh:path ex:q ; sh:minCount 1 ] ] [ sh:class ex:C ] )",
        "fits exactly one of these: has at least 1 value of ex:q; is an instance of ex:C",
    ),
    "closed": ("sh:closed true", "has no properties other than those that the shape names"),
}
WHOLE_SENTENCES = {
    "disjoint": ("sh:disjoint ex:q", "has no value of ex:p that is a value of ex:q too"),
    "equals": ("sh:equals ex:q", "has the same values of ex:p as of ex:q"),
    "hasValue": ("sh:hasValue ex:v", "has the value ex:v among those of ex:p"),
    "lessThan": ("sh:lessThan ex:q", "has only values of ex:p that are less than those of ex:q"),
    "lessThanOrEquals": (
        "sh:lessThanOrEquals ex:q",
        "has only values of ex:p that are less than or equal to those of ex:q",
    ),
    "maxCount": ("sh:maxCount 1", "has at most 1 value of ex:p"),
    "minCount": ("sh:minCount 2", "has at least 2 values of ex:p"),
    "exactly": ("sh:minCount 1 ; sh:maxCount 1", "has exactly 1 value of ex:p"),
    "between": ("sh:minCount 1 ; sh:maxCount 2", "has at most 2 values of ex:p and has at least 1 value of ex:p"),
    "qualifiedMaxCount": (
        "sh:qualifiedMaxCount 3 ; sh:qualifiedValueShape ex:Hand",
        "has at most 3 values of ex:p that fit this: conforms to ex:Hand",
    ),
    "qualifiedMinCount": (
        "sh:qualifiedMinCount 3 ; sh:qualifiedValueShape [ sh:class ex:Hand ]",
        "has at least 3 values of ex:p that fit this: is an instance of ex:Hand",
    ),
    "uniqueLang": ("sh:uniqueLang true", "has at most one value of ex:p in each language"),
}


def test_every_shacl_parameter_sentence_is_tested() -> None:
    assert set(CONSTRAINTS) <= set(SENTENCES) | set(WHOLE_SENTENCES)


@each(("stated", "said"), SENTENCES.values())
def test_value_constraint_sentence(stated: str, said: str) -> None:
    found = of(f"ex:P sh:targetClass ex:C ; sh:path ex:p ; {stated} .")
    assert found["P"].meaning == f"Each value of ex:p, for every ex:C, {said}."


@each(("stated", "said"), WHOLE_SENTENCES.values())
def test_set_constraint_sentence(stated: str, said: str) -> None:
    assert of(f"ex:P sh:targetClass ex:C ; sh:path ex:p ; {stated} .")["P"].meaning == f"Every ex:C {said}."


@each(
    ("path", "spelled"),
    [
        ("[ sh:inversePath ex:a ]", "^ex:a"),
        ("( ex:a ex:b )", "ex:a/ex:b"),
        ("[ sh:alternativePath ( ex:a [ sh:zeroOrMorePath ex:b ] ) ]", "(ex:a|ex:b*)"),
        ("( [ sh:oneOrMorePath ex:a ] [ sh:zeroOrOnePath ex:b ] )", "ex:a+/ex:b?"),
        ("[ sh:someOtherPath ex:a ]", "..."),
    ],
)
def test_path_is_sparql(path: str, spelled: str) -> None:
    found = of(f"ex:P sh:targetNode ex:n ; sh:path {path} ; sh:minCount 1 .")
    assert found["P"].meaning == f"The node ex:n has at least 1 value of {spelled}."


def test_several_target_nodes_are_said_in_one_phrase() -> None:
    found = of("ex:P sh:targetNode ex:n, ex:m, ex:o ; sh:path ex:p ; sh:minCount 1 .")
    assert found["P"].meaning == "Each of ex:m, ex:n and ex:o has at least 1 value of ex:p."


@each(
    ("stated", "said"),
    [
        ("sh:targetSubjectsOf ex:p", "Every node that has ex:p is ex:v."),
        ("sh:targetObjectsOf ex:p", "Every value of ex:p is ex:v."),
        ("a <http://www.w3.org/2000/01/rdf-schema#Class>", "Every ex:S is ex:v."),
        ("sh:targetClass ex:B, ex:A", "Every ex:A and every ex:B is ex:v."),
        ('sh:message "No target."', "Each node that the shape applies to is ex:v."),
    ],
)
def test_rule_states_target(stated: str, said: str) -> None:
    assert of(f"ex:S {stated} ; sh:hasValue ex:v .")["S"].meaning == said


def test_property_shape_inherits_target() -> None:
    found = of(
        "ex:S sh:targetClass ex:C ; sh:property ex:P . ex:P sh:path ex:p ; sh:property ex:Q ."
        " ex:Q sh:path ex:q ; sh:minCount 1 ."
    )
    assert found["Q"].meaning == "Each value of ex:p, for every ex:C, has at least 1 value of ex:q."
    assert set(found) == {"Q"}


def test_blank_shape_rule_name() -> None:
    found = of(
        "ex:S sh:targetClass ex:C ;"
        " sh:property [ sh:path ex:p ; sh:minCount 1 ; sh:severity sh:Info ; sh:message 'Add p.' ] ,"
        " [ sh:path ex:q ; sh:minCount 1 ; sh:or ( [ sh:class ex:D ] [ sh:sparql [] ] ) ; sh:severity sh:Warning ] ."
    )
    assert set(found) == {"S/ex:p/MinCount", "S/ex:q/MinCount", "S/ex:q/Or"}
    rule = found["S/ex:p/MinCount"]
    assert (rule.severity, rule.fix, rule.link) == (Severity.INFO, "Add p.", "")
    assert rule.meaning == "Every ex:C has at least 1 value of ex:p."


@each(
    ("shapes", "names"),
    [
        ("ex:S sh:property [ sh:path [ sh:inversePath ex:p ] ; sh:maxCount 1 ] .", {"S/^ex:p/MaxCount"}),
        (
            "ex:S sh:property [ sh:path ex:p ; sh:property [ sh:path ex:q ; sh:minCount 1 ] ] .",
            {"S/ex:p/ex:q/MinCount"},
        ),
        ("[] sh:targetClass ex:A ; sh:closed true .", {"ex:A/Closed"}),
        ("[] sh:targetClass ex:A ; sh:property [ sh:path ex:p ; sh:minCount 1 ] .", {"ex:A/ex:p/MinCount"}),
        ("ex:S sh:closed true . <urn:x#S> sh:closed true .", {"https://example.org/ns#S", "urn:x#S"}),
        ("ex:S sh:node [ sh:closed true ] .", {"S", "S/Closed"}),
    ],
)
def test_rule_name_is_unique_and_stable(shapes: str, names: set[str]) -> None:
    assert set(of(shapes)) == names
    assert set(of(f"ex:Other sh:targetClass ex:Z .\n\n{shapes}")) == names


def test_default_severity_is_violation() -> None:
    found = of("ex:S sh:hasValue ex:v . [] sh:targetNode ex:n ; sh:hasValue ex:v .")
    assert {rule.severity for rule in found.values()} == {Severity.VIOLATION}
    assert set(found) == {"S", "ex:n/HasValue"}


def test_deactivated_shape_is_no_rule() -> None:
    assert of("ex:S sh:hasValue ex:v ; sh:deactivated true .") == {}


def test_shape_description_is_reason() -> None:
    found = of(
        "ex:S sh:name 'Namen'@de, 'names'@en; sh:description 'It matters.'; sh:message 'Mend it.'; sh:hasValue ex:v ."
    )
    assert (found["S"].title, found["S"].why, found["S"].fix) == ("names", "It matters.", "Mend it.")


def test_sh_or_takes_reasons_of_alternatives() -> None:
    found = of("ex:S sh:or ( [ sh:property [ sh:path ex:p ; sh:datatype ex:d ] ] [ sh:minInclusive 1 ] ) .")
    assert found["S"].why == f"{CONSTRAINTS['minInclusive'].why} {CONSTRAINTS['datatype'].why}"


@pytest.mark.slow
def test_rules_do_not_depend_on_statement_order() -> None:
    shapes = [
        "ex:S rdf:type ex:T ; sh:targetClass ex:C ; sh:class ex:A ; sh:property ex:P .",
        "ex:P sh:path ex:p ; sh:minCount 1 ; sh:not [ sh:property [ sh:path ex:q ; sh:maxCount 2 ] ] .",
        "ex:S sh:class ex:B ; sh:property [ sh:path ex:r ; sh:minCount 1 ; sh:message 'Add r.' ] .",
        "ex:S sh:targetClass ex:D ; sh:property [ sh:path ex:q ; sh:minCount 1 ; sh:message 'Add q.' ] .",
        "ex:U sh:targetNode ex:n ; sh:property ex:P ; <http://www.w3.org/2000/01/rdf-schema#label> 'u' .",
    ]
    assert len({repr(of(" ".join(order))) for order in permutations(shapes)}) == 1


def test_custom_constraint_component_is_a_rule() -> None:
    found = of(
        "ex:LengthComponent a sh:ConstraintComponent ; sh:parameter [ sh:path ex:length ] ."
        " ex:S sh:targetClass ex:C ; ex:length 3 ; sh:message 'Not of that length.' ."
    )
    assert {name: (rule.meaning, rule.fix) for name, rule in found.items()} == {
        "S": ("Every ex:C has the parameter ex:length 3.", "Not of that length.")
    }


@each(
    "text",
    [
        "_:a sh:or _:a ; sh:targetNode ex:n ; sh:not _:a .",
        "ex:S sh:or _:l . _:l rdf:first ex:a ; rdf:rest _:l .",
        "ex:S sh:property ex:S ; sh:path ex:p ; sh:minCount 1 .",
        "ex:S sh:targetNode ex:n ; sh:path _:p ; sh:minCount 1 . _:p sh:inversePath _:p .",
        "ex:S sh:targetNode ex:n ; sh:not " + "[ sh:not " * 500 + "[]" + " ]" * 500 + " .",
        "ex:S sh:property 'text' ; sh:path 'text' ; sh:minCount ex:many ; sh:severity ex:Bad ; sh:deactivated ex:no .",
    ],
)
def test_cyclic_or_malformed_shapes_are_described(text: str) -> None:
    found = of(text)
    assert found
    assert all(rule.meaning and len(rule.meaning) < 200 * MAX_DEPTH for rule in found.values())


def test_check_with_unknown_severity_is_rejected(small: Repository) -> None:
    text = "# title: T\n# severity: dreadful\n# message: M.\n# why: W.\nSELECT ?focus {}"
    with pytest.raises(CannotRunError, match=r"shapes/checks/x\.rq"):
        rules.read_rules(of_repository(dataclasses.replace(small, checks=[("shapes/checks/x.rq", text)])))


@pytest.mark.parametrize("data", ["@prefix a: <http://x/> .", "@prefix ex: <http://y/> .", ""])
def test_rules_and_messages_do_not_depend_on_prefixes_of_the_data(data: str) -> None:
    text = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://x/> .\n"
    text += "ex:S sh:targetClass ex:A ; sh:property [ sh:path ex:p ; sh:minCount 1 ] ."
    shapes = parse_text(text, "s.ttl")
    given = parse_text(f"{data} <http://x/a> a <http://x/A> .", "d.ttl")
    prefixes = declared_prefixes([given]) | declared_prefixes([shapes])
    [finding] = validator.validate(of_shapes([shapes], [given], prefixes=prefixes))
    assert (finding.rule, finding.message) == ("S/ex:p/MinCount", "Every ex:A has at least 1 value of ex:p.")
