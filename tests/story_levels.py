"""Which words of a graded reader are of its level or of an easier one.

A word is one that the project's analysis finds, with these exceptions, which a reader need not have learned:

- particles, auxiliaries and symbols, and names and numbers that are no words of the dictionary (`is_counted`);
- all names and interjections, and numbers with what they count: 三階, 五年間;
- かもしれない, which is grammar; 何も, 男の人 and others whose parts are words of N5 and N4; sounds such as ドーン; and
  words of the title that the English summary explains.

A word has the level of the lists, but さん, ように, ある日 and そして are easy. The lists of N2 and N1 lack many words
that are common in newspapers: one that is in no list counts for N2 and N1 if as many words as learners of the level
know are more frequent, 6,000 and 10,000.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from analysis import Sentence, Token, TokenPartOfSpeech
from content.jmdict import database_path, open_jmdict
from content.stories import Story
from content.text_words import is_counted
from domain.enums import JlptLevel
from domain.ids import VocabularyId

LEVELS = list(JlptLevel)
NOT_LEARNED = frozenset((TokenPartOfSpeech.PROPER_NOUN, TokenPartOfSpeech.INTERJECTION))
# Which the analysis takes for other words.
NAMES_AND_SOUNDS = frozenset(("ユリ", "太一", "新橋", "サーッ", "ドーン", "ザザーン"))
GRAMMAR = frozenset(("かもしれない",))
# Words of N1 and N3 in the lists, which every course has among its first.
OF_BEGINNERS = frozenset(("さん", "ちゃん", "よう", "ある", "そして"))
OF_EASY_WORDS = frozenset(
    ("何も", "何か", "何でも", "誰か", "どこか", "いつか", "男の人", "女の人", "ですから", "気がつく")
)
# By slug: words of the title that the summary has in English.
EXPLAINED = {"geta-at-the-station": frozenset(("下駄",)), "length-of-a-step": frozenset(("歩幅",))}
# JMdict's nf01 to nf48 are groups of 500 words by their frequency in newspapers; ichi1 is a list of 10,000 basic words.
FREQUENT = {
    JlptLevel.N2: frozenset(f"nf{group:02}" for group in range(1, 13)),
    JlptLevel.N1: frozenset(("ichi1", *(f"nf{group:02}" for group in range(1, 21)))),
}


def words_to_know(story: Story, analyzed: Sequence[Sentence], matched: Sequence[Sentence]) -> Iterator[Token]:
    """`analyzed`: the sentences before the entries of their words were looked up, which joins numbers and counters."""
    explained = EXPLAINED.get(story.slug, frozenset())
    for before, sentence in zip(analyzed, matched, strict=True):
        numbers = set(starts_of_numbers(before))
        position = 0
        is_after_number = False
        for token in sentence.tokens:
            is_number = position in numbers
            is_counter = is_after_number and token.part_of_speech in (TokenPartOfSpeech.NOUN, TokenPartOfSpeech.SUFFIX)
            position += len(token.surface)
            is_after_number = is_number
            if is_number or is_counter or not is_counted(token) or token.part_of_speech in NOT_LEARNED:
                continue
            if token.dictionary_form not in GRAMMAR | OF_EASY_WORDS | NAMES_AND_SOUNDS | explained:
                yield token


def starts_of_numbers(sentence: Sentence) -> Iterator[int]:
    position = 0
    for token in sentence.tokens:
        if token.part_of_speech is TokenPartOfSpeech.NUMERAL:
            yield position
        position += len(token.surface)


def too_hard(
    level: JlptLevel, words: Sequence[Token], levels: Mapping[VocabularyId, JlptLevel], tags: Mapping[Token, set[str]]
) -> Counter[str]:
    """The words above a level with their occurrences. `tags`: of words that are in no list, as `frequencies`."""
    hard: Counter[str] = Counter()
    for word in words:
        found = None if word.vocabulary_id is None else levels.get(word.vocabulary_id)
        is_easy = word.dictionary_form in OF_BEGINNERS or (
            found is not None and LEVELS.index(found) <= LEVELS.index(level)
        )
        if not is_easy and FREQUENT.get(level, frozenset()).isdisjoint(tags.get(word, ())):
            hard[word.dictionary_form] += 1
    return hard


def frequencies(words: Sequence[Token]) -> dict[Token, set[str]]:
    """JMdict's frequency tags of words: those of all entries with the dictionary form and its reading."""
    path = database_path()
    assert path is not None
    with open_jmdict(path) as jmdict:
        ids = jmdict.ids_by_form([word.dictionary_form for word in words])
        entries = {entry.id: entry for entry in jmdict.entries(set[int]().union(*ids.values()))}
    tags: dict[Token, set[str]] = {}
    for word in words:
        found = (entries[id] for id in ids.get(word.dictionary_form, ()))
        read = (entry for entry in found if word.dictionary_reading in {form.text for form in entry.readings})
        tags[word] = {tag for entry in read for form in (*entry.spellings, *entry.readings) for tag in form.priorities}
    return tags
