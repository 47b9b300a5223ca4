"""Rules against the generic way: rules win where they match, and are not believed where they leave next to nothing."""

import pytest
from turbohtml import parse

from pappus.extraction.blocks import read
from pappus.extraction.rules import NO_RULES, Pick, Rules, css
from pappus.extraction.rules.apply import change, select
from pappus.extraction.rules.overrule import overrule

TEXT = "The harbour master said on Monday that the new breakwater had held through the night of the storm. " * 2
PAGE = f"""<header><p>Menu and more</p></header>
<div class=lead><p>Lead: {TEXT}</p></div>
<div class=story><p>One: {TEXT}</p><div class=box><p>Box: {TEXT}</p></div><p>Two: {TEXT}</p><ul><li>Share</li></ul></div>
<div class=teaser><p>Short words.</p></div><div class=empty></div><figure class=photo><img src=/a.jpg></figure>"""

# What the generic way makes of it, by the first word of a block: score, and whether it is kept.
SCORES = {"Menu": (0.0, False), "Lead:": (0.9, True), "One:": (0.9, True), "Box:": (0.4, False), "Two:": (0.9, True)}


def kept(rules, *, confidence=0.8, page=PAGE):
    """Return the first words of the blocks that are kept, "img" for a picture, and what is found of the rules."""
    page = parse(page)
    selection = select(page, rules)
    change(page, rules)
    reading = read(page)
    for block in reading.blocks:
        block.score, block.kept = SCORES.get(block.text.partition(" ")[0], (0.1, False))
    findings = overrule(reading, selection, rules, confidence=confidence)
    return [block.text.partition(" ")[0] or "img" for block in reading.blocks if block.kept], findings


def test_a_body_is_the_region_of_the_article():
    words, findings = kept(Rules(body=css(".story")))
    assert words == ["One:", "Box:", "Two:"]
    assert findings == (
        "the rules' body leaves out 167 of 499 letters that are found without it",
        "166 of 498 letters of the rules' body are not found without it",
    )


@pytest.mark.parametrize(
    ("confidence", "words"),
    [(0.97, ["One:", "Two:"]), (0.8, ["One:", "Box:", "Two:"]), (0.6, ["One:", "Box:", "Two:", "Share"])],
)
def test_what_is_doubted_within_a_body_is_kept_the_sooner_the_less_sure_the_generic_way_is(confidence, words):
    assert kept(Rules(body=css(".story")), confidence=confidence)[0] == words


def test_all_of_a_body_is_kept_where_rules_say_so():
    assert kept(Rules(body=css(".story"), whole=True), confidence=0.99)[0] == ["One:", "Box:", "Two:", "Share"]


def test_what_is_stripped_is_not_kept_with_a_body_or_without():
    assert kept(Rules(body=css(".story"), strip=css(".box")))[0] == ["One:", "Two:"]
    assert kept(Rules(strip=css(".lead"))) == (["One:", "Two:"], ())


def test_a_picture_in_a_body_is_kept_beside_a_text_that_is():
    inside = PAGE.replace("<div class=box>", "<img src=/b.jpg><div class=box>").replace(
        "<ul>", "</div><ul><li>Share</li><li><img src=/x.jpg>"
    )
    assert kept(Rules(body=css("body")), page=inside)[0] == ["Lead:", "One:", "img", "Box:", "Two:"]


def test_a_picture_that_is_the_body_or_in_it_is_kept():
    assert kept(Rules(body=css(".story", ".photo"), whole=True))[0] == ["One:", "Box:", "Two:", "Share"]
    assert kept(Rules(body=css(".story, .photo"), whole=True))[0] == ["One:", "Box:", "Two:", "Share", "img"]


def test_rules_that_say_nothing_of_the_text_change_nothing():
    assert kept(NO_RULES) == (["Lead:", "One:", "Two:"], ())
    assert kept(Rules(title=css("p"))) == (["Lead:", "One:", "Two:"], ())


def test_a_body_that_matches_nothing_leaves_the_generic_way():
    assert kept(Rules(body=css(".gone"))) == (["Lead:", "One:", "Two:"], ())


@pytest.mark.parametrize(("body", "share"), [(".teaser", "0 of 499"), (".empty", "0 of 499")])
def test_a_body_with_next_to_nothing_of_a_sure_text_is_not_used_and_told(body, share):
    words, findings = kept(Rules(body=css(body)))
    assert words == ["Lead:", "One:", "Two:"]
    assert findings == (f"the rules' body has {share} letters that are found without it: not used",)


def test_a_short_body_is_one_where_the_operator_selects_it():
    assert kept(Rules(body=css(".teaser"), whole=True), confidence=0.2)[0] == ["Short"]
    assert kept(Rules(body=css(".teaser")), confidence=0.2)[0] == ["Lead:", "One:", "Two:"]


def test_strips_hold_where_a_body_does_not():
    assert kept(Rules(body=css(".teaser"), strip=css(".lead")))[0] == ["One:", "Two:"]


def test_strips_that_take_the_text_away_are_not_used_and_told():
    words, findings = kept(Rules(body=css(".story"), strip=css("p")))
    assert words == ["One:", "Box:", "Two:"]
    assert findings == ("the rules' strips take 498 of 498 letters: not used",)
    words, findings = kept(Rules(strip_named=("story", "lead")))
    assert words == ["Lead:", "One:", "Two:"]
    assert "the rules' strips take 499 of 499" in findings[0]


def test_parts_of_lines_are_taken_out_of_their_blocks():
    page = parse(
        f"<article><p>One {TEXT}<b><i class=ad>Buy</i></b> two<span class=ad>now</span></p>"
        "<p><s class=ad>Gone</s></p>Ad<img class=ad></article>"
    )
    rules = Rules(strip=(Pick("//article/text()", "xpath"),), strip_named=("ad",))
    selection = select(page, rules)
    reading = read(page)
    for block in reading.blocks:
        block.kept = True
    assert overrule(reading, selection, rules, confidence=0.2) == (
        f"the rules' strips take words out of the midst of 1 lines, the first of them {f'One {TEXT}'[:60]!r}",
    )
    assert [(block.text, len(block.parts)) for block in reading.blocks if block.kept] == [(f"One {TEXT}two", 3)]
    assert page.select("[class=ad]") == []


@pytest.mark.parametrize(
    ("line", "told"),
    [("One: it <a>for five</a> two", True), ("One: two <a>(more)</a>", False), ("Else: it <a>for five</a> two", False)],
    ids=["midst", "end", "not kept"],
)
def test_words_taken_out_of_the_midst_of_a_kept_line_are_told(line, told):
    rules = Rules(strip=(Pick("//p/a", "xpath"),))
    _, findings = kept(rules, page=f"<article><p>{line}</p><p>Two: {TEXT}</p></article>")
    assert [one for one in findings if "out of the midst of 1 lines" in one] == list(findings)
    assert bool(findings) is told


def test_where_the_generic_way_is_not_sure_rules_are_believed():
    assert kept(Rules(body=css(".box")), confidence=0.2)[0] == ["Box:"]


def test_a_page_on_which_no_body_matches_has_no_article_where_rules_forbid_guessing():
    assert kept(Rules(body=css(".gone"), only=True)) == ([], ())
    assert kept(Rules(body=css(".story"), only=True))[0] == ["One:", "Box:", "Two:"]
