"""Matching words to keywords, and sentences to words."""

import pytest

from domain.textbooks import Example
from domain.textbooks.matching import Fit, MeaningIndex
from domain.textbooks.sentences import usable_sentences
from tests.domain.dictionary import made_up


class TestMatching:
    @pytest.mark.parametrize(
        ("keyword", "meaning", "fit"),
        [
            ("ear", "ear", Fit.EXACT),
            ("ear", "ear (of plant)", Fit.EXACT),
            ("dog", "dog (Canis (lupus) familiaris)", Fit.EXACT),
            ("familiaris", "dog (Canis (lupus) familiaris)", None),
            ("ear", "year", None),
            ("year", "new year", Fit.PART_OF_TERM),
            ("to eat", "to eat", Fit.EXACT),
            ("to eat", "(polite) to eat", Fit.EXACT),
            ("to eat", "to eat out", None),
            ("eat", "to eat", Fit.SAME_VERB),
            ("hand", "to hand over", None),
            ("cold", "a cold", Fit.EXACT),
            ("Good-bye", "good-bye", Fit.EXACT),
            ("?!", "to eat", None),
        ],
    )
    def test_matches_whole_words(self, keyword: str, meaning: str, fit: Fit | None) -> None:
        found = MeaningIndex([made_up("あ", meaning)]).find(keyword)
        assert [found_fit for found_fit, _ in found] == ([] if fit is None else [fit])

    def test_best_match_is_first(self) -> None:
        part = made_up("あ", "ear ring")
        second = made_up("い", "hearing", "ear")
        first = made_up("う", "ear")
        assert [found.word for _, found in MeaningIndex([part, second, first]).find("ear")] == ["う", "い", "あ"]


class TestSentences:
    @pytest.mark.parametrize(
        ("spelling", "japanese"),
        [
            ("手", "手伝ってよ。"),
            ("手", "上手に泳ぐ。"),
            ("はく", "彼はくつをみがいた。"),
            ("うん", "どう違うんだ？"),
            ("パン", "パンダを見た。"),
            ("風", "風邪ですね。"),
            ("人", "人々が来た。"),
        ],
    )
    def test_word_inside_another_word_is_not_found(self, spelling: str, japanese: str) -> None:
        assert usable_sentences(made_up(spelling, "thing", example=Example(japanese, "A thing."))) == ()

    @pytest.mark.parametrize(
        ("spelling", "japanese", "before"),
        [
            ("手", "手を上げて。", ""),
            ("食べる", "魚を食べるな。", "魚を"),
            ("パン", "このパンは高い。", "この"),
            ("いつも", "彼はいつも元気だ。", "彼は"),
            ("川/河", "これは河です。", "これは"),
        ],
    )
    def test_separate_word_is_found(self, spelling: str, japanese: str, before: str) -> None:
        (sentence,) = usable_sentences(made_up(spelling, "thing", example=Example(japanese, "Two things.")))
        assert (sentence.before, sentence.japanese) == (before, japanese)

    def test_translation_must_contain_the_meaning(self) -> None:
        assert usable_sentences(made_up("風", "wind", example=Example("風が強い。", "The wind is strong.")))
        assert not usable_sentences(made_up("風", "wind", example=Example("風が強い。", "It is a rough day.")))
