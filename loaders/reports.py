"""Loaders of reports."""

from functools import cached_property

from db.queries.reports import ReportRow, reports_by_id
from domain.ids import ReportId
from loaders.base import LoaderGroup, OneByKey


class ReportLoaders(LoaderGroup):
    @cached_property
    def report_by_id(self) -> OneByKey[ReportId, ReportRow]:
        return self.one(reports_by_id)
