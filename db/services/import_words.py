"""Saves the ambiguous words of imports, and what the learner chooses for them."""

from collections.abc import Sequence

from db.commands import import_words as commands
from db.core.read_session import ReadSession
from db.core.transaction import Transaction
from db.queries.import_words import count_import_words, import_choices
from db.queries.vocabulary import vocabulary_by_id
from domain.ids import ImportId, VocabularyId
from domain.imports.analysis import MAX_AMBIGUOUS, AmbiguousWord
from domain.imports.mapping import Choices
from domain.imports.text import Expression
from domain.user_errors import UserErrorCode, invalid_input

# Of an import: other words can be chosen, too.
MAX_WORDS = 2 * MAX_AMBIGUOUS


async def save_ambiguous_words(transaction: Transaction, id: ImportId, words: Sequence[AmbiguousWord]) -> None:
    """Save what the analysis has found, in order. Up to one statement."""
    if words:
        rows = (
            (number, word.form, word.reading or "", word.note_count, [str(each) for each in word.candidates])
            for number, word in enumerate(words, start=1)
        )
        await transaction.rows(commands.insert_words, import_id=id, found=commands.found_value(rows))


async def save_choices(transaction: Transaction, id: ImportId, choices: Choices) -> None:
    """Save choices of an import; those for the same words are replaced. Three statements.

    Raises InvalidInput for an unknown word, and if the import would have more than `MAX_WORDS` words.
    """
    await check_choices(transaction, choices)
    chosen = ((form, reading or "", chosen_id) for (form, reading), chosen_id in choices.items())
    await transaction.rows(commands.save_choices, import_id=id, chosen=commands.chosen_value(chosen))
    [words] = await transaction.rows(count_import_words, import_id=id)
    if words.count > MAX_WORDS:
        raise invalid_input(UserErrorCode.LIMIT_REACHED, f"An import has at most {MAX_WORDS:,} words.", "choices")


async def check_choices(transaction: Transaction, choices: Choices) -> None:
    """Raise InvalidInput for an unknown word. Up to one statement."""
    chosen = list({id for id in choices.values() if id is not None})
    if not chosen:
        return
    known = {row.id for row in await transaction.rows(vocabulary_by_id, ids=chosen)}
    for index, id in enumerate(choices.values()):
        if id is not None and id not in known:
            message = "Word not found."
            raise invalid_input(UserErrorCode.NOT_FOUND, message, "choices", str(index), "vocabularyId")


async def chosen_words(reads: ReadSession, id: ImportId) -> dict[Expression, VocabularyId | None]:
    """Return what was chosen. One statement."""
    assert reads.viewer is not None  # Imports have learners.
    rows = await reads.rows(import_choices, import_id=id, viewer_id=reads.viewer.id)
    return {Expression(row.form, row.reading or None): row.chosen_id for row in rows}
