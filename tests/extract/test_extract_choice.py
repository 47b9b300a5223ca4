import pytest

from pappus.extract import blocks, choice, page

SENTENCE = (
    "The council met on Tuesday to speak of the bridge, which has been closed since spring, and found no money for it. "
)
TEXT = "".join(f"<p>{number}. {SENTENCE * 2}</p>" for number in range(6))
MENU = (
    "<nav><ul>" + "".join(f"<li><a href=/{name}>{name}</a></li>" for name in ("Home", "World", "Sport")) + "</ul></nav>"
)
OTHERS = (
    "<aside class=related><h3>Related articles</h3><ul>"
    + "<li><a href=/x>Another thing that happened today</a></li>" * 5
)
PAGE = f"<title>A bridge</title>{MENU}<main><h1>A bridge</h1><article>{{}}</article></main>{OTHERS}</ul></aside>"


def kept(source):
    reading = blocks.read(page.parse(source, "https://example.org/").document)
    choice.choose(reading, "A bridge")
    return [block for block in reading.blocks if block.kept]


def texts(source):
    return [block.text for block in kept(source) if block.kind == "text"]


def test_the_article_is_kept_and_what_stands_round_it_is_not():
    assert [text for text in texts(PAGE.format(TEXT)) if text != "A bridge"] == [
        f"{number}. {SENTENCE * 2}".strip() for number in range(6)
    ]


def test_what_a_template_says_again_and_again_is_let_go():
    refrain = "<p class=consent>Your settings keep us from showing what stands here.</p>"
    assert not [text for text in texts(PAGE.format(refrain.join([TEXT] * 4))) if "settings" in text]


@pytest.mark.parametrize("source", ["", "<p>", "<nav><a href=/>Home</a></nav>", "<frameset>"])
def test_a_page_without_an_article_is_no_error(source):
    reading = blocks.read(page.parse(source, "https://example.org/").document)
    assert 0 <= choice.choose(reading) <= 1


def test_scores_of_pages_without_an_article_are_low():
    reading = blocks.read(page.parse(f"{MENU}{OTHERS}", "https://example.org/").document)
    other = blocks.read(page.parse(PAGE.format(TEXT), "https://example.org/").document)
    assert choice.choose(reading) < choice.choose(other)
