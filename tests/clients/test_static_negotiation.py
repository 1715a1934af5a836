"""The script for njs, run by node, chooses as the server does, for thousands of headers."""

import json
import random
import re
import subprocess
from pathlib import Path

import pytest
from support.node import environment, program

from publisher.build.choices import DEFAULTS, OFFERS, list_certain, list_usual, write_formats
from publisher.build.nginx import RULES
from publisher.errors import NotAcceptableError
from publisher.formats import HTML, PROBLEM_JSON
from publisher.negotiation import choose, find
from publisher.probe.cases import BROWSERS, CASES, OTHER_PROGRAMS, RDF4J
from publisher.web.codings import IDENTITY, choose_coding

TYPES = sorted({each for forms in OFFERS.values() for form in forms for each in (form.media_type, *form.aliases)})
RANGES = [*TYPES, "*/*", "text/*", "application/*", "image/*", "*/turtle", "TEXT/Turtle", "image/png", "nonsense", ""]
QUALITIES = [
    "",
    ";q=0",
    ";q=0.0",
    ";q=0.5",
    "; q=0.50",
    ";q=1",
    ";Q=0.3",
    ";q=1.5",
    ";q=x",
    ";q=.5",
    ' ;q="0.2"',
    ";q= 0.4",
]
PARAMETERS = ["", ";charset=utf-8", ';profile="a,b"', ';profile="a\\"b";x=y', ";x", "; v=b3", ';open="']
CODINGS = ["gzip", "x-gzip", "zstd", "br", "identity", "*", "GZIP", "deflate"]
SENT = [
    *BROWSERS,
    *OTHER_PROGRAMS,
    ", ".join(RDF4J),  # in several lines, which nginx joins since 1.23
    "application/ld+json;profile=http://www.w3.org/ns/json-ld#context, application/ld+json, application/json",  # PyLD
    "text/turtle,application/rdf+xml;q=0.9,application/xml;q=0.8,*/*;q=0.5",  # Jena 3
    "application/json, text/plain, */*",  # axios
    "application/json, text/javascript, */*; q=0.01",  # jQuery
    "image/gif, image/x-xbitmap, image/jpeg, image/pjpeg, */*",  # old crawlers
    "*/*;q=0.8",
    "text/turtle; charset=utf-8",
    "text/turtle;q=1.0, application/rdf+xml;q=0.5",
    "*/*",
]
"""What programs and crawlers send."""
ODD = [
    'application/ld+json;profile="http://www.w3.org/ns/json-ld#context"',
    "text/turtle;q=0.9, text/html;q=0.8",
    "text/turtle; q=0.87",
    "text/html;q=0, */*",
    RDF4J[0],  # the first of several lines, which is all that older versions of nginx compare
    "text/*",
]
"""What the script is asked about: quoted strings, qualities below 1 only, refusals, several lines, groups."""
NUMBER = 3000
DRIVER = """
import negotiation from './negotiation.js';
import fs from 'fs';
const asked = JSON.parse(fs.readFileSync(0, 'utf8'));
console.log(JSON.stringify(asked.map(([name, ...values]) => negotiation[name](...values))));
"""


def run(tmp_path: Path, calls: list[list[str]]) -> list[str]:
    """What the functions of the script return; each call is the name of one and its arguments."""
    script = (RULES / "negotiation.js").read_text().replace("'formats.js'", "'./formats.js'")
    (tmp_path / "negotiation.js").write_text(script)
    (tmp_path / "formats.js").write_text(write_formats())
    (tmp_path / "driver.js").write_text(DRIVER)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    words = [program("node"), str(tmp_path / "driver.js")]
    done = subprocess.run(words, input=json.dumps(calls), capture_output=True, text=True, env=environment(), check=True)
    found: list[str] = json.loads(done.stdout)
    assert len(found) == len(calls)
    return found


@pytest.fixture(scope="module")
def headers() -> list[str]:
    """Headers of real clients, and random ones of the parts that matter."""
    chance = random.Random(7)
    sent = [value for case in CASES for name, value in case.call.headers if name == "Accept"]
    made = [
        chance.choice([", ", ",", " ,\t"]).join(
            chance.choice(RANGES) + chance.choice(PARAMETERS) + chance.choice(QUALITIES)
            for _ in range(chance.randint(1, 5))
        )
        for _ in range(NUMBER)
    ]
    return ["", " ", ",", "*/* ,", *list_usual(), *sent, *made]


@pytest.mark.parametrize("kind", ["document", "home", "page"])
def test_form_is_that_of_the_server(tmp_path: Path, headers: list[str], kind: str) -> None:
    found = run(tmp_path, [["choose", kind, accept, "", ""] for accept in headers])
    wanted = [find(accept, tuple(OFFERS[kind]), None, DEFAULTS[kind]) for accept in headers]
    wrong = [(a, f) for a, f, w in zip(headers, found, wanted, strict=True) if f != (w.suffix if w else "")]
    assert wrong == []
    assert len(set(found)) > 1


@pytest.mark.parametrize("kind", ["document", "home", "page"])
def test_form_that_is_certain_is_that_of_the_server(headers: list[str], kind: str) -> None:
    chance = random.Random(9)
    plain = [
        ", ".join(chance.choice(RANGES) + chance.choice(["", "; q=0.87", ";q=0", ";q=0.5"]) for _ in range(length))
        for length in [1, 1, 2, 3] * 200
    ]
    patterns = [(re.compile(pattern, re.IGNORECASE), suffix) for pattern, suffix in list_certain(kind)]
    certain = {
        accept: next((suffix for pattern, suffix in patterns if pattern.search(accept)), "")
        for accept in [*headers, *plain]
    }
    wrong = []
    for accept, suffix in certain.items():
        wanted = find(accept, tuple(OFFERS[kind]), None, DEFAULTS[kind])
        if suffix and (wanted is None or suffix != wanted.suffix):
            wrong.append((accept, suffix))
    assert wrong == []
    assert 10 < sum(map(bool, certain.values())) < len(certain)


@pytest.mark.parametrize("kind", ["document", "home"])
def test_usual_clients_need_no_script(kind: str) -> None:
    patterns = [re.compile(pattern, re.IGNORECASE) for pattern, _ in list_certain(kind)]
    usual = {accept.lower() for accept in list_usual()}
    asked = [a for a in SENT if a.lower() not in usual and not any(pattern.search(a) for pattern in patterns)]
    assert asked == []
    assert [a for a in ODD if a.lower() in usual or any(pattern.search(a) for pattern in patterns)] == []


def test_parameter_format_is_read_as_by_the_server(tmp_path: Path) -> None:
    names = [
        *TYPES,
        *(form.name for form in OFFERS["document"]),
        *(form.suffix for form in OFFERS["document"]),
        "TTL",
        "x",
    ]
    calls = [[accept, wanted] for wanted in names for accept in ("", "*/*", "text/turtle", ", */*")]
    found = run(tmp_path, [["choose", "document", accept, wanted, "curl/8"] for accept, wanted in calls])
    offers = tuple(OFFERS["document"])
    assert found == [choose(accept, offers, wanted, DEFAULTS["document"]).suffix for accept, wanted in calls]


def test_programs_that_preview_links_get_pages(tmp_path: Path) -> None:
    calls = [
        ["choose", "document", accept, wanted, "Mozilla Slackbot-LinkExpanding"]
        for accept, wanted in (("", ""), ("*/*", ""), ("text/turtle", ""), ("", "turtle"))
    ]
    assert run(tmp_path, calls) == [HTML.suffix, HTML.suffix, "ttl", "ttl"]


@pytest.mark.parametrize("kind", ["gone", "problem"])
def test_form_of_errors_is_that_of_the_server(tmp_path: Path, headers: list[str], kind: str) -> None:
    def suffix(accept: str) -> str:
        try:
            return choose(accept, tuple(OFFERS[kind])).suffix
        except NotAcceptableError:
            return PROBLEM_JSON.suffix

    found = run(tmp_path, [["chooseProblem", kind, accept] for accept in headers])
    assert found == [suffix(accept) for accept in headers]


def test_coding_is_that_of_the_server(tmp_path: Path) -> None:
    chance = random.Random(8)
    headers = ["", *CODINGS, "gzip, deflate, br", "gzip, deflate, br, zstd"]
    headers += [
        ", ".join(chance.choice(CODINGS) + chance.choice(QUALITIES) for _ in range(chance.randint(1, 4)))
        for _ in range(NUMBER)
    ]
    found = run(tmp_path, [["chooseCoding", header] for header in headers])
    wanted = [choose_coding(header).replace(IDENTITY, "") for header in headers]
    assert [(h, f, w) for h, f, w in zip(headers, found, wanted, strict=True) if f != w] == []
