"""Lists of links: kept where the article announces them, or they stand within it, and let go where they offer other articles."""

import pytest

from pappus.extraction.article import article
from pappus.model import Fetched

URL = "https://www.harbour.example/news/tide.html"
TEXT = [
    f"<p>The harbour master said on Monday that the breakwater had held, and that report number {number} was before the council.</p>"
    for number in ("one", "two", "three", "four", "five", "six")
]
ABOVE, BELOW = "".join(TEXT[:3]), "".join(TEXT[3:])
NAMES = (
    "Report on the breakwater",
    "Minutes of the council",
    "Letter of the harbour master",
    "Drawing of the long pier",
)


def links(address):
    return (
        "<ul>" + "".join(f"<li><a href={address.format(n)}>{name}</a></li>" for n, name in enumerate(NAMES)) + "</ul>"
    )


PAPERS, STORIES = links("/papers/{}.pdf"), links("/news/{}.html")


def body(inner):
    source = (
        f"<title>The tide</title><nav><a href=/>Home</a></nav><main><article><h1>The tide</h1>{inner}</article></main>"
    )
    return article(Fetched(url=URL, final_url=URL, body=source.encode(), media_type="text/html")).body


@pytest.mark.parametrize(
    "inner",
    [
        f"{ABOVE}<p>These are on the table of the council:</p>{STORIES}{BELOW}",
        f"{ABOVE}{BELOW}<p>These are on the table of the council:</p>{STORIES}",
        f"{ABOVE}{PAPERS}{BELOW}",
        f"{ABOVE}{links('https://archive.example/{}')}{BELOW}",
        f"{ABOVE}<h2>The papers</h2>{STORIES}{BELOW}",
        f"{ABOVE}{BELOW}<h2>References</h2>{links('https://archive.example/{}')}",
        f"{ABOVE}{BELOW}<div><h2>Further reading</h2></div><div>{STORIES}</div>",
        f"{ABOVE}{BELOW}<h2>Литература</h2>{STORIES}",
    ],
    ids=["colon", "colon at the end", "documents", "other sites", "heading", "references", "wrapped", "Russian"],
)
def test_a_list_of_links_that_the_article_announces_is_kept_whole(inner):
    found = body(inner)
    assert [name for name in NAMES if f">{name}</a></li>" not in found] == []


@pytest.mark.parametrize(
    "inner",
    [
        f"{ABOVE}{STORIES}{BELOW}",
        f"{ABOVE}{links('https://harbour.example/news/{}')}{BELOW}",
        f"{ABOVE}<h3>Read also</h3>{STORIES}{BELOW}",
        f"{ABOVE}<p><b>Read also:</b></p>{STORIES}{BELOW}",
        f"{ABOVE}<h3>Related stories</h3>{STORIES}{BELOW}",
        f"{ABOVE}<div class=related>{PAPERS}</div>{BELOW}",
        f"{ABOVE}{BELOW}{STORIES}",
        f"{ABOVE}{BELOW}<h3>Related stories</h3>{STORIES}",
        f"{links('#part-{}')}{ABOVE}{BELOW}",
        f"{ABOVE}{BELOW}<aside><h3>Most read</h3>{STORIES}</aside>",
    ],
)
def test_a_list_of_links_that_offers_other_articles_is_let_go(inner):
    found = body(inner)
    assert [name for name in NAMES if name in found] == []
    assert found.count("<p>The harbour master") == 6
