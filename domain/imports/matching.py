"""Which word or kanji a note is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from domain.ids import KanjiId, VocabularyId
from domain.imports.records import ExactSubject
from domain.imports.text import Expression
from domain.search.folding import fold_japanese
from domain.search.index_keys import MAX_KEY_LENGTH, READING, SPELLING


class ImportSubject(StrEnum):
    """What the cards of a note are about."""

    WORD = "WORD"
    KANJI = "KANJI"


class SearchedSubject(NamedTuple):
    """What a note is about, as it is searched for. A word may be written as a kanji is.

    `exact`: what an export of ShinJP names; an entry is found by its id if it still has the form.
    """

    subject: ImportSubject
    expression: Expression
    exact: ExactSubject | None = None


class MatchKind(StrEnum):
    """How a note matches the dictionary.

    EXACT: one entry has its form and reading, or it is a kanji. FORM: one entry has its form. AMBIGUOUS: several have.
    UNKNOWN: none has.
    """

    EXACT = "EXACT"
    FORM = "FORM"
    AMBIGUOUS = "AMBIGUOUS"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that has the form of a note. `has_reading`: whether it has the reading, too, if the note has one."""

    id: VocabularyId
    word: str
    reading: str
    has_reading: bool


@dataclass(frozen=True, slots=True)
class Match:
    """`candidates`: one word for EXACT and FORM, several for AMBIGUOUS, the best first. `kanji_id`: instead of them."""

    kind: MatchKind
    candidates: Sequence[Candidate] = ()
    kanji_id: KanjiId | None = None

    @property
    def vocabulary_id(self) -> VocabularyId | None:
        if not self.candidates or self.kind is MatchKind.AMBIGUOUS:
            return None
        return self.candidates[0].id


def form_keys(expression: Expression) -> tuple[str, str, str | None]:
    """Return the keys of the search index for the form, as a spelling and as a reading, and for the reading."""
    folded = fold_japanese(expression.form)
    reading = None if expression.reading is None else _key(READING, fold_japanese(expression.reading))
    return _key(SPELLING, folded), _key(READING, folded), reading


def match(expression: Expression, candidates: Sequence[Candidate]) -> Match:
    """Choose among the entries that have the form, the best first.

    An entry that is usually written like this is preferred to those that are so rarely; if several are left, none is.
    """
    if not expression.form or not candidates:
        return Match(MatchKind.UNKNOWN)
    if expression.reading is not None:
        exact = _prefer_headwords(expression, [candidate for candidate in candidates if candidate.has_reading])
        if len(exact) == 1:
            return Match(MatchKind.EXACT, exact)
        if exact:
            return Match(MatchKind.AMBIGUOUS, exact)
    by_form = _prefer_headwords(expression, candidates)
    return Match(MatchKind.FORM if len(by_form) == 1 else MatchKind.AMBIGUOUS, by_form)


def _prefer_headwords(expression: Expression, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
    folded = fold_japanese(expression.form)
    usual = [candidate for candidate in candidates if fold_japanese(candidate.word) == folded]
    return usual or candidates


def _key(kind: str, folded: str) -> str:
    return (kind + folded)[:MAX_KEY_LENGTH]
