"""Loaders of jobs for administrators."""

from functools import cached_property

from db.queries.managed_jobs import JobLogEntryRow, ModelUsageRow, logs_by_job_id, model_usage_by_job_id
from domain.ids import JobId
from loaders.base import LoaderGroup, ManyByKey, OneByKey


class ManagedJobLoaders(LoaderGroup):
    """Row-level security hides the rows of other users from viewers who are not administrators."""

    @cached_property
    def model_usage_by_job_id(self) -> OneByKey[JobId, ModelUsageRow]:
        return self.one(model_usage_by_job_id)

    @cached_property
    def log_by_job_id(self) -> ManyByKey[JobId, JobLogEntryRow]:
        return self.many(logs_by_job_id, "job_id")
