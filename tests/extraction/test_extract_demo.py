"""Every article of the built-in newspaper comes through whole, from its page with all that surrounds it, and from a feed."""

import re

import pytest

from pappus import markup
from pappus.demo import pages
from pappus.demo.stories import body, stories, words
from pappus.errors import QualityError
from pappus.extraction.article import article, from_content
from pappus.extraction.quality import check
from pappus.model import Fetched, Lead

SITE = "http://127.0.0.1:8000"
STANDING = stories(frozenset({"corrected", "added"}))
WHOLE = [story for story in STANDING if story.stage != "broken"]
FURNITURE = ("share", "related", "tags", "most_read", "advert_text", "newsletter_text", "cookies", "motto", "footer")


def page(story):
    document = pages.article(story, STANDING, SITE)
    charset = document.content_type.rpartition("=")[2]
    url = SITE + story.path
    return Fetched(url=url, final_url=url, body=document.body, media_type="text/html", charset=charset)


def blocks(html):
    """Return the texts of paragraphs, items, cells, captions and headings, in order."""
    text = markup.clean(html.replace("<footer>", "<p>").replace("</footer>", "</p>"), images="remote")
    parts = re.split(
        r"</?(?:p|h[2-6]|[uod]l|li|d[td]|t[drh]|table|thead|tbody|caption|fig\w+|blockquote|pre)\b[^>]*>", text
    )
    return [said for part in parts if (said := re.sub(r"\s+", " ", markup.text(part)))]


@pytest.mark.parametrize("story", WHOLE, ids=lambda story: f"{story.section}-{story.slug}")
def test_an_article_comes_whole_from_its_page(story):
    draft = article(page(story))
    check(draft)
    said = blocks(draft.body)
    assert [text for text in said if not text.startswith("▶")] == blocks(body(story, SITE, feed=False))
    assert (draft.title, draft.subtitle, draft.authors) == (story.title, story.subtitle, story.authors)
    around = words()[story.section]
    assert not [text for text in said if text in {around[name] for name in FURNITURE}]


@pytest.mark.parametrize("story", WHOLE, ids=lambda story: f"{story.section}-{story.slug}")
def test_an_article_comes_whole_from_a_feed(story):
    content = body(story, SITE, feed=True)
    draft = from_content(Lead(url=SITE + story.path, title=story.title, content=content))
    check(draft)
    assert [text for text in blocks(draft.body) if not text.startswith("▶")] == blocks(content)


def test_the_film_stands_in_its_place():
    story = next(story for story in WHOLE if story.slug == "lighthouse-open-day")
    said = blocks(article(page(story)).body)
    assert said[1] == "▶ Film: the way up the lighthouse"
    assert said[2].startswith("“Most people count the steps,”")


def test_the_article_whose_text_never_comes_is_refused():
    story = next(story for story in STANDING if story.stage == "broken")
    with pytest.raises(QualityError):
        check(article(page(story)))


def test_the_credit_of_a_lead_picture_is_the_name_alone():
    credits_ = {draft.lead.credit for story in WHOLE if (draft := article(page(story))).lead}
    assert "Ines Calder" in credits_
    assert not [credit for credit in credits_ if ":" in credit or "：" in credit]
