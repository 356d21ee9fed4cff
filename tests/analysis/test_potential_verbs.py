"""Potential verbs are forms of their verb, for all godan verbs of the levels that have kanji."""

from functools import cache
from uuid import UUID

import pytest

from analysis import Sentence, Token, analyze
from analysis.known_entries import Entry, KnownEntries
from analysis.lookup import EntryMatcher, keys_of
from analysis.verbs import potential_base
from domain.inflection import Inflection, WordClass, word_classes_of
from domain.search.folding import has_kanji
from domain.search.index_keys import SPELLING
from tests.analysis.level_words import level_words
from tests.content.jmdict import needs_jmdict

_POTENTIALS = dict(zip("うくぐすつぬぶむる", "えけげせてねべめれ", strict=True))
ID = UUID(int=1)
_ENDINGS = ("る", "ない", "ます", "なかった")


def analyzed(text: str) -> list[Token]:
    return [token for sentence in analyze(text) for token in sentence.tokens]


@pytest.mark.parametrize(
    ("form", "verb"),
    [
        ("書けない", "書く"),
        ("裏切れる", "裏切る"),
        ("横切れない", "横切る"),
        ("区切れます", "区切る"),
        ("締め切れなかった", "締め切る"),
        ("落ち込める", "落ち込む"),
        ("響けなかった", "響く"),
        ("帰れない", "帰る"),
        ("かえれない", "かえる"),
        ("うらぎれない", "うらぎる"),
        ("来れない", "来る"),
        ("見れない", "見る"),
        ("起きれます", "起きる"),
    ],
)
def test_potential_is_a_form_of_its_verb(form: str, verb: str) -> None:
    [token] = analyzed(form)
    assert token.dictionary_form == verb
    assert token.inflection[0] is Inflection.POTENTIAL


@pytest.mark.parametrize("verb", ["切れる", "売れる", "割れる", "入れる", "分かれる", "離れる", "食べる"])
def test_verbs_with_a_meaning_of_their_own_stay(verb: str) -> None:
    assert analyzed(f"{verb}。")[0].dictionary_form == verb


@pytest.mark.parametrize(
    ("text", "inflection"),
    [("担げない", "POTENTIAL NEGATIVE"), ("掘れる", "POTENTIAL"), ("釣れました", "POTENTIAL POLITE PAST")],
)
def test_potential_without_an_entry_has_that_of_its_verb(text: str, inflection: str) -> None:
    """Sudachi takes these for verbs of their own, which stay if the dictionary has them."""
    sentences = analyze(text)
    form = sentences[0].tokens[0].dictionary_form
    verb = potential_base(form)
    [token] = matched(sentences, f"{SPELLING}{verb}")
    assert (token.dictionary_form, token.vocabulary_id) == (verb, ID)
    assert " ".join(token.inflection) == inflection
    [token] = matched(sentences, f"{SPELLING}{verb}", f"{SPELLING}{form}")
    assert (token.dictionary_form, token.vocabulary_id) == (form, ID)
    # 食べる is no potential, whatever the dictionary has.
    [token] = matched(analyze("食べる"), f"{SPELLING}食ぶ")
    assert (token.dictionary_form, token.vocabulary_id) == ("食べる", None)


def matched(sentences: list[Sentence], *keys: str) -> tuple[Token, ...]:
    """The tokens of a sentence with entries from a dictionary that has one of these keys each."""
    entries = {key: [Entry(str(ID), 1.0, 0, "")] for key in keys}
    known = KnownEntries()
    assert keys_of(sentences, known)
    return EntryMatcher(entries, known).match(sentences[0]).tokens


@cache
def godan_verbs() -> list[str]:
    classes = {
        found.word: word_classes_of(part for sense in found.jmdict.senses for part in sense.parts_of_speech)
        for found in level_words()
        if found.jmdict is not None
    }
    godan = WordClass.GODAN | WordClass.GODAN_IKU
    return [word for word, own in classes.items() if own & godan and has_kanji(word) and word[-1] in _POTENTIALS]


@needs_jmdict
def test_potentials_of_the_levels() -> None:
    """Each is one token of the verb, or of a verb with the potential's form, such as 切れる.

    The others are forms of two verbs (澄ませる, of 澄ます or 澄む), or of compounds that Sudachi does not have.
    """
    verbs = godan_verbs()
    assert len(verbs) > 600
    forms = [(verb, verb[:-1] + _POTENTIALS[verb[-1]] + ending) for verb in verbs for ending in _ENDINGS]
    found = {form: [token.dictionary_form for token in analyzed(form)] for _, form in forms}
    missed = [
        (form, found[form])
        for verb, form in forms
        if found[form] not in ([verb], [verb[:-1] + _POTENTIALS[verb[-1]] + "る"])
    ]
    assert len(missed) < 0.08 * len(forms), missed
