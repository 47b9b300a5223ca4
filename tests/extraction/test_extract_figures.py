"""Images and players of a page come into the text as the reader would see them; their words stay where they cannot."""

import re

import pytest
from extract_pages import FIGURE, PARAGRAPHS, body, draft

from pappus import markup


def test_a_figure_has_its_best_source_its_alternative_text_caption_and_credit_once():
    found = body(FIGURE)
    assert found.count("Eleven boats were damaged") == 1
    assert (
        '<figure><img src="https://www.harbour.example/i/boat-1600.webp" alt="A boat">'
        "<figcaption>Eleven boats were damaged in the night. Photo: A. Reporter</figcaption></figure>"
    ) in found


def test_the_credit_within_a_caption_is_told_apart_in_a_lead():
    shared = '<meta property="og:image" content="https://www.harbour.example/i/boat-1200x630.webp">'
    found = draft(FIGURE + PARAGRAPHS, head=shared).lead
    assert (found.caption, found.credit) == ("Eleven boats were damaged in the night.", "A. Reporter")


@pytest.mark.parametrize(
    ("words", "caption", "credit"),
    [
        ("Eleven boats lay on land. © dpa | A. Reporter", "Eleven boats lay on land.", "© dpa | A. Reporter"),
        ("Eleven boats lay on land. (Photo: A. Reporter)", "Eleven boats lay on land.", "(Photo: A. Reporter)"),
        ("海潮在清晨冲走了十一艘停泊的渔船。 图片：新华社", "海潮在清晨冲走了十一艘停泊的渔船。", "新华社"),
        (
            "မုန်တိုင်းကြောင့် လှေ ဆယ့်တစ်စင်း ပျက်စီးသည်။ ဓာတ်ပုံ– အေ ရိပို",
            "မုန်တိုင်းကြောင့် လှေ ဆယ့်တစ်စင်း ပျက်စီးသည်။",
            "အေ ရိပို",
        ),
        ("Eleven boats lay on land. Photo - A. Reporter", "Eleven boats lay on land.", "A. Reporter"),
        ("Photo: Jean-Pierre A. Reporter/AFP", "", "Jean-Pierre A. Reporter/AFP"),
        ("Eleven boats lay on land. Nobody was hurt.", "Eleven boats lay on land. Nobody was hurt.", ""),
    ],
    ids=["sign", "brackets", "Chinese", "Burmese", "dash", "initial", "none"],
)
def test_a_credit_behind_the_last_sentence_of_a_caption_is_told_apart_in_a_lead(words, caption, credit):
    shared = '<meta property="og:image" content="https://www.harbour.example/i/boat.jpg">'
    found = draft(
        f"<figure><img src=/i/boat.jpg><figcaption>{words}</figcaption></figure>{PARAGRAPHS}", head=shared
    ).lead
    assert (found.caption, found.credit) == (caption, credit)


def test_the_picture_above_the_text_is_the_lead_where_the_text_shows_the_shared_one():
    shared = '<meta property="og:image" content="https://www.harbour.example/i/boat-400.jpg">'
    above = "<figure><img src=/i/harbour.jpg><figcaption>The harbour at noon</figcaption></figure>"
    found = draft(above + PARAGRAPHS + FIGURE.replace("boat-1600", "boat-400") + PARAGRAPHS, head=shared)
    assert found.lead.src == "https://www.harbour.example/i/harbour.jpg"
    assert found.body.count("<img") == 1


@pytest.mark.parametrize(
    ("image", "source"),
    [
        ('<img src="/a.jpg">', "a.jpg"),
        ('<img src="/spacer.gif" data-src="/a.jpg">', "a.jpg"),
        ('<img data-lazy-src="/a.jpg" src="data:image/png;base64,xx">', "a.jpg"),
        ('<img src="/a.jpg" srcset="/b.jpg 1x, /c.jpg 2x">', "c.jpg"),
        ('<img src="/a.jpg" srcset="/b.jpg 640w, /huge.jpg 6000w, /c.jpg 1280w">', "c.jpg"),
        ('<noscript><img src="/a.jpg"></noscript>', "a.jpg"),
        ('<img src="/a.jpg" width="1" height="1">', None),
        ('<img src="/icons/share.png">', None),
        ('<a href="/large.jpg"><img src="/a.jpg"></a>', "a.jpg"),
        ('<img src="/x.jpg" srcset="/b.jpg 640w,/c.jpg 1280w">', "c.jpg"),
        ('<img src="/photos/protest-banner.jpg">', "photos/protest-banner.jpg"),
        ('<img src="/2026/share-prices-fall.jpg">', "2026/share-prices-fall.jpg"),
        ('<img src="/2026/google-pixel-9.jpg">', "2026/google-pixel-9.jpg"),
        ('<img src="/pix/ads-on-buses.jpg">', "pix/ads-on-buses.jpg"),
        ('<img src="/banner/strike.jpg" width="600">', "banner/strike.jpg"),
        ('<figure><img src="/badge.jpg"></figure>', "badge.jpg"),
        ('<img src="/i/site-logo-2.jpg">', None),
        ('<img src="/i/gallery-icon.png" alt="Gallery">', None),
        ('<figure><img src="/i/grey-placeholder.png" alt=""></figure>', None),
    ],
    ids=[
        "src",
        "lazy",
        "lazy data",
        "densities",
        "widths",
        "noscript",
        "pixel",
        "icon",
        "zoom",
        "widths without spaces",
        "banner",
        "share",
        "pixel phone",
        "ads",
        "large in a folder",
        "badge in a figure",
        "logo",
        "icon of a kind",
        "placeholder",
    ],
)
def test_images_between_paragraphs_are_kept_by_what_the_reader_would_see(image, source):
    found = markup.image_sources(body(f"<div>{image}</div>"))
    assert found == ((f"https://www.harbour.example/{source}",) if source else ())


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (
            '<p><img src="/chart.svg" alt="Turnout: North 51%, South &lt; 49%"></p>',
            ["Turnout: North 51%, South &lt; 49%"],
        ),
        ('<img src="data:image/gif;base64,R0lGOD" alt="Boats at night">', ["Boats at night"]),
        (
            '<figure><img src="/chart.svg" alt="A chart"><figcaption>Turnout by district</figcaption></figure>',
            ["A chart", "Turnout by district"],
        ),
        (
            '<figure><img alt="Turnout"><figcaption>Turnout by district</figcaption></figure>',
            ["Turnout by district"],
        ),
        ('<a href="/other-story"><img src="/teaser.svg" alt="Another story of the day"></a>', []),
        ('<img src="/icons/clock.svg" alt="Time to read">', []),
        ('<img src="/x.svg" width="16" alt="A clock on the wall">', []),
        ('<img src="/x.svg" alt="Gazette logo">', []),
    ],
    ids=["chart", "lazy", "figure", "said in the caption", "teaser", "icon", "small", "logo"],
)
def test_an_image_that_cannot_be_shown_leaves_its_words(image, words):
    inner = "".join(f"<p>{text}</p>" for text in words)
    assert body(f"<div>{image}</div>") == PARAGRAPHS + inner + PARAGRAPHS.replace("report", "account")


def test_a_small_image_does_not_part_a_sentence():
    image = '<img src="/i/flag.png" width="16" alt="Flag">'
    emoji = '<span><img class="emoji" src="/emoji/1f600.svg" alt="😀"></span>'
    found = body(f"<p>The boats of {image} Norway came back {emoji} before the tide turned.</p>")
    assert "<p>The boats of Norway came back 😀 before the tide turned.</p>" in found


def test_an_image_whose_words_stand_in_a_div_beside_it_becomes_a_figure():
    found = body('<div class="wp-caption"><img src="/a.jpg" alt=""><p class="wp-caption-text">By night</p></div>')
    assert (
        '<figure><img src="https://www.harbour.example/a.jpg" alt=""><figcaption>By night</figcaption></figure>'
        in found
    )
    assert found.count("By night") == 1


def test_an_embedded_video_becomes_its_poster_and_a_link():
    found = body('<iframe src="https://www.youtube.com/embed/abcdefghijk?rel=0" title="The storm"></iframe>')
    assert '<img src="https://i.ytimg.com/vi/abcdefghijk/hqdefault.jpg" alt="">' in found
    assert '<p><a href="https://www.youtube.com/watch?v=abcdefghijk">▶ The storm</a></p>' in found
    found = body('<video poster="/p.jpg" title="The storm"><source src="/v.mp4"></video>')
    assert '<img src="https://www.harbour.example/p.jpg" alt="">' in found
    assert '<p><a href="https://www.harbour.example/v.mp4">▶ The storm</a></p>' in found


@pytest.mark.parametrize(
    "frame",
    [
        '<iframe src="https://films.example/embed/184" title="The storm" width="720" height="405"></iframe>',
        '<iframe src="https://films.example/184" title="The storm" allowfullscreen></iframe>',
        '<audio title="The storm"><source src="https://films.example/184.mp3"></audio>',
    ],
    ids=["embed in its address", "may fill the screen", "sound"],
)
def test_a_player_that_nobody_knows_becomes_a_link_in_its_place(frame):
    found = draft(f"{PARAGRAPHS}{frame}{PARAGRAPHS.replace('report', 'account')}").body
    before, link, after = re.split(r'(<p><a href="https://films.example/[^"]*">▶ The storm</a></p>)', found)
    assert link
    assert before == PARAGRAPHS
    assert after == PARAGRAPHS.replace("report", "account")


@pytest.mark.parametrize(
    "frame",
    [
        '<iframe src="https://ads.example/ads/embed/1" allowfullscreen></iframe>',
        '<iframe src="https://pages.example/plugins/like" allowfullscreen></iframe>',
        '<iframe src="https://films.example/embed/1" width="1" height="1"></iframe>',
        '<iframe src="https://forms.example/1"></iframe>',
        "<iframe allowfullscreen></iframe>",
    ],
    ids=["advertisement", "like button", "pixel", "form", "no address"],
)
def test_other_frames_leave_nothing(frame):
    assert "<a" not in body(frame)


def test_a_post_that_a_script_would_show_becomes_a_link():
    post = '<blockquote class="post"><a href="https://social.example/harbour/status/12345">&nbsp;</a></blockquote>'
    found = body(PARAGRAPHS + post + PARAGRAPHS)
    assert (
        '<a href="https://social.example/harbour/status/12345">▶ https://social.example/harbour/status/12345</a>'
        in found
    )


def test_a_figure_that_can_be_pressed_is_shown_with_the_caption_beside_it_and_not_with_its_label():
    figure = '<figure><img src="/i/pier.jpg" alt=""><div>View 3 images</div></figure><figcaption>The pier</figcaption>'
    found = body(f'{PARAGRAPHS}<button><div class="image-embed">{figure}</div></button>{PARAGRAPHS}')
    assert 'pier.jpg" alt=""><figcaption>The pier</figcaption></figure>' in found
    assert "View 3" not in found


def test_an_image_that_can_be_pressed_is_shown_in_a_figure_and_not_on_a_button_of_its_own():
    button = '<button aria-label="Play"><img src="/i/pier.jpg" alt=""><span>0:49</span></button>'
    found = body(f"{PARAGRAPHS}<figure><div>{button}</div><figcaption>The pier</figcaption></figure>{PARAGRAPHS}")
    assert 'pier.jpg" alt=""><figcaption>The pier</figcaption></figure>' in found
    assert "0:49" not in found
    assert "pier.jpg" not in body(f"{PARAGRAPHS}<div>{button}</div>{PARAGRAPHS}")


def test_an_image_may_be_a_component_of_the_site():
    image = '<harbour-image src="/i/pier.jpg" alt="A pier"></harbour-image>'
    found = body(f"{PARAGRAPHS}<figure>{image}<figcaption>The old pier</figcaption></figure>{PARAGRAPHS}")
    assert 'pier.jpg" alt="A pier"><figcaption>The old pier</figcaption></figure>' in found
