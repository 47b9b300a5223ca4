"""The search of a site: the same by whatever way it came to be what it is, and used as readers do, in a real browser."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from pipeline_host import CHROMIUM, Host
from pipeline_room import CHANNELS, START, Room
from playwright.sync_api import expect

from pappus.model import BY_PUBLISHER
from pappus.render.site.search import blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page, Route

WORDS = (
    "harbour ferry quay tide mill bridge Käse naïve 2026 Санкт гавань اخبار می‌خواهم بندر"
    " 渡轮 港口 停航 北京大学 かもめ 항구 ဆိပ်ကမ်း ท่าเรือ"
).split()


class Shelves(Room):
    """A newsroom of articles of many words."""

    def put(self, number: int) -> None:
        """Store an article, or a revision of it."""
        words = self.source.choices(WORDS, k=30)
        self.keep(
            number,
            self.source.choice(CHANNELS),
            START + timedelta(days=number),
            title=" ".join(words[:3]),
            body=f"<p>{' '.join(words)}</p><p>{''.join(words[:9])}</p>",
            language="en",
        )


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Shelves]:
    with Shelves.opened(tmp_path, seed=7) as room:
        yield room


def step(room: Shelves, known: list[int]) -> None:
    """Do something to the store that may happen to it."""
    articles, chosen = room.store.articles, room.source.choice(known)
    match room.source.choice(["new", "new", "many", "revise", "revise", "withdraw", "purge", "enlist"]):
        case "new":
            known.append(len(known))
            room.put(known[-1])
        case "many":
            for _ in range(room.source.randint(10, 90)):
                known.append(len(known))
                room.put(known[-1])
        case "revise":
            room.put(chosen)  # which brings one back that was withdrawn
        case "withdraw":
            articles.withdraw(chosen + 1, BY_PUBLISHER, room.now)
        case "purge":
            room.store.withdrawals.purge(chosen + 1, "by order of a court", room.now)
        case _:
            articles.enlist(chosen + 1, "港口")


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2))])
def test_step_by_step_and_at_once_give_the_same_bytes(room, seed):
    room.source.seed(seed)
    known = [0]
    room.put(0)
    for _ in range(25):
        for _ in range(room.source.randint(1, 3)):
            step(room, known)
        room.build()
    by_steps = room.files("search/*")
    assert len(known) > 200, "so that there are several segments"
    room.build(full=True)
    assert room.files("search/*") == by_steps
    room.store.database.execute("DELETE FROM artifact WHERE path LIKE 'search/%'")
    room.store.database.execute("DELETE FROM search_block")
    room.build(full=True)
    assert room.files("search/*") == by_steps


def test_a_new_article_rewrites_a_handful_of_files(room):
    for number in range(650):
        room.put(number)
    room.build()
    before = room.files("search/*")
    for number in range(650, 660):
        room.put(number)
    room.build()
    after = room.files("search/*")
    assert len(before) > 170
    changed = {path for path, digest in after.items() if before.get(path) != digest}
    assert "search/index.js" in changed
    assert len(changed) < 20
    assert not before.keys() - after.keys()


def test_of_an_archive_that_comes_at_once_no_terms_are_remembered(room, monkeypatch):
    compared = []

    def differences(before: Iterable[str], after: Iterable[str]) -> dict[str, str]:
        found = blocks.differences(before, after)
        compared.append(len(found))
        return found

    monkeypatch.setattr("pappus.pipeline.search.blocks", SimpleNamespace(**vars(blocks) | {"differences": differences}))
    for number in range(70):
        room.put(number)
    room.build()
    for number in range(65, 700):  # in the last block, which becomes part of a new segment
        room.put(number)
    room.build()
    assert compared == []
    room.put(699)  # in the newest block, whose leaves are written anew
    room.build()
    assert compared == []
    room.put(3)
    room.build()
    assert len(compared) == 1


def test_what_is_withdrawn_is_nowhere_in_the_search(room):
    for number in range(130):
        room.put(number)
    room.build()
    room.keep(40, "harbour", START, title="Zephyr", body="<p>The quartermaster 秘密会议 said so.</p>")
    room.build()
    assert all(word in room.text("search/*") for word in ("rtermaster", "密", "Zephyr", "hyr #"))
    room.store.withdrawals.purge(41, "by order of a court", room.now)
    room.build()
    assert not any(word in room.text("search/*") for word in ("rtermaster", "密", "Zephyr", "hyr #"))
    assert "mill" in room.text("search/*")


# In a browser

STORIES = (
    ("The night ferry", "The night ferry to Käsewick stops in winter. The quartermaster said so.", "harbour", 0),
    ("市议会讨论夜间渡轮", "<b>北京大</b>学的研究人员说，夜间渡轮冬季停航，居民表示不满。", "港口", 0),
    ("Ferry, ferry, ferry", "Ferry. Ferry. Ferry. Ferry. Nothing else.", "港口", 70),
    ("BBC: بندر در زمستان", "مسافران می‌خواهند کشتی شبانه بماند. نمی دانم.", "harbour", 70),
    ("ဆိပ်ကမ်းသတင်း", "မန္တလေးမြို့ ဆိပ်ကမ်း ပိတ်သည်။", "harbour", 70),
    ("Tides of November", "A table of tides, and a ferry.", "harbour", 140),
)
LANGUAGES = {3: "fa"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site in a folder within a folder, as it is under any path and on a memory card."""
    folder = tmp_path_factory.mktemp("search")
    with Shelves.opened(folder) as room:
        for number, (title, text, channel, days) in enumerate(STORIES):
            published = START + timedelta(days=days, hours=number)
            room.keep(
                number, channel, published, title=title, body=f"<p>{text}</p>", language=LANGUAGES.get(number, "en")
            )
        for number in range(len(STORIES), 150):
            room.put(number)
        room.build()
        room.write(folder / "web/news/copy")
    return folder / "web"


class Reader:
    """Somebody at the page of the search."""

    def __init__(self, view: Page, address: str) -> None:
        self.view = view
        self.asked: list[str] = []
        self.told: list[str] = []
        view.on("request", lambda request: self.asked.append(request.url))
        view.on("console", lambda message: self.told.append(message.text))
        view.on("pageerror", lambda error: self.told.append(str(error)))
        view.goto(address)

    def look(self, words: str) -> list[str]:
        """Type words and press Enter. Returns the titles of what is found."""
        self.view.fill("#search-words", words)
        self.view.press("#search-words", "Enter")
        return self.titles()

    def titles(self) -> list[str]:
        self.view.locator("#search-said", has_text="rticle").wait_for()
        return self.view.locator("#search-found a").all_inner_texts()

    @property
    def said(self) -> str:
        return self.view.inner_text("#search-said")


@pytest.fixture(params=["from a folder", "under a path"])
def reader(request, site, browser) -> Iterator[Reader]:
    with Host(site) as host, browser.new_context(viewport={"width": 320, "height": 640}) as context:
        place = host.origin if request.param == "under a path" else site.as_uri()
        one = Reader(context.new_page(), f"{place}/news/copy/search.html")
        yield one
        assert [url for url in one.asked if not url.startswith(f"{place}/news/copy/")] == []
        assert one.told == []
        assert context.storage_state() == {"cookies": [], "origins": []}


SHORT = {"ENOUGH = 16384": "ENOUGH = 1", "BUDGET = 49152": "BUDGET = 1"}


def altered(folder: Path, limits: dict[str, str]) -> str:
    """Write a page of the search whose script has other limits. Returns its address."""
    script = (folder / "search.js").read_text()
    for usual, tight in limits.items():
        assert usual in script
        script = script.replace(usual, tight)
    (folder / "altered.js").write_text(script)
    page = folder / "altered.html"
    page.write_text((folder / "search.html").read_text().replace("search.js", "altered.js"))
    return page.as_uri()


def name_of(route: Route) -> str:
    """Return the name of the file of a search that is asked for."""
    return route.request.url.split("/search/")[1].removesuffix(".js")


def send(route: Route, content: object) -> None:
    """Answer with a file that hands this over."""
    call = f"pappusSearch({json.dumps(name_of(route))}, {json.dumps(content)})"
    route.fulfill(content_type="text/javascript", body=call)


@contextmanager
def made_up(site: Path, browser: Browser, answer: Callable[[Route], None]) -> Iterator[Reader]:
    """Give a reader of an archive of which nothing is there: files of its search come from ``answer``."""
    with Host(site) as host, browser.new_context() as context:
        context.route("**/search/**", answer)
        reader = Reader(context.new_page(), f"{host.origin}/news/copy/search.html")
        yield reader
        assert reader.told == []


FOUND = {
    "京大学的": 1,
    "夜间": 1,
    "研究人员": 1,
    "研究人員": 1,
    "夜": 1,
    "KASEWICK": 0,
    "quarterma": 0,
    "winter quartermaster": 0,
    "میخواهند": 3,
    "مي‌خواهند شبانه": 3,
    "မန္တလေး": 4,
    "النوفمبر": None,
    "😀": None,
    "(.*)+": None,
    "__proto__": None,
}


@pytest.mark.chromium
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_what_stands_anywhere_is_found_and_only_that(reader):
    for words, number in FOUND.items():
        expected = [] if number is None else [STORIES[number][0]]
        told = "Articles found: 1." if expected else "No article has all of these words."
        assert (words, reader.look(words), reader.said) == (words, expected, told)


@pytest.mark.chromium
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_of_a_text_that_was_pasted_the_beginning_is_looked_for(reader):
    reader.view.click("#search-words")
    reader.view.keyboard.insert_text("night ferry " * 500)
    assert len(reader.view.input_value("#search-words")) == 100


@pytest.mark.chromium
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_nothing_is_loaded_before_something_is_typed_and_little_then(reader):
    reader.view.wait_for_load_state("networkidle")
    assert not [url for url in reader.asked if "/search/" in url]
    reader.view.locator("#search-words").press_sequentially("quarterma")
    assert reader.titles() == [STORIES[0][0]]
    assert len([url for url in reader.asked if "/search/" in url]) <= 6
    reader.look("quarterma")
    assert len(reader.asked) == len(set(reader.asked))


@pytest.mark.chromium
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_no_leaves_are_loaded_of_words_that_stand_beside_one_that_no_article_has(reader):
    assert reader.look("quartermistress ") == []
    loaded = len(reader.asked)
    assert reader.look("winter quartermistress harbour gulls tide night winters ") == []
    assert len(reader.asked) == loaded


@pytest.mark.chromium
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
@pytest.mark.parametrize("answer", [{"status": 404}, {"status": 200, "body": "<!doctype html>"}, {"body": ""}])
def test_what_does_not_come_is_told_and_asked_for_again(answer, site, browser):
    with Host(site) as host, browser.new_context() as context:
        one = Reader(context.new_page(), f"{host.address}news/copy/search.html")
        one.view.route("**/search/index.js", lambda route: route.fulfill(**answer))
        one.view.fill("#search-words", "quartermaster")
        one.view.press("#search-words", "Enter")
        one.view.locator("#search-said", has_text="could not be loaded").wait_for()
        one.view.unroute("**/search/index.js")
        assert one.look("quartermaster") == [STORIES[0][0]]


@pytest.mark.chromium
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_results_are_links_with_the_words_marked_that_say_what_is_not_shown(reader):
    reader.look("quartermaster")
    result = reader.view.locator("#search-found li")
    assert result.locator("mark").all_inner_texts() == ["quartermaster"]
    assert "Harbour · January 5, 2026" in result.inner_text()
    reader.view.keyboard.press("Tab")
    for _ in range(6):
        if reader.view.evaluate("document.activeElement.tagName") == "A":
            break
        reader.view.keyboard.press("Tab")
    reader.view.keyboard.press("Enter")
    reader.view.wait_for_url("**/pages/gazette/2026/01/05/story-0.html")
    assert reader.view.inner_text("h1") == STORIES[0][0]
    reader.view.close()
    reader.told.clear()  # the page's QR image is the mirror's to make


@pytest.mark.chromium
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
@pytest.mark.parametrize(
    ("language", "day", "month", "found"),
    [
        ("my", "၂၀၂၆ ဇန်နဝါရီ ၅", "၂၀၂၆ ဇန်နဝါရီ", "၁"),
        ("fa", "۱۵ دی ۱۴۰۴", "ژانویهٔ ۲۰۲۶", "۱"),
        ("ru", "5 января 2026 г.", "январь 2026\u202fг.", "1"),
    ],
)
def test_days_and_numbers_are_written_as_on_pages(language, day, month, found, tmp_path, browser):
    with Shelves.opened(tmp_path, language=language) as room:
        room.keep(0, "harbour", START, title="The night ferry", body="<p>It stops.</p>")
        room.build()
        room.write(tmp_path / "site")
    with Host(tmp_path / "site") as host:
        view = browser.new_page()
        view.goto(f"{host.address}search.html")
        view.fill("#search-words", "ferry")
        expect(view.locator("#search-found li p.hint").last).to_have_text(f"Harbour · {day}")
        assert found in view.inner_text("#search-said")
        assert view.locator("#search-from option").all_inner_texts()[1:] == [month]
        view.close()


@pytest.mark.chromium
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_a_result_runs_as_its_language_does_whatever_letter_it_begins_with(reader):
    reader.look("میخواهند")
    texts = reader.view.locator("#search-found li").locator("a bdi, p:not(.hint) bdi")
    assert texts.evaluate_all("all => all.map(one => getComputedStyle(one).direction)") == ["rtl", "rtl"]


@pytest.mark.chromium
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_channels_and_months_narrow_what_is_found(reader):
    everywhere = reader.look("ferry else")
    assert STORIES[2][0] in everywhere
    reader.view.select_option("#search-channel", "港口")
    reader.view.select_option("#search-from", "2026-03")
    assert reader.look("ferry else") == [STORIES[2][0]]
    reader.view.select_option("#search-until", "2026-03")
    assert reader.look("ferry else") == [STORIES[2][0]]
    reader.view.select_option("#search-from", "")
    reader.view.select_option("#search-until", "2026-02")
    reader.view.locator("#search-said", has_text="No article").wait_for()
    assert reader.titles() == []


@pytest.mark.chromium
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
@pytest.mark.parametrize("limits", [SHORT, {"WIDE = 16": "WIDE = 0"}])
def test_more_and_older_results_come_when_they_are_asked_for(limits, site, browser):
    with browser.new_context() as context:
        reader = Reader(context.new_page(), altered(site / "news/copy", limits))
        newest = reader.look("ferry")
        assert len(newest) == 10
        assert "Only the newest 23 of 150 articles" in reader.said
        reader.view.click("#search-more")
        assert reader.titles()[:10] == newest
        assert reader.view.evaluate(
            "document.activeElement.closest('li') === document.querySelectorAll('#search-found li')[10]"
        )
        while reader.view.locator("#search-older").is_visible() or reader.view.locator("#search-more").is_visible():
            count = len(reader.titles())
            older = reader.view.locator("#search-older")
            (older if older.is_visible() else reader.view.locator("#search-more")).click()
            reader.view.locator(f"#search-found li:nth-child({count + 1})").wait_for()
        assert reader.said == f"Articles found: {len(reader.titles())}."
        assert {STORIES[0][0], STORIES[2][0]} <= set(reader.titles())
        assert reader.told == []


@pytest.mark.chromium
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_a_button_that_is_pressed_twice_shows_nothing_twice(site, browser):
    with browser.new_context() as context:
        reader = Reader(context.new_page(), altered(site / "news/copy", SHORT))
        assert len(reader.look("ferry")) == 10
        reader.view.locator("#search-more").evaluate("button => [1, 2].forEach(() => button.click())")
        reader.view.locator("#search-found li:nth-child(11)").wait_for()
        titles = reader.titles()
        assert len(titles) == len(set(titles))
        assert reader.told == []


@pytest.mark.chromium
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_readers_of_a_large_archive_are_asked_before_much_is_loaded_whatever_it_is(site, browser):
    """Pages that lead to leaves count as leaves do: a large archive has several levels of them."""
    terms = ["a", *(f"b{number:06}" for number in range(6_000))]
    bodies = {"index": [40_000, [[300, 625, 1, ["a"]], [0, 299, 1, ["a"]]], ["2026-01", "2026-02"]]}

    def answer(route: Route) -> None:
        name = name_of(route)
        send(route, bodies.get(name, terms if "/1/" in name else "^quay| 0"))

    with made_up(site, browser, answer) as reader:
        assert reader.look("quartermaster ") == []
        assert "Only the newest 20801 of 40000 articles" in reader.said
        assert not [url for url in reader.asked if "/0-299/" in url]
        reader.view.click("#search-older")
        expect(reader.view.locator("#search-said")).to_have_text("No article has all of these words.")
        assert [url for url in reader.asked if "/0-299/" in url]


@pytest.mark.chromium
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_traditional_signs_are_simplified_before_all_of_a_large_archive_is_looked_through_in_vain(site, browser):
    card = ["gazette/2026/11/03/one", "国家公园", "", "harbour", "zh-Hans"]
    bodies = {
        "index": [40_000, [[300, 625, 0, ["a"]], [0, 299, 0, ["a"]]], ["2026-01", "2026-02"]],
        "simplified": "國国",
        "cards/0/37/128": [card, None],
    }

    def answer(route: Route) -> None:
        name = name_of(route)
        send(route, bodies.get(name, "^国|家 #0" if name.startswith("300-625/") else "^国|际 #0"))

    with made_up(site, browser, answer) as reader:
        assert reader.look("國家") == ["国家公园"]
        assert reader.said == "Articles found: 1."
        files = [url.split("/search/")[1] for url in reader.asked if "/search/" in url]
        assert [one.split("/")[0] for one in files] == ["index.js", "300-625", "simplified.js", "0-299", "cards"]


@pytest.mark.chromium
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_signs_that_another_search_learned_meanwhile_are_simplified_too(site, browser):
    card = ["gazette/2026/11/03/one", "家园", "", "harbour", "zh-Hans"]
    bodies = {
        "index": [20_000, [[0, 312, 0, ["a", "家"]]], ["2026-01", "2026-02"]],
        "simplified": "園园國国",
        "cards/0/0/0": [card, None],
    }
    held: list[Route] = []

    def let_go(route: Route) -> None:
        send(route, bodies.get(name_of(route), "^家|园 #0"))

    def answer(route: Route) -> None:
        held.append(route)
        if name_of(route) in {"index", "cards/0/0/0"} or len(held) == 2:  # the second is the first leaf
            let_go(route)

    with made_up(site, browser, answer) as reader:
        for words, count in (("國家", 3), ("家園", 4)):
            reader.view.fill("#search-words", words)
            reader.view.press("#search-words", "Enter")
            while len(held) < count:
                reader.view.wait_for_timeout(10)
        for route in held[2:]:  # the signs for the first search, then the leaf that the second waits for
            let_go(route)
        assert reader.titles() == ["家园"]


@pytest.mark.chromium
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_who_runs_no_scripts_is_told_so_and_led_to_the_months(site, browser):
    with browser.new_context(java_script_enabled=False) as context:
        view = context.new_page()
        view.goto(f"{site.as_uri()}/news/copy/search.html")
        assert not view.locator("form").is_visible()
        assert "Searching needs a script" in view.inner_text("main")
        view.click('main a:has-text("港口新闻")')
        assert view.inner_text("h1") == "港口新闻"
