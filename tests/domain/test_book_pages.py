"""Texts of books are split into pages at the ends of paragraphs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.annotated_text import AnnotatedText, Ruby
from domain.book_pages import MAX_PAGE_LENGTH, MAX_RUBY_OF_PAGE, MIN_PAGE_LENGTH, split_pages

PARAGRAPHS = st.text(alphabet="あ。、」「漢\u0301\u3000 \n𠮷", max_size=900)


@st.composite
def annotated_texts(draw: st.DrawFn) -> AnnotatedText:
    text = "\n".join(draw(st.lists(PARAGRAPHS, max_size=6)))
    ruby: list[Ruby] = []
    position = 0
    gaps, lengths = st.integers(0, draw(st.sampled_from((3, 300)))), st.integers(1, draw(st.sampled_from((1, 50))))
    while (position := position + draw(gaps)) < len(text) and len(ruby) < 2 * MAX_RUBY_OF_PAGE + 10:
        length = min(draw(lengths), len(text) - position)
        ruby.append(Ruby(position, length, "よみ"))
        position += length
    return AnnotatedText(text, tuple(ruby))


@given(annotated_texts())
def test_pages_concatenate_to_the_text(text: AnnotatedText) -> None:
    pages = split_pages(text)
    assert "".join(page.text for page in pages) == text.text
    assert all(1 <= len(page.text) <= MAX_PAGE_LENGTH for page in pages)
    ruby: list[Ruby] = []
    start = 0
    for page in pages:
        assert len(page.ruby) <= MAX_RUBY_OF_PAGE
        assert all(each.start >= 0 and each.start + each.length <= len(page.text) for each in page.ruby)
        ruby += page.shift(start)
        start += len(page.text)
    assert tuple(ruby) == text.ruby


@given(st.lists(st.integers(1, 200), min_size=1, max_size=100))
def test_pages_end_with_paragraphs_and_have_similar_lengths(lengths: list[int]) -> None:
    text = "\n".join("あ" * length for length in lengths)
    pages = split_pages(AnnotatedText(text))
    assert all(page.text.endswith("\n") for page in pages[:-1])
    if len(text) > 2 * MAX_PAGE_LENGTH:
        assert all(len(page.text) >= MIN_PAGE_LENGTH - 200 for page in pages)


@pytest.mark.parametrize(
    ("end", "following"),
    [("。", "あ"), ("。」", "「"), ("！？", "　あ"), ("……", "あ")],
    ids=["。", "。」", "！？", "……"],
)
def test_long_paragraph_is_split_after_a_sentence(end: str, following: str) -> None:
    text = "あ" * 480 + end + following + "い" * 600
    first, *_ = split_pages(AnnotatedText(text))
    assert first.text.rstrip("　").endswith(end)


def test_base_of_a_reading_is_on_one_page() -> None:
    text = AnnotatedText("漢" * 1_300, tuple(Ruby(start, 50, "かん") for start in range(0, 1_300, 50)))
    assert [len(page.text) for page in split_pages(text)] == [400, 450, 450]


def test_page_has_fewer_characters_if_every_character_has_a_reading() -> None:
    text = AnnotatedText("漢" * 500, tuple(Ruby(start, 1, "かん") for start in range(500)))
    pages = split_pages(text)
    assert [len(page.ruby) for page in pages] == [len(page.text) for page in pages]
    assert max(len(page.ruby) for page in pages) == MAX_RUBY_OF_PAGE


def test_empty_text_has_no_pages() -> None:
    assert split_pages(AnnotatedText("")) == []
