"""Readings of numbers."""

import re

_MAX_DIGITS = 20
_MAX_PLACES = 16
_DIGITS = {"〇": "れい", "一": "いち", "二": "に", "三": "さん", "四": "よん"}
_DIGITS |= {"五": "ご", "六": "ろく", "七": "なな", "八": "はち", "九": "きゅう"}
_TENS = {"十": "じゅう", "百": "ひゃく", "千": "せん"}
_MYRIADS = {"万": "まん", "億": "おく", "兆": "ちょう"}
INDEFINITE = {"何": "なん", "数": "すう", "幾": "いく"}
_NUMBER = re.compile(f"[{''.join(_DIGITS | _TENS | _MYRIADS)}]+")
_AMOUNT = re.compile(f"(?=.){_NUMBER.pattern[:-1]}*[{''.join(INDEFINITE)}]?{_NUMBER.pattern[:-1]}*")
_POSITIONAL = re.compile(f"[{''.join(_DIGITS)}]{{2,}}")
_IRREGULAR = {
    ("三", "百"): "さんびゃく",
    ("六", "百"): "ろっぴゃく",
    ("八", "百"): "はっぴゃく",
    ("一", "千"): "いっせん",
    ("三", "千"): "さんぜん",
    ("八", "千"): "はっせん",
    ("何", "百"): "なんびゃく",
    ("何", "千"): "なんぜん",
}
# Two digits of a rough number: 四五日, four or five days.
_ROUGH = {"四": "し"}
PLACES = frozenset(_TENS | _MYRIADS)
_ARABIC = re.compile("[0-9０-９][0-9０-９,，]*")
_IN_KANJI = str.maketrans("0123456789０１２３４５６７８９", "〇一二三四五六七八九〇一二三四五六七八九", ",，")


def is_number(text: str) -> bool:
    """Whether the text is a number in kanji."""
    return _NUMBER.fullmatch(text) is not None


def kanji_amount(text: str) -> str | None:
    """Return a number or an indefinite one (数十) in kanji with its places: 二十四 for 24. None if it is none."""
    if len(text) > _MAX_DIGITS:
        return None
    kanji = _ARABIC.sub(lambda digits: _with_places(digits[0].translate(_IN_KANJI)), text)
    if _AMOUNT.fullmatch(kanji) is None:
        return None
    return _with_places(kanji) if _POSITIONAL.fullmatch(kanji) is not None and not is_rough(text) else kanji


def is_rough(text: str) -> bool:
    """Whether the text is two numbers of which either may be meant, such as 二三."""
    return len(text) == 2 and text in "一二三四五六七八九"


def _with_places(digits: str) -> str:
    digits = digits.lstrip("〇")
    if len(digits) > _MAX_PLACES:
        return digits
    found = ""
    for start in range(0, len(digits), 4):
        # From the right: groups of four digits.
        end = len(digits) - start
        group = digits[max(end - 4, 0) : end]
        places = zip(reversed(group), ("", *_TENS), strict=False)
        parts = [
            # 一千万, but 千.
            ("" if digit == "一" and place and (place != "千" or not start) else digit) + place
            for digit, place in places
            if digit != "〇"
        ]
        if parts:
            found = "".join(reversed(parts)) + ("", *_MYRIADS)[start // 4] + found
    return found or "〇"


def read_amount(number: str) -> str | None:
    """Return the reading of a number in kanji, or of an indefinite one; None if it is none, or has more than 20
    characters.
    """
    if len(number) > _MAX_DIGITS or _AMOUNT.fullmatch(number) is None:
        return None
    if is_rough(number):
        return _ROUGH.get(number[0], _DIGITS[number[0]]) + _DIGITS[number[1]]
    if all(c in _DIGITS for c in number):
        return "".join(_DIGITS[c] for c in number)
    readings = _DIGITS | INDEFINITE
    reading = ""
    digit = ""
    for character in number:
        if character in readings:
            if digit:
                # Digits with and without their places are mixed.
                reading += readings[digit]
            digit = character
            continue
        plain = "" if digit in ("", "一") else readings[digit]
        if character in _TENS:
            reading += _IRREGULAR.get((digit, character)) or plain + _TENS[character]
        else:
            reading += ("いち" if digit == "一" else plain) + _MYRIADS[character]
        digit = ""
    return reading + (readings[digit] if digit else "")
