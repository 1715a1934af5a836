"""nginx in front of a real server, at a sub-path, with a cache that revalidates."""

import http.client
import os
import re
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from support.links import Links
from support.optional_packages import tool
from support.ports import free_port
from support.waiting import eventually

CONFIG = Path(__file__).with_name("nginx.conf")
STALE_SECONDS = 2.1
"""After which nginx revalidates what it has."""


@pytest.fixture(scope="module")
def site(
    serving: Callable[..., AbstractContextManager[Any]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of the site behind nginx, without a slash at its end."""
    nginx, folder = tool("nginx"), tmp_path_factory.mktemp("nginx")
    port = free_port()
    trusted = {
        "PUBLISHER_TRUSTED_PROXIES": "127.0.0.1",
        "PUBLISHER_FORWARDED_FIELDS": "X-Forwarded-For X-Forwarded-Proto X-Forwarded-Prefix",
    }
    with serving(**trusted) as running:
        text = CONFIG.read_text().replace("PORT", str(port)).replace("UPSTREAM", running.url)
        (folder / "nginx.conf").write_text(text.replace("FOLDER", str(folder)))
        words = [nginx, "-p", str(folder), "-c", str(folder / "nginx.conf")]
        user = ["-g", "user root;"] if os.geteuid() == 0 else []  # else its workers could not write to the folder
        process = subprocess.Popen([*words, *user])
        try:
            url = f"http://127.0.0.1:{port}/coalitions"
            assert eventually(lambda: get(f"{url}/robots.txt")[0] == 200)
            yield url
        finally:
            process.terminate()
            process.wait(30)


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


OPENER = urllib.request.build_opener(NoRedirect)


def get(url: str, accept: str = "*/*") -> tuple[int, dict[str, str], str]:
    try:
        with OPENER.open(urllib.request.Request(url, headers={"Accept": accept}), timeout=30) as response:
            return response.status, lowered(response.headers), response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, lowered(error.headers), error.read().decode()
    except (urllib.error.URLError, http.client.RemoteDisconnected):
        return 0, {}, ""


def lowered(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


@pytest.mark.parametrize(
    "path", ["/", "/doc/coalition/clear-water", "/doc/coalition", "/sparql", "/ontology", "/rule/tidy"]
)
def test_links_below_a_sub_path_lead_to_the_site(site: str, path: str) -> None:
    links = [urljoin(site + path, target).partition("#")[0] for target in Links(get(site + path, "text/html")[2]).found]
    own = sorted({link for link in links if urlsplit(link).netloc == urlsplit(site).netloc and "query=" not in link})
    assert own
    assert all(link.startswith(f"{site}/") for link in own)
    assert {get(link, "text/html")[0] for link in own[:12]} <= {200, 303}


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/id/coalition/clear-water", "../../doc/coalition/clear-water"),
        ("/id/coalition/fair-wages", "SITE/id/coalition/fair-wages-coalition"),
        ("/rule", "shapes"),
    ],
)
def test_redirects_below_a_sub_path_stay_on_the_site(site: str, path: str, location: str) -> None:
    assert get(site + path)[1]["location"] == location.replace("SITE", site)


def test_absolute_links_below_a_sub_path_name_the_site(site: str) -> None:
    assert f"sd:endpoint <{site}/sparql>" in get(f"{site}/sparql", "text/turtle")[2]
    assert f"<loc>{site}/doc/coalition/clear-water</loc>" in get(f"{site}/sitemap.xml")[2]


@pytest.mark.parametrize(
    ("path", "accept"),
    [("/doc/issue", "text/turtle"), ("/doc/issue", "text/html"), ("/sparql?query=ASK%7B%7D", "text/csv")],
)
def test_stored_response_is_revalidated(site: str, path: str, accept: str) -> None:
    first = get(site + path, accept)
    time.sleep(STALE_SECONDS)
    again = get(site + path, accept)
    assert again[1]["x-cache-status"] == "REVALIDATED"
    assert first[2] == again[2]
    assert re.match(f"{accept}\\b", again[1]["content-type"])


def test_unrepeatable_response_is_not_stored(site: str) -> None:
    answers = {get(f"{site}/sparql?query=SELECT%28RAND%28%29%20AS%20%3Fx%29%7B%7D", "text/csv")[2] for _ in range(2)}
    assert len(answers) == 2


def test_client_that_closes_its_sending_side_gets_the_response(site: str) -> None:
    address = urlsplit(site)
    with socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=30) as connection:
        connection.sendall(f"GET {address.path}/doc/agenda HTTP/1.0\r\nHost: x\r\n\r\n".encode())
        connection.shutdown(socket.SHUT_WR)
        assert connection.makefile("rb").readline().split()[1] == b"200"
