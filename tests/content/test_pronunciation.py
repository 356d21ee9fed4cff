"""The particles は, へ and を in readings are pronounced wa, e and o."""

import re

import pytest

from content.pronunciation import particles, pronounced_reading
from domain.search.kana import romaji
from tests.content.jmdict import needs_jmdict, sample


def pronounce(spelling: str, reading: str) -> str:
    places = particles(spelling, reading, is_phrase=True)
    return "".join({"は": "わ", "へ": "え"}[kana] if place in places else kana for place, kana in enumerate(reading))


@pytest.mark.parametrize(
    ("spelling", "reading", "latin"),
    [
        ("今日は", "こんにちは", "konnichiwa"),
        ("今晩は", "こんばんは", "konbanwa"),
        ("では", "では", "dewa"),
        ("其れでは", "それでは", "soredewa"),
        ("又は", "または", "matawa"),
        ("或いは", "あるいは", "aruiwa"),
        ("鼻が高い", "はながたかい", "hanagatakai"),
        ("母は強し", "はははつよし", "hahawatsuyoshi"),
        ("型にはまる", "かたにはまる", "katanihamaru"),
        ("訳にはいかない", "わけにはいかない", "wakeniwaikanai"),
        ("筈がない", "はずがない", "hazuganai"),
        ("はっきり言う", "はっきりいう", "hakkiriiu"),
        ("あはは", "あはは", "ahaha"),
        ("弱音をはく", "よわねをはく", "yowaneohaku"),
        ("気を付ける", "きをつける", "kiotsukeru"),
        ("右へ倣え", "みぎへならえ", "migienarae"),
        ("次から次へと", "つぎからつぎへと", "tsugikaratsugieto"),
        ("へなへな", "へなへな", "henahena"),
        ("えへへ", "えへへ", "ehehe"),
        ("なるへそ", "なるへそ", "naruheso"),
        ("は", "は", "wa"),
    ],
)
def test_particles_of_phrases(spelling: str, reading: str, latin: str) -> None:
    assert romaji(pronounce(spelling, reading)) == latin


def test_particles_of_titles() -> None:
    assert particles("ローマ人への手紙", "ローマじんへのてがみ", is_phrase=False) == {5}
    assert particles("往復はがき", "おうふくはがき", is_phrase=False) == set()


@needs_jmdict
@pytest.mark.timeout(600)
def test_kana_of_kanji_are_no_particles() -> None:
    """In all entries, only は and へ that the spelling has as kana change, and never the first one of a word."""
    changed = 0
    for entry in sample():
        for reading in entry.readings:
            pronounced = pronounced_reading(entry, reading.text)
            assert len(pronounced) == len(reading.text)
            places = [place for place, (a, b) in enumerate(zip(reading.text, pronounced, strict=True)) if a != b]
            if places:
                changed += 1
                spellings = [form.text for form in entry.spellings] or [reading.text]
                assert any(len(re.findall("[はへ]", spelling)) >= len(places) for spelling in spellings)
                assert places != [0] or reading.text in ("は", "へ", "へと")
    assert changed > 0
