"""Readings of counters and of the numbers before them, whose sounds change: 三本 is さんぼん."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from analysis.numbers import PLACES, is_number, kanji_amount, read_amount

_VOICED = str.maketrans("はひふへほかけそ", "ばびぶべぼがげぞ")
_HALF_VOICED = str.maketrans("はひふへほ", "ぱぴぷぺぽ")
_UNCHANGED: dict[int, int] = {}
_GEMINATED = {"一": ("いち", "いっ"), "六": ("ろく", "ろっ"), "八": ("はち", "はっ"), "十": ("じゅう", "じゅっ")}
_GEMINATED |= {"百": ("ひゃく", "ひゃっ")}


@dataclass(frozen=True, slots=True)
class _Counter:
    """`geminated`: the ends of numbers that have っ before it. `after_n`: how its first sound changes after ん.

    `is_native`: whether ひと and ふた are before it.
    """

    reading: str
    geminated: str
    after_n: Mapping[int, int]
    is_native: bool = False


def _counters(
    geminated: str, after_n: Mapping[int, int], counters: str, *, is_native: bool = False
) -> dict[str, _Counter]:
    words = counters.split()
    readings = zip(words[::2], words[1::2], strict=True)
    return {name: _Counter(reading, geminated, after_n, is_native) for name, reading in readings}


_COUNTERS = {
    **_counters("一六八十百", _VOICED, "本 ほん 匹 ひき 杯 はい 階 かい 軒 けん"),
    **_counters("一六八十百", _HALF_VOICED, "分 ふん 泊 はく 歩 ほ 発 はつ"),
    **_counters("一六八十百", _UNCHANGED, "個 こ 回 かい 件 けん 曲 きょく 課 か"),
    **{
        f"{ka}{what}": counter
        for ka in "かカヵヶケ箇"
        for what, counter in _counters("一六八十百", _UNCHANGED, "月 かげつ 国 かこく 所 かしょ 条 かじょう").items()
    },
    **_counters("一八十", _VOICED, "足 そく"),
    **_counters("一八十", _UNCHANGED, "歳 さい 才 さい 冊 さつ 週 しゅう 章 しょう 隻 せき 升 しょう"),
    **_counters("一八十", _UNCHANGED, "頭 とう 着 ちゃく 通 つう 点 てん 滴 てき 丁目 ちょうめ"),
    **_counters("一八十", _UNCHANGED, "センチ せんち トン とん"),
    **_counters("六八十百", _UNCHANGED, "箱 はこ 袋 ふくろ 組 くみ", is_native=True),
    **_counters("十", _UNCHANGED, "粒 つぶ 束 たば", is_native=True),
    **_counters("六十百", _UNCHANGED, "キロ きろ"),
    **_counters("十", _UNCHANGED, "ページ ぺーじ"),
    **_counters("", _UNCHANGED, "人 にん 日 にち 月 がつ 時 じ 年 ねん 円 えん 枚 まい 台 だい 番 ばん"),
    **_counters("", _UNCHANGED, "羽 わ 倍 ばい 問 もん 題 だい 行 ぎょう 便 びん 語 ご 名 めい 膳 ぜん"),
    **_counters("", _UNCHANGED, "度 ど 秒 びょう メートル めーとる"),
}
_ENDINGS = {"間": "かん", "目": "め", "生": "せい", "代": "だい"}
# Proper nouns of Sudachi, such as 三本, that are rather a number and one of these.
_OF_NAMES = frozenset("本匹杯分泊個回階課軒歳才冊足頭着週升章隻日月人年羽名膳")
_NAMES = frozenset(("千歳",))
# Other words of Sudachi that are rare.
_RARE_WORDS = frozenset(("四足", "十便", "百行", "数行", "四時"))

_DAYS = {"一": "つい", "二": "ふつ", "三": "みっ", "四": "よっ", "五": "いつ", "六": "むい", "七": "なの", "八": "よう"}
_DAYS |= {"九": "ここの", "十": "とお", "十四": "じゅうよっ", "二十": "はつ", "二十四": "にじゅうよっ"}
_THINGS = {"一": "ひと", "二": "ふた", "三": "みっ", "四": "よっ", "五": "いつ", "六": "むっ", "七": "なな"}
_THINGS |= {"八": "やっ", "九": "ここの", "幾": "いく"}
_WITH_COUNTERS = {
    ("一", "人"): ("ひと", "り"),
    ("二", "人"): ("ふた", "り"),
    **{(number, "日"): (reading, "たち" if number == "一" else "か") for number, reading in _DAYS.items()},
    **{(number, "つ"): (reading, "つ") for number, reading in _THINGS.items()},
    ("四", "月"): ("し", "がつ"),
    ("数", "月"): ("すう", "げつ"),
    ("幾", "月"): ("いく", "つき"),
    ("数", "日"): ("すう", "じつ"),
    ("千", "羽"): ("せん", "ば"),
    **{("二十", counter): ("はた", "ち") for counter in "歳才"},
}
# How numbers that end with a digit are read before a counter.
_ENDS = {
    **{("四", counter): ("よん", "よ") for counter in "人時年円"},
    **{("七", counter): ("なな", "しち") for counter in "時月日"},
    **{("九", counter): ("きゅう", "く") for counter in "時月日"},
}


@lru_cache(maxsize=1 << 12)
def counter_reading(text: str) -> str | None:
    """Return the reading of a frequent counter alone; None for other words."""
    counter = _COUNTERS.get(text)
    if counter is not None:
        return counter.reading
    ending = _ENDINGS.get(text[-1:])
    counter = _COUNTERS.get(text[:-1]) if ending else None
    return None if counter is None else f"{counter.reading}{ending}"


def is_counter(text: str) -> bool:
    return text == "つ" or counter_reading(text) is not None


def starts_with_place(word: str) -> bool:
    """Whether a word is the end of a number after a digit, or such an end and a counter: 十, 十分."""
    return word[0] in PLACES and (is_number(word) or (word[-1] in _COUNTERS and is_number(word[:-1])))


def is_counted(text: str, *, is_name: bool) -> bool:
    """Whether a word of Sudachi is rather a number in kanji and a frequent counter, such as 三本."""
    if not is_name:
        return text in _RARE_WORDS
    return is_number(text[:-1]) and text[-1] in _OF_NAMES and text not in _NAMES


def read_counted(number: str, counter: str, reading: str, *, after: str = "") -> tuple[str, str] | None:
    """Return the readings of a number and the counter after it; None if `number` is no number.

    `number`: in kanji or Arabic digits. `reading`: of the counter, if it is not a frequent one. `after`: the word
    before the number. After a month, 一日 is ついたち; after a year of school, 一組 is いちくみ.
    """
    kanji = kanji_amount(number)
    if kanji is None:
        return None
    if counter not in _COUNTERS and counter[:-1] in _COUNTERS and counter[-1] in _ENDINGS:
        read = _read(kanji, counter[:-1], after)
        return read[0], read[1] + _ENDINGS[counter[-1]]
    if not is_counter(counter):
        return read_amount(kanji) or "", reading
    return _read(kanji, counter, after)


def _read(kanji: str, counter: str, after: str) -> tuple[str, str]:
    read = read_amount(kanji) or ""
    if kanji == "一" and counter == "日" and after != "月":
        return "いち", "にち"
    if counter == "分" and after == "割":
        return read, "ぶ"
    known = _WITH_COUNTERS.get((kanji, counter))
    if known is not None:
        return known
    found = _COUNTERS.get(counter)
    if found is None:
        return read, counter
    if found.is_native and kanji in ("一", "二") and after != "年":
        return _THINGS[kanji], found.reading
    last = kanji[-1]
    if (last, counter) in _ENDS:
        plain, read_so = _ENDS[last, counter]
        return read.removesuffix(plain) + read_so, found.reading
    if last in found.geminated:
        plain, geminated = _GEMINATED[last]
        return read.removesuffix(plain) + geminated, _change(found.reading, _HALF_VOICED)
    if last in "三千万何" or (last == "四" and counter == "分"):
        return read, _change(found.reading, found.after_n)
    return read, found.reading


def _change(reading: str, sounds: Mapping[int, int]) -> str:
    return reading[0].translate(sounds) + reading[1:]
