"""Finds the words and kanji of the dictionary for a batch of notes."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from db.core.read_session import ReadSession
from db.core.transaction import Transaction
from db.queries.imports import candidates, kanji_by_characters
from domain.custom_vocabulary import CustomWord
from domain.imports.matching import Candidate, ImportSubject, Match, MatchKind, SearchedSubject, form_keys, match
from domain.imports.records import ExactSubject
from domain.imports.text import Expression


async def match_subjects(
    reads: ReadSession | Transaction, searched: Iterable[SearchedSubject]
) -> dict[SearchedSubject, Match]:
    """Return the match of each distinct subject. Up to two statements."""
    distinct = list(dict.fromkeys(searched))
    words = [(each.expression, each.exact) for each in distinct if each.subject is ImportSubject.WORD]
    forms = [each.expression.form for each in distinct if each.subject is ImportSubject.KANJI]
    word_matches = await _match_words(reads, words)
    kanji = await _match_kanji(reads, forms)
    return {
        each: word_matches[each.expression, each.exact]
        if each.subject is ImportSubject.WORD
        else kanji.get(each.expression.form, Match(MatchKind.UNKNOWN))
        for each in distinct
    }


async def _match_kanji(reads: ReadSession | Transaction, forms: Iterable[str]) -> dict[str, Match]:
    """Return the kanji of forms, which may be compatibility characters of them. Up to one statement."""
    usual = {form: unicodedata.normalize("NFKC", form) for form in forms if len(form) == 1 and form.isprintable()}
    if not usual:
        return {}
    rows = await reads.rows(kanji_by_characters, characters=list({*usual, *usual.values()}))
    ids = {row.character: row.id for row in rows}
    found = {form: ids.get(form) or ids.get(normalized) for form, normalized in usual.items()}
    return {form: Match(MatchKind.EXACT, kanji_id=id) for form, id in found.items() if id is not None}


async def _match_words(
    reads: ReadSession | Transaction, words: Sequence[tuple[Expression, ExactSubject | None]]
) -> dict[tuple[Expression, ExactSubject | None], Match]:
    """Return the match of each distinct word. Up to one statement."""
    # PostgreSQL stores neither null characters nor lone surrogates.
    searched = [
        expression
        for expression in dict.fromkeys(expression for expression, exact in words if not isinstance(exact, CustomWord))
        if expression.form.isprintable() and expression.form
    ]
    keys = [form_keys(expression) for expression in searched]
    found: dict[Expression, list[Candidate]] = defaultdict(list)
    if keys:
        rows = await reads.rows(
            candidates,
            spelling_keys=[spelling for spelling, _, _ in keys],
            kana_keys=[kana for _, kana, _ in keys],
            reading_keys=[reading or "" for _, _, reading in keys],
        )
        for row in rows:
            found[searched[row.number - 1]].append(Candidate(row.id, row.word, row.reading, row.has_reading))
    return {(expression, exact): _match(expression, exact, found) for expression, exact in words}


def _match(
    expression: Expression, exact: ExactSubject | None, found: Mapping[Expression, Sequence[Candidate]]
) -> Match:
    # An own word may be written as one of the dictionary.
    if isinstance(exact, CustomWord):
        return Match(MatchKind.UNKNOWN)
    named = [candidate for candidate in found.get(expression, ()) if candidate.id == exact]
    return Match(MatchKind.EXACT, named) if named else match(expression, found.get(expression, ()))
