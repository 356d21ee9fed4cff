"""Textbooks, their chapters, and the words of those."""

from functools import cached_property

from db.queries import textbooks
from db.queries.textbooks import (
    ChapterContentRow,
    ChapterCountRow,
    ChapterRow,
    ChapterVocabularyRow,
    TextbookDescriptionRow,
    TextbookRow,
)
from loaders.base import LoaderGroup, ManyByKey, OneByKey


class TextbookLoaders(LoaderGroup):
    @cached_property
    def textbook_by_id(self) -> OneByKey[TextbookRow]:
        return self.one(textbooks.textbooks_by_id)

    @cached_property
    def description_by_textbook_id(self) -> OneByKey[TextbookDescriptionRow]:
        return self.one(textbooks.textbook_descriptions)

    @cached_property
    def chapter_count_by_textbook_id(self) -> OneByKey[ChapterCountRow]:
        """None where there is no chapter."""
        return self.one(textbooks.chapter_counts, "textbook_id")

    @cached_property
    def chapters_by_textbook_id(self) -> ManyByKey[ChapterRow]:
        return self.many(textbooks.chapters_by_textbook_id, "textbook_id")

    @cached_property
    def chapter_by_id(self) -> OneByKey[ChapterRow]:
        return self.one(textbooks.chapters_by_id)

    @cached_property
    def content_by_chapter_id(self) -> OneByKey[ChapterContentRow]:
        return self.one(textbooks.chapter_contents)

    @cached_property
    def vocabulary_by_chapter_id(self) -> ManyByKey[ChapterVocabularyRow]:
        return self.many(textbooks.vocabulary_by_chapter_id, "chapter_id")
