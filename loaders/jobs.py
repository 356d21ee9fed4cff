"""Loaders of the viewer's jobs."""

from functools import cached_property

from db.queries import jobs
from db.queries.jobs import JobRow
from domain.ids import JobId, TextbookId
from loaders.base import LoaderGroup, OwnByKey


class JobLoaders(LoaderGroup):
    @cached_property
    def job_by_id(self) -> OwnByKey[JobId, JobRow]:
        return self.own(jobs.jobs_by_id)

    @cached_property
    def job_by_textbook_id(self) -> OwnByKey[TextbookId, JobRow]:
        return self.own(jobs.jobs_by_textbook_id, "textbook_id")
