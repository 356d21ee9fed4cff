"""Loaders of the viewer's analysed texts and their parts."""

from functools import cached_property

from db.queries import analyzed_texts
from db.queries.analyzed_texts import AnalyzedTextRow, TextPartRow
from domain.ids import AnalyzedTextId, JobId
from loaders.base import LoaderGroup, OwnByKey, PageByKey


class AnalyzedTextLoaders(LoaderGroup):
    @cached_property
    def text_by_id(self) -> OwnByKey[AnalyzedTextId, AnalyzedTextRow]:
        return self.own(analyzed_texts.analyzed_texts_by_id)

    @cached_property
    def text_by_job_id(self) -> OwnByKey[JobId, AnalyzedTextRow]:
        return self.own(analyzed_texts.analyzed_texts_by_job_id, "job_id")

    @cached_property
    def parts_by_text_id(self) -> PageByKey[AnalyzedTextId, TextPartRow]:
        return self.page(analyzed_texts.paged_text_parts)
