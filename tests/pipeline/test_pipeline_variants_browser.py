"""A browser takes the variant that it has room for, of the newest format that it knows; who reads text only loads none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from pipeline_host import CHROMIUM, Host
from pipeline_house import run
from pipeline_photographs import PAGE, begun, pressed
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = [pytest.mark.chromium, pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pressed() as press:
        house = begun(tmp_path_factory.mktemp("photographs") / "house", press)
        run(house.newsroom())
    return house.shown


@pytest.fixture
def served(shown: Path) -> Iterator[str]:
    with Host(shown) as host:
        yield host.address


@pytest.mark.parametrize(("width", "density", "taken"), [(360, 1, 400), (360, 2, 800), (1280, 1, 800), (1280, 2, 1000)])
def test_a_browser_takes_the_newest_format_in_the_width_that_it_has_room_for(
    shown: Path, served: str, browser: Browser, width: int, density: int, taken: int
) -> None:
    said: list[str] = []
    view = browser.new_page(viewport={"width": width, "height": 740}, device_scale_factor=density)
    view.on("console", lambda message: said.append(message.text))
    view.goto(f"{served}{PAGE}.html")
    images = view.locator("picture img").all()
    assert len(images) == 2
    for image in images:
        image.scroll_into_view_if_needed()
        view.wait_for_function("image => image.complete && image.naturalWidth", arg=image.element_handle())
        with Image.open(shown / image.evaluate("image => image.currentSrc").removeprefix(served)) as picture:
            assert (picture.format, picture.width) == ("AVIF", taken)
        levels = [int(part[1]) * 64 + 32 for part in (image.get_attribute("class") or "").split()]
        assert (
            image.evaluate("image => getComputedStyle(image).backgroundColor") == f"rgb({', '.join(map(str, levels))})"
        )
    assert not view.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert said == []


def test_a_page_with_variants_is_for_everybody(served: str, browser: Browser) -> None:
    view = browser.new_page(viewport={"width": 360, "height": 740})
    view.goto(f"{served}{PAGE}.html")
    assert Axe().run(view).response["violations"] == []


def test_where_there_is_no_network_the_form_that_is_kept_is_shown(shown: Path, browser: Browser) -> None:
    view = browser.new_page(viewport={"width": 360, "height": 740})
    with Host(shown) as host:
        view.goto(f"{host.address}indexes/news.html")
        view.click("[data-keep] button")
        expect(view.locator("[data-keep] button")).to_be_enabled()
    view.goto(f"{host.address}{PAGE}.html")
    expect(view.locator("[data-kept]")).to_be_visible()
    images = view.locator("picture img").all()
    assert len(images) == 2
    for image in images:
        image.scroll_into_view_if_needed()
        view.wait_for_function("image => image.complete && image.naturalWidth", arg=image.element_handle())
        assert image.evaluate("image => image.currentSrc").endswith("-400.avif")


def test_a_browser_that_knows_neither_format_takes_the_jpeg(shown: Path, served: str, browser: Browser) -> None:
    view = browser.new_page(viewport={"width": 360, "height": 740}, device_scale_factor=2)
    page = (shown / f"{PAGE}.html").read_text(encoding="utf-8")
    unknown = page.replace('type="image/avif"', 'type="image/x-new"').replace('type="image/webp"', 'type="image/x-old"')
    view.route("**/*.html", lambda route: route.fulfill(body=unknown, content_type="text/html"))
    view.goto(f"{served}{PAGE}.html")
    image = view.locator("picture img").first
    image.scroll_into_view_if_needed()
    view.wait_for_function("image => image.complete && image.naturalWidth", arg=image.element_handle())
    with Image.open(shown / image.evaluate("image => image.currentSrc").removeprefix(served)) as picture:
        assert (picture.format, picture.width) == ("JPEG", 800)


def test_who_reads_text_only_loads_no_image(served: str, browser: Browser) -> None:
    asked: list[str] = []
    view = browser.new_page()
    view.add_init_script(f"localStorage.setItem('pappus-{served}', 'text')")
    view.on("request", lambda request: asked.append(request.url))
    view.goto(f"{served}{PAGE}.html")
    view.evaluate("scrollTo(0, document.body.scrollHeight)")
    view.wait_for_load_state("networkidle")
    assert view.locator("img").count() > 2
    assert [url for url in asked if "/media/" in url] == []
