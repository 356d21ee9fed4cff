"""Cards, study and statistics."""

from domain.enums import AnswerResult, CardKind, CardOrder, CardState, LeechAction
from schema.enum_descriptions import describe_enum

describe_enum(
    AnswerResult,
    "How an answer compares with the expected ones.",
    CORRECT="Right, in any usual spelling.",
    CLOSE="Right but for a typing error, or another form of the right word.",
    WRONG_OKURIGANA="The right kanji and reading with other kana after the kanji: 新い for 新しい.",
    WRONG_READING="A reading that each kanji has, but not in this word: にち for 日 (ひ).",
    WRONG_FIELD="Right for another question about the word, such as its reading where its meaning is asked.",
    INCORRECT="Anything else.",
)
describe_enum(
    CardKind,
    "What a card asks.",
    RECOGNITION="The meaning of the word or kanji.",
    RECALL="The word or kanji of a meaning, in kanji or kana.",
    READING="The reading of the word or kanji.",
)
describe_enum(
    CardOrder,
    "Sort orders of cards. Cards at equal rank are in the order in which they were created, or in the reverse order.",
    NEWEST="Newest first.",
    OLDEST="Oldest first.",
    DUE_FIRST="Earliest due time first.",
    DUE_LAST="Latest due time first.",
    MOST_LAPSES="Most lapses first.",
    FEWEST_LAPSES="Fewest lapses first.",
    HARDEST="Highest FSRS difficulty first; cards without one last.",
    EASIEST="Cards without an FSRS difficulty, then the lowest first.",
    WORD="By the reading of the word or the kanji itself, in code point order.",
    WORD_DESCENDING="By the reading of the word or the kanji itself, in reverse code point order.",
)
describe_enum(
    CardState,
    "Learning states of a card.",
    NEW="Never reviewed.",
    LEARNING="In the initial learning steps.",
    REVIEW="Learnt; reviewed at increasing intervals.",
    RELEARNING="Forgotten; in relearning steps.",
)
describe_enum(
    LeechAction,
    "What happens to a card that is forgotten repeatedly.",
    SUSPEND="It is suspended.",
    MARK_ONLY="It is only marked.",
)
