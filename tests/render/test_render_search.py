"""Terms, blocks and segments of the search: the same in the program and in the reader's browser, and each term where it is looked for."""

from __future__ import annotations

import random
import re
import shutil
import sys
import unicodedata
from collections import Counter
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import sync_playwright

from pappus.render.site.search import blocks, cards, segments
from pappus.render.site.search.segments import Segment
from pappus.render.site.search.terms import _CLUSTER, GAP, LONGEST, fold, signs_of, terms, text_of
from pappus.render.site.templates import SEARCH, sources

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def found(text: str) -> set[str]:
    both = terms(text)
    return {term for term in (*signs_of(both.signs), *both.words) if GAP not in term}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Straße", "STRASSE"),
        ("İstanbul", "istanbul"),
        ("ışık", "IŞIK"),
        ("Đà Nẵng", "da nang"),
        ("Đà Nẵng", unicodedata.normalize("NFD", "Đà Nẵng")),
        ("Ёлка", "елка"),
        ("ΟΔΟΣ", "οδος"),
        ("ＡＢＣ１２", "abc12"),
        ("ﬁnish", "finish"),
        ("كِتَابٌ", "كتاب"),
        ("كـــتاب", "كتاب"),
        ("کتاب علی", "كتاب علي"),
        ("أحمد إلى آخر", "احمد الي اخر"),
        ("۱۴۰۵", "1405"),
        ("٢٠٢٦", "2026"),
        ("soft\u00adware", "software"),
        ("ｶﾞｯｺｳ", "ガッコウ"),
        ("か\u3099", "が"),
        ("\u1112\u1161\u11ab\u1100\u116e\u11a8", "한국"),
        ("don't", "don’t"),
    ],
)
def test_ways_to_write_the_same_make_no_difference(one, other):
    assert found(one) == found(other) != set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("北京大学", set("北京大学") | {"北京", "京大", "大学"}),
        ("在A股市场", set("在a股市场") | {"股市", "市场"}),
        ("東京タワー", set("東京タワー") | {"東京", "京タ", "タワ", "ワー"}),
        ("서울시", set("서울시") | {"서울", "울시"}),
        ("ท่าเรือ", {"ท่", "า", "เ", "รื", "อ", "ท่า", "าเ", "เรื", "รือ"}),
        ("မန္တလေး", {"မ", "န္တ", "လေး", "မန္တ", "န္တလေး"}),
        ("می‌خواهم", {"ميخواهم", "مي", "خواهم"}),
        ("harbour-master 3.5", {"harbour", "master", "3", "5"}),
        ("渡 轮", {"渡", "轮"}),
        ("𠮷野家", set("𠮷野家") | {"𠮷野", "野家"}),
        ("…—·!", set()),
    ],
)
def test_a_text_is_found_by(text, expected):
    assert found(text) == expected


def test_markup_parts_words_only_where_it_begins_a_line():
    body = '<p>北<b>京</b>大</p><p>学<img src="media:1" alt="a > b">院<br>内</p><ul><li>one</li><li>two&amp;three</li></ul>'
    assert found(text_of(body)) - set("北京大学院内") == {"北京", "京大", "学院", "one", "two", "three"}


@given(st.text(max_size=60))
def test_terms_are_short_and_fit_into_the_files(text):
    for term in found(text):
        assert len(term) <= 2 * LONGEST
        assert not set(term) & set(' |^"\\\n')


# Blocks and segments


def block(texts: dict[int, str], titles: dict[int, str] | None = None) -> list[str]:
    return blocks.write(
        {
            number: blocks.Entry(
                terms((titles or {}).get(number, "")), terms(text), (f"#{number % 3}", "@2026-11"), None
            )
            for number, text in texts.items()
        }
    )


def everything(texts: dict[str, str]) -> dict[str, str]:
    """Return the terms of all shards and their postings."""
    return {
        part.split("|")[0] + entry.partition(" ")[0]: entry.partition(" ")[2]
        for text in texts.values()
        for part in text.split("^")[1:]
        for entry in part.split("|")[1:]
    }


def numbers_in(postings: str) -> list[int]:
    """Return the articles of a term in one block."""
    if postings.startswith("~"):
        bits = "".join(f"{blocks.DIGITS.index(digit):06b}"[::-1] for digit in postings[1:12])
        return [number for number, bit in enumerate(bits) if bit == "1"]
    return [blocks.DIGITS.index(digit) for digit in postings if digit in blocks.DIGITS]


def random_blocks(seed: int, count: int) -> list[list[str]]:
    source = random.Random(seed)
    letters = "abcdeстانبку北京大学渡轮港口停航ကခဂကြောကျီท่าเรือ0123"
    return [
        block(
            {n: "".join(source.choices(letters + "   ", k=80)) for n in source.sample(range(64), source.randint(0, 64))}
        )
        for _ in range(count)
    ]


@pytest.mark.parametrize("bits", [0, 1, 3, 5, 6, 7, 9, 11])
def test_every_term_is_on_its_shard_with_all_its_articles(bits):
    made = random_blocks(bits, 30)
    segment = Segment(10, 39, bits)
    shards = dict(segments.write(segment, lambda number: [one[number] for one in made]))
    assert sorted(shards) == sorted(segment.shards)
    wanted: Counter[str] = Counter()
    for one in made:
        for part in "\n".join(one).split("\n"):
            for term, articles in blocks.read(part):
                wanted[term] += sum(digit in blocks.DIGITS for digit in articles)
    assert {term: sum(digit in blocks.DIGITS for digit in has) for term, has in everything(shards).items()} == wanted
    for name, text in shards.items():
        assert {segment.shard(term) for term in everything({name: text})} <= {name}


@pytest.mark.parametrize("bits", [0, 4, 8])
def test_a_patched_segment_is_the_one_that_is_written_anew(bits):
    before, after = random_blocks(1, 40), random_blocks(1, 40)
    after[7] = random_blocks(2, 1)[0]
    after[33] = block({})
    segment = Segment(100, 139, bits)
    shards = dict(segments.write(segment, lambda number: [one[number] for one in before]))
    for at in (7, 33):
        changed = sorted(blocks.differences(before[at], after[at]).items(), key=lambda one: segment.shard(one[0]))
        for name, terms_ in groupby(changed, lambda one: segment.shard(one[0])):
            shards[name] = segments.patch(segment, shards[name], 100 + at, dict(terms_))
    assert shards == dict(segments.write(segment, lambda number: [one[number] for one in after]))


def test_what_stands_in_the_title_or_often_is_marked():
    made = block({3: "quay tide tide tide", 5: "quay", 6: ""}, {5: "The quay", 6: "Quay"})
    index = everything(dict(segments.write(Segment(0, 0, 0), lambda number: [made[number]])))
    assert index["quay"] == "#35!6!"
    assert index["tide"] == "#3*"


def test_many_articles_of_a_block_are_bits():
    numbers = [*range(3, 20), 60, 63]
    made = block({number: "tide " * (1 + number % 3) for number in numbers}, {5: "Tide", 63: "Low tide"})
    index = everything(dict(segments.write(Segment(0, 0, 0), lambda number: [made[number]])))
    assert index["tide"] == "#~u__300000095!_!"
    assert numbers_in(index["tide"][1:]) == numbers


def test_segments_follow_from_the_newest_block_and_few_are_left():
    assert segments.runs(0) == [(0, 0)]
    assert segments.runs(16) == [(0, 15), (16, 16)]
    assert segments.runs(300) == [(0, 255), (256, 287), (288, 299), (300, 300)]
    for newest in (*range(3000), 15_625):
        runs = segments.runs(newest)
        assert [block for first, last in runs for block in range(first, last + 1)] == list(range(newest + 1))
        assert len(runs) <= newest // 1024 + 4


# In the browser


@pytest.fixture(scope="module")
def script():
    """What the script says about terms, called in a real browser."""
    pure, _, _ = sources()[SEARCH].partition("  // Loading\n")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        view = browser.new_page()
        view.evaluate(f"window.search = {pure.partition('*/')[2].strip()} return {{wanted, shards, collect}};}})()")
        yield lambda call, value: view.evaluate(f"value => {call}", value)
        browser.close()


def agree(script, texts: list[str]) -> None:
    asked = script("value.map(text => search.wanted(text + ' ').map(item => [item.term, item.prefix]))", texts)
    for text, items in zip(texts, asked, strict=True):
        index = found(text)
        joined = {fold(word)[0] for word in text.split() if "\u200c" in word and fold(word)}
        asked_for = {term for term, _ in items}
        assert not any(prefix for _, prefix in items), text
        assert asked_for <= index, text
        parts = {part for term in asked_for for part in (*term, *_CLUSTER.findall(term))}
        assert index - asked_for <= joined | parts, text


TEXTS = [
    "The night ferry Käse NAÏVE straße İstanbul ışık 3.5 don't half-hour",
    "北京大学的渡轮在A股停航，港口！𠮷野家 〇一々",
    "かもめ ガッコウ ｶﾞｯｺｳ タワー か\u3099",
    "서울시 항구 \u1112\u1161\u11ab\u1100\u116e\u11a8",
    "ท่าเรือกรุงเทพฯ ๒๕๖๙ น้ำ",
    "ဆိပ်ကမ်းမြို့တော် မန္တလေး၊ ၂၀၂၆။ က",
    "ភ្នំពេញ ក្រុង",
    "اخبارُ بندر می‌خواهم کتاب‌ها ۱۴۰۵ أحمد",
    "Санкт-Петербург Ёлка гавань",
    "समाचार पत्र १२",
    "עִבְרִית שָׁלוֹם",
    "a" * 90 + " " + "\u0300" * 50 + " က" + "\u103b" * 30,
]


@pytest.mark.chromium
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_the_program_and_the_browser_see_the_same_terms(script):
    agree(script, TEXTS)


@pytest.mark.slow
@pytest.mark.chromium
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_they_see_the_same_in_every_letter_that_there_is(script):
    known = [
        chr(code)
        for code in range(0x20, sys.maxunicode + 1)
        if unicodedata.category(chr(code)) not in {"Cn", "Cs", "Co"}
    ]
    lone = [
        one for one in known if not "\u4e02" < one < "\u9ff0" and not "\uac02" < one < "\ud7a0" and one < "\U00020010"
    ]
    texts = [f"x{one}y 中{one}文 က{one}မ" for one in lone]
    agree(script, [" ".join(texts[start : start + 50]) for start in range(0, len(texts), 50)])


@pytest.mark.chromium
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_they_find_the_same_shard_and_read_the_same_articles(script):
    made = random_blocks(5, 30)
    segment = Segment(64, 93, 7)
    shards = dict(segments.write(segment, lambda number: [one[number] for one in made]))
    names = [term for term in everything(shards) if term[0] not in "#@"][::7]
    told = {"first": 64, "bits": 7}
    asked = script("value[1].map(term => search.shards(value[0], {term, prefix: false}))", [told, names])
    assert asked == [[segment.shard(term)] for term in names]
    for term in names[:40]:
        text = shards[segment.shard(term)]
        read = script(
            "(map => (search.collect(value[0], value[1], term => term === value[2], map), Array.from(map.keys())))(new Map())",
            [told, text, term],
        )
        wanted = []
        for at, one in enumerate(made):
            for part in "\n".join(one).split("\n"):
                articles = dict(blocks.read(part)).get(term, "")
                wanted += [(64 + at) * 64 + number for number in numbers_in(articles)]
        assert read == wanted


def test_the_page_looks_for_cards_where_they_are_and_no_folder_of_them_has_a_thousand_entries():
    said = dict(re.findall(r"const (GROUP|FOLDER) = (\d+);", sources()[SEARCH]))
    assert said == {"GROUP": str(cards.GROUP), "FOLDER": str(cards._FOLDER)}
    assert 3 * cards._FOLDER < 1_000, "each packed twice beside"
