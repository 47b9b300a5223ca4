"""Terms, blocks and segments of the search: the same in the program and in the reader's browser, and each term where it is looked for."""

from __future__ import annotations

import random
import re
import shutil
import sys
import unicodedata
from array import array
from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC
from playwright.sync_api import sync_playwright

from pappus.model import Article
from pappus.render.site.search import blocks, cards, segments
from pappus.render.site.search.segments import Segment
from pappus.render.site.search.terms import _CLUSTER, FIRST, LONGEST, SIMPLIFIED, _known, fold, signs_of, terms, text_of
from pappus.render.site.templates import SEARCH, sources

if TYPE_CHECKING:
    from collections.abc import Iterable

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def found(text: str) -> set[str]:
    both = terms(text)
    return {*signs_of(array("I", [number for number in both.signs if number >= FIRST])), *both.words}


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
        ("醫院與頭髮", "医院与头发"),
        ("皇后後來", "皇后后来"),
    ],
)
def test_ways_to_write_the_same_make_no_difference(one, other):
    assert found(one) == found(other) != set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("北京大学", {"北京", "京大", "大学", "学"}),
        ("在A股市场", {"在", "a", "股市", "市场", "场"}),
        ("東京タワー", {"东京", "京タ", "タワ", "ワー", "ー"}),
        ("서울시", {"서울", "울시", "시"}),
        ("ท่าเรือ", {"ท่า", "าเ", "เรื", "รือ", "อ"}),
        ("မန္တလေး", {"မန္တ", "န္တလေး", "လေး"}),
        ("می‌خواهم", {"ميخواهم", "مي", "خواهم"}),
        ("harbour-master 3.5", {"harbour", "master", "3", "5"}),
        ("渡 轮", {"渡", "轮"}),
        ("𠮷野家", {"𠮷野", "野家", "家"}),
        ("野𠮷。家𠮷", {"野𠮷", "家𠮷", "𠮷", "野", "家"}),
        ("…—·!", set()),
    ],
)
def test_a_text_is_found_by(text, expected):
    assert found(text) == expected


def test_signs_are_simplified_as_opencc_does_it():
    convert = OpenCC("t2s").convert
    pairs = [(sign, convert(sign)) for sign in map(chr, range(0x4E00, 0xA000))]
    expected = [f"{sign}{simple}" for sign, simple in pairs if sign != simple and "\u4e00" <= simple <= "\u9fff"]
    assert "".join(expected) == SIMPLIFIED


def test_markup_parts_words_only_where_it_begins_a_line():
    body = '<p>北<b>京</b>大</p><p>学<img src="media:1" alt="a > b">院<br>内</p><ul><li>one</li><li>two&amp;three</li></ul>'
    assert found(text_of(body)) == {"北京", "京大", "大", "学院", "院", "内", "one", "two", "three"}


@given(st.text(max_size=60))
def test_terms_are_short_and_fit_into_the_files(text):
    for term in found(text):
        assert len(term) <= 2 * LONGEST
        assert not set(term) & set(' |^"\\\n')


def test_of_a_text_as_long_as_a_library_the_beginning_is_found():
    def words(mills: int) -> Counter[str]:
        body = f"<p>quay {'mill ' * mills}</p><p>zephyr</p>"
        moment = datetime(2026, 11, 5, tzinfo=UTC)
        article = Article(source="s", ident="i", channel="c", url="", title="T", body=body, published=moment)
        return blocks.entry(article, ["c"]).text.words

    fit = blocks.READ // len("mill ")
    assert words(fit - 9).keys() >= {"quay", "zephyr"}
    assert words(fit).keys() >= {"quay", "mill"}
    assert "zephyr" not in words(fit)


def test_words_as_long_as_an_article_are_not_remembered():
    terms("é" * 1000)  # whatever is made once
    before = _known.cache_info().currsize
    assert found("é" * 1_000_000) == {"e" * LONGEST}
    assert _known.cache_info().currsize == before
    assert found("é" * LONGEST) == {"e" * LONGEST}


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


def everything(leaves: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the terms of all leaves and their postings."""
    return dict(item for _, text in leaves for item in segments._read(text))


def written(made: list[list[str]]) -> list[tuple[str, str]]:
    """Return the leaves of a segment of these blocks."""
    return list(segments.write(Segment(10, 9 + len(made)), lambda number: [one[number] for one in made]))


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


def test_every_term_is_on_a_leaf_with_all_its_articles_in_order():
    made = random_blocks(3, 40)
    leaves = written(made)
    index = everything(leaves)
    wanted: Counter[str] = Counter()
    for one in made:
        for part in one:
            for term, articles in zip(*blocks.read(part), strict=True):
                wanted[term] += len(numbers_in(articles))
    assert {term: sum(map(len, map(numbers_in, segments._SIGN.split(has)))) for term, has in index.items()} == wanted
    assert list(index) == sorted(index)
    assert [first for first, _ in leaves] == [next(segments._read(text))[0] for _, text in leaves]


def test_leaves_and_pages_are_neither_small_nor_large():
    source = random.Random(8)
    texts = [
        "".join(source.choices("北京大学渡轮港口停航市议会讨论夜间冬季居民研究人员说", k=400)) for _ in range(1200)
    ]
    leaves = written([block(dict(enumerate(texts[start : start + 64]))) for start in range(0, 1200, 64)])
    assert len(leaves) > 30
    assert all(1200 <= len(text) < 8000 for _, text in leaves[:-1])
    many = sorted("".join(source.choices("abcdefgh", k=6)) for _ in range(20_000))
    *pages, [top] = segments.levels(many)
    assert [term for page in pages[0] for term in page] == many
    for below, above in pairwise([*pages, [top]]):
        assert [page[0] for page in below] == [term for page in above for term in page]
        assert all(16 <= len(page) <= 64 for page in below[:-1])
    assert len(top) <= 192
    assert len(pages) == 2


@pytest.mark.parametrize(("count", "changed"), [(1, [0]), (40, [7, 33]), (300, [250]), (40, range(40))])
def test_a_patched_segment_is_the_one_that_is_written_anew(count, changed):
    before, after = random_blocks(1, count), random_blocks(1, count)
    for at in changed:
        after[at] = random_blocks(at, 1)[0] if at % 2 else block({})
    for one, other in ((before, after), (after, before)):
        leaves, expected = dict(written(one)), written(other)
        changes = {10 + at: blocks.differences(one[at], other[at]) for at in changed}
        firsts, others = segments.patch(Segment(10, 9 + count), list(leaves), leaves.__getitem__, changes)
        leaves.update(others)
        assert [(first, leaves[first]) for first in firsts] == expected


def test_a_change_of_one_article_moves_few_leaves():
    made = random_blocks(1, 300)
    leaves = dict(written(made))
    changes = {260: {"渡轮": "", "北京": "05"}}
    _, others = segments.patch(Segment(10, 309), list(leaves), leaves.__getitem__, changes)
    assert len(leaves) > 40
    assert 0 < len(others) <= 4


def test_what_stands_in_the_title_or_often_is_marked():
    made = block({3: "quay tide tide tide", 5: "quay", 6: ""}, {5: "The quay", 6: "Quay"})
    index = everything(written([made]))
    assert index["quay"] == "#35!6!"
    assert index["tide"] == "#3*"


def test_many_articles_of_a_block_are_bits():
    numbers = [*range(3, 20), 60, 63]
    made = block({number: "tide " * (1 + number % 3) for number in numbers}, {5: "Tide", 63: "Low tide"})
    index = everything(written([made]))
    assert index["tide"] == "#~u__300000095!_!"
    assert numbers_in(index["tide"][1:]) == numbers


def test_no_two_terms_that_somebody_chose_are_first_of_one_leaf():
    one, other = "eajvqlfxulcasjyognlgctfjrvsptgygyetnhqoo", "xmeazfmxagjgnaakytpbrhzwlgozkzvdbokcojym"
    assert segments._hashed(one) == segments._hashed(other)
    assert Segment(0, 0).file(0, one) != Segment(0, 0).file(0, other)


def test_segments_follow_from_the_newest_block_and_few_are_left():
    def runs(newest: int) -> list[tuple[int, int]]:
        return [(one.first, one.last) for one in segments.runs(newest)]

    assert runs(0) == [(0, 0)]
    assert runs(16) == [(0, 15), (16, 16)]
    assert runs(300) == [(0, 255), (256, 287), (288, 299), (300, 300)]
    for newest in (*range(3000), 15_625):
        some = runs(newest)
        assert [block for first, last in some for block in range(first, last + 1)] == list(range(newest + 1))
        assert len(some) <= newest // 1024 + 4


# In the browser


@pytest.fixture(scope="module")
def script():
    """What the script says about terms, called in a real browser."""
    pure, _, _ = sources()[SEARCH].partition("  // Loading\n")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        view = browser.new_page()
        view.evaluate(
            f"window.search = {pure.partition('*/')[2].strip()} return {{learn, wanted, place, after, between, collect}};}})()"
        )
        view.evaluate("pairs => search.learn(pairs)", SIMPLIFIED)
        yield lambda call, value: view.evaluate(f"value => {call}", value)
        browser.close()


def agree(script, texts: list[str]) -> None:
    asked = script("value.map(text => search.wanted(text + ' ').map(item => [item.term, item.prefix]))", texts)
    for text, items in zip(texts, asked, strict=True):
        index = found(text)
        joined = {fold(word)[0] for word in text.split() if "\u200c" in word and fold(word)}
        asked_for = {term for term, _ in items}
        assert asked_for - {term for term, prefix in items if prefix} <= index, text
        assert all(any(one.startswith(term) for one in index) for term, prefix in items if prefix), text
        parts = {part for term in asked_for for part in (*term, *_CLUSTER.findall(term))}
        assert index - asked_for <= joined | parts, text


TEXTS = [
    "The night ferry Käse NAÏVE straße İstanbul ışık 3.5 don't half-hour",
    "北京大学的渡轮在A股停航，港口！𠮷野家 〇一々",
    "東京的醫院在臺灣 後來",
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
def test_they_find_the_same_leaf_and_read_the_same_articles(script):
    made = random_blocks(5, 30)
    segment = Segment(64, 93)
    leaves = dict(written(made))
    index = everything(leaves.items())
    names = [term for term in index if term[0] not in "#@"][::7]
    names += ["一" + "x" * length for length in (*range(50, 64), 120)]
    told = {"first": 64, "name": segment.name}
    asked = script("value[1].map(term => search.place(value[0], 1, term))", [told, names])
    assert asked == [segment.file(1, term) for term in names]
    for term in [name for name in names if name in index][:40]:
        where = script("search.between(value[0], value[1], value[1])", [list(leaves), term])
        assert [first for first, text in leaves.items() if term in dict(segments._read(text))] == where
        read = script(
            "(map => (search.collect(value[0], value[1], term => term === value[2], map), Array.from(map.keys())))(new Map())",
            [told, leaves[where[0]], term],
        )
        wanted = []
        for at, one in enumerate(made):
            for part in one:
                articles = dict(zip(*blocks.read(part), strict=True)).get(term, "")
                wanted += [(64 + at) * 64 + number for number in numbers_in(articles)]
        assert read == wanted


@pytest.mark.chromium
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_they_have_terms_in_the_same_order(script):
    terms = ["#a", "@2026-01", "0", "a", "ab", "b", "é", "ﬡ", "\ufb21", "𐐀", "𠮷", "𠮷野", "野", "野𠮷", "野野"]
    assert script("value.sort((one, other) => search.after(one, other) - search.after(other, one))", terms) == sorted(
        terms
    )
    assert script(r"search.between(value, '@', '@\u{10ffff}')", ["#a", "@2026-02", "b"]) == ["#a", "@2026-02"]
    assert script("search.between(value, 'x', 'x')", []) == []


def test_the_page_looks_for_cards_where_they_are_and_no_folder_of_them_has_a_thousand_entries():
    said = dict(re.findall(r"const (GROUP|FOLDER) = (\d+);", sources()[SEARCH]))
    assert said == {"GROUP": str(cards.GROUP), "FOLDER": str(cards._FOLDER)}
    assert 3 * cards._FOLDER < 1_000, "each packed twice beside"
