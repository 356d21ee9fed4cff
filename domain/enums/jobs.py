"""Jobs, exports and domain events."""

from enum import StrEnum


class JobKind(StrEnum):
    """Kinds of jobs."""

    GENERATE_TEXTBOOK = "GENERATE_TEXTBOOK"
    EXPORT = "EXPORT"
    ANALYZE_BOOK = "ANALYZE_BOOK"
    ANALYZE_TEXT = "ANALYZE_TEXT"
    FIT_PARAMETERS = "FIT_PARAMETERS"
    RESCHEDULE_CARDS = "RESCHEDULE_CARDS"
    ANALYZE_IMPORT = "ANALYZE_IMPORT"
    RUN_IMPORT = "RUN_IMPORT"
    REFRESH_ANALYTICS = "REFRESH_ANALYTICS"
    CLEANUP = "CLEANUP"


class JobStatus(StrEnum):
    """The last three are terminal, but failed and cancelled jobs can be retried."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    RETRYING = "RETRYING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class ExportKind(StrEnum):
    """Kinds of exports."""

    REVIEWS = "REVIEWS"
    CARDS = "CARDS"
    LEARNERS = "LEARNERS"


class ExportFormat(StrEnum):
    """File formats of exports."""

    CSV = "CSV"
    JSONL = "JSONL"
    APKG = "APKG"


class EventKind(StrEnum):
    """Domain events with handlers outside of the request."""

    BOOK_FIRST_PUBLISHED = "BOOK_FIRST_PUBLISHED"
    LEARNER_FIRST_SIGNED_IN = "LEARNER_FIRST_SIGNED_IN"
    REPORT_RESOLVED = "REPORT_RESOLVED"
    ASSIGNMENT_CREATED = "ASSIGNMENT_CREATED"
