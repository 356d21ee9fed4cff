"""Every statement that reads the review log knows which answers moved no schedule, or has a reason not to."""

import re

from tests.named_statements import named_statements

SOURCE = re.compile(r"\b(?:from|join|update) reviews\b(?!\.)", re.IGNORECASE)
# In a condition or as a result.
COLUMN = re.compile(r"\brescheduled\b")

# Statements that concern the whole log.
WHOLE_LOG = {
    "db.commands.reviews.undo_reviews": "all answers can be undone",
    "db.commands.locked_cards.lock_cards_of_reviews": "all answers can be undone",
    "db.commands.reviews.move_reviews": "cards are merged with all their answers",
    "db.queries.changes.copied_keys": "clients copy the whole log",
    "db.queries.changes.logged_keys": "clients copy the whole log",
    "db.queries.changes.copied_keys_before": "clients copy the whole log",
    "db.queries.changes.logged_keys_before": "clients copy the whole log",
    "db.queries.reviews.paged_card_reviews": "learners see the whole log",
    "db.queries.cram.cram_counts": "a session shows a card until it was answered in any way",
    "db.queries.cram.cram_cards": "a session shows a card until it was answered in any way",
}


def test_statements_leave_crammed_answers_out() -> None:
    readers = [(name, statement.sql) for name, statement in named_statements() if SOURCE.search(statement.sql)]
    assert len(readers) > 20
    # Other pages of lists have the conditions of their first one.
    unfiltered = {name for name, sql in readers if name is not None and not COLUMN.search(sql)}
    assert unfiltered == set(WHOLE_LOG)
