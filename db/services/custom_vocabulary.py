"""Saves words of the learner that the dictionary does not have."""

from collections.abc import Iterable

from db.commands import custom_vocabulary as commands
from db.core.transaction import Transaction
from domain.custom_vocabulary import CustomWord
from domain.ids import CustomVocabularyId


async def save_words(
    transaction: Transaction, words: Iterable[CustomWord]
) -> dict[tuple[str, str], CustomVocabularyId]:
    """Insert new words, change the meanings of others unless the given one is empty, and return ids by word and
    reading. Of equal words the last one with a meaning counts. One to three statements.
    """
    distinct: dict[tuple[str, str], CustomWord] = {}
    for word in words:
        if word.meaning or word[:2] not in distinct:
            distinct[word[:2]] = word
    found = await transaction.rows(commands.words_by_text, **commands.text_values(distinct))
    present = {(row.word, row.reading): row for row in found}
    ids = {key: row.id for key, row in present.items()}
    changed = [
        word for key, word in distinct.items() if key not in present or word.meaning not in ("", present[key].meaning)
    ]
    if changed:
        saved = await transaction.rows(commands.save_words, **commands.word_values(changed))
        ids |= {(row.word, row.reading): row.id for row in saved}
        if touched := [row.id for row in saved if (row.word, row.reading) in present]:
            await transaction.rows(commands.touch_cards, ids=touched)
    return ids
