"""Every statement that reads cards leaves deleted ones out, or has a reason not to."""

import re

from tests.named_statements import named_statements

SOURCE = re.compile(r"\b(?:from|join|update) cards\b(?!\.)", re.IGNORECASE)
CONDITION = re.compile(r"(?<![\w.])(?:cards\.)?deleted_at is null", re.IGNORECASE)

# Statements that concern deleted cards as well.
UNFILTERED = {
    "db.queries.cards.cards_of_reviews_by_id": "a review keeps its card",
    "db.commands.locked_cards.lock_cards_of_words": "words are merged with all their cards",
    "db.commands.locked_cards.lock_reviewed_cards": "cards are rescheduled as if they were never deleted",
    "db.commands.locked_cards.read_reviewed_cards": "the same, before they are locked",
    "db.commands.locked_cards.lock_buried_cards": "days start at another time for all cards",
    "db.commands.imported_cards.lock_cards_of_subjects": "imports restore deleted cards",
    "db.commands.imports.mark_cards": "imports restore deleted cards",
    "db.commands.cards.move_due_days": "days start at another time for all cards",
    "db.commands.cards.change_words": "locked by the words",
    "db.commands.cards.purge_cards": "cards that are merged",
    "db.commands.cards.update_schedules": "locked cards",
    "db.commands.saved_reviews.save_reviews": "locked cards",
    "db.commands.saved_reviews.save_imported": "locked cards",
    "db.commands.cards.suspend_cards": "locked cards",
    "db.commands.leeches.suspend_leeches": "locked cards",
    "db.commands.leeches.dismiss_marks": "a rule holds for all cards",
    "db.commands.card_tags.flag_cards": "locked cards",
    "db.commands.card_tags.touch_cards": "locked cards",
    "db.commands.card_deletion.lock_cards_with_deleted": "deleted cards are deleted again, or restored",
    "db.commands.review_statistics.count_days": "their reviews were done",
    "db.commands.card_statistics.count_cards": "their counts are deleted",
    "db.queries.scheduling.newest_entries": "their reviews were done",
    "db.queries.statistics.cells": "their reviews were done",
    "db.queries.statistics.periods": "their reviews were done",
    "db.queries.statistics.cells_of_tags": "their reviews were done",
    "db.queries.statistics.periods_of_tags": "their reviews were done",
    "db.commands.card_contexts.insert_contexts": "cards that were just created or restored",
}


def test_statements_leave_deleted_cards_out() -> None:
    readers = [(name, statement) for name, statement in named_statements() if SOURCE.search(statement.sql)]
    assert len(readers) > 30
    unfiltered = {
        name or statement.sql
        for name, statement in readers
        if len(SOURCE.findall(statement.sql)) > len(CONDITION.findall(statement.sql))
        # The log of the learner, with the words of its cards.
        and "FROM reviews JOIN cards" not in statement.sql
        # Only deleted cards.
        and "cards.deleted_at IS NOT NULL" not in statement.sql
    }
    assert unfiltered == set(UNFILTERED)
