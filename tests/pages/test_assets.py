"""Files that pages load: versioned by content, immutable under that name, listed only if they exist."""

from pathlib import Path

import pytest
from support.asgi_client import Client, OpenApp

from publisher.pages.assets import Assets

FOREVER = "public, max-age=31536000, immutable"


def test_asset_has_media_type_and_content_version(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.js").write_text("1")
    (tmp_path / "b.css").write_text("2")
    (tmp_path / "package.json").write_text("3")
    found = Assets(tmp_path)
    script, style = found.find("sub/a.js"), found.find("b.css")
    assert script is not None
    assert style is not None
    assert (script.body, script.form.media_type, style.form.media_type) == (b"1", "text/javascript", "text/css")
    assert found.address("b.css") == f"static/b.css?v={style.version}"
    assert script.version != style.version
    assert (found.find("package.json"), found.find("../assets.py")) == (None, None)


def test_editor_needs_all_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "yasqe").mkdir()
    assert not Assets(tmp_path).editor
    (tmp_path / "yasqe" / "yasqe.min.js").write_text("")
    assert not Assets(tmp_path).editor
    (tmp_path / "yasqe" / "yasqe.min.css").write_text("")
    assert not Assets(tmp_path).editor
    (tmp_path / "yasqe" / "licenses.txt").write_text("")
    assert Assets(tmp_path).editor


@pytest.mark.parametrize("name", ["style.css", "query.css", "query.js", "icon.svg", "icon.ico"])
def test_versioned_asset_is_immutable(client: Client, name: str) -> None:
    response = client.get(f"/{Assets().address(name)}")
    assert (response.status_code, response.headers["Cache-Control"]) == (200, FOREVER)
    again = client.get(f"/{Assets().address(name)}", headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.headers["Cache-Control"]) == (304, FOREVER)


@pytest.mark.parametrize("query", ["", "?v=", "?v=0123456789abcdef"])
def test_unversioned_asset_is_revalidated(client: Client, query: str) -> None:
    response = client.get(f"/static/style.css{query}")
    assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-cache")
    assert not response.headers["ETag"].startswith("W/")


def test_pages_link_versioned_assets(app: OpenApp) -> None:
    page = app.test_client().get("/doc/coalition/clear-water.html").text
    assert f'href="../../{Assets().address("style.css")}"' in page
    assert f'rel="icon" href="../../{Assets().address("icon.svg")}"' in page


def test_icon_has_its_own_address(client: Client) -> None:
    icon = client.get("/favicon.ico")
    assert (icon.status_code, icon.mimetype, icon.data[:4]) == (200, "image/vnd.microsoft.icon", b"\0\0\1\0")
    assert (icon.headers["Cache-Control"], "Content-Encoding" in icon.headers) == ("no-cache", False)


@pytest.mark.parametrize("end", ["", "\n"])
def test_script_names_no_source_map(tmp_path: Path, end: str) -> None:
    (tmp_path / "a.js").write_text(f"a('//# sourceMappingURL=b');\n//# sourceMappingURL=a.js.map{end}")
    script = Assets(tmp_path).find("a.js")
    assert script is not None
    assert script.body == b"a('//# sourceMappingURL=b');\n"
