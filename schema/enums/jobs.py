"""Jobs, exports and events."""

from domain.enums import EventKind, ExportFormat, ExportKind, JobKind, JobStatus
from domain.webhooks import DeliveryState
from schema.enum_descriptions import describe_enum

describe_enum(
    JobKind,
    "Kinds of jobs.",
    GENERATE_TEXTBOOK="Generates the chapters of a textbook.",
    EXPORT="Exports data to a file.",
    ANALYZE_BOOK="Finds the words of a book's text.",
    ANALYZE_TEXT="Analyses long text of the learner.",
    FIT_PARAMETERS="Fits the learner's parameters of FSRS.",
    RESCHEDULE_CARDS="Changes study settings or a vacation, and reschedules all cards.",
    ANALYZE_IMPORT="Finds out what is in a file to be imported.",
    RUN_IMPORT="Imports cards and reviews.",
    REFRESH_ANALYTICS="Refreshes the statistics for administrators.",
    CLEANUP="Removes expired data.",
)
describe_enum(
    JobStatus,
    "Job states.",
    QUEUED="Queued.",
    RUNNING="Running.",
    RETRYING="Failed; waiting for a retry.",
    SUCCEEDED="Succeeded.",
    FAILED="Failed permanently.",
    CANCELLED="Cancelled by the owner.",
)
describe_enum(
    ExportKind,
    "Kinds of exports.",
    REVIEWS="The viewer's reviews, oldest first.",
    CARDS="The viewer's cards, oldest first.",
    LEARNERS="Every learner; administrators only.",
)
describe_enum(
    ExportFormat,
    "File formats of exports.",
    CSV="Comma-separated values (RFC 4180).",
    JSONL="JSON Lines: one object a line.",
    APKG="A package of Anki with cards and their reviews; of the kind CARDS only, by requestExport.",
)
describe_enum(
    EventKind,
    "Events of which webhooks are notified.",
    BOOK_FIRST_PUBLISHED="A book was published for the first time: `book.published`.",
    LEARNER_FIRST_SIGNED_IN="A user signed in for the first time: `learner.signed_up`.",
    REPORT_RESOLVED="An editor answered a report: `report.resolved`.",
    ASSIGNMENT_CREATED="A teacher assigned something: `assignment.created`.",
)
describe_enum(
    DeliveryState,
    "States of a message to a webhook.",
    PENDING="It will be sent, or sent again.",
    DELIVERED="The receiver accepted it.",
    FAILED="All attempts failed.",
)
