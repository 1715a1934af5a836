"""Cards of the site: their addresses, what pages say of them, and a site without the font."""

import re
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from support import tiny_root
from support.asgi_client import Client, OpenApp, open_app
from support.fonts import read_faces

from publisher.pages.cards import Cards, card_path
from publisher.pages.pictures.card import HEIGHT, WIDTH
from publisher.pages.thing import leave_out_title
from publisher.release.lists import Selection
from publisher.release.store import Store
from publisher.settings import Settings

TITLE = "Arcadia Coalitions"
HTML = {"Accept": "text/html"}
BASE = "https://w3id.org/ma-coalitions/"


@pytest.fixture(autouse=True)
def _font() -> None:
    read_faces()


def meta(client: Client, path: str) -> dict[str, str]:
    """The metadata of a page for previews of links."""
    page = client.get(path, headers=HTML).text
    return dict(re.findall(r'<meta (?:property|name)="((?:og|twitter):[^"]+)" content="([^"]*)">', page))


def size(picture: bytes) -> tuple[int, ...]:
    return struct.unpack(">II", picture[16:24])


def test_every_kind_of_thing_has_cards(client: Client) -> None:
    resources, seen = client.app.resources, set()
    for kind in resources.kinds():
        [row] = resources.lists.rows(resources.lists.choose(kind, Selection()), 0, 1)
        path = resources.names.address(row.thing.iri) or ""
        stated = meta(client, f"/{path}")
        assert stated["og:image"] == f"{BASE}card/{path.removeprefix('doc/')}.png"
        assert stated["og:image:alt"] == f"{stated['og:title']} – {TITLE}"
        response = client.get("/" + stated["og:image"].removeprefix(BASE))
        assert (response.status_code, response.headers["Content-Type"]) == (200, "image/png")
        assert size(response.data) == (WIDTH, HEIGHT)
        seen.add(response.data)
    assert len(seen) == len(resources.kinds()) > 10


@pytest.mark.parametrize("path", ["/", "/about", "/doc/coalition", "/ask"])
def test_other_pages_have_the_card_of_the_site(client: Client, path: str) -> None:
    stated = meta(client, path)
    assert stated["og:image"] == f"{BASE}card.png"
    assert (stated["og:image:width"], stated["og:image:height"]) == (str(WIDTH), str(HEIGHT))
    assert stated["og:image:alt"] == TITLE
    assert stated["twitter:card"] == "summary_large_image"
    assert size(client.get("/card.png").data) == (WIDTH, HEIGHT)


def test_unlisted_page_has_no_card(client: Client) -> None:
    assert "og:image" not in meta(client, "/search?q=pond")


def test_card_is_revalidated_like_every_document(client: Client) -> None:
    first = client.get("/card/coalition/fair-wages-coalition.png?v=1")
    assert first.headers["Cache-Control"] == "no-cache"
    again = client.get("/card/coalition/fair-wages-coalition.png", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("coalition/fair-wages", 308),
        ("coalition/made-up", 410),
        ("coalition/none", 404),
        ("x/y", 404),
        ("coalition/../../x", 404),
    ],
)
def test_card_of_what_is_not_there(client: Client, path: str, status: int) -> None:
    response = client.get(f"/card/{path}.png")
    assert response.status_code == status
    assert response.headers.get("Location", "") == (
        "../../card/coalition/fair-wages-coalition.png" if status == 308 else ""
    )
    assert not response.data.startswith(b"\x89PNG")


def test_card_is_drawn_once_for_the_same_release(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.get("/card/coalition/fair-wages-coalition.png")
    monkeypatch.setattr(Cards, "draw", None)
    assert client.get("/card/coalition/fair-wages-coalition.png?other=1").status_code == 200


def test_fork_has_cards_of_its_own(tmp_path: Path, opened: Callable[..., OpenApp]) -> None:
    client = opened(tiny_root.build(tmp_path), public_url="https://ponds.example/data").test_client()
    assert meta(client, "/doc/coalition/thing")["og:image"] == "https://ponds.example/data/card/coalition/thing.png"
    assert size(client.get("/card/coalition/thing.png").data) == (WIDTH, HEIGHT)
    assert size(client.get("/card.png").data) == (WIDTH, HEIGHT)


def test_site_without_the_font_names_no_cards(
    settings: Settings, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("publisher.pages.site.Cards", lambda: Cards(tmp_path))
    client = open_app(settings, store).test_client()
    assert "og:image" not in meta(client, "/")
    assert client.get("/card.png").status_code == 404


def test_card_path_is_that_of_the_thing() -> None:
    assert card_path("doc/pond/mill") == "card/pond/mill.png"
    assert card_path("about") == "card.png"


def test_line_of_card_does_not_repeat_its_title() -> None:
    heading = "H.120 (12th), An Act raising wages"
    assert leave_out_title("An Act raising wages, filed in the 12th session. Vetoed.", heading) == (
        "Filed in the 12th session. Vetoed."
    )
    assert leave_out_title("H.7, filed in the 12th session.", "H.7") == "Filed in the 12th session."
    assert leave_out_title("Seeks clean rivers.", "Clear Water") == "Seeks clean rivers."
