"""The site in real Chromium: on a host, below a path, from a folder, without scripts, without a network; by keyboard and by axe's rules."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from pipeline_host import CHROMIUM, SITE_MIRROR, Host
from pipeline_house import channels, load, run, toml
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page

    from pappus.demo.newspaper import Newspaper

BELOW = "/some/deep/path/"
MARKUP = 'an image with srcset="one.webp 400w" in it'
PHONE = {"width": 360, "height": 740}
EDITIONS = """
[[editions]]
name = "markdown"
[[editions]]
name = "site"
variants = false
"""
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}

pytestmark = [
    pytest.mark.chromium,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]


@pytest.fixture(scope="module")
def site(printing_house: Newspaper, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that a directory mirror of the site shows; how pictures are shown in variants is looked at elsewhere."""
    folder = tmp_path_factory.mktemp("site")
    printing_house._reached = frozenset()
    printing_house._reach()
    text = toml(printing_house.url, channels(), extra=EDITIONS + SITE_MIRROR)
    (folder / "pappus.toml").write_text(
        f'recommended = ["{printing_house.url}/en/lighthouse-open-day.html"]\n{text}', encoding="utf-8"
    )
    run(load(folder))
    return folder / "mirrors" / "site"


@pytest.fixture
def host(site: Path) -> Iterator[Host]:
    with Host(site, BELOW) as host:
        yield host


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=PHONE)
    yield context
    context.close()


class Watched:
    """A page that keeps what it asked for and what went wrong."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked: list[str] = []
        self.told: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda message: self.told.append(message.text))
        page.on("pageerror", lambda error: self.told.append(str(error)))

    def went_out(self, origin: str) -> list[str]:
        return [url for url in self.asked if not url.startswith(origin)]


def kinds(site: Path) -> list[str]:
    """Return the path of one page of every kind, and of an article in every language."""
    pages = [path.relative_to(site).as_posix() for path in sorted(site.rglob("*.html"))]
    found: dict[str, str] = {}
    for path in pages:
        folder, _, name = path.rpartition("/")
        kind = path if not folder or name in {"hot.html", "recommended.html"} else folder
        if path.startswith("pages/"):
            kind = "pages/" + path.split("/")[1]
        found.setdefault(kind, path)
    return sorted(found.values())


@pytest.mark.slow
def test_every_kind_of_page_is_for_everybody_and_stays_on_its_origin(
    site: Path, host: Host, context: BrowserContext
) -> None:
    view = Watched(context.new_page())
    faults = []
    for path in kinds(site):
        for scheme in ("light", "dark"):
            view.page.emulate_media(color_scheme=scheme)
            view.page.goto(host.address + path)
            assert not view.page.evaluate("document.documentElement.scrollWidth > innerWidth"), path
            found = Axe().run(view.page, options=RULES).response["violations"]
            faults += [(path, scheme, fault["id"], fault["nodes"][0]["html"][:200]) for fault in found]
    assert faults == []
    assert view.went_out(host.address) == []
    assert view.told == []


def test_axe_finds_what_is_wrong(host: Host, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(host.address)
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=\"icon.png\">')")
    assert [found["id"] for found in Axe().run(page, options=RULES).response["violations"]] == ["image-alt"]


@pytest.mark.parametrize("width", [320, 800, 1200])
def test_no_width_and_no_zoom_makes_a_page_scroll_sideways(
    width: int, site: Path, host: Host, context: BrowserContext
) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 640})
    for path in kinds(site):
        page.goto(host.address + path)
        page.evaluate("document.documentElement.classList.add('largest')")
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), path


def test_the_search_is_no_wider_than_the_page_whatever_a_channel_is_called(host: Host, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(host.address + "search.html")
    page.evaluate("document.forms.search.channel.add(new Option('A channel with a long name '.repeat(9)))")
    assert page.evaluate("document.forms.search.channel.options[1].value")
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_titles_written_from_the_right_begin_at_the_right_among_others_too(host: Host, context: BrowserContext) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(host.address)
    edges = page.locator("main li bdi[dir=rtl]").evaluate_all(
        """titles => titles.map(title => {
            const range = document.createRange();
            range.selectNodeContents(title);
            return [...new Set([...range.getClientRects()].map(line => Math.round(line.right)))];
        })"""
    )
    assert len(edges) > 3
    assert all(len(one) == 1 for one in edges), "all lines of a title end where the first begins"


def test_code_is_code_whatever_script_is_around_it(site: Path, host: Host, context: BrowserContext) -> None:
    page = context.new_page()
    for name in ("tea-house", "fog-week"):  # in Persian and in Chinese
        (path,) = site.rglob(f"{name}.html")
        page.goto(host.address + path.relative_to(site).as_posix())
        line = "ferry --night; " * 20
        page.evaluate(
            "text => document.querySelector('.text').insertAdjacentHTML('beforeend', text)",
            f"<pre>{line}</pre><p><code>--night</code></p>",
        )
        assert page.evaluate("getComputedStyle(document.querySelector('pre')).fontFamily").startswith("ui-monospace")
        assert page.evaluate("(box => box.scrollWidth <= box.clientWidth)(document.querySelector('pre'))")
        first, last = page.evaluate(
            """[0, 6].map(at => {
                const range = document.createRange();
                const text = document.querySelector('.text p:last-child code').firstChild;
                range.setStart(text, at);
                range.setEnd(text, at + 1);
                return range.getBoundingClientRect().left;
            })"""
        )
        assert first < last, "the dashes stand before the word"


def test_a_folder_is_a_site_too(site: Path, context: BrowserContext) -> None:
    view = Watched(context.new_page())
    for path in kinds(site):
        view.page.goto((site / path).as_uri())
        assert view.page.title() != ""
    view.page.goto((site / "index.html").as_uri())
    view.page.click(".comfort summary")
    view.page.click("[data-choice=dark]")
    assert view.page.evaluate("document.documentElement.className") == "dark"
    assert view.went_out("file://") == []
    assert view.told == []


def test_reading_needs_no_script(site: Path, host: Host, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    page = context.new_page()
    page.goto(host.address)
    page.click("main a[href^='pages/']:visible")
    assert page.locator("main h1").is_visible()
    assert page.locator("main .text p").count() > 2
    for control in (
        ".comfort",
        "[data-copy]",
        "[data-share]",
        "[data-app]",
        "[data-kept]",
        "[data-newer]",
        "[data-keep]",
    ):
        assert not page.locator(control).is_visible(), control
    context.close()


def article_of(page: Page, home: str) -> str:
    """Open the first article of the first page. Returns its address."""
    page.goto(home)
    page.click("main a[href^='pages/']:visible")
    page.wait_for_load_state()
    return page.url


def test_a_choice_holds_on_the_next_page_and_is_forgotten_when_asked(host: Host, context: BrowserContext) -> None:
    page = context.new_page()
    article_of(page, host.address)
    assert page.evaluate("localStorage.length") == 0
    page.click(".comfort summary")
    page.click("[data-choice=dark]")
    page.click("[data-choice=largest]")
    page.click("[data-choice=larger]")
    page.goto(host.address)
    assert page.evaluate("document.documentElement.className") == "dark larger"
    assert page.locator("[data-choice=larger]").get_attribute("aria-pressed") == "true"
    page.click(".comfort summary")
    page.click("[data-forget]")
    expect(page.locator(".comfort [role=status]")).not_to_be_empty()
    assert page.evaluate("document.documentElement.className + localStorage.length") == "0"


def test_sites_on_one_host_know_nothing_of_one_another(site: Path, context: BrowserContext, tmp_path: Path) -> None:
    page = context.new_page()
    for name in ("one", "other"):
        (tmp_path / name).symlink_to(site)
    with Host(tmp_path) as host:
        for name, choice in (("one", "dark"), ("other", "larger")):
            page.goto(f"{host.address}{name}/guide.html")
            page.click(".comfort summary")
            page.click(f"[data-choice={choice}]")
        article_of(page, host.address + "one/")
        assert page.evaluate("document.documentElement.className") == "dark"
        page.click(".comfort summary")
        page.click("[data-forget]")
        expect(page.locator(".comfort [role=status]")).not_to_be_empty()
        article_of(page, host.address + "other/")
        assert page.evaluate("document.documentElement.className") == "larger"


def test_text_alone_loads_no_image(host: Host, browser: Browser) -> None:
    asked = {}
    for choice in ("", "text"):
        context = browser.new_context(viewport=PHONE)
        page = context.new_page()
        page.goto(host.address + "guide.html")
        page.click(".comfort summary")
        page.click(f"[data-group=text][data-choice='{choice}']")
        kinds: list[str] = []
        page.on("request", lambda request, kinds=kinds: kinds.append(request.resource_type))
        with contextlib.nullcontext() if choice else page.expect_request(lambda one: one.resource_type == "image"):
            article_of(page, host.address)
            page.evaluate("scrollTo(0, document.body.scrollHeight)")
        page.wait_for_timeout(300)
        asked[choice] = kinds
        context.close()
    assert "image" in asked[""]
    assert "document" in asked["text"]
    assert "image" not in asked["text"]


def test_text_alone_leaves_no_room_for_pictures(host: Host, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(host.address)
    assert page.locator(".shot").first.bounding_box()
    page.evaluate("document.documentElement.className = 'text'")
    assert page.locator(".shot").first.bounding_box() is None, "not even an empty box, beside which titles break"


def test_what_was_kept_is_read_when_the_server_is_gone(site: Path, context: BrowserContext, tmp_path: Path) -> None:
    page = context.new_page()
    told: list[str] = []
    page.on("pageerror", lambda error: told.append(str(error)))
    shutil.copytree(site, tmp_path / "site")
    for path in tmp_path.glob("site/pages/**/*.html"):  # as if articles spoke of how pages are made
        path.write_text(path.read_text(encoding="utf-8").replace("</p>", f" {MARKUP}</p>"), encoding="utf-8")
    with Host(tmp_path / "site", BELOW) as host:
        page.goto(host.address + "indexes/harbour.html")
        assert page.evaluate("navigator.serviceWorker.getRegistrations().then(all => all.length)") == 0
        articles = "new Set([...document.querySelectorAll('main a[href*=\"pages/\"]')].map(one => one.href)).size"
        count = page.evaluate(articles)
        page.click("[data-keep] button")
        expect(page.locator("[data-keep] button")).to_be_enabled()
        said = page.locator("[data-keep] [role=status]").inner_text()
        assert f"{count + 1} of {count + 1}" in said
    page.reload()
    page.click("main a[href*='pages/']:visible")
    page.wait_for_load_state()
    assert "/pages/" in page.url
    assert page.locator("main .text p").count() > 2
    expect(page.locator("[data-kept]")).to_be_visible()
    expect(page.locator("main .text p").first).to_contain_text(MARKUP)
    for image in page.locator("main figure img").all():
        image.scroll_into_view_if_needed()
        assert image.evaluate("image => image.decode().then(() => image.naturalWidth > 0)")
    page.goto(host.address + "indexes/not-kept.html")
    assert page.url.endswith("offline.html")
    assert page.locator("main h1").is_visible()
    page.goto(host.address)
    page.click(".comfort summary")
    page.click("[data-forget]")
    expect(page.locator(".comfort [role=status]")).not_to_be_empty()
    assert page.evaluate("caches.keys()") == []
    assert told == []


def test_where_a_host_leaves_html_out_of_addresses_the_page_for_no_network_is_shown_too(
    site: Path, context: BrowserContext
) -> None:
    page = context.new_page()
    with Host(site, BELOW, bare=True) as host:
        page.goto(host.address + "indexes/harbour.html")
        page.click("[data-keep] button")
        expect(page.locator("[data-keep] button")).to_be_enabled()
    page.goto(host.address + "indexes/not-kept.html")
    assert page.url.endswith("offline.html")
    assert page.locator("main h1").is_visible()


KEPT = "caches.keys().then(async names => (await (await caches.open(names[0])).keys()).map(one => one.url))"


def until_kept(page: Page, address: str) -> None:
    """Wait until the browser has kept what it was given: it does so after it has shown it."""
    while address not in page.evaluate(KEPT):
        page.wait_for_timeout(20)


def test_what_is_read_after_that_is_kept_too(site: Path, context: BrowserContext) -> None:
    page = context.new_page()
    with Host(site, BELOW) as host:
        page.goto(host.address + "indexes/harbour.html")
        page.click("[data-keep] button")
        expect(page.locator("[data-keep] button")).to_be_enabled()
        page.goto(host.address + "guide.html?one")
        page.goto(host.address + "guide.html?two")
        page.goto(host.address + "indexes/hot.html")
        until_kept(page, host.address + "indexes/hot.html")
    page.goto(host.address + "indexes/hot.html")
    assert page.locator("main h1").is_visible()
    expect(page.locator("[data-kept]")).to_be_visible()
    page.goto(host.address + "guide.html?three")
    assert page.url.endswith("guide.html?three")
    expect(page.locator("[data-kept]")).to_be_visible()
    kept = page.evaluate(KEPT)
    assert [url for url in kept if "?" in url] == []
    assert kept.count(host.address + "guide.html") == 1


def test_who_keeps_pages_again_after_all_was_forgotten_has_the_page_for_no_network_too(
    site: Path, context: BrowserContext
) -> None:
    page = context.new_page()
    with Host(site, BELOW) as host:
        page.goto(host.address + "indexes/harbour.html")
        page.click("[data-keep] button")
        expect(page.locator("[data-keep] button")).to_be_enabled()
        page.click(".comfort summary")
        page.click("[data-forget]")
        expect(page.locator(".comfort [role=status]")).not_to_be_empty()
        page.click("[data-keep] button")
        expect(page.locator("[data-keep] button")).to_be_enabled()
    page.goto(host.address + "indexes/not-kept.html")
    assert page.url.endswith("offline.html")
    page.goto(host.address)
    assert page.locator("main h1, main h2").first.is_visible()


def test_nothing_is_kept_of_other_sites_below_nor_after_all_was_forgotten(
    site: Path, context: BrowserContext, tmp_path: Path
) -> None:
    shutil.copytree(site, tmp_path / "site")
    (tmp_path / "site" / "mail").mkdir()
    (tmp_path / "site" / "mail" / "index.html").write_text("a letter", encoding="utf-8")
    page = context.new_page()
    with Host(tmp_path / "site", BELOW) as host:
        page.goto(host.address + "offline.html")
        page.goto(host.address + "indexes/harbour.html")
        page.click("[data-keep] button")
        expect(page.locator("[data-keep] button")).to_be_enabled()
        page.evaluate("fetch('../mail/index.html').then(answer => answer.text())")
        page.evaluate("fetch('../mirrors.html').then(answer => answer.text())")
        until_kept(page, host.address + "mirrors.html")
        assert host.address + "mail/index.html" not in page.evaluate(KEPT)
        page.click(".comfort summary")
        page.click("[data-forget]")
        expect(page.locator(".comfort [role=status]")).not_to_be_empty()
        page.evaluate("fetch('../mirrors.html').then(answer => answer.text())")
        page.wait_for_timeout(300)
        assert page.evaluate("caches.keys()") == []


def test_a_page_that_is_not_there_leads_home_and_to_no_other_host(site: Path, context: BrowserContext) -> None:
    page = context.new_page()
    lost = (site / "404.html").read_text(encoding="utf-8")
    page.route("**/*", lambda route: route.fulfill(status=404, body=lost, content_type="text/html"))
    ways = {
        "/pages/x/y.html": "/index.html",
        "/a/b/pages/x/y.html": "/a/b/index.html",
        "//evil.example/pages/x": "/evil.example/index.html",
        "//evil.example/x": "/evil.example/index.html",
    }
    for path, way in ways.items():
        page.goto("https://news.example" + path)
        assert page.evaluate("document.getElementById('way').href") == "https://news.example" + way


def test_a_page_is_read_by_keyboard_alone(host: Host, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(host.address)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().height") > 20
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    page.locator(".comfort summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.documentElement.className") == "dark"


@pytest.mark.parametrize(
    ("agent", "inside"),
    [
        ("Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 Chrome/110 Mobile MicroMessenger/8.0", True),
        ("Mozilla/5.0 (iPhone) AppleWebKit/605.1 [FBAN/FBIOS;FBAV/400.0]", True),
        ("Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 Chrome/110 Mobile Safari/537.36", False),
    ],
)
def test_a_browser_inside_an_app_is_told_of_alone(agent: str, inside: bool, host: Host, browser: Browser) -> None:
    context = browser.new_context(user_agent=agent)
    page = context.new_page()
    page.goto(host.address)
    assert page.locator("[data-app]").is_visible() is inside
    context.close()


def test_sharing_shows_where_there_is_a_way(host: Host, browser: Browser) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    context.add_init_script("navigator.share = what => { window.shared = what; return Promise.resolve(); }")
    page = context.new_page()
    address = article_of(page, host.address)
    page.click("[data-share]")
    assert page.evaluate("window.shared.url") == address
    page.click("[data-copy]")
    expect(page.locator(".share [role=status]")).not_to_be_empty()
    assert page.evaluate("navigator.clipboard.readText()") == address
    context.close()


@pytest.mark.skipif(shutil.which("w3m") is None, reason="w3m is not installed")
def test_a_browser_of_text_shows_the_text_and_nothing_that_only_scripts_can_do(site: Path) -> None:
    (page,) = site.rglob("winter-timetable.html")
    read = dumped(page)
    assert "Island ferry keeps four sailings" in read
    assert "Original address" in read
    for words in ("Largest text", "Forget this site", "inside an app", "this browser kept", "Copy the address"):
        assert words not in read
    assert "Words to look for" not in dumped(site / "search.html")
    assert "Harbour" in dumped(site / "search.html")
    front = dumped(site / "index.html")
    assert "eighty-four steps" in front
    assert not re.search("[0-9a-f]{12}", front), "the name of a picture's file"


def dumped(page: Path) -> str:
    """Return a page as w3m shows it."""
    command = ["w3m", "-dump", "-T", "text/html", str(page)]
    return subprocess.run(command, capture_output=True, check=True, text=True, timeout=60).stdout
