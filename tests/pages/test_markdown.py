"""Markdown: links that a page can follow, headings with fragments, and no HTML of the text's own."""

from support.each import each

from publisher.pages.markdown import make_anchor, render_markdown


def relink(target: str) -> str:
    return "" if ".." in target else target.replace(".md", "")


def html(source: str, level: int = 1) -> str:
    return str(render_markdown(source, relink, level).html)


def test_first_heading_is_title_and_first_paragraph_summary() -> None:
    text = render_markdown("# Ponds and `mills`\n\nAll *ponds*\nof [Vermont](x.md).\n\n## Mills\n", relink)
    assert text.title == "Ponds and mills"
    assert text.summary == "All ponds of Vermont."
    assert "<h1" not in text.html
    assert '<h2 id="mills">Mills</h2>' in text.html


def test_comments_are_left_out() -> None:
    table = "<!-- generated: x -->\n| a |\n| --- |\n| b |\n<!-- end -->\n\nc\n<!-- d\n\ne -->\nf\n"
    found = html(table)
    assert "&lt;!--" not in found
    assert "end" not in found
    assert "<td>b</td>" in found
    assert found.count("<tr>") == 2
    assert found.endswith("<p>c</p>\n<p>f</p>\n")
    assert "&lt;!-- g --&gt;" in html("```\n<!-- g -->\n```\n")


def test_headings_move_to_level() -> None:
    assert html("# A\n\n## B\n\n###### C\n", level=2) == '<h3 id="b">B</h3>\n<h6 id="c">C</h6>\n'


def test_unpublished_links_lose_their_mark_and_keep_their_text() -> None:
    assert html("[a](a.md#x), [b](../b.md) and [c](c.md)") == ('<p><a href="a#x">a</a>, b and <a href="c">c</a></p>\n')


@each(
    "source",
    [
        "<script>alert(1)</script>",
        "a <img src=x onerror=alert(1)> b",
        "[a](javascript:alert(1))",
        "[a](data:text/html;base64,x)",
        "![a](https://x.example/a.png)",
        "<javascript:alert(1)>",
    ],
)
def test_text_has_no_html_of_its_own(source: str) -> None:
    found = html(source)
    assert "<script" not in found
    assert "<img" not in found
    assert "href" not in found


def test_tables_and_code_are_rendered() -> None:
    found = html("| a |\n|---|\n| `b` |\n\n```sh\ncurl <x>\n```\n")
    assert "<th>a</th>" in found
    assert "<td><code>b</code></td>" in found
    assert '<pre><code class="language-sh">curl &lt;x&gt;\n</code></pre>' in found


def test_anchors_are_those_of_code_hosts() -> None:
    taken: set[str] = set()
    headings = ["Query limits", "What a `null` means, again?", "Query limits", "Ünïcode"]
    assert [make_anchor(heading, taken) for heading in headings] == [
        "query-limits",
        "what-a-null-means-again",
        "query-limits-1",
        "ünïcode",
    ]
