"""Loaders of the viewer's imports."""

from functools import cached_property

from db.queries import imports
from db.queries.imports import ImportRow
from domain.ids import ImportId
from loaders.base import LoaderGroup, OwnByKey


class ImportLoaders(LoaderGroup):
    @cached_property
    def import_by_id(self) -> OwnByKey[ImportId, ImportRow]:
        return self.own(imports.imports_by_id)
