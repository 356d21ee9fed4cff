"""Conjugation: forms as grammars list them, for each class."""

from itertools import islice

import pytest

from domain.inflection import Conjugation, Inflection, WordClass, conjugate, deinflect
from tests.domain.inflection.words import WORDS

I = Inflection  # noqa: E741 - keeps a form and its chain on one line

# Forms of the stems in which classes differ.
_VERB_CHAINS = (
    (I.POLITE,),
    (I.NEGATIVE,),
    (I.TE,),
    (I.BA_CONDITIONAL,),
    (I.IMPERATIVE,),
    (I.VOLITIONAL,),
    (I.POTENTIAL,),
    (I.PASSIVE,),
    (I.CAUSATIVE,),
)
_VERBS = {
    ("食べる", WordClass.ICHIDAN): "食べます 食べない 食べて 食べれば 食べろ 食べよう 食べられる 食べられる 食べさせる",
    ("くれる", WordClass.KURERU): "くれます くれない くれて くれれば くれ くれよう くれられる くれられる くれさせる",
    ("書く", WordClass.GODAN): "書きます 書かない 書いて 書けば 書け 書こう 書ける 書かれる 書かせる",
    ("泳ぐ", WordClass.GODAN): "泳ぎます 泳がない 泳いで 泳げば 泳げ 泳ごう 泳げる 泳がれる 泳がせる",
    ("話す", WordClass.GODAN): "話します 話さない 話して 話せば 話せ 話そう 話せる 話される 話させる",
    ("待つ", WordClass.GODAN): "待ちます 待たない 待って 待てば 待て 待とう 待てる 待たれる 待たせる",
    ("死ぬ", WordClass.GODAN): "死にます 死なない 死んで 死ねば 死ね 死のう 死ねる 死なれる 死なせる",
    ("遊ぶ", WordClass.GODAN): "遊びます 遊ばない 遊んで 遊べば 遊べ 遊ぼう 遊べる 遊ばれる 遊ばせる",
    ("読む", WordClass.GODAN): "読みます 読まない 読んで 読めば 読め 読もう 読める 読まれる 読ませる",
    ("帰る", WordClass.GODAN): "帰ります 帰らない 帰って 帰れば 帰れ 帰ろう 帰れる 帰られる 帰らせる",
    ("買う", WordClass.GODAN): "買います 買わない 買って 買えば 買え 買おう 買える 買われる 買わせる",
    ("行く", WordClass.GODAN_IKU): "行きます 行かない 行って 行けば 行け 行こう 行ける 行かれる 行かせる",
    ("なさる", WordClass.GODAN_ARU): (
        "なさいます なさらない なさって なされば なさい なさろう なされる なさられる なさらせる"
    ),
    ("問う", WordClass.GODAN_TOU): "問います 問わない 問うて 問えば 問え 問おう 問える 問われる 問わせる",
    ("来る", WordClass.KURU): "来ます 来ない 来て 来れば 来い 来よう 来られる 来られる 来させる",
    ("くる", WordClass.KURU): "きます こない きて くれば こい こよう こられる こられる こさせる",
    ("する", WordClass.SURU): "します しない して すれば しろ しよう できる される させる",
    ("愛する", WordClass.SURU_SPECIAL): "愛します 愛さない 愛して 愛すれば 愛せ 愛そう 愛せる 愛される 愛させる",
    ("感ずる", WordClass.SURU_SPECIAL): (
        "感じます 感じない 感じて 感ずれば 感じろ 感じよう 感じられる 感じられる 感じさせる"
    ),
}  # fmt: skip


def first_form(word: str, word_class: WordClass, *chain: Inflection) -> str | None:
    return next((form for form, found in conjugate(word, word_class) if found == chain), None)


@pytest.mark.parametrize(("word", "word_class"), _VERBS)
def test_verb_forms(word: str, word_class: WordClass) -> None:
    forms = [first_form(word, word_class, *chain) for chain in _VERB_CHAINS]
    assert forms == _VERBS[word, word_class].split()


@pytest.mark.parametrize(
    ("word", "word_class", "chain", "form"),
    [
        ("食べる", WordClass.ICHIDAN, (I.CAUSATIVE, I.PASSIVE, I.PAST), "食べさせられた"),
        ("食べる", WordClass.ICHIDAN, (I.OBLIGATION, I.PAST), "食べなければならなかった"),
        ("読む", WordClass.GODAN, (I.TE_SHIMAU, I.PAST), "読んでしまった"),
        ("行く", WordClass.GODAN_IKU, (I.DESIDERATIVE, I.PAST, I.POLITE), "行きたかったです"),
        ("勉強", WordClass.SURU_NOUN, (I.PROGRESSIVE, I.POLITE, I.PAST), "勉強していました"),
        ("勉強", WordClass.SURU_NOUN, (), "勉強"),
        ("ある", WordClass.ARU, (I.NEGATIVE,), "ない"),
        ("お金がある", WordClass.ARU, (I.NEGATIVE, I.PAST), "お金がなかった"),
        ("ある", WordClass.ARU, (I.POLITE, I.NEGATIVE), "ありません"),
        ("高い", WordClass.I_ADJECTIVE, (I.NEGATIVE, I.PAST), "高くなかった"),
        ("高い", WordClass.I_ADJECTIVE, (I.APPEARANCE,), "高そう"),
        ("ない", WordClass.I_ADJECTIVE, (I.APPEARANCE,), "なさそう"),
        ("少ない", WordClass.I_ADJECTIVE, (I.APPEARANCE,), "少なそう"),
        ("書く", WordClass.GODAN, (I.NEGATIVE, I.EXCESSIVE), "書かなさすぎる"),
        ("いい", WordClass.II, (I.PAST,), "よかった"),
        ("いい", WordClass.II, (I.APPEARANCE,), "よさそう"),
        ("良い", WordClass.II, (I.NEGATIVE,), "良くない"),
        ("静か", WordClass.NA_ADJECTIVE, (I.ATTRIBUTIVE,), "静かな"),
        ("静か", WordClass.NA_ADJECTIVE, (I.NEGATIVE, I.PAST), "静かじゃなかった"),
        ("学生", WordClass.NOUN, (I.POLITE, I.PAST), "学生でした"),
    ],
)
def test_forms(word: str, word_class: WordClass, chain: tuple[Inflection, ...], form: str) -> None:
    assert first_form(word, word_class, *chain) == form


@pytest.mark.parametrize(("word", "word_class"), WORDS)
def test_every_form_deinflects_to_its_word(word: str, word_class: WordClass) -> None:
    forms = list(conjugate(word, word_class, depth=0))
    assert forms[0] == Conjugation(word, ())
    assert [form for form in forms if not deinflects(form, word, word_class)] == []


@pytest.mark.parametrize(("word", "word_class"), WORDS)
def test_combined_endings_deinflect(word: str, word_class: WordClass) -> None:
    forms = list(conjugate(word, word_class, depth=1))
    assert len({form for form, _ in forms}) >= 100
    assert max(len(chain) for _, chain in forms) >= 3
    assert [form for form in forms[::5] if not deinflects(form, word, word_class)] == []


@pytest.mark.parametrize(
    ("word", "word_class"), [("たべる", WordClass.ICHIDAN), ("持つ", WordClass.GODAN), ("する", WordClass.SURU)]
)
def test_long_chains_deinflect(word: str, word_class: WordClass) -> None:
    forms = list(islice(conjugate(word, word_class, depth=2), 0, None, 23))
    assert max(len(chain) for _, chain in forms) >= 4
    assert [form for form in forms if not deinflects(form, word, word_class)] == []


def deinflects(conjugation: Conjugation, word: str, word_class: WordClass) -> bool:
    return any(
        form == word and chain == conjugation.chain and (classes & word_class or not chain)
        for form, classes, chain in deinflect(conjugation.form)
    )


@pytest.mark.parametrize(
    ("word", "word_class"),
    [
        ("食べた", WordClass.ICHIDAN),
        ("高い", WordClass.GODAN),
        ("書く", WordClass.GODAN_ARU),
        ("行う", WordClass.GODAN_IKU),
        ("書く", WordClass.GODAN_TOU),
        ("食べる", WordClass.KURERU),
        ("食べる", WordClass.KURU),
        ("食べる", WordClass.SURU),
        ("食べる", WordClass.SURU_SPECIAL),
        ("食べる", WordClass.ARU),
        ("静か", WordClass.I_ADJECTIVE),
        ("高い", WordClass.II),
        ("る", WordClass.GODAN),
        ("", WordClass.GODAN),
        ("", WordClass.NOUN),
        ("食べる", WordClass.NONE),
        ("食べる", WordClass.ICHIDAN | WordClass.GODAN),
    ],
)
def test_word_of_another_class_is_refused(word: str, word_class: WordClass) -> None:
    with pytest.raises(ValueError, match="is no"):
        next(conjugate(word, word_class))
