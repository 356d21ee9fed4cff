"""Cards and their answers."""

from enum import StrEnum


class CardState(StrEnum):
    """The learning state of a card."""

    NEW = "NEW"
    LEARNING = "LEARNING"
    REVIEW = "REVIEW"
    RELEARNING = "RELEARNING"


class Maturity(StrEnum):
    """How well a card is known, by its interval. LEARNING: less than a day. MATURE: 21 days or more."""

    NEW = "NEW"
    LEARNING = "LEARNING"
    YOUNG = "YOUNG"
    MATURE = "MATURE"


class StudyQueue(StrEnum):
    """The queues of a study session. LEARNING: due by the minute. REVIEW: due by the learner's day."""

    NEW = "NEW"
    LEARNING = "LEARNING"
    REVIEW = "REVIEW"


class CardKind(StrEnum):
    """What a card asks. Cards of one subject with different kinds are siblings.

    RECOGNITION: the meaning of a word or a kanji. RECALL: the word or the kanji of a meaning. READING: the reading.
    """

    RECOGNITION = "RECOGNITION"
    RECALL = "RECALL"
    READING = "READING"


class AnswerResult(StrEnum):
    """How an answer compares with the expected ones."""

    CORRECT = "CORRECT"
    CLOSE = "CLOSE"
    WRONG_OKURIGANA = "WRONG_OKURIGANA"
    WRONG_READING = "WRONG_READING"
    WRONG_FIELD = "WRONG_FIELD"
    INCORRECT = "INCORRECT"


class CardOrder(StrEnum):
    """Sort orders of cards."""

    NEWEST = "NEWEST"
    OLDEST = "OLDEST"
    DUE_FIRST = "DUE_FIRST"
    DUE_LAST = "DUE_LAST"
    MOST_LAPSES = "MOST_LAPSES"
    FEWEST_LAPSES = "FEWEST_LAPSES"
    HARDEST = "HARDEST"
    EASIEST = "EASIEST"
    WORD = "WORD"
    WORD_DESCENDING = "WORD_DESCENDING"


class LeechAction(StrEnum):
    """What happens to a card that becomes a leech."""

    SUSPEND = "SUSPEND"
    MARK_ONLY = "MARK_ONLY"


# A card with an interval of this many days or more counts as mature.
MATURE_INTERVAL_DAYS = 21
