"""Loaders of the viewer's imports."""

from functools import cached_property
from uuid import UUID

from db.queries import imports
from db.queries.import_words import ImportWordRow, paged_import_words
from db.queries.imports import ImportRow
from domain.ids import ImportId
from loaders.base import LoaderGroup, OwnByKey, PageByKey


class ImportLoaders(LoaderGroup):
    @cached_property
    def import_by_id(self) -> OwnByKey[ImportId, ImportRow]:
        return self.own(imports.imports_by_id)

    @cached_property
    def words_by_import_id(self) -> PageByKey[UUID, ImportWordRow]:
        return self.page(paged_import_words)
