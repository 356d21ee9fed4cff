"""Words of several morphemes, and words that have the form of another one."""

import os
from collections.abc import Iterable, Mapping
from uuid import UUID

import pytest

from analysis import Token, analyze
from content.jmdict import JmdictEntry, database_path, open_jmdict
from content.level_words import LevelWord
from domain.search.kana import hiragana
from tests.analysis.jmdict_look_up import look_up
from tests.analysis.level_words import level_words
from tests.content.jmdict import needs_jmdict

# `make fuzz` analyses all words of the levels.
EACH = 1 if "FUZZ_SEED" in os.environ else 4
# Words that need a context, which a word alone does not have, and rare spellings.
SPLIT = {
    "まで",
    "それに",
    "そこで",
    "とこや",
    "しーん",
    "ご座います",
    "にも拘らず",
    "為来り",
    "どれどれ",
    "何て",
    "何と",
}
SPLIT |= {"並びに", "本の", "今に", "真に", "どうか", "その上", "そのため"}
# Written in kana in the lists only, whose spellings `look_up` does not have.
SPLIT |= {f"お{word}" for word in ("ばあさん", "じいさん", "ばあちゃん", "じいちゃん", "つり", "しゃべり", "しまい")}
SPLIT |= {"ごちそう"}


def words_of(text: str) -> str:
    tokens = (token for sentence in analyze(text) for token in sentence.tokens)
    return " ".join(
        f"{token.surface}/{token.dictionary_form}/{'+'.join(token.inflection)}".rstrip("/") for token in tokens
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("いつも何かある", "いつも/いつも 何か/何か ある/ある"),
        ("気に入った", "気に入った/気に入る/PAST"),
        ("つまらなかった", "つまらなかった/つまらない/PAST"),
        ("知らせてください", "知らせてください/知らせる/REQUEST"),
        ("お知らせします", "お知らせします/知らせる/HUMBLE+POLITE"),
        ("お知らせがある", "お知らせ/お知らせ が/が ある/ある"),
        ("お知り合い", "お/お 知り合い/知り合い"),
        ("雨かもしれません", "雨/雨 かもしれません/かもしれない"),
        ("すみませんでした", "すみませんでした/すみません"),
        ("行くかどうか", "行く/行く かどうか/かどうか"),
        ("どうかな", "どう/どう か/か な/な"),
        ("どうか待って", "どうか/どうか 待って/待つ/TE"),
        ("でも、日本でも", "でも/でも 、/、 日本/日本 で/で も/も"),
        ("だから行くだから", "だから/だから 行く/行く だ/だ から/から"),
        ("先に行く", "先に/先に 行く/行く"),
        ("駅の先に", "駅/駅 の/の 先/先 に/に"),
        ("男女別に", "男女/男女 別に/別/ADVERBIAL"),
        ("それに触る", "それ/それ に/に 触る/触る"),
        ("それに、高い", "それに/それに 、/、 高い/高い"),
        ("いただきます", "いただきます/いただきます"),
        ("これをいただきます", "これ/これ を/を いただきます/いただく/POLITE"),
        ("その上に", "その/その 上/上 に/に"),
        ("厭々行く", "厭々/厭々 行く/行く"),
    ],
)
def test_expressions(text: str, words: str) -> None:
    assert words_of(text) == words


@needs_jmdict
@pytest.mark.parametrize(
    ("text", "form", "reading", "inflection"),
    [
        ("見慣れました", "見慣れる", "みなれました", "POLITE PAST"),
        ("意気込んで", "意気込む", "いきごんで", "TE"),
        ("不安定です", "不安定", "ふあんていです", "POLITE"),
        ("一生懸命に", "一生懸命", "いっしょうけんめいに", "ADVERBIAL"),
        ("再確認した", "再確認する", "さいかくにんした", "PAST"),
        ("可能性", "可能性", "かのうせい", ""),
        ("お休み", "お休み", "おやすみ", ""),
        ("於て", "於て", "おいて", ""),
        ("勉強する", "勉強する", "べんきょうする", ""),
        ("ペットボトル", "ペットボトル", "ぺっとぼとる", ""),
    ],
)
def test_compounds_have_their_entry(text: str, form: str, reading: str, inflection: str) -> None:
    [[token]] = look_up([text], [form, form.removesuffix("する")])
    assert token.vocabulary_id is not None
    assert (token.dictionary_form, token.reading, " ".join(token.inflection)) == (form, reading, inflection)


@needs_jmdict
@pytest.mark.parametrize(
    ("text", "kana", "spellings"),
    [
        ("田中さん", "さん", "さん"),
        ("ご要望", "ご", "御"),
        ("食べるたびに", "たび", "度"),
        ("知っているようだ", "よう", "様"),
        ("魚をくれた", "くれた", "呉れる"),
        ("クモがいる", "クモ", "蜘蛛"),
        ("ふたを開ける", "ふた", "蓋"),
        ("いい日", "いい", "いい"),
        ("オレの本", "オレ", "俺"),
    ],
)
def test_words_in_kana_are_those_with_their_usual_spelling(text: str, kana: str, spellings: str) -> None:
    """Though 三, 五, 旅, 用, 暮れる, 雲 and 二 are more common words with these readings."""
    others = [
        "三",
        "五",
        "旅",
        "用",
        "暮れる",
        "雲",
        "二",
        "良い",
        "さん",
        "よう",
        "いい",
        "くれる",
        "ご",
        "たび",
        "オーレ",
    ]
    [tokens] = look_up([text], [spellings, kana, *others])
    [token] = [token for token in tokens if token.surface == kana]
    [entry] = _entries_of([token]).values()
    assert spellings in {form.text for form in (*entry.spellings, *entry.readings)}


@needs_jmdict
@pytest.mark.parametrize(
    ("text", "is_entry"), [("山本が来た", False), ("東京に行く", True), ("デンマークに行く", True)]
)
def test_names_are_entries_with_their_first_spelling_only(text: str, is_entry: bool) -> None:
    [[token, *_]] = look_up([text], ["山本", "山元", "東京", "デンマーク"])
    assert (token.vocabulary_id is not None) == is_entry


@needs_jmdict
def test_words_of_the_levels_are_read_as_in_the_dictionary() -> None:
    """Each, alone, is one word that is read as its entry, or as another entry with this spelling: 開く is ひらく, too.

    Those that are forms of a verb or adjective (来, 長) are read as these, and digits have no reading.
    """
    words = [word for word in level_words() if word.jmdict is not None and not word.word.isdecimal()][::EACH]
    assert len(words) > 2_000
    found = look_up([word.word for word in words], [word.word for word in words])
    alone = [(word, tokens[0]) for word, tokens in zip(words, found, strict=True) if len(tokens) == 1]
    assert {word.word for word in words} - {word.word for word, _ in alone} <= SPLIT
    entries = _entries_of(token for _, token in alone)
    assert [
        (word.word, word.reading, token.reading)
        for word, token in alone
        if token.reading != hiragana(word.reading)
        and token.surface == token.dictionary_form
        and not _is_read_so(word, token, entries)
    ] == []


def _entries_of(tokens: Iterable[Token]) -> dict[UUID, JmdictEntry]:
    path = database_path()
    assert path is not None
    with open_jmdict(path) as jmdict:
        ids = {token.vocabulary_id.int for token in tokens if token.vocabulary_id is not None}
        return {UUID(int=entry.id): entry for entry in jmdict.entries(ids)}


def _is_read_so(word: LevelWord, token: Token, entries: Mapping[UUID, JmdictEntry]) -> bool:
    if token.vocabulary_id is None:
        return False
    entry = entries[token.vocabulary_id]
    return token.reading in {hiragana(form.text) for form in entry.readings_of(word.word)}
