"""Every statement that reads cards leaves deleted ones out, or has a reason not to."""

import gc
import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import db.commands
import db.queries
from db.core.pagination import PagedQuery
from db.core.statement import Statement
from db.queries.books import BookFilter, paged_books
from db.queries.card_lists import paged_cards
from db.queries.cards import CardFilter
from db.queries.cram import cram_cards, cram_counts
from db.queries.exports import build_export
from db.queries.sentences import paged_sentences
from db.queries.study import StudyFilter, study_cards, study_counts
from db.queries.vocabulary import VocabularyFilter, paged_vocabulary
from domain.enums import BookOrder, ExportFormat, ExportKind, NewCardOrder, Scheduler

SOURCE = re.compile(r"\b(?:from|join|update) cards\b(?!\.)", re.IGNORECASE)
CONDITION = re.compile(r"(?<![\w.])(?:cards\.)?deleted_at is null", re.IGNORECASE)

# Statements that concern deleted cards as well.
UNFILTERED = {
    "db.queries.cards.cards_of_reviews_by_id": "a review keeps its card",
    "db.commands.locked_cards.lock_cards_of_words": "words are merged with all their cards",
    "db.commands.locked_cards.lock_reviewed_cards": "cards are rescheduled as if they were never deleted",
    "db.commands.cards.move_due_days": "days start at another time for all cards",
    "db.commands.cards.change_words": "locked by the words",
    "db.commands.cards.purge_cards": "cards that are merged",
    "db.commands.cards.update_schedules": "locked cards",
    "db.commands.saved_reviews.save_reviews": "locked cards",
    "db.commands.cards.suspend_cards": "locked cards",
    "db.commands.leeches.suspend_leeches": "locked cards",
    "db.commands.leeches.dismiss_marks": "a rule holds for all cards",
    "db.commands.card_tags.flag_cards": "locked cards",
    "db.commands.card_tags.touch_cards": "locked cards",
    "db.commands.card_deletion.lock_cards_with_deleted": "deleted cards are deleted again, or restored",
    "db.commands.card_deletion.restore_cards": "deleted cards",
    "db.commands.card_deletion.restore_cards_of_subjects": "deleted cards",
    "db.commands.review_statistics.count_days": "their reviews were done",
    "db.queries.statistics.cells": "their reviews were done",
    "db.queries.statistics.periods": "their reviews were done",
    "db.commands.card_contexts.insert_contexts": "cards that were just created or restored",
}


def _variants() -> list[Statement[Any]]:
    """Statements that functions build, for which modules have no names."""
    every = VocabularyFilter(has_card=True)
    pages: list[PagedQuery[Any]] = [
        paged_cards(CardFilter()),
        paged_vocabulary(every),
        paged_vocabulary(VocabularyFilter(has_card=False)),
        paged_sentences(known=True),
        *(paged_books(BookFilter(), order, includes_unpublished=False) for order in BookOrder),
    ]
    study: list[Statement[Any]] = [
        *(study_counts(StudyFilter(), bury=bury) for bury in (True, False)),
        *(
            study_cards(StudyFilter(), scheduler, order, bury=bury)
            for scheduler in Scheduler
            for order in NewCardOrder
            for bury in (True, False)
        ),
    ]
    study += [cram_counts(StudyFilter())]
    study += [cram_cards(StudyFilter(), scheduler, order) for scheduler in Scheduler for order in NewCardOrder]
    export = build_export(ExportKind.CARDS, ExportFormat.CSV)
    return [*(page.count for page in pages), *study, export.lines, export.count]


def _named() -> Iterator[tuple[str, Statement[Any]]]:
    for package in (db.queries, db.commands):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            for name, value in vars(import_module(module.name)).items():
                if isinstance(value, Statement):
                    yield f"{module.name}.{name}", value
                elif isinstance(count := getattr(value, "count", None), Statement):
                    yield f"{module.name}.{name}", count


def test_statements_leave_deleted_cards_out() -> None:
    names = {id(statement): name for name, statement in _named()}
    kept_alive = _variants()
    statements = [value for value in gc.get_objects() if isinstance(value, Statement)]
    assert {id(statement) for statement in kept_alive} <= {id(statement) for statement in statements}
    readers = [statement for statement in statements if SOURCE.search(statement.sql)]
    assert len(readers) > 30
    unfiltered = {
        names.get(id(statement), statement.sql)
        for statement in readers
        if len(SOURCE.findall(statement.sql)) > len(CONDITION.findall(statement.sql))
        # The log of the learner, with the words of its cards.
        and "FROM reviews JOIN cards" not in statement.sql
    }
    assert unfiltered == set(UNFILTERED)
