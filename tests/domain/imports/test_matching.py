"""Words match one entry, or are asked."""

from uuid import UUID

import pytest

from domain.ids import VocabularyId
from domain.imports.matching import Candidate, MatchKind, match
from domain.imports.text import Expression


def entry(number: int, word: str, reading: str, *, read: bool = False) -> Candidate:
    return Candidate(VocabularyId(UUID(int=number)), word, reading, read)


TODAY, THESE_DAYS = entry(1, "今日", "きょう"), entry(2, "今日", "こんにち")
BRIDGE, CHOPSTICKS = entry(3, "橋", "はし"), entry(4, "箸", "はし")
THANKS, RARE_THANKS = entry(5, "ありがとう", "ありがとう"), entry(6, "有り難う", "ありがとう")


@pytest.mark.parametrize(
    ("expression", "candidates", "kind", "found"),
    [
        (Expression("今日", "きょう"), [entry(1, "今日", "きょう", read=True), THESE_DAYS], MatchKind.EXACT, [1]),
        (Expression("今日", None), [TODAY, THESE_DAYS], MatchKind.AMBIGUOUS, [1, 2]),
        (Expression("今日", "ほんじつ"), [TODAY, THESE_DAYS], MatchKind.AMBIGUOUS, [1, 2]),
        (Expression("橋", "ばし"), [BRIDGE], MatchKind.FORM, [3]),
        (Expression("はし", "はし"), [BRIDGE, CHOPSTICKS], MatchKind.AMBIGUOUS, [3, 4]),
        (Expression("ありがとう", None), [RARE_THANKS, THANKS], MatchKind.FORM, [5]),
        (Expression("ブツブツ", None), [], MatchKind.UNKNOWN, []),
        (Expression("", None), [BRIDGE], MatchKind.UNKNOWN, []),
    ],
)
def test_one_entry_is_chosen_or_none(
    expression: Expression, candidates: list[Candidate], kind: MatchKind, found: list[int]
) -> None:
    result = match(expression, candidates)
    assert (result.kind, [candidate.id.int for candidate in result.candidates]) == (kind, found)
    assert (result.vocabulary_id is None) == (kind in (MatchKind.AMBIGUOUS, MatchKind.UNKNOWN))
