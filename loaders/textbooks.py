"""Loaders of textbooks, chapters and their words."""

from functools import cached_property

from db.queries import textbook_progress, textbooks
from db.queries.textbook_progress import ChapterProgressRow, TextbookProgressRow
from db.queries.textbooks import (
    ChapterContentRow,
    ChapterCountRow,
    ChapterRow,
    ChapterVocabularyRow,
    TextbookDescriptionRow,
    TextbookRow,
)
from domain.ids import ChapterId, TextbookId
from loaders.base import LoaderGroup, ManyByKey, OneByKey, OneWithLargeColumn, OwnByKey


class TextbookLoaders(LoaderGroup):
    @cached_property
    def textbook_by_id(self) -> OneWithLargeColumn[TextbookId, TextbookRow]:
        return OneWithLargeColumn(
            self.reads,
            self._running,
            textbooks.textbooks_by_id,
            textbooks.described_textbooks_by_id,
            self.description_by_textbook_id,
        )

    @cached_property
    def description_by_textbook_id(self) -> OneByKey[TextbookId, TextbookDescriptionRow]:
        return self.one(textbooks.textbook_descriptions)

    @cached_property
    def chapter_count_by_textbook_id(self) -> OneByKey[TextbookId, ChapterCountRow]:
        """None without a chapter."""
        return self.one(textbooks.chapter_counts, "textbook_id")

    @cached_property
    def chapters_by_textbook_id(self) -> ManyByKey[TextbookId, ChapterRow]:
        return self.many(textbooks.chapters_by_textbook_id, "textbook_id")

    @cached_property
    def chapter_by_id(self) -> OneByKey[ChapterId, ChapterRow]:
        return self.one(textbooks.chapters_by_id)

    @cached_property
    def content_by_chapter_id(self) -> OneByKey[ChapterId, ChapterContentRow]:
        return self.one(textbooks.chapter_contents)

    @cached_property
    def progress_by_chapter_id(self) -> OwnByKey[ChapterId, ChapterProgressRow]:
        return self.own(textbook_progress.progress_by_chapter_id)

    @cached_property
    def progress_by_textbook_id(self) -> OwnByKey[TextbookId, TextbookProgressRow]:
        return self.own(textbook_progress.progress_by_textbook_id)

    @cached_property
    def vocabulary_by_chapter_id(self) -> ManyByKey[ChapterId, ChapterVocabularyRow]:
        return self.many(textbooks.vocabulary_by_chapter_id, "chapter_id")
