import math

import pytest
from bench.extraction.metrics import Match, auc, found, match, shingles, total
from bench.extraction.texts import shown


def test_text_is_cut_into_runs_of_four_words():
    assert shingles("One, two: three four five") == {
        ("One", "two", "three", "four"): 1,
        ("two", "three", "four", "five"): 1,
    }


@pytest.mark.parametrize(
    ("text", "count"),
    [("新华社北京电", 3), ("カナかな", 1), ("新 version 2 版", 1)],
    ids=["Han", "kana", "mixed"],
)
def test_every_character_of_cjk_is_a_token(text, count):
    assert shingles(text).total() == count
    assert all(len(shingle) == 4 for shingle in shingles(text))


def test_a_text_of_fewer_tokens_is_one_shingle():
    assert shingles("two words") == {("two", "words"): 1}
    assert shingles("") == {(): 1}


def test_repeated_text_counts_as_often_as_it_is_said():
    once, twice = shingles("a b c d"), shingles("a b c d a b c d")
    assert match(once, twice) == Match(right=0.2, wrong=0.8, missed=0.0)


def test_no_text_is_no_match():
    nothing = match(shingles("an article of five words"), shingles(""))
    assert (nothing.precision, nothing.recall, nothing.f1) == (0.0, 0.0, 0.0)


def test_a_set_has_the_harmonic_mean_of_its_means():
    whole = total([Match(1.0, 0.0, 0.0), Match(0.25, 0.75, 0.0)])
    assert (whole.precision, whole.recall, whole.low) == (0.625, 1.0, 0.5)
    assert math.isclose(whole.f1, 2 * 0.625 / 1.625)


def test_snippets_are_found_whatever_white_space_they_have():
    assert found(["in\n two", "not there"], "said in  two lines") == 1


def test_a_score_that_orders_failures_first_is_perfect():
    assert auc([0.1, 0.8, 0.9], [True, False, False]) == 1.0
    assert auc([0.5, 0.5], [True, False]) == 0.5
    assert auc([0.1, 0.2], [False, False]) is None


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>A <b>bo</b>ld<i> word</i>.</p><p>Next</p>", "A bold word.\nNext"),
        ("<ul><li>one<li>two</ul>", "one\ntwo"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a\nb"),
        ("one<br>two <br/> three", "one\ntwo\nthree"),
        ("<div>a<script>b</script><style>c</style><!-- d --></div>", "a"),
        ("<p>a&amp;b&nbsp;c\n d</p>", "a&b c d"),
        ("", ""),
    ],
    ids=["inline elements", "list", "cells", "line breaks", "unshown", "entities and space", "nothing"],
)
def test_text_of_html_is_what_a_browser_shows(html, text):
    assert shown(html) == text
