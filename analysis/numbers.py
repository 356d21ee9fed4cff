"""Readings of numbers, and of numbers with counters, whose sounds change: 三本 is さんぼん."""

import re
from collections.abc import Mapping

_MAX_DIGITS = 20
_DIGITS = {"〇": "れい", "一": "いち", "二": "に", "三": "さん", "四": "よん"}
_DIGITS |= {"五": "ご", "六": "ろく", "七": "なな", "八": "はち", "九": "きゅう"}
_TENS = {"十": "じゅう", "百": "ひゃく", "千": "せん"}
_MYRIADS = {"万": "まん", "億": "おく", "兆": "ちょう"}
_NUMBER = re.compile(f"[{''.join(_DIGITS | _TENS | _MYRIADS)}]+")
_IRREGULAR = {
    ("三", "百"): "さんびゃく",
    ("六", "百"): "ろっぴゃく",
    ("八", "百"): "はっぴゃく",
    ("三", "千"): "さんぜん",
    ("八", "千"): "はっせん",
}
_ARABIC = str.maketrans("0123456789０１２３４５６７８９", "〇一二三四五六七八九〇一二三四五六七八九")


def is_number(text: str) -> bool:
    """Whether the text is a number in kanji."""
    return _NUMBER.fullmatch(text) is not None


def read_number(number: str) -> str | None:
    """Return the reading of a number in kanji; None if it is none, or has more than 20 characters."""
    if len(number) > _MAX_DIGITS or not is_number(number):
        return None
    if all(c in _DIGITS for c in number):
        return "".join(_DIGITS[c] for c in number)
    reading = ""
    digit = ""
    for position, character in enumerate(number):
        if character in _DIGITS:
            if digit:
                # Digits with and without their places are mixed.
                reading += _DIGITS[digit]
            digit = character
            continue
        if character in _TENS:
            reading += _IRREGULAR.get((digit, character)) or _read_digit(digit) + _TENS[character]
        else:
            last = number[position - 1] if position else ""
            plain = _read_digit(digit) or ("" if last in _TENS else "いち")
            reading += plain + _MYRIADS[character]
        digit = ""
    return reading + (_DIGITS[digit] if digit else "")


def _read_digit(digit: str) -> str:
    return "" if digit in ("", "一") else _DIGITS[digit]


def _groups(table: str) -> Mapping[str, str]:
    return {
        counter: kind for kind, _, counters in (row.partition(" ") for row in table.split("\n")) for counter in counters
    }


# How the sound of a counter changes after 三, and that of the number before it.
_KINDS = _groups("b 本匹杯\np 分泊\nk 個回階課軒\ns 歳才冊足頭着週升章隻")
_GEMINATED = {"一": "いっ", "六": "ろっ", "八": "はっ", "十": "じゅっ"}
_DAYS = {"一": "つい", "二": "ふつ", "三": "みっ", "四": "よっ", "五": "いつ", "六": "むい", "七": "なの", "八": "よう"}
_DAYS |= {"九": "ここの", "十": "とお", "十四": "じゅうよっ", "二十": "はつ", "二十四": "にじゅうよっ"}
_MONTHS = frozenset(("か月", "ヶ月", "カ月", "ヵ月", "ケ月", "箇月"))
_WITH_COUNTERS = {
    **{(number, "人"): reading for number, reading in (("一", ("ひと", "り")), ("二", ("ふた", "り")))},
    **{(number, "日"): (reading, "たち" if number == "一" else "か") for number, reading in _DAYS.items()},
    **{
        ("四", counter): ("よ", reading)
        for counter, reading in (("人", "にん"), ("時", "じ"), ("年", "ねん"), ("円", "えん"))
    },
    **{("四", counter): ("よ", reading) for counter, reading in (("時間", "じかん"), ("年生", "ねんせい"))},
    **{("七", counter): ("しち", reading) for counter, reading in (("時", "じ"), ("月", "がつ"), ("時間", "じかん"))},
    **{("九", counter): ("く", reading) for counter, reading in (("時", "じ"), ("月", "がつ"), ("時間", "じかん"))},
    ("四", "月"): ("し", "がつ"),
    ("二十", "歳"): ("はた", "ち"),
}
_COUNTERS = {
    "日": "にち",
    "月": "がつ",
    "人": "にん",
    "本": "ほん",
    "匹": "ひき",
    "杯": "はい",
    "分": "ふん",
    "泊": "はく",
    "年": "ねん",
    "週": "しゅう",
}


def is_counted(text: str) -> bool:
    """Whether the text is a number in kanji and a frequent counter, such as 三本."""
    return is_number(text[:-1]) and (text[-1] in _KINDS or text[-1] in _COUNTERS)


def read_counted(number: str, counter: str, counter_reading: str, *, is_date: bool = False) -> tuple[str, str] | None:
    """Return the readings of a number and the counter after it; None if `number` is no number.

    `number`: in kanji or Arabic digits. `is_date`: after a month, where 一日 is ついたち.
    """
    if len(counter) > 1 and counter.endswith("間") and counter[:-1] in ("日", "分", "年", "週"):
        counted = read_counted(number, counter[:-1], counter_reading.removesuffix("かん"))
        return counted and (counted[0], counted[1] + "かん")
    kanji = number.translate(_ARABIC)
    number_reading = read_number(kanji)
    if number_reading is None:
        return None
    if kanji != number and len(kanji) == 2 and kanji[0] in _DIGITS and kanji[0] != "〇":
        # 20 as 二十, so that it has the sounds of 十.
        kanji = (kanji[0] if kanji[0] != "一" else "") + "十" + kanji[1].strip("〇")
        number_reading = read_number(kanji) or number_reading
    if (kanji, counter) == ("一", "日") and not is_date:
        return "いち", "にち"
    known = _WITH_COUNTERS.get((kanji, counter))
    if known is not None:
        return known
    reading = _COUNTERS.get(counter, counter_reading)
    last, kind = kanji[-1], "k" if counter in _MONTHS else _KINDS.get(counter, "")
    before = number_reading
    if last == "四" and counter in ("人", "時", "年", "円"):
        before = number_reading.removesuffix("よん") + "よ"
    if not kind:
        return before, reading
    if last in _GEMINATED and (kind != "s" or last != "六"):
        plain = "じゅう" if last == "十" else _DIGITS[last]
        before = number_reading.removesuffix(plain) + _GEMINATED[last]
        if kind in "bp":
            reading = reading[0].translate(str.maketrans("はひふへほ", "ぱぴぷぺぽ")) + reading[1:]
    elif last in "三何" and kind == "b":
        reading = reading[0].translate(str.maketrans("はひふへほ", "ばびぶべぼ")) + reading[1:]
    elif last == "三" and kind == "p":
        reading = reading[0].translate(str.maketrans("はひふへほ", "ぱぴぷぺぽ")) + reading[1:]
    elif last == "三" and counter in "階軒":
        reading = {"階": "がい", "軒": "げん"}[counter]
    elif last in "百" and kind in "bp":
        before = number_reading.removesuffix("く") + "っ"
        reading = reading[0].translate(str.maketrans("はひふへほ", "ぱぴぷぺぽ")) + reading[1:]
    return before, reading
