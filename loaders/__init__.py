"""Batch loaders by noun, created for each request. One statement a batch, results in the order of the keys."""

from functools import cached_property

from common.task_set import TaskSet
from db.core.read_session import ReadSession
from loaders.administration import AdministrationLoaders
from loaders.analytics import AnalyticsLoaders
from loaders.analyzed_texts import AnalyzedTextLoaders
from loaders.assignments import AssignmentLoaders
from loaders.base import LoaderGroup
from loaders.books import BookLoaders
from loaders.cards import CardLoaders
from loaders.corrections import CorrectionLoaders
from loaders.custom_vocabulary import CustomVocabularyLoaders
from loaders.dashboard import DashboardLoaders
from loaders.diagnostics import DiagnosticLoaders
from loaders.exercises import ExerciseLoaders
from loaders.groups import GroupLoaders
from loaders.imports import ImportLoaders
from loaders.jobs import JobLoaders
from loaders.known_words import KnownWords, Lookups
from loaders.managed_jobs import ManagedJobLoaders
from loaders.managed_users import ManagedUserLoaders
from loaders.notifications import NotificationLoaders
from loaders.reports import ReportLoaders
from loaders.statistics import StatisticsLoaders
from loaders.textbooks import TextbookLoaders
from loaders.texts import TextLoaders
from loaders.users import UserLoaders
from loaders.vocabulary import VocabularyLoaders
from loaders.webhooks import WebhookLoaders


class Loaders:
    """All loaders of one request.

    `known_words`: None to read everything, for values that are cached, which have to be newer than their tags.
    """

    def __init__(self, reads: ReadSession, known_words: KnownWords | None = None) -> None:
        self._reads = reads
        self._known_words = known_words
        self._running = TaskSet()

    def fix_known_words(self) -> None:
        """Use what the process knows of words now, and add to it, even if it is replaced meanwhile."""
        _ = self._lookups

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
    def assignments(self) -> AssignmentLoaders:
        return AssignmentLoaders(self._reads, self._running)

    @cached_property
    def books(self) -> BookLoaders:
        return BookLoaders(self._reads, self._running)

    @cached_property
    def cards(self) -> CardLoaders:
        return CardLoaders(self._reads, self._running)

    @cached_property
    def corrections(self) -> CorrectionLoaders:
        return CorrectionLoaders(self._reads, self._running)

    @cached_property
    def custom_vocabulary(self) -> CustomVocabularyLoaders:
        return CustomVocabularyLoaders(self._reads, self._running)

    @cached_property
    def dashboard(self) -> DashboardLoaders:
        return DashboardLoaders(self._reads, self._running)

    @cached_property
    def diagnostics(self) -> DiagnosticLoaders:
        return DiagnosticLoaders(self._reads, self._running)

    @cached_property
    def exercises(self) -> ExerciseLoaders:
        return ExerciseLoaders(self._reads, self._running)

    @cached_property
    def groups(self) -> GroupLoaders:
        return GroupLoaders(self._reads, self._running)

    @cached_property
    def imports(self) -> ImportLoaders:
        return ImportLoaders(self._reads, self._running)

    @cached_property
    def jobs(self) -> JobLoaders:
        return JobLoaders(self._reads, self._running)

    @cached_property
    def managed_jobs(self) -> ManagedJobLoaders:
        return ManagedJobLoaders(self._reads, self._running)

    @cached_property
    def managed_users(self) -> ManagedUserLoaders:
        return ManagedUserLoaders(self._reads, self._running)

    @cached_property
    def notifications(self) -> NotificationLoaders:
        return NotificationLoaders(self._reads, self._running)

    @cached_property
    def reports(self) -> ReportLoaders:
        return ReportLoaders(self._reads, self._running)

    @cached_property
    def statistics(self) -> StatisticsLoaders:
        return StatisticsLoaders(self._reads, self._running)

    @cached_property
    def textbooks(self) -> TextbookLoaders:
        return TextbookLoaders(self._reads, self._running)

    @cached_property
    def texts(self) -> TextLoaders:
        return TextLoaders(self._reads, self._running, self._lookups)

    @cached_property
    def users(self) -> UserLoaders:
        return UserLoaders(self._reads, self._running)

    @cached_property
    def vocabulary(self) -> VocabularyLoaders:
        return VocabularyLoaders(self._reads, self._running, self._lookups.words)

    @cached_property
    def webhooks(self) -> WebhookLoaders:
        return WebhookLoaders(self._reads, self._running)

    @cached_property
    def _lookups(self) -> Lookups:
        return Lookups() if self._known_words is None else self._known_words.current()

    def forget(self) -> None:
        """Clear all loaders after a write, so that later fields load the new state."""
        for name in [name for name, value in vars(self).items() if isinstance(value, LoaderGroup | Lookups)]:
            delattr(self, name)

    async def close(self) -> None:
        """Cancel batches in flight, after a disconnect or the deadline."""
        await self._running.close()
