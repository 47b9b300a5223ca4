import pytest

from pappus.extraction import blocks, choice, page

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


HIDDEN = f"<div style='display: none'><p>Hidden: {SENTENCE * 3}</p></div>"


@pytest.mark.parametrize(
    ("before", "shown"),
    [
        pytest.param("<p>And then</p>", False, id="text"),
        pytest.param("<h3><button aria-expanded=false>What of the bridge?</button></h3>", True, id="what opens it"),
    ],
)
def test_what_is_hidden_is_let_go_unless_readers_can_open_it(before, shown):
    assert any(text.startswith("Hidden") for text in texts(PAGE.format(TEXT + before + HIDDEN + TEXT))) is shown


def test_an_article_that_is_hidden_until_a_script_is_run_is_kept():
    assert len(texts(PAGE.format(f"<div hidden>{TEXT}</div>"))) >= len(texts(PAGE.format(TEXT))) - 1


@pytest.mark.parametrize("score", [0.3, 0.02])
def test_a_list_between_kept_paragraphs_is_kept_unless_it_is_surely_nothing(score):
    items = "".join(f"<li>{number} metres</li>" for number in range(6))
    source = f"<article>{TEXT}<ul>{items}</ul>{TEXT}</article>"
    reading = blocks.read(page.parse(source, "https://example.org/").document)
    for block in reading.blocks:
        block.score = score if block.frame.tag == "li" else 0.9
    choice.keep(reading, reading.blocks)
    assert {block.kept for block in reading.blocks if block.frame.tag == "li"} == {score > 0.1}


@pytest.mark.parametrize(
    "said",
    [
        "“Follow us on the quay,” the pilot called, and the boats did.",
        "Follow us on the map, and you will find eleven boats.",
        "“Sign up now!” is written on the wall of the council.",
        "Sign up for the crew, the clerk had said to each of them.",
        "All rights reserved for the crew were read aloud in the hall.",
        "(c) The third count of the complaint does not stand.",
        "© was the sign that the painter put on every sail.",
        "«Подписывайтесь на нас», — написано на стене.",
        "Подпишитесь на газету, сказал он, и ушёл.",
        "© — такой знак художник ставил на парусах.",
    ],
)
def test_a_sentence_with_words_of_templates_is_kept_in_the_midst_of_an_article(said):
    paragraphs = TEXT.replace("</p>", "</p>\n").splitlines()
    for place in (1, 3, len(paragraphs) - 1):  # with one paragraph after it, too
        article = "".join((*paragraphs[:place], f"<p>{said}</p>", *paragraphs[place:]))
        assert said in texts(PAGE.format(article))


def test_a_quotation_that_asks_may_end_an_article_and_what_asks_its_readers_does_not():
    quoted = "“Sign up now!” is written on the wall of the council."
    assert quoted in texts(PAGE.format(f"{TEXT}<p>{quoted}</p>"))
    asking = (
        "Sign up for our letter of the week.",
        "Follow us on the usual places.",
        "© 2026 Gazette. All rights reserved.",
    )
    ended = texts(PAGE.format(TEXT + "".join(f"<p>{one}</p>" for one in asking)))
    assert not {*asking} & {*ended}
    assert len(ended) >= 6


@pytest.mark.parametrize("source", ["", "<p>", "<nav><a href=/>Home</a></nav>", "<frameset>"])
def test_a_page_without_an_article_is_no_error(source):
    reading = blocks.read(page.parse(source, "https://example.org/").document)
    assert 0 <= choice.choose(reading) <= 1


def test_scores_of_pages_without_an_article_are_low():
    reading = blocks.read(page.parse(f"{MENU}{OTHERS}", "https://example.org/").document)
    other = blocks.read(page.parse(PAGE.format(TEXT), "https://example.org/").document)
    assert choice.choose(reading) < choice.choose(other)


def test_another_article_on_the_page_is_let_go_but_entries_inside_are_kept():
    second = f"<article><h1>Another thing</h1>{TEXT.replace('council', 'senate')}</article>"
    entries = "".join(f"<article><h2>Entry {number}</h2>{TEXT}</article>" for number in range(3))
    assert not [text for text in texts(own(TEXT) + second) if "senate" in text]
    assert len([text for text in texts(own(entries)) if "council" in text]) == 18


def own(inner):
    return f"<title>A bridge</title>{MENU}<article><h1>A bridge</h1>{inner}</article>"


def test_the_summary_under_the_title_is_kept_whatever_it_is_in():
    line = "There is no money for the bridge, says the council."
    source = f"<title>A bridge</title><header class=teaser><h1>A bridge</h1><h2>{line}</h2></header><main>{TEXT}</main>"
    reading = blocks.read(page.parse(source, "https://example.org/").document)
    choice.choose(reading, "A bridge", summary=line)
    assert line in [block.text for block in reading.blocks if block.kept]


@pytest.mark.parametrize(
    ("sentence", "lang"),
    [
        ("议会星期二开会，讨论自春天以来一直关闭的桥梁，但没有找到修复它所需要的钱。", "zh"),
        ("市議会は火曜日に会合を開き、春から閉鎖されている橋について話し合ったが、資金は見つからなかった。", "ja"),
        ("สภาประชุมเมื่อวันอังคารเพื่อหารือเกี่ยวกับสะพานที่ปิดมาตั้งแต่ฤดูใบไม้ผลิ แต่ไม่พบเงินสำหรับซ่อมแซม", "th"),
        ("ကောင်စီသည် အင်္ဂါနေ့တွင် နွေဦးကတည်းက ပိတ်ထားသော တံတားအကြောင်း ဆွေးနွေးခဲ့သော်လည်း ငွေမတွေ့ခဲ့ပါ။", "my"),
        ("اجتمع المجلس يوم الثلاثاء للحديث عن الجسر المغلق منذ الربيع، ولم يجد المال اللازم لإصلاحه.", "ar"),
        ("המועצה התכנסה ביום שלישי כדי לדבר על הגשר שסגור מאז האביב, ולא מצאה את הכסף לתיקונו.", "he"),
        ("Совет собрался во вторник, чтобы обсудить мост, закрытый с весны, но денег на ремонт не нашёл.", "ru"),
        ("परिषद की बैठक मंगलवार को हुई, जिसमें वसंत से बंद पड़े पुल पर बात हुई, पर मरम्मत के लिए पैसा नहीं मिला।", "hi"),
    ],
    ids=lambda value: value if len(value) == 2 else "",
)
@pytest.mark.parametrize("parted", ["paragraphs", "breaks"])
def test_articles_in_any_script_are_kept_whole(sentence, lang, parted):
    lines = [f"{number}. {sentence * 2}" for number in range(6)]
    inner = "".join(f"<p>{line}</p>" for line in lines) if parted == "paragraphs" else "<br><br>".join(lines)
    assert [text for text in texts(PAGE.format(inner)) if text != "A bridge"] == [line.strip() for line in lines]
