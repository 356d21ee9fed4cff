"""The registry of personal data: each table with data of learners, why it exists, and what becomes of its rows.

The export of a learner's data and the erasure of an account follow it, and docs/privacy.md lists it. A test compares
it with the tables of the database.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Erasure(Enum):
    """What the erasure of an account does with the rows of a table, as docs/privacy.md states it."""

    DELETED = "deleted"
    # They stay without what identifies the learner.
    ANONYMIZED = "kept without the learner"
    # It is computed from the other tables.
    RECOMPUTED = "recomputed"


class Reader(Enum):
    """Who can read the rows by the API, besides operators."""

    LEARNER = "the learner"
    LEARNER_AND_ADMINISTRATORS = "the learner, administrators"
    ADMINISTRATORS = "administrators"
    TEACHERS = "the learner, teachers of the group"
    MEMBERS = "members of the group"
    LIBRARY = "the learner; everyone if public"
    LEARNER_AND_EDITORS = "the learner, editors"
    EVERYONE = "everyone"
    NO_USER = "no user"


@dataclass(frozen=True, slots=True)
class PersonalTable:
    """A table whose rows belong to learners.

    `owner`: the column with the id of the learner, or, with `parent`, with the id of a row of that table. `is_exported`
    is false for rows that the learner's other data contain.
    """

    name: str
    content: str
    purpose: str
    kept: str = "until deleted"
    readers: Reader = Reader.LEARNER
    erasure: Erasure = Erasure.DELETED
    owner: str = "user_id"
    parent: str | None = None
    is_exported: bool = True


_ACCOUNT, _JOBS = "until the account is deleted", "7 days after the job"
_LEARNING, _STATISTICS = "scheduling of reviews", "statistics of the learner"
_SHARED = Reader.LEARNER_AND_ADMINISTRATORS

# In the order of the export. Rows are erased in the reverse order, so that those that refer to others are first.
PERSONAL_TABLES = (
    PersonalTable(
        "users",
        "name, e-mail address, role, language, block, last activity and names of clients",
        "the account",
        _ACCOUNT,
        _SHARED,
        owner="id",
    ),
    PersonalTable("user_settings", "study settings, earlier time zones and parameters of FSRS", _LEARNING, _ACCOUNT),
    PersonalTable("scheduling_fits", "the newest fit of the parameters", _LEARNING, _ACCOUNT),
    PersonalTable("cards", "cards with their schedules", _LEARNING),
    PersonalTable("custom_vocabulary", "words that the dictionary does not have", "cards"),
    PersonalTable("card_contexts", "sentences in which words were met", "context of cards"),
    PersonalTable("card_tags", "tags of cards", "order of cards"),
    PersonalTable("reviews", "reviews with their answers and times", _LEARNING),
    PersonalTable("schedule_changes", "changes of schedules other than reviews", _LEARNING),
    PersonalTable("review_keys", "idempotency keys of reviews", "recognition of repeated requests"),
    PersonalTable("limit_extensions", "extensions of the limits of a day", "limits of a day", "30 days"),
    PersonalTable("review_days", "totals of days with reviews", _STATISTICS, readers=_SHARED),
    PersonalTable("statistics_days", "days that were counted", _STATISTICS),
    PersonalTable("review_statistics", "totals of days and months by level", _STATISTICS),
    PersonalTable("card_count_changes", "changes of numbers of cards", _STATISTICS),
    PersonalTable("card_counts", "the state of the cards that were counted", _STATISTICS),
    PersonalTable("counted_cards", "what each card was counted as", _STATISTICS),
    PersonalTable("card_statistics", "totals of cards by day and month", _STATISTICS),
    PersonalTable("learner_statistics", "the longest streak", _STATISTICS, "10 minutes", erasure=Erasure.RECOMPUTED),
    PersonalTable("reading_progress", "pages that were read", "bookmarks"),
    PersonalTable(
        "textbooks", "textbooks that were generated or written", "reading", readers=Reader.LIBRARY, owner="owner_id"
    ),
    PersonalTable(
        "chapters",
        "chapters of these textbooks",
        "reading",
        readers=Reader.LIBRARY,
        owner="textbook_id",
        parent="textbooks",
    ),
    PersonalTable(
        "chapter_vocabulary",
        "words of these chapters",
        "reading",
        readers=Reader.LIBRARY,
        owner="chapter_id",
        parent="chapters",
    ),
    PersonalTable(
        "exercises",
        "exercises of these chapters",
        "exercises",
        readers=Reader.LIBRARY,
        owner="chapter_id",
        parent="chapters",
    ),
    PersonalTable(
        "exercise_solutions",
        "their solutions, after an attempt",
        "grading",
        readers=Reader.LIBRARY,
        owner="exercise_id",
        parent="exercises",
    ),
    PersonalTable("chapter_progress", "chapters that were read", "progress in textbooks"),
    PersonalTable("exercise_attempts", "answers to exercises", "grading and progress"),
    PersonalTable("analyzed_texts", "texts that the learner had analysed", "reading", _JOBS),
    PersonalTable("analyzed_text_parts", "their parts", "reading", _JOBS, owner="text_id", parent="analyzed_texts"),
    PersonalTable("notifications", "notifications and when they were read", "notifications", "90 days"),
    PersonalTable(
        "emails", "which notifications were sent by e-mail, and replies of the mail server", "e-mails", "90 days"
    ),
    PersonalTable("notification_preferences", "which notifications are sent", "notifications", _ACCOUNT),
    PersonalTable(
        "reports", "reports of mistakes, with answers", "corrections of content", readers=Reader.LEARNER_AND_EDITORS
    ),
    PersonalTable(
        "group_members",
        "memberships in groups, and the consent to share progress",
        "groups",
        readers=Reader.TEACHERS,
    ),
    PersonalTable(
        "assignments",
        "assignments of these textbooks to groups",
        "groups",
        readers=Reader.MEMBERS,
        owner="textbook_id",
        parent="textbooks",
    ),
    PersonalTable("uploads", "names and sizes of uploaded files", "imports", "48 hours"),
    PersonalTable("imports", "what imported files have, and how they were imported", "imports", "30 days"),
    PersonalTable("import_words", "ambiguous words of imported files, and what was chosen", "imports", "48 hours"),
    PersonalTable("import_keys", "ids of imported notes and their cards", "recognition of repeated imports"),
    PersonalTable(
        "import_reports",
        "results of the lines of imported files",
        "imports",
        "30 days",
    ),
    PersonalTable("jobs", "jobs with their inputs and results", "background work", _JOBS, _SHARED),
    PersonalTable("job_events", "changes of jobs", "progress of jobs", _JOBS, _SHARED),
    PersonalTable(
        "model_usage",
        "tokens and cost of requests to a language model",
        "accounting",
        "unlimited",
        _SHARED,
        Erasure.ANONYMIZED,
    ),
    PersonalTable(
        "corrections",
        "corrections of the dictionary by editors",
        "the dictionary",
        "unlimited",
        Reader.EVERYONE,
        Erasure.ANONYMIZED,
        owner="author_id",
    ),
    PersonalTable("tombstones", "ids of deleted objects", "copies on the learner's devices", "90 days"),
    PersonalTable(
        "audit_log",
        "what the learner did that is logged, and what administrators did with the account",
        "accountability",
        "unlimited",
        Reader.ADMINISTRATORS,
        Erasure.ANONYMIZED,
        owner="actor_id",
    ),
    PersonalTable(
        "events",
        "that the learner signed up",
        "the first message to a new account",
        "unlimited",
        Reader.NO_USER,
        owner="entity_id",
        is_exported=False,
    ),
    PersonalTable(
        "webhook_deliveries",
        "that the learner signed up, as it was sent",
        "webhooks of operators",
        "30 days",
        Reader.ADMINISTRATORS,
        owner="event_id",
        parent="events",
        is_exported=False,
    ),
    PersonalTable(
        "queue.entries",
        "unfinished jobs",
        "background work",
        "until the job ends",
        Reader.NO_USER,
        owner="payload",
        is_exported=False,
    ),
)


def exported_tables() -> Iterator[PersonalTable]:
    return (table for table in PERSONAL_TABLES if table.is_exported)


def readme(now: datetime) -> str:
    """Return the text that explains the files of an export."""
    tables = "\n".join(f"- tables/{table.name}: {table.content} ({table.purpose})" for table in exported_tables())
    return _README.format(time=now.isoformat(timespec="seconds"), tables=tables)


_README = """\
Your data, as of {time}

cards.csv and reviews.csv have your cards and reviews with their words. import-reports has a file for each import of the
last 30 days, with the result of each line.

Each table of the database with data about you is here twice: as JSON, an array of objects, and as CSV (RFC 4180,
UTF-8). A table without rows of yours is empty. Timestamps are in UTC. Ids refer to rows of the other tables, or to
words, kanji and books, which the API returns. Values in CSV that a spreadsheet would evaluate as a formula have an
apostrophe in front.

{tables}
"""
