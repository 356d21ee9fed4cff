"""The enums of the domain as GraphQL enums, with descriptions of their values."""

from enum import StrEnum

import strawberry
from strawberry.types.enum import has_enum_definition

from analysis import TokenPartOfSpeech
from domain.dictionary import Code, Dialect, FormKind, FormTag, PartOfSpeech, SubjectField, UsageLabel
from domain.enums import (
    BookOrder,
    BookTextFormat,
    CacheControlScope,
    CardState,
    ExportFormat,
    ExportKind,
    HealthStatus,
    JlptLevel,
    JobKind,
    JobStatus,
    ReadingStatus,
    Role,
    Scheduler,
    SearchField,
    TextbookStatus,
)
from domain.inflection import Inflection
from domain.user_errors import UserErrorCode


def _describe(enum: type[StrEnum], description: str, **values: str) -> None:
    strawberry.enum(enum, description=description)
    if has_enum_definition(enum):
        for value in enum.__strawberry_definition__.values:
            value.description = values[value.name]


_describe(
    CacheControlScope,
    "Whether a cached value is shared.",
    PUBLIC="Shared by all viewers.",
    PRIVATE="Cached for one viewer.",
)
_describe(
    JlptLevel,
    "Levels of the Japanese-Language Proficiency Test.",
    N5="The easiest level: basic words and kana.",
    N4="Everyday words and about 300 kanji.",
    N3="The middle level: everyday texts.",
    N2="Newspapers and general texts.",
    N1="The hardest level: texts of any kind.",
)
_describe(
    BookTextFormat,
    "How the marks in an imported text are read.",
    AOZORA="Aozora Bunko's format: 《readings》 and ［＃notes］, a header and a footer. All of them are optional.",
    PLAIN="All characters are text.",
)
_describe(
    BookOrder,
    "Sort orders of books.",
    NEWEST="Newest first.",
    OLDEST="Oldest first.",
    TITLE="By title, in code point order.",
    LEVEL="Easiest level first.",
)
_describe(
    ReadingStatus,
    "Reading states of a book.",
    NOT_STARTED="Not opened.",
    READING="Started, not finished.",
    FINISHED="Read to the end.",
)
_describe(
    TextbookStatus,
    "Textbook states.",
    GENERATING="Chapters are being written.",
    READY="All chapters are written.",
    FAILED="Some chapters could not be generated.",
)
_describe(
    Role,
    "Roles, lowest first. A role includes the permissions of those before it.",
    LEARNER="Any authenticated user.",
    EDITOR="Views and edits books and public textbooks.",
    ADMIN="Manages the platform.",
)
_describe(
    UserErrorCode,
    "Codes of user errors.",
    REQUIRED="The value is required.",
    TOO_SHORT="The value is too short.",
    TOO_LONG="The value is too long.",
    OUT_OF_RANGE="The value is out of range.",
    INVALID="The value is invalid.",
    NOT_FOUND="No object with this id is visible to the viewer.",
    CONFLICT="The value conflicts with the current state.",
    ALREADY_EXISTS="The object exists already.",
    LIMIT_REACHED="The maximum number has been reached.",
)
_describe(
    Scheduler,
    "Scheduling algorithms.",
    SM2="SuperMemo 2.",
    FSRS="The Free Spaced Repetition Scheduler.",
)
_describe(
    CardState,
    "Learning states of a card.",
    NEW="Never reviewed.",
    LEARNING="In the initial learning steps.",
    REVIEW="Learnt; reviewed at increasing intervals.",
    RELEARNING="Forgotten; in relearning steps.",
)
_describe(
    SearchField,
    "Fields of a word that a search can match.",
    WORD="The word in its usual spelling.",
    READING="Reading in kana.",
    ROMAJI="Reading in romaji.",
    MEANING="An English meaning.",
)
_describe(
    Inflection,
    "What an ending adds to a word.",
    ADVERBIAL="Adverb of an adjective: 高く, 静かに.",
    APPEARANCE="Looks like it: 食べそう, 高そう.",
    ATTRIBUTIVE="Before a noun: 静かな.",
    BA_CONDITIONAL="If, with ば: 食べれば.",
    BECOME="Becomes: 高くなる.",
    CAUSATIVE="Makes or lets somebody do it: 食べさせる.",
    CONCESSIVE="Even if: 食べても.",
    CONTINUE="Continues doing it: 食べ続ける.",
    COPULA="With the copula: 静かだ, 学生です.",
    DESIDERATIVE="Wants to: 食べたい.",
    DIFFICULT="Hard to do: 食べにくい.",
    EASY="Easy to do: 食べやすい.",
    EXCESSIVE="Too much: 食べすぎる.",
    EXPLANATORY="With the explanatory の: 食べるんです.",
    FINISH="Finishes doing it: 食べ終わる.",
    GARU="Shows signs of a feeling: 食べたがる, 寒がる.",
    HONORIFIC="Respectful: お食べになる.",
    HUMBLE="Humble: お持ちする.",
    IMPERATIVE="Command: 食べろ.",
    NARA_CONDITIONAL="If, with なら: 静かなら.",
    NEGATIVE="Negative: 食べない.",
    NEGATIVE_VOLITIONAL="Will not: 食べまい.",
    NOMINALIZATION="Noun of an adjective: 高さ.",
    OBLIGATION="Must: 食べなければならない.",
    PASSIVE="Passive or, of an ichidan verb, potential: 食べられる.",
    PAST="Past: 食べた.",
    PERMISSION="May: 食べてもいい.",
    POLITE="Polite: 食べます.",
    POTENTIAL="Can: 書ける, 食べれる.",
    PRESUMPTIVE="Probably: 高かろう, 静かでしょう.",
    PROGRESSIVE="Is doing it, or the resulting state: 食べている.",
    PROHIBITIVE="Must not: 食べるな.",
    PURPOSE="In order to: 食べに.",
    REQUEST="Please do: 食べてください, 食べなさい.",
    RESEMBLING="Like: 子供っぽい, 食べるようだ.",
    SIMULTANEOUS="While: 食べながら.",
    SLANG="Colloquial sound change: 食べねえ, すげえ.",
    START="Starts doing it: 食べ始める.",
    STEM="Stem before other words: 食べ.",
    TARA_CONDITIONAL="If or when, with たら: 食べたら.",
    TARI="Among other things: 食べたり.",
    TE="Form in て: 食べて.",
    TE_AGERU="Does it for somebody: 食べてあげる.",
    TE_ARU="Has been done: 書いてある.",
    TE_HOSHII="Wants somebody to do it: 食べてほしい.",
    TE_IKU="Continues, or does it and leaves: 食べていく.",
    TE_KURERU="Somebody does it for the speaker: 食べてくれる.",
    TE_KURU="Began, or does it and comes: 食べてくる.",
    TE_MIRU="Tries: 食べてみる.",
    TE_MORAU="Has somebody do it: 食べてもらう.",
    TE_OKU="Does it in advance: 食べておく, 食べとく.",
    TE_SHIMAU="Does it completely or by mistake: 食べてしまう, 食べちゃう.",
    TE_WA="If or repeatedly, with ては: 食べては, 食べちゃ.",
    TE_YARU="Does it for an inferior: 食べてやる.",
    VOLITIONAL="Let's, or intends to: 食べよう.",
)
_describe(
    JobKind,
    "Kinds of jobs.",
    GENERATE_TEXTBOOK="Generates the chapters of a textbook.",
    EXPORT="Exports data to a file.",
    REFRESH_ANALYTICS="Refreshes the statistics for administrators.",
    CLEANUP="Removes expired data.",
)
_describe(
    JobStatus,
    "Job states.",
    QUEUED="Queued.",
    RUNNING="Running.",
    RETRYING="Failed; waiting for a retry.",
    SUCCEEDED="Succeeded.",
    FAILED="Failed permanently.",
    CANCELLED="Cancelled by the owner.",
)
_describe(
    ExportKind,
    "Kinds of exports.",
    REVIEWS="The viewer's reviews, oldest first.",
    CARDS="The viewer's cards, oldest first.",
    LEARNERS="Every learner; administrators only.",
)
_describe(
    ExportFormat,
    "File formats of exports.",
    CSV="Comma-separated values (RFC 4180).",
    JSONL="JSON Lines: one object a line.",
)
_describe(
    HealthStatus,
    "Health states.",
    OK="Works.",
    DEGRADED="Works slower or with fewer features.",
    DOWN="Unavailable.",
)

_describe(
    FormKind,
    "Kinds of forms of a word.",
    KANJI="Written with kanji, or with other characters than kana.",
    KANA="Written in kana.",
)


def _describe_codes(enum: type[Code], description: str) -> None:
    """Describe the values of an enum by JMdict's descriptions."""
    _describe(enum, description, **{code.name: f"{code.label[0].upper()}{code.label[1:]}." for code in enum})


_describe_codes(FormTag, "Irregular, outdated and unusual features of a form.")
_describe_codes(PartOfSpeech, "Parts of speech, as JMdict distinguishes them.")
_describe_codes(SubjectField, "Fields of knowledge.")
_describe_codes(UsageLabel, "Style and register of a word.")
_describe_codes(Dialect, "Dialects of Japanese.")
_describe(
    TokenPartOfSpeech,
    "Parts of speech of tokens.",
    NOUN="A noun.",
    PROPER_NOUN="A name.",
    PRONOUN="A pronoun.",
    NUMERAL="A number.",
    VERB="A verb with its auxiliaries.",
    I_ADJECTIVE="An i-adjective with its auxiliaries: 高かった.",
    NA_ADJECTIVE="A na-adjective with its copula: 静かな.",
    ADNOMINAL="A word that only modifies nouns: この.",
    ADVERB="An adverb.",
    CONJUNCTION="A conjunction.",
    INTERJECTION="An interjection.",
    PARTICLE="A particle.",
    AUXILIARY="The copula, or an auxiliary on its own.",
    PREFIX="A prefix.",
    SUFFIX="A suffix or counter.",
    SYMBOL="Punctuation, and characters that are not Japanese.",
    WHITESPACE="White space.",
)
