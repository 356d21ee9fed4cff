"""The enums of words and tokens as GraphQL enums, with descriptions of their values."""

from analysis import TokenPartOfSpeech
from domain.dictionary import Code, Dialect, FormKind, FormTag, PartOfSpeech, SubjectField, UsageLabel
from domain.inflection import Inflection
from schema.enum_descriptions import describe_enum

describe_enum(
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
    HEARSAY="One hears that: 食べるそうだ.",
    HONORIFIC="Respectful: お食べになる.",
    HUMBLE="Humble: お持ちする.",
    IMPERATIVE="Command: 食べろ, 食べな.",
    NARA_CONDITIONAL="If, with なら: 静かなら.",
    NEGATIVE="Negative: 食べない.",
    NEGATIVE_VOLITIONAL="Will not: 食べまい.",
    NOMINALIZATION="Noun of an adjective: 高さ.",
    OBLIGATION="Must or should: 食べなければならない, 食べるべきだ.",
    PASSIVE="Passive or, of an ichidan verb, potential: 食べられる.",
    PAST="Past: 食べた.",
    PERMISSION="May: 食べてもいい.",
    POLITE="Polite: 食べます.",
    POTENTIAL="Can: 書ける, 食べれる.",
    PRESUMPTIVE="Probably, perhaps or apparently: 静かでしょう, 食べるかもしれない, 食べるらしい.",
    PROGRESSIVE="Is doing it, or the resulting state: 食べている.",
    PROHIBITIVE="Must not: 食べるな.",
    PURPOSE="In order to: 食べに.",
    QUESTION="Asks, with か: 食べますか.",
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
    TENDENCY="Tends to: 食べがちだ.",
    VOLITIONAL="Let's, or intends to: 食べよう.",
)
describe_enum(
    FormKind,
    "Kinds of forms of a word.",
    KANJI="Written with kanji, or with other characters than kana.",
    KANA="Written in kana.",
)


def _describe_codes(enum: type[Code], description: str) -> None:
    """Describe the values of an enum by JMdict's descriptions."""
    describe_enum(enum, description, **{code.name: f"{code.label[0].upper()}{code.label[1:]}." for code in enum})


_describe_codes(FormTag, "Irregular, outdated and unusual features of a form.")
_describe_codes(PartOfSpeech, "Parts of speech, as JMdict distinguishes them.")
_describe_codes(SubjectField, "Fields of knowledge.")
_describe_codes(UsageLabel, "Style and register of a word.")
_describe_codes(Dialect, "Dialects of Japanese.")
describe_enum(
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
