"""The books and textbook plans of the catalogue are complete and consistent."""

from collections import Counter
from itertools import chain

import pytest

from content.catalogue import CatalogueTextbook, keywords_by_topic, load_books, load_textbook_plans
from domain.enums import JlptLevel
from domain.textbooks import assign_words, render_chapter
from domain.textbooks.matching import Fit, MeaningIndex
from domain.textbooks.sentences import usable_sentences
from tests.domain.dictionary import words_of_level

LEVELS = list(JlptLevel)


def by_title(textbook: CatalogueTextbook) -> str:
    return textbook.title


def test_catalogue_has_many_books_of_every_level() -> None:
    books = load_books()
    per_level = Counter(book.jlpt_level for book in books)
    assert len(books) >= 72
    assert all(per_level[level] >= 12 for level in LEVELS)


def test_title_and_author_identify_a_book() -> None:
    named = Counter((book.title, book.author) for book in load_books())
    assert [name for name, count in named.items() if count > 1] == []


def test_catalogue_is_sorted_by_level() -> None:
    for levels in ([book.jlpt_level for book in load_books()], [plan.jlpt_level for plan in load_textbook_plans()]):
        assert levels == sorted(levels, key=LEVELS.index)


def test_author_has_one_reading() -> None:
    readings = {(book.author, book.author_reading) for book in load_books()}
    assert len(readings) == len({author for author, _ in readings})


def test_only_folk_tales_lack_a_year() -> None:
    assert {book.author for book in load_books() if book.first_published is None} == {"民話"}
    assert all(book.first_published is None for book in load_books() if book.author == "民話")


def test_themes_are_meanings_of_words() -> None:
    index = MeaningIndex(list(chain.from_iterable(words_of_level(level) for level in LEVELS)))
    unknown = {
        (book.title, theme)
        for book in load_books()
        for theme in book.themes
        if not any(fit is Fit.EXACT for fit, _ in index.find(theme))
    }
    assert unknown == set()


def test_opening_is_a_complete_sentence() -> None:
    openings = [book.opening for book in load_books() if book.opening]
    assert len(openings) > 60
    assert [opening for opening in openings if not opening.endswith(("。", "！", "」"))] == []


def test_every_level_has_textbook_plans() -> None:
    per_level = Counter(textbook.jlpt_level for textbook in load_textbook_plans())
    assert per_level.total() >= 12
    assert all(per_level[level] >= 2 for level in LEVELS)


@pytest.mark.parametrize("textbook", load_textbook_plans(), ids=by_title)
def test_chapters_cover_the_topics(textbook: CatalogueTextbook) -> None:
    assert {chapter.topic for chapter in textbook.chapters} == set(textbook.topics)


@pytest.mark.parametrize("textbook", load_textbook_plans(), ids=by_title)
def test_keywords_find_words_of_the_level(textbook: CatalogueTextbook) -> None:
    index = MeaningIndex(words_of_level(textbook.jlpt_level))
    unknown = [keyword for chapter in textbook.chapters for keyword in chapter.keywords if not index.find(keyword)]
    assert unknown == []


@pytest.mark.parametrize("textbook", load_textbook_plans(), ids=by_title)
def test_chapters_teach_what_their_keywords_name(textbook: CatalogueTextbook) -> None:
    for chapter, words in zip(
        textbook.chapters, assign_words(textbook.chapters, words_of_level(textbook.jlpt_level)), strict=True
    ):
        index = MeaningIndex(words)
        named = {word for keyword in chapter.keywords for _, word in index.find(keyword)}
        assert 12 <= len(words) <= 20
        assert set(words) == named, chapter.title
        assert any(usable_sentences(word) for word in words), chapter.title


def test_chapters_render_to_different_texts_of_readable_length() -> None:
    contents = [
        render_chapter(chapter, words).content
        for textbook in load_textbook_plans()
        for chapter, words in zip(
            textbook.chapters, assign_words(textbook.chapters, words_of_level(textbook.jlpt_level)), strict=True
        )
    ]
    assert len(set(contents)) == len(contents)
    assert all(2_000 < len(content) < 10_000 for content in contents)


def test_keywords_are_grouped_by_topic() -> None:
    keywords = keywords_by_topic(load_textbook_plans())
    assert set(keywords) == {topic for textbook in load_textbook_plans() for topic in textbook.topics}
    assert {"fish", "noodles"} <= set(keywords["food"])
    assert all(len(set(found)) == len(found) for found in keywords.values())
