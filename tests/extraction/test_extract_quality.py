"""The gate: what must not be published is refused, in every script, with what it is."""

import pytest

from pappus import extract, markup
from pappus.errors import ExtractError, QualityError
from pappus.extraction.language import direction, language, letters
from pappus.extraction.quality import check
from pappus.model import Draft, Picture

URL = "https://harbour.example/a"
ENGLISH = (
    "<p>The harbour master said on Monday that the new breakwater had held through the night, "
    "and that fishermen counted eleven boats with damage, none of them lost at sea.</p>"
)
CHINESE = "<p>港口管理处星期一表示，新建的防波堤经受住了整夜的风浪考验，渔民清点出十一艘船受损，没有一艘沉没，码头今天照常开放。</p>"
KOREAN = (
    "<p>항만 관리소는 월요일 새 방파제가 밤새 파도를 견뎌 냈다고 밝혔다. "
    "어민들은 배 열한 척이 부서졌지만 가라앉은 배는 없다고 전했다.</p>"
)
BURMESE = "<p>" + "ဆိပ်ကမ်းအရာရှိက တနင်္လာနေ့တွင် ပြောကြားသည်။ " * 5 + "</p>"
RUSSIAN = "<p>" + "Начальник порта сообщил в понедельник, что новый волнорез выдержал ночной шторм. " * 3 + "</p>"


BARE = "<p>New lamps for the long pier By Ines Calder Published 10 November 2026 Share Facebook Copy link {} Harbour Lamps</p>"


def draft(body, title="The tide", **said):
    return Draft(url=URL, title=title, body=body, **said)


@pytest.mark.parametrize(
    "body",
    [ENGLISH, CHINESE, KOREAN, BURMESE, RUSSIAN],
    ids=["English", "Chinese", "Korean", "Burmese", "Russian"],
)
def test_a_short_report_passes_in_every_script(body):
    check(draft(body))


def test_few_words_pass_where_an_image_stands_with_them():
    check(
        draft(
            '<figure><img src="https://harbour.example/a.jpg"></figure><p>The pier in the morning, seen from the old lighthouse today.</p>'
        )
    )


@pytest.mark.parametrize(
    ("body", "title", "reason"),
    [
        (ENGLISH, "", "no title"),
        (ENGLISH, " - ", "no title"),
        ("", "The tide", "empty"),
        ("<p>-</p>", "The tide", "empty"),
        ("<p>Coming soon.</p>", "The tide", "too short"),
        ("<p>潮水提前到来。</p>", "潮水", "too short"),
        (ENGLISH * 6_000, "The tide", r"too long, 1,\d{3},\d{3} characters of markup; 1,000,000 is the limit"),
        (f"<p>Please enable JavaScript to read this page.</p>{ENGLISH}", "The tide", "a wall"),
        (f"<p>Verify you are human.</p>{ENGLISH}", "The tide", "a wall"),
        (f"<p>Access to this page has been denied.</p>{ENGLISH}", "harbour.example", "a wall"),
        (ENGLISH, "404 Not Found", "an error page"),
        (ENGLISH, "Just a moment...", "an error page|a wall"),
        ("".join(f'<p><a href="{URL}{n}">Another story that many people read</a></p>' for n in range(9)), "The tide", "mostly links"),
        ("".join(f"<h2>Another story that many people read {n}</h2>" for n in range(9)), "The tide", "mostly headings"),
    ],
    ids=[
        "no title", "dash for a title", "empty", "dash", "short", "short Chinese", "long", "JavaScript", "captcha", "denied", "404",
        "moment", "links", "headings",
    ],
)  # fmt: skip
def test_what_must_not_be_published_is_refused_with_its_reason(body, title, reason):
    with pytest.raises(QualityError, match=reason) as caught:
        check(draft(body, title))
    assert caught.value.subject == URL


@pytest.mark.parametrize(
    ("middle", "reason"),
    [
        ("", "too short"),
        ("Loading the text of this article for you, one moment", "too short"),
        ("Sorry, the content could not be loaded. Please try again later.", "a wall"),
    ],
    ids=["nothing", "loading", "failure"],
)
@pytest.mark.parametrize(
    "picture", [None, Picture(src="https://harbour.example/a.jpg", caption="The pier")], ids=["bare", "lead"]
)
def test_a_page_that_came_without_its_text_is_refused(middle, reason, picture):
    said = {"authors": ("Ines Calder",), "tags": ("Harbour", "Lamps"), "lead": picture}
    with pytest.raises(QualityError, match=reason):
        check(draft(BARE.format(middle), "New lamps for the long pier", **said))


@pytest.mark.parametrize(
    ("says", "phrase"),
    [
        (
            "<p class=error>Sorry, the content could not be loaded. Please try again later.</p>",
            "content could not be load",
        ),
        ("<div class=paywall>This article is for subscribers only. Log in.</div>", "article is for subscribers"),
        ("<aside>Subscribe now to continue reading.</aside>", "subscribe now to continue"),
        ("<div role=dialog>To see this page, please accept all cookies.</div>", "accept all cookies"),
        ("<noscript>You need to enable JavaScript to run this app.</noscript>", "enable javascript"),
        ("<p>Solve the captcha, please.</p>", "captcha"),
        ("<p>Материал доступен по подписке.</p>", "по подписк"),
        ("<p>内容加载失败，请稍后再试。</p>", "加载失败"),
    ],
    ids=["failure", "paywall", "pitch", "cookies", "scripts", "captcha", "Russian", "Chinese"],
)
@pytest.mark.parametrize(
    "about", ["", "<footer><p>The Courier is an invented newspaper of a harbour town.</p></footer>"]
)
def test_a_page_without_an_article_is_refused_by_what_it_says_in_its_place(says, phrase, about):
    page = f"<title>The pier</title><h1>The pier</h1>{says}{about}"
    with pytest.raises((QualityError, ExtractError), match=f"a wall in the article's place: '{phrase}"):
        check(extract(page, url=URL))


def test_a_short_article_beside_a_word_of_walls_is_an_article():
    page = f"<title>The pier</title><h1>The pier</h1><article>{ENGLISH}</article><form>Protected by captcha.</form>"
    check(extract(page, url=URL))


def test_a_report_that_repeats_its_title_names_and_tags_is_a_report():
    said = {"authors": ("Ines Calder",), "tags": ("harbour", "breakwater", "boats"), "summary": markup.text(ENGLISH)}
    check(draft(f"<p>The tide. By Ines Calder.</p>{ENGLISH}", "The tide", **said))


def test_a_report_about_something_that_failed_to_load_is_a_report():
    check(draft(ENGLISH * 2 + "<p>Those who asked at the office were told to try again later.</p>"))


def test_a_long_article_about_walls_is_an_article():
    check(draft(ENGLISH * 8 + "<p>The site then asked readers to enable JavaScript and to solve a captcha.</p>"))


@pytest.mark.parametrize(
    ("said", "text", "expected"),
    [
        (("en_US",), "The tide came in", "en-US"),
        (("zh_hant_tw",), "潮水提前到來", "zh-Hant-TW"),
        (("en",), "潮水提前到来", "zh"),
        ((), "潮が早く満ちてきた", "ja"),
        ((), "밀물이 일찍 들어왔다", "ko"),
        (("en", "fa"), "مد زودتر رسید", "fa"),
        (("en",), "مد زودتر رسید", ""),
        (("<x>", "ru"), "Прилив пришёл рано", "ru"),
        ((), "Прилив пришёл рано", ""),
        (("zh",), "The tide came in early", ""),
        ((), "ဆိပ်ကမ်း", "my"),
        (("",), "", ""),
    ],
)
def test_the_language_is_what_the_page_says_if_its_script_allows(said, text, expected):
    assert language(said, text) == expected


@pytest.mark.parametrize(
    ("tag", "text", "expected"),
    [
        ("fa", "Tide", "ltr"),
        ("en", "مد زودتر", "rtl"),
        ("he", "", "rtl"),
        ("", "שלום", "rtl"),
        ("", "1 2 3", "ltr"),
        ("ur-PK", "", "rtl"),
    ],
)
def test_the_direction_is_that_of_the_letters(tag, text, expected):
    assert direction(tag, text) == expected


def test_letters_are_counted_by_what_they_say():
    assert letters("The tide, 11 m!") == 8
    assert letters("潮水提前到来了吗") == letters("밀물이일찍들어왔") == 24
    assert letters("น้ำขึ้นเร็ว") == 11
