"""Pictures and players of a page, with the words under them, wherever the page has put them."""

import pytest

from pappus import markup
from pappus.extraction import blocks, lead, page, pictures
from pappus.extraction.compose import compose
from pappus.extraction.figures import Figures
from pappus.model import Picture

URL = "https://www.harbour.example/news/tide.html"
FILLER = "<p>The harbour master said on Monday that the new breakwater had held through the whole of the night, and no boat was lost.</p>"


def composed(source):
    read = page.parse(f"<article>{FILLER}{source}{FILLER.replace('Monday', 'Friday')}</article>", URL)
    reading = blocks.read(read.document)
    for block in reading.blocks:
        block.kept = True
    found = compose(reading, Figures(reading, read.base), "")
    assert markup.clean(found, images="remote") == found
    return found


def between(source):
    found = composed(source)
    assert found.startswith(FILLER)
    return found.removeprefix(FILLER).removesuffix(FILLER.replace("Monday", "Friday"))


@pytest.mark.parametrize(
    ("image", "address"),
    [
        pytest.param('<img src="/a.jpg">', "a.jpg", id="src"),
        pytest.param('<img src="/a.jpg" srcset="/b.jpg 640w, /huge.jpg 6000w,/c.jpg 1280w">', "c.jpg", id="widths"),
        pytest.param('<img src="/a.jpg" srcset="/b.jpg, /c.jpg 2x">', "c.jpg", id="densities"),
        pytest.param(
            '<img srcset="/w_400,h_300/b.jpg 400w, /w_800,h_600/c.jpg 800w">', "w_800,h_600/c.jpg", id="commas"
        ),
        pytest.param('<img src="data:image/gif;base64,R0" data-lazy-src="/a.jpg">', "a.jpg", id="lazy"),
        pytest.param('<img src="/blank.gif" data-whatever-srcset="/b.jpg 1x, /c.jpg 2x">', "c.jpg", id="lazy set"),
        pytest.param('<img src="/placeholder.png" data-original="/a.jpg">', "a.jpg", id="placeholder"),
        pytest.param(
            '<picture><source media="(max-width: 600px)" srcset="/s.jpg"><source media="(min-width: 900px)" srcset="/l.jpg">'
            '<img src="/a.jpg"></picture>',
            "l.jpg",
            id="picture",
        ),
        pytest.param(
            '<picture><source data-srcset="/l.jpg 900w"><img src="data:,x"></picture>', "l.jpg", id="lazy picture"
        ),
        pytest.param('<amp-img src="/a.jpg" width=600 height=400></amp-img>', "a.jpg", id="AMP"),
        pytest.param('<noscript><img src="/a.jpg"></noscript>', "a.jpg", id="without scripts"),
        pytest.param(
            '<img src="data:,x" data-src="/b.jpg"><noscript><img src="/a.jpg"></noscript>', "b.jpg", id="once"
        ),
        pytest.param(
            '<img src="data:,x"><noscript><img src="/a.jpg"></noscript>', "a.jpg", id="for those without scripts alone"
        ),
        pytest.param('<img src="/a.jpg" width="1" height="1">', None, id="pixel"),
        pytest.param('<img class="icon" src="/a.png">', None, id="icon"),
        pytest.param('<img class="avatar" src="/a.jpg" width=64>', None, id="avatar"),
        pytest.param('<img src="/i/site-logo.png">', None, id="logo"),
        pytest.param('<img src="/photos/protest-banner.jpg">', "photos/protest-banner.jpg", id="banner"),
        pytest.param('<img src="/a.svg">', None, id="drawing"),
        pytest.param('<img src="javascript:x">', None, id="script"),
    ],
)
def test_an_image_has_its_best_address_or_none(image, address):
    expected = f'<figure><img src="https://www.harbour.example/{address}" alt=""></figure>' if address else ""
    assert between(f"<div>{image}</div>") == expected


IMAGE = '<img src="/a.jpg" alt="Eleven boats in the harbour">'


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(f"<figure>{IMAGE}<figcaption>The <b>boats</b></figcaption></figure>", id="figure"),
        pytest.param(
            f"<figure><div>{IMAGE}<span></span></div></figure><figcaption>The <b>boats</b></figcaption>", id="after it"
        ),
        pytest.param(f"<div class=wp-caption>{IMAGE}<p class=wp-caption-text>The <b>boats</b></div>", id="WordPress"),
        pytest.param(f"<dl class=wp-caption><dt>{IMAGE}</dt><dd>The <b>boats</b></dd></dl>", id="list"),
        pytest.param(f"<table><tr><td>{IMAGE}<tr><td class=tr-caption>The <b>boats</b></table>", id="table"),
        pytest.param(f"<div>{IMAGE}</div><p class=imageCaption>The <b>boats</b></p>", id="beside it"),
        pytest.param(
            f"<div class=hasCaption><div>{IMAGE}</div><div><p class=caption>The <b>boats</b></div></div>",
            id="in one element",
        ),
        pytest.param(
            f"<div>{IMAGE}</div><div class=container><div class=row><div class=col><p class=caption>The <b>boats</b></div></div></div>",
            id="in a grid's next row",
        ),
        pytest.param(f'<div class="story-image">{IMAGE}<div>The <b>boats</b></div></div>', id="named element"),
        pytest.param(
            f"<figure>{IMAGE}<div>The <b>boats</b></div><a href=/zoom>Enlarge</a></figure>", id="beside a button"
        ),
        pytest.param(
            f"<figure>{IMAGE}<figcaption>The <b>boats</b></figcaption><figcaption>The <b>boats</b></figcaption></figure>",
            id="twice",
        ),
    ],
)
def test_a_caption_is_found_by_its_element_its_name_or_its_place(source):
    image = '<img src="https://www.harbour.example/a.jpg" alt="Eleven boats in the harbour">'
    assert between(source) == f"<figure>{image}<figcaption>The <b>boats</b></figcaption></figure>"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        pytest.param(f"<p>{IMAGE}<br><em>The boats</em></p>", "<em>The boats</em>", id="set apart"),
        pytest.param(
            f"<div><div>{IMAGE}</div><div>The boats</div><div>Getty Images</div></div>",
            "The boats Getty Images",
            id="agency",
        ),
        pytest.param(
            f"<div><span>© A. Reed</span>{IMAGE}<div>The boats</div></div>", "The boats © A. Reed", id="credit first"
        ),
        pytest.param(
            f"<div>{IMAGE}</div><p>Eleven boats in the harbour</p>",
            "Eleven boats in the harbour",
            id="alternative text",
        ),
        pytest.param(
            f"<figure>{IMAGE}<figcaption><p>The boats</p><p class=credit>A. Reed</p></figcaption></figure>",
            "The boats A. Reed",
            id="credit",
        ),
        pytest.param(
            f"<figure>{IMAGE}<div>Photo: A. Reed</div><figcaption>The boats</figcaption></figure>",
            "The boats Photo: A. Reed",
            id="both",
        ),
    ],
)
def test_a_caption_without_a_name_is_known_by_what_it_says(source, words):
    image = '<img src="https://www.harbour.example/a.jpg" alt="Eleven boats in the harbour">'
    assert between(source) == f"<figure>{image}<figcaption>{words}</figcaption></figure>"


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(
            f"<div>{IMAGE}<p>They came back in the morning, all of them.</p></div>", id="paragraph in one element"
        ),
        pytest.param(f"<div>{IMAGE}</div><p>They came back.</p>", id="paragraph beside it"),
        pytest.param(
            f"<div><p>They came back.</p><figure>{IMAGE}</figure><p>One did not.</p></div>", id="paragraphs around it"
        ),
        pytest.param(f"<div class=image>{IMAGE}<h2>They came back</h2></div>", id="heading"),
        pytest.param(f'<div class=image>{IMAGE}<a href="/other">They came back</a></div>', id="link"),
    ],
)
def test_text_beside_a_picture_is_no_caption(source):
    assert "<figcaption>" not in between(source)


def test_every_picture_of_a_gallery_has_its_own_caption():
    one = '<li><img src="/{0}.jpg"><span class="img-info">Boat {0}</span></li>'
    found = between(f"<figure><ul>{''.join(one.format(name) for name in 'abc')}</ul></figure>")
    expected = (
        '<figure><img src="https://www.harbour.example/{0}.jpg" alt=""><figcaption>Boat {0}</figcaption></figure>'
    )
    assert found == "".join(expected.format(name) for name in "abc")


def test_a_picture_is_shown_once_with_the_words_that_one_of_its_copies_has():
    large = f"<div class=lightbox>{IMAGE}<div class=lightbox__description>The boats</div></div>"
    assert between(f"<div>{IMAGE}</div><p>x</p>{large}") == (
        '<figure><img src="https://www.harbour.example/a.jpg" alt="Eleven boats in the harbour">'
        "<figcaption>The boats</figcaption></figure><p>x</p>"
    )


def test_a_picture_that_is_blurred_until_a_script_is_run_is_shown_once_and_large():
    blurred = '<img src="/max/60/1*CANkRN_yzl9tfrGd2F41wQ.png?q=20"><noscript><img src="/max/2288/1*CANkRN_yzl9tfrGd2F41wQ.png"></noscript>'
    assert markup.image_sources(
        between(f"<figure><div>{blurred.replace('<noscript>', '</div><noscript>')}</figure>")
    ) == ("https://www.harbour.example/max/2288/1*CANkRN_yzl9tfrGd2F41wQ.png",)
    assert len(markup.image_sources(between("<img src=/a/boat.jpg><img src=/b/boat.jpg>"))) == 2


def test_pictures_that_a_service_sends_in_some_size_are_told_by_their_own_addresses():
    service = "https://img.example/_next/image?url=%2Fphotos%2F{}.jpg%3Fv%3D2&w={}&q=75"
    assert pictures.same_image(service.format("harbour-boats", 640), service.format("harbour-boats", 1080))
    assert pictures.same_image(service.format("harbour-boats", 640), "https://www.harbour.example/harbour-boats.jpg")
    assert not pictures.same_image(service.format("harbour-boats", 640), service.format("harbour-nets", 640))


def test_words_that_stand_in_a_picture_element_by_mistake_are_its_caption():
    source = (
        "<figure><picture><source srcset=/b.jpg><img src=/a.jpg><figcaption>The boats</figcaption></picture></figure>"
    )
    assert between(source) == (
        '<figure><img src="https://www.harbour.example/b.jpg" alt=""><figcaption>The boats</figcaption></figure>'
    )


def test_words_between_two_pictures_belong_to_one_of_them():
    source = "<div><img src=/a.jpg></div><div class=caption>The boats</div><div><img src=/b.jpg></div>"
    assert between(f"<div>{source}</div>").count("The boats") == 1


def test_a_player_without_a_poster_keeps_its_caption():
    source = "<figure><audio src=/v.mp3 title=Storm></audio><figcaption>By night</figcaption></figure>"
    assert between(source) == '<p><a href="https://www.harbour.example/v.mp3">▶ Storm</a></p><p>By night</p>'


def test_a_picture_comes_with_plain_words():
    read = page.parse(f"<figure>{IMAGE}<figcaption>The <b>boats</b> <p class=credit>A. Reed</figcaption></figure>", URL)
    reading = blocks.read(read.document)
    found = Figures(reading, read.base).of(reading.blocks[0]).picture
    assert (found.src, found.caption, found.credit) == ("https://www.harbour.example/a.jpg", "The boats", "A. Reed")


def test_a_picture_is_found_on_the_page_in_another_size():
    read = page.parse(
        '<img src="/i/harbour-boats-300x200.jpg"><figure><img src="/i/harbour-boats-800w.jpg"><figcaption>The boats</figcaption></figure>',
        URL,
    )
    figures = Figures(blocks.read(read.document), read.base)
    found = [
        figures.of(block).picture for block in figures.showing("https://cdn.harbour.example/i/harbour-boats.jpg?w=1200")
    ]
    assert [(one.src.rpartition("-")[2], one.caption) for one in found] == [
        ("300x200.jpg", ""),
        ("800w.jpg", "The boats"),
    ]


@pytest.mark.parametrize(
    ("image", "words"),
    [
        pytest.param('<img src="/chart.svg" alt="Turnout: North 51%">', "<p>Turnout: North 51%</p>", id="chart"),
        pytest.param('<img src="/icons/clock.svg" alt="Time to read">', "", id="icon"),
        pytest.param('<a href="/other-story"><img src="/teaser.svg" alt="Another story"></a>', "", id="teaser"),
    ],
)
def test_an_image_that_cannot_be_shown_leaves_its_words(image, words):
    assert between(f"<div>{image}</div>") == words


@pytest.mark.parametrize(
    ("source", "address"),
    [
        pytest.param(
            "<iframe src=//www.youtube.com/embed/abcdefghijk?rel=0>",
            "https://www.youtube.com/watch?v=abcdefghijk",
            id="YouTube",
        ),
        pytest.param(
            "<object data=//www.youtube.com/v/abcdefghijk>", "https://www.youtube.com/watch?v=abcdefghijk", id="object"
        ),
        pytest.param(
            "<lite-youtube videoid=abcdefghijk></lite-youtube>",
            "https://www.youtube.com/watch?v=abcdefghijk",
            id="component",
        ),
        pytest.param("<amp-youtube data-videoid=abcdefghijk>", "https://www.youtube.com/watch?v=abcdefghijk", id="AMP"),
        pytest.param(
            "<iframe data-src=https://player.vimeo.com/video/123456>", "https://vimeo.com/123456", id="Vimeo, lazy"
        ),
        pytest.param(
            "<iframe src=https://open.spotify.com/embed/track/6abc>",
            "https://open.spotify.com/track/6abc",
            id="Spotify",
        ),
        pytest.param(
            "<iframe src='https://www.facebook.com/plugins/post.php?href=https%3A%2F%2Fwww.facebook.com%2Fa%2Fposts%2F1&w=5'>",
            "https://www.facebook.com/a/posts/1",
            id="quoted address",
        ),
        pytest.param(
            "<iframe src=https://charts.example/184 allowfullscreen>",
            "https://charts.example/184",
            id="may fill the screen",
        ),
        pytest.param(
            "<iframe src=https://films.example/embed/184>", "https://films.example/embed/184", id="says that it is one"
        ),
        pytest.param("<audio><source src=/184.mp3></audio>", "https://www.harbour.example/184.mp3", id="sound"),
        pytest.param("<iframe src=https://ads.example/ads/embed/1 allowfullscreen>", None, id="advertisement"),
        pytest.param("<iframe src=https://films.example/embed/1 width=1 height=1>", None, id="counter"),
        pytest.param("<iframe src=https://films.example/embed/1 style='display: none'>", None, id="hidden"),
        pytest.param("<iframe src=https://forms.example/1>", None, id="anything"),
        pytest.param("<audio src=#></audio>", None, id="the page itself"),
        pytest.param("<embed src=/old.swf allowfullscreen>", None, id="Flash"),
    ],
)
def test_a_player_becomes_a_link_to_what_it_plays(source, address):
    found = markup.link_targets(between(f"<div>{source}</div>"))
    assert found == ((address,) if address else ())


def test_a_video_has_its_poster_and_its_caption():
    source = '<figure><video poster="/p.jpg" title="The storm" src="/v.mp4"></video><figcaption>By night</figcaption></figure>'
    assert between(source) == (
        '<figure><img src="https://www.harbour.example/p.jpg" alt=""><figcaption>By night</figcaption></figure>'
        '<p><a href="https://www.harbour.example/v.mp4">▶ The storm</a></p>'
    )


def test_a_post_that_is_embedded_is_a_quotation_with_its_link():
    source = '<blockquote class="twitter-tweet"><p>We saw it</p>— Ada <a href="https://twitter.com/ada/status/1">2 March</a></blockquote>'
    assert between(source) == (
        '<blockquote><p>We saw it</p><p>— Ada <a href="https://twitter.com/ada/status/1">2 March</a></p></blockquote>'
    )


BOATS = "<figure><img src=/i/harbour-boats.jpg><figcaption>Boats</figcaption></figure>"
SHARED = "https://cdn.harbour.example/share/harbour-boats-1200x630.jpg"


@pytest.mark.parametrize(
    ("above", "below", "address", "caption"),
    [
        pytest.param("", "", SHARED, "", id="only shared"),
        pytest.param("", BOATS, "/i/harbour-boats.jpg", "Boats", id="in the text"),
        pytest.param(
            "", BOATS.replace("harbour-boats", "7c3e1f90ab"), "/i/7c3e1f90ab.jpg", "Boats", id="by its number"
        ),
        pytest.param(
            "<div class=image><img src=/i/cut.jpg><div>Boats</div></div>", "", "/i/cut.jpg", "Boats", id="cut"
        ),
    ],
)
def test_the_lead_is_what_is_shared_as_the_page_shows_it(above, below, address, caption):
    read = page.parse(f"<h1>Tide</h1>{above}<p>By Ada Reed</p>{FILLER}{below}", URL)
    reading = blocks.read(read.document)
    for block in reading.blocks:
        block.kept = "harbour master" in block.text or (block.kind == "media" and bool(below))
    shared = [Picture(src="https://harbour.example/logo.png"), Picture(src=SHARED.replace("1200x630", "7c3e1f90ab"))]
    found = lead.lead(
        reading, Figures(reading, read.base), shared if "7c3" in below else [shared[0], Picture(src=SHARED)]
    )
    assert (found.src.removeprefix("https://www.harbour.example"), found.caption) == (address, caption)
    assert not any(block.kept for block in reading.blocks if block.kind == "media")
