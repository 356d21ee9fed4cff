"""Batch loaders by noun, created for each request. One statement a batch, results in the order of the keys."""

from functools import cached_property

from common.task_set import TaskSet
from db.core.read_session import ReadSession
from loaders.administration import AdministrationLoaders
from loaders.analytics import AnalyticsLoaders
from loaders.analyzed_texts import AnalyzedTextLoaders
from loaders.base import LoaderGroup
from loaders.books import BookLoaders
from loaders.cards import CardLoaders
from loaders.dashboard import DashboardLoaders
from loaders.exercises import ExerciseLoaders
from loaders.jobs import JobLoaders
from loaders.managed_users import ManagedUserLoaders
from loaders.statistics import StatisticsLoaders
from loaders.textbooks import TextbookLoaders
from loaders.texts import TextLoaders
from loaders.users import UserLoaders
from loaders.vocabulary import VocabularyLoaders


class Loaders:
    """All loaders of one request."""

    def __init__(self, reads: ReadSession) -> None:
        self._reads = reads
        self._running = TaskSet()

    @cached_property
    def administration(self) -> AdministrationLoaders:
        return AdministrationLoaders(self._reads, self._running)

    @cached_property
    def analytics(self) -> AnalyticsLoaders:
        return AnalyticsLoaders(self._reads, self._running)

    @cached_property
    def analyzed_texts(self) -> AnalyzedTextLoaders:
        return AnalyzedTextLoaders(self._reads, self._running)

    @cached_property
    def books(self) -> BookLoaders:
        return BookLoaders(self._reads, self._running)

    @cached_property
    def cards(self) -> CardLoaders:
        return CardLoaders(self._reads, self._running)

    @cached_property
    def dashboard(self) -> DashboardLoaders:
        return DashboardLoaders(self._reads, self._running)

    @cached_property
    def exercises(self) -> ExerciseLoaders:
        return ExerciseLoaders(self._reads, self._running)

    @cached_property
    def jobs(self) -> JobLoaders:
        return JobLoaders(self._reads, self._running)

    @cached_property
    def managed_users(self) -> ManagedUserLoaders:
        return ManagedUserLoaders(self._reads, self._running)

    @cached_property
    def statistics(self) -> StatisticsLoaders:
        return StatisticsLoaders(self._reads, self._running)

    @cached_property
    def textbooks(self) -> TextbookLoaders:
        return TextbookLoaders(self._reads, self._running)

    @cached_property
    def texts(self) -> TextLoaders:
        return TextLoaders(self._reads, self._running)

    @cached_property
    def users(self) -> UserLoaders:
        return UserLoaders(self._reads, self._running)

    @cached_property
    def vocabulary(self) -> VocabularyLoaders:
        return VocabularyLoaders(self._reads, self._running)

    def forget(self) -> None:
        """Clear all loaders after a write, so that later fields load the new state."""
        for name in [name for name, value in vars(self).items() if isinstance(value, LoaderGroup)]:
            delattr(self, name)

    async def close(self) -> None:
        """Cancel batches in flight, after a disconnect or the deadline."""
        await self._running.close()
