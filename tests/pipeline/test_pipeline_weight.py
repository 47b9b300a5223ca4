"""Pages of the site are light: the demo newspaper's keep the budgets that `make bench-weight` holds against real articles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bench.weight.edition import make
from bench.weight.pages import demo, read
from bench.weight.scales import FRONT, HEAD, LEAF
from msgspec.structs import astuple

if TYPE_CHECKING:
    from bench.weight.edition import Made


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("weight"), read(demo()), moments=3)


def test_an_article_s_text_begins_within_the_first_packets(made: Made) -> None:
    heads = {leaf.url: leaf.head for leaf in made.leaves}
    assert {url: head for url, head in heads.items() if max(head.gzip, head.brotli) > HEAD} == {}
    assert len(heads) == 34


def test_an_article_s_page_is_light_even_unpacked(made: Made) -> None:
    assert {leaf.url: leaf.whole for leaf in made.leaves if max(astuple(leaf.whole)) > LEAF} == {}


def test_the_front_page_is_light_even_unpacked(made: Made) -> None:
    assert [front.whole for front in made.fronts if max(astuple(front.whole)) > FRONT] == []
    assert len(made.fronts) == 3


def test_nothing_that_a_page_asks_for_is_waited_for(made: Made) -> None:
    assert {page.blocking for page in (*made.leaves, *made.fronts)} == {0}
    assert made.files.keys() == {"manifest.webmanifest", "site.js"}
