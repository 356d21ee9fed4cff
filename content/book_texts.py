"""Finds and stores the words of books with text: their numbers and first occurrences, and the totals of the text."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from common.batches import batches
from content.text_words import WordFinder, analysis_version, words_of
from db.core.connection import Connection
from domain.annotated_text import decode_ruby
from domain.ids import BookId, VocabularyId

# About 50,000 characters, which are analysed in a quarter of a second.
_PAGES_PER_BATCH = 100


@dataclass(slots=True)
class FoundWord:
    """A word. `page` and `start`: of its first occurrence."""

    page: int
    start: int
    occurrences: int = 0


@dataclass(slots=True)
class BookText:
    """The words of the text of a book by first occurrence.

    `unknown`: occurrences of words without an entry, by dictionary form.
    """

    book_id: BookId
    text_hash: str
    analysis: str
    words: dict[VocabularyId, FoundWord] = field(default_factory=dict)
    unknown: dict[str, int] = field(default_factory=dict)


async def find_words(connection: Connection, book_id: BookId, finder: WordFinder | None = None) -> BookText | None:
    """Analyse the text of a book. None if the book has no text, or its words are those of this analysis.

    `finder`: the one of other books, to read the entries of their words once.
    """
    analysis = await analysis_version(connection)
    row = await connection.fetchrow(_STATE, book_id)
    if row is None or row["text_hash"] is None or (row["text_hash"], analysis) == (row["saved_hash"], row["analysis"]):
        return None
    text = BookText(book_id, row["text_hash"], analysis)
    finder = finder or WordFinder(connection)
    pages = await connection.fetch(_PAGES, book_id)
    for batch in batches(pages, _PAGES_PER_BATCH):
        ruby = [decode_ruby(page["ruby"]) for page in batch]
        found = await finder.find([page["text"] for page in batch], ruby)
        for page, sentences in zip(batch, found, strict=True):
            for start, token in words_of(sentences):
                if token.vocabulary_id is None:
                    text.unknown[token.dictionary_form] = text.unknown.get(token.dictionary_form, 0) + 1
                    continue
                word = text.words.setdefault(token.vocabulary_id, FoundWord(page["number"], start))
                word.occurrences += 1
    return text


async def save_words(connection: Connection, text: BookText) -> bool:
    """Replace the words of a book, in a transaction. False, without a change, if the text was replaced meanwhile."""
    # Imports of texts lock the book, too.
    if await connection.fetchval(_LOCK, text.book_id) != text.text_hash:
        return False
    await connection.execute("delete from book_vocabulary where book_id = $1", text.book_id)
    await connection.execute("delete from book_texts where book_id = $1", text.book_id)
    words = text.words.values()
    await connection.execute(
        _INSERT_WORDS,
        text.book_id,
        list(text.words),
        [word.occurrences for word in words],
        [word.page for word in words],
        [word.start for word in words],
    )
    unknown = sum(text.unknown.values())
    await connection.execute(
        _INSERT_TEXT,
        text.book_id,
        text.text_hash,
        text.analysis,
        unknown + sum(word.occurrences for word in words),
        len(text.unknown) + len(words),
        unknown,
        len(text.unknown),
    )
    return True


async def analyze_books(connection: Connection, ids: Sequence[UUID], finder: WordFinder | None = None) -> None:
    """Find and store the words of books in the caller's transaction. Books whose words are current are skipped.

    `finder`: that of other books, as for `find_words`.
    """
    finder = finder or WordFinder(connection)
    for id in ids:
        text = await find_words(connection, BookId(id), finder)
        if text is not None:
            await save_words(connection, text)


_STATE = """
    select book_text_hash(id) as text_hash, book_texts.text_hash as saved_hash, analysis
    from books left join book_texts on book_id = id where id = $1
"""
_PAGES = "select number, text, ruby::text as ruby from book_pages where book_id = $1 order by number"
_LOCK = "select book_text_hash(id) from books where id = $1 for no key update"
# Entries that were deleted meanwhile are skipped: then the version of the analysis differs, too.
_INSERT_WORDS = """
    insert into book_vocabulary (book_id, position, vocabulary_id, occurrences, page, start)
    select $1, number - 1, words.word, occurrences, page, start
    from unnest($2::uuid[], $3::int[], $4::int[], $5::int[])
        with ordinality as words (word, occurrences, page, start, number)
        join vocabulary on vocabulary.id = words.word
"""
_INSERT_TEXT = """
    insert into book_texts (
        book_id, text_hash, analysis, token_count, word_count, unknown_token_count, unknown_word_count
    ) values ($1, $2, $3, $4, $5, $6, $7)
"""
