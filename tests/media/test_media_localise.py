"""A draft's images are brought home once each, and what cannot be had leaves its words."""

import asyncio
import io

import pytest
from PIL import Image

from pappus.errors import LimitError
from pappus.media.localise import localise
from pappus.media.pixels import encode
from pappus.model import Draft, Fetched, Picture, Validators, digest

SITE = "https://harbour.example/"


def png(colour):
    out = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "PNG")
    return out.getvalue()


class Place:
    """A site and a store that work, in memory."""

    def __init__(self, **images):
        self.images = {f"{SITE}{name}.png": data for name, data in images.items()}
        self.asked = []
        self.sent = []
        self.kept = {}

    async def get(self, url, *, validators=None, kind="page"):
        assert kind == "image"
        self.asked.append(url)
        await asyncio.sleep(0)
        if url not in self.images:
            raise LimitError(url, "took too long")
        etag = digest(self.images[url])[:8]
        if validators is not None and validators.etag == etag:
            return Fetched(url=url, final_url=url, status=304)
        self.sent.append(url)
        return Fetched(url=url, final_url=url, body=self.images[url], validators=Validators(etag=etag))

    async def encode(self, data):
        return encode(data)

    def keep(self, url, encoded, validators):
        self.kept[url] = (encoded.media, validators)
        return encoded.media

    def localise(self, body, lead=None):
        draft = Draft(url=f"{SITE}a", title="T", body=body, lead=lead)
        return asyncio.run(localise(draft, self.get, self.encode, self.keep, self.kept.get))


def img(name, alt=""):
    return f'<img src="{SITE}{name}.png" alt="{alt}">'


def src(place, name):
    return f"media:{place.kept[f'{SITE}{name}.png'][0].digest}"


def test_images_of_lead_and_body_are_stored_in_order_and_each_is_asked_for_once():
    place = Place(a=png("red"), b=png("green"), c=png("blue"))
    draft, media, reasons = place.localise(
        f"<p>x</p><figure>{img('b', 'B')}</figure>{img('c')}<p>y</p>{img('b')}", Picture(src=f"{SITE}a.png")
    )
    assert place.asked == [f"{SITE}{name}.png" for name in "abc"]
    assert [f"media:{one.digest}" for one in media] == [draft.lead.src, src(place, "b"), src(place, "c")]
    assert draft.body == (
        f'<p>x</p><figure><img src="{src(place, "b")}" alt="B"></figure><img src="{src(place, "c")}" alt="">'
        f'<p>y</p><img src="{src(place, "b")}" alt="">'
    )
    assert reasons == ()


def test_what_is_stored_already_is_asked_for_only_whether_it_changed():
    place = Place(a=png("red"))
    first = place.localise(img("a"))
    assert place.localise(img("a")) == first
    assert (len(place.asked), len(place.sent)) == (2, 1)


def test_another_picture_at_the_same_address_is_another_picture():
    place = Place(a=png("red"))
    (before,) = place.localise(img("a"))[1]
    place.images[f"{SITE}a.png"] = png("green")
    (after,) = place.localise(img("a"))[1]
    assert before.digest != after.digest


def test_what_cannot_be_had_any_more_stays_as_it_was():
    place = Place(a=png("red"))
    first = place.localise(img("a"))
    place.images.clear()
    assert place.localise(img("a")) == first


@pytest.mark.parametrize(
    ("body", "left"),
    [
        (f"<p>x</p><figure>{img('no', 'A boat')}<figcaption>By night</figcaption></figure>", "A boat"),
        (f"<p>x</p><figure>{img('no', 'By night')}<figcaption>By night</figcaption></figure>", "By night"),
        (f"<p>x</p><p>{img('no', 'A boat')}</p>", "A boat"),
    ],
    ids=["figure", "caption says the same", "paragraph"],
)
def test_what_cannot_be_had_leaves_caption_and_alternative_text(body, left):
    draft, media, reasons = Place().localise(body)
    assert "<img" not in draft.body
    assert draft.body.count(left) == 1
    assert ("By night" in draft.body) == ("By night" in body)
    assert media == ()
    assert reasons == (f"{SITE}no.png: took too long",)


def test_an_image_without_words_leaves_nothing_behind():
    assert Place().localise(f"<p>x</p><figure>{img('no')}</figure><p>{img('no')}</p>")[0].body == "<p>x</p>"


def test_a_lead_that_cannot_be_had_leaves_its_caption_above_the_body():
    draft, _, _ = Place().localise(
        "<p>x</p>", Picture(src=f"{SITE}no.png", caption="Tide & wind", credit="A. Reporter")
    )
    assert draft.lead is None
    assert draft.body == "<figure><figcaption>Tide &amp; wind A. Reporter</figcaption></figure><p>x</p>"


def test_the_lead_is_not_shown_again_at_the_head_of_the_body():
    draft, media, _ = Place(a=png("red")).localise(
        f"<figure>{img('a', 'A boat')}<figcaption>At noon</figcaption></figure><p>x</p>", Picture(src=f"{SITE}a.png")
    )
    assert draft.body == "<p>x</p>"
    assert (draft.lead.alt, draft.lead.caption) == ("A boat", "At noon")
    assert len(media) == 1


def test_an_image_that_the_body_shows_later_is_no_lead():
    draft, media, _ = Place(a=png("red"), same=png("red")).localise(
        f"<p>x</p>{img('same')}", Picture(src=f"{SITE}a.png")
    )
    assert draft.lead is None
    assert "<img" in draft.body
    assert len(media) == 1


@pytest.mark.parametrize("bad", ["data:image/png;base64,AAAA", "file:///etc/passwd", "javascript:1"])
def test_an_address_that_is_not_http_is_never_asked_for(bad):
    place = Place()
    draft, _, reasons = place.localise("<p>x</p>", Picture(src=bad))
    assert place.asked == []
    assert draft.lead is None
    assert "not an http address" in reasons[0]


def test_what_is_no_image_is_a_reason_and_the_rest_is_kept():
    place = Place(a=b"<svg/>", b=png("green"))
    draft, media, reasons = place.localise(f"<p>{img('a')}x</p>{img('b')}")
    assert draft.body == f'<p>x</p><img src="{src(place, "b")}" alt="">'
    assert len(media) == 1
    assert "neither PNG" in reasons[0]


def test_no_more_images_than_the_limit_are_asked_for():
    place = Place(**{f"i{number}": png((number, 0, 0)) for number in range(70)})
    draft, media, reasons = place.localise("".join(f"<p>x{img(f'i{number}')}</p>" for number in range(70)))
    assert len(place.asked) == len(media) == draft.body.count("<img") == 60
    assert "10 images past the limit" in reasons[0]
