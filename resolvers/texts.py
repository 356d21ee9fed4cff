"""Resolvers of analyses of text."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, islice

import strawberry

from analysis import Sentence, Token
from analysis.tokens import cut_sentence
from domain.errors import BadUserInput
from domain.inflection import Inflection
from domain.list_sizes import DEFAULT_SENTENCES, MAX_INFLECTIONS_OF_TOKEN, MAX_SENTENCES, MAX_TOKENS_OF_SENTENCE
from domain.ranges import check_range
from resolvers.context import Info
from resolvers.loader_field import load_by_key

MAX_TEXT_LENGTH = 2_000


@dataclass(frozen=True, slots=True)
class TextAnalysisResult:
    """The first sentences of analysed text."""

    sentences: Sequence[Sentence]
    has_more_sentences: bool


async def analyze_text(info: Info, text: str, first: int | None = None) -> TextAnalysisResult:
    first = DEFAULT_SENTENCES if first is None else first
    if len(text) > MAX_TEXT_LENGTH:
        raise BadUserInput(f"text has {len(text)} characters; the maximum is {MAX_TEXT_LENGTH}.")
    check_range("first", first, 1, MAX_SENTENCES)
    sentences = await info.context.loaders.texts.sentences_by_text.load(text)
    parts = chain.from_iterable(cut_sentence(sentence, MAX_TOKENS_OF_SENTENCE) for sentence in sentences)
    found = list(islice(parts, first + 1))
    return TextAnalysisResult(found[:first], len(found) > first)


def tokens_of_sentences(sentences: Iterable[Sentence]) -> list[Token]:
    return [token for sentence in sentences for token in sentence.tokens]


def inflection(parent: strawberry.Parent[Token]) -> Sequence[Inflection]:
    return parent.inflection[:MAX_INFLECTIONS_OF_TOKEN]


furigana = load_by_key(
    lambda loaders: loaders.texts.furigana_by_word,
    key="furigana_key",
    known=lambda loaders: loaders.texts.known_furigana,
)

kanji = load_by_key(
    lambda loaders: loaders.texts.kanji_by_text,
    key="surface",
    known=lambda loaders: loaders.texts.known_kanji,
)

vocabulary = load_by_key(
    lambda loaders: loaders.vocabulary.vocabulary_by_id,
    key="vocabulary_id",
    known=lambda loaders: loaders.vocabulary.known,
    is_shared=True,
)

level = load_by_key(
    lambda loaders: loaders.vocabulary.vocabulary_by_id,
    key="vocabulary_id",
    transform=lambda row: row.jlpt_level if row else None,
    known=lambda loaders: loaders.vocabulary.known,
)

card = load_by_key(lambda loaders: loaders.cards.recognition_card_by_vocabulary_id, key="vocabulary_id")
