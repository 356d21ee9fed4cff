"""Lazy references to types of other modules, which would otherwise be circular imports."""

from typing import TYPE_CHECKING, Annotated

import strawberry

__all__ = [
    "Admin",
    "AnalyzedText",
    "Assignment",
    "AuditEntry",
    "Book",
    "BookProgress",
    "Card",
    "Chapter",
    "ChapterProgress",
    "Correction",
    "CustomVocabulary",
    "Exercise",
    "Group",
    "Import",
    "Job",
    "Kanji",
    "ManagedUser",
    "Notification",
    "NotificationPreference",
    "Report",
    "Review",
    "Textbook",
    "TextbookProgress",
    "Token",
    "User",
    "Vocabulary",
]

if TYPE_CHECKING:
    from schema.administration import Admin, AuditEntry
    from schema.analyzed_texts import AnalyzedText
    from schema.assignments import Assignment
    from schema.books import Book, BookProgress
    from schema.cards import Card, Review
    from schema.corrections import Correction
    from schema.custom_vocabulary import CustomVocabulary
    from schema.exercises import Exercise
    from schema.groups import Group
    from schema.imports import Import
    from schema.jobs import Job
    from schema.kanji import Kanji
    from schema.managed_users import ManagedUser
    from schema.notifications import Notification, NotificationPreference
    from schema.reports import Report
    from schema.textbooks import Chapter, ChapterProgress, Textbook, TextbookProgress
    from schema.texts import Token
    from schema.viewer import User
    from schema.vocabulary import Vocabulary
else:
    Admin = Annotated["Admin", strawberry.lazy("schema.administration")]
    AnalyzedText = Annotated["AnalyzedText", strawberry.lazy("schema.analyzed_texts")]
    Assignment = Annotated["Assignment", strawberry.lazy("schema.assignments")]
    AuditEntry = Annotated["AuditEntry", strawberry.lazy("schema.administration")]
    Book = Annotated["Book", strawberry.lazy("schema.books")]
    BookProgress = Annotated["BookProgress", strawberry.lazy("schema.books")]
    Card = Annotated["Card", strawberry.lazy("schema.cards")]
    Chapter = Annotated["Chapter", strawberry.lazy("schema.textbooks")]
    ChapterProgress = Annotated["ChapterProgress", strawberry.lazy("schema.textbooks")]
    Correction = Annotated["Correction", strawberry.lazy("schema.corrections")]
    CustomVocabulary = Annotated["CustomVocabulary", strawberry.lazy("schema.custom_vocabulary")]
    Exercise = Annotated["Exercise", strawberry.lazy("schema.exercises")]
    Group = Annotated["Group", strawberry.lazy("schema.groups")]
    Import = Annotated["Import", strawberry.lazy("schema.imports")]
    Job = Annotated["Job", strawberry.lazy("schema.jobs")]
    Kanji = Annotated["Kanji", strawberry.lazy("schema.kanji")]
    ManagedUser = Annotated["ManagedUser", strawberry.lazy("schema.managed_users")]
    Notification = Annotated["Notification", strawberry.lazy("schema.notifications")]
    NotificationPreference = Annotated["NotificationPreference", strawberry.lazy("schema.notifications")]
    Report = Annotated["Report", strawberry.lazy("schema.reports")]
    Review = Annotated["Review", strawberry.lazy("schema.cards")]
    Textbook = Annotated["Textbook", strawberry.lazy("schema.textbooks")]
    TextbookProgress = Annotated["TextbookProgress", strawberry.lazy("schema.textbooks")]
    Token = Annotated["Token", strawberry.lazy("schema.texts")]
    User = Annotated["User", strawberry.lazy("schema.viewer")]
    Vocabulary = Annotated["Vocabulary", strawberry.lazy("schema.vocabulary")]
