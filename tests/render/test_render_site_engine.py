"""What templates of the site are filled in by: everything is escaped as Jinja does it, and fragments are right wherever they are shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import DictLoader, Environment, StrictUndefined, UndefinedError
from markupsafe import Markup
from msgspec import structs
from render_samples import ENGLISH, OPTIONS
from selectolax.lexbor import LexborHTMLParser

from pappus.errors import BuildError
from pappus.render.site import Site
from pappus.render.site.engine import Engine
from pappus.render.site.fragment_cache import FragmentCache

MACROS = "{% macro cell(one, mark='b') %}<{{ mark }}>{{ one }}{{ caller() if caller is defined else '' }}</{{ mark }}>{% endmacro %}"
TEXT = """{{ value }} {% set copy = value %}{{ copy ~ '<' }} {{ shout(value, more=value) }} {{ parts.cell(value) }}
{%- call parts.cell(value, 'i') %}{{ value }}{% endcall %}
{%- for one in [value, 1, none] %}{{ loop.index }}{{ one }}{{ shout(one) }}{% endfor %}"""


def shout(value, more=""):
    return f"{value}!{more}"


def filled(make, value) -> str:
    environment = make(
        loader=DictLoader({"a": TEXT, "parts": MACROS}), autoescape=True, undefined=StrictUndefined, auto_reload=False
    )
    environment.globals |= {"shout": shout}
    environment.globals["parts"] = environment.get_template("parts").module
    if isinstance(environment, Engine):
        return environment.write("a", {"value": value})
    return environment.get_template("a").render(value=value)


@given(
    st.text() | st.text().map(Markup) | st.integers() | st.sampled_from(["<b>", "a & b", "\"'", Markup("<b>&amp;</b>")])
)
def test_a_template_says_what_jinja_alone_would_say(value):
    assert filled(Engine, value) == filled(Environment, value)


def engine(texts: dict[str, str]) -> tuple[Engine, FragmentCache]:
    made = Engine(loader=DictLoader(texts), autoescape=True, undefined=StrictUndefined, extensions=[FragmentCache])
    cache = made.extensions[FragmentCache.identifier]
    assert isinstance(cache, FragmentCache)
    return made, cache


def test_a_part_of_which_nothing_is_written_is_kept_as_well():
    made, cache = engine({"a": "{% cache one %}{{ said(one) }}{% endcache %}{{ cache() }}"})
    said = []
    for _ in range(2):
        cache.begin("here")
        assert (
            made.write("a", {"one": 1, "said": lambda one: said.append(one) or "", "cache": lambda: cache.writing})
            == "0"
        )
    assert said == [1]


def test_a_part_is_written_once_for_each_place_and_what_the_tag_names():
    made, cache = engine({"a": "{% cache one %}{{ say() }}{% cache %}<{% endcache %}{{ one }}{% endcache %}|{{ one }}"})
    said = []

    def write(place, one):
        cache.begin(place)
        return made.write("a", {"one": one, "say": lambda: said.append(one) or ""})

    assert [write(1, "&"), write(1, "&"), write(2, "&"), write(1, "b")] == ["<&amp;|&amp;"] * 3 + ["<b|b"]
    assert said == ["&", "&", "b"]


def test_a_name_that_is_not_there_is_an_error_inside_a_part_too():
    made, cache = engine({"a": "{% cache %}{{ nothing }}{% endcache %}"})
    cache.begin(1)
    with pytest.raises(UndefinedError):
        made.write("a", {})


def test_links_in_a_part_are_right_in_every_folder_of_the_same_depth():
    own = "{% cache %}<a class=x href='{{ file('pages/gazette/2026/11/03/other.html') }}'></a>{% endcache %}"
    edition = Site(structs.replace(OPTIONS, templates=(("page.html", own),)))
    other = structs.replace(ENGLISH, published=ENGLISH.published.replace(day=9))
    found = [LexborHTMLParser(edition.pages(one, {})[0].body.decode()).css_first("a") for one in (ENGLISH, other)]
    assert [one.attributes["href"] for one in found] == ["../../../../../pages/gazette/2026/11/03/other.html"] * 2


def test_parts_of_the_operators_are_wrong_in_one_line():
    with pytest.raises(BuildError, match=r"template parts\.html: line 1"):
        Site(structs.replace(OPTIONS, templates=(("parts.html", "{% if %}"),))).pages(ENGLISH, {})
