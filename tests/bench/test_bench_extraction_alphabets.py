"""Pages written anew in other scripts are the same pages, and are extracted as well."""

import pytest
from bench.extraction.alphabets import ALPHABETS, f1, rewritten
from bench.extraction.sets import Page
from bench.extraction.texts import shown

import pappus

SENTENCES = (
    "The harbour master said on Monday that the new breakwater had held through the whole of the night, and that nobody was hurt.",
    "Fishermen counted eleven boats with damage; none of them had been lost, for most had been drawn up on land the day before.",
    "Will it hold next time? The council wants to know, and has asked three engineers to look at the stones before the winter.",
)
ARTICLE = "".join(f"<p>{one}</p>" for one in SENTENCES * 2)
PAGE = f"""<!DOCTYPE html><html lang="en"><head><title>The tide came in early</title>
<meta property="og:title" content="The tide came in early"><script>var name = "untouched";</script></head>
<body><nav class="menu"><ul><li><a href="/sea">News of the sea</a></li><li><a href="/land">News of the land</a></li></ul></nav>
<main><article><h1>The tide came in early</h1>{ARTICLE}</article></main>
<aside class="related"><h3>Most read</h3><ul><li><a href="/1">Another story that people read a lot</a></li></ul></aside></body></html>"""


@pytest.mark.parametrize("alphabet", ALPHABETS.values(), ids=ALPHABETS)
def test_an_article_is_found_in_any_script(alphabet):
    page = Page("made", "tide", "https://harbour.example/tide", PAGE, {"text": "\n".join(SENTENCES * 2)})
    anew = rewritten(page, alphabet)
    assert '<li><a href="/sea">' in anew.html
    assert 'var name = "untouched"' in anew.html
    assert not {*"abcdefghijklmnopqrstuvwxyz"} & {*anew.text.lower()}
    draft = pappus.extract(anew.html, anew.url)
    assert f1(anew.text, shown(draft.body)) == 1
    assert draft.title
    assert draft.title in shown(anew.html)


def test_pieces_tell_a_text_from_another():
    assert f1("one two three four", "one, two; three four") == 1
    assert 0 < f1("one two three four", "one two three four five six seven") < 1
    assert f1("one two three four", "") == 0
