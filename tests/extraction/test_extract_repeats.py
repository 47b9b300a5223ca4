"""Site memory: what stands on many pages of a source is not the article."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from pappus.extraction.repeats import MAX_BLOCKS, MAX_RECENT, Memory, learn, repeated

PLEA = "Support the Gazette with 3 euros a month and read without advertising."
LONG = "The harbour master said that the breakwater had held through the night of the storm, and that number {} was told so."


def words(number):
    """A sentence that no other page has: digits do not count."""
    return LONG.format("".join(chr(ord("a") + int(digit)) for digit in str(number)))


def pages(numbers, *more):
    memory = Memory()
    for number in numbers:
        memory = learn(memory, f"https://gazette.example/{number}", [words(number), *more])
    return memory


def test_what_stands_on_many_pages_repeats_whatever_numbers_it_has():
    memory = pages(range(6), PLEA)
    assert repeated(memory, [words(7), PLEA.replace("3", "5"), words(8)]) == {1}


def test_what_stands_on_a_few_does_not_yet():
    assert repeated(pages(range(3), PLEA), [words(7), PLEA]) == frozenset()


def test_the_background_of_a_long_story_does_not():
    memory = pages(range(5), PLEA)
    for number in range(100, 200):
        memory = learn(memory, str(number), [words(number)])
    assert repeated(memory, [words(7), PLEA]) == frozenset()


def test_an_article_with_several_addresses_is_not_left_out():
    memory = Memory()
    for number in range(6):
        memory = learn(memory, f"https://gazette.example/story?ref={number}", [words(1), PLEA])
    assert repeated(memory, [words(1), PLEA]) == frozenset()


def test_a_page_that_is_looked_at_again_counts_once():
    memory = learn(Memory(), "https://gazette.example/1", [PLEA])
    for _ in range(10):
        memory = learn(memory, "https://gazette.example/1", [PLEA, words(1)])
    assert memory.pages == 1


def test_short_blocks_are_not_remembered():
    memory = pages(range(6), "Read more", "分享")
    assert repeated(memory, [words(7), "Read more", "分享"]) == frozenset()


def test_a_memory_is_bounded_and_keeps_what_repeats():
    memory = Memory()
    for number in range(300):
        memory = learn(memory, str(number), [PLEA, *(words(number * 100 + other) for other in range(30))])
    assert len(memory.blocks) <= MAX_BLOCKS
    assert len(memory.recent) == MAX_RECENT
    assert repeated(memory, [words(1_000_000), PLEA]) == {1}
    assert len(msgspec.json.encode(memory)) < 100_000


@given(st.lists(st.tuples(st.text(), st.lists(st.text(max_size=40), max_size=5)), max_size=12))
def test_a_memory_is_plain_data_and_the_same_for_the_same_pages(seen):
    one = two = Memory()
    for page, texts in seen:
        one, two = learn(one, page, texts), learn(two, page, texts)
        repeated(one, texts)
    assert one == two
    assert msgspec.json.decode(msgspec.json.encode(one), type=Memory) == one
