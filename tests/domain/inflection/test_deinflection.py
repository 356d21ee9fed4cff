"""Deinflection: forms as people type them, and bounds for what no grammar explains."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.inflection import MAX_CANDIDATES, MAX_LENGTH, Candidate, WordClass, deinflect, find_chain

V1, V5, SURU, NOUN = WordClass.ICHIDAN, WordClass.GODAN, WordClass.SURU, WordClass.NOUN
ADJ, NA, VS = WordClass.I_ADJECTIVE, WordClass.NA_ADJECTIVE, WordClass.SURU_NOUN


@pytest.mark.parametrize(
    ("text", "base", "word_class", "labels"),
    [
        # Voices
        ("食べられなかった", "食べる", V1, "passive, negative, past"),
        ("食べられなかった", "食べる", V1, "potential, negative, past"),
        ("食べれない", "食べる", V1, "potential, negative"),
        ("食べさせられたくなかった", "食べる", V1, "causative, passive, desiderative, negative, past"),
        ("読まされた", "読む", V5, "causative, passive, past"),
        ("読ませられた", "読む", V5, "causative, passive, past"),
        ("読ましてください", "読む", V5, "causative, request"),
        ("飲めなくなった", "飲む", V5, "potential, negative, become, past"),
        ("できませんでした", "する", SURU, "potential, polite, negative, past"),
        ("勉強できる", "勉強", VS, "potential"),
        # Polite and honorific
        ("いらっしゃいます", "いらっしゃる", WordClass.GODAN_ARU, "polite"),
        ("いらっしゃいませ", "いらっしゃる", WordClass.GODAN_ARU, "polite, imperative"),
        ("ございました", "ござる", WordClass.GODAN_ARU, "polite, past"),
        ("おっしゃい", "おっしゃる", WordClass.GODAN_ARU, "imperative"),
        ("仰いました", "仰る", WordClass.GODAN_ARU, "polite, past"),
        ("勉強しました", "勉強", VS, "polite, past"),
        ("勉強しました", "勉強する", SURU, "polite, past"),
        ("勉強をしたい", "勉強", VS, "desiderative"),
        ("勉強する", "勉強", VS, ""),
        ("連絡いたします", "連絡", VS, "humble, polite"),
        ("お待ちしております", "待つ", V5, "humble, progressive, humble, polite"),
        ("お読みになりました", "読む", V5, "honorific, polite, past"),
        ("お入りください", "入る", V5, "request"),
        ("ご案内いたします", "案内", VS, "humble, polite"),
        # Te and its auxiliaries
        ("食べちゃった", "食べる", V1, "te shimau, past"),
        ("飲んじまえ", "飲む", V5, "te shimau, imperative"),
        ("買っとこう", "買う", V5, "te oku, volitional"),
        ("見てた", "見る", V1, "progressive, past"),
        ("飛んでった", "飛ぶ", V5, "te iku, past"),
        ("持ってこい", "持つ", V5, "te kuru, imperative"),
        ("持ってこい", "持ってくる", WordClass.KURU, "imperative"),
        ("貸してくれ", "貸す", V5, "te kureru, imperative"),
        ("行ってみたかった", "行く", WordClass.GODAN_IKU, "te miru, desiderative, past"),
        ("書いてあります", "書く", V5, "te aru, polite"),
        ("してほしくない", "する", SURU, "te hoshii, negative"),
        ("教えていただけません", "教える", V1, "te morau, humble, potential, polite, negative"),
        ("食べてもよかった", "食べる", V1, "permission, past"),
        ("問うた", "問う", WordClass.GODAN_TOU, "past"),
        # Negation
        ("行かなきゃ", "行く", WordClass.GODAN_IKU, "negative, ba conditional"),
        ("行かなくちゃ", "行く", WordClass.GODAN_IKU, "negative, te wa"),
        ("行かなければなりませんでした", "行く", WordClass.GODAN_IKU, "obligation, polite, past"),
        ("しなくてもよかった", "する", SURU, "negative, permission, past"),
        ("言わざるを得ない", "言う", V5, "obligation"),
        ("減りつつあります", "減る", V5, "progressive, polite"),
        ("知らずに", "知る", V5, "negative, adverbial"),
        ("知らん", "知る", V5, "negative"),
        ("分かんなかった", "分かる", V5, "negative, past"),
        ("信じらんない", "信じる", V1, "potential, negative"),
        ("せねば", "する", SURU, "negative, ba conditional"),
        ("しないで", "する", SURU, "negative, te"),
        ("食べねえ", "食べる", V1, "negative, slang"),
        ("食べるな", "食べる", V1, "prohibitive"),
        ("行くまい", "行く", WordClass.GODAN_IKU, "negative volitional"),
        ("ない", "ある", WordClass.ARU, "negative"),
        ("お金がなかった", "お金がある", WordClass.ARU, "negative, past"),
        # Conditionals and other endings
        ("分かりゃ", "分かる", V5, "ba conditional"),
        ("行けば", "行く", WordClass.GODAN_IKU, "ba conditional"),
        ("読んだら", "読む", V5, "tara conditional"),
        ("飲んだり", "飲む", V5, "tari"),
        ("食べやすくて", "食べる", V1, "easy, te"),
        ("食べすぎちゃった", "食べる", V1, "excessive, te shimau, past"),
        ("降りそうだった", "降りる", V1, "appearance, past"),
        ("降りそうだった", "降る", V5, "appearance, past"),
        ("行きたがっている", "行く", WordClass.GODAN_IKU, "desiderative, garu, progressive"),
        ("こよう", "くる", WordClass.KURU, "volitional"),
        ("來ない", "來る", WordClass.KURU, "negative"),
        ("サボってた", "サボる", V5, "progressive, past"),
        ("愛さない", "愛する", WordClass.SURU_SPECIAL, "negative"),
        ("感ぜず", "感ずる", WordClass.SURU_SPECIAL, "negative"),
        ("行ったんです", "行く", WordClass.GODAN_IKU, "past, explanatory"),
        # Hearsay, guesses, questions, and short and spoken forms
        ("食べるそうだ", "食べる", V1, "hearsay, copula"),
        ("食べたそうです", "食べる", V1, "past, hearsay, polite"),
        ("高いそうです", "高い", ADJ, "hearsay, polite"),
        ("学生だそうだ", "学生", NOUN, "hearsay, copula"),
        ("学生であったそうだ", "学生", NOUN, "copula, past, hearsay, copula"),
        ("食べるらしい", "食べる", V1, "presumptive"),
        ("食べないらしかった", "食べる", V1, "negative, presumptive, past"),
        ("男らしくない", "男", NOUN, "resembling, negative"),
        ("食べるみたいだ", "食べる", V1, "resembling, copula"),
        ("食べたような", "食べる", V1, "past, resembling, attributive"),
        ("食べるかもしれない", "食べる", V1, "presumptive"),
        ("高いかもしれません", "高い", ADJ, "presumptive, polite"),
        ("食べますか", "食べる", V1, "polite, question"),
        ("食べませんか", "食べる", V1, "polite, negative, question"),
        ("食べてくれませんか", "食べる", V1, "te kureru, polite, negative, question"),
        ("書いていただけませんか", "書く", V5, "te morau, humble, potential, polite, negative, question"),
        ("お待ちいただけますか", "待つ", V5, "te morau, humble, potential, polite, question"),
        ("行きましょうか", "行く", WordClass.GODAN_IKU, "polite, volitional, question"),
        ("行こうか", "行く", WordClass.GODAN_IKU, "volitional, question"),
        ("行こっか", "行く", WordClass.GODAN_IKU, "volitional, question"),
        ("食べるのですか", "食べる", V1, "explanatory, question"),
        ("静かでしょうか", "静か", NA, "presumptive, question"),
        ("学生ですか", "学生", NOUN, "polite, question"),
        ("行こ", "行く", WordClass.GODAN_IKU, "volitional"),
        ("食べよ", "食べる", V1, "volitional"),
        ("食べな", "食べる", V1, "imperative"),
        ("食べんな", "食べる", V1, "prohibitive"),
        ("食べなさるな", "食べる", V1, "honorific, prohibitive"),
        ("食べざるを得ません", "食べる", V1, "obligation, polite"),
        ("食べるべきではない", "食べる", V1, "obligation, negative"),
        ("すべきだ", "する", SURU, "obligation, copula"),
        ("食べないと", "食べる", V1, "obligation"),
        ("食べがちな", "食べる", V1, "tendency, attributive"),
        ("書いとる", "書く", V5, "progressive"),
        ("飲んどった", "飲む", V5, "progressive, past"),
        ("食べやがった", "食べる", V1, "slang, past"),
        ("食べてちょうだい", "食べる", V1, "request"),
        # Adjectives and nouns
        ("高くなかったです", "高い", ADJ, "negative, past, polite"),
        ("高くありませんでした", "高い", ADJ, "polite, negative, past"),
        ("高さ", "高い", ADJ, "nominalization"),
        ("高すぎる", "高い", ADJ, "excessive"),
        ("なさそう", "ない", ADJ, "appearance"),
        ("よさそう", "いい", WordClass.II, "appearance"),
        ("かっこよかった", "かっこいい", WordClass.II, "past"),
        ("良くなった", "良い", WordClass.II, "become, past"),
        ("すげえ", "すごい", ADJ, "slang"),
        ("嬉しがって", "嬉しい", ADJ, "garu, te"),
        ("静かな", "静か", NA, "attributive"),
        ("静かに", "静か", NA, "adverbial"),
        ("静かじゃなかった", "静か", NA, "negative, past"),
        ("静かではありませんでした", "静か", NA, "polite, negative, past"),
        ("元気そうです", "元気", NA, "appearance, polite"),
        ("学生だった", "学生", NOUN, "past"),
        ("学生でしょう", "学生", NOUN, "presumptive"),
        ("学生なんです", "学生", NOUN, "explanatory"),
        ("病気の", "病気", NOUN, "attributive"),
    ],
)
def test_forms(text: str, base: str, word_class: WordClass, labels: str) -> None:
    matching = [
        ", ".join(inflection.label for inflection in chain)
        for form, classes, chain in deinflect(text)
        if form == base and classes & word_class
    ]
    assert labels in matching


def test_the_text_itself_is_first() -> None:
    assert deinflect("食べる")[0] == Candidate("食べる", WordClass.NONE, ())
    assert deinflect("hello") == [Candidate("hello", WordClass.NONE, ())]


def test_candidates_are_ordered_by_endings_removed() -> None:
    forms = [form for form, _, _ in deinflect("食べられた")]
    assert forms.index("食べられる") < forms.index("食べる")


def test_candidates_are_unique() -> None:
    candidates = deinflect("食べさせられたくなかった")
    assert len({(form, chain) for form, _, chain in candidates}) == len(candidates)


@pytest.mark.parametrize(
    ("text", "base"),
    [
        # Ichidan stems end in i or e.
        ("行かた", "行かる"),
        ("たべるて", "たべるる"),
        # 待って is no form of 待く, though 行って is one of 行く.
        ("待って", "待く"),
        ("食べない", "食べある"),
        # A stem is left of every word.
        ("た", "る"),
        ("ます", "る"),
        ("です", ""),
    ],
)
def test_impossible_words_are_no_candidates(text: str, base: str) -> None:
    assert base not in [form for form, _, _ in deinflect(text)]


@pytest.mark.parametrize(
    "text",
    [
        "ててててて",
        "て" * MAX_LENGTH,
        "られ" * (MAX_LENGTH // 2),
        "させられ" * (MAX_LENGTH // 4),
        "な" * MAX_LENGTH,
        "なく" * (MAX_LENGTH // 2),
        "くない" * (MAX_LENGTH // 3),
        "している" * (MAX_LENGTH // 4),
        "じゃない" * (MAX_LENGTH // 4),
        "する" * (MAX_LENGTH // 2),
        "御" * MAX_LENGTH,
        "おおお待ちしししし",
        "い" * MAX_LENGTH,
        "え" * MAX_LENGTH,
        "だろうだろうだろうだろうだろう",
    ],
)
def test_repetitions_are_bounded(text: str) -> None:
    candidates = deinflect(text)
    assert len(candidates) <= MAX_CANDIDATES
    assert all(len(chain) <= 12 for _, _, chain in candidates)


@given(
    st.one_of(
        st.text(max_size=2 * MAX_LENGTH),
        st.text("あいうえおかきくけこさしすせそたちつてとなにぬねのまみむられるれんっゃ食行", max_size=MAX_LENGTH + 2),
        st.lists(
            st.sampled_from(
                [
                    "食べ",
                    "お",
                    "られ",
                    "させ",
                    "て",
                    "で",
                    "い",
                    "な",
                    "く",
                    "た",
                    "かっ",
                    "ます",
                    "ない",
                    "する",
                    "じゃ",
                    "ちゃ",
                ]
            ),
            max_size=24,
        ).map("".join),
    )
)
def test_any_text_has_few_well_formed_candidates(text: str) -> None:
    candidates = deinflect(text)
    assert len(candidates) <= MAX_CANDIDATES
    if text:
        assert candidates[0] == Candidate(text, WordClass.NONE, ())
    if len(text) > MAX_LENGTH:
        assert len(candidates) == 1
    for form, classes, _ in candidates[1:]:
        assert form
        assert classes
        assert len(form) <= len(text) + 6
    for form in {candidate.form for candidate in candidates}:
        of_form = [candidate for candidate in candidates if candidate.form == form]
        for wanted in {int(candidate.classes) for candidate in candidates} | {0}:
            first = (chain for _, found, chain in of_form if int(found) & wanted or not chain)
            assert find_chain(text, form, wanted) == next(first, None)


def test_empty_text_has_no_candidates() -> None:
    assert deinflect("") == []


# What follows a continuative, a negative stem, a form in て, and a plain form, in speech and writing.
ENDINGS = {
    "食べ": "たがる やすい にくい ながら なさい なさるな ないで なくて なきゃ なくちゃ なければならない"
    " なくてはいけません すぎる がち はじめる おわる つづける そう まい させる さす さした れる られる な よ よっか",
    "食べて": "しまう あげる もらう くれる いただく くださる おく いる ある みる いく くる やる ほしい くれませんか"
    " くださいませんか いただけますか",
    "食べ ": "ちゃう ちまう とく てる てた てます とる てく ちゃった とけ たげる",
    "食べる": "べき べきだ だろう でしょう でしょうか かもしれない かも のだ んだ んです んですか のでしょう"
    " らしい そうだ みたい ようだ か な まい",
    "食べない": "だろう かもしれない んです らしい そうだ か でください",
    "食べた": "だろう かもしれない のだ んですか らしい そうです みたいだ か",
    "食べます": "か",
    "食べません": "か でしたか",
}


@pytest.mark.parametrize("start", ENDINGS)
def test_usual_endings_have_a_reason(start: str) -> None:
    forms = [start.strip() + ending for ending in ENDINGS[start].split()]
    assert [form for form in forms if not find_chain(form, "食べる", V1)] == []
