"""Words that Sudachi splits, or takes for forms of other words: いつも, 気に入る, すみません, つまらない.

The lists have those of the levels, which learners have cards of.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from analysis.parts_of_speech import TokenPartOfSpeech
from analysis.readings import dictionary_reading
from analysis.tokens import Token
from analysis.words import inflections_between
from domain.inflection import Inflection, WordClass


def _words(text: str) -> list[str]:
    return text.split()


_ADVERBS = _words(
    """
    いつも いつでも いつまでも いつのまにか いつか どうも どうか どうして どうしても どうにか どうやら すぐに
    もう一度 もうすぐ できるだけ すっと ざっと さっと ぐっと ずらっと ちらっと うんと しきりに とっくに もろに
    もしも もしかしたら もしかすると もしかして 若しかして なぜか なんとなく なんとか なんとも なんだか 何となく
    何とか 何とも 何だか 何より 何で 少しも 必ずしも 相変わらず おかげさまで お先に くれぐれも 少なくとも 遅くとも
    是非とも ぜひとも 前もって 如何にも いかにも 事によると それほど このあいだ この間 そのうち そのまま そのため
    そのほか その上 こうして そうして こんなに そんなに あんなに どんなに 思わず 絶えず 残らず 今まで これから
    一緒に 本当に 要するに なんだかんだ 滅多に めったに 無闇に 以て 於て 左程 何も なにも
    """
)
# No word that belongs to their noun is before these: 駅の先に is a place, and 男女別に a kind.
_ADVERBS_OF_NOUNS = _words(
    """
    先に 今にも 一度に 共に 実に 実は 徐々に 常に 一気に 次々に 割合に 次第に 始めに 一斉に 一概に 一挙に
    即座に 直に ついでに 別に 急に 非常に 間もなく まもなく
    """
)
_CONJUNCTIONS = _words("それから それとも または なぜなら そういえば 然しながら")
# These are words where a clause starts only: 日本でも and 行くだから have others.
_CONJUNCTIONS_AT_STARTS = _words(
    """
    でも では だから だけど ですから だって すると ところが ところで それで それでは それでも それなら したがって
    """
)
# Those before a comma: それに触る has a pronoun.
_CONJUNCTIONS_BEFORE_COMMAS = _words("それに そこで")
# Where no particle follows: その上に is a place, and どうかな a question.
_BEFORE_WORDS = frozenset(("どうか", "その上", "この間", "そのため"))
# After a particle they are verbs: これをいただきます.
_INTERJECTIONS = _words(
    """
    すみません ごめんなさい ごめんください おはようございます おやすみなさい お休みなさい お帰りなさい
    おかえりなさい ごちそうさま いただきます はじめまして どういたしまして 行ってきます いってきます
    行ってらっしゃい いってらっしゃい いらっしゃい お願いします お邪魔します お大事に お待たせしました
    おまたせしました おまちどおさま ご覧なさい どうぞよろしく こちらこそ おめでとう かしこまりました しまった
    """
)
_PRONOUNS = _words("何か なにか 何でも なんでも 誰か だれか どこか これら なんか いくつ")
_NOUNS = _words("男の人 女の人 さ来年 さ来月 さ来週 いい加減 有りのまま おまわりさん お知らせ")
_PARTICLES = ["かどうか"]
_REQUESTS = _words("ください 下さい")
_VERBS = _words(
    """
    おいでになる ごらんになる 役に立つ 気に入る 気をつける 気を付ける 気がつく 気が付く 知らせる 済ませる
    """
)
_ADJECTIVES = _words(
    """
    つまらない くだらない たまらない いけない とんでもない もったいない 申し訳ない 違いない 何気ない 果ない
    物足りない おめでたい 馬鹿らしい 思いがけない かもしれない やむをえない
    """
)
# Forms that the grammar does not make of their words.
_FORMS = {
    "すみませんでした": "すみません",
    "かもしれません": "かもしれない",
    "申し訳ありません": "申し訳ない",
    "申し訳ございません": "申し訳ない",
    "おめでとうございます": "おめでとう",
    "ごちそうさまでした": "ごちそうさま",
}
_PARTS_OF_SPEECH = {
    **dict.fromkeys(_ADVERBS + _ADVERBS_OF_NOUNS, TokenPartOfSpeech.ADVERB),
    **dict.fromkeys(_CONJUNCTIONS, TokenPartOfSpeech.CONJUNCTION),
    **dict.fromkeys(_CONJUNCTIONS_AT_STARTS + _CONJUNCTIONS_BEFORE_COMMAS, TokenPartOfSpeech.CONJUNCTION),
    **dict.fromkeys(_INTERJECTIONS, TokenPartOfSpeech.INTERJECTION),
    **dict.fromkeys(_PRONOUNS, TokenPartOfSpeech.PRONOUN),
    **dict.fromkeys(_NOUNS, TokenPartOfSpeech.NOUN),
    **dict.fromkeys(_PARTICLES, TokenPartOfSpeech.PARTICLE),
    **dict.fromkeys(_VERBS + _REQUESTS, TokenPartOfSpeech.VERB),
    **dict.fromkeys(_ADJECTIVES, TokenPartOfSpeech.I_ADJECTIVE),
}
_CLASSES = {
    **dict.fromkeys(_VERBS, int(WordClass.ICHIDAN | WordClass.GODAN)),
    **dict.fromkeys(_ADJECTIVES, int(WordClass.I_ADJECTIVE)),
}
_OF_NOUNS, _AT_STARTS = frozenset(_ADVERBS_OF_NOUNS), frozenset(_CONJUNCTIONS_AT_STARTS)
_BEFORE_COMMAS, _ALONE = frozenset(_CONJUNCTIONS_BEFORE_COMMAS), frozenset(_INTERJECTIONS)
# With the forms that begin with お, which Sudachi takes for those of 知る and 済む.
_INFLECTED = {form[:-1]: form for form in _CLASSES} | {"お知らせ": "知らせる", "お済ませ": "済ませる"}
_TEXTS = frozenset((_PARTS_OF_SPEECH.keys() - _CLASSES.keys()) | _INFLECTED.keys() | _FORMS.keys())
_BEGINNINGS = frozenset(text[:end] for text in _TEXTS for end in range(1, len(text) + 1))
# Most tokens are compared with these only.
_STARTS = frozenset(text[:2] for text in _TEXTS) | {text[:1] for text in _TEXTS}
_COMMAS = frozenset("、,，")
_PAUSES = frozenset((TokenPartOfSpeech.SYMBOL, TokenPartOfSpeech.WHITESPACE))
_NO_WORDS = _PAUSES | {TokenPartOfSpeech.PARTICLE, TokenPartOfSpeech.AUXILIARY}
_MODIFIERS = frozenset(
    (
        TokenPartOfSpeech.NOUN,
        TokenPartOfSpeech.PROPER_NOUN,
        TokenPartOfSpeech.NUMERAL,
        TokenPartOfSpeech.PREFIX,
        TokenPartOfSpeech.ADNOMINAL,
        TokenPartOfSpeech.VERB,
        TokenPartOfSpeech.I_ADJECTIVE,
    )
)


def join_expressions(tokens: Sequence[Token]) -> Sequence[Token]:
    """Return the tokens of a sentence, of which those that are an expression together are joined to the longest one."""
    joined: list[Token] = []
    index = 0
    while index < len(tokens):
        end = index + 1
        if tokens[index].surface[:2] in _STARTS:
            end, form = _longest(tokens, index)
            joined.append(tokens[index] if form is None else _expression(tuple(tokens[index:end]), form))
        else:
            joined.append(tokens[index])
        index = end
    return joined


def _longest(tokens: Sequence[Token], start: int) -> tuple[int, str | None]:
    """Return the end and the dictionary form of the longest expression that starts here; None if there is none."""
    found: tuple[int, str | None] = start + 1, None
    surface = ""
    for end in range(start + 1, len(tokens) + 1):
        surface += tokens[end - 1].surface
        form = _form_of(surface)
        if form is not None and _fits(form, tokens, start, end):
            found = end, form
        if surface not in _BEGINNINGS:
            break
    return found


@lru_cache(maxsize=1 << 12)
def _form_of(surface: str) -> str | None:
    """Return the dictionary form of an expression, or of a form of one."""
    if surface in _FORMS:
        return _FORMS[surface]
    if surface in _PARTS_OF_SPEECH:
        return surface
    for end in range(len(surface), 1, -1):
        form = _INFLECTED.get(surface[:end])
        if form is not None and inflections_between(surface, form, _CLASSES[form]) is not None:
            return form
    return None


def _fits(form: str, tokens: Sequence[Token], start: int, end: int) -> bool:
    before = tokens[start - 1] if start else None
    if form in _BEFORE_WORDS:
        following = tokens[end] if end < len(tokens) else None
        return following is not None and (following.surface in _COMMAS or following.part_of_speech not in _NO_WORDS)
    if form in _AT_STARTS:
        return before is None or before.part_of_speech in _PAUSES
    if form in _BEFORE_COMMAS:
        return end < len(tokens) and tokens[end].surface in _COMMAS
    if before is None:
        return True
    if form in _OF_NOUNS:
        return before.part_of_speech not in _MODIFIERS and before.surface != "の"
    return form not in _ALONE or before.part_of_speech is not TokenPartOfSpeech.PARTICLE


@lru_cache(maxsize=1 << 12)
def _expression(tokens: tuple[Token, ...], form: str) -> Token:
    surface = "".join(token.surface for token in tokens)
    reading = _joined_reading(tokens)
    classes = _CLASSES.get(form, 0)
    inflection: tuple[Inflection, ...] = ()
    if classes:
        inflection = inflections_between(surface, form, classes) or ()
    known = dictionary_reading(surface, reading, form) if classes else reading if surface == form else None
    return Token(surface, form, reading, _PARTS_OF_SPEECH[form], inflection, known, classes)


def _joined_reading(tokens: Iterable[Token]) -> str | None:
    readings = [token.reading for token in tokens]
    return None if None in readings else "".join(filter(None, readings))
