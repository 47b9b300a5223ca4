"""Articles on more than one page: links that lead on, links that do not, and what becomes one draft."""

import pytest
from extract_steps import steps
from msgspec.structs import replace

from pappus import markup
from pappus.errors import ExtractError, StatusError
from pappus.extraction.page import parse
from pappus.extraction.parts import MAX_PARTS, Part, joined, links, numbered, whole
from pappus.extraction.rules import NO_RULES, Pick, Rules, css
from pappus.model import NO_VALIDATORS, Draft, Fetched

SITE = "https://gazette.example"


@pytest.mark.parametrize(
    ("first", "other", "number"),
    [
        ("/story", "/story?page=2", 2),
        ("/story?id=7", "/story?id=7&seite=3", 3),
        ("/story?page=1", "/story?page=2", 2),
        ("/?p=12", "/?p=12&page=2", 2),
        ("/story", "/story/2", 2),
        ("/story/", "/story/page/3/", 3),
        ("/story/page/1", "/story/page/2", 2),
        ("/story/", "/story/seite-2", 2),
        ("/story.html", "/story-2.html", 2),
        ("/story.html", "/story_2.html?utm_source=x", 2),
        ("/story.html", "/story.html/2", 2),
        ("/story.html", "/story2.html", 2),
        ("/c_123.htm", "/c_123_2.htm", 2),
        ("/news-5.html", "/news-6.html", None),
        ("/news/5", "/news/6", None),
        ("/?p=12", "/?p=13", None),
        ("/story123", "/story1234", None),
        ("/story", "/story/2026", None),
        ("/story", "/story?id=2", None),
        ("/story", "/story-two", None),
        ("/story?id=7", "/story?id=8&page=2", None),
        ("/story", "/other?page=2", None),
        ("/story", "https://other.example/story?page=2", None),
    ],
)
def test_a_page_of_an_article_is_known_by_its_address(first, other, number):
    other = other if other.startswith("https:") else SITE + other
    assert numbered(SITE + first, other) == number


def page(markup, path="/story"):
    return parse(f"<body>{markup}</body>", SITE + path)


@pytest.mark.parametrize(
    "link",
    [
        pytest.param('<link rel="next" href="/story?page=2">', id="rel"),
        pytest.param('<a rel="nofollow next" href="?page=2">x</a>', id="rel-of-several"),
        pytest.param('<a href="?page=2">Next page »</a>', id="english"),
        pytest.param('<a href="?page=2">Nächste Seite</a>', id="german"),
        pytest.param('<a href="?page=2">下一页</a>', id="chinese"),
        pytest.param('<a href="?page=2">الصفحة التالية</a>', id="arabic"),
        pytest.param('<a href="?page=2" title="Следующая страница"><i></i></a>', id="title"),
        pytest.param('<a href="?page=2"><img src="/n.gif" alt="次のページ"></a>', id="picture"),
        pytest.param('<b>1</b> <a href="?page=2">2</a> <a href="?page=3">3</a>', id="numbers"),
    ],
)
def test_a_link_to_the_next_page_is_found(link):
    found = links(page(link), NO_RULES)
    assert (found.following, found.number) == (f"{SITE}/story?page=2", 2)


@pytest.mark.parametrize(
    "link",
    [
        pytest.param('<link rel="next" href="/another-story">', id="next-article"),
        pytest.param('<a href="?page=2">Earlier votes</a>', id="other-words"),
        pytest.param('<a href="?page=3">3</a>', id="not-the-next"),
        pytest.param('<div class="comments"><a href="?page=2">2</a></div>', id="readers-comments"),
        pytest.param('<a href="?page=1">1</a>', id="this-page"),
        pytest.param('<a href="javascript:next(2)">Next</a>', id="script"),
    ],
)
def test_a_link_to_something_else_is_not(link):
    assert links(page(link), NO_RULES).following == ""


def test_pages_may_be_counted_from_nought():
    found = links(page('<a href="?page=1">Next</a>'), NO_RULES)
    assert (found.following, found.number) == (f"{SITE}/story?page=1", 1)


def test_a_later_page_goes_on_from_the_first():
    later = page(
        '<a href="/story?page=2">2</a> <a href="/story?page=3">3</a> <a href="/story?page=4">4</a>', "/story?page=3"
    )
    assert links(later, NO_RULES, first=f"{SITE}/story", number=3).following == f"{SITE}/story?page=4"


def test_rules_find_links_by_element_attribute_or_string():
    found = links(
        page('<a class="on" href="/weiter"></a><p data-all="/alles">'),
        Rules(next_page=css(".no", ".on"), single_page=(Pick("concat(//p/@data-all, '.html')", "xpath"),)),
    )
    assert (found.following, found.single) == (f"{SITE}/weiter", f"{SITE}/alles.html")


def test_a_link_of_rules_that_leads_off_the_site_is_none():
    rules = Rules(next_page=css("a"))
    assert links(page('<a href="https://evil.example/2">'), rules).following == ""
    assert links(page('<a href="/story#2">'), rules).following == ""


def test_the_single_page_of_a_paged_article_and_other_versions_are_found():
    found = links(
        page(
            '<link rel="amphtml" href="/story/amp"><a href="?page=2">2</a><a href="/story?page=all">All</a>'
            '<a href="/print/story">Print</a>'
        ),
        NO_RULES,
    )
    assert found.single == f"{SITE}/story?page=all"
    assert found.other == f"{SITE}/story/amp"
    assert links(page('<a href="/print/story">Print</a>'), NO_RULES).other == f"{SITE}/print/story"


# Following


def draft(*paragraphs):
    return Draft(url=f"{SITE}/story", title="Story", body="".join(f"<p>{one}</p>" for one in paragraphs))


class Paper:
    """A newspaper whose pages are what ``pages`` says; anything else is not found."""

    def __init__(self, pages):
        self.pages = pages
        self.asked = []

    async def get(self, url, *, validators=NO_VALIDATORS, kind="page"):
        self.asked.append(url.removeprefix(SITE))
        if url.removeprefix(SITE) not in self.pages:
            raise StatusError(url, 404)
        body = self.pages[url.removeprefix(SITE)].encode()
        return Fetched(url=url, final_url=url, body=body, media_type="text/html", charset="utf-8")

    async def look(self, fetched, first, number):
        seen = parse(fetched.body.decode(), fetched.final_url)
        paragraphs = [one.text for one in seen.document.select("p")]
        further = links(seen, NO_RULES, first=first, number=number)
        if not paragraphs:
            return Part(draft=None, links=further, error=ExtractError(fetched.url, "no text"))
        return Part(draft=draft(*paragraphs), links=further)

    async def article(self):
        fetched = await self.get(f"{SITE}/story")
        self.asked.clear()
        return await whole(await self.look(fetched, fetched.url, 1), self.get, self.look, fetched.url)


LONG = "The harbour master said that the new breakwater had held through the night. " * 8


def paragraphs(*words):
    return "".join(f"<p>{LONG} {word}.</p>" for word in words)


async def test_pages_are_followed_to_the_last_and_joined():
    paper = Paper(
        {
            "/story": paragraphs("one") + '<a href="?page=2">2</a>',
            "/story?page=2": paragraphs("one", "two") + '<a href="?page=3">3</a>',
            "/story?page=3": paragraphs("three"),
        }
    )
    part = await paper.article()
    assert paper.asked == ["/story?page=2", "/story?page=3"]
    assert part.draft.body == draft(*(f"{LONG} {word}." for word in ("one", "two", "three"))).body


async def test_a_single_page_is_taken_instead():
    paper = Paper(
        {
            "/story": paragraphs("one") + '<a href="?page=2">2</a><a href="?page=all">All</a>',
            "/story?page=all": paragraphs("one", "two"),
        }
    )
    assert markup.text((await paper.article()).draft.body).count("breakwater") == 16
    assert paper.asked == ["/story?page=all"]


async def test_a_single_page_that_has_less_is_not():
    paper = Paper(
        {
            "/story": paragraphs("one") + '<a href="?page=2">2</a><a href="?page=all">All</a>',
            "/story?page=all": "<p>Please log in.</p>",
            "/story?page=2": paragraphs("two"),
        }
    )
    assert "two." in (await paper.article()).draft.body


async def test_a_shell_is_filled_from_another_version():
    paper = Paper({"/story": '<link rel="amphtml" href="/story/amp">', "/story/amp": paragraphs("one")})
    assert "one." in (await paper.article()).draft.body


async def test_a_shell_without_another_version_stays_what_it_is():
    part = await Paper({"/story": "<div id=app></div>"}).article()
    assert part.draft is None
    assert "no text" in str(part.error)


async def test_a_page_that_fails_leaves_what_there_is():
    paper = Paper({"/story": paragraphs("one") + '<a href="?page=2">2</a>'})
    assert "one." in (await paper.article()).draft.body


async def test_a_server_that_shows_the_first_page_for_any_number_is_asked_once():
    class Same(Paper):
        async def get(self, url, **options):
            self.pages[url.removeprefix(SITE)] = self.pages["/story"]
            return await super().get(url, **options)

    paper = Same({"/story": paragraphs("one") + "".join(f'<a href="?page={n}">{n}</a>' for n in range(2, 9))})
    assert (await paper.article()).draft == draft(f"{LONG} one.")
    assert paper.asked == ["/story?page=2"]


async def test_an_endless_article_ends():
    class Endless(Paper):
        async def get(self, url, **options):
            path = url.removeprefix(SITE)
            number = int(path.partition("=")[2] or 1)
            self.pages[path] = paragraphs(f"number {number}") + f'<a href="/story?page={number + 1}">Next</a>'
            return await super().get(url, **options)

    part = await Endless({}).article()
    assert markup.text(part.draft.body).count("number") == MAX_PARTS


def test_what_is_known_of_parts_is_known_of_the_whole():
    one = replace(draft("One"), score=0.9, findings=("a", "b"))
    two = replace(draft("Two"), score=0.4, findings=("b", "c"), partial=True)
    whole_one = joined([one, two])
    assert (whole_one.score, whole_one.partial, whole_one.findings) == (0.4, True, ("a", "b", "c"))


def test_one_part_is_itself():
    one = draft("One")
    assert joined([one]) is one


@pytest.mark.parametrize(
    "link",
    [
        pytest.param('<a href="?page=2">x</a>', id="numbers"),
        pytest.param('<div class="comments"><a href="?page=2">2</a>', id="comments"),
        pytest.param('<a href="https://other.example/print/story">x</a>', id="prints"),
        pytest.param('<a href="/x?page=all">x</a>', id="wholes"),
    ],
)
def test_many_links_cost_little(link):
    seen = page(link * 50_000 + '<link rel="next" href="?page=2">' * 300)
    assert steps(lambda: links(seen, Rules(next_page=css("b", "a"), single_page=css("a")))) < 50_000 * len(link)
    assert steps(lambda: links(seen, NO_RULES)) < 50_000 * len(link)
